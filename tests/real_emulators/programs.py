"""Emulators of EC2 that other people wrote, each as a program of its own on a free port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
PROGRAMS: Final = Path(sys.executable).parent
TO_START: Final = 60.0
TO_STOP: Final = 5.0


@dataclass(frozen=True)
class Emulator:
    """How an emulator is started on a port: its command, and what it reads from its environment."""

    name: str
    command: Callable[[str], tuple[str, ...]]
    environment: Callable[[str], Mapping[str, str]] = lambda _: {}


EMULATORS: Final = (
    Emulator("moto-server", lambda port: ("moto_server", "-H", HOST, "-p", port)),
    Emulator("ministack", lambda _: ("ministack",), lambda port: {"BIND_HOST": HOST, "GATEWAY_PORT": port}),
    Emulator("aws-local-run", lambda port: ("aws-local-run", "start", "--host", HOST, "--port", port)),
)


@dataclass(frozen=True)
class Running:
    """An emulator that takes connections."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def running(emulator: Emulator, home: Path) -> Generator[Running]:
    """Start an emulator that lives in a folder, wait until it listens, and stop it at the end of the context."""
    port = _free_port()
    program, *arguments = emulator.command(str(port))
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(PROGRAMS / program), *arguments],
            cwd=home,
            env={"HOME": str(home), "PATH": os.defpath, **emulator.environment(str(port))},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_until_it_listens(process, port)
            yield Running(f"http://{HOST}:{port}", process)
        finally:
            process.terminate()
            try:
                process.wait(TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    """Return a port that was free just now: none of the emulators can say which one it took."""
    with socket.create_server((HOST, 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + TO_START
    while True:
        assert process.poll() is None, "the emulator ended by itself"
        try:
            socket.create_connection((HOST, port), 1.0).close()
        except OSError:
            assert time.monotonic() < until, "the emulator does not listen"
            time.sleep(0.05)
        else:
            return
