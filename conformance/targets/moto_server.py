"""The target `moto-server`: moto's EC2 behind HTTP, in a child process that this module starts and stops.

A process, not a thread, so that the server shares neither interpreter nor moto's patches of botocore with the client.
The child runs `moto_server_process` and not `moto_server`, which cannot report the free port that it took
and would survive a killed parent; `moto_server_process` ends when its standard input closes.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from importlib.metadata import version
from threading import Timer
from typing import Final

from ..adapter.ec2_target import Ec2Target
from ..adapter.sessions import isolated_session, without_aws
from ..adapter.target import Broken
from .endpoint import endpoint_target
from .moto import IMAGE, PATIENCE

_MODULE: Final = f"{__package__}.moto_server_process"
_START_TIMEOUT: Final = 60.0
_ANSWER_TIMEOUT: Final = 30.0
"""Generous, for a busy machine: moto's first answer takes a second or two."""
_STOP_TIMEOUT: Final = 5.0


class _Server:
    """A running server."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by `stop`
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            # -P: a folder `moto` in the working directory is not the installed moto.
            [sys.executable, "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=without_aws(os.environ),
            text=True,
            start_new_session=True,  # Ctrl-C reaches only this process, which then stops the server
        )

    def url(self) -> str:
        """Wait until the server accepts connections and return its URL; raises `Broken`."""
        too_late = Timer(_START_TIMEOUT, self._process.kill)
        too_late.start()
        try:
            port = self._process.stdout.readline().strip() if self._process.stdout else ""
        finally:
            too_late.cancel()
        if not port.isdecimal():
            raise Broken(f"moto's server does not start ({self._last_error()}).")
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Stop the server, by force if necessary."""
        with suppress(OSError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=_STOP_TIMEOUT)
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def _last_error(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_TIMEOUT)
        self._errors.seek(0)
        lines = self._errors.read().split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")


def moto_server_target() -> Ec2Target:
    """Start moto's server and return it as a target; raises `Broken` if it does not start."""
    server = _Server()
    with ExitStack() as stopping:
        stopping.callback(server.stop)
        target = endpoint_target(
            server.url(),
            name="moto-server",
            version=version("moto"),
            session=isolated_session(),
            timeout=_ANSWER_TIMEOUT,
            patience=PATIENCE,
            preferred_image=IMAGE,
            on_close=server.stop,
        )
        stopping.pop_all()  # the target stops the server now
    return target
