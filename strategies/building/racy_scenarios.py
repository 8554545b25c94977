"""Detects racy scenarios, in which a request must arrive while an instance or volume is still in transition."""

from collections.abc import Iterable

from ...model.specification import EC2, Specification
from ...model.world import Instance, Volume, World
from ..scenario.names import ids_used, volumes_used
from ..scenario.steps import All, Gone, Named, RequestStep, RunStep, SettleStep, Step, WaitStep
from .guide import Guide


def is_racy(steps: Iterable[Step], spec: Specification = EC2) -> bool:
    """Tell whether a request names something in transition, which a fast target may already have finished.

    The model decides, with every open point settled as preferred, and nothing comes to rest before a settle.
    """
    guide = Guide(spec)
    for step in steps:
        if not _is_possible(guide.world, step):
            return False  # no target reaches this step
        if (
            isinstance(step, RequestStep)
            and not isinstance(step, RunStep)
            and _is_about_transition(spec, guide.world, step)
        ):
            return True
        guide.take(SettleStep() if isinstance(step, WaitStep) else step)
    return False


def _is_possible(world: World, step: Step) -> bool:
    """Tell whether everything that a step names exists."""
    named = (ref.name for ref in ids_used(step) if isinstance(ref, Named | Gone))
    return all(Instance(name) in world.instances for name in named) and all(
        Volume(name) in world.volumes for name in volumes_used(step)
    )


def _is_about_transition(spec: Specification, world: World, step: RequestStep) -> bool:
    named = {ref.name for ref in ids_used(step) if isinstance(ref, Named | Gone | All)}
    instances = [i for i in world.instances if i in named or Instance(i.rstrip("0123456789")) in named]
    volumes = [v for v in world.volumes if v in volumes_used(step)]
    return not (all(spec.at_rest(world, i) for i in instances) and all(spec.volume_at_rest(world, v) for v in volumes))
