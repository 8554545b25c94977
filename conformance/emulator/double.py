"""The in-process double: inside its context, every boto3 client of EC2 and STS talks to the model.

It works like moto's `mock_aws`, and together with it: EC2 and STS go to the model, in whatever order the two are
entered; every other service goes to moto, or to AWS, as without the double. EC2 and STS calls open no socket.
"""

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from inspect import signature
from io import BytesIO
from threading import Lock
from types import TracebackType
from typing import Any, Final, Literal, Never, Self
from unittest.mock import patch
from urllib.parse import urlsplit
from weakref import WeakSet

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from ...model.specification import EC2, Specification
from ...strategies.files.yaml_nodes import suggestion
from ..adapter.clock import Clock
from ..adapter.sessions import shared_models
from .active_models import ACTIVE, entered
from .call_log import Call
from .declared import Declaration
from .decorating import F, decorated
from .planned_failures import SLOW_REPLY, Effect, FailureName
from .server.endpoint import NOBODY
from .server.options import settings_of
from .server.served_model import ServedModel, Snapshot
from .wire import services
from .wire.http import HttpRequest

_CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "ec2-lifecycle", "AWS_SECRET_ACCESS_KEY": "ec2-lifecycle"}
_ANSWERED: Final = "https://answered.invalid/"
"""A URL that moto ignores: botocore asks every handler even after one has answered, so moto would run the call too."""

_lock: Final = Lock()
_undo: Final[list[ExitStack]] = []
"""Undoes the changes to the process when the last context is left."""
_hooked: Final[WeakSet[Any]] = WeakSet()
"""The event systems of clients that are hooked already."""


class Ec2Double:
    """A context in which the model answers boto3's EC2 calls, in the whole process; each starts with an empty account.

    behaviour: what EC2 does at open points: the likeliest, the hardest for clients ("adversarial"), or anything.
    choices: the alternative for single open points, by id, such as {"free-zones": "after-answer"}.
    delays: how long background steps take: "none", "usual", "slow", "on-demand", seconds, or bounds as "2..10".
    delay: the same for single steps, by name, such as {"stop-completes": 30}.
    failures: the share of launches and starts that fail, from 0 to 1. seed: decides whatever is random.
    clock: "runs", or "stands" until `advance`. Both begin today, and follow freezegun and time-machine.
    nobody: the access key of a caller without permissions.
    lenient: accept and keep launch parameters that the model does not hold, instead of refusing them.
    read_lag: descriptions and lists show what was true so many seconds before, and do not know newer ids.
    fail: the share of requests that fail, such as {"throttled": 0.1}. slow: how many seconds late a slow reply is.
    declare: the zones, images, types, subnets, groups, key pairs and profiles that exist: `Declared`, or a TOML file.
    world: what `dump` returned: the account to begin with.
    beyond: the EC2 that answers everything but instances and volumes: "moto", or "endpoint:URL".
    spec: another specification.

    docs/serve.md has every value. Raises `WrongSetting` and `WrongWorld` for a wrong one.
    """

    __slots__ = ("_entered", "_models", "_settings", "_spec", "_world")

    def __init__(  # noqa: PLR0913 - all by keyword, each with a default
        self,
        *misplaced: object,
        behaviour: Literal["preferred", "adversarial", "random"] = "preferred",
        choices: Mapping[str, str] | None = None,
        delays: str | float = "none",
        delay: Mapping[str, str | float] | None = None,
        failures: float = 0.0,
        seed: int = 0,
        clock: Literal["runs", "stands"] = "runs",
        nobody: str = NOBODY,
        lenient: bool = False,
        read_lag: float = 0.0,
        fail: Mapping[FailureName, float] | None = None,
        slow: float = SLOW_REPLY,
        declare: Declaration | None = None,
        world: bytes | None = None,
        beyond: str | None = None,
        spec: Specification | None = None,
        **unknown: Never,
    ) -> None:
        if misplaced:
            raise TypeError("ec2_double takes keywords only; to decorate a function, write @ec2_double() above it.")
        if unknown:
            name, settings = next(iter(unknown)), tuple(signature(Ec2Double).parameters)[1:-1]
            raise TypeError(f'ec2_double has no setting "{name}"; {suggestion(name, settings)}.')
        self._spec = spec or EC2
        self._world = world
        self._settings = settings_of(
            behaviour=behaviour,
            choices=choices,
            delays=delays,
            delay=delay,
            failures=failures,
            seed=seed,
            clock=clock,
            nobody=nobody,
            beyond=beyond,
            lenient=lenient,
            read_lag=read_lag,
            fail=None if fail is None else {**fail},
            slow=slow,
            declare=declare,
        )
        self._entered: list[ExitStack] = []
        self._models: list[ServedModel] = []

    @property
    def model(self) -> ServedModel:
        """The served model, for further control; RuntimeError outside the context."""
        if not self._models:
            raise RuntimeError("Use the double only inside its context: `with ec2_double() as double:`.")
        return self._models[-1]

    @property
    def clock(self) -> Clock:
        """The model's clock, for what judges or waits by it: `Judging(clock=double.clock)`."""
        return DoubleClock(self)

    @property
    def nobody(self) -> dict[str, str]:
        """Credentials of a caller without permissions, as keywords for `boto3.client`."""
        return {"aws_access_key_id": self._settings.nobody, "aws_secret_access_key": "nobody"}

    def advance(self, seconds: float | timedelta) -> None:
        """Advance the model's clock; raises ValueError for a negative or invalid time."""
        self.model.advance(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)

    def fail_next(self, operation: str, failure: FailureName, *, times: int = 1) -> None:
        """Make the next `times` requests of an operation fail; boto3 may send each again by itself.

        docs/faults.md says what each failure does. Raises ValueError for an unknown operation or failure.
        """
        self.model.failures.plan(operation, failure, times)

    def happen(self, step: str, subject: str) -> None:
        """Run a background step of an instance or a volume; raises ValueError with a sentence if it cannot happen."""
        self.model.happen(step, subject)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The last calls, at most 1000, the oldest first: `str(call)` is one line, and `call.reply` what boto3 got."""
        return tuple(self.model.calls)

    def explain(self, call: Call | None = None) -> str:
        """Return in words why a call was answered as it was; without a call, the last one (ValueError: none yet)."""
        if call is None and not self.calls:
            raise ValueError("There is no call to explain yet; call EC2 inside the context first.")
        return self.model.explain(call or self.calls[-1])

    def snapshot(self) -> Snapshot:
        """Return the whole state of the account, for `restore`; WrongWorld in front of another EC2."""
        return self.model.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Put the account back into the state of a snapshot, as often as you like; the log of calls stays."""
        self.model.restore(snapshot)

    def dump(self) -> bytes:
        """Return the world as the content of a world file."""
        return self.model.dump()

    def load(self, world: bytes) -> None:
        """Replace the world with the content of a world file."""
        self.model.load(world)

    def reset(self) -> None:
        """Empty the account."""
        self.model.reset()

    def __call__(self, function: F) -> F:
        """Decorate a function of any kind, or each test of a class; each call begins with an empty account."""
        return decorated(self, function)

    def __enter__(self) -> Self:
        model = ServedModel(self._settings, self._spec)
        if self._world is not None:
            model.load(self._world)
        with _lock:
            if not ACTIVE:
                _undo.append(_install())
            entered(model)
        self._models.append(model)
        self._entered.append(ExitStack())
        if self._settings.beyond is not None:
            self._entered[-1].enter_context(self._settings.beyond.entered())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._entered.pop().close()
        with _lock:
            ACTIVE.remove(self._models.pop())
            if not ACTIVE:
                _undo.pop().close()


