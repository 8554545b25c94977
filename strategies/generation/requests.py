"""Requests as a Hypothesis strategy: for every operation, about the instances and volumes of a world."""

from collections.abc import Collection
from typing import Final

from hypothesis import strategies as st

from ...model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    Caller,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
    VolumeRequest,
)
from ...model.specification import EC2, Specification
from ...model.states import Hibernation, RootDevice, ShutdownBehavior
from ...model.world import Instance, Volume, World, Zone
from ..scenario.steps import FLAGS

_ORDER: Final = (
    Operation.TERMINATE,
    Operation.STOP,
    Operation.START,
    Operation.REBOOT,
    Operation.DESCRIBE,
    Operation.MODIFY,
    Operation.DESCRIBE_ATTRIBUTE,
    Operation.RUN,
    Operation.CREATE_VOLUME,
    Operation.DETACH,
    Operation.ATTACH,
    Operation.DESCRIBE_VOLUMES,
    Operation.DELETE_VOLUME,
)
"""The operations; a failing example shrinks towards the first."""
_FREQUENT: Final = (Operation.TERMINATE, Operation.STOP, Operation.START)
_OFTEN: Final = 3
_OF_VOLUMES: Final = frozenset(
    {Operation.ATTACH, Operation.DETACH, Operation.DELETE_VOLUME, Operation.DESCRIBE_VOLUMES}
)
_MOST_IDS: Final = 5
_CALLERS: Final = st.sampled_from([Caller.OWNER] * 9 + [Caller.NOBODY])
_DRY_RUNS: Final = st.sampled_from([False] * 6 + [True])
_WITH_STRANGERS: Final = st.sampled_from([False] * 4 + [True])
_BEHAVIORS: Final = st.sampled_from(ShutdownBehavior)
_FLAGS: Final = st.booleans()
_OPTIONAL_FLAG: Final = st.sampled_from([None, False, True])


def requests(
    world: World, operations: Collection[Operation] = tuple(Operation), *, spec: Specification = EC2
) -> st.SearchStrategy[Request]:
    """Return a strategy for requests about a world, for one of these operations.

    Most requests name existing instances. One in five may also name ids that EC2 never issued (`World.strangers`);
    up to five ids come in any order, possibly repeated; some are dry runs or come from a caller without permission.
    There are never more than 1000 ids (TERM-9). A launch creates `new1` and so on, CreateVolume `new`.
    A failing example shrinks to the plainest request: by the owner, not a dry run, naming the first instance.
    Raises `ValueError` if the world has nothing that any of the operations could name.
    """
    possible = [one for one in _ORDER if one in operations and one in spec.operations and _is_possible(world, one)]
    if not possible:
        raise ValueError(
            "no request of these operations can be made of this world; give it an instance or a volume to name, "
            "or name another operation"
        )
    frequent = [one for one in possible if one in _FREQUENT]
    return st.sampled_from(possible + frequent * _OFTEN).flatmap(lambda operation: _requests(world, operation))


def _is_possible(world: World, operation: Operation) -> bool:
    if operation in _OF_VOLUMES and not world.volumes:
        return False
    one = (Operation.MODIFY, Operation.DESCRIBE_ATTRIBUTE, Operation.ATTACH)
    return operation not in one or bool(world.instances or world.strangers)


