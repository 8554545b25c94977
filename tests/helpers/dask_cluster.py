"""A Dask cluster for tests: a scheduler and workers, each a process that a test may kill."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from processes import wait_until

PYTHON: Final = (sys.executable, "-m")
SCHEDULER: Final = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
WORKER: Final = (
    "distributed.cli.dask_worker",
    "--no-nanny",
    "--nthreads",
    "1",
    "--memory-limit",
    "0",
    "--no-dashboard",
)
ADDRESS: Final = re.compile(r"tcp://127\.0\.0\.1:\d+")


@dataclass
class DaskCluster:
    """A scheduler and its workers."""

    folder: Path
    address: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])

    def start(self, workers: int) -> None:
        """Start the scheduler and so many workers."""
        scheduler = self._start("scheduler", SCHEDULER)
        log = self.folder / "scheduler.log"
        wait_until(lambda: bool(self._address_in(log)) or scheduler.poll() is not None, "the scheduler does not start")
        self.address = self._address_in(log)
        for _ in range(workers):
            self.add_worker()

    def add_worker(self) -> None:
        """Start one more worker."""
        self.workers.append(self._start(f"worker-{len(self._started)}", (*WORKER, self.address)))

    def kill_a_worker(self) -> int:
        """Kill the worker that is the longest there, as `kill -9` does, and start another; return its process id."""
        lost = self.workers.pop(0)
        lost.send_signal(signal.SIGKILL)
        lost.wait()
        self.add_worker()
        return lost.pid

    def stop(self) -> None:
        """End every process."""
        for process in self._started:
            process.kill()
            process.wait()

    def _start(self, name: str, words: tuple[str, ...]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen([*PYTHON, *words], cwd=self.folder, env={**os.environ}, stdout=log, stderr=log)
        self._started.append(process)
        return process

    @staticmethod
    def _address_in(log: Path) -> str:
        with suppress(OSError):
            found = ADDRESS.search(log.read_text(encoding="utf-8"))
            return found[0] if found else ""
        return ""


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Generator[DaskCluster]:
    """Start a cluster that lives in a folder, and stop it at the end of the context."""
    cluster = DaskCluster(folder)
    try:
        cluster.start(workers)
        yield cluster
    finally:
        cluster.stop()
