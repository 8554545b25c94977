"""Observes the calls of a client: by events of boto3 clients, by a wrapper for all others."""

import threading
from collections.abc import Callable, Hashable, Iterator
from functools import partial
from typing import Any, Final, Protocol, TypeAlias, cast
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ...adapter.arguments import METHODS
from ...adapter.reply_parts import structure_or_nothing
from ...adapter.strict_replies import ERROR, UnreadableBody, is_cut_off, parsed, strict_reply
from .calls import OPERATIONS, Call, Fields

Client: TypeAlias = Any
"""A boto3 client or resource of EC2, or an object with the methods of the client."""

Ticket: TypeAlias = Any
"""An object that the listener gets back with the result of a call."""


class CallListener(Protocol):
    """Receives the calls of watched clients."""

    def sent(self, place: Hashable, name: str, sent: Fields) -> Ticket | None:
        """Handle the start of a call; return None to ignore its result."""
        ...

    def returned(self, ticket: Ticket, call: Call) -> None:
        """Handle the end of a call."""
        ...


_OK: Final = 300
"""The lowest status that is not success."""
_NO_REPLY: Final = (BotoCoreError, ResponseParserError)
_METADATA: Final = "ResponseMetadata"
_WRAPPED_METHODS: Final = frozenset(METHODS.values())


def watch_client(client: Client, judge: CallListener) -> tuple[Client, Iterator[None]]:
    """Return a client that reports its calls to the judge, and an iterator whose next step undoes that.

    Raises TypeError if it is not an EC2 client.
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
    """Listen to a client's events until the next step of the iterator."""
    events = client.meta.events
    handlers = {
        # Registered last, because earlier handlers may change the parameters.
        "before-parameter-build": (listener.parameters_built, events.register_last),
        "before-call": (listener.sent, events.register_last),
        # Registered first, because later handlers may change the body.
        "before-parse": (listener.received, events.register_first),
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
    """Handles the events of one client; botocore's context connects the events of one call."""

    def __init__(self, judge: CallListener, place: Hashable) -> None:
        self._judge = judge
        self._place = place
        self._key = f"ec2-lifecycle-{uuid4().hex}"
        self._strict = threading.local()
        """A call receives, reads and returns its reply in one thread."""

    def parameters_built(self, params: Fields, context: dict[str, Any], **_: object) -> None:
        """Record the parameters as they will be sent."""
        context[self._key] = dict(params)

    def sent(self, model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401 - botocore's model
        """Report the start of a call."""
        sent: Fields = context.get(self._key, {})
        context[self._key] = (sent, self._judge.sent(self._place, model.name, sent))

    def received(self, response_dict: dict[str, Any], operation_model: Any, **_: object) -> None:  # noqa: ANN401
        """Read a success strictly, before botocore guesses what it says."""
        self._strict.reply = None
        if operation_model.name not in OPERATIONS or response_dict["status_code"] >= _OK:
            return
        headers, body = response_dict["headers"], response_dict["body"]
        try:
            self._strict.reply = strict_reply(operation_model, parsed(body))
        except UnreadableBody as wrong:  # botocore fails on it too, unless it is a web page in XML
            self._strict.reply = None if is_cut_off(headers, body) else wrong

    def answered(self, http_response: Any, parsed: Any, model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401
        """Report a reply or an error."""
        status = getattr(http_response, "status_code", 0)
        strict = self._read_strictly()
        if isinstance(strict, UnreadableBody):
            self._report(model.name, context, reply=None, error=strict)
            return
        reply: Any = parsed if strict is None else strict | {_METADATA: structure_or_nothing(parsed).get(_METADATA, {})}
        error = ClientError(reply, model.name) if status >= _OK or (strict and ERROR in strict) else None
        self._report(model.name, context, reply=reply, error=error)

    def unanswered(self, exception: Exception, context: dict[str, Any], event_name: str, **_: object) -> None:
        """Report a call without a reply that botocore can read."""
        strict = self._read_strictly()
        # botocore fails on a number that is none; nothing else fails once a reply was received and is XML.
        readable = strict if isinstance(strict, dict) and not isinstance(exception, _NO_REPLY) else None
        error = None if readable is not None else strict if isinstance(strict, UnreadableBody) else exception
        self._report(event_name.rpartition(".")[2], context, reply=readable, error=error)

    def _read_strictly(self) -> dict[str, Any] | UnreadableBody | None:
        """Return the reply that this thread received last, read strictly, or why it cannot be; None: there is none."""
        reply: dict[str, Any] | UnreadableBody | None = getattr(self._strict, "reply", None)
        self._strict.reply = None
        return reply

    def _report(self, name: str, context: dict[str, Any], reply: object, error: Exception | None) -> None:
        known = context.pop(self._key, None)
        if isinstance(known, tuple):
            sent, ticket = cast("tuple[Fields, Ticket | None]", known)
            if ticket is not None:
                self._judge.returned(ticket, Call(name, sent, None if error else reply, error))


class _Wrapped:
    """Wraps a client, and reports calls of the specification's operations to the judge."""

    def __init__(self, client: Client, judge: CallListener) -> None:
        self._client = client
        self._judge = judge

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of the client
        value = getattr(self._client, name)
        return partial(self._call, name, value) if name in _WRAPPED_METHODS else value

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
