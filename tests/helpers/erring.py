"""EC2s that are wrong: each makes mistakes that hang together, and that only later replies may show."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.choices import Choices
from ec2_lifecycle.model.outcomes import Move
from ec2_lifecycle.model.requests import Operation, Request
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.states import InstanceState
from ec2_lifecycle.model.world import Fate, Instance, InstanceRecord, World

Rule = Callable[[World, Request, Choices, Instance], Move]


def _changed(operation: Operation, **changes: Any) -> Specification:  # noqa: ANN401 - the fields of OperationRules
    return replace(EC2, operations={**EC2.operations, operation: replace(EC2.operations[operation], **changes)})


def _odd(i: Instance) -> bool:
    """Tell half of the instances from the other half, whatever their ids are."""
    return int(i[-1], 16) % 2 == 1


def _skips(operation: Operation) -> Specification:
    """Return an EC2 that leaves out half of the instances."""
    rule = cast("Rule", EC2.operations[operation].instance)

    def half(world: World, request: Request, choices: Choices, i: Instance) -> Move:
        return Move(world.record(i), row="", because="") if _odd(i) else rule(world, request, choices, i)

    return _changed(operation, instance=half)


def _by_itself(operation: Operation) -> Specification:
    """Return an EC2 in which a protection shields nothing but its own instance."""
    rule = cast("Rule", EC2.operations[operation].instance)

    def alone(world: World, request: Request, choices: Choices, i: Instance) -> Move:
        return rule(world, replace(request, instances=(i,)), choices, i)

    return _changed(operation, instance=alone)


def _wholly(operation: Operation) -> Specification:
    """Return an EC2 that does nothing at all when it refuses."""
    ladder = EC2.operations[operation].ladder
    return _changed(operation, ladder=tuple(replace(rung, by_zone=False) for rung in ladder))


def _with_step(name: StepName, **changes: Any) -> Specification:  # noqa: ANN401 - the fields of BackgroundStep
    return replace(EC2, steps=tuple(replace(s, **changes) if s.name is name else s for s in EC2.steps))


def _never(_world: World, _i: Instance) -> bool:
    return False


def _forgets(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), fate=Fate.NONE)


def _ends(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), state=InstanceState.TERMINATED)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong, the operation that shows it, and the specification that says so."""

    what: str
    shown_by: Operation
    spec: Specification


WRONG: Final = (
    Wrong("terminates half of the instances", Operation.TERMINATE, _skips(Operation.TERMINATE)),
    Wrong("stops half of the instances", Operation.STOP, _skips(Operation.STOP)),
    Wrong("starts half of the instances", Operation.START, _skips(Operation.START)),
    Wrong("a protection shields nothing but its instance", Operation.TERMINATE, _by_itself(Operation.TERMINATE)),
    Wrong("refuses a termination wholly", Operation.TERMINATE, _wholly(Operation.TERMINATE)),
    Wrong(
        "forgets what it was to terminate after the answer",
        Operation.TERMINATE,
        _with_step(StepName.FATE_TERMINATES, after=_forgets),
    ),
    Wrong(
        "terminates what it was to stop",
        Operation.STOP,
        _with_step(StepName.STOP_COMPLETES, after=_ends),
    ),
    Wrong(
        "never ends what it shuts down", Operation.TERMINATE, _with_step(StepName.SHUTDOWN_COMPLETES, enabled=_never)
    ),
)
"""Every mistake may be hidden by the choices and durations that are drawn; then it is no mistake."""
