"""The world: every instance and volume with its attributes.

An identity, such as `Instance`, has no attributes: a rule asks the world for them.
Two instances with equal attributes are still two instances.
A volume may refer to an instance, and both to a zone. There are no references in the other direction.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NewType, Self

from .states import Cause, Hibernation, InstanceState, RootDevice, ShutdownBehavior, Visibility, VolumeState

Instance = NewType("Instance", str)
"""The identity of an instance, or an id that EC2 never gave out."""
Zone = NewType("Zone", str)
"""The identity of an Availability Zone."""
Volume = NewType("Volume", str)
"""The identity of an EBS volume."""


class IdForm(Enum):
    """What the id alone shows, before EC2 looks for the instance."""

    ISSUED = "issued"
    """EC2 gave it out."""
    UNKNOWN = "unknown"
    """Well-formed, eight hex digits, never given out (fact E-01)."""
    UNCERTAIN = "uncertain"
    """Looks well-formed but EC2 can tell it never gave it out: NotFound or Malformed (facts E-05, E-06)."""
    MALFORMED = "malformed"
    """No instance id at all (fact E-04)."""


class Fate(Enum):
    """What a request that failed because of a protection in another zone will still do to an instance (fact B-03)."""

    NONE = "nothing"
    TERMINATE = "terminate"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """The attributes of one instance, in one possible world."""

    zone: Zone
    state: InstanceState = InstanceState.PENDING
    root_device: RootDevice = RootDevice.EBS
    has_run: bool = False
    """Whether it has ever been running (fact S-15)."""
    disable_api_termination: bool = False
    disable_api_stop: bool = False
    termination_settling: bool = False
    """Termination protection was cleared a moment ago and may still be enforced (fact P-06)."""
    stop_settling: bool = False
    """Stop protection was cleared a moment ago and may still be enforced (fact P-06)."""
    shutdown_behavior: ShutdownBehavior = ShutdownBehavior.STOP
    hibernation: Hibernation = Hibernation.UNKNOWN
    cause: Cause = Cause.LAUNCH
    visibility: Visibility = Visibility.SETTLING
    fate: Fate = Fate.NONE


@dataclass(frozen=True, slots=True)
class VolumeRecord:
    """The attributes of one EBS volume, in one possible world; `holder` is None while it is attached to nothing."""

    zone: Zone
    state: VolumeState = VolumeState.CREATING
    holder: Instance | None = None
    delete_on_termination: bool = False
    detaching: bool = False
    root: bool = False


_NOWHERE = Instance("")


@dataclass(frozen=True)
class World:
    """Everything that exists at one moment. A world never changes: a step makes a new one.

    `strangers` has the form of ids that EC2 never gave out.
    """

    instances: Mapping[Instance, InstanceRecord] = field(default_factory=dict[Instance, InstanceRecord])
    volumes: Mapping[Volume, VolumeRecord] = field(default_factory=dict[Volume, VolumeRecord])
    strangers: Mapping[Instance, IdForm] = field(default_factory=dict[Instance, IdForm])
    memo: dict[Hashable, tuple[object, ...]] = field(
        default_factory=dict[Hashable, "tuple[object, ...]"], compare=False
    )
    """A cache of the results of `once_per_request` rules in this world; no part of the world itself."""

    def with_records(
        self,
        instances: Mapping[Instance, InstanceRecord] | None = None,
        volumes: Mapping[Volume, VolumeRecord] | None = None,
    ) -> Self:
        """Return the world with these records added, or put in the place of those with the same identity."""
        return type(self)({**self.instances, **(instances or {})}, {**self.volumes, **(volumes or {})}, self.strangers)

    def held_by(self, instance: Instance) -> Iterator[Volume]:
        """Yield the volumes that are attached to an instance."""
        return (volume for volume, record in self.volumes.items() if record.holder == instance)

    def record(self, i: Instance) -> InstanceRecord:
        return self.instances[i]

    def volume_record(self, v: Volume) -> VolumeRecord:
        return self.volumes[v]

    # The attributes of an instance, for rules. An id that EC2 never gave out has a form and no other attribute.

    def id_form(self, i: Instance) -> IdForm:
        return IdForm.ISSUED if i in self.instances else self.strangers.get(i, IdForm.UNKNOWN)

    def state(self, i: Instance) -> InstanceState:
        return self.instances[i].state

    def zone(self, i: Instance) -> Zone:
        return self.instances[i].zone

    def root_device(self, i: Instance) -> RootDevice:
        return self.instances[i].root_device

    def has_run(self, i: Instance) -> bool:
        return self.instances[i].has_run

    def disable_api_termination(self, i: Instance) -> bool:
        return self.instances[i].disable_api_termination

    def disable_api_stop(self, i: Instance) -> bool:
        return self.instances[i].disable_api_stop

    def termination_settling(self, i: Instance) -> bool:
        return self.instances[i].termination_settling

    def stop_settling(self, i: Instance) -> bool:
        return self.instances[i].stop_settling

    def shutdown_behavior(self, i: Instance) -> ShutdownBehavior:
        return self.instances[i].shutdown_behavior

    def hibernation(self, i: Instance) -> Hibernation:
        return self.instances[i].hibernation

    def cause(self, i: Instance) -> Cause:
        return self.instances[i].cause

    def visibility(self, i: Instance) -> Visibility:
        return self.instances[i].visibility

    def fate(self, i: Instance) -> Fate:
        return self.instances[i].fate

    # The attributes of a volume, for rules.

    def volume_state(self, v: Volume) -> VolumeState:
        return self.volumes[v].state

    def volume_zone(self, v: Volume) -> Zone:
        return self.volumes[v].zone

    def attached(self, v: Volume) -> bool:
        return self.volumes[v].holder is not None

    def holder(self, v: Volume) -> Instance:
        return self.volumes[v].holder or _NOWHERE

    def delete_on_termination(self, v: Volume) -> bool:
        return self.volumes[v].delete_on_termination

    def detaching(self, v: Volume) -> bool:
        return self.volumes[v].detaching

    def root(self, v: Volume) -> bool:
        return self.volumes[v].root
