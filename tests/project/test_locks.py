"""The locks in `constraints/`: they pin what pyproject.toml asks for, and say nothing of the machine that made them."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: Final[dict[str, list[Any]]] = PROJECT["dependency-groups"]
LOCKS: Final = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "constraints").glob("*.txt"))}

PIN: Final = re.compile(r"([a-z0-9][a-z0-9.-]*)==(\S+)(?: ; .+)?")


def asked_by(group: str) -> Iterator[Requirement]:
    """Yield what a dependency group asks for, also by way of others."""
    for one in GROUPS[group]:
        if isinstance(one, str):
            yield Requirement(one)
        else:
            yield from asked_by(one["include-group"])


def pinned(lock: str, wanted: Requirement) -> bool:
    """Tell whether a lock has a version that a requirement permits."""
    pins = [found for line in LOCKS[lock].splitlines() if (found := PIN.fullmatch(line))]
    return any(
        name == canonicalize_name(wanted.name) and version in wanted.specifier
        for name, version in (p.groups() for p in pins)
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_pins_and_comments_and_no_address(lock: str) -> None:
    lines = LOCKS[lock].splitlines()
    assert not [line for line in lines if not PIN.fullmatch(line) and not line.lstrip().startswith("#")]
    assert not [line for line in lines if "/" in line or "\\" in line]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_what_the_project_needs_to_run_and_to_be_built(lock: str) -> None:
    wanted = map(Requirement, [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]])
    assert not [str(one) for one in wanted if not pinned(lock, one)]


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_is_pinned_by_one_lock_at_least(group: str) -> None:
    lacks = {lock: [str(one) for one in asked_by(group) if not pinned(lock, one)] for lock in LOCKS}
    assert [] in lacks.values(), f"renew the locks (nox -s lock): {lacks}"
