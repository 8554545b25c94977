"""Faults in the rules that only later replies may show: each makes mistakes that belong together."""

from dataclasses import dataclass, replace
from typing import Any, Final

from ...model.background import StepName
from ...model.choices import Choices
from ...model.outcomes import Move
from ...model.requests import Operation, Request
from ...model.specification import EC2, Specification
from ...model.states import InstanceState
from ...model.world import Fate, Instance, InstanceRecord, World
from .fault import Fault
from .faulty_ec2 import obeying
from .rules import never, with_moves, with_rules, with_step


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenFault(Fault):
    """A fault that the choices and durations that are drawn may hide: then it is no mistake."""

    shown_by: Operation


def _odd(i: Instance) -> bool:
    """Tell half of the instances from the other half, whatever their ids are."""
    return int(i[-1], 16) % 2 == 1


def _skipped_if_odd(world: World, _request: Request, move: Move, i: Instance) -> InstanceRecord:
    return world.record(i) if _odd(i) else move.after


def _each_by_itself(operation: Operation) -> Specification:
    """Return an EC2 in which a protection shields nothing but its own instance."""
    rule = EC2.operations[operation].instance

    def alone(world: World, request: Any, choices: Choices, i: Instance) -> Move:  # noqa: ANN401 - any request
        assert rule is not None
        return rule(world, replace(request, instances=(i,)), choices, i)

    return with_rules(operation, instance=alone)


def _wholly_refused(operation: Operation) -> Specification:
    """Return an EC2 that does nothing at all when it refuses."""
    ladder = EC2.operations[operation].ladder
    return with_rules(operation, ladder=tuple(replace(rung, by_zone=False) for rung in ladder))


def _forgets(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), fate=Fate.NONE)


def _ends(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), state=InstanceState.TERMINATED)


def _hidden(clause: str, sentence: str, shown_by: Operation, spec: Specification) -> HiddenFault:
    return HiddenFault(clause, sentence, obeying(spec), shown_by=shown_by)


_SKIPPING: Final = {"TERM-1": Operation.TERMINATE, "STOP-1": Operation.STOP, "START-1": Operation.START}

HIDDEN_FAULTS: Final = (
    *(
        _hidden(
            clause, f"{operation.value} skips half of the instances", operation, with_moves(operation, _skipped_if_odd)
        )
        for clause, operation in _SKIPPING.items()
    ),
    _hidden(
        "TERM-4",
        "a protection shields nothing but its instance",
        Operation.TERMINATE,
        _each_by_itself(Operation.TERMINATE),
    ),
    _hidden(
        "TERM-5",
        "a refused termination terminates nothing",
        Operation.TERMINATE,
        _wholly_refused(Operation.TERMINATE),
    ),
    _hidden(
        "TERM-5",
        "what was to be terminated after the answer is forgotten",
        Operation.TERMINATE,
        with_step(StepName.FATE_TERMINATES, after=_forgets),
    ),
    _hidden(
        "STOP-7",
        "what is stopped ends terminated",
        Operation.STOP,
        with_step(StepName.STOP_COMPLETES, after=_ends),
    ),
    _hidden(
        "TERM-18",
        "shutting-down never ends",
        Operation.TERMINATE,
        with_step(StepName.SHUTDOWN_COMPLETES, enabled=never),
    ),
)
