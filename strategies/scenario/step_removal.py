"""Leaves steps and ids out of a scenario, and with them all that names what is then not made any more."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from .names import ids_used, instances_made, runs_made, split_volume, volumes_made, volumes_used
from .steps import All, BatchStep, DescribeVolumesStep, Gone, IdRef, Named, Step


def left(steps: Iterable[Step], dropped: Collection[int]) -> tuple[Step, ...]:
    """Return the steps but those at these places, without what only they make.

    A step that names something else as well names that alone; one that names nothing else goes.
    Names that were in order (`names.first_problem`) stay so.
    """
    kept: list[Step] = []
    instances: set[str] = set()
    volumes: set[str] = set()
    runs: set[str] = set()

    def is_made(ref: IdRef) -> bool:
        match ref:
            case Named(name) | Gone(name):
                return name in instances
            case All(name):
                return name in runs
            case _:
                return True

    def is_there(volume: str) -> bool:
        attached = split_volume(volume)
        return volume in volumes if attached is None else attached[0] in instances

    for place, whole in enumerate(steps):
        if place in dropped:
            continue
        step = _naming(whole, is_made, is_there)
        if step is None:
            continue
        kept.append(step)
        instances.update(instances_made(step))
        volumes.update(volumes_made(step))
        runs.update(runs_made(step))
    return tuple(kept)


def _naming(step: Step, is_made: Callable[[IdRef], bool], is_there: Callable[[str], bool]) -> Step | None:
    """Return a step that names only what there is, or None where that leaves nothing of it."""
    if isinstance(step, BatchStep):
        ids = tuple(filter(is_made, step.ids))
        return replace(step, ids=ids) if ids or not step.ids else None
    if isinstance(step, DescribeVolumesStep):
        volumes = tuple(filter(is_there, step.volumes))
        return replace(step, volumes=volumes) if volumes or not step.volumes else None
    return step if all(map(is_made, ids_used(step))) and all(map(is_there, volumes_used(step))) else None
