"""Treats worlds that differ only in names as one world.

A volume belongs to an instance and a zone, and an instance to a zone, in one direction only (see `world`).
So sorting each instance with its volumes by attributes gives the same order for all names,
and equal entries are interchangeable. There are few zones: each order of them is tried, and the least result is taken.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from itertools import permutations
from typing import Final

from ..world import Instance, InstanceRecord, Volume, VolumeRecord, World, Zone
from .renaming import Renaming

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


class Unnamed:
    """A world as it is compared: the attributes of everything in it as numbers, what hangs on what, and its zones."""

    def __init__(self, world: World, zones: tuple[Zone, ...]) -> None:
        self.zones = zones
        self.instances = [(i, record.zone, _attributes(record)) for i, record in world.instances.items()]
        self.volumes = [(v, record.holder, record.zone, _attributes(record)) for v, record in world.volumes.items()]

    def key(self, marks: Marks = NOTHING) -> Key:
        """Return what is equal for two worlds just when one is the other with other names, marks included."""
        return self.least(marks).key

    def least(self, marks: Marks = NOTHING) -> "_Ordered":
        """Return the world in that order of its zones that gives the least key."""
        if len(self.zones) == 1:
            return self._ordered(self.zones, marks)
        return min((self._ordered(zones, marks) for zones in permutations(self.zones)), key=lambda one: one.key)

    def _ordered(self, zones: tuple[Zone, ...], marks: Marks) -> "_Ordered":
        rank = {zone: n for n, zone in enumerate(zones)}
        held: dict[Instance | None, list[tuple[Key, Volume]]] = {}
        for v, holder, zone, attributes in self.volumes:
            held.setdefault(holder, []).append(((rank[zone], attributes, v in marks.volumes), v))
        for group in held.values():
            group.sort()
        order = sorted(
            ((rank[zone], attributes, i in marks.instances, tuple(key for key, _ in held.get(i, ()))), i)
            for i, zone, attributes in self.instances
        )
        free = held.get(None, [])
        return _Ordered(
            (
                tuple(key for key, _ in order),
                tuple(key for key, _ in free),
                -1 if marks.zone is None else rank[marks.zone],
            ),
            tuple(i for _, i in order),
            (*(v for _, i in order for _, v in held.get(i, ())), *(v for _, v in free)),
            zones,
        )


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A world in one order of its zones: its instances and volumes in the order of their keys."""

    key: Key
    instances: tuple[Instance, ...]
    volumes: tuple[Volume, ...]
    zones: tuple[Zone, ...]


def canonical(world: World, zones: tuple[Zone, ...]) -> tuple[Key, Renaming]:
    """Return the key of a world, and the renaming to the representative of all worlds with this key."""
    least = Unnamed(world, zones).least()
    return least.key, Renaming(
        {i: Instance(f"i{n}") for n, i in enumerate(least.instances, 1)},
        {v: Volume(f"v{n}") for n, v in enumerate(least.volumes, 1)},
        dict(zip(least.zones, zones, strict=True)),
    )
