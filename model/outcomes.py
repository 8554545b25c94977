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
    REBOOT_STATE = "wrong state to reboot"
    REBOOT_INSTANCE_STATE = "wrong instance state to reboot"
    VOLUME_NOT_FOUND = "unknown volume"
    VOLUME_UNAVAILABLE = "volume not available"
    VOLUME_CREATING = "volume still being created"
    VOLUME_ATTACHED = "volume already attached"
    VOLUME_ELSEWHERE = "volume in another zone"
    NOT_ATTACHED = "volume not attached"
    DETACHING = "volume being detached"
    STOP_PROTECTION_UNSUPPORTED = "stop protection on an instance-store root"


@dataclass(frozen=True, slots=True)
class Rung:
    """One refusal: when it applies, and the error that it gives.

    It applies when `holds` says so of the request, or `trips` of any instance that the request names.
    `wordings` are the messages a fact gives: `{id}` stands for one offending instance, `{ids}` for all of them.
    Without wordings any message is permitted.
    `after` names the refusals that come strictly earlier: where one of them applies, this one is not given.
    A rung that is no other's `after`, nor after it, is incomparable with it: either may be given.
    `status` None: no fact gives more than that it is of the 400-series.
    `by_zone`: the rest of the request is carried out in the zones where nothing trips.
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
    """The clause that promises that nothing changes then, where the operation's own does not speak of this refusal."""
    clause_when_dry: str | None = None
    """The clause that promises this refusal to a dry run, where that is another one."""


Ladder = tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one instance: its record afterwards.

    `row` is the clause that gives the state a reply shows, `because` the one that gives the state it ends up in;
    `granted` is the one by which the request is not refused on account of this instance, where that is not `row`.
    """

    after: InstanceRecord
    row: str
    because: str
    granted: str | None = None


@dataclass(frozen=True, slots=True)
class VolumeMove:
    """What becomes of one volume, and the clause that says so."""

    after: VolumeRecord
    because: str


@dataclass(frozen=True, slots=True)
class OperationRules:
    """An operation: its refusal ladder, then its effect on each instance and volume that it names.

    An operation without an effect of a kind changes nothing of that kind.
    `created` gives the records of what a successful request makes (RunInstances, CreateVolume).
    """

    ladder: Ladder
    instance: Callable[[World, Any, Choices, Instance], Move] | None = None
    volume: Callable[[World, Any, Choices, Volume], VolumeMove] | None = None
    created_instance: Callable[[Any, Instance], InstanceRecord] | None = None
    created_volume: Callable[[Any, Volume], VolumeRecord] | None = None
    unmoved: str = "FRAME-1"
    """The clause by which an operation without an effect on instances goes through, as far as an instance matters."""
    unchanged: str = "FRAME-2"
    """The clause that promises that a refused request of this kind changes nothing."""
