"""The served model as an ASGI application; it answers one request at a time, on the server's thread."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from ipaddress import ip_address
from typing import Any, Final, TypeAlias

from ..wire.http import HttpReply, HttpRequest
from . import control, endpoint, page
from .served_model import ServedModel

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

DROP: Final = "ec2-lifecycle.drop"
"""The key in the state of a connection whose value ends the connection; the server puts it there."""


def application(model: ServedModel) -> Application:
    """Return the application for a server that speaks ASGI."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        to_control = control.is_control_path(scope["path"])
        if to_control and not (_is_local(scope) and control.has_local_name(headers.get("host", ""))):
            await _send(control.refused(), send)
            return
        body = await _body(receive, control.MOST_BYTES if to_control else endpoint.MOST_BYTES)
        if body is None:  # the client has disconnected
            return
        request = HttpRequest(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
        )
        if to_control:
            await _send(control.control(model, request), send)
            return
        if page.is_asked_for(request):
            await _send(page.page(model, request), send)
            return
        answered = model.answer(request)
        if answered.late_by:
            await asyncio.sleep(answered.late_by)
        if answered.reply is None:
            await _drop(scope, receive)
        else:
            await _send(answered.reply, send)

    return answer


async def _body(receive: Receive, most: int) -> bytes | None:
    """Return the body of a request, truncated just beyond `most` bytes; None if the client disconnected."""
    parts: list[bytes] = []
    length = 0
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        if length <= most:
            parts.append(part)
        length += len(part)
        has_more = message.get("more_body", False)
    return b"".join(parts)


async def _send(reply: HttpReply, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _drop(scope: Scope, receive: Receive) -> None:
    """End the connection without a reply."""
    scope["state"][DROP]()
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_local(scope: Scope) -> bool:
    """Tell whether the other end of the connection is this machine."""
    client = scope.get("client")
    if client is None:
        return False
    address = ip_address(client[0])
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
