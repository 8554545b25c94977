"""What may go wrong between a client and EC2 that is nobody's mistake, and how often."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from random import Random
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from ec2_lifecycle.conformance.emulator.wire.encode import error
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply, HttpRequest, Signer, signer_of
from ec2_lifecycle.conformance.emulator.wire.services import EC2, STS, version_of


class TransientFault(Enum):
    """One thing that goes wrong with one request; the value is the name of its rate."""

    THROTTLED = "throttled"
    """Refused for want of capacity; not carried out."""
    ERROR_BEFORE = "error_before"
    """An error of the server's; not carried out."""
    ERROR_AFTER = "error_after"
    """An error of the server's, although it was carried out."""
    RESET_BEFORE = "reset_before"
    """The connection is reset; not carried out."""
    RESET_AFTER = "reset_after"
    """The connection is reset in place of a reply; carried out."""
    CUT_OFF = "cut_off"
    """The reply ends in the middle of its body; carried out."""
    STALE = "stale"
    """A read is answered by an earlier reply to the same question."""
    DUPLICATED = "duplicated"
    """Carried out twice; the second reply is given."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The share of requests, from 0 to 1, that each fault hits; a request is hit by one fault or none.

    `latency`: each exchange takes longer by so many seconds, from the least to the most, spent before the request is
    passed on and after it.
    `read_lag`: a stale reply was true within so many seconds before it is given.
    """

    throttled: float = 0.0
    error_before: float = 0.0
    error_after: float = 0.0
    reset_before: float = 0.0
    reset_after: float = 0.0
    cut_off: float = 0.0
    stale: float = 0.0
    duplicated: float = 0.0
    latency: tuple[float, float] = (0.0, 0.0)
    read_lag: float = 10.0

    def __post_init__(self) -> None:
        rates = [self.of(fault) for fault in TransientFault]
        if min(rates) < 0 or sum(rates) > 1 + 1e-9:
            raise ValueError(f"The rates of faults are at least 0, and at most 1 in all, and not {rates}.")
        least, most = self.latency
        if not 0 <= least <= most:
            raise ValueError(f"The latency goes from the least to the most, both at least 0, and not {self.latency}.")

    @classmethod
    def always(cls, fault: TransientFault) -> "Rates":
        """Return the rates by which one fault hits all that it may."""
        return replace(cls(), **{fault.value: 1.0})

    def of(self, fault: TransientFault) -> float:
        """Return the rate of a fault."""
        rate: float = getattr(self, fault.value)
        return rate

    def draw(self, random: Random) -> TransientFault | None:
        """Return the fault that hits the next request: one draw for each request, whatever comes of it."""
        left = random.random()
        for fault in TransientFault:
            left -= self.of(fault)
            if left < 0:
                return fault
        return None


_RESOURCE: Final = re.compile(r"(?:InstanceId|VolumeId|ResourceId)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request asks for: its parameters as they are on the wire, and who asks where."""

    action: str
    parameters: dict[str, str]
    signer: Signer
    service: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The instances, volumes and tagged things that it names, in order."""
        return tuple(value for name, value in self.parameters.items() if _RESOURCE.fullmatch(name))

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, by its name."""
        return self.action.startswith(("Describe", "Get"))

    @property
    def repeatable(self) -> bool:
        """Whether carrying it out twice is the same as once, by what EC2 promises of client tokens."""
        return self.reads or (self.action in {"RunInstances", "CreateVolume"} and "ClientToken" in self.parameters)


def sent_by(request: HttpRequest) -> Sent:
    """Return what a request of the Query protocol asks for; the action is empty where it is none."""
    body = request.body.decode("utf-8", "replace")
    parameters = dict(parse_qsl(f"{request.query}&{body}", keep_blank_values=True))
    service = STS if parameters.get("Version") == version_of(STS) else EC2
    signer = signer_of(request.headers.get("authorization", ""), parameters.get("X-Amz-Credential", ""))
    return Sent(parameters.get("Action", ""), parameters, signer, service)


MayHit: TypeAlias = Callable[[TransientFault, Sent], bool]
"""Tells whether a fault may hit a request, within what is legal; it is asked when the fault would."""


def anything(_: TransientFault, __: Sent) -> bool:
    """Let every fault hit what it legally may."""
    return True


def only(*actions: str) -> MayHit:
    """Let faults hit these actions and no others."""
    return lambda _, sent: sent.action in actions


def all_but(*actions: str) -> MayHit:
    """Let faults hit all other actions."""
    return lambda _, sent: sent.action not in actions


def first(count: int, may_hit: MayHit = anything) -> MayHit:
    """Let faults hit so many requests and then none."""
    left = count

    def still(fault: TransientFault, sent: Sent) -> bool:
        nonlocal left
        hit = left > 0 and may_hit(fault, sent)
        left -= hit
        return hit

    return still


def legal(fault: TransientFault, sent: Sent) -> bool:
    """Tell whether EC2, or what lies before it, may do this to a request."""
    match fault:
        case TransientFault.STALE:
            return sent.action.startswith("Describe")
        case TransientFault.DUPLICATED:
            return sent.repeatable
        case _:
            return bool(sent.action)


_EC2: Final = (
    (503, "RequestLimitExceeded", "Request limit exceeded."),
    (500, "InternalError", "An internal error has occurred"),
    (503, "Unavailable", "The server is overloaded and can't handle the request."),
)
_STS: Final = (
    (400, "Throttling", "Rate exceeded"),
    (500, "InternalFailure", "The request processing has failed because of an unknown error."),
    (503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
)


def refusal(fault: TransientFault, service: str, random: Random) -> HttpReply:
    """Return the error that a service answers with."""
    throttled, *errors = _STS if service == STS else _EC2
    status, code, message = throttled if fault is TransientFault.THROTTLED else random.choice(errors)
    return HttpReply(status, {"content-type": "text/xml;charset=UTF-8"}, error(service, code, message, "injected"))
