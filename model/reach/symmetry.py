"""Worlds up to renaming: identities mean nothing, so worlds that differ in names only are one.

Volumes hang on instances and both on zones, in one direction only (see `world`):
sorting each instance with its volumes by their attributes gives the same order whatever the names,
and what ties is interchangeable. Zones are few: each order of them is tried, and the least result stands.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from functools import cache
from itertools import permutations
from typing import Final

from ..requests import AttributeRequest, LaunchRequest, Request, VolumeRequest
from ..world import Instance, InstanceRecord, Volume, VolumeRecord, World, Zone
from .acts import Act, InstanceEvent, VolumeEvent
from .branching import Picked

Key = tuple[object, ...]
"""What is compared and sorted: the attributes of a thing, without any name."""

_NAMES: Final = frozenset({"zone", "holder"})


@cache
def _attributes(record: InstanceRecord | VolumeRecord) -> tuple[int, ...]:
    """Return the attributes of a record as numbers that can be sorted: enums by their order of definition."""
    values = (getattr(record, f.name) for f in fields(record) if f.name not in _NAMES)
    return tuple(_order(type(value))[value] if isinstance(value, Enum) else int(value) for value in values)


@cache
def _order(enum: type[Enum]) -> dict[Enum, int]:
    return {member: n for n, member in enumerate(enum)}


@dataclass(frozen=True, slots=True)
class Marks:
    """What a request names in a world: two requests that mark a world alike are one up to renaming."""

    instances: Collection[Instance] = ()
    volumes: Collection[Volume] = ()
    zone: Zone | None = None


NOTHING: Final = Marks()


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A world in one order of its zones: its instances and volumes in the order of their keys."""

    key: Key
    instances: tuple[Instance, ...]
    volumes: tuple[Volume, ...]
    zones: tuple[Zone, ...]


def _ordered(world: World, zones: tuple[Zone, ...], marks: Marks) -> _Ordered:
    rank = {zone: n for n, zone in enumerate(zones)}
    held: dict[Instance | None, list[tuple[Key, Volume]]] = {}
    for v, record in world.volumes.items():
        held.setdefault(record.holder, []).append(
            ((rank[record.zone], _attributes(record), v in marks.volumes), v),
        )
    for group in held.values():
        group.sort()
    order = sorted(
        (
            (
                (rank[record.zone], _attributes(record), i in marks.instances),
                tuple(key for key, _ in held.get(i, ())),
                i,
            )
            for i, record in world.instances.items()
        ),
    )
    free = held.get(None, [])
    key = (
        tuple((key, volumes) for key, volumes, _ in order),
        tuple(key for key, _ in free),
        -1 if marks.zone is None else rank[marks.zone],
    )
    volumes = (*(v for *_, i in order for _, v in held.get(i, ())), *(v for _, v in free))
    return _Ordered(key, tuple(i for *_, i in order), volumes, zones)


def _least(world: World, zones: tuple[Zone, ...], marks: Marks) -> _Ordered:
    if len(zones) == 1:
        return _ordered(world, zones, marks)
    return min((_ordered(world, order, marks) for order in permutations(zones)), key=lambda one: one.key)


def key_of(world: World, zones: tuple[Zone, ...], marks: Marks = NOTHING) -> Key:
    """Return what is equal for two worlds just when one is the other with other names (marks included)."""
    return _least(world, zones, marks).key


@dataclass(frozen=True, slots=True)
class Renaming:
    """New names for instances, volumes and zones; what has none here keeps its own."""

    instances: Mapping[Instance, Instance] = field(default_factory=dict[Instance, Instance])
    volumes: Mapping[Volume, Volume] = field(default_factory=dict[Volume, Volume])
    zones: Mapping[Zone, Zone] = field(default_factory=dict[Zone, Zone])

    def instance(self, i: Instance) -> Instance:
        """Return the new name of an instance."""
        return self.instances.get(i, i)

    def volume(self, v: Volume) -> Volume:
        """Return the new name of a volume."""
        return self.volumes.get(v, v)

    def zone(self, zone: Zone) -> Zone:
        """Return the new name of a zone."""
        return self.zones.get(zone, zone)

    def then(self, other: "Renaming") -> "Renaming":
        """Return what this renaming and then another one do."""
        return Renaming(
            {old: other.instance(new) for old, new in self.instances.items()},
            {old: other.volume(new) for old, new in self.volumes.items()},
            {old: other.zone(new) for old, new in self.zones.items()},
        )

    def joined(self, other: "Renaming") -> "Renaming":
        """Return what this renaming does, and for names that it does not know what another one does."""
        return Renaming(
            {**other.instances, **self.instances},
            {**other.volumes, **self.volumes},
            {**other.zones, **self.zones},
        )

    def inverse(self) -> "Renaming":
        """Return the renaming back."""
        return Renaming(
            {new: old for old, new in self.instances.items()},
            {new: old for old, new in self.volumes.items()},
            {new: old for old, new in self.zones.items()},
        )

    def world(self, world: World) -> World:
        """Return the same world with other names, its members in the order in which they have new names."""
        return World(dict(self._instances(world)), dict(self._volumes(world)), world.strangers)

    def _instances(self, world: World) -> Iterator[tuple[Instance, InstanceRecord]]:
        known = [i for i in self.instances if i in world.instances]
        for i in (*known, *(i for i in world.instances if i not in self.instances)):
            record = world.record(i)
            zone = self.zone(record.zone)
            yield self.instance(i), record if zone == record.zone else replace(record, zone=zone)

    def _volumes(self, world: World) -> Iterator[tuple[Volume, VolumeRecord]]:
        known = [v for v in self.volumes if v in world.volumes]
        for v in (*known, *(v for v in world.volumes if v not in self.volumes)):
            record = world.volume_record(v)
            holder = None if record.holder is None else self.instance(record.holder)
            yield self.volume(v), replace(record, zone=self.zone(record.zone), holder=holder)

    def request(self, request: Request) -> Request:
        """Return the same request with other names."""
        instances = tuple(map(self.instance, request.instances))
        if isinstance(request, LaunchRequest):
            groups = tuple(
                tuple(replace(one, volume=self.volume(one.volume)) for one in group) for group in request.volumes
            )
            return replace(request, instances=instances, zone=self.zone(request.zone), volumes=groups)
        if isinstance(request, VolumeRequest):
            volumes = tuple(map(self.volume, request.volumes))
            return replace(request, instances=instances, volumes=volumes, zone=self.zone(request.zone))
        if isinstance(request, AttributeRequest) and request.volume is not None:
            return replace(request, instances=instances, volume=self.volume(request.volume))
        return replace(request, instances=instances)

    def act(self, act: Act) -> Act:
        """Return the same request or step with other names."""
        if isinstance(act, InstanceEvent):
            return replace(act, instance=self.instance(act.instance))
        if isinstance(act, VolumeEvent):
            return replace(act, volume=self.volume(act.volume))
        return self.request(act)

    def choices(self, choices: Picked) -> Picked:
        """Return the same choices, for instances with other names."""
        return Picked(
            {(id_, None if i is None else self.instance(i)): picked for (id_, i), picked in choices.picks.items()}
        )


def canonical(world: World, zones: tuple[Zone, ...]) -> tuple[Key, Renaming]:
    """Return the key of a world, and the renaming that leads to the one world that stands for all with that key."""
    least = _least(world, zones, NOTHING)
    return least.key, Renaming(
        {i: Instance(f"i{n}") for n, i in enumerate(least.instances, 1)},
        {v: Volume(f"v{n}") for n, v in enumerate(least.volumes, 1)},
        dict(zip(least.zones, zones, strict=True)),
    )