class DoubleClock:
    """The clock of a double's model, whichever world the double holds by then."""

    def __init__(self, double: Ec2Double) -> None:
        self._double = double

    def now(self) -> float:
        """Return the time, in seconds since the account was empty; RuntimeError outside the context."""
        return self._double.model.now

    def sleep(self, seconds: float) -> None:
        """Advance the model's clock, and run the background steps that are due."""
        self._double.advance(seconds)


ec2_double = Ec2Double
"""The name that programs use."""


def _install() -> ExitStack:
    """Redirect every client of the process to the model; closing the returned stack undoes it."""
    with ExitStack() as taking:
        taking.enter_context(_environment(_CREDENTIALS))
        # An existing default session has the user's credentials; it is put back afterwards.
        taking.enter_context(patch("boto3.DEFAULT_SESSION", None))
        taking.enter_context(shared_models())  # each test of a user has a default session of its own
        taking.enter_context(_every_client())
        return taking.pop_all()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Generator[None]:
    """Set these variables; other changes made meanwhile are kept."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _every_client() -> Generator[None]:
    """Hook every client at its next call, whenever it was created."""
    call: Any = getattr(BaseClient, "_make_api_call")  # noqa: B009 - every call of every client passes through it

    def calling(client: Any, operation: str, arguments: object) -> object:  # noqa: ANN401 - a boto3 client
        events, service = client.meta.events, client.meta.service_model.service_name
        if service in services.SERVICES and events not in _hooked:
            with _lock:  # two threads may make the first call of a client
                if events not in _hooked:
                    events.register_first(f"before-send.{service}", _answer)
                    _hooked.add(events)
        return call(client, operation, arguments)

    with patch.object(BaseClient, "_make_api_call", calling):
        yield


def _answer(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
    """Answer a client's request if a double is active."""
    if not ACTIVE:
        return None
    parts = urlsplit(str(request.url))
    body: Any = request.body or b""
    model = ACTIVE[-1]
    answered = model.answer(
        HttpRequest(
            method=str(request.method),
            path=parts.path,
            query=parts.query,
            headers={name.lower(): _text(value) for name, value in request.headers.items()},
            body=body.encode() if isinstance(body, str) else body,
        )
    )
    if answered.late_by:
        model.endpoint.cloud.clock.sleep(answered.late_by)
    reply, failure = answered.reply, answered.failure
    if reply is None:
        lost_later = failure is not None and failure.effect is Effect.DONE
        raise (ReadTimeoutError if lost_later else ConnectionClosedError)(endpoint_url=str(request.url))
    headers: Any = dict(reply.headers)  # botocore makes its own of any mapping
    answer = AWSResponse(str(request.url), reply.status, headers, _Raw(reply.body))
    request.url = _ANSWERED
    return answer


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _Raw(BytesIO):
    """A body as urllib3 would give it to botocore."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """Yield the whole body."""
        yield self.read()
