"""The specification in process: inside the context, every boto3 client of EC2 and STS talks to the model.

In the manner of moto's `mock_aws`, and beside it: EC2 and STS are the model's, whoever entered first,
and every other service is moto's, or AWS's, as without the double. Nothing opens a socket for EC2 and STS.
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
from .server.options import settings_of
from .server.served_model import ServedModel
from .wire import services
from .wire.http import HttpRequest

_CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "ec2-lifecycle", "AWS_SECRET_ACCESS_KEY": "ec2-lifecycle"}
_ANSWERED: Final = "https://answered.invalid/"
"""Nobody's URL. botocore asks every handler, also when one has answered: moto would perform the request too."""

P = ParamSpec("P")
R = TypeVar("R")

_lock: Final = Lock()
_active: Final[list[ServedModel]] = []
"""The models of the contexts that are entered; the last one answers, whichever thread asks."""
_taken_over: Final[list[ExitStack]] = []
"""What undoes what was done to the process while any is entered."""
_listened: Final[WeakSet[Any]] = WeakSet()
"""The event systems of clients that ask here first."""


class Ec2Double(ContextDecorator):
    """A context in which boto3's EC2 is the model, for the whole process; each entry begins with an empty account.

    The keywords are those of `settings_of`, and `world` the text of a file that `dump` wrote.
    Raises `WrongSetting` and `WrongWorld`.
    """

    def __init__(self, *, spec: Specification = EC2, world: bytes | None = None, **settings: Any) -> None:  # noqa: ANN401
        self._spec = spec
        self._world = world
        self._settings = settings_of(**settings)
        self._models: list[ServedModel] = []

    @property
    def model(self) -> ServedModel:
        """The model behind, with all that can be done to it; RuntimeError outside the context."""
        if not self._models:
            raise RuntimeError("The double has a model only inside its context: `with ec2_double() as ec2:`.")
        return self._models[-1]

    @property
    def nobody(self) -> dict[str, str]:
        """Credentials of a caller without permission, as keywords for `boto3.client`."""
        return {"aws_access_key_id": self._settings.nobody, "aws_secret_access_key": "nobody"}

    def advance(self, seconds: float) -> None:
        """Put the model's clock forward."""
        self.model.advance(seconds)

    def happen(self, step: str, subject: str) -> None:
        """Make a background step happen to an instance or a volume; ValueError, with a sentence, where it cannot."""
        self.model.happen(step, subject)

    def dump(self) -> bytes:
        """Return the world as a file holds it."""
        return self.model.dump()

    def load(self, world: bytes) -> None:
        """Hold the world of a file instead of what is there."""
        self.model.load(world)

    def reset(self) -> None:
        """Empty the account."""
        self.model.reset()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Decorate a function; TypeError for what would only be made inside the context, and run outside it."""
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
                _taken_over.append(_take_over())
            _active.append(model)
        self._models.append(model)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        with _lock:
            _active.remove(self._models.pop())
            if not _active:
                _taken_over.pop().close()


ec2_double = Ec2Double
"""The double, as it is written in programs."""


def _take_over() -> ExitStack:
    """Have every client of the process ask here first; closing what is returned undoes it."""
    with ExitStack() as taking:
        taking.enter_context(_environment(_CREDENTIALS))
        # A default session made before has the user's credentials, and is theirs again afterwards.
        taking.enter_context(patch("boto3.DEFAULT_SESSION", None))
        taking.enter_context(_every_client())
        return taking.pop_all()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Generator[None]:
    """Let these variables be set; what else is changed meanwhile stays changed."""
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
    """Have every client ask here first, whenever it was made: it is told when it makes its first call."""
    call: Any = getattr(BaseClient, "_make_api_call")  # noqa: B009 - where every call of every client goes through

    def calling(client: Any, operation: str, arguments: object) -> object:  # noqa: ANN401 - a boto3 client
        events, service = client.meta.events, client.meta.service_model.service_name
        if service in services.SERVICES and events not in _listened:
            with _lock:  # two threads may make the first call of a client
                if events not in _listened:
                    events.register_first(f"before-send.{service}", _answer)
                    _listened.add(events)
        return call(client, operation, arguments)

    with patch.object(BaseClient, "_make_api_call", calling):
        yield


def _answer(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
    """Answer a request of a client, where a double is entered."""
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
