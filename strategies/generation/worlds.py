"""Worlds as a Hypothesis strategy: those that requests and background steps can lead to."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Final

from hypothesis import strategies as st

from ...model.reach.renaming import Renaming
from ...model.reach.scope import STRANGERS
from ...model.requests import LaunchRequest, LaunchVolume, Operation, Request, VolumeRequest
from ...model.specification import EC2, Specification
from ...model.states import InstanceState, RootDevice
from ...model.world import Fate, Instance, InstanceRecord, Volume, World, Zone
from ..scenario.names import letter_name
from .reachable_records import Histories, is_plain, protections, volumes_after

STATES: Final = (
    InstanceState.RUNNING,
    InstanceState.STOPPED,
    InstanceState.PENDING,
    InstanceState.TERMINATED,
    InstanceState.STOPPING,
    InstanceState.SHUTTING_DOWN,
)
"""The states, the one first to which a failing example shrinks."""
_ACTS: Final = 3
"""What becomes of a volume at most: made, released by its instance and deleted, say."""
_ODD: Final = st.sampled_from([False] * 4 + [True])
"""Whether an instance is one that not every operation knows, or that something awaits."""

_PROTECTIONS: Final = st.sampled_from(
    sorted(
        ((t is True, s is True, t is False, s is False) for t, s in product((None, True, False), repeat=2)),
        key=lambda flags: (sum(flags), flags[::-1]),
    )[1:]
)
"""What may have become of the two protections: each is set, or was cleared a moment ago, or neither."""
_SELDOM: Final = st.integers(0, 99)
_SAID: Final = st.sampled_from([None, False, True])


def worlds(
    *,
    instances: tuple[int, int] = (1, 4),
    zones: int = 2,
    volumes: tuple[int, int] = (0, 3),
    states: Collection[InstanceState] = STATES,
    spec: Specification = EC2,
) -> st.SearchStrategy[World]:
    """Return a strategy for worlds that a specification's requests and background steps can lead to.

    `instances` and `volumes` are the least and the greatest number of them, `zones` the number of Availability Zones.
    Instances are called A, B and so on, zones 1, 2 and volumes v1, v2; every instance is in one of `states`.
    Each world also has ids that EC2 never gave out (`World.strangers`), one of each form.
    A failing example shrinks to the fewest instances and volumes: running, unprotected, in zone 1.
    Raises `ValueError` where there is no such world.
    """
    limits = Limits(instances, zones, volumes, tuple(state for state in STATES if state in states))
    limits.check()
    # What instances can come to is found when the strategy is first used: it takes about a second.
    return st.deferred(lambda: _worlds(_histories(_Held(spec)), limits))


@dataclass(frozen=True, slots=True)
class Limits:
    """How much there may be in a world."""

    instances: tuple[int, int]
    zones: int
    volumes: tuple[int, int]
    states: tuple[InstanceState, ...]

    def check(self) -> None:
        """Raise `ValueError` where no world is like that."""
        for what, (least, most) in (("instances", self.instances), ("volumes", self.volumes)):
            if not 0 <= least <= most:
                raise ValueError(f"{what}=({least}, {most}) is no range; write the least number and then the greatest")
        if self.zones < 1:
            raise ValueError(f"zones={self.zones} leaves no room for an instance; write 1 or more")
        if self.instances[1] and not self.states:
            raise ValueError("states is empty, so that no instance can be in any; name one, or leave it out")


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A specification as a key of a cache: itself, because it cannot be hashed by what is in it."""

    spec: Specification

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.spec is self.spec

    def __hash__(self) -> int:
        return id(self.spec)


@lru_cache(maxsize=8)
def _histories(held: _Held) -> Histories:
    return Histories(held.spec)


@st.composite
def _worlds(draw: st.DrawFn, histories: Histories, limits: Limits) -> World:
    names = [Instance(letter_name(n)) for n in range(draw(st.integers(*limits.instances)))]
    zones = [draw(_zones(limits.zones)) for _ in names]
    apart = len(set(zones)) > 1
    records: dict[Instance, InstanceRecord] = {}
    for name, zone in zip(names, zones, strict=True):
        alike = draw(st.sampled_from([None, *records.values()]))
        records[name] = replace(alike or _instance(draw, histories, limits.states, apart=apart), zone=zone)
    world = World(records, {}, STRANGERS)
    origins: dict[Volume, Instance] = {}
    for number in range(1, draw(st.integers(*limits.volumes)) + 1):
        world = _with_volume(draw, histories.spec, world, limits.zones, Volume(f"v{number}"), origins)
    return _simpler(draw, histories, world, limits, origins)


