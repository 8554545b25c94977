"""A faulty target for every clause that can be broken from outside: the run names that clause.

The faults are in `planted_faults.catalogue`. Each plays the scenarios of the corpus that name its clause;
where these do not show what is wrong, the rest of the corpus, and then generated ones.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import pytest
from rehearsed import judge, scenarios_for

from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.execution.walker import Walker
from ec2_lifecycle.conformance.planted_faults.catalogue import ASSUMED, FAULTS, UNBREAKABLE
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.model.clauses import Part
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.strategies.walking.coverage import Coverage

WALKS: Final = 100


def blamed_by_a_run_of(fault: Fault) -> dict[str, set[Part]]:
    """Return the clauses that are blamed, each with its parts, up to the scenario in which the awaited one is."""
    found: dict[str, set[Part]] = {}
    for outcome in outcomes_of(fault):
        for divergence in outcome.divergences:
            found.setdefault(divergence.clause, set()).add(divergence.part)
        if names(found, fault):
            break
    return found


def outcomes_of(fault: Fault) -> Iterator[Outcome]:
    """Play what a run plays: the corpus, then walks."""
    target = fault.target()
    runner = Runner(target, judge())
    yield from map(runner.run, scenarios_for(fault))
    walker, coverage = Walker(target, judge(), seed=1), Coverage()
    for number in range(WALKS):
        yield walker.play(number, coverage)


def names(found: Mapping[str, set[Part]], fault: Fault) -> bool:
    """Tell whether what a faulty target breaks is among what was blamed."""
    return fault.clause in found and (fault.part is None or fault.part in found[fault.clause])


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_run_names_the_clause_that_a_wrong_target_breaks(fault: Fault) -> None:
    found = blamed_by_a_run_of(fault)
    blamed = ", ".join(sorted(found)) or "no clause"
    assert names(found, fault), f"no scenario shows that this target breaks {fault.clause}; blamed: {blamed}"


def test_every_clause_has_a_wrong_target_or_a_reason_why_none_is_possible() -> None:
    broken = {fault.clause for fault in FAULTS}
    missing = CLAUSES.keys() - broken - UNBREAKABLE.keys()
    assert not missing, f"plant a fault in conformance/planted_faults/clauses/ that breaks {missing}"
    assert broken | UNBREAKABLE.keys() == CLAUSES.keys()
    assert not broken & UNBREAKABLE.keys()


def test_a_clause_is_called_only_assumed_just_where_nothing_that_breaks_it_makes_a_finding() -> None:
    without_level = {
        clause.id for clause in CLAUSES.values() if all(clause.level_of(part) is None for part in clause.evidence)
    }
    assert {clause for clause, reason in UNBREAKABLE.items() if reason is ASSUMED} == without_level


def test_no_two_wrong_targets_have_one_name() -> None:
    assert len({str(fault) for fault in FAULTS}) == len(FAULTS)
