"""Removes steps and ids from a scenario, together with every reference to what is no longer created."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from .names import ids_used, instances_made, runs_made, split_volume, volumes_made, volumes_used
from .steps import All, BatchStep, DescribeVolumesStep, Gone, IdRef, Named, Step


def without_steps(steps: Iterable[Step], dropped: Collection[int]) -> tuple[Step, ...]:
    """Return the steps without those at these places, and without references to what only they create.

    A step keeps the other things that it names, and is removed if there are none.
    Valid names (`names.first_problem`) stay valid.
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
    """Return a step that names only what exists, or None if nothing is left."""
    if isinstance(step, BatchStep):
        ids = tuple(filter(is_made, step.ids))
        return replace(step, ids=ids) if ids or not step.ids else None
    if isinstance(step, DescribeVolumesStep):
        volumes = tuple(filter(is_there, step.volumes))
        return replace(step, volumes=volumes) if volumes or not step.volumes else None
    return step if all(map(is_made, ids_used(step))) and all(map(is_there, volumes_used(step))) else None
