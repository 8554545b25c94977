"""The last calls that a model answered: what was asked, what was answered, and why."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final

from botocore.model import StructureShape
from botocore.parsers import create_parser

from .planned_failures import Failure
from .simulation import Answer
from .wire import services

MOST_CALLS: Final = 1000
"""So many calls are kept."""
MOST_BYTES: Final = 1 << 24
"""So many bytes of replies are kept, the newest; a description of 1000 instances has about two million."""
SUCCESS: Final = 200
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    `number` counts the calls from 1; `at` is the model's clock in seconds, and `moment` its date.
    `caller` is `owner` or `nobody`. `arguments` are boto3's. `code` and `message` are empty for a success.
    `failure` is the failure on purpose, if there was one.
    """

    operation: str
    number: int = 0
    at: float = 0.0
    moment: datetime | None = None
    region: str = ""
    caller: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = SUCCESS
    code: str = ""
    message: str = ""
    facts: tuple[str, ...] = ()
    """The facts behind a refusal that no rule of the specification gives."""
    body: bytes = b""
    service: str = services.EC2
    answer: Answer | None = field(default=None, repr=False)
    """What the specification made of it; None for a call that it does not cover."""
    age: float = 0.0
    """How many seconds old the description is."""
    failure: Failure | None = None
    passed_on: bool = False
    """Whether the EC2 behind the model answered."""

    @property
    def choices(self) -> dict[str, str]:
        """The open points that this call met, each with the alternative that was chosen."""
        settled = {} if self.answer is None else self.answer.settled()
        return {choice: alternative.name.lower().replace("_", "-") for (choice, _), alternative in settled.items()}

    @property
    def clause(self) -> str:
        """The clause that refuses this call; empty if none does."""
        refusal = None if self.answer is None else self.answer.refusal
        if refusal is None or self.answer is None:
            return ""
        return refusal.clause_when_dry if self.answer.request.dry_run and refusal.clause_when_dry else refusal.clause

    @property
    def reply(self) -> dict[str, Any]:
        """The reply as boto3 returns it; an error has `Error`, and a lost reply is what the client did not get.

        It is empty if the model no longer keeps it.
        """
        shape: StructureShape | None = None
        if self.operation in services.methods_of(self.service):
            shape = services.operation_of(self.service, self.operation).output_shape
        return _parsed(self.service, self.status, self.body, shape)

    def __str__(self) -> str:
        """Return the call and its result in one line."""
        sent = ", ".join(f"{name}={_short(value)}" for name, value in self.arguments.items())
        return f"{self.number}. {self.operation or 'no operation'}({sent}) -> {self.result}"

    @property
    def result(self) -> str:
        """What the client got, in a few words."""
        if self.failure is not None and self.failure.is_lost:
            return f"no reply ({self.failure.name})"
        why = f" ({self.failure.name})" if self.failure is not None else ""
        return f"{self.code or 'OK'}{why}" + (f": {self.message}" if self.message else "")


def error_in(status: int, body: bytes) -> tuple[str, str]:
    """Return the code and the message of an error."""
    error: dict[str, str] = _parsed(services.EC2, status, body, None).get("Error") or {}
    return error.get("Code", ""), error.get("Message", "")


def _parsed(service: str, status: int, body: bytes, shape: StructureShape | None) -> dict[str, Any]:
    parser: Any = create_parser("ec2" if service == services.EC2 else "query")
    return parser.parse({"status_code": status, "headers": {}, "body": body}, shape) if body else {}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@dataclass(slots=True)
class CallLog:
    """The last calls, the oldest first: at most `MOST_CALLS`. The oldest lose their replies beyond `MOST_BYTES`."""

    _calls: deque[Call] = field(default_factory=deque[Call])
    _count: int = 0
    _bytes: int = 0
    _bare: int = 0
    """So many of the oldest calls have lost their replies."""
    _lock: Lock = field(default_factory=Lock)

    def add(self, call: Call) -> None:
        """Keep a call; it gets its number when it is read."""
        with self._lock:
            self._count += 1
            self._calls.append(call)
            self._bytes += len(call.body)
            if len(self._calls) > MOST_CALLS:
                self._bytes -= len(self._calls.popleft().body)
                self._bare = max(0, self._bare - 1)
            while self._bytes > MOST_BYTES and self._bare < len(self._calls) - 1:
                oldest = self._calls[self._bare]
                self._bytes -= len(oldest.body)
                self._calls[self._bare] = replace(oldest, body=b"")
                self._bare += 1

    def __iter__(self) -> Iterator[Call]:
        """Yield the calls, the oldest first."""
        with self._lock:
            first = self._count - len(self._calls) + 1
            kept = tuple(self._calls)
        return (replace(call, number=number) for number, call in enumerate(kept, first))

    def __len__(self) -> int:
        """Return how many calls are kept."""
        return len(self._calls)
