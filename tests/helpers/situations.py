"""Small worlds with twins, the requests that can meet them, and choices: all that a request is judged by."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar
from zlib import crc32

from hypothesis import strategies as st

from ec2_lifecycle.model.choices import Choice, Choices
from ec2_lifecycle.model.requests import (
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
from ec2_lifecycle.model.states import InstanceState, RootDevice, ShutdownBehavior, Visibility, VolumeState
from ec2_lifecycle.model.world import IdForm, Instance, InstanceRecord, Volume, VolumeRecord, World, Zone

A = TypeVar("A", bound=Enum)

INSTANCES: Final = tuple(Instance(name) for name in "ABCD")
STRANGERS: Final = tuple(Instance(name) for name in "XY")
VOLUMES: Final = tuple(Volume(name) for name in "uvw")
ZONES: Final = tuple(Zone(name) for name in "12")

_BATCHES: Final = (Operation.TERMINATE, Operation.STOP, Operation.START) * 3


@dataclass(frozen=True)
class Scattered(Choices):
    """Every choice, and each instance's own, settled by chance; asked again, it answers the same."""

    seed: int

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the alternative that holds."""
        return choice.alternatives[crc32(f"{self.seed} {choice.id} {instance}".encode()) % len(choice.alternatives)]


@dataclass(frozen=True)
class Situation:
    """A request, the world that it meets, and how every open point is settled."""

    world: World
    request: Request
    choices: Choices


_RECORDS: Final = st.builds(
    InstanceRecord,
    zone=st.sampled_from(ZONES),
    state=st.sampled_from([*InstanceState, InstanceState.RUNNING, InstanceState.RUNNING, InstanceState.STOPPED]),
    root_device=st.sampled_from([RootDevice.EBS, RootDevice.EBS, RootDevice.INSTANCE_STORE]),
    has_run=...,
    disable_api_termination=...,
    disable_api_stop=...,
    termination_settling=...,
    stop_settling=...,
    shutdown_behavior=...,
    cause=...,
    visibility=st.sampled_from([Visibility.VISIBLE] * 6 + [Visibility.SETTLING, Visibility.FORGOTTEN]),
    fate=...,
)
_FORMS: Final = st.sampled_from([form for form in IdForm if form is not IdForm.ISSUED])


def _volume_records(holders: Iterable[Instance]) -> st.SearchStrategy[VolumeRecord]:
    return st.builds(
        VolumeRecord,
        zone=st.sampled_from(ZONES),
        state=st.sampled_from([*VolumeState, VolumeState.AVAILABLE, VolumeState.AVAILABLE]),
        holder=st.sampled_from([None, *holders]),
        delete_on_termination=...,
        detaching=...,
        root=...,
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world of one to four instances with at most two different records, so that many are twins."""
    records = draw(st.lists(_RECORDS, min_size=1, max_size=2))
    count = draw(st.integers(1, len(INSTANCES)))
    instances = {i: draw(st.sampled_from(records)) for i in INSTANCES[:count]}
    volume = _volume_records(instances)
    return World(instances, {v: draw(volume) for v in VOLUMES}, {i: draw(_FORMS) for i in STRANGERS})


@st.composite
def requests(draw: st.DrawFn, world: World, operations: Collection[Operation] = ()) -> Request:
    """Draw a request about a world, of one of these operations or of any; as a rule, what it names is there."""
    operation = draw(st.sampled_from([*operations] or [*Operation, *_BATCHES]))
    caller = draw(st.sampled_from([Caller.OWNER] * 9 + [Caller.NOBODY]))
    dry_run = draw(st.sampled_from([False] * 6 + [True]))
    known = st.sampled_from([*world.instances])
    ids = st.one_of(known, st.sampled_from(STRANGERS)) if draw(st.integers(0, 4)) == 0 else known
    volume = st.sampled_from(VOLUMES)
    match operation:
        case Operation.RUN:
            return _launch(draw, caller, dry_run=dry_run)
        case Operation.MODIFY | Operation.DESCRIBE_ATTRIBUTE:
            attribute = draw(st.sampled_from(Attribute))
            maps_devices = attribute is Attribute.BLOCK_DEVICE_MAPPINGS and operation is Operation.MODIFY
            return AttributeRequest(
                operation,
                caller,
                dry_run,
                (draw(ids),),
                attribute,
                draw(st.booleans()),
                draw(st.sampled_from(ShutdownBehavior)),
                draw(volume) if maps_devices else None,
            )
        case (
            Operation.ATTACH
            | Operation.DETACH
            | Operation.DELETE_VOLUME
            | Operation.DESCRIBE_VOLUMES
            | Operation.CREATE_VOLUME
        ):
            made = operation is Operation.CREATE_VOLUME
            one = operation is not Operation.DESCRIBE_VOLUMES
            return VolumeRequest(
                operation,
                caller,
                dry_run,
                (draw(ids),) if operation is Operation.ATTACH else (),
                (Volume("new"),) if made else tuple(draw(st.lists(volume, min_size=one, max_size=1 if one else 3))),
                draw(st.sampled_from(ZONES)),
            )
        case _:
            named = tuple(draw(st.lists(ids, max_size=5)))
            force, hibernate = draw(st.booleans()), draw(st.booleans())
            return BatchRequest(operation, caller, dry_run, named, force=force, hibernate=hibernate)


def _launch(draw: st.DrawFn, caller: Caller, *, dry_run: bool) -> LaunchRequest:
    new = tuple(Instance(f"new{n}") for n in range(draw(st.integers(1, 3))))
    flag = st.sampled_from([None, False, True])
    return LaunchRequest(
        Operation.RUN,
        caller,
        dry_run,
        new,
        zone=draw(st.sampled_from(ZONES)),
        root_device=draw(st.sampled_from(RootDevice)),
        disable_api_termination=draw(st.booleans()),
        disable_api_stop=draw(st.booleans()),
        volumes=tuple(
            (
                LaunchVolume(Volume(f"{i}.root"), delete_on_termination=draw(flag), root=True),
                LaunchVolume(Volume(f"{i}.data"), delete_on_termination=draw(flag)),
            )
            for i in new
        ),
    )


@st.composite
def situations(draw: st.DrawFn, operations: Collection[Operation] = ()) -> Situation:
    """Draw a situation, of one of these operations or of any."""
    world = draw(worlds())
    return Situation(world, draw(requests(world, operations)), Scattered(draw(st.integers(0, 10_000))))
