"""The ledger of the surface knows every parameter and every reply field of the locked botocore, and no other."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import botocore
import pytest
from command_runs import Command

from docs import ROOT
from ec2_lifecycle.conformance.commands import list_contents
from ec2_lifecycle.conformance.emulator.wire import surface
from ec2_lifecycle.conformance.oracle import excuses
from ec2_lifecycle.conformance.oracle.past import under
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.surface import INPUTS, OUTPUTS, Entry, Standing, by_path

TABLES: Final[Sequence[tuple[str, Mapping[Operation, tuple[Entry, ...]]]]] = (
    (surface.INPUT, INPUTS),
    (surface.OUTPUT, OUTPUTS),
)
ENTRIES: Final = [
    (operation, direction, entry)
    for direction, table in TABLES
    for operation, entries in table.items()
    for entry in entries
]
LOCKED: Final = re.search(
    r"^botocore==(\S+)", Path(ROOT, "constraints", "project.txt").read_text(encoding="utf-8"), re.MULTILINE
)


def is_locked() -> bool:
    """Tell whether the locked botocore is installed."""
    return LOCKED is not None and LOCKED[1] == botocore.__version__


@pytest.mark.skipif(not is_locked(), reason="the ledger is complete for the locked botocore")
def test_every_path_of_the_locked_botocore_has_one_entry_and_nothing_else_has_one() -> None:
    described = Counter((each.operation, each.direction, each.entry.path) for each in surface.surface())
    known = Counter((operation, direction, entry.path) for operation, direction, entry in ENTRIES)
    assert described - known == Counter()
    assert known - described == Counter()


def test_an_entry_says_why_and_names_clauses_that_there_are() -> None:
    for operation, _, entry in ENTRIES:
        assert entry.reason.endswith("."), (operation, entry)
        assert set(entry.clauses) <= CLAUSES.keys(), (operation, entry)


def test_what_is_judged_or_carried_has_a_clause_and_only_what_is_outside_affects_anything() -> None:
    for operation, direction, entry in ENTRIES:
        settled = entry.standing in (Standing.JUDGED, Standing.MODELLED, Standing.CARRIED)
        assert bool(entry.clauses) == settled, (operation, entry)
        assert bool(entry.effects) == (entry.standing is Standing.OUTSIDE), (operation, direction, entry)


def test_no_refusal_is_held_against_a_parameter_that_is_outside() -> None:
    for operation, held in excuses.HELD.items():
        entries = by_path(INPUTS[operation])
        outside = {path for path, entry in entries.items() if entry.standing is Standing.OUTSIDE}
        assert not {path for path in outside if under(held)(path)}, operation


def test_a_path_that_only_a_newer_botocore_has_is_outside_and_the_list_warns_of_it(
    monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    [newer] = surface.classified(Operation.RUN, surface.INPUT, ["AddedIn2031"], by_path(INPUTS[Operation.RUN]))
    assert (newer.entry.standing, newer.known) == (Standing.OUTSIDE, False)
    assert newer.entry.effects
    monkeypatch.setattr(list_contents, "surface", lambda: [*surface.surface(), newer])
    result = command("list surface")
    assert "RunInstances AddedIn2031" in result.sentence
    assert "AddedIn2031" in result.out


def test_the_list_has_a_row_for_each_path(command: Command) -> None:
    result = command("list surface --json")
    rows: list[dict[str, Any]] = json.loads(result.out)
    assert len(rows) == len(surface.surface())
    assert {row["standing"] for row in rows} == {standing.value for standing in Standing}
    assert not result.err
