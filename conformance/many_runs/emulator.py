"""An emulator that a campaign starts for one run, on a free port."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from .plan_file import PORT

_HOST: Final = "127.0.0.1"
_MODULE: Final = f"{__package__}.watched_process"
_TO_START: Final = 120.0
"""Generous, for a busy machine."""
_TO_STOP: Final = 15.0
_POLL: Final = 0.05


class NotStarted(Exception):
    """The emulator does not listen; the message is one sentence for the user."""


@contextmanager
def emulator(command: Sequence[str], environment: Mapping[str, str]) -> Generator[int]:
    """Start an emulator in an empty folder, give the port on which it listens, and stop it at the end.

    Raises `NotStarted`.
    """
    port = _free_port()
    words = [word.replace(PORT, str(port)) for word in command]
    given = {name: value.replace(PORT, str(port)) for name, value in environment.items()}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, Path(home, "log").open("w+b") as log:
        process = subprocess.Popen(  # noqa: S603 - the user's command
            [sys.executable, "-P", "-m", _MODULE, *words],
            cwd=home,
            env={**os.environ, **given},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches only the campaign, which then stops it
        )
        try:
            if not _listens(process, port):
                raise NotStarted(f"{words[0]} does not listen on port {port} ({_last_line(Path(home, 'log'))}).")
            yield port
        finally:
            with suppress(OSError, subprocess.TimeoutExpired):
                process.communicate(timeout=_TO_STOP)
            process.kill()
            process.wait()


def _free_port() -> int:
    """Return a port that was free just now: few emulators can say which one they took."""
    with socket.create_server((_HOST, 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _listens(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Wait until something listens; False if the process ended, or it takes too long."""
    until = time.monotonic() + _TO_START
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError):
            socket.create_connection((_HOST, port), 1.0).close()
            return True
        time.sleep(_POLL)
    return False


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
