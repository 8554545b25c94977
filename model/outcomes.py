"""The form of a rule's answer: ordered refusals, and the effect of a request that none of them refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .choices import Choices
from .requests import ErrorCode
from .world import Instance, InstanceRecord, Volume, VolumeRecord, World


class Refusal(Enum):
    """The conditions under which a request is refused; each is one rung of an operation's ladder."""

    UNAUTHORIZED = "unauthorized"
    EMPTY = "no ids"
    TOO_MANY = "too many ids"
    MALFORMED = "malformed id"
    NOT_FOUND = "unknown id"
    DRY_RUN = "dry run"
    TERMINATION_PROTECTED = "termination protection"
    STOP_PROTECTED = "stop protection"
    STOP_PROTECTED_WHOLE = "stop protection, for the whole request"
    NEVER_RUN = "never been running"
    DEAD = "shutting down or terminated"
    SHUTTING_DOWN = "shutting down"
    WRONG_STATE = "wrong state"
    PENDING = "pending"
    STOPPING = "stopping"
    INSTANCE_STORE = "instance-store root"
    NO_HIBERNATION = "not launched for hibernation"
    REBOOT_STATE = "wrong state to reboot"
    REBOOT_INSTANCE_STATE = "wrong instance state to reboot"
    VOLUME_NOT_FOUND = "unknown volume"
    VOLUME_UNAVAILABLE = "volume not available"
    VOLUME_CREATING = "volume still being created"
    VOLUME_UNREADY = "volume being created or deleted"
    VOLUME_ATTACHED = "volume already attached"
    VOLUME_ELSEWHERE = "volume in another zone"
    NOT_ATTACHED = "volume not attached"
    DETACHING = "volume being detached"
    ROOT_IN_USE = "root volume in use"
    HELD_ELSEWHERE = "volume attached to another instance"
    STOP_PROTECTION_UNSUPPORTED = "stop protection on an instance-store root"


@dataclass(frozen=True, slots=True)
class Rung:
    """One refusal: when it applies, and the error that it gives.

    It applies if `holds` is true for the request, or `trips` for any instance that the request names.
    `wordings` are the messages in a fact: `{id}` stands for one offending instance, `{ids}` for all of them,
    `{volume}` for a volume that the request names, and `{holder}` for the instance that holds it.
    Without wordings, any message is permitted.
    `after` names the refusals that come strictly earlier: if one of them applies, EC2 does not give this one.
    If neither of two rungs comes after the other and both apply, EC2 may give either.
    `status` None: facts say only that the status is 4xx.
    `by_zone`: EC2 still carries out the request in the zones where `trips` is false for every named instance.
    """

    refusal: Refusal
    clause: str
    code: ErrorCode
    holds: Callable[[World, Any, Choices], bool] | None = None
    trips: Callable[[World, Any, Choices, Instance], bool] | None = None
    status: int | None = 400
    wordings: tuple[str, ...] = ()
    after: frozenset[Refusal] = frozenset()
    by_zone: bool = False
    names_kin: bool = False
    """The message may also name an instance for which another refusal of the same code applies (E-13, B-05)."""
    unchanged: str | None = None
    """The clause that promises that this refusal changes nothing, if it is not the operation's own clause."""
    clause_when_dry: str | None = None
    """The clause that promises this refusal for a dry run, if it is another one."""


Ladder = tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """The effect of a request on one instance: its record afterwards.

    `row` is the clause that promises the state in the reply, and `because` the clause that promises the final state.
    `granted` is the clause by which this instance causes no refusal, if that is not `row`.
    """

    after: InstanceRecord
    row: str
    because: str
    granted: str | None = None


@dataclass(frozen=True, slots=True)
class VolumeMove:
    """The effect of a request on one volume, and the clause that promises it."""

    after: VolumeRecord
    because: str


@dataclass(frozen=True, slots=True)
class OperationRules:
    """An operation: its refusal ladder, then its effect on each instance and volume that it names.

    Without `instance`, an operation changes no instance, and without `volume` no volume.
    `created_instance` and `created_volume` return the records that a successful RunInstances or CreateVolume makes.
    """

    ladder: Ladder
    instance: Callable[[World, Any, Choices, Instance], Move] | None = None
    volume: Callable[[World, Any, Choices, Volume], VolumeMove] | None = None
    created_instance: Callable[[Any, Instance], InstanceRecord] | None = None
    created_volume: Callable[[Any, Volume], VolumeRecord] | None = None
    unmoved: str = "FRAME-1"
    """The clause by which a named instance causes no refusal, for an operation without an effect on instances."""
    unchanged: str = "FRAME-2"
    """The clause that promises that this operation changes nothing if it is refused."""
