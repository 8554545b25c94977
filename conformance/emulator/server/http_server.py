"""Serves the model over HTTP, by uvicorn with httptools: the fastest well-maintained HTTP server in Python."""

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ....reports.os_reasons import os_reason
from .asgi import DROP, application
from .served_model import ServedModel

HOST: Final = "127.0.0.1"
_KEEP_ALIVE: Final = 75
"""Seconds that an idle connection is kept: longer than clients keep theirs."""
_BACKLOG: Final = 512
"""Maximum connections waiting to be accepted."""


class _Droppable(HttpToolsProtocol):
    """A connection that the application can end without a reply."""

    def on_message_begin(self) -> None:
        """Give the application the means to end the connection."""
        super().on_message_begin()
        self.scope.setdefault("state", {})[DROP] = self.transport.abort


class CannotListen(Exception):
    """The address cannot be listened on; the message is one sentence for the user."""


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address; raises `CannotListen` if it is invalid."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        raise CannotListen(f'"{host}" is not an address of this machine; write one such as {HOST}.') from None


def listen(host: str = HOST, port: int = 0) -> socket.socket:
    """Return a listening socket, on a free port if `port` is 0; raises `CannotListen`."""
    address = HOST if host == "localhost" else host
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # With an explicit protocol asyncio sets TCP_NODELAY; otherwise each call takes 40 ms more.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise CannotListen(
            f"Nothing can listen on {host}, port {port} ({os_reason(error)}); name another --port."
        ) from None
    return listening


def url_of(listening: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(model: ServedModel, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM, which are then passed on to the previous handlers."""
    _server(model).run(sockets=[listening])


@contextmanager
def serve_in_thread(model: ServedModel) -> Generator[str]:
    """Serve in a thread until the end of the context; yields the URL."""
    server = _server(model)
    with listen() as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.001)
            yield url_of(listening)
        finally:
            server.should_exit = True
            thread.join()


def _server(model: ServedModel) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application(model),
            http=_Droppable,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,  # errors are logged by the program's own logging; requests are not logged
            access_log=False,
            proxy_headers=False,  # only the connection says who the client is, not a header
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=1,
        )
    )
