"""Makes a scenario simpler bit by bit: a bit goes where the least number comes up, which it seldom does by chance.

Every number is drawn, whatever the others say, so that Hypothesis can make each of them smaller by itself,
and what is left in the end are the bits without which nothing fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from ...model.requests import Caller
from ...model.states import RootDevice
from ..building.dice import SIDES
from ..scenario.renaming import alone, in_order, renamed
from ..scenario.step_removal import left
from ..scenario.steps import (
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    ModifyStep,
    RequestStep,
    RunStep,
    Step,
    VolumeSpec,
)

T = TypeVar("T")
C = TypeVar("C", bound=RequestStep | VolumeSpec)
Below = Callable[[int], int]
"""Gives a number from 0 to one less than the number given."""

_CALL: Final[Mapping[str, object]] = {"dry_run": False, "caller": Caller.OWNER}
_BATCH: Final[Mapping[str, object]] = {**_CALL, "force": False, "skip_os_shutdown": False, "hibernate": False}
_RUN: Final[Mapping[str, object]] = {
    **_CALL,
    "root": RootDevice.EBS,
    "disable_api_termination": None,
    "disable_api_stop": None,
    "shutdown_behavior": None,
}
_SPEC: Final[Mapping[str, object]] = {"device": None, "delete_on_termination": None}
"""What each is unless it is said."""


def simpler(below: Below, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps without the bits that go; at least one step stays, and names are in order."""
    names: dict[str, str] = {}
    smaller = [_smaller(below, renamed(step, names), names) for step in steps]
    dropped = [place for place in range(len(steps)) if _goes(below)]
    return in_order(left(smaller, dropped) or smaller[:1])


def _goes(below: Below) -> bool:
    return below(SIDES) == 0


def _smaller(below: Below, step: Step, names: dict[str, str]) -> Step:
    """Return a step with less in it; what it launches alone has other names from here on."""
    match step:
        case RunStep():
            volumes = tuple(_plainer(below, spec, _SPEC) for spec in _some(below, step.volumes))
            step = replace(_plainer(below, step, _RUN), zone=_nearer(below, step.zone), volumes=volumes)
            if step.count > 1 and (chosen := below(SIDES)) < step.count:
                step, alias = alone(step, chosen)
                names.update(alias)
            return step
        case BatchStep():
            return replace(_plainer(below, step, _BATCH), ids=_some(below, step.ids, least=1))
        case DescribeVolumesStep():
            return replace(_plainer(below, step, _CALL), volumes=_some(below, step.volumes, least=1))
        case CreateVolumeStep():
            return replace(_plainer(below, step, _CALL), zone=_nearer(below, step.zone))
        case ModifyStep() | DescribeAttributeStep() | AttachStep() | DetachStep():
            return _plainer(below, step, _CALL)
        case _:
            return step


def _some(below: Below, items: tuple[T, ...], least: int = 0) -> tuple[T, ...]:
    """Leave out items, but for as many as there have to be."""
    if len(items) <= least:
        return items
    return tuple(item for item in items if not _goes(below)) or items[:least]


def _plainer(below: Below, thing: C, plain: Mapping[str, object]) -> C:
    """Leave out what is said of a thing."""
    said = [name for name, value in plain.items() if getattr(thing, name) != value]
    return replace(thing, **{name: plain[name] for name in said if _goes(below)})


def _nearer(below: Below, zone: int) -> int:
    """Take zone 1 instead, or else zone 2."""
    return min(zone, 1 + below(SIDES)) if zone > 1 else zone
