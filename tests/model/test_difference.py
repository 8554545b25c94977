"""The semantic difference of two specifications: where they do not do the same, a world shows it; else it is proved."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from altered import altered

from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.outcomes import Refusal
from ec2_lifecycle.model.proof import difference
from ec2_lifecycle.model.proof.counterexample import ProverBug
from ec2_lifecycle.model.proof.difference import AT_REST, SHAPES, TRANSITIONS, Difference, Undecided, compare
from ec2_lifecycle.model.proof.expansion import Scope
from ec2_lifecycle.model.proof.solvers import Answer, Answered
from ec2_lifecycle.model.proof.variants import load, sources
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.states import InstanceState

IN_THE_ZONE = "protects(world, choices, i) and world.zone(i) == zone"


def between(new: Specification, old: Specification = EC2) -> list[Difference]:
    """Return the differences, all of which are decided."""
    found = list(compare(old, new))
    decided = [one for one in found if isinstance(one, Difference)]
    assert decided == found
    return decided


def only(found: Collection[Difference]) -> Difference:
    """Return the only difference."""
    assert [one.about for one in found] == [one.about for one in found][:1] != []
    return next(iter(found))


# What is the same.


def test_a_specification_is_no_different_from_itself() -> None:
    assert between(EC2) == []


def test_the_same_texts_run_again_are_proved_to_be_the_same() -> None:
    # A statement that is no definition: a module that has one is run again, whole.
    anew = load({name: f"{text}\nassert True\n" for name, text in sources().items()}, "the same, anew")
    assert anew.operations[Operation.TERMINATE] != EC2.operations[Operation.TERMINATE]
    assert between(anew) == []


@pytest.mark.parametrize(
    ("module", "before", "after"),
    [
        ("rules.terminate", IN_THE_ZONE, "zone == world.zone(i) and protects(world, choices, i)"),
        ("rules.terminate", f"any({IN_THE_ZONE} for i in", f"any({IN_THE_ZONE.replace('i)', 'other)')} for other in"),
        (
            "rules.terminate",
            "any(protects(world, choices, i) for i in",
            "not all(not protects(world, choices, i) for i in",
        ),
        ("rules.protection", "return stop_enforced(world, choices, i)\n", "return bool_of(world, choices, i)\n"),
        ("background", "is InstanceState.PENDING and not world.has_run(i)", "== PENDING and world.has_run(i) is False"),
    ],
    ids=["the other way round", "another name", "not all for any", "a rule apart", "is for equals"],
)
def test_what_is_said_in_other_words_is_proved_to_be_the_same(module: str, before: str, after: str) -> None:
    texts = dict(sources())
    assert texts[module].count(before) == 1
    texts[module] = texts[module].replace(before, after)
    if "bool_of" in after:
        texts[module] += "\n\ndef bool_of(world, choices, i):\n    return stop_enforced(world, choices, i)\n"
    if "== PENDING" in after:
        texts[module] += "\n\nPENDING = InstanceState.PENDING\n"
    new = load(texts, f"{module} in other words: {after}")
    assert new != EC2
    assert between(new) == []


# What differs.


@pytest.mark.parametrize(
    ("module", "before", "after", "about", "what", "smallest", "outcomes"),
    [
        (
            "rules.terminate",
            IN_THE_ZONE,
            "protects(world, choices, i)",
            ["TerminateInstances"],
            "what becomes of a named instance",
            Scope(2, 2, 0),  # one that is protected, and one in another zone
            ("A: state shutting-down", "A: as it was (TERM-4)"),
        ),
        (
            "lifecycle",
            'RUNNING: Row(STOPPING, "STOP-1")',
            'RUNNING: Row(STOPPED, "STOP-1")',
            ["StopInstances", StepName.FATE_STOPS.value],
            "what becomes of a named instance",
            Scope(1, 1, 0),
            ("A: state stopping", "A: state stopped"),
        ),
        (
            "rules.common",
            "return request.dry_run",
            "return False",
            [o.value for o in Operation],
            "the refusal dry run",
            Scope(1, 1, 0),
            ("DryRunOperation 412", "success"),
        ),
        (
            "rules.attributes",
            "delete_on_termination=request.value",
            "detaching=request.value",
            ["ModifyInstanceAttribute"],
            "what becomes of a named volume",
            Scope(2, 1, 1),  # one stands for the holder of a volume that nobody holds
            ("v1: ", "v1: "),
        ),
        (
            "rules.launch",
            "has_run=False",
            "has_run=True",
            ["RunInstances"],
            "the instance that it makes",
            Scope(1, 1, 0),
            ("has_run no", "has_run yes"),
        ),
        (
            "background",
            "replace(world.record(i), state=InstanceState.STOPPED)",
            "world.record(i)",
            [StepName.STOP_COMPLETES.value],
            "what it makes",
            Scope(1, 1, 0),
            ("A: state stopped", "A: as it was"),
        ),
    ],
    ids=["a shield", "a row of a table", "a rung of all", "a volume", "a launch", "a background step"],
)
def test_a_difference_is_shown_in_the_smallest_scope_with_both_outcomes(
    module: str, before: str, after: str, about: list[str], what: str, smallest: Scope, outcomes: tuple[str, str]
) -> None:
    found = between(altered(module, before, after))
    assert [one.about for one in found] == about
    assert what in found[0].what
    assert found[0].example.scope == smallest
    assert outcomes[0] in " ".join(found[0].old)
    assert outcomes[1] in " ".join(found[0].new)
    assert found[0].old != found[0].new
    assert all(one.reachable for one in found)


def test_a_refusal_with_another_code_is_told() -> None:
    ladder = tuple(
        replace(rung, status=418) if rung.refusal is Refusal.NOT_ATTACHED else rung
        for rung in EC2.operations[Operation.DETACH].ladder
    )
    detach = replace(EC2.operations[Operation.DETACH], ladder=ladder)
    found = only(between(replace(EC2, operations={**EC2.operations, Operation.DETACH: detach})))
    assert found.about == "DetachVolume"
    assert found.what == ("the refusal volume not attached",)
    assert "418" in found.new[0]
    assert "418" not in found.old[0]


def test_a_request_that_is_no_longer_answered_is_told() -> None:
    # Each of two rungs is to come after the other: where both apply, neither is permitted.
    rungs = EC2.operations[Operation.CREATE_VOLUME].ladder
    circle = tuple(
        replace(rung, after=frozenset({Refusal.UNAUTHORIZED, Refusal.DRY_RUN} - {rung.refusal})) for rung in rungs
    )
    create = replace(EC2.operations[Operation.CREATE_VOLUME], ladder=circle)
    found = only(between(replace(EC2, operations={**EC2.operations, Operation.CREATE_VOLUME: create})))
    assert "whether it is answered" in found.what
    assert found.example.request is not None
    assert found.example.request.dry_run


def test_a_refusal_that_alone_answered_is_missed() -> None:
    # No other refusal of CreateVolume applies to a dry run by its owner.
    new = altered("rules.common", "return request.dry_run", "return False")
    found = [one for one in between(new) if one.about == "CreateVolume"]
    assert only(found).what == ("whether it succeeds", "the refusal dry run")


# What no operation and no background step says.


def test_a_changed_shape_is_told_of_an_instance_that_has_it() -> None:
    new = replace(EC2, shapes={state: () if state is InstanceState.STOPPED else s for state, s in EC2.shapes.items()})
    found = only(between(new))
    assert found.about == SHAPES
    assert [record.state for record in found.example.world.instances.values()] == [InstanceState.STOPPED]
    assert any("SHAPE-7" in line for line in found.old)
    assert not any("SHAPE-7" in line for line in found.new)


def test_states_in_which_no_volumes_are_shown_are_told() -> None:
    found = only(between(replace(EC2, shows_volumes=EC2.shows_volumes[1:])))
    assert found.about == SHAPES
    assert "shows its volumes" in found.old
    assert "need not show its volumes" in found.new


def test_another_change_of_state_is_told() -> None:
    transitions = {**EC2.transitions, InstanceState.TERMINATED: (InstanceState.RUNNING,)}
    found = only(between(replace(EC2, transitions=transitions)))
    assert found.about == TRANSITIONS
    assert found.old[-1] == "may become "
    assert found.new[-1] == "may become running"


def test_another_state_in_a_reply_is_told() -> None:
    new = altered("rules.reply", "return before.state(i)", "return after.state(i)")
    assert {one.about for one in between(new)} >= {"TerminateInstances", "StopInstances", "StartInstances"}


def test_a_background_step_that_is_not_there_is_told() -> None:
    steps = tuple(step for step in EC2.steps if step.name is not StepName.RETIREMENT)
    found = only(between(replace(EC2, steps=steps)))
    assert found.about == StepName.RETIREMENT.value
    assert found.what == ("when it comes",)
    assert found.new == ("there is no such step",)


def test_a_background_step_that_needs_somebody_is_told() -> None:
    steps = tuple(replace(s, spontaneous=True) if s.name is StepName.RETIREMENT else s for s in EC2.steps)
    found = only(between(replace(EC2, steps=steps)))
    assert found.what == ("who brings it about",)
    assert (found.old[0], found.new[0]) == ("brought about", "by itself")


def test_another_rest_is_told() -> None:
    new = altered("background", "        InstanceState.STOPPING,\n", "")
    found = only(between(new))
    assert found.about == AT_REST
    assert [record.state for record in found.example.world.instances.values()] == [InstanceState.STOPPING]


def test_a_world_that_cannot_be_reached_is_told_as_such() -> None:
    # A terminated instance awaits nothing (T19): no world that can be reached tells these apart.
    new = altered("background", "return world.fate(i) is Fate.TERMINATE", CONDEMNED)
    found = only(between(new))
    assert found.about == StepName.FATE_TERMINATES.value
    assert not found.reachable
    assert [record.state for record in found.example.world.instances.values()] == [InstanceState.TERMINATED]


CONDEMNED = "return world.fate(i) is Fate.TERMINATE and world.state(i) is not InstanceState.TERMINATED"


# What is in doubt.


def test_a_solver_that_gives_up_has_shown_no_equality(monkeypatch: pytest.MonkeyPatch) -> None:
    new = altered("rules.terminate", IN_THE_ZONE, "zone == world.zone(i) and protects(world, choices, i)")
    monkeypatch.setattr(difference, "ask_z3", lambda *_, **__: Answered(Answer.UNKNOWN, 0.0))  # type: ignore[reportUnknownLambdaType] # any question
    assert Undecided("TerminateInstances") in list(compare(EC2, new))


def test_a_difference_that_plain_execution_does_not_have_is_a_mistake_of_the_prover(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = altered("rules.terminate", IN_THE_ZONE, "protects(world, choices, i)")
    monkeypatch.setattr(difference, "_outcome", lambda *_: ("the same",))  # type: ignore[reportUnknownLambdaType] # any question
    with pytest.raises(ProverBug, match=r"^TerminateInstances: the solver says that the two differ in what becomes"):
        list(compare(EC2, new))
