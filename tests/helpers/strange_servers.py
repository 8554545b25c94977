"""EC2 endpoints that answer strangely: the model over HTTP, with its replies changed on the way.

`strange_server` is a server. `strange_replies` gives boto3 the same replies without a connection, which takes a
third of the time, where a test is about what is in them.
"""

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.handlers import BUILTIN_HANDLERS

from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply, HttpRequest

Asked = dict[str, str]
"""The fields of a request."""
Change = Callable[[Asked, HttpReply], HttpReply | None]
"""Makes another reply of EC2's; None: the connection is cut without one."""


NOWHERE: Final = "http://127.0.0.1:9"
"""Nobody listens at the port of the discard service any more."""


def _changed(change: Change, model: ServedModel, headers: Mapping[str, str], body: bytes) -> HttpReply | None:
    """Return the reply to a request, as it comes out of the change."""
    asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return change(asked, model.endpoint.answer(HttpRequest(headers=headers, body=body)))


class _Body(BytesIO):
    """What botocore reads a body from."""

    def stream(self, **_: object) -> Generator[bytes]:
        yield self.read()


@contextmanager
def strange_replies(change: Change) -> Generator[str]:
    """Answer every client of boto3 that is made in the context and calls the URL that is told."""
    model = ServedModel()

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if not request.url.startswith(NOWHERE):
            return None
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        reply = _changed(change, model, headers, _bytes(request.body))
        if reply is None:
            raise ConnectionClosedError(endpoint_url=request.url)
        # botocore's stubs know only what urllib3 gives it.
        shown: Any = {**reply.headers, "Content-Length": str(len(reply.body))}
        raw: Any = _Body(reply.body)
        return AWSResponse(request.url, reply.status, shown, raw)

    handlers: list[Any] = BUILTIN_HANDLERS
    handler = ("before-send.ec2", answer)  # as moto answers: a reply of a handler takes the place of the connection
    handlers.append(handler)
    try:
        yield NOWHERE
    finally:
        handlers.remove(handler)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(value: Any) -> bytes:  # noqa: ANN401 - botocore sends texts, bytes and files
    return value if isinstance(value, bytes) else str(value).encode()


@contextmanager
def strange_server(change: Change) -> Generator[str]:
    """Serve until the end of the context; the URL is told."""
    model = ServedModel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = _changed(change, model, headers, body)
            self.close_connection = True
            if reply is None:
                return
            with suppress(ConnectionError):  # who asked may have been ended meanwhile
                self._send(reply)

        def _send(self, reply: HttpReply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
            del format, args

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base class
            if not isinstance(sys.exc_info()[1], ConnectionError):  # a client that was killed closes its connection
                super().handle_error(request, client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def in_json(status: int, text: str) -> HttpReply:
    """Return a reply in JSON."""
    return HttpReply(status, {"Content-Type": "application/x-amz-json-1.1"}, text.encode())
