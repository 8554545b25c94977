"""Renames the instances, zones and volumes of a world, a request or a background step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..requests import AttributeRequest, LaunchRequest, Request, VolumeRequest
from ..world import Instance, InstanceRecord, Volume, VolumeRecord, World, Zone
from .acts import Act, InstanceEvent, VolumeEvent
from .branching import Picked


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
