"""The connection to a Dask cluster: one that runs already, or one that is started on this machine."""

import logging
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Final, Generic, Protocol, Self, TypeVar, cast

from .installed import first_difference, installed

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

LOCAL: Final = "local"
"""The address that starts a cluster on this machine."""
EXAMPLE: Final = "tcp://HOST:8786"
_ADDRESS: Final = re.compile(r"(?:tcp|tls)://[^\s/]+:\d{1,5}")
_TO_CONNECT: Final = 20.0
"""Seconds within which a scheduler must answer, and a worker join."""
_POLL: Final = 0.1
"""Seconds between two checks whether the user interrupted."""
_LOOK_AGAIN: Final = 5.0
"""Seconds between two checks whether there is a worker."""
_WITHOUT_WORKERS: Final = 60.0
"""Seconds after which nobody expects a worker any more; a nanny starts another one within a few."""


class DaskFuture(Protocol[T_co]):
    """What is used of a future of Dask, which has no types of its own."""

    def add_done_callback(self, fn: Callable[[Any], None]) -> None: ...  # noqa: D102 - as in Dask
    def result(self) -> T_co: ...  # noqa: D102
    def cancel(self) -> object: ...  # noqa: D102


class DaskClient(Protocol):
    """What is used of a client of Dask."""

    id: str
    dashboard_link: str

    def submit(self, func: Callable[..., T], *args: object, key: object, pure: bool) -> DaskFuture[T]: ...  # noqa: D102
    def run(self, function: Callable[[], object], *, on_error: str = "raise") -> dict[str, Any]: ...  # noqa: D102
    def ncores(self) -> dict[str, int]: ...  # noqa: D102
    def get_executor(self, *, pure: bool) -> Executor: ...  # noqa: D102
    def wait_for_workers(self, n_workers: int, timeout: float) -> None: ...  # noqa: D102
    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...


class ClusterError(Exception):
    """The cluster cannot be used; `wrong_usage` says that the user made the mistake."""

    def __init__(self, message: str, *, wrong_usage: bool = False) -> None:
        super().__init__(message)
        self.wrong_usage = wrong_usage


class GivenUp(Exception):
    """Nobody waits for a result any more."""


@dataclass(frozen=True)
class Remote(Generic[T]):
    """A value on a worker: what a task returns, or will return. It may be an argument of another task."""

    future: DaskFuture[T]
    cluster: "Cluster"

    def result(self, given_up: Callable[[], bool] = lambda: False) -> T:
        """Wait for the value and return it; raises `ClusterError`, `GivenUp`, and what the task raised."""
        arrived = threading.Event()
        self.future.add_done_callback(lambda _: arrived.set())
        with in_a_sentence(self.cluster.address):
            while not arrived.wait(_POLL):
                if given_up():
                    raise GivenUp
                self.cluster.check_that_someone_works()
            return self.future.result()

    def cancel(self) -> None:
        """Compute the value no more, if nobody else needs it."""
        self.future.cancel()


@contextmanager
def in_a_sentence(address: str) -> Generator[None]:
    """Raise `ClusterError` for what ends the tasks of a cluster from outside."""
    from distributed.scheduler import KilledWorker  # noqa: PLC0415 - an extra

    try:
        yield
    except KilledWorker as error:
        raise ClusterError(
            f"{address} lost every worker that took up one task, so the task seems to end its worker; "
            "see the log of the workers."
        ) from error
    except CancelledError as error:
        raise ClusterError(f"{address} is gone, with what it computed; start the run again.") from error


