"""The command line in a process of its own, and waiting for what it does."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MAIN: Final = (sys.executable, "-c", "from ec2_lifecycle.conformance.cli import main; main()")


@contextmanager
def under_way(words: str, folder: Path) -> Generator[subprocess.Popen[str]]:
    """The command line in a process of its own and a group of its own."""
    with subprocess.Popen(
        [*MAIN, *words.split()],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(so: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so; fail with a sentence where it is not in a minute."""
    until = time.monotonic() + 60
    while not so():
        assert time.monotonic() < until, otherwise
        time.sleep(0.05)