@st.composite
def _requests(draw: st.DrawFn, world: World, operation: Operation) -> Request:
    match operation:
        case Operation.RUN:
            return _launch(draw, world)
        case Operation.MODIFY | Operation.DESCRIBE_ATTRIBUTE:
            return _about_attribute(draw, world, operation)
        case Operation.CREATE_VOLUME:
            return VolumeRequest(operation, *_call(draw), volumes=(Volume("new"),), zone=draw(_zones(world)))
        case Operation.ATTACH:
            ids = (draw(_ids(draw, world)),)
            return VolumeRequest(operation, *_call(draw), ids, (draw(st.sampled_from([*world.volumes])),))
        case Operation.DETACH:
            call, volume = _call(draw), draw(st.sampled_from([*world.volumes]))
            from_one = draw(_FLAGS) and bool(world.instances or world.strangers)
            named = (draw(_ids(draw, world)),) if from_one else ()
            return VolumeRequest(operation, *call, named, (volume,))
        case Operation.DELETE_VOLUME:
            return VolumeRequest(operation, *_call(draw), volumes=(draw(st.sampled_from([*world.volumes])),))
        case Operation.DESCRIBE_VOLUMES:
            volumes = draw(st.lists(st.sampled_from([*world.volumes]), min_size=1, max_size=3))
            return VolumeRequest(operation, *_call(draw), volumes=tuple(volumes))
        case Operation.TERMINATE | Operation.STOP | Operation.START | Operation.REBOOT | Operation.DESCRIBE:
            ids = _ids(draw, world)
            named = tuple(draw(st.lists(ids, max_size=_MOST_IDS))) if world.instances or world.strangers else ()
            force, skip_os_shutdown, hibernate = (
                draw(_FLAGS) if flag in FLAGS[operation] else False
                for flag in ("force", "skip_os_shutdown", "hibernate")
            )
            return BatchRequest(
                operation,
                *_call(draw),
                named,
                force=force,
                skip_os_shutdown=skip_os_shutdown,
                hibernate=hibernate,
            )


def _call(draw: st.DrawFn) -> tuple[Caller, bool]:
    return draw(_CALLERS), draw(_DRY_RUNS)


def _ids(draw: st.DrawFn, world: World) -> st.SearchStrategy[Instance]:
    """Return a strategy for the ids of one request: mostly of existing instances only."""
    with_strangers = draw(_WITH_STRANGERS) or not world.instances
    return st.sampled_from([*world.instances, *(world.strangers if with_strangers else ())] or [Instance("none")])


def _zones(world: World) -> st.SearchStrategy[Zone]:
    there = {record.zone for record in (*world.instances.values(), *world.volumes.values())}
    return st.sampled_from(sorted(there | {Zone("1")}))


def _about_attribute(draw: st.DrawFn, world: World, operation: Operation) -> Request:
    writes = operation is Operation.MODIFY
    attributes = [one for one in Attribute if not writes or world.volumes or one is not Attribute.BLOCK_DEVICE_MAPPINGS]
    ids = (draw(_ids(draw, world)),)
    attribute = draw(st.sampled_from(attributes))
    if not writes:
        return AttributeRequest(operation, *_call(draw), ids, attribute)
    call = _call(draw)
    if attribute is Attribute.SHUTDOWN_BEHAVIOR:
        return AttributeRequest(operation, *call, ids, attribute, shutdown_behavior=draw(_BEHAVIORS))
    maps_devices = attribute is Attribute.BLOCK_DEVICE_MAPPINGS
    volume = draw(st.sampled_from([*world.volumes])) if maps_devices else None
    return AttributeRequest(operation, *call, ids, attribute, draw(_FLAGS), volume=volume)


def _launch(draw: st.DrawFn, world: World) -> LaunchRequest:
    new = tuple(Instance(f"new{number}") for number in range(1, draw(st.integers(1, 3)) + 1))
    root_device = draw(st.sampled_from(RootDevice))
    has_data = draw(_FLAGS)
    return LaunchRequest(
        Operation.RUN,
        *_call(draw),
        new,
        draw(_zones(world)),
        root_device,
        draw(_FLAGS),
        draw(_FLAGS),
        draw(_BEHAVIORS),
        draw(st.sampled_from(Hibernation)),
        tuple(
            (
                *(
                    [LaunchVolume(Volume(f"{i}.root"), "", draw(_OPTIONAL_FLAG), root=True)]
                    * (root_device is RootDevice.EBS)
                ),
                *([LaunchVolume(Volume(f"{i}-data"), "/dev/sdf", draw(_OPTIONAL_FLAG))] * has_data),
            )
            for i in new
        ),
    )
