"""A pool of processes that each prepare a worker once; results come in the order of the tasks."""

import signal
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import lru_cache
from multiprocessing import get_context, pool
from threading import Lock
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from ...model.specification import Specification

W = TypeVar("W")
T = TypeVar("T")
R = TypeVar("R")

_AT_ONCE: Final = 4
"""Tasks that a process takes at a time."""


class Mutant(Protocol):
    """The specification with one change, as `model.proof.mutants` makes it."""

    @property
    def id(self) -> str: ...  # noqa: D102 - attributes of every mutant
    @property
    def module(self) -> str: ...  # noqa: D102
    @property
    def place(self) -> str: ...  # noqa: D102
    @property
    def change(self) -> str: ...  # noqa: D102

    def specification(self) -> Specification:
        """Return the specification with the change."""
        ...


class WorkerPool(Generic[W]):
    """`jobs` processes with one worker each; with one job the worker runs in this process.

    With an executor, the tasks are handed to it instead. It may do a task again: the results depend on nothing else.
    """

    def __init__(self, prepare: Callable[[], W], jobs: int, executor: Executor | None = None) -> None:
        self._prepare = prepare
        self._jobs = jobs
        self._executor = executor
        self._pool: pool.Pool | None = None
        self._here: W | None = None

    def __enter__(self) -> Self:
        if self._executor is not None:
            return self
        if self._jobs == 1:
            self._here = self._prepare()
        else:
            # Spawned, because threads (of a progress bar, say) do not survive a fork.
            self._pool = get_context("spawn").Pool(self._jobs, _begin, (self._prepare,))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()

    def map(self, method: Callable[[W, T], R], tasks: Iterable[T], report: Callable[[int], None]) -> list[R]:
        """Return the results of a worker's method for each task; `report` is called with the number done."""
        results: list[R] = []
        todo = [(method, task) for task in tasks]
        if self._executor is not None:
            futures = [self._executor.submit(call_prepared, self._prepare, *asked) for asked in todo]
            done = (future.result() for future in futures)
        elif self._pool is not None:
            done = self._pool.imap(_call, todo, _AT_ONCE)
        else:
            done = map(self._call_here, todo)
        for result in done:
            results.append(result)
            report(len(results))
        return results

    def _call_here(self, asked: tuple[Callable[..., Any], Any]) -> Any:  # noqa: ANN401 - what the method returns
        method, task = asked
        return method(self._here, task)


_WORKERS: Final[list[Any]] = []
"""The worker of this process, once it is prepared."""


def _begin(prepare: Callable[[], object]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends the workers
    _WORKERS[:] = [prepare()]


def _call(asked: tuple[Callable[..., Any], Any]) -> Any:  # noqa: ANN401 - what the method returns
    method, task = asked
    return method(_WORKERS[0], task)


_ONE_AT_A_TIME: Final = Lock()
"""A worker and the solvers are made for one thread; an executor may have several in a process."""


def call_prepared(prepare: Callable[[], W], method: Callable[[W, T], R], task: T) -> R:
    """Return the result of a worker's method for a task; a process prepares the worker once."""
    with _ONE_AT_A_TIME:
        return method(_prepared(prepare), task)


@lru_cache(maxsize=1)
def _prepared(prepare: Callable[[], W]) -> W:
    return prepare()
