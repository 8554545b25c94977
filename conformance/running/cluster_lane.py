"""A lane on a cluster: its turns are tasks; each task continues from the value that the one before left on a worker.

The answers of a lane depend only on its plan, its seed, and its turns so far. So a turn is a function from one lane to
the next, and the cluster may compute it again anywhere.

The value of a turn holds the list of the lane's turns. As long as it stays on its worker, it also holds the process of
the target. If the worker is lost, Dask computes all turns of its lanes again on another worker. If a turn continues
from a value without its process, it plays the turns in the list again, and nobody reads their answers a second time.
"""

import multiprocessing
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from types import TracebackType
from typing import Final, Self, TypeVar, cast

from ..cluster.connection import Cluster, ClusterError, GivenUp, Remote
from ..targets.launch_options import NO_LAUNCH_OPTIONS, LaunchOptions
from .interrupts import Interrupts
from .lane import Turn, TurnResult
from .lane_host import Greeting
from .lane_process import LaneProcess
from .plan import Plan
from .target_process import Interrupted, TargetFailed

T = TypeVar("T")

_NO_CHILDREN: Final = (
    "a worker of the cluster may start no process, and every lane needs one; "
    "start the worker with DASK_DISTRIBUTED__WORKER__DAEMON=False, or with --no-nanny."
)


# On a worker.


def require_children() -> None:
    """Raise `TargetFailed` if this process, such as that of a Dask worker, may not start others."""
    if multiprocessing.current_process().daemon:
        raise TargetFailed(_NO_CHILDREN)


@dataclass(frozen=True)
class LaneStart:
    """What a lane needs before its first turn."""

    label: str
    plan: Plan
    number: int
    hang_after: float
    options: LaunchOptions = NO_LAUNCH_OPTIONS

    def process(self) -> LaneProcess:
        """Start the lane's process and wait until its target is ready; raises `TargetFailed`."""
        require_children()
        process = LaneProcess(self.label, self.plan, (self.number,), Interrupts(), self.hang_after, self.options)
        try:
            process.ready()
        except BaseException:
            end(process)
            raise
        return process


class LaneSoFar:
    """A lane after some turns, and its last answer; a copy of it has no process."""

    def __init__(
        self,
        start: LaneStart,
        turns: tuple[Turn | None, ...] = (),
        answer: TurnResult | Greeting | None = None,
        process: LaneProcess | None = None,
    ) -> None:
        self.start = start
        self.turns = turns
        """None: the lane met its target."""
        self.answer = answer
        self._processes = [] if process is None else [process]
        self._lock = Lock()
        weakref.finalize(self, _end_all, self._processes)

    def __reduce__(self) -> tuple[Callable[..., "LaneSoFar"], tuple[object, ...]]:
        """Leave the process out of a copy."""
        return LaneSoFar, (self.start, self.turns, self.answer)

    def after(self, turn: Turn | None) -> "LaneSoFar":
        """Return the lane after one more turn; raises `TargetFailed`."""
        process = self._take() or self._played_again()
        try:
            answer = _play(process, self.start.number, turn)
        except BaseException:
            end(process)
            raise
        return LaneSoFar(self.start, (*self.turns, turn), answer, process)

    def _take(self) -> LaneProcess | None:
        """Return the process, which then belongs to the caller; None if it is elsewhere or a later turn has it."""
        with self._lock:
            return self._processes.pop() if self._processes else None

    def _played_again(self) -> LaneProcess:
        """Return a process that has played all turns so far."""
        process = self.start.process()
        try:
            for turn in self.turns:
                _play(process, self.start.number, turn)
        except BaseException:
            end(process)
            raise
        return process


def _play(process: LaneProcess, lane: int, turn: Turn | None) -> TurnResult | Greeting:
    return process.meet() if turn is None else process.play(lane, turn)


def end(process: LaneProcess) -> None:
    """End a lane's process at once, and with it its target."""
    process.kill()
    process.__exit__(TargetFailed, None, None)


def _end_all(processes: list[LaneProcess]) -> None:
    for process in processes:
        end(process)


def begun(start: LaneStart) -> LaneSoFar:
    """Return a lane before its first turn, once its target is ready; raises `TargetFailed`."""
    return LaneSoFar(start, process=start.process())


def continued(lane: LaneSoFar, turn: Turn | None) -> LaneSoFar:
    """Return a lane after one more turn; raises `TargetFailed`."""
    from distributed import secede  # noqa: PLC0415 - an extra

    secede()  # the work is done in the process of the lane: this thread waits, and another lane may use its place
    return lane.after(turn)


def answer_of(lane: LaneSoFar) -> TurnResult | Greeting:
    """Return the last answer of a lane; nothing else travels back."""
    if lane.answer is None:
        raise ValueError(lane.turns)
    return lane.answer


# Where the run is.


@dataclass
class ClusterLane:
    """A lane on a cluster, for the crew of a run: it starts at once, and ends with the context."""

    cluster: Cluster
    start: LaneStart
    interrupts: Interrupts
    _lane: Remote[LaneSoFar] = field(init=False)
    _given_up: bool = False

    def __post_init__(self) -> None:
        self._lane = self.cluster.submit("begun", begun, self.start)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The lanes that it plays: this one."""
        return (self.start.number,)

    def ready(self) -> None:
        """Wait until the target is ready; raises `TargetFailed`, `Interrupted`."""
        self._wait_for(self.cluster.submit("ready", _nothing, self._lane))

    def meet(self) -> Greeting:
        """Call every operation once; raises `TargetFailed`, `Interrupted`."""
        return cast("Greeting", self._ask(None))

    def play(self, lane: int, turn: Turn) -> TurnResult:
        """Play a turn of the lane; raises `TargetFailed`, `Interrupted`."""
        if lane != self.start.number:
            raise ValueError(lane)
        return cast("TurnResult", self._ask(turn))

    def kill(self) -> None:
        """Release everybody who waits for the lane."""
        self._given_up = True
        self._lane.cancel()

    def _ask(self, turn: Turn | None) -> TurnResult | Greeting:
        self._lane = self.cluster.submit("turn", continued, self._lane, turn)
        return self._wait_for(self.cluster.submit("answer", answer_of, self._lane))

    def _wait_for(self, answer: Remote[T]) -> T:
        try:
            return answer.result(lambda: self._given_up or bool(self.interrupts.asked))
        except GivenUp as error:
            raise Interrupted from error
        except ClusterError as error:
            raise TargetFailed(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.kill()


def _nothing(lane: LaneSoFar) -> None:
    """Return nothing, after a lane has begun."""
    del lane
