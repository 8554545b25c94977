"""Shared by the suite's tests: the target, and clause ids as keywords (`-k TERM-4`)."""

from collections.abc import Generator

import pytest

from ec2_lifecycle.conformance.findings.search import is_slow
from ec2_lifecycle.conformance.pytest.options import FOLDER, OPTIONS, make_target
from ec2_lifecycle.conformance.pytest.suite.session import SuiteSession, scenario, sources_about


@pytest.fixture(scope="session")
def suite_session(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Generator[SuiteSession]:
    """Return this process's target and the outcomes on it."""
    target = make_target(pytestconfig)
    yield SuiteSession(pytestconfig.stash[OPTIONS], target, request.session)
    target.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests with a thousand instances last, because they slow down a target for the rest of the run."""
    items.sort(key=_makes_many)


def _makes_many(item: pytest.Item) -> bool:
    if not item.path.is_relative_to(FOLDER) or not isinstance(item, pytest.Function):
        return False
    asked = item.callspec.params if hasattr(item, "callspec") else {}
    among = [asked["source"]] if "source" in asked else sources_about(str(asked.get("clause", "")))
    return any(is_slow(scenario(source)) for source in among)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-k` select a test by its clauses."""
    item.extra_keyword_matches.update(str(mark.kwargs["id"]) for mark in item.iter_markers("clause"))
