"""A campaign in its target's process, and what is left of it when that process does not come to its end."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from ...model.specification import EC2
from ...reports.events import (
    ClauseResult,
    CoverageGrew,
    Event,
    Finding,
    FindingMade,
    ScenarioRun,
    TargetFinished,
    TargetStarted,
    TransitionSeen,
    Verdict,
)
from ..adapter.target import Capability, Target
from ..recording.recorder import Recorder
from ..targets.launch_options import NO_LAUNCH_OPTIONS, LaunchOptions
from .campaign import Campaign, Plan
from .interrupts import Interrupts
from .rounds import WIDTH
from .target_process import Interrupted, TargetFailed, TargetProcess
from .verdicts import Tally

_AGAIN: Final = 1.0
"""Seconds after which the numbers of checks are told again, though no verdict changed."""

_ENDED: Final = "the run ended before any scenario"


@dataclass(frozen=True, slots=True)
class InterimResults:
    """How each clause stands in the middle of a run, and how often each change of state was seen."""

    clauses: dict[str, ClauseResult]
    transitions: tuple[TransitionSeen, ...]


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """Why the trace of a run ends before the run does."""

    problem: str


CampaignMessage: TypeAlias = Event | InterimResults | RecordingFailed


@dataclass(frozen=True, slots=True)
class CampaignJob:
    """What the process of a target does in a run."""

    label: str
    plan: Plan

    def __call__(self, target: Target, say: Callable[[CampaignMessage], None], stopped: Callable[[], bool]) -> None:
        """Run the campaign; its end is the last thing said."""
        last: dict[str, Verdict] = {}
        options = 0.0

        def emit(event: Event) -> None:
            nonlocal last, options
            say(event)
            if not isinstance(event, ScenarioRun):
                return
            so_far = campaign.finished("broken")
            clauses = dict(so_far.clauses)
            verdicts = {clause: result.verdict for clause, result in clauses.items()}
            if verdicts != last or time.monotonic() - options > _AGAIN:
                say(InterimResults(clauses, so_far.transitions))
                last, options = verdicts, time.monotonic()

        at_a_time = min(self.plan.jobs, WIDTH) if Capability.PARALLEL in target.capabilities else 1
        recorder = self._recorder(target)
        with ThreadPoolExecutor(at_a_time) as pool:
            side_by_side = pool if at_a_time > 1 else None
            campaign = Campaign(target, self.label, EC2, self.plan, emit, stopped, side_by_side, recorder)
            finished = campaign.run()
        if recorder is not None and recorder.problem is not None:
            say(RecordingFailed(recorder.problem))
        say(finished)

    def _recorder(self, target: Target) -> Recorder | None:
        if self.plan.record is None:
            return None
        recorder = Recorder(self.plan.record, target, self.label, self.plan.seed, self.plan.settings)
        recorder.begin()
        return recorder


@dataclass(slots=True)
class CampaignProcess:
    """The run of one target: its process, and all that was heard of it."""

    label: str
    plan: Plan
    process: TargetProcess[CampaignMessage]
    version: str = ""
    scenarios: int = 0
    calls: int = 0
    findings: tuple[Finding, ...] = ()
    clauses: dict[str, ClauseResult] = field(default_factory=dict[str, ClauseResult])
    transitions: tuple[TransitionSeen, ...] = ()
    coverage: Mapping[str, int] = field(default_factory=dict[str, int])
    unrecorded: str | None = None
    """Why the trace ends before the run did, if it does."""
    _began: float = 0.0

    def run(self, tell: Callable[[Event], None]) -> TargetFinished:
        """Run the target to its end, and pass on its events but the last, which is returned.

        Where the target fails or the user asks for the end, what was found until then is kept.
        """
        self._began = time.monotonic()
        try:
            for said in self.process.run():
                if isinstance(said, TargetFinished):
                    return said
                if isinstance(said, InterimResults):
                    self.clauses, self.transitions = said.clauses, said.transitions
                elif isinstance(said, RecordingFailed):
                    self.unrecorded = said.problem
                else:
                    self._take(said)
                    tell(said)
        except Interrupted:
            return self.so_far("interrupted")
        except TargetFailed as error:
            return self.so_far("broken", str(error))
        return self.so_far("interrupted")

    def so_far(self, stopped: str, broken: str | None = None) -> TargetFinished:
        """Return what is known of a run that has no end of its own."""
        return TargetFinished(
            target=self.label,
            version=self.version,
            seed=self.plan.seed,
            scenarios=self.scenarios,
            calls=self.calls,
            seconds=round(time.monotonic() - self._began, 3) if self._began else 0.0,
            clauses=self.clauses or self._nothing_exercised(),
            findings=self.findings,
            stopped=stopped,
            broken=broken,
            coverage=self.coverage,
            transitions=self.transitions,
        )

    def _nothing_exercised(self) -> dict[str, ClauseResult]:
        clauses = Tally(EC2).results((), self.plan.clauses)
        return {clause: replace(result, reason=_ENDED) for clause, result in clauses.items()}

    def _take(self, event: Event) -> None:
        if isinstance(event, TargetStarted):
            self.version = event.version
        elif isinstance(event, ScenarioRun):
            self.scenarios += event.skipped is None
            self.calls += event.calls
        elif isinstance(event, CoverageGrew):
            self.coverage = event.coverage
        elif isinstance(event, FindingMade):
            self.findings = (*self.findings, event.finding)
            before = self.clauses.get(event.finding.clause)
            if before is not None:
                violated = ClauseResult(Verdict.VIOLATED, before.evidence, max(before.checks, 1))
                self.clauses = {**self.clauses, event.finding.clause: violated}


def start_campaign(
    label: str, plan: Plan, interrupts: Interrupts, hang_after: float, options: LaunchOptions = NO_LAUNCH_OPTIONS
) -> CampaignProcess:
    """Start the process of a target, which waits until it is told to run."""
    job = CampaignJob(label, plan)
    process = TargetProcess[CampaignMessage](
        label, job, interrupts, hang_after=hang_after, seed=plan.seed, options=options
    )
    return CampaignProcess(label, plan, process)
