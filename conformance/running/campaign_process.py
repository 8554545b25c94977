"""Runs a campaign in the process of its target, and keeps its partial results if that process fails."""

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

_RESEND_AFTER: Final = 1.0
"""Seconds after which interim results are sent again although no verdict changed."""

_ENDED: Final = "the run ended before any scenario"


@dataclass(frozen=True, slots=True)
class InterimResults:
    """The verdicts of a run so far, and how often each state transition was seen."""

    clauses: dict[str, ClauseResult]
    transitions: tuple[TransitionSeen, ...]


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """Why the trace of a run ends before the run does."""

    problem: str


CampaignMessage: TypeAlias = Event | InterimResults | RecordingFailed


@dataclass(frozen=True, slots=True)
class CampaignJob:
    """The job of a target's process in a run."""

    label: str
    plan: Plan

    def __call__(self, target: Target, send: Callable[[CampaignMessage], None], stopped: Callable[[], bool]) -> None:
        """Run the campaign; the last message is its end."""
        last: dict[str, Verdict] = {}
        last_sent = 0.0

        def emit(event: Event) -> None:
            nonlocal last, last_sent
            send(event)
            if not isinstance(event, ScenarioRun):
                return
            partial_result = campaign.finished("broken")
            clauses = dict(partial_result.clauses)
            verdicts = {clause: result.verdict for clause, result in clauses.items()}
            if verdicts != last or time.monotonic() - last_sent > _RESEND_AFTER:
                send(InterimResults(clauses, partial_result.transitions))
                last, last_sent = verdicts, time.monotonic()

        threads = min(self.plan.jobs, WIDTH) if Capability.PARALLEL in target.capabilities else 1
        recorder = self._recorder(target)
        with ThreadPoolExecutor(threads) as pool:
            pool_or_none = pool if threads > 1 else None
            campaign = Campaign(target, self.label, EC2, self.plan, emit, stopped, pool_or_none, recorder)
            finished = campaign.run()
        if recorder is not None and recorder.problem is not None:
            send(RecordingFailed(recorder.problem))
        send(finished)

    def _recorder(self, target: Target) -> Recorder | None:
        if self.plan.record is None:
            return None
        recorder = Recorder(self.plan.record, target, self.label, self.plan.seed, self.plan.settings)
        recorder.begin()
        return recorder


@dataclass(slots=True)
class CampaignProcess:
    """The run of one target: its process, and the results received from it."""

    label: str
    plan: Plan
    process: TargetProcess[CampaignMessage]
    version: str = ""
    notes: tuple[str, ...] = ()
    scenarios: int = 0
    calls: int = 0
    findings: tuple[Finding, ...] = ()
    clauses: dict[str, ClauseResult] = field(default_factory=dict[str, ClauseResult])
    transitions: tuple[TransitionSeen, ...] = ()
    coverage: Mapping[str, int] = field(default_factory=dict[str, int])
    unrecorded: str | None = None
    """Why the trace ends before the run, if it does."""
    _started_at: float = 0.0

    def run(self, emit: Callable[[Event], None]) -> TargetFinished:
        """Run the target to its end; emit its events, and return the last one.

        If the target fails or the user interrupts, return the results so far.
        """
        self._started_at = time.monotonic()
        try:
            for message in self.process.run():
                if isinstance(message, TargetFinished):
                    return message
                if isinstance(message, InterimResults):
                    self.clauses, self.transitions = message.clauses, message.transitions
                elif isinstance(message, RecordingFailed):
                    self.unrecorded = message.problem
                else:
                    self._update(message)
                    emit(message)
        except Interrupted:
            return self.partial_result("interrupted")
        except TargetFailed as error:
            return self.partial_result("broken", str(error))
        return self.partial_result("interrupted")

    def partial_result(self, stopped: str, broken: str | None = None) -> TargetFinished:
        """Return the results so far of a run that did not end by itself."""
        return TargetFinished(
            target=self.label,
            version=self.version,
            seed=self.plan.seed,
            scenarios=self.scenarios,
            calls=self.calls,
            seconds=round(time.monotonic() - self._started_at, 3) if self._started_at else 0.0,
            clauses=self.clauses or self._nothing_exercised(),
            findings=self.findings,
            stopped=stopped,
            broken=broken,
            coverage=self.coverage,
            transitions=self.transitions,
            notes=self.notes,
        )

    def _nothing_exercised(self) -> dict[str, ClauseResult]:
        clauses = Tally(EC2).results((), self.plan.clauses)
        return {clause: replace(result, reason=_ENDED) for clause, result in clauses.items()}

    def _update(self, event: Event) -> None:
        if isinstance(event, TargetStarted):
            self.version, self.notes = event.version, event.notes
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
    """Start the process of a target; it waits until `run` is called."""
    job = CampaignJob(label, plan)
    process = TargetProcess[CampaignMessage](
        label, job, interrupts, hang_after=hang_after, seed=plan.seed, options=options
    )
    return CampaignProcess(label, plan, process)
