"""What may have been before a recording begins: everything, as far as nobody says otherwise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import Final

from ec2_lifecycle.conformance.adapter.observation import Instances, Refused, Volumes
from ec2_lifecycle.conformance.oracle.belief import Records, VolumeRecords
from ec2_lifecycle.conformance.oracle.excuses import Sent
from ec2_lifecycle.model.choices import HARDEST, PREFERRED
from ec2_lifecycle.model.requests import Attribute, BatchRequest, ErrorCode, LaunchRequest, Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import RootDevice, ShutdownBehavior, VolumeState
from ec2_lifecycle.model.step import execute, permitted_refusals
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, VolumeRecord, World, Zone

from .exchanges import ANYWHERE, Exchange, InstanceClaim, Unjudged, VolumeClaim
from .seen import Seen

ANOTHER: Final = Instance("(another instance)")


@cache
def reachable() -> Records:
    """Return every record that the specification lets an instance have."""
    i = Instance("i")
    requests = [
        BatchRequest(Operation.START, instances=(i,)),
        BatchRequest(Operation.STOP, instances=(i,)),
        BatchRequest(Operation.STOP, instances=(i,), hibernate=True),
        BatchRequest(Operation.TERMINATE, instances=(i,)),
    ]
    todo = [
        InstanceRecord(
            ANYWHERE, root_device=root, disable_api_termination=kept, disable_api_stop=on, shutdown_behavior=then
        )
        for root in RootDevice
        for kept in (False, True)
        for on in (False, root is RootDevice.EBS)
        for then in ShutdownBehavior
    ]
    found = set(todo)
    while todo:
        world = World({i: todo.pop()})
        later = [step.after(world, i) for step in EC2.steps if step.enabled(world, i)]
        for request in requests:
            for choices in (PREFERRED, HARDEST):
                if not permitted_refusals(EC2, world, request, choices):
                    later += execute(EC2, world, request, choices, None).instances.values()
        todo += {record for record in later if record not in found}
        found.update(later)
    return frozenset(found)


_FLAGS: Final = ((True, False), (False, True), (False, False))
"""A protection: whether it is on, and whether it was cleared a moment ago."""


def loosened(record: InstanceRecord, attributes: frozenset[Attribute]) -> Iterator[InstanceRecord]:
    """Yield a record with every value that these attributes may have."""
    kept = ((record.disable_api_termination, record.termination_settling),)
    stop_kept = ((record.disable_api_stop, record.stop_settling),)
    stoppable = record.root_device is RootDevice.EBS
    for (on, settling), (stop_on, stop_settling), behavior in product(
        _FLAGS if Attribute.DISABLE_API_TERMINATION in attributes else kept,
        _FLAGS if Attribute.DISABLE_API_STOP in attributes and stoppable else stop_kept,
        ShutdownBehavior if Attribute.SHUTDOWN_BEHAVIOR in attributes else (record.shutdown_behavior,),
    ):
        yield replace(
            record,
            disable_api_termination=on,
            termination_settling=settling,
            disable_api_stop=stop_on,
            stop_settling=stop_settling,
            shutdown_behavior=behavior,
        )


@dataclass(slots=True)
class Cast:
    """Who takes part: instances with their zones, volumes with their holders, and ids that were never given out."""

    instances: dict[Instance, Zone] = field(default_factory=dict[Instance, Zone])
    volumes: dict[Volume, set[Instance]] = field(default_factory=dict[Volume, "set[Instance]"])
    shown: dict[Volume, tuple[Instance, Zone]] = field(default_factory=dict[Volume, tuple[Instance, Zone]])
    """The volumes that a description of their instance shows before anything else names them."""
    zones: set[Zone] = field(default_factory=lambda: {ANYWHERE})
    strangers: set[Instance] = field(default_factory=set[Instance])
    made: set[str] = field(default_factory=set[str])

    def take_in(self, each: Seen) -> None:
        """Note whom something is about; a launch makes its instances itself, and CreateVolume its volume."""
        match each.asked:
            case InstanceClaim(instance):
                self._add((instance,), ())
            case VolumeClaim(volume):
                self._add((), (volume,))
            case Exchange(request=request, how=how):
                if isinstance(each.observation, Refused) and each.observation.code == ErrorCode.MALFORMED.value:
                    self.strangers.update(request.instances)
                elif isinstance(request, LaunchRequest) or request.operation is Operation.CREATE_VOLUME:
                    self.made.update((*request.instances, *request.volume_ids))
                else:
                    self._add((*request.instances, *_named(how)), request.volume_ids)
                for item in each.observation.items if isinstance(each.observation, Instances) else ():
                    self._place(item.instance, Zone(item.zone))
                    for device in item.devices:
                        if device.volume not in self.volumes and item.instance in self.instances:
                            self.shown[device.volume] = item.instance, Zone(item.zone)
                        self._add((item.instance,), (device.volume,))
                for item in each.observation.items if isinstance(each.observation, Volumes) else ():
                    self.zones.add(Zone(item.zone))
                    self._add(() if item.holder is None else (item.holder,), (item.volume,))
            case Unjudged(names):
                self._add(
                    [Instance(name) for name in names if name.startswith("i-")],
                    [Volume(name) for name in names if name.startswith("vol-")],
                )

    def _add(self, instances: Iterable[Instance], volumes: Iterable[Volume]) -> None:
        new = [i for i in instances if i not in self.strangers]
        for i in new:
            if i not in self.made:
                self.instances.setdefault(i, ANYWHERE)
        for v in volumes:
            if v not in self.made:
                self.volumes.setdefault(v, set()).update(new)

    def _place(self, i: Instance, zone: Zone) -> None:
        self.zones.add(zone)
        if i in self.instances:
            self.instances[i] = zone

    def belief(self, records: Records) -> dict[Instance, Records]:
        """Return what the instances may be, by what any of them may be: in any zone, where none is shown."""
        if self.volumes.keys() - self.shown:
            self.instances.setdefault(ANOTHER, ANYWHERE)
        anywhere = frozenset(replace(r, zone=zone) for r in records for zone in sorted(self.zones))
        return {
            i: frozenset(replace(r, zone=zone) for r in records) if zone else anywhere
            for i, zone in self.instances.items()
        }

    def belief_of_volumes(self) -> dict[Volume, VolumeRecords]:
        """Return what the volumes may be: attached to what is named with them, to another instance, or to nothing."""
        free = frozenset(
            VolumeRecord(zone, state) for zone in self.zones for state in VolumeState if state is not VolumeState.IN_USE
        )
        belief = {v: free | _in_use(self.zones, {*holders, ANOTHER}) for v, holders in self.volumes.items()}
        return {**belief, **{v: _in_use((zone,), (holder,)) for v, (holder, zone) in self.shown.items()}}


def _named(how: Sent) -> tuple[Instance, ...]:
    return () if how.holder is None else (how.holder,)


def _in_use(zones: Iterable[Zone], holders: Iterable[Instance]) -> VolumeRecords:
    flags = product((False, True), repeat=3)
    return frozenset(
        VolumeRecord(zone, VolumeState.IN_USE, holder, *three) for zone, holder, three in product(zones, holders, flags)
    )
