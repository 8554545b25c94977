"""Renames the runs, instances and volumes of a scenario."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from .names import letter_name, split_volume
from .steps import (
    All,
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    Gone,
    IdRef,
    ModifyStep,
    Named,
    PushStep,
    RunAgainStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)


def renamed(step: Step, names: Mapping[str, str]) -> Step:
    """Return a step with its runs, instances and volumes renamed."""

    def name(old: str) -> str:
        attached = split_volume(old)
        return names.get(old, old) if attached is None else f"{names.get(attached[0], attached[0])}.{attached[1]}"

    match step:
        case RunStep():
            volumes = tuple(replace(spec, name=name(spec.name)) for spec in step.volumes)
            return replace(step, name=name(step.name), volumes=volumes)
        case BatchStep():
            return replace(step, ids=tuple(_id(ref, names) for ref in step.ids))
        case AttachStep():
            return replace(step, id=_id(step.id, names), volume=name(step.volume))
        case DetachStep():
            return replace(step, id=None if step.id is None else _id(step.id, names), volume=name(step.volume))
        case ModifyStep():
            return replace(step, id=_id(step.id, names), volume=None if step.volume is None else name(step.volume))
        case DescribeAttributeStep():
            return replace(step, id=_id(step.id, names))
        case DescribeVolumesStep():
            return replace(step, volumes=tuple(map(name, step.volumes)))
        case DeleteVolumeStep():
            return replace(step, volume=name(step.volume))
        case _:
            return _renamed_one(step, name)


def _renamed_one(
    step: PushStep | CreateVolumeStep | RunAgainStep | SettleStep | WaitStep, name: Callable[[str], str]
) -> Step:
    """Rename the one name in a step, if there is one."""
    match step:
        case PushStep():
            return replace(step, id=name(step.id))
        case CreateVolumeStep() | RunAgainStep():
            return replace(step, name=name(step.name))
        case SettleStep() | WaitStep():
            return step


R = TypeVar("R", bound=IdRef)


def _id(ref: R, names: Mapping[str, str]) -> R:
    return replace(ref, name=names.get(ref.name, ref.name)) if isinstance(ref, Named | Gone | All) else ref


def canonical_names(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps with runs named A, B, … in order, and created volumes v1, v2 and so on.

    A volume named after its run, such as `b-data`, follows the new name.
    """
    runs = volumes = 0
    names: dict[str, str] = {}
    ordered: list[Step] = []
    for step in steps:
        if isinstance(step, RunStep):
            new = letter_name(runs)
            runs += 1
            names.update(_names_of_run(step, new))
        elif isinstance(step, CreateVolumeStep):
            volumes += 1
            names[step.name] = f"v{volumes}"
        ordered.append(renamed(step, names))
    return tuple(ordered)


def _names_of_run(step: RunStep, new: str) -> Mapping[str, str]:
    """Return the new names of everything that a run creates, if the run is renamed to `new`."""
    before, after = f"{step.name.lower()}-", f"{new.lower()}-"
    volumes = tuple(
        replace(spec, name=after + spec.name.removeprefix(before)) if spec.name.startswith(before) else spec
        for spec in step.volumes
    )
    now = replace(step, name=new, volumes=volumes)
    return {
        step.name: new,
        **{old.name: spec.name for old, spec in zip(step.volumes, volumes, strict=True)},
        **dict(zip(step.instance_names, now.instance_names, strict=True)),
        **{
            old: name
            for olds, names in zip(step.volume_names, now.volume_names, strict=True)
            for old, name in zip(olds, names, strict=True)
        },
    }


def single_launch(step: RunStep, index: int) -> tuple[RunStep, Mapping[str, str]]:
    """Return the launch of only one of a run's instances, and the new names of it and its volumes."""
    one = replace(step, count=1, min_count=None)
    names = {step.instance_names[index]: one.name}
    names.update(zip(step.volume_names[index], one.volume_names[0], strict=True))
    return one, names
