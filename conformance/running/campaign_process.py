"""Runs a campaign on targets in processes of their own, and keeps its results if one of them fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Self

from ...model.specification import EC2
from ...reports.events import Event, TargetFinished
from ..adapter.target import Target
from ..cluster.connection import Cluster
from ..targets.launch_options import NO_LAUNCH_OPTIONS, LaunchOptions
from ..targets.resolve import plays_in_parallel
from .campaign import Campaign, run_here
from .cluster_lane import ClusterLane, LaneStart
from .crew import Crew
from .interrupts import Interrupts
from .lane_process import LaneProcess
from .plan import Plan
from .target_process import Interrupted, TargetFailed

_ENDED: Final = "the run ended before any scenario"


@dataclass(frozen=True, slots=True)
class RehearsalJob:
    """Runs a campaign in this process, on a target that stands for the real one."""

    label: str
    plan: Plan

    def __call__(self, target: Target, send: Callable[[Event], None], stopped: Callable[[], bool]) -> None:
        """Run the campaign; the last message is its end."""
        send(run_here(target, self.label, EC2, self.plan, send, stopped=stopped))


@dataclass(slots=True)
class CampaignProcess:
    """The run of one target: the processes of its lanes, and what they found so far.

    An in-process target has a process for each lane. Behind a network, the lanes share one process and its target.
    On a cluster every lane has a process of its own, on whichever worker.
    """

    label: str
    plan: Plan
    interrupts: Interrupts
    hang_after: float
    options: LaunchOptions = NO_LAUNCH_OPTIONS
    cluster: Cluster | None = None
    """Where the lanes are; None means on this machine."""
    unrecorded: str | None = None
    """Why a trace ends before the run, if one does."""
    _processes: "list[LaneProcess] | list[ClusterLane]" = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        with ExitStack() as stack:
            self._processes = self._started(stack) if self.cluster is None else self._handed_in(stack, self.cluster)
            self._stack = stack.pop_all()

    def _started(self, stack: ExitStack) -> list[LaneProcess]:
        """Start the processes of the lanes on this machine."""
        lanes = tuple(range(self.plan.lanes))
        shared = plays_in_parallel(self.label)
        return [
            stack.enter_context(
                LaneProcess(self.label, self.plan, numbers, self.interrupts, self.hang_after, self.options)
            )
            for numbers in ([lanes] if shared else [(lane,) for lane in lanes])
        ]

    def _handed_in(self, stack: ExitStack, cluster: Cluster) -> list[ClusterLane]:
        """Have a cluster start the processes of the lanes."""
        starts = (
            LaneStart(self.label, self.plan, lane, self.hang_after, self.options) for lane in range(self.plan.lanes)
        )
        return [stack.enter_context(ClusterLane(cluster, start, self.interrupts)) for start in starts]

    def ready(self) -> None:
        """Wait until the target is ready in every process; raises `TargetFailed`, `Interrupted`."""
        try:
            for each in self._processes:
                each.ready()
        except BaseException:
            self._kill()  # the others may hang, too
            raise

    def run(self, emit: Callable[[Event], None]) -> TargetFinished:
        """Run the target to its end; emit its events, and return the last one.

        If the target fails or the user interrupts, return the results so far.
        """
        hosts = {number: each for each in self._processes for number in each.numbers}
        with ThreadPoolExecutor(self.plan.jobs) as executor:
            crew = Crew([hosts[number] for number in sorted(hosts)], executor)
            campaign = Campaign(crew, self.label, EC2, self.plan, emit, lambda: bool(self.interrupts.asked))
            try:
                return campaign.run()
            except Interrupted:
                self._abandon(crew)
                return campaign.finished("interrupted")
            except TargetFailed as error:
                self._abandon(crew)
                return campaign.finished("broken", str(error))
            except BaseException:
                self._abandon(crew)
                raise
            finally:
                self.unrecorded = campaign.unrecorded

    def unusable(self, stopped: str, broken: str | None = None) -> TargetFinished:
        """Return the result of a run that could not begin."""
        return unusable(self.label, self.plan, stopped, broken)

    def _abandon(self, crew: Crew) -> None:
        """Have no lane go on, so that no thread waits for one."""
        crew.stop()
        self._kill()

    def _kill(self) -> None:
        for each in self._processes:
            each.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def unusable(label: str, plan: Plan, stopped: str, broken: str | None = None) -> TargetFinished:
    """Return the result of a run that could not begin."""
    ended = Campaign(Crew(()), label, EC2, plan, lambda _: None).finished(stopped, broken)
    clauses = {clause: replace(result, reason=_ENDED) for clause, result in ended.clauses.items()}
    return replace(ended, clauses=clauses, seconds=0.0)
