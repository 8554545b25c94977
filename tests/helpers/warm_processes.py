"""Processes for targets that start warm: each is forked from one that has imported everything.

A run starts a process for its target, which imports boto3, moto and the specification. That takes a second of processor
time, and tests start hundreds. A process of Python's fork server has all of it already. As a spawned one it knows
nothing of the test's memory: it gets its job as a message, the environment, the folder, and the two output streams.
The tests of commands in a process of their own (`processes.under_way`) spawn processes, as users do.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any
from unittest.mock import patch


@dataclass(frozen=True)
class _Stream:
    """An open file, by its number; it has another number in the new process."""

    number: int

    def __reduce__(self) -> tuple[Callable[[Any], "_Stream"], tuple[Any]]:
        """Send the open file along."""
        return _received, (DupFd(self.number),)


def _received(sent: Any) -> _Stream:  # noqa: ANN401 - multiprocessing's own class
    return _Stream(sent.detach())


def _as_spawned(
    environment: dict[str, str], out: _Stream, err: _Stream, job: Callable[..., None], arguments: tuple[object, ...]
) -> None:
    """Do a job as a process would that had been spawned."""
    from moto.moto_api._internal import mock_random  # noqa: PLC0415 - the new process has it already

    os.environ.clear()
    os.environ.update(environment)
    for number, stream in ((1, out), (2, err)):
        os.dup2(stream.number, number)
        os.close(stream.number)
    random.seed()
    mock_random.seed()
    job(*arguments)


class WarmProcess(ForkServerProcess):
    """A process that starts warm."""

    def __init__(self, *, target: Callable[..., None], args: tuple[object, ...], name: str, daemon: bool) -> None:
        super().__init__(
            target=_as_spawned,
            args=(dict(os.environ), _Stream(1), _Stream(2), target, args),
            name=name,
            daemon=daemon,
        )

    def start(self) -> None:
        """Start the process, and before the first one what all are forked from."""
        with patch.dict(os.environ, PYTHONPATH=str(Path(__file__).parent)):
            forkserver.set_forkserver_preload(["warm_start"])
            forkserver.ensure_running()
        super().start()


class WarmContext(ForkServerContext):
    """What `multiprocessing.get_context` returns, with processes that start warm."""

    Process = WarmProcess
