"""How the calls of a client are seen: boto3's own tell their events, any other is wrapped."""

from collections.abc import Callable, Hashable, Iterator
from functools import partial
from typing import Any, Final, Protocol, TypeAlias, cast
from uuid import uuid4

from botocore.exceptions import ClientError

from ...adapter.arguments import METHODS
from .calls import Call, Fields

Client: TypeAlias = Any
"""A boto3 client or resource of EC2, or whatever has the methods of the client."""

Ticket: TypeAlias = Any
"""Whatever the listener wants back when the answer of a call comes."""


class CallListener(Protocol):
    """Learns of the calls of watched clients."""

    def sent(self, place: Hashable, name: str, sent: Fields) -> Ticket | None:
        """Learn that a call is sent; None: its answer is of no interest."""
        ...

    def returned(self, ticket: Ticket, call: Call) -> None:
        """Learn how a call ended."""
        ...


_OK: Final = 300
"""The first status that is none of success."""
_TO_BE_WRAPPED: Final = frozenset(METHODS.values())


def watched(client: Client, judge: CallListener) -> tuple[Client, Iterator[None]]:
    """Return a client whose calls the judge is told, and an iterator whose next step undoes that.

    Raises TypeError where it is no client of EC2.
    """
    meta = getattr(client, "meta", None)
    inner = getattr(meta, "client", None)  # of a resource
    events = getattr(getattr(inner, "meta", meta), "events", None)
    if events is not None:
        core = inner or client
        service = core.meta.service_model.service_name
        if service != "ec2":
            raise TypeError(f'this is a client of {service}; give one of EC2, as boto3.client("ec2").')
        undo = _listening(core, _Listener(judge, (core.meta.endpoint_url, core.meta.region_name)))
        next(undo)
        return client, undo
    if not hasattr(client, "describe_instances"):
        raise TypeError(
            f"{type(client).__name__} has no describe_instances; "
            'give a boto3 client or resource of EC2, as boto3.client("ec2").'
        )
    return _Wrapped(client, judge), iter(())


def _listening(client: Client, listener: "_Listener") -> Iterator[None]:
    """Have a client tell its events, until the next step."""
    events = client.meta.events
    handlers = {
        # The last of its kind: what other handlers make of the parameters is what is sent.
        "before-parameter-build": (listener.built, events.register_last),
        "before-call": (listener.sent, events.register_last),
        "after-call": (listener.answered, events.register_first),
        "after-call-error": (listener.unanswered, events.register_first),
    }
    mark = uuid4().hex
    for event, (handler, register) in handlers.items():
        register(f"{event}.ec2", handler, unique_id=f"{event}-{mark}")
    yield
    for event, (handler, _) in handlers.items():
        events.unregister(f"{event}.ec2", handler, unique_id=f"{event}-{mark}")


class _Listener:
    """Hears the events of one client. What belongs to one call finds itself again by botocore's context of the call."""

    def __init__(self, judge: CallListener, place: Hashable) -> None:
        self._judge = judge
        self._place = place
        self._key = f"ec2-lifecycle-{uuid4().hex}"

    def built(self, params: Fields, context: dict[str, Any], **_: object) -> None:
        """The parameters are as they will be sent, if they are valid."""
        context[self._key] = dict(params)

    def sent(self, model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401 - botocore's model
        """The call is about to be sent."""
        sent: Fields = context.get(self._key, {})
        context[self._key] = (sent, self._judge.sent(self._place, model.name, sent))

    def answered(self, http_response: Any, parsed: Any, model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401
        """A reply came, or an error."""
        status = getattr(http_response, "status_code", 0)
        error = ClientError(parsed, model.name) if status >= _OK else None
        self._tell(model.name, context, reply=parsed, error=error)

    def unanswered(self, exception: Exception, context: dict[str, Any], event_name: str, **_: object) -> None:
        """No reply came that botocore can read."""
        self._tell(event_name.rpartition(".")[2], context, reply=None, error=exception)

    def _tell(self, name: str, context: dict[str, Any], reply: object, error: Exception | None) -> None:
        known = context.pop(self._key, None)
        if isinstance(known, tuple):
            sent, ticket = cast("tuple[Fields, Ticket | None]", known)
            if ticket is not None:
                self._judge.returned(ticket, Call(name, sent, None if error else reply, error))


class _Wrapped:
    """Has all that a client has; the methods of which the specification speaks tell the judge."""

    def __init__(self, client: Client, judge: CallListener) -> None:
        self._client = client
        self._judge = judge

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the client has
        value = getattr(self._client, name)
        return partial(self._call, name, value) if name in _TO_BE_WRAPPED else value

    def _call(self, method: str, function: Callable[..., Any], /, **sent: object) -> object:
        name = "".join(part.title() for part in method.split("_"))
        ticket = self._judge.sent(None, name, sent)
        try:
            reply = function(**sent)
        except Exception as error:
            if ticket is not None:
                self._judge.returned(ticket, Call(name, sent, None, error))
            raise
        if ticket is not None:
            self._judge.returned(ticket, Call(name, sent, reply))
        return reply
