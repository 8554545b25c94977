"""The in-process double: inside its context, every boto3 client of EC2 and STS talks to the model.

It works like moto's `mock_aws`, and together with it: EC2 and STS go to the model, in whatever order the two are
entered; every other service goes to moto, or to AWS, as without the double. EC2 and STS calls open no socket.
"""

import inspect
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ContextDecorator, ExitStack, contextmanager
from io import BytesIO
from threading import Lock
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit
from weakref import WeakSet

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient

from ...model.specification import EC2, Specification
from ..adapter.clock import Clock
from .server.options import settings_of
from .server.served_model import ServedModel
from .wire import services
from .wire.http import HttpRequest

_CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "ec2-lifecycle", "AWS_SECRET_ACCESS_KEY": "ec2-lifecycle"}
_ANSWERED: Final = "https://answered.invalid/"
"""A URL that moto ignores: botocore asks every handler even after one has answered, so moto would run the call too."""

P = ParamSpec("P")
R = TypeVar("R")

_lock: Final = Lock()
_active: Final[list[ServedModel]] = []
"""The models of the open contexts; the last one answers, for all threads."""
_undo: Final[list[ExitStack]] = []
"""Undoes the changes to the process when the last context is left."""
_hooked: Final[WeakSet[Any]] = WeakSet()
"""The event systems of clients that are hooked already."""


class Ec2Double(ContextDecorator):
    """A context in which the model answers boto3's EC2 calls, in the whole process; each starts with an empty account.

    The keywords are those of `settings_of`; `world` is the output of `dump`.
    Raises `WrongSetting` and `WrongWorld`.
    """

    def __init__(
        self,
        *misplaced: object,
        spec: Specification = EC2,
        world: bytes | None = None,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        if misplaced:
            raise TypeError("ec2_double takes keywords only; to decorate a function, write @ec2_double() above it.")
        self._spec = spec
        self._world = world
        self._settings = settings_of(**settings)
        self._models: list[ServedModel] = []

    @property
    def model(self) -> ServedModel:
        """The served model, for further control; RuntimeError outside the context."""
        if not self._models:
            raise RuntimeError("The double has a model only inside its context: `with ec2_double() as ec2:`.")
        return self._models[-1]

    @property
    def clock(self) -> Clock:
        """The model's clock, for what judges or waits by it: `Judging(clock=double.clock)`."""
        return DoubleClock(self)

    @property
    def nobody(self) -> dict[str, str]:
        """Credentials of a caller without permissions, as keywords for `boto3.client`."""
        return {"aws_access_key_id": self._settings.nobody, "aws_secret_access_key": "nobody"}

    def advance(self, seconds: float) -> None:
        """Advance the model's clock."""
        self.model.advance(seconds)

    def happen(self, step: str, subject: str) -> None:
        """Run a background step of an instance or a volume; raises ValueError with a sentence if it cannot happen."""
        self.model.happen(step, subject)

    def dump(self) -> bytes:
        """Return the world as the content of a world file."""
        return self.model.dump()

    def load(self, world: bytes) -> None:
        """Replace the world with the content of a world file."""
        self.model.load(world)

    def reset(self) -> None:
        """Empty the account."""
        self.model.reset()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Decorate a function; TypeError for classes, coroutines and generators, which run outside the context."""
        kinds = (inspect.isclass, inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
        if any(is_kind(function) for is_kind in kinds):
            raise TypeError("ec2_double decorates plain functions; write `with ec2_double():` inside this one.")
        return super().__call__(function)

    def __enter__(self) -> Self:
        model = ServedModel(self._settings, self._spec)
        if self._world is not None:
            model.load(self._world)
        with _lock:
            if not _active:
                _undo.append(_install())
            _active.append(model)
        self._models.append(model)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        with _lock:
            _active.remove(self._models.pop())
            if not _active:
                _undo.pop().close()


class DoubleClock:
    """The clock of a double's model, whichever world the double holds by then."""

    def __init__(self, double: Ec2Double) -> None:
        self._double = double

    def now(self) -> float:
        """Return the time, in seconds since the account was empty; RuntimeError outside the context."""
        return self._double.model.now

    def sleep(self, seconds: float) -> None:
        """Advance the model's clock, and run what is due."""
        self._double.advance(seconds)


ec2_double = Ec2Double
"""The name that programs use."""


def _install() -> ExitStack:
    """Redirect every client of the process to the model; closing the returned stack undoes it."""
    with ExitStack() as taking:
        taking.enter_context(_environment(_CREDENTIALS))
        # An existing default session has the user's credentials; it is put back afterwards.
        taking.enter_context(patch("boto3.DEFAULT_SESSION", None))
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
    if not _active:
        return None
    parts = urlsplit(str(request.url))
    body: Any = request.body or b""
    reply = _active[-1].endpoint.answer(
        HttpRequest(
            method=str(request.method),
            path=parts.path,
            query=parts.query,
            headers={name.lower(): _text(value) for name, value in request.headers.items()},
            body=body.encode() if isinstance(body, str) else body,
        )
    )
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
