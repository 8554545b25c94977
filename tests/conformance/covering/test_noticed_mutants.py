"""The mutants by what theorems notice: outcomes, answers, and those that nobody can tell from the specification."""

from functools import cache

import pytest
from known_mutants import all_mutants

from ec2_lifecycle.conformance.covering.noticed_mutants import UNNOTICED, Group, sort_mutants
from ec2_lifecycle.conformance.covering.suite import Kind, Verdict
from ec2_lifecycle.conformance.proving.noticing import Noticed, Noticer
from ec2_lifecycle.model.proof.mutants import Mutant
from ec2_lifecycle.model.proof.outcome_changes import changes_outcome
from ec2_lifecycle.model.specification import EC2

SEEN = Noticed("a/seen", ("T1",), (), changes_outcome=True)
MISSED = Noticed("b/missed", (), (), changes_outcome=True)
WORDED = Noticed("c/worded", (), (), changes_outcome=False)
CHOSEN = Noticed("d/chosen", (), (), changes_outcome=True)
VERDICTS = (*(Verdict(row.mutant, Kind.KILLABLE) for row in (SEEN, MISSED, WORDED)), Verdict("d/chosen", Kind.TIGHTER))


@cache
def noticer() -> Noticer:
    return Noticer()


def mutant(name: str) -> Mutant:
    return next(each for each in all_mutants() if each.id == name)


def test_a_reason_is_about_an_outcome_that_no_theorem_notices() -> None:
    for name in UNNOTICED:
        assert name in noticer().mutants, "there is no such mutant"
        [row] = noticer().noticed([name])
        assert (row.broken, row.unknown, row.changes_outcome) == ((), (), True)


def test_a_mutant_that_a_theorem_notices_needs_no_reason() -> None:
    [row] = noticer().noticed(["rules.stop/stop/negate/6"])
    assert "T39" in row.broken
    assert row.changes_outcome


@pytest.mark.parametrize(
    "name",
    [
        "rules.common/MALFORMED/other-member/2",
        "rules.common/NOT_FOUND/drop-field/1",
        "rules.common/UNAUTHORIZED/change-status/1",
        "rules.describe/SHAPES/drop-element/1",
        "rules.volumes/ELSEWHERE_BY_ID/other-member/2",
    ],
)
def test_a_code_a_wording_a_status_or_a_field_is_no_outcome(name: str) -> None:
    assert not changes_outcome(EC2, mutant(name).specification())


@pytest.mark.parametrize(
    "name",
    [
        "rules.terminate/shielded/other-name/1",
        "rules.start/unstartable/negate/1",
        "rules.stop/stop/negate/1",
        "rules.launch/launched/drop-field/1",
        "rules.volumes/attach/true-false/1",
        "background/comes_to_a_stop/other-member/1",
        "background/becomes_available/other-member/1",
        "background/at_rest/negate/1",
        "lifecycle/TRANSITIONS/drop-element/5",
    ],
)
def test_what_becomes_of_the_world_is_an_outcome(name: str) -> None:
    assert changes_outcome(EC2, mutant(name).specification())


def test_mutants_are_sorted_by_what_they_change_and_by_who_notices() -> None:
    groups = sort_mutants((SEEN, MISSED, WORDED, CHOSEN), VERDICTS).groups
    assert groups[Group.NOTICED] == (SEEN,)
    assert groups[Group.MISSED] == (MISSED,)
    assert groups[Group.ANSWER] == (WORDED,)
    assert groups[Group.NO_DIFFERENCE] == (CHOSEN,)


def test_a_mutant_without_a_verdict_counts_as_one_that_a_client_notices() -> None:
    assert sort_mutants((MISSED,), ()).groups[Group.MISSED] == (MISSED,)


def test_a_missed_outcome_needs_a_reason_and_a_reason_needs_a_missed_outcome() -> None:
    many = tuple(Noticed(f"a/seen/{number}", ("T1",), (), changes_outcome=True) for number in range(99))
    result = sort_mutants((*many, SEEN, MISSED, WORDED), VERDICTS)
    assert result.percent == pytest.approx(100 * 100 / 101)
    assert list(result.problems({"b/missed": "so it is"})) == []
    assert len(list(result.problems({}))) == 1
    for stale in ("a/seen", "c/worded", "e/gone"):
        [problem] = result.problems({"b/missed": "so it is", stale: "once it was"})
        assert stale in problem


def test_too_few_noticed_outcomes_are_a_problem() -> None:
    [problem] = sort_mutants((SEEN, MISSED), VERDICTS).problems({"b/missed": "so it is"})
    assert problem == "Theorems notice 50.0 % of the changes of outcomes, fewer than 95 %."
