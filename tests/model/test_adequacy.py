"""Each theorem would notice: a change of a rule breaks it, or it says why none can."""

import pytest
from known_mutants import all_mutants

from ec2_lifecycle.model.proof.adequacy import Baseline
from ec2_lifecycle.model.proof.mutants import Mutant
from ec2_lifecycle.model.proof.prover import Verdict
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.theorems.catalogue import THEOREMS
from ec2_lifecycle.model.theorems.theorem import Theorem

BREAKABLE = [theorem for theorem in THEOREMS if theorem.unbroken is None]


@pytest.fixture(name="known", scope="module")
def known_mutants() -> dict[str, Mutant]:
    return {mutant.id: mutant for mutant in all_mutants()}


@pytest.mark.parametrize("theorem", BREAKABLE, ids=lambda theorem: theorem.name)
def test_the_mutant_that_a_theorem_names_breaks_it(theorem: Theorem, known: dict[str, Mutant]) -> None:
    assert theorem.broken_by in known, "it names no mutant that there is; nox -s adequacy tells which break it"
    [(_, verdict)] = Baseline(EC2, (theorem,)).verdicts(known[theorem.broken_by].specification())
    # Where the counterexample has more instances than small scopes, it is only no longer proved.
    assert verdict is (Verdict.BROKEN if theorem.beyond_scopes is None else Verdict.UNKNOWN)


def test_a_theorem_that_no_change_can_break_says_why() -> None:
    for theorem in THEOREMS:
        assert (theorem.broken_by is None) == (theorem.unbroken is not None)


def test_the_specification_itself_breaks_nothing() -> None:
    assert list(Baseline(EC2, THEOREMS[:3]).verdicts(EC2)) == []


def test_solver_and_plain_execution_agree_on_a_detachment_that_attaches(known: dict[str, Mutant]) -> None:
    # The request may name the instance or not; both have to read the same instance from it.
    broken = dict(Baseline(EC2, THEOREMS).verdicts(known["rules.volumes/DETACH/other-name/5"].specification()))
    assert Verdict.BROKEN in broken.values()
