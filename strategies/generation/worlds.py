"""Worlds as a Hypothesis strategy: those that requests and background steps can reach."""

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
from .reachable_records import ReachableRecords, is_plain, protections, volumes_after

STATES: Final = (
    InstanceState.RUNNING,
    InstanceState.STOPPED,
    InstanceState.PENDING,
    InstanceState.TERMINATED,
    InstanceState.STOPPING,
    InstanceState.SHUTTING_DOWN,
)
"""The states; a failing example shrinks towards the first."""
_ACTS: Final = 3
"""The most acts on a volume: for example created, released by its instance, deleted."""
_ODD: Final = st.sampled_from([False] * 4 + [True])
"""Whether not every operation knows an instance, or an effect on it is pending."""

_PROTECTIONS: Final = st.sampled_from(
    sorted(
        ((t is True, s is True, t is False, s is False) for t, s in product((None, True, False), repeat=2)),
        key=lambda flags: (sum(flags), flags[::-1]),
    )[1:]
)
"""The protections of an instance: each is set, just cleared, or neither."""
_SELDOM: Final = st.integers(0, 99)
_OPTIONAL_FLAG: Final = st.sampled_from([None, False, True])


def worlds(
    *,
    instances: tuple[int, int] = (1, 4),
    zones: int = 2,
    volumes: tuple[int, int] = (0, 3),
    states: Collection[InstanceState] = STATES,
    spec: Specification = EC2,
) -> st.SearchStrategy[World]:
    """Return a strategy for worlds that requests and background steps of a specification can reach.

    `instances` and `volumes` are the least and greatest number of each, `zones` the number of Availability Zones.
    Instances are called A, B and so on, zones 1, 2, and volumes v1, v2; every instance is in one of `states`.
    Each world also has ids that EC2 never issued (`World.strangers`), one of each form.
    A failing example shrinks to the fewest instances and volumes: running, unprotected, in zone 1.
    Raises `ValueError` if there is no such world.
    """
    limits = Limits(instances, zones, volumes, tuple(state for state in STATES if state in states))
    limits.check()
    # The reachable records are computed when the strategy is first used, in about a second.
    return st.deferred(lambda: _worlds(_reachable_records(_SpecificationKey(spec)), limits))


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a world."""

    instances: tuple[int, int]
    zones: int
    volumes: tuple[int, int]
    states: tuple[InstanceState, ...]

    def check(self) -> None:
        """Raise `ValueError` if no world is within the limits."""
        for what, (least, most) in (("instances", self.instances), ("volumes", self.volumes)):
            if not 0 <= least <= most:
                raise ValueError(f"{what}=({least}, {most}) is not a range; write the least and then the greatest")
        if self.zones < 1:
            raise ValueError(f"zones={self.zones} leaves no room for an instance; write 1 or more")
        if self.instances[1] and not self.states:
            raise ValueError("states is empty, so no instance can be in any; name one, or leave it out")


@dataclass(frozen=True, slots=True, eq=False)
class _SpecificationKey:
    """A specification as a cache key, by identity, because its content cannot be hashed."""

    spec: Specification

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SpecificationKey) and other.spec is self.spec

    def __hash__(self) -> int:
        return id(self.spec)


@lru_cache(maxsize=8)
def _reachable_records(key: _SpecificationKey) -> ReachableRecords:
    return ReachableRecords(key.spec)


@st.composite
def _worlds(draw: st.DrawFn, reachable: ReachableRecords, limits: Limits) -> World:
    names = [Instance(letter_name(n)) for n in range(draw(st.integers(*limits.instances)))]
    zones = [draw(_zones(limits.zones)) for _ in names]
    two_zones = len(set(zones)) > 1
    records: dict[Instance, InstanceRecord] = {}
    for name, zone in zip(names, zones, strict=True):
        alike = draw(st.sampled_from([None, *records.values()]))
        records[name] = replace(alike or _instance(draw, reachable, limits.states, two_zones=two_zones), zone=zone)
    world = World(records, {}, STRANGERS)
    origins: dict[Volume, Instance] = {}
    for number in range(1, draw(st.integers(*limits.volumes)) + 1):
        world = _with_volume(draw, reachable.spec, world, limits.zones, Volume(f"v{number}"), origins)
    return _shrink(draw, reachable, world, limits, origins)


def _shrink(
    draw: st.DrawFn, reachable: ReachableRecords, world: World, limits: Limits, origins: Mapping[Volume, Instance]
) -> World:
    """Drop each part whose draw is the least number: rare by chance, but Hypothesis can drop any part in this way.

    An instance is dropped with the volumes that it was launched with or holds.
    One without volumes may also become the plainest instance, or the plainest in its state.
    """
    for i, record in tuple(world.instances.items()):
        gone = {v for v, volume in world.volumes.items() if i in (origins.get(v), volume.holder)}
        number = draw(_SELDOM)
        if number == 0:
            world = _if_allowed(limits, world, _without(world, {i}, gone))
        if number in (1, 2) and not gone:
            states = limits.states if number == 1 else (record.state,)
            plainest = next(one for state in states for one in _in_state(reachable, state, two_zones=False))
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
    """Return the smaller world if it is within the limits, and every pending effect still has its reason."""
    enough = len(less.instances) >= limits.instances[0] and len(less.volumes) >= limits.volumes[0]
    two_zones = len({record.zone for record in less.instances.values()}) > 1
    reasons = two_zones or all(record.fate is Fate.NONE for record in less.instances.values())
    return less if enough and reasons else whole


def _zones(count: int) -> st.SearchStrategy[Zone]:
    return st.sampled_from([Zone(str(number)) for number in range(1, count + 1)])


def _instance(
    draw: st.DrawFn, reachable: ReachableRecords, states: tuple[InstanceState, ...], *, two_zones: bool
) -> InstanceRecord:
    """Draw the record of an instance, half of the time with protections changed on the way.

    `two_zones`: there are instances in two zones. A request has a delayed effect (`World.fate`)
    only because of a protected instance in another zone.
    """
    in_state = {state: found for state in states if (found := _in_state(reachable, state, two_zones=two_zones))}
    if not in_state:
        names = " or ".join(state.value for state in states)
        raise ValueError(f"no instance of this specification ever is {names}; name another state")
    found = in_state[draw(st.sampled_from([*in_state]))]
    plain = [record for record in found if is_plain(record)]
    odd = [record for record in found if not is_plain(record)]
    record = draw(st.sampled_from(odd if odd and (draw(_ODD) or not plain) else plain))
    wanted = draw(_PROTECTIONS) if draw(st.booleans()) else None
    return next((one for one in reachable.protected(record) if protections(one) == wanted), record)


def _in_state(reachable: ReachableRecords, state: InstanceState, *, two_zones: bool) -> tuple[InstanceRecord, ...]:
    """Return every record in this state, the plainest first."""
    found = [one for one in reachable.unprotected() if one.state is state and (two_zones or one.fate is Fate.NONE)]
    return tuple(sorted(found, key=lambda record: not is_plain(record)))


def _with_volume(
    draw: st.DrawFn, spec: Specification, world: World, zones: int, volume: Volume, origins: dict[Volume, Instance]
) -> World:
    """Add a volume, created with an instance or alone, and apply up to three acts to it."""
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
    """Return the launch that creates a volume: as root device, unless the instance already has one."""
    is_root = record.root_device is RootDevice.EBS and not has_root
    made = LaunchVolume(volume, delete_on_termination=draw(_OPTIONAL_FLAG), root=is_root)
    return LaunchRequest(instances=(i,), zone=record.zone, root_device=record.root_device, volumes=((made,),))
