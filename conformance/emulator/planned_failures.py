"""Failures on purpose between a program and the model: throttling, server errors, lost and slow replies."""

import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, TypeAlias, get_args
from urllib.parse import parse_qsl

from ...strategies.files.yaml_nodes import suggestion
from .wire import services
from .wire.ec2_errors import Ec2Error
from .wire.encode import error
from .wire.http import HttpReply, HttpRequest

FailureName: TypeAlias = Literal[
    "throttled", "no-capacity", "error-before", "error-after", "lost-request", "lost-reply", "slow-reply"
]
"""How a request may fail."""
SLOW_REPLY: Final = 10.0
"""The seconds that a slow reply takes, unless a setting says otherwise."""
_REQUEST_ID: Final = "00000000-0000-4000-8000-000000000000"


class Effect(Enum):
    """Whether EC2 carries out a request that fails."""

    NONE = "not carried out"
    DONE = "carried out"


@dataclass(frozen=True, slots=True)
class Failure:
    """One way to fail: what becomes of the request, and of its reply."""

    name: str
    effect: Effect
    error: Ec2Error | None = None
    """The error; None: the client gets its own reply late, or none."""
    is_slow: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether the client gets no reply."""
        return self.error is None and not self.is_slow


_FAILURES: Final = {
    failure.name: failure
    for failure in (
        Failure("throttled", Effect.NONE, Ec2Error.THROTTLED),
        Failure("no-capacity", Effect.NONE, Ec2Error.NO_CAPACITY),
        Failure("error-before", Effect.NONE, Ec2Error.SERVER_ERROR),
        Failure("error-after", Effect.DONE, Ec2Error.SERVER_ERROR),
        Failure("lost-request", Effect.NONE),
        Failure("lost-reply", Effect.DONE),
        Failure("slow-reply", Effect.DONE, is_slow=True),
    )
}
_CAPACITY: Final = ("RunInstances", "StartInstances")


@dataclass(frozen=True, slots=True)
class Answered:
    """What comes back: a reply, how late it is in seconds, and the failure behind it. Lost ones have no reply."""

    reply: HttpReply | None
    late_by: float = 0.0
    failure: Failure | None = None


@dataclass(slots=True)
class PlannedFailures:
    """The failures that wait for requests, by operation, in order; and the share of all other requests that fail."""

    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    slow: float = SLOW_REPLY
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    _waiting: dict[str, deque[Failure]] = field(default_factory=dict[str, "deque[Failure]"])

    def plan(self, operation: str, failure: str, times: int) -> None:
        """Have the next requests of an operation fail; raises ValueError with a sentence for the user."""
        if failure not in get_args(FailureName):
            raise ValueError(f'There is no failure "{failure}"; {suggestion(failure, get_args(FailureName))}.')
        operations = services.methods_of(services.EC2)
        if operation not in operations:
            raise ValueError(f'EC2 has no operation "{operation}"; {_nearest(operation, operations)}.')
        if failure == "no-capacity" and operation not in _CAPACITY:
            raise ValueError(f"{operation} needs no capacity; only {' and '.join(_CAPACITY)} can lack it.")
        if times < 1:
            raise ValueError(f"{operation} cannot fail {times} times; write a number from 1.")
        self._waiting.setdefault(operation, deque()).extend([_FAILURES[failure]] * times)

    def answer(self, request: HttpRequest, really: Callable[[HttpRequest], HttpReply]) -> Answered:
        """Answer a request, or have it fail."""
        failure = self._failure_of(request)
        if failure is None:
            return Answered(really(request))
        reply = really(request) if failure.effect is Effect.DONE else None
        if failure.is_slow:
            return Answered(reply, self.slow, failure)
        if failure.error is None:
            return Answered(None, 0.0, failure)
        form = failure.error.value
        body = error(services.EC2, form.code, failure.error.text(), _REQUEST_ID)
        return Answered(HttpReply(form.status, {"Content-Type": "text/xml;charset=UTF-8"}, body), 0.0, failure)

    def _failure_of(self, request: HttpRequest) -> Failure | None:
        if not self.shares and not any(self._waiting.values()):
            return None
        operation = action_of(request)
        if waiting := self._waiting.get(operation):
            return waiting.popleft()
        if operation not in services.methods_of(services.EC2):
            return None
        drawn = self.rng.random() if self.shares else 1.0
        for name, share in self.shares.items():
            if drawn < share:
                return None if name == "no-capacity" and operation not in _CAPACITY else _FAILURES[name]
            drawn -= share
        return None


def action_of(request: HttpRequest) -> str:
    """Return the operation that a request of the Query protocol names; empty if it names none."""
    body = request.body.decode("utf-8", "replace")
    return dict(parse_qsl(f"{request.query}&{body}", keep_blank_values=True)).get("Action", "")


def _nearest(operation: str, operations: "dict[str, str]") -> str:
    near = suggestion(operation, operations)
    return near if near.count(",") == 0 else "write it as AWS does, such as TerminateInstances"
