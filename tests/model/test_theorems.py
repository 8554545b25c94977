"""The theorems: what each says, that it is proved, and that it also holds by plain execution."""

import re
from importlib.util import find_spec
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from played_theorems import sent, violations
from situations import ZONES, Situation, situations

from ec2_lifecycle.model.choices import PREFERRED, Repeats, Settled
from ec2_lifecycle.model.proof.obligations import Subjects, premise_of
from ec2_lifecycle.model.proof.prover import Verdict, prove
from ec2_lifecycle.model.proof.solvers import SOLVERS
from ec2_lifecycle.model.requests import BatchRequest, Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState, Visibility
from ec2_lifecycle.model.theorems.catalogue import THEOREMS
from ec2_lifecycle.model.theorems.theorem import Theorem
from ec2_lifecycle.model.world import IdForm, Instance, InstanceRecord, World

INSTALLED: Final = tuple(solver for solver in SOLVERS if find_spec(solver))
often = settings(max_examples=6, database=None, deadline=None)
each_theorem = pytest.mark.parametrize("theorem", THEOREMS, ids=[theorem.name for theorem in THEOREMS])


@each_theorem
def test_a_theorem_is_stated_in_english_sentences(theorem: Theorem) -> None:
    assert re.fullmatch(r"[A-Z][^.]+\.(?: [A-Z][^.]+\.)*", theorem.sentence)
    assert "  " not in theorem.sentence


def test_no_two_theorems_have_one_id_or_say_the_same() -> None:
    assert len({theorem.id for theorem in THEOREMS}) == len(THEOREMS)
    assert len({theorem.sentence for theorem in THEOREMS}) == len(THEOREMS)


@each_theorem
def test_a_theorem_speaks_for_clauses_that_there_are(theorem: Theorem) -> None:
    assert set(theorem.clauses) <= set(EC2.clauses)


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    """Return what theorems are about, read once for all of them."""
    return Subjects(EC2)


@each_theorem
def test_a_theorem_is_proved_by_every_solver_and_its_premise_can_be_met(subjects: Subjects, theorem: Theorem) -> None:
    proof = prove(theorem, subjects, INSTALLED)
    assert proof.verdicts == dict.fromkeys(INSTALLED, Verdict.PROVED)
    assert proof.obligations == max(1, len(theorem.over))
    assert proof.undecided == ()
    assert proof.disagreement is None
    assert (proof.witness is None) == (theorem.beyond_scopes is not None)
    assert proof.witness is None or proof.witness.error is None
    assert proof.holds


@pytest.mark.parametrize("operation", Operation)
@often
@given(data=st.data())
def test_every_theorem_holds_of_requests_by_plain_execution(operation: Operation, data: st.DataObject) -> None:
    situation = data.draw(situations([operation]))
    assert [told for theorem in THEOREMS for told in violations(EC2, theorem, situation, of_request=True)] == []


@often
@given(situation=situations())
def test_every_theorem_holds_of_background_steps_by_plain_execution(situation: Situation) -> None:
    assert [told for theorem in THEOREMS for told in violations(EC2, theorem, situation, of_request=False)] == []


@each_theorem
def test_a_theorem_also_holds_of_ids_that_were_never_given_out(theorem: Theorem) -> None:
    record = InstanceRecord(ZONES[0], InstanceState.RUNNING, has_run=True, visibility=Visibility.VISIBLE)
    world = World({Instance("A"): record}, strangers={Instance("X"): IdForm.MALFORMED})
    request = BatchRequest(Operation.TERMINATE, instances=(Instance("A"), Instance("X")))
    situation = Situation(world, request, PREFERRED)
    assert list(violations(EC2, theorem, situation, of_request=True)) == []


def test_only_the_limit_on_ids_is_beyond_small_scopes() -> None:
    assert [theorem.id for theorem in THEOREMS if theorem.beyond_scopes] == ["T20"]


@pytest.mark.parametrize("choice", Repeats)
def test_a_thousand_and_one_ids_meet_the_premise_of_the_limit_and_do_not_succeed(choice: Repeats) -> None:
    limit = next(theorem for theorem in THEOREMS if theorem.id == "T20")
    for number, meets in ((1000, False), (1001, True)):
        ids = tuple(Instance(f"i-{n}") for n in range(number))
        record = InstanceRecord(ZONES[0], InstanceState.RUNNING, has_run=True, visibility=Visibility.VISIBLE)
        request = BatchRequest(Operation.TERMINATE, instances=ids)
        situation = Situation(World(dict.fromkeys(ids, record)), request, Settled({"limit-counts": choice}))
        happened = sent(EC2, situation, lambda permitted: permitted[0])
        assert premise_of(limit.formula)(happened) == meets
        assert happened.succeeds != meets
        assert limit.formula(happened)
