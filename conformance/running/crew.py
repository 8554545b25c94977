"""Hands the turns of lanes to an executor: each lane plays one turn at a time, in order, wherever its target is."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from threading import RLock
from typing import ParamSpec, Protocol, TypeVar

from .lane import Turn, TurnResult
from .lane_host import Greeting

P = ParamSpec("P")
T = TypeVar("T")


class Host(Protocol):
    """A target with lanes on it, in this process or in another."""

    def meet(self) -> Greeting:
        """Call every operation once."""
        ...

    def play(self, lane: int, turn: Turn) -> TurnResult:
        """Play a turn of a lane."""
        ...


class InlineExecutor(Executor):
    """Does what it is given at once, in the thread of the caller."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function, and return a future that is done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - it is the result, as in every executor
            future.set_exception(error)
        return future


@dataclass(slots=True)
class Crew:
    """The lanes of a run; `hosts` has the host of each, which several may share."""

    hosts: Sequence[Host]
    executor: Executor = field(default_factory=InlineExecutor)
    _waiting: dict[int, deque[tuple[Turn, Future[TurnResult]]]] = field(init=False)
    _busy: set[int] = field(default_factory=set[int])
    _over: bool = False
    _lock: RLock = field(default_factory=RLock)  # an inline executor calls back at once

    def __post_init__(self) -> None:
        self._waiting = {number: deque() for number in range(len(self.hosts))}

    def meet(self) -> Future[Greeting]:
        """Have the first lane's host meet its target."""
        return self.executor.submit(self.hosts[0].meet)

    def play(self, lane: int, turn: Turn) -> Future[TurnResult]:
        """Have a lane play a turn, after those that it was given before."""
        result: Future[TurnResult] = Future()
        with self._lock:
            self._waiting[lane].append((turn, result))
            self._go_on(lane)
        return result

    def stop(self) -> None:
        """Hand in no further turn."""
        with self._lock:
            self._over = True

    def _go_on(self, lane: int) -> None:
        """Hand in a lane's next turn if it is idle; so a turn never blocks a worker that another lane could use."""
        if self._over or lane in self._busy or not self._waiting[lane]:
            return
        turn, result = self._waiting[lane].popleft()
        self._busy.add(lane)

        def done(played: Future[TurnResult]) -> None:
            with self._lock:
                self._busy.remove(lane)
                self._go_on(lane)
            if played.cancelled():
                result.cancel()
            elif (error := played.exception()) is not None:
                result.set_exception(error)
            else:
                result.set_result(played.result())

        self.executor.submit(self.hosts[lane].play, lane, turn).add_done_callback(done)
