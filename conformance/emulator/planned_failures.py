"""What goes wrong on purpose between a program and the double: throttling, server errors, lost requests and replies."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, TypeAlias, get_args
from urllib.parse import parse_qsl

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from ...strategies.files.yaml_nodes import suggestion
from .wire import services
from .wire.ec2_errors import Ec2Error
from .wire.encode import error
from .wire.http import HttpReply, HttpRequest

FailureName: TypeAlias = Literal[
    "throttled", "no-capacity", "error-before", "error-after", "lost-request", "lost-reply"
]
"""How the next request may fail."""
_REQUEST_ID: Final = "00000000-0000-4000-8000-000000000000"


class Effect(Enum):
    """Whether EC2 carries out a request that fails."""

    NONE = "not carried out"
    DONE = "carried out"


@dataclass(frozen=True, slots=True)
class _Failure:
    effect: Effect
    error: Ec2Error | None = None
    """The error; None: the client gets no reply."""


_FAILURES: Final[dict[str, _Failure]] = {
    "throttled": _Failure(Effect.NONE, Ec2Error.THROTTLED),
    "no-capacity": _Failure(Effect.NONE, Ec2Error.NO_CAPACITY),
    "error-before": _Failure(Effect.NONE, Ec2Error.SERVER_ERROR),
    "error-after": _Failure(Effect.DONE, Ec2Error.SERVER_ERROR),
    "lost-request": _Failure(Effect.NONE),
    "lost-reply": _Failure(Effect.DONE),
}
_CAPACITY: Final = ("RunInstances", "StartInstances")


@dataclass(slots=True)
class PlannedFailures:
    """The failures that wait for requests, by operation, in order."""

    _waiting: dict[str, deque[_Failure]] = field(default_factory=dict[str, "deque[_Failure]"])

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

    def answer(self, request: HttpRequest, url: str, really: Callable[[HttpRequest], HttpReply]) -> HttpReply:
        """Return the reply to a request, which may fail; raises the exception of botocore where there is none."""
        waiting = self._waiting.get(_action_of(request)) if any(self._waiting.values()) else None
        if not waiting:
            return really(request)
        failure = waiting.popleft()
        if failure.effect is Effect.DONE:
            really(request)
        if failure.error is not None:
            form = failure.error.value
            body = error(services.EC2, form.code, failure.error.text(), _REQUEST_ID)
            return HttpReply(form.status, {"Content-Type": "text/xml;charset=UTF-8"}, body)
        if failure.effect is Effect.DONE:
            raise ReadTimeoutError(endpoint_url=url)
        raise ConnectionClosedError(endpoint_url=url)


def _action_of(request: HttpRequest) -> str:
    """Return the operation that a request of the Query protocol names; empty if it names none."""
    body = request.body.decode("utf-8", "replace")
    return dict(parse_qsl(f"{request.query}&{body}", keep_blank_values=True)).get("Action", "")


def _nearest(operation: str, operations: "dict[str, str]") -> str:
    near = suggestion(operation, operations)
    return near if near.count(",") == 0 else "write it as AWS does, such as TerminateInstances"
