"""The target `moto-server`: moto's EC2 behind HTTP, in a process that is started and stopped here.

A process and not a thread: the server shares neither interpreter nor moto's patches of botocore with the client.
Its own entry point and not `moto_server`: that one cannot say which free port it took,
and would stay behind when we are killed; this one ends with its standard input, which ends with us.
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
_TO_START: Final = 60.0
_TO_ANSWER: Final = 30.0
"""Of a busy machine: moto's first answer takes it a second or two."""
_TO_STOP: Final = 5.0


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
            start_new_session=True,  # Ctrl-C is for us, who stop it then
        )

    def url(self) -> str:
        """Wait until it accepts connections and return its URL; raises `Broken`."""
        too_late = Timer(_TO_START, self._process.kill)
        too_late.start()
        try:
            port = self._process.stdout.readline().strip() if self._process.stdout else ""
        finally:
            too_late.cancel()
        if not port.isdecimal():
            raise Broken(f"moto's server does not start ({self._last_error()}).")
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """End it, by force if need be."""
        with suppress(OSError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=_TO_STOP)
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def _last_error(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_TO_STOP)
        self._errors.seek(0)
        lines = self._errors.read().split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")


def moto_server_target() -> Ec2Target:
    """Start moto's server and return it as a target; raises `Broken` where it does not start."""
    server = _Server()
    with ExitStack() as stopping:
        stopping.callback(server.stop)
        target = endpoint_target(
            server.url(),
            name="moto-server",
            version=version("moto"),
            session=isolated_session(),
            timeout=_TO_ANSWER,
            patience=PATIENCE,
            preferred_image=IMAGE,
            on_close=server.stop,
        )
        stopping.pop_all()  # now the target does it
    return target
