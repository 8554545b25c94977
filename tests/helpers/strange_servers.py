"""EC2 endpoints that answer strangely: the model over HTTP, with its replies changed on the way."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply, HttpRequest

Asked = dict[str, str]
"""The fields of a request."""
Change = Callable[[Asked, HttpReply], HttpReply | None]
"""Makes another reply of EC2's; None: the connection is cut without one."""


@contextmanager
def strange_server(change: Change) -> Generator[str]:
    """Serve until the end of the context; the URL is told."""
    model = ServedModel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = change(asked, model.endpoint.answer(HttpRequest(headers=headers, body=body)))
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