@dataclass
class Cluster:
    """A cluster that is connected."""

    client: DaskClient
    address: str
    """Its address, as the user wrote it."""
    _names: dict[str, int] = field(default_factory=dict[str, int])
    _seen_working: float = field(default_factory=time.monotonic)
    """When it had a worker last."""
    _looked: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def workers(self) -> int:
        """The number of its workers now."""
        return len(self.client.ncores())

    @property
    def dashboard(self) -> str:
        """The address of Dask's dashboard."""
        return self.client.dashboard_link

    def submit(self, name: str, task: Callable[..., T], /, *arguments: object) -> Remote[T]:
        """Hand in a task, under a name for the dashboard; its result must depend on its arguments only.

        An argument that is a `Remote` is given to the task as its value, on a worker that has it if possible.
        """
        given = (_as_dask_takes_it(argument) for argument in arguments)
        future = self.client.submit(task, *given, key=self._key(name), pure=False)
        return Remote(future, self)

    def check_that_someone_works(self) -> None:
        """Raise `ClusterError` if there has been no worker for a while; the cluster itself would wait for ever."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked < _LOOK_AGAIN:
                return
            self._looked = now
            try:
                workers = self.workers
            except OSError as error:
                raise ClusterError(f"{self.address} does not answer any more; start the run again.") from error
            if workers:
                self._seen_working = now
            elif now - self._seen_working > _WITHOUT_WORKERS:
                raise ClusterError(f"{self.address} has lost its last worker; start the run again.")

    def executor(self) -> Executor:
        """Return the cluster as an executor."""
        return self.client.get_executor(pure=False)

    def _key(self, name: str) -> tuple[str, str, int]:
        """Return a unique key; the dashboard shows the tasks whose keys begin with the same name as one group."""
        with self._lock:
            self._names[name] = self._names.get(name, 0) + 1
            return name, self.client.id, self._names[name]


def _as_dask_takes_it(argument: object) -> object:
    """Return the future of a remote value, and any other argument as it is."""
    return cast("Remote[object]", argument).future if isinstance(argument, Remote) else argument


def check_address(address: str) -> None:
    """Raise `ClusterError` for a text that is no address of a cluster; connects to nothing."""
    if address != LOCAL and not _ADDRESS.fullmatch(address):
        raise ClusterError(
            f'"{address}" is not the address of a cluster; '
            f"write {LOCAL}, or the address of a Dask scheduler, such as {EXAMPLE}.",
            wrong_usage=True,
        )


@contextmanager
def connected(address: str, workers: int | None = None) -> Generator[Cluster]:
    """Connect to a scheduler, or start a cluster here with so many workers (by default one for each core).

    Raises `ClusterError` if that fails, or if a worker has not the same installed as this process.
    """
    check_address(address)
    _require_dask()
    with ExitStack() as stack:
        client = stack.enter_context(_started(workers) if address == LOCAL else _reached(address))
        _check_workers(client, address)
        with in_a_sentence(address):
            yield Cluster(client, address)


def _require_dask() -> None:
    if find_spec("distributed") is None:
        raise ClusterError("--cluster needs Dask; in a clone, run: pip install '.[cluster]'", wrong_usage=True)
    # Dask logs what this package reports in a sentence, and every lost worker, which loses nothing.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)


@contextmanager
def _started(workers: int | None) -> Generator[DaskClient]:
    """Start a cluster on this machine, and stop it at the end."""
    from dask import config  # noqa: PLC0415 - an extra
    from distributed import Client, LocalCluster  # noqa: PLC0415

    # A worker starts the process of a target, which a daemon may not.
    with config.set({"distributed.worker.daemon": False}), _no_interrupts():
        cluster = LocalCluster(
            n_workers=workers or os.cpu_count() or 1,
            threads_per_worker=1,
            memory_limit=0,  # of a run without a cluster no process has a limit either
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
        client = cast("DaskClient", Client(cluster))
    with cluster, client:
        yield client


@contextmanager
def _reached(address: str) -> Generator[DaskClient]:
    """Connect to a scheduler."""
    from distributed import Client  # noqa: PLC0415 - an extra

    try:
        client = cast("DaskClient", Client(address, timeout=_TO_CONNECT))
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}; start one with: dask scheduler") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_TO_CONNECT)
        except TimeoutError as error:
            raise ClusterError(f"{address} has no worker; start one with: dask worker {address}") from error
        yield client


@contextmanager
def _no_interrupts() -> Generator[None]:
    """Block Ctrl-C in the threads and processes that start now: only this thread handles it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _check_workers(client: DaskClient, address: str) -> None:
    """Raise `ClusterError` if a worker has not the same installed as this process."""
    here = installed()
    try:
        answers = client.run(installed, on_error="return")
    except Exception as error:
        raise ClusterError(f"a worker of {address} lacks this project; install it there, as here.") from error
    for worker, there in answers.items():
        if isinstance(there, BaseException):
            raise ClusterError(f"the worker {worker} lacks this project; install it there, as here.") from there
        if (different := first_difference(here, there)) is not None:
            raise ClusterError(f"the worker {worker} has {different}; install the same on both.")
