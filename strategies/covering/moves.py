"""The steps from one world of a scope to another, and the requests that end a scenario."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Final

from ...model.requests import Attribute, Caller, Operation
from ...model.states import InstanceState, ShutdownBehavior
from ...model.world import Instance, Volume
from ..scenario.steps import (
    FLAGS,
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    IdRef,
    Malformed,
    ModifyStep,
    Named,
    RequestStep,
    RunStep,
    SingleId,
    Unknown,
)
from .derivation_scopes import Oddities, Scope
from .reached_world import ReachedWorld

_NAMES: Final = "ABCDEFGH"
_VOLUME: Final = "v"
_DEVICE: Final = "/dev/sdp"
_BAD_IDS: Final[tuple[SingleId, ...]] = (Unknown(), Unknown(short=True), Malformed("foo"))
_LISTS: Final = (Operation.TERMINATE, Operation.STOP, Operation.START, Operation.REBOOT, Operation.DESCRIBE)


def launches(scope: Scope, place: ReachedWorld) -> Iterator[RunStep]:
    """Yield every launch of another instance; zones are used in order."""
    used = max((int(record.zone) for record in place.world.instances.values()), default=0)
    name = _NAMES[sum(isinstance(step, RunStep) for step in place.steps)]
    for zone in range(1, min(used + 1, scope.zones) + 1):
        for launch in scope.launches:
            volumes = tuple(replace(spec, name=f"{name.lower()}-data") for spec in launch.volumes)
            yield replace(launch, name=name, zone=zone, volumes=volumes)


def moves(scope: Scope, place: ReachedWorld) -> Iterator[RequestStep]:
    """Yield every request of a scope that may change the world."""
    for operation in scope.moves:
        yield from _requests(scope, place, operation, _some(place.instances))


def asks(scope: Scope, place: ReachedWorld) -> Iterator[RequestStep]:
    """Yield every request that may end a scenario at a place, the usual ones first."""
    usual = list(_usual(scope, place))
    yield from usual
    for step in usual:
        yield from _unusual(scope.oddities, step)


def _usual(scope: Scope, place: ReachedWorld) -> Iterator[RequestStep]:
    named = _some(place.instances) if scope.each_alone else [place.instances]
    for operation in scope.asks:
        if operation is Operation.RUN:
            if not place.steps:
                yield from launches(scope, place)
        elif place.instances:
            yield from _requests(scope, place, operation, named)


def _some(instances: tuple[Instance, ...]) -> list[tuple[Instance, ...]]:
    return [some for size in range(1, len(instances) + 1) for some in combinations(instances, size)]


def _requests(
    scope: Scope, place: ReachedWorld, operation: Operation, named: Iterable[tuple[Instance, ...]]
) -> Iterator[RequestStep]:
    if operation in _LISTS:
        for instances in named:
            yield BatchStep(operation, tuple(map(Named, instances)))
    elif operation is Operation.MODIFY:
        for i in place.instances:
            yield from _changes(scope, place, i)
    elif operation is Operation.DESCRIBE_ATTRIBUTE:
        for i in place.instances:
            for attribute in scope.attributes:
                yield DescribeAttributeStep(Named(i), attribute)
    else:
        yield from _about_volumes(scope, place, operation)


def _changes(scope: Scope, place: ReachedWorld, i: Instance) -> Iterator[ModifyStep]:
    for attribute in scope.attributes:
        if attribute is Attribute.SHUTDOWN_BEHAVIOR:
            for behavior in ShutdownBehavior:
                yield ModifyStep(Named(i), attribute, behavior)
        elif attribute is Attribute.BLOCK_DEVICE_MAPPINGS:
            for v in place.shown:
                for value in (True, False):
                    yield ModifyStep(Named(i), attribute, value, v)
        else:
            for value in (True, False):
                yield ModifyStep(Named(i), attribute, value)


def _about_volumes(scope: Scope, place: ReachedWorld, operation: Operation) -> Iterator[RequestStep]:
    shown = place.shown
    match operation:
        case Operation.CREATE_VOLUME:
            if _VOLUME not in place.world.volumes and scope.volumes:
                yield from (CreateVolumeStep(_VOLUME, zone) for zone in range(1, scope.zones + 1))
        case Operation.ATTACH:
            for v in shown:
                yield from (AttachStep(v, Named(i), _DEVICE) for i in place.instances if not _is_root(place, v))
        case Operation.DETACH:
            yield from (DetachStep(v) for v in shown if not _is_root(place, v) or _keeps_root(place, v))
        case Operation.DELETE_VOLUME:
            yield from (DeleteVolumeStep(v) for v in shown if not _is_root(place, v) or _keeps_root(place, v))
        case Operation.DESCRIBE_VOLUMES:
            yield from (DescribeVolumesStep((v,)) for v in shown)
        case _:
            raise ValueError(f"{operation.value} has no volumes")


def _keeps_root(place: ReachedWorld, v: Volume) -> bool:
    """Tell whether a root stays where it is, so that its instance can start again."""
    return place.world.attached(v) and place.world.state(place.world.holder(v)) is InstanceState.RUNNING


def _is_root(place: ReachedWorld, v: Volume) -> bool:
    return place.world.root(v)


def _unusual(oddities: Oddities, step: RequestStep) -> Iterator[RequestStep]:
    if Oddities.DRY_RUN in oddities:
        yield replace(step, dry_run=True)
    if Oddities.NOBODY in oddities:
        yield replace(step, caller=Caller.NOBODY)
        yield replace(step, caller=Caller.NOBODY, dry_run=True)
    if isinstance(step, BatchStep):
        yield from _unusual_batches(oddities, step)
    elif isinstance(step, ModifyStep | DescribeAttributeStep | AttachStep) and Oddities.BAD_ID in oddities:
        yield from (replace(step, id=bad) for bad in _BAD_IDS)


def _unusual_batches(oddities: Oddities, step: BatchStep) -> Iterator[BatchStep]:
    if Oddities.FLAGS in oddities:
        for flag in FLAGS[step.operation]:
            yield replace(step, **{flag: True})
    if Oddities.REPEAT in oddities:
        yield replace(step, ids=(*step.ids, step.ids[-1]))
    if Oddities.NO_IDS in oddities and step.operation is not Operation.DESCRIBE:
        yield replace(step, ids=())
    if Oddities.BAD_ID in oddities:
        alone: tuple[IdRef, ...] = ()
        for bad in _BAD_IDS:
            for ids in (alone, step.ids):
                for dry_run in (False, True) if Oddities.DRY_RUN in oddities else (False,):
                    yield replace(step, ids=(*ids, bad), dry_run=dry_run)
