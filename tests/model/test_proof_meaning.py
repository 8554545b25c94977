"""The prover's reading of the rules: in every small situation it means what plain execution does."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType
from typing import Final

import pytest
from asked import questions, terms_in
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from lifted import Lifting, lifting
from meanings import Known
from read_rules import ReadRule, rules_of_background, rules_of_operation
from situations import ZONES, Situation, situations

from ec2_lifecycle.model.choices import Choices, Repeats, Settled
from ec2_lifecycle.model.lifecycle import STOP
from ec2_lifecycle.model.outcomes import Move, OperationRules, Refusal, Rung
from ec2_lifecycle.model.proof import reading, sending, terms, values
from ec2_lifecycle.model.proof.solvers import SOLVERS, Answer
from ec2_lifecycle.model.proof.terms import FALSE, TRUE, Term
from ec2_lifecycle.model.proof.values import Value
from ec2_lifecycle.model.requests import BatchRequest, ErrorCode, Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState, Visibility
from ec2_lifecycle.model.step import execute, permitted_refusals
from ec2_lifecycle.model.world import Instance, InstanceRecord, World

often = settings(max_examples=12, database=None, deadline=None)
rarely = settings(max_examples=3, database=None, deadline=None)
Rules = Callable[[Operation], tuple[ReadRule, ...]]
Sends = Callable[[Operation, bool], Lifting]
INSTALLED: Final = tuple(solver for solver in SOLVERS if find_spec(solver))


@pytest.fixture(scope="module")
def rules_of() -> Rules:
    """Return every rule of an operation, read once for this module: see `forget_terms`."""

    @lru_cache(maxsize=len(Operation))
    def read(operation: Operation) -> tuple[ReadRule, ...]:
        return tuple(rules_of_operation(EC2, operation))

    return read


@pytest.fixture(scope="module")
def background() -> tuple[ReadRule, ...]:
    """Return every rule about what EC2 does by itself, read once."""
    return tuple(rules_of_background(EC2))


@pytest.fixture(scope="module")
def sent() -> Sends:
    """Return a request of an operation, sent symbolically once; also by parts, or not."""

    @lru_cache(maxsize=2 * len(Operation))
    def lifted(operation: Operation, parts: bool) -> Lifting:  # noqa: FBT001 - part of the key
        return lifting(EC2, operation, parts=parts)

    return lifted


def disagreements(meanings: tuple[ReadRule, ...], situation: Situation) -> list[str]:
    """Return where readings and plain execution are not the same."""
    known = Known(situation)
    return [told for one in meanings for told in one.disagreements(known)]


@pytest.mark.parametrize("operation", Operation)
@often
@given(data=st.data())
def test_every_rule_of_an_operation_means_what_it_does(
    rules_of: Rules, operation: Operation, data: st.DataObject
) -> None:
    situation = data.draw(situations([operation]))
    assert disagreements(rules_of(operation), situation) == []


@often
@given(situation=situations())
def test_every_background_step_means_what_it_does(background: tuple[ReadRule, ...], situation: Situation) -> None:
    assert disagreements(background, situation) == []


@pytest.mark.parametrize("operation", Operation)
@often
@given(data=st.data())
def test_a_request_does_to_a_world_what_the_lifting_says(
    sent: Sends, operation: Operation, data: st.DataObject
) -> None:
    situation = data.draw(situations([operation]))
    parts = operation is Operation.TERMINATE and set(situation.request.instances) <= set(situation.world.instances)
    assert list(sent(operation, parts).disagreements(situation)) == []


def asks_the_state(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:  # noqa: ARG001 - as every such rule
    """Ask the state of whatever is named, though the id may never have been given out."""
    return world.state(i) is InstanceState.STOPPED


def stop_anything(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:  # noqa: ARG001 - as every such rule
    """Look into a table that has no row for the states of an ending."""
    return Move(replace(world.record(i), state=STOP[world.state(i)].to), row="STOP-1", because="STOP-1")


CARELESS_RUNG: Final = Rung(Refusal.WRONG_STATE, "ERR-1", ErrorCode.ANY, trips=asks_the_state)


@pytest.mark.parametrize(
    "rules",
    [OperationRules((CARELESS_RUNG,)), OperationRules((), instance=stop_anything)],
    ids=["a careless rung", "a careless effect"],
)
@often
@given(situation=situations([Operation.STOP]))
def test_where_plain_execution_fails_the_reading_says_so(rules: OperationRules, situation: Situation) -> None:
    spec = replace(EC2, operations={**EC2.operations, Operation.STOP: rules})
    # A rung is asked about one id after the other: those first that were never given out.
    ids = sorted(situation.request.instances, key=lambda i: i in situation.world.instances)
    request = replace(situation.request, instances=tuple(ids))
    refusal, fails = None, False
    try:
        refusal = next(iter(permitted_refusals(spec, situation.world, request, situation.choices)), None)
        execute(spec, situation.world, request, situation.choices, refusal)
    except KeyError:
        fails = True
    symbolic = lifting(spec, Operation.STOP).sent["first"]
    known = Known(situation).having(**{"answer0.0": refusal is not None})
    assert known.value(symbolic.undefined) == fails
    assert known.value(symbolic.can_be_carried_out) != fails


def limit() -> tuple[ReadRule, ...]:
    """Return the rules about the number of ids, read now."""
    return tuple(rule for rule in rules_of_operation(EC2, Operation.TERMINATE) if "ids" in rule.label)


def of_ids(distinct: int, sent: int, choice: Repeats) -> Situation:
    """Return a request of so many ids, of which so many are different."""
    known = [Instance(f"i-{number}") for number in range(distinct)]
    ids = tuple((known + known[:1] * sent)[:sent])
    record = InstanceRecord(ZONES[0], InstanceState.RUNNING, has_run=True, visibility=Visibility.VISIBLE)
    world = World(dict.fromkeys(known, record))
    return Situation(world, BatchRequest(Operation.TERMINATE, instances=ids), Settled({"limit-counts": choice}))


COUNTS: Final = [(0, 0), (1, 1), (1, 2), (999, 1000), (999, 1001), (1000, 1000), (1000, 1001), (1001, 1001)]


@pytest.mark.parametrize("choice", Repeats)
@pytest.mark.parametrize(("distinct", "sent"), COUNTS)
def test_a_limit_on_ids_means_the_same_number(distinct: int, sent: int, choice: Repeats) -> None:
    assert len(limit()) == 2
    assert disagreements(limit(), of_ids(distinct, sent, choice)) == []


@pytest.mark.parametrize("written_out", [False, True], ids=["quantified", "written out"])
@pytest.mark.parametrize("operation", Operation)
@rarely
@given(data=st.data())
def test_the_solvers_give_every_rule_the_same_meaning(
    written_out: bool,  # noqa: FBT001 - a parameter of the test
    operation: Operation,
    data: st.DataObject,
) -> None:
    known = Known(data.draw(situations([operation]))).having(i="A", v="u")
    # Read afresh: these formulas are combined with new ones.
    read = [*rules_of_operation(EC2, operation), *rules_of_background(EC2)]
    terms = [term for rule in read if not rule.only_named for term in (*terms_in(rule.value), rule.undefined)]
    facts, apart = questions(known, terms, written_out=written_out)
    assert apart.formulas[-1] is not FALSE
    for solver in INSTALLED:
        assert SOLVERS[solver](facts).answer is Answer.SAT
        assert SOLVERS[solver](apart).answer is Answer.UNSAT


# What makes these tests worth something: a reading that is wrong does not pass them.


def nothing_more(*parts: Term) -> Term:
    """Return the first of several conditions, as if the others had not been read."""
    return parts[0] if parts else TRUE


def the_other_way_round(test: Term, then: Value, otherwise: Value) -> Value:
    """Return the branches of a condition, each in the place of the other."""
    return values.chosen(test, otherwise, then)


def never(bound: Term, body: Term) -> Term:
    """Return that nothing is as it has to be."""
    return terms.not_(terms.exists(bound, body))


def at_most(a: Term, b: Term) -> Term:
    """Return a comparison that is off by one."""
    return terms.not_(terms.less(b, a))


def test_a_limit_that_is_read_wrong_by_one_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "less", at_most)
    assert disagreements(limit(), of_ids(1000, 1000, Repeats.DISTINCT)) != []


def unlike(a: Value, b: Value) -> Term:
    """Return that two values differ."""
    return terms.not_(values.same(a, b))


@pytest.mark.parametrize(
    ("module", "name", "wrong"),
    [
        (reading, "and_", nothing_more),
        (reading, "or_", nothing_more),
        (reading, "not_", lambda test: test),  # type: ignore[reportUnknownLambdaType] # any test
        (reading, "exists", never),
        (reading, "chosen", the_other_way_round),
        (reading, "same", unlike),
        (sending, "exists", never),
        (sending, "not_", lambda test: test),  # type: ignore[reportUnknownLambdaType] # any test
        (sending, "chosen", the_other_way_round),
    ],
)
def test_a_wrong_reading_is_found_out(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, wrong: Callable[..., Value]
) -> None:
    monkeypatch.setattr(module, name, wrong)
    read, lifted = tuple(rules_of_operation(EC2, Operation.TERMINATE)), lifting(EC2, Operation.TERMINATE)
    find(
        situations([Operation.TERMINATE]),
        lambda situation: bool(disagreements(read, situation) or list(lifted.disagreements(situation))),
        settings=settings(often, phases=[Phase.generate], max_examples=200),
    )
