"""Mutants: each is the specification with one small change of a rule or a table, said in one line."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module

import pytest
from known_mutants import all_mutants

from ec2_lifecycle.model.choices import PREFERRED
from ec2_lifecycle.model.outcomes import OperationRules, Refusal, Rung
from ec2_lifecycle.model.proof.mutants import Mutant, mutants, mutants_of
from ec2_lifecycle.model.proof.operators import OPERATORS
from ec2_lifecycle.model.proof.variants import MODEL, VARYING, DoesNotLoad, sources
from ec2_lifecycle.model.requests import BatchRequest, Caller, ErrorCode, Operation
from ec2_lifecycle.model.specification import Specification
from ec2_lifecycle.model.states import Cause, InstanceState, Visibility
from ec2_lifecycle.model.step import execute, permitted_refusals
from ec2_lifecycle.model.world import Instance, InstanceRecord, World, Zone

MODULES = ("lifecycle", "background", *(name for name in VARYING if name.startswith("rules.")))


@cache
def by_id() -> dict[str, Mutant]:
    return {mutant.id: mutant for mutant in all_mutants()}


def remade(module: str, text: str) -> list[Mutant]:
    return list(mutants_of(module, text, vars(import_module(f"{MODEL}.{module}"))))


def test_each_has_an_id_of_its_own() -> None:
    assert len(by_id()) == len(all_mutants())


def test_they_are_the_same_in_the_same_order_each_time() -> None:
    assert mutants() == all_mutants()


def test_they_are_many_and_from_every_module() -> None:
    assert 1800 < len(all_mutants()) < 2200
    modules = Counter(mutant.module for mutant in all_mutants())
    assert set(modules) == set(MODULES)


def test_every_kind_of_change_occurs() -> None:
    assert {mutant.operator for mutant in all_mutants()} == set(OPERATORS)


def test_every_rule_and_every_table_is_changed() -> None:
    changed = {(mutant.module, mutant.place) for mutant in all_mutants()}
    # A reboot only says by which clauses an instance stays as it is.
    assert set(rules_and_tables()) - changed == {("rules.reboot", "reboot")}


def rules_and_tables() -> Iterator[tuple[str, str]]:
    """Yield every function that finds more than a clause, and every table, by module."""
    for module in {mutant.module for mutant in all_mutants()}:
        for statement in ast.parse(sources()[module]).body:
            match statement:
                case ast.FunctionDef(name=name, returns=ast.Name(id=kind)) if kind != "str":
                    yield module, name
                case ast.AnnAssign(target=ast.Name(id=name)):
                    yield module, name
                case _:
                    pass


def test_each_loads() -> None:
    broken: list[str] = []
    for mutant in all_mutants():
        try:
            mutant.specification()
        except DoesNotLoad as error:
            broken.append(f"{mutant.id}: {error}")
    assert broken == []


@cache
def lines_of(module: str) -> dict[str, tuple[int, int]]:
    """Return the lines of each statement that gives a name its meaning: where it begins and ends, from 0."""
    found: dict[str, tuple[int, int]] = {}
    for statement in ast.parse(sources()[module]).body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = (statement.lineno - 1, statement.end_lineno or 0)
            case _:
                pass
    return found


def place_before(mutant: Mutant) -> str:
    first, last = lines_of(mutant.module)[mutant.place]
    return "".join(sources()[mutant.module].splitlines(keepends=True)[first:last])


def place_after(mutant: Mutant) -> str:
    """Return the place as the mutant has it; what stands around it is as it was."""
    first, last = lines_of(mutant.module)[mutant.place]
    lines = sources()[mutant.module].splitlines(keepends=True)
    above, below = "".join(lines[:first]), "".join(lines[last:])
    assert mutant.source.startswith(above), mutant.id
    assert mutant.source.endswith(below), mutant.id
    return mutant.source[len(above) : len(mutant.source) - len(below)]


def test_each_changes_only_the_place_that_it_names_and_is_like_no_other() -> None:
    said = [(mutant.module, mutant.place, ast.dump(ast.parse(place_after(mutant)))) for mutant in all_mutants()]
    assert len(set(said)) == len(said)
    original = {(m.module, m.place, ast.dump(ast.parse(before))) for m in all_mutants() for before in [place_before(m)]}
    assert original.isdisjoint(said)


CLAUSE = re.compile(r'"[A-Z]+-\d+"')


def test_the_ids_of_clauses_and_the_annotations_and_docstrings_are_left_alone() -> None:
    for mutant in all_mutants():
        # With a rung, a row or a branch its clauses go; none becomes another.
        clauses_before, clauses_after = (
            Counter(CLAUSE.findall(t)) for t in (place_before(mutant), place_after(mutant))
        )
        assert not clauses_after - clauses_before, mutant.id
        assert signature(place_after(mutant)) == signature(place_before(mutant)), mutant.id


def signature(place: str) -> list[object]:
    match ast.parse(place).body:
        case [ast.FunctionDef(name=name, args=args, returns=ast.expr() as returns) as function]:
            return [name, ast.dump(args), ast.dump(returns), ast.get_docstring(function)]
        case [ast.AnnAssign(target=ast.Name(id=name), annotation=annotation)]:
            return [name, ast.dump(annotation)]
        case other:
            raise AssertionError(other)


def test_the_line_is_one_of_the_place() -> None:
    for mutant in all_mutants():
        first, last = lines_of(mutant.module)[mutant.place]
        assert first < mutant.line <= last, mutant.id


@pytest.mark.parametrize("module", sorted(MODULES))
def test_ids_do_not_depend_on_what_stands_elsewhere(module: str) -> None:
    original = [mutant for mutant in all_mutants() if mutant.module == module]
    added = 'def added(a: int) -> bool:\n    """Say something."""\n    return a > 1\n'
    # What is not ASCII counts as one character here and as several bytes in the syntax tree.
    text = sources()[module].replace('"""', '"""“→” ', 1) + f"\n\n{added}"
    again = remade(module, text)
    assert [mutant.id for mutant in again if mutant.place != "added"] == [mutant.id for mutant in original]
    assert [mutant.change for mutant in again if mutant.place != "added"] == [mutant.change for mutant in original]


def test_a_change_reads_as_in_the_text() -> None:
    assert by_id()["rules.terminate/shielded/any-all/1"].change == (
        "any(protects(world, choices, i) and world.zone(i) == zone for i in request.instances) → "
        "all(protects(world, choices, i) and world.zone(i) == zone for i in request.instances)"
    )
    assert by_id()["rules.common/LIMIT/off-by-one/1"].change == "1000 → 1001"
    assert by_id()["lifecycle/STOP/drop-key/1"].change == 'PENDING: Row(STOPPING, "STOP-4") → nothing'
    assert all("\n" not in mutant.change for mutant in all_mutants())


A, B, C = (Instance(name) for name in "ABC")
RUNNING = InstanceRecord(Zone("1"), InstanceState.RUNNING, has_run=True, visibility=Visibility.VISIBLE)
PROTECTED = replace(RUNNING, disable_api_termination=True)


def one(where: str, before: str, after: str) -> Specification:
    """Return the mutant that makes this change there."""
    [found] = [m for m in all_mutants() if f"{m.module}/{m.place}" == where and m.change == f"{before} → {after}"]
    return found.specification()


def terminated(spec: Specification, *named: Instance) -> set[Instance]:
    """Return what a termination of running A, of protected B and of C in another zone shuts down."""
    world = World({A: RUNNING, B: PROTECTED, C: replace(RUNNING, zone=Zone("2"))})
    request = BatchRequest(Operation.TERMINATE, instances=named)
    refusal, *_ = permitted_refusals(spec, world, request, PREFERRED) or (None,)
    after = execute(spec, world, request, PREFERRED, refusal).world
    return {i for i in named if after.state(i) is not InstanceState.RUNNING}


def test_with_all_for_any_a_zone_is_shielded_only_by_all_that_is_named() -> None:
    mutant = by_id()["rules.terminate/shielded/any-all/1"].specification()
    assert terminated(mutant, A, B, C) == {A, B, C}
    assert terminated(mutant, B) == set()
    assert terminated(one("rules.terminate/shielded", *DROPPED_ZONE), A, B, C) == set()


DROPPED_ZONE = (
    "protects(world, choices, i) and world.zone(i) == zone",
    "protects(world, choices, i)",
)


def ladder(spec: Specification, operation: Operation) -> dict[Refusal, Rung]:
    return {rung.refusal: rung for rung in spec.operations[operation].ladder}


def test_a_refusal_gets_another_code_status_or_wording_or_goes() -> None:
    codes = one("rules.stop/RULES", "ErrorCode.UNSUPPORTED_HIBERNATION", "ErrorCode.UNAUTHORIZED")
    assert ladder(codes, Operation.STOP)[Refusal.NO_HIBERNATION].code is ErrorCode.UNAUTHORIZED
    status = one("rules.common/DRY_RUN", "status=412", "status=None")
    assert {ladder(status, operation)[Refusal.DRY_RUN].status for operation in Operation} == {None}
    wording = one("rules.start/WORDING", NOT_STARTABLE, "\"The instance ID '{id}' does not exist\"")
    assert ladder(wording, Operation.START)[Refusal.DEAD].wordings == ("The instance ID '{id}' does not exist",)
    gone = one("rules.terminate/RULES", "TOO_MANY", "nothing")
    assert Refusal.TOO_MANY not in ladder(gone, Operation.TERMINATE)


NOT_STARTABLE = "\"The instance '{id}' is not in a state from which it can be started.\""


def test_a_refusal_is_carried_out_after_all_or_no_longer_zone_by_zone() -> None:
    change = 'Rung(Refusal.UNAUTHORIZED, "ERR-5", ErrorCode.UNAUTHORIZED'
    careless = one("rules.common/UNAUTHORIZED", change, f"{change}, by_zone=True")
    world = World({A: RUNNING})
    request = BatchRequest(Operation.TERMINATE, Caller.NOBODY, instances=(A,))
    [refusal] = permitted_refusals(careless, world, request, PREFERRED)
    assert execute(careless, world, request, PREFERRED, refusal).world.state(A) is InstanceState.SHUTTING_DOWN
    whole = by_id()["rules.terminate/RULES/true-false/2"]
    assert whole.change == "by_zone=True → by_zone=False"
    assert terminated(whole.specification(), A, B, C) == set()


def test_an_effect_loses_a_field() -> None:
    mutant = one("background/runs", "cause=Cause.NONE", "nothing")
    [step] = [step for step in mutant.steps if step.after.__name__ == "runs"]
    pending = InstanceRecord(Zone("1"))
    assert step.after(World({A: pending}), A).state is InstanceState.RUNNING
    assert step.after(World({A: pending}), A).cause is Cause.LAUNCH


def test_a_background_step_goes_or_comes_at_another_time_or_does_another_thing() -> None:
    steps = [len(m.specification().steps) for m in all_mutants() if m.id.startswith("background/STEPS/drop-element/")]
    assert set(steps) == {12}
    assert len(steps) == 13
    late = one("background/STEPS", "is_launching", "is_restarting").steps[1]
    assert not late.enabled(World({A: InstanceRecord(Zone("1"))}), A)
    other = one("background/STEPS", "ends", "is_terminated_after_all").steps[4]
    assert other.after(World({A: RUNNING}), A).state is InstanceState.SHUTTING_DOWN


def test_a_state_in_a_table_becomes_each_other_one() -> None:
    to = [
        m.change
        for m in all_mutants()
        if m.place == "TERMINATE" and m.operator == "other-member" and m.line == first_row()
    ]
    assert len(to) == 5
    assert len(set(to)) == 5


def first_row() -> int:
    lines = sources()["lifecycle"].splitlines()
    return lines.index("TERMINATE: Final = {") + 2


def test_an_operation_loses_its_effect() -> None:
    rules = one("rules.terminate/RULES", "instance=terminate", "nothing").operations[Operation.TERMINATE]
    assert isinstance(rules, OperationRules)
    assert rules.instance is None
