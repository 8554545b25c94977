"""What the tests of the suite share: the target, and the ids of clauses as keywords (`-k TERM-4`)."""

from collections.abc import Generator

import pytest

from ec2_lifecycle.conformance.findings.collector import is_slow
from ec2_lifecycle.conformance.pytest.options import FOLDER, OPTIONS, made
from ec2_lifecycle.conformance.pytest.suite.session import SuiteSession, about, scenario


@pytest.fixture(scope="session")
def suite_session(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Generator[SuiteSession]:
    """Return the target of this process, and what was played on it."""
    target = made(pytestconfig)
    yield SuiteSession(pytestconfig.stash[OPTIONS], target, request.session)
    target.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put last what makes a thousand instances: a target that keeps so many answers everything later more slowly."""
    items.sort(key=_makes_many)


def _makes_many(item: pytest.Item) -> bool:
    if not item.path.is_relative_to(FOLDER) or not isinstance(item, pytest.Function):
        return False
    asked = item.callspec.params if hasattr(item, "callspec") else {}
    among = [asked["source"]] if "source" in asked else about(str(asked.get("clause", "")))
    return any(is_slow(scenario(source)) for source in among)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-k` find a test by the clauses that it is about."""
    item.extra_keyword_matches.update(str(mark.kwargs["id"]) for mark in item.iter_markers("clause"))
