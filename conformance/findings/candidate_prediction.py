"""What the model foresees of a shorter scenario: whether what a divergence blames comes about in it at all.

A divergence is of an operation, met by an instance in some state, where a success or a certain refusal was due.
A scenario in which that never happens on the model cannot show the same, and need not be played on the target.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from ...model.requests import Operation
from ...model.specification import Specification
from ...model.world import Instance, InstanceRecord
from ...strategies.building.guide import Guide
from ...strategies.scenario.steps import SettleStep, Step
from ..oracle.divergence import Divergence

_ANY_STATE: Final = "-"
_ANY_CODE: Final = "any"


class Scene(NamedTuple):
    """An operation, the state of an instance before or after it, and the code of the refusal that is due; or empty."""

    operation: Operation
    state: str
    code: str


class _Happening(NamedTuple):
    """A scene, the index of its step, and whose state it tells of; None where it tells of none."""

    step: int
    instance: Instance | None
    scene: Scene


def promising(spec: Specification, steps: Sequence[Step], divergence: Divergence) -> Callable[[Sequence[Step]], bool]:
    """Return what tells whether other steps could show a divergence of these.

    Which refusal is due matters only where the divergence is of just that. What goes wrong with an instance that a
    request does not name may do so whatever the request comes to.
    Where the target has gone its own way so far that the model does not foresee it even here, all of them could.
    """
    operation, blamed = divergence.operation, divergence.instance
    here = [h for h in _happenings(spec, steps) if h.step == divergence.step and h.scene.operation is operation]
    if here and blamed is not None and all(h.instance != blamed for h in here):
        return lambda others: any(h.scene.operation is operation for h in _happenings(spec, others))
    told = _exactly if divergence.expected_class.startswith("refusal:") else _roughly
    states = divergence.state.split("|")
    mine = [h.scene for h in here if h.instance is None or blamed in (None, h.instance)]
    due = {told(scene) for scene in mine if scene.state in states and _is_foreseen(divergence, scene)}
    return lambda others: not due or any(told(h.scene) in due for h in _happenings(spec, others))


def _is_foreseen(divergence: Divergence, scene: Scene) -> bool:
    """Tell whether a request comes to what the divergence says that it should have: a refusal, or a success."""
    if divergence.expected_class.startswith(("refusal:", "status:", "message:")):
        return bool(scene.code)
    in_a_reply = ("success", "state:current-", "state:previous-")
    return not divergence.expected_class.startswith(in_a_reply) or not scene.code


def _exactly(scene: Scene) -> Scene:
    return scene


def _roughly(scene: Scene) -> Scene:
    """Return a scene without what refusal is due, if any is."""
    return scene._replace(code=_ANY_CODE) if scene.code else scene


def _happenings(spec: Specification, steps: Sequence[Step]) -> Iterator[_Happening]:
    """Yield what happens in each step, and in the look at everything that follows the last.

    What is on its way may have arrived when the next request comes, or not: both are foreseen, and that everything
    has arrived but for what is met by the last step.
    """
    for arrived in (0, len(steps) - 1, len(steps)):
        guide = Guide(spec)
        for place, step in enumerate((*steps, SettleStep())):
            if place < arrived:
                guide.take(SettleStep())
            before = guide.world.instances
            guide.take(step)
            for instance, scene in _of_one(step, guide, before):
                yield _Happening(place, instance, scene)


def _of_one(
    step: Step, guide: Guide, before: Mapping[Instance, InstanceRecord]
) -> Iterator[tuple[Instance | None, Scene]]:
    """Yield what has just happened in a step, and to whom."""
    if isinstance(step, SettleStep):
        sent = [(operation, "", guide.instances) for operation in (Operation.DESCRIBE, Operation.DESCRIBE_VOLUMES)]
    else:
        sent = [(r.operation, "" if rung is None else rung.code.value, r.instances) for r, rung in guide.last_requests]
    for operation, code, instances in sent:
        yield None, Scene(operation, _ANY_STATE, code)
        for i in dict.fromkeys(instances):
            for state in dict.fromkeys(world[i].state.value for world in (before, guide.world.instances) if i in world):
                yield i, Scene(operation, state, code)
