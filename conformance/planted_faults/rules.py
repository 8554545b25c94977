"""Faults in the rules: the specification with one rule, row, rung or background step changed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from ...model.background import StepName, VolumeStepName
from ...model.choices import Choices
from ...model.outcomes import Move, Refusal, Rung, VolumeMove
from ...model.requests import ErrorCode, Operation
from ...model.specification import EC2, Specification
from ...model.states import InstanceState
from ...model.world import Instance, InstanceRecord, Volume, World


def with_rules(operation: Operation, **changes: Any) -> Specification:  # noqa: ANN401 - the fields of OperationRules
    """Change fields of the rules of one operation."""
    return replace(EC2, operations={**EC2.operations, operation: replace(EC2.operations[operation], **changes)})


def rungs_of(operation: Operation, refusal: Refusal) -> tuple[Rung, ...]:
    """Return the rungs of an operation for one refusal, at least one."""
    found = tuple(rung for rung in EC2.operations[operation].ladder if rung.refusal is refusal)
    if not found:
        raise ValueError(f"{operation.value} is never refused for {refusal.value}")
    return found


def with_rung(operation: Operation, refusal: Refusal, **changes: Any) -> Specification:  # noqa: ANN401 - fields of Rung
    """Change fields of one rung of an operation's ladder."""
    rungs_of(operation, refusal)
    ladder = (replace(r, **changes) if r.refusal is refusal else r for r in EC2.operations[operation].ladder)
    return with_rules(operation, ladder=tuple(ladder))


def with_added_rung(operation: Operation, rung: Rung) -> Specification:
    """Let an operation be refused for a reason that EC2 does not have."""
    return with_rules(operation, ladder=(*EC2.operations[operation].ladder, rung))


Trips: TypeAlias = Callable[[World, Any, Choices, Instance], bool]


def refusing(
    operation: Operation,
    trips: Trips,
    code: ErrorCode = ErrorCode.INCORRECT_INSTANCE_STATE,
    wording: str = "The instance '{id}' is not in a state for this.",
) -> Specification:
    """Let an operation be refused, by a rung after those for bad ids, where EC2 accepts it."""
    bad_id = frozenset({Refusal.UNAUTHORIZED, Refusal.MALFORMED, Refusal.NOT_FOUND})
    return with_added_rung(
        operation, Rung(Refusal.REBOOT_STATE, "-", code, trips=trips, wordings=(wording,), after=bad_id)
    )


def accepting(operation: Operation, *refusals: Refusal, to: InstanceState | None = None) -> Specification:
    """Leave out refusals; the instances that they were about go to a state, or stay as they are."""
    rules = EC2.operations[operation]
    left_out = [rung for rung in rules.ladder if rung.refusal in refusals]
    if not left_out:
        raise ValueError(f"{operation.value} is never refused for {refusals}")

    def moved(world: World, request: Any, choices: Choices, i: Instance) -> Move:  # noqa: ANN401 - any request
        if any(r.trips is not None and r.trips(world, request, choices, i) for r in left_out) or rules.instance is None:
            return Move(replace(world.record(i), state=to or world.state(i)), "-", "-")
        return rules.instance(world, request, choices, i)

    ladder = tuple(rung for rung in rules.ladder if rung.refusal not in refusals)
    return with_rules(operation, ladder=ladder, instance=rules.instance and moved)


def blind(operation: Operation, *, in_refusals: bool = True, **seen: bool | str) -> Specification:
    """Let an operation take an attribute of every instance for another value than it has."""
    rules = EC2.operations[operation]

    def darkened(world: World) -> World:
        return replace(world, instances={i: replace(r, **seen) for i, r in world.instances.items()}, memo={})

    def unseeing(rung: Rung) -> Rung:
        if rung.trips is None:
            return rung
        seeing = rung.trips

        def trips(world: World, request: Any, choices: Choices, i: Instance) -> bool:  # noqa: ANN401 - any request
            return seeing(darkened(world), request, choices, i)

        return replace(rung, trips=trips)

    def moved(world: World, request: Any, choices: Choices, i: Instance) -> Move:  # noqa: ANN401 - any request
        assert rules.instance is not None
        move = rules.instance(darkened(world), request, choices, i)
        kept = {name: getattr(world.record(i), name) for name in seen}
        return replace(move, after=replace(move.after, **kept))

    return with_rules(
        operation,
        ladder=tuple(map(unseeing, rules.ladder)) if in_refusals else rules.ladder,
        instance=moved,
    )


def with_moves(operation: Operation, after: Callable[[World, Any, Move, Instance], InstanceRecord]) -> Specification:
    """Let an operation that EC2 carries out leave its instances with other records."""
    rules = EC2.operations[operation]

    def moved(world: World, request: Any, choices: Choices, i: Instance) -> Move:  # noqa: ANN401 - any request
        assert rules.instance is not None
        move = rules.instance(world, request, choices, i)
        return replace(move, after=after(world, request, move, i))

    return with_rules(operation, instance=moved)


def with_row(operation: Operation, before: InstanceState, /, **changes: Any) -> Specification:  # noqa: ANN401 - of a record
    """Let an operation that EC2 carries out leave an instance of one state with another record."""

    def after(world: World, _request: object, move: Move, i: Instance) -> InstanceRecord:
        return replace(move.after, **changes) if world.state(i) is before else move.after

    return with_moves(operation, after)


def with_volume_moves(operation: Operation, **changes: Any) -> Specification:  # noqa: ANN401 - fields of VolumeRecord
    """Let an operation leave its volumes with other records."""
    rules = EC2.operations[operation]

    def moved(world: World, request: Any, choices: Choices, v: Volume) -> VolumeMove:  # noqa: ANN401 - any request
        assert rules.volume is not None
        move = rules.volume(world, request, choices, v)
        return replace(move, after=replace(move.after, **changes))

    return with_rules(operation, volume=moved)


def with_step(name: StepName, **changes: Any) -> Specification:  # noqa: ANN401 - fields of BackgroundStep
    """Change fields of one background step of instances."""
    return replace(EC2, steps=tuple(replace(s, **changes) if s.name is name else s for s in EC2.steps))


def with_volume_step(name: VolumeStepName, **changes: Any) -> Specification:  # noqa: ANN401 - fields of VolumeStep
    """Change fields of one background step of volumes."""
    return replace(EC2, volume_steps=tuple(replace(s, **changes) if s.name is name else s for s in EC2.volume_steps))


def never(world: World, i: Instance) -> bool:
    """Tell that a background step does not come."""
    del world, i
    return False


def never_of_volume(world: World, choices: Choices, v: Volume) -> bool:
    """Tell that a background step of a volume does not come."""
    del world, choices, v
    return False


def in_state(*states: InstanceState) -> Trips:
    """Return a condition for a rung: the instance is in one of these states."""

    def trips(world: World, request: object, choices: Choices, i: Instance) -> bool:
        del request, choices
        return i in world.instances and world.state(i) in states

    return trips
