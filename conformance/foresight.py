"""What the model foresees of a shorter scenario: whether what a divergence blames comes about in it at all.

A divergence is of an operation, met by an instance in some state, where a success or a certain refusal was due.
A scenario in which that never happens on the model cannot show the same, and need not be played on the target.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from ..model.requests import Operation
from ..model.specification import Specification
from ..model.world import Instance, InstanceRecord
from ..strategies.guide import Guide
from ..strategies.names import ids_used, instances_made
from ..strategies.steps import Gone, Named, RequestStep, SettleStep, Step
from .oracle.divergence import Divergence

Scene: TypeAlias = tuple[Operation, str, str]
"""An operation, the state of an instance before or after it, and the code of the refusal that is due; or empty."""

_ANY_STATE = "-"


def promising(spec: Specification, steps: Sequence[Step], divergence: Divergence) -> Callable[[Sequence[Step]], bool]:
    """Return what tells whether other steps could show a divergence of these.

    Where the target has gone its own way so far that the model does not foresee it even here, all of them could.
    """
    due = {
        scene
        for place, scene in _scenes(spec, steps)
        if place == divergence.step and scene[0] is divergence.operation and scene[1] in divergence.state.split("|")
    }
    return lambda others: not due or any(scene in due for _, scene in _scenes(spec, others))


def _scenes(spec: Specification, steps: Sequence[Step]) -> Iterator[tuple[int, Scene]]:
    """Yield what happens in each step, and in the look at everything that follows the last.

    What is on its way may have arrived when the next request comes, or not: both are foreseen.
    """
    for prompt in (False, True):
        guide = Guide(spec)
        for place, step in enumerate((*steps, SettleStep())):
            if prompt:
                guide.take(SettleStep())
            before = guide.world.instances
            guide.take(step)
            for scene in _of_one(step, guide, before):
                yield place, scene


def _of_one(step: Step, guide: Guide, before: Mapping[Instance, InstanceRecord]) -> Iterator[Scene]:
    """Yield what has just happened in a step."""
    if isinstance(step, SettleStep):
        operations, code, concerned = (Operation.DESCRIBE, Operation.DESCRIBE_VOLUMES), "", guide.instances
    elif isinstance(step, RequestStep):
        code = guide.refusal.code.value if guide.refusal is not None else ""
        operations, concerned = (step.operation,), tuple(_concerned(step))
    else:
        return
    states = {world[i].state.value for i in concerned for world in (before, guide.world.instances) if i in world}
    yield from ((operation, state, code) for operation in operations for state in (_ANY_STATE, *sorted(states)))


def _concerned(step: Step) -> Iterator[Instance]:
    """Yield the instances that a step names or makes."""
    yield from (Instance(ref.name) for ref in ids_used(step) if isinstance(ref, Named | Gone))
    yield from map(Instance, instances_made(step))
