"""A process with a target and lanes on it, which can be killed when the target hangs."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from threading import Condition
from types import TracebackType
from typing import Final, Self, TypeAlias, cast

from ...model.specification import EC2
from ..adapter.target import Capability, Target
from ..recording.recorder import Recorder
from ..targets.launch_options import NO_LAUNCH_OPTIONS, LaunchOptions
from .interrupts import Interrupts
from .lane import Turn, TurnResult
from .lane_host import Greeting, LaneHost
from .plan import LANES, Plan
from .target_process import Interrupted, TargetProcess

_POLL: Final = 0.1
"""Seconds between two checks whether a lane failed."""

Order: TypeAlias = tuple[int, Turn | None]
"""A turn for a lane; None: meet the target."""
Answer: TypeAlias = tuple[int, TurnResult | Greeting]


@dataclass(frozen=True, slots=True)
class LaneJob:
    """The job of a target's process: plays the turns that come in, until no more can come."""

    label: str
    plan: Plan
    numbers: tuple[int, ...]
    inbox: Connection

    def __call__(self, target: Target, send: Callable[[Answer], None], stopped: Callable[[], bool]) -> None:
        """Answer orders; lanes that share a target play at the same time if they are asked to, and it permits that."""
        recorder = recorder_for(self.plan, target, self.label)
        host = LaneHost(target, self.label, EC2, self.plan, self.numbers, stopped, recorder)

        def answer(number: int, turn: Turn | None) -> None:
            send((number, host.meet() if turn is None else host.play(number, turn)))

        threads = len(self.numbers) if Capability.PARALLEL in target.capabilities else 1
        with ThreadPoolExecutor(threads) as pool:
            answers: set[Future[None]] = set()
            while True:
                for done in [each for each in answers if each.done()]:
                    answers.remove(done)
                    done.result()
                try:
                    order: Order | None = self.inbox.recv() if self.inbox.poll(_POLL) else None
                except EOFError:
                    host.leave()
                    return
                if order is not None:
                    answers.add(pool.submit(answer, *order))


def recorder_for(plan: Plan, target: Target, label: str) -> Recorder | None:
    """Return the recorder of a target's traces, if the plan asks for traces."""
    if plan.record is None:
        return None
    recorder = Recorder(plan.record, target, label, plan.seed, plan.settings)
    recorder.begin()
    return recorder


@dataclass(slots=True)
class LaneProcess:
    """A host of lanes in a process of its own, which starts at once and ends with the context."""

    label: str
    plan: Plan
    numbers: tuple[int, ...]
    interrupts: Interrupts
    hang_after: float
    options: LaunchOptions = NO_LAUNCH_OPTIONS
    process: TargetProcess[Answer] = field(init=False)
    _orders: Connection = field(init=False)
    _answers: Iterator[Answer] = field(init=False)
    _arrived: dict[int, TurnResult | Greeting] = field(default_factory=dict[int, TurnResult | Greeting])
    _failure: BaseException | None = None
    _someone_reads: bool = False
    _changed: Condition = field(default_factory=Condition)

    def __post_init__(self) -> None:
        inbox, self._orders = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self.process = TargetProcess(
            self.label,
            LaneJob(self.label, self.plan, self.numbers, inbox),
            self.interrupts,
            hang_after=self.hang_after,
            seed=self.plan.seed * LANES + self.numbers[0],
            options=self.options,
        )
        inbox.close()
        self._answers = self.process.run()

    def ready(self) -> None:
        """Wait until the target is ready; raises `TargetFailed`, `Interrupted`."""
        self.process.ready()

    def meet(self) -> Greeting:
        """Call every operation once; raises `TargetFailed`, `Interrupted`."""
        return cast("Greeting", self._ask(self.numbers[0], None))

    def play(self, lane: int, turn: Turn) -> TurnResult:
        """Play a turn of a lane; raises `TargetFailed`, `Interrupted`."""
        return cast("TurnResult", self._ask(lane, turn))

    def _ask(self, number: int, turn: Turn | None) -> TurnResult | Greeting:
        """Send an order and wait for its answer; of several threads that wait, one reads for all."""
        with self._changed:
            if self._failure is None:
                with suppress(OSError):  # the process is gone: reading says why
                    self._orders.send((number, turn))
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: number in self._arrived or self._failure is not None or not self._someone_reads
                )
                if number in self._arrived:
                    return self._arrived.pop(number)
                if self._failure is not None:
                    raise self._failure
                self._someone_reads = True
            self._read()

    def _read(self) -> None:
        """Wait for the next answer, whoever it is for."""
        answer: Answer | None = None
        failure: BaseException | None = None
        try:
            answer = next(self._answers, None)
        except BaseException as error:  # noqa: BLE001 - it is raised in every thread that waits
            failure = error
        with self._changed:
            self._someone_reads = False
            if answer is None:
                self._failure = failure or Interrupted()  # the job has ended
            else:
                self._arrived[answer[0]] = answer[1]
            self._changed.notify_all()

    def kill(self) -> None:
        """End the process now, whatever its lanes do."""
        self.process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._orders.close()
        self.process.__exit__(kind, error, trace)
