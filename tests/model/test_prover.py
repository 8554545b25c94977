"""The prover: it proves what is so, breaks what is not, names what it cannot read, and takes no doubt for a proof."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any, Final

import pytest
from altered import altered
from played_theorems import violations
from situations import Situation

from ec2_lifecycle.model.choices import Choices
from ec2_lifecycle.model.outcomes import Move, OperationRules
from ec2_lifecycle.model.proof import solvers, terms
from ec2_lifecycle.model.proof.counterexample import ProverBug, counterexample
from ec2_lifecycle.model.proof.expansion import SCOPES, Scope
from ec2_lifecycle.model.proof.obligations import Subjects, obligations
from ec2_lifecycle.model.proof.prover import Proof, Verdict, is_trivial, prove, scripts
from ec2_lifecycle.model.proof.smtlib import Script
from ec2_lifecycle.model.proof.solvers import SOLVERS, Answer, Answered, untyped
from ec2_lifecycle.model.proof.source import OutsideSubset
from ec2_lifecycle.model.proof.terms import BOOL, TRUE, and_, apply, eq, exists, forall, not_, or_, truth, variable
from ec2_lifecycle.model.proof.values import INSTANCE
from ec2_lifecycle.model.requests import BatchRequest, Operation
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.states import InstanceState
from ec2_lifecycle.model.theorems.catalogue import THEOREMS
from ec2_lifecycle.model.theorems.happenings import Sent
from ec2_lifecycle.model.theorems.theorem import Theorem, theorem
from ec2_lifecycle.model.theorems.vocabulary import ended, is_named
from ec2_lifecycle.model.world import Instance, World

INSTALLED: Final = tuple(solver for solver in SOLVERS if find_spec(solver))
BY_ID: Final = {theorem.id: theorem for theorem in THEOREMS}
IN_THE_ZONE: Final = "protects(world, choices, i) and world.zone(i) == zone"


def proof_of(theorem: Theorem, spec: Specification = EC2, asked: tuple[str, ...] = ("z3",)) -> Proof:
    """Prove a theorem."""
    return prove(theorem, Subjects(spec), asked)


# What is outside the subset.


def loops(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:  # noqa: ARG001 - as every such rule
    for one in request.instances:
        if one == i:
            return Move(world.record(i), row="TERM-1", because="TERM-1")
    return Move(world.record(i), row="TERM-1", because="TERM-1")


def counts(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:  # noqa: ARG001 - as every such rule
    few = len(request.instances) - 1
    return Move(world.record(i), row="TERM-1" if few else "TERM-2", because="TERM-1")


def compares_twice(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:  # noqa: ARG001 - as every such rule
    row = "TERM-1" if 0 < request.count < 5 else "TERM-2"
    return Move(world.record(i), row=row, because="TERM-1")


def collects(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:  # noqa: ARG001 - as every such rule
    row = "TERM-1" if i in [one for one in request.instances if one != i] else "TERM-2"
    return Move(world.record(i), row=row, because="TERM-1")


def may_say_nothing(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move | None:  # noqa: ARG001, RET503 - what is tested
    if world.state(i) is InstanceState.RUNNING:
        return Move(world.record(i), row="TERM-1", because="TERM-1")


def changes_no_field(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:  # noqa: ARG001 - as every such rule
    return Move(replace(world.record(i), colour="red"), row="TERM-1", because="TERM-1")  # pyright: ignore[reportCallIssue] - what is tested


def compares_names(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:  # noqa: ARG001 - as every such rule
    row = "TERM-1" if i < "B" else "TERM-2"
    return Move(world.record(i), row=row, because="TERM-1")


@pytest.mark.parametrize(
    ("rule", "line", "construct"),
    [
        (loops, 1, "`for one in request.instances:`"),
        (counts, 1, "`len(request.instances) - 1`"),
        (compares_twice, 1, "`0 < request.count < 5`"),
        (collects, 1, "`[one for one in request.instances if one != i]`"),
        (may_say_nothing, 1, "the end of may_say_nothing without a return"),
        (changes_no_field, 1, "`replace(world.record(i), colour='red')` (InstanceRecord has no field colour)"),
        (compares_names, 1, "`i < 'B'` (a comparison of what is no number)"),
    ],
)
def test_a_construct_outside_the_subset_is_named_with_its_place(
    rule: Callable[..., Any], line: int, construct: str
) -> None:
    effect = OperationRules((), instance=rule)
    spec = replace(EC2, operations={**EC2.operations, Operation.TERMINATE: effect})
    with pytest.raises(OutsideSubset) as caught:
        proof_of(BY_ID["T5"], spec)
    first = inspect.getsourcelines(rule)[1]
    place = f"model/test_prover.py:{first + line}"
    assert str(caught.value) == f"{place}: {construct} is outside the subset of Python that can be proved"


# What is broken.


@pytest.mark.parametrize(
    ("breaks", "module", "before", "after", "smallest"),
    [
        # The protected instance itself is not shielded: one is enough.
        ("T1", "rules.terminate", IN_THE_ZONE, IN_THE_ZONE.replace("==", "!="), Scope(1, 1, 0)),
        # A zone that is needlessly shielded is another one than that of the protected instance.
        ("T6", "rules.terminate", IN_THE_ZONE, "protects(world, choices, i)", Scope(2, 2, 0)),
        ("T8", "lifecycle", 'TERMINATED: Row(TERMINATED, "TERM-16")', 'TERMINATED: Row(STOPPED, "X")', Scope(1, 1, 0)),
        ("T12c", "rules.launch", "says_what_becomes_of(v) or", "says_what_becomes_of(v) and", Scope(1, 1, 1)),
    ],
    ids=["T1", "T6", "T8", "T12c"],
)
def test_a_broken_rule_has_a_smallest_counterexample_that_plain_execution_confirms(
    breaks: str, module: str, before: str, after: str, smallest: Scope
) -> None:
    spec = altered(module, before, after)
    proof = proof_of(BY_ID[breaks], spec, INSTALLED)
    assert proof.verdicts == dict.fromkeys(INSTALLED, Verdict.BROKEN)
    assert not proof.holds
    assert proof.disagreement is None
    found = proof.counterexample
    assert found is not None
    assert found.scope == smallest
    assert found.error is None
    assert found.request is not None
    situation = Situation(found.world, found.request, found.choices)
    assert list(violations(spec, BY_ID[breaks], situation, of_request=True))
    assert not list(violations(EC2, BY_ID[breaks], situation, of_request=True))


def test_scopes_are_tried_from_the_smallest() -> None:
    assert list(SCOPES) == sorted(SCOPES, key=lambda scope: (scope.instances, scope.zones, scope.volumes))
    assert SCOPES[0] == Scope(1, 1, 0)


@theorem("X1", over=(Operation.TERMINATE,))
def nothing_succeeds(sent: Sent) -> bool:
    """No request ever succeeds."""
    return not sent.succeeds


@theorem("X2", over=(Operation.TERMINATE,))
def what_never_happens(sent: Sent, i: Instance) -> bool:
    """What succeeds and fails at once ends nothing."""
    if sent.succeeds and sent.can_be_refused and is_named(sent, i):
        return not ended(sent.after, i)
    return True


def test_what_is_false_is_broken() -> None:
    proof = proof_of(nothing_succeeds, asked=INSTALLED)
    assert set(proof.verdicts.values()) == {Verdict.BROKEN}
    assert proof.counterexample is not None
    assert not proof.holds


def test_what_says_nothing_is_proved_and_does_not_hold() -> None:
    proof = proof_of(what_never_happens, asked=INSTALLED)
    assert set(proof.verdicts.values()) == {Verdict.PROVED}
    assert proof.is_vacuous
    assert not proof.holds


# What is in doubt.


@pytest.mark.parametrize("proved", [BY_ID["T6"], BY_ID["T10"]], ids=["T6", "T10"])
@pytest.mark.parametrize("solver", INSTALLED)
def test_a_solver_whose_resources_are_spent_has_proved_nothing(
    monkeypatch: pytest.MonkeyPatch, solver: str, proved: Theorem
) -> None:
    monkeypatch.setitem(SOLVERS, "z3", partial(solvers.ask_z3, limit=1))
    monkeypatch.setattr(solvers, "CVC5_LIMIT", 1)
    proof = proof_of(proved, asked=(solver,))
    assert proof.verdicts == {solver: Verdict.UNKNOWN}
    assert proof.undecided == (f"{proved.id} of TerminateInstances ({solver})",)
    assert proof.counterexample is None
    assert not proof.holds


def test_what_is_false_is_broken_also_where_a_solver_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOLVERS, "z3", partial(solvers.ask_z3, limit=1))
    assert proof_of(nothing_succeeds).verdicts == {"z3": Verdict.BROKEN}


def test_a_solver_that_denies_what_another_proves_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOLVERS, "liar", lambda _: Answered(Answer.SAT, 0.0))
    proof = proof_of(BY_ID["T5"], asked=("z3", "liar"))
    assert proof.verdicts == {"z3": Verdict.PROVED, "liar": Verdict.UNKNOWN}
    assert proof.disagreement == "T5 of TerminateInstances: z3 says that it is proved, liar denies it"
    assert not proof.holds


def test_a_solver_that_proves_what_a_counterexample_denies_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOLVERS, "liar", lambda _: Answered(Answer.UNSAT, 0.0))
    proof = proof_of(nothing_succeeds, asked=("z3", "liar"))
    assert proof.verdicts == {"z3": Verdict.BROKEN, "liar": Verdict.BROKEN}
    assert proof.disagreement == ("X1 of TerminateInstances: liar says that it is proved, a counterexample denies it")
    assert not proof.holds


def test_a_counterexample_that_plain_execution_does_not_confirm_is_a_mistake_of_the_prover() -> None:
    (obligation,) = obligations(EC2, BY_ID["T5"])
    wrong = replace(obligation, claim=not_(obligation.claim))
    with pytest.raises(ProverBug, match=r"^T5 of TerminateInstances: .*mistake in model/proof"):
        counterexample(wrong)


# The text that is proved.


@pytest.fixture(scope="module")
def texts() -> list[tuple[Theorem, str, Script]]:
    """Return the file name and the question of every obligation."""
    subjects = Subjects(EC2)
    return [(theorem, name, script) for theorem in THEOREMS for name, script in scripts(theorem, subjects)]


def test_every_file_is_headed_by_the_sentence_of_its_theorem(texts: list[tuple[Theorem, str, Script]]) -> None:
    assert len({name for _, name, _ in texts}) == len(texts) >= 400
    for of, name, script in texts:
        lines = script.text().splitlines()
        comment = " ".join(line.removeprefix(";").strip() for line in lines if line.startswith(";"))
        assert name.startswith(f"{of.id}-")
        assert name.endswith(".smt2")
        assert comment.startswith(f"{of.id}: {of.sentence}")
        assert lines[-1] == "(check-sat)"


def test_every_file_is_read_by_z3(texts: list[tuple[Theorem, str, Script]]) -> None:
    z3 = untyped("z3")
    for _, _, script in texts:
        assert len(z3.parse_smt2_string(script.text(ask=""))) > 0


@pytest.mark.skipif("cvc5" not in INSTALLED, reason="cvc5 is an extra, and not installed here")
def test_every_file_is_read_by_cvc5(texts: list[tuple[Theorem, str, Script]]) -> None:
    cvc5 = untyped("cvc5")
    for _, name, script in texts:
        solver = cvc5.Solver(cvc5.TermManager())
        parser = cvc5.InputParser(solver)
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script.text(ask=""), name)
        while not (command := parser.nextCommand()).isNull():
            assert "error" not in str(command.invoke(solver, parser.getSymbolManager()))
        assert len(solver.getAssertions()) == len(script.formulas)


def test_what_holds_by_reading_alone_is_refuted_by_the_text_too() -> None:
    trivial = [one for one in obligations(EC2, BY_ID["T12"]) if is_trivial(one)]
    assert trivial
    for solver in INSTALLED:
        assert SOLVERS[solver](Script("trivial", trivial[0].refutation)).answer is Answer.UNSAT


# Formulas.


def test_formulas_that_say_the_same_are_one_object() -> None:
    a, b = (variable(name, INSTANCE) for name in ("a", "b"))
    p = apply("p", BOOL)
    assert exists(a, apply("q", BOOL, a)) is exists(b, apply("q", BOOL, b))
    assert forall(a, exists(b, eq(a, b))) is forall(b, exists(a, eq(b, a)))
    assert forall(a, exists(b, apply("r", BOOL, a, b))) is not forall(a, exists(b, apply("r", BOOL, b, a)))
    assert and_(p, TRUE, p) is p
    assert or_(p, not_(p)) is TRUE
    assert not_(not_(p)) is p


def test_formulas_that_were_forgotten_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = "_TERMS"
    monkeypatch.setattr(terms, registry, dict(vars(terms)[registry]))  # so that no other test has to forget
    before = apply("p", BOOL)
    assert apply("p", BOOL) is before
    terms.forget_terms()
    assert apply("p", BOOL) is not before
    assert truth(value=True) is TRUE
    assert proof_of(BY_ID["T5"]).holds
