"""Lets Hypothesis shrink a scenario part by part: a part is dropped if its draw is 0, which rarely happens by chance.

Every draw is made, whatever the others are, so that Hypothesis can lower each of them by itself.
The parts that remain are those without which the failure disappears.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from ...model.requests import Caller, Operation
from ...model.states import RootDevice
from ..building.dice import SIDES
from ..scenario.names import instances_made, split_volume, volumes_made, volumes_used
from ..scenario.renaming import canonical_names, renamed, single_launch
from ..scenario.step_removal import without_steps
from ..scenario.steps import (
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    ModifyStep,
    RequestStep,
    RunStep,
    SettleStep,
    Step,
    VolumeSpec,
)

T = TypeVar("T")
C = TypeVar("C", bound=RequestStep | VolumeSpec)
Below = Callable[[int], int]
"""Returns a number from 0 to one less than its argument."""

_CALL: Final[Mapping[str, object]] = {"dry_run": False, "caller": Caller.OWNER}
_BATCH: Final[Mapping[str, object]] = {
    **_CALL,
    "force": False,
    "skip_os_shutdown": False,
    "hibernate": False,
    "states": (),
    "zones": (),
}
_RUN: Final[Mapping[str, object]] = {
    **_CALL,
    "root": RootDevice.EBS,
    "disable_api_termination": None,
    "disable_api_stop": None,
    "shutdown_behavior": None,
    "hibernation": None,
    "min_count": None,
}
_SPEC: Final[Mapping[str, object]] = {"device": None, "delete_on_termination": None}
"""The default of each field."""


def shrink(below: Below, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps without the dropped parts; keeps at least one step, and renumbers names.

    A settle stays if, without it, no reply would show a volume of a launch before a step names it.
    """
    names: dict[str, str] = {}
    shrunk = [_shrink_step(below, renamed(step, names), names) for step in steps]
    dropped = [place for place in range(len(steps)) if _drops(below)]
    left = without_steps(shrunk, dropped)
    if not _are_volumes_shown(left):
        left = without_steps(shrunk, [place for place in dropped if not isinstance(shrunk[place], SettleStep)])
    return canonical_names(left or shrunk[:1])


def _are_volumes_shown(steps: Iterable[Step]) -> bool:
    """Tell whether each volume of a launch is described after its launch and before a step names it."""
    launched: set[str] = set()
    for step in steps:
        if isinstance(step, RunStep):
            launched.update((*instances_made(step), *volumes_made(step)))
        elif isinstance(step, SettleStep) or (isinstance(step, BatchStep) and step.operation is Operation.DESCRIBE):
            launched.clear()
        for volume in volumes_used(step):
            if not launched.isdisjoint({volume, *(split_volume(volume) or ())}):
                return False
    return True


def _drops(below: Below) -> bool:
    return below(SIDES) == 0


def _shrink_step(below: Below, step: Step, names: dict[str, str]) -> Step:
    """Return a smaller step; `names` receives the new names if a launch is reduced to one instance."""
    match step:
        case RunStep():
            volumes = tuple(_reset_fields(below, spec, _SPEC) for spec in _some(below, step.volumes))
            step = replace(_reset_fields(below, step, _RUN), zone=_lower_zone(below, step.zone), volumes=volumes)
            if step.count > 1 and (chosen := below(SIDES)) < step.count:
                step, alias = single_launch(step, chosen)
                names.update(alias)
            return step
        case BatchStep():
            return replace(_reset_fields(below, step, _BATCH), ids=_some(below, step.ids, least=1))
        case DescribeVolumesStep():
            return replace(_reset_fields(below, step, _CALL), volumes=_some(below, step.volumes, least=1))
        case CreateVolumeStep():
            return replace(_reset_fields(below, step, _CALL), zone=_lower_zone(below, step.zone))
        case ModifyStep() | DescribeAttributeStep() | AttachStep() | DetachStep() | DeleteVolumeStep():
            return _reset_fields(below, step, _CALL)
        case _:
            return step


def _some(below: Below, items: tuple[T, ...], least: int = 0) -> tuple[T, ...]:
    """Drop items, but keep at least `least`."""
    if len(items) <= least:
        return items
    return tuple(item for item in items if not _drops(below)) or items[:least]


def _reset_fields(below: Below, thing: C, plain: Mapping[str, object]) -> C:
    """Reset fields to their defaults."""
    said = [name for name, value in plain.items() if getattr(thing, name) != value]
    return replace(thing, **{name: plain[name] for name in said if _drops(below)})


def _lower_zone(below: Below, zone: int) -> int:
    """Lower the zone to 1 or 2."""
    return min(zone, 1 + below(SIDES)) if zone > 1 else zone