def _simpler(
    draw: st.DrawFn, histories: Histories, world: World, limits: Limits, origins: Mapping[Volume, Instance]
) -> World:
    """Leave out what the least number comes up for: seldom by chance, but so that Hypothesis can leave out anything.

    An instance goes with the volumes that it was launched with or holds.
    One without volumes may also be the plainest that there is, or the plainest in its state.
    """
    for i, record in tuple(world.instances.items()):
        gone = {v for v, volume in world.volumes.items() if i in (origins.get(v), volume.holder)}
        number = draw(_SELDOM)
        if number == 0:
            world = _if_allowed(limits, world, _without(world, {i}, gone))
        if number in (1, 2) and not gone:
            states = limits.states if number == 1 else (record.state,)
            plainest = next(one for state in states for one in _in_state(histories, state, apart=False))
            world = world.with_records({i: replace(plainest, zone=record.zone)})
    for v in tuple(world.volumes):
        if draw(_SELDOM) == 0:
            world = _if_allowed(limits, world, _without(world, set(), {v}))
    instances = {i: Instance(letter_name(number)) for number, i in enumerate(world.instances)}
    volumes = {v: Volume(f"v{number}") for number, v in enumerate(world.volumes, 1)}
    return Renaming(instances, volumes).world(world)


def _without(world: World, instances: AbstractSet[Instance], volumes: AbstractSet[Volume]) -> World:
    return World(
        {i: record for i, record in world.instances.items() if i not in instances},
        {v: record for v, record in world.volumes.items() if v not in volumes},
        world.strangers,
    )


def _if_allowed(limits: Limits, whole: World, less: World) -> World:
    """Return the world with less in it, if that is enough, and nothing awaits an instance without a reason."""
    enough = len(less.instances) >= limits.instances[0] and len(less.volumes) >= limits.volumes[0]
    apart = len({record.zone for record in less.instances.values()}) > 1
    reasons = apart or all(record.fate is Fate.NONE for record in less.instances.values())
    return less if enough and reasons else whole


def _zones(count: int) -> st.SearchStrategy[Zone]:
    return st.sampled_from([Zone(str(number)) for number in range(1, count + 1)])


def _instance(
    draw: st.DrawFn, histories: Histories, states: tuple[InstanceState, ...], *, apart: bool
) -> InstanceRecord:
    """Draw what an instance comes to, half the time with protections that are changed on the way.

    `apart`: there are instances in two zones. A request does something only later (`World.fate`)
    on account of a protected instance in another zone.
    """
    in_state = {state: found for state in states if (found := _in_state(histories, state, apart=apart))}
    if not in_state:
        names = " or ".join(state.value for state in states)
        raise ValueError(f"no instance of this specification ever is {names}; name another state")
    found = in_state[draw(st.sampled_from([*in_state]))]
    plain = [record for record in found if is_plain(record)]
    odd = [record for record in found if not is_plain(record)]
    record = draw(st.sampled_from(odd if odd and (draw(_ODD) or not plain) else plain))
    wanted = draw(_PROTECTIONS) if draw(st.booleans()) else None
    return next((one for one in histories.protected(record) if protections(one) == wanted), record)


def _in_state(histories: Histories, state: InstanceState, *, apart: bool) -> tuple[InstanceRecord, ...]:
    """Return all that an instance in this state may be, the plainest first."""
    found = [one for one in histories.unprotected() if one.state is state and (apart or one.fate is Fate.NONE)]
    return tuple(sorted(found, key=lambda record: not is_plain(record)))


def _with_volume(
    draw: st.DrawFn, spec: Specification, world: World, zones: int, volume: Volume, origins: dict[Volume, Instance]
) -> World:
    """Add a volume, made with one of the instances or by itself, and let up to three things become of it."""
    i = draw(st.sampled_from([*world.instances, None]))
    if i is None:
        request: Request = VolumeRequest(Operation.CREATE_VOLUME, volumes=(volume,), zone=draw(_zones(zones)))
    else:
        has_root = any(origins.get(v) == i and record.root for v, record in world.volumes.items())
        request = _launch(draw, i, world.record(i), volume, has_root=has_root)
        origins[volume] = i
    made = spec.operations[request.operation].created_volume
    if made is None:
        raise ValueError(f"the specification does not say which volumes {request.operation.value} makes")
    world = world.with_records(volumes={volume: made(request, volume)})
    for _ in range(_ACTS):
        became = draw(st.sampled_from([None, *volumes_after(spec, world, volume)]))
        if became is None:
            break
        world = world.with_records(volumes={volume: became})
    return world


def _launch(draw: st.DrawFn, i: Instance, record: InstanceRecord, volume: Volume, *, has_root: bool) -> LaunchRequest:
    """Return the launch with which a volume is made: for the root device, unless the instance has one already."""
    is_root = record.root_device is RootDevice.EBS and not has_root
    made = LaunchVolume(volume, delete_on_termination=draw(_SAID), root=is_root)
    return LaunchRequest(instances=(i,), zone=record.zone, root_device=record.root_device, volumes=((made,),))
