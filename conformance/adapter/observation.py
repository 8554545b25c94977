"""The observations that the oracle judges: replies in a comparable form.

A target turns each reply into one of these frozen values.
Ids are replaced with the names of the scenario; an id without a name stays as it is.
Whatever the specification does not cover is dropped.
"""

from dataclasses import dataclass, field
from typing import Final

from ...model.rules.describe import Shown
from ...model.world import Instance, Volume


@dataclass(frozen=True, slots=True)
class StateSeen:
    """A state as sent: its code, high byte included, and its name."""

    code: int
    name: str


@dataclass(frozen=True, slots=True)
class StateChange:
    """One item of a reply to Start-, Stop- or TerminateInstances."""

    instance: Instance
    previous: StateSeen
    current: StateSeen


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """One entry of an instance's BlockDeviceMappings; `delete_on_termination` None: not shown."""

    device: str
    volume: Volume
    delete_on_termination: bool | None


@dataclass(frozen=True, slots=True)
class CarriedSeen:
    """The fields of an instance that EC2 keeps and shows again.

    `fields` has the texts by EC2's names, without those that are not shown. `launched` is the LaunchTime, and `ended`
    the time in StateTransitionReason, in seconds since 1970; None: none is shown that can be read.
    """

    fields: tuple[tuple[str, str], ...] = ()
    launched: float | None = None
    ended: float | None = None


NOTHING_CARRIED: Final = CarriedSeen()


@dataclass(frozen=True, slots=True)
class InstanceSeen:
    """An instance as RunInstances or DescribeInstances shows it.

    `zone` is the scenario's number of the zone, or the zone's own name where the scenario has no number for it.
    `reason` is `StateReason.Code`; `shown` are the fields that are present and not empty.
    `unread` are the parts that cannot be read, by EC2's names: the other attributes say nothing about them.
    """

    instance: Instance
    state: StateSeen
    zone: str
    root_device: str
    reason: str
    transition_reason: str
    shown: frozenset[Shown]
    devices: tuple[DeviceSeen, ...]
    unread: frozenset[str] = frozenset()
    carried: CarriedSeen = NOTHING_CARRIED


@dataclass(frozen=True, slots=True)
class VolumeSeen:
    """A volume as CreateVolume or DescribeVolumes shows it; `holder` None: no attachment is listed."""

    volume: Volume
    state: str
    zone: str
    holder: Instance | None
    delete_on_termination: bool | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A reply whose body lacks a part, or has one of a wrong type: `problem` says which.

    `path` is its place in the reply; empty if the reply as a whole cannot be read. The place in an item of a list
    begins with EC2's type of the item, so that it is the same whichever operation lists the item.
    In a reply that lists instances or volumes it is about one of them, which is `left_out` of the items if its state
    cannot be read.
    """

    problem: str
    path: str = ""
    about: Instance | Volume | None = None
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """A successful Start-, Stop- or TerminateInstances."""

    items: tuple[StateChange, ...]


@dataclass(frozen=True, slots=True)
class Instances:
    """A successful RunInstances or DescribeInstances; `unread` are the parts of items that cannot be read."""

    items: tuple[InstanceSeen, ...]
    unread: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class Volumes:
    """A successful CreateVolume or DescribeVolumes; `unread` are the parts of items that cannot be read."""

    items: tuple[VolumeSeen, ...]
    unread: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """A successful DescribeInstanceAttribute: a flag, or the name of a shutdown behaviour.

    None: the volume that was asked about is not listed.
    """

    value: bool | str | None


@dataclass(frozen=True, slots=True)
class Done:
    """A success whose body has nothing to judge, as those of RebootInstances, ModifyInstanceAttribute and AttachVolume.

    `unread` are its parts that cannot be read, such as `return`.
    """

    unread: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An error reply; `message` has names instead of ids."""

    code: str
    message: str
    status: int
    crashed: bool = field(default=False, compare=False)
    """Whether it is none by EC2: an in-process client failed inside."""
    unread: tuple[Unreadable, ...] = ()
    """Its code, if that cannot be read; then nobody knows why the request was refused."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No reply that can be judged (timeout, reset, unparsable body); the request may or may not have been executed."""

    problem: str


Observation = Changes | Instances | Volumes | AttributeValue | Done | Refused | Unreadable | NoAnswer
