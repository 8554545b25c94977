"""Reads one or more stored streams into the data that every report is made from; needs no target.

It reads a stream event by event, and keeps only the scenarios of the corpus.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .events import (
    ClauseInfo,
    Event,
    Finding,
    FindingMade,
    RunStarted,
    ScenarioRun,
    TargetFinished,
    TargetStarted,
    TheoremInfo,
    WaiverProblem,
)
from .harm import ranked
from .stream import read_events
from .summary import exit_code
from .truncation import truncated, truncated_scenario

UNFINISHED = "its stream ends before the run did"


@dataclass(frozen=True, slots=True)
class TargetReport:
    """One run of one target."""

    label: str
    """The target's name, made unique if several runs have the same target."""
    header: RunStarted
    done: TargetFinished
    corpus: tuple[ScenarioRun, ...]
    """The corpus scenarios that were played."""

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that no waiver covers."""
        return tuple(finding for finding in self.done.findings if finding.waived is None)

    @property
    def waived(self) -> tuple[Finding, ...]:
        """The known findings that show in every run."""
        return tuple(finding for finding in self.done.findings if finding.waived is not None and not finding.flaky)

    @property
    def flaky(self) -> tuple[Finding, ...]:
        """The findings that are known to come and go."""
        return tuple(finding for finding in self.done.findings if finding.waived is not None and finding.flaky)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that reports show."""

    targets: tuple[TargetReport, ...]
    clauses: dict[str, ClauseInfo]
    """Every clause of any stream, in the order of the first stream that has it."""
    theorems: dict[str, TheoremInfo]
    """Every theorem of any stream, in the same order."""
    warnings: tuple[str, ...]
    """Sentences about what could not be read."""

    @property
    def exit(self) -> int:
        """The combined exit code of the runs."""
        return exit_code([target.done for target in self.targets])

    @property
    def judged(self) -> tuple[str, ...]:
        """The clauses with a verdict in some run, in order."""
        known = {clause for target in self.targets for clause in target.done.clauses}
        return (*(clause for clause in self.clauses if clause in known), *sorted(known - self.clauses.keys()))


def read_runs(paths: Sequence[Path]) -> Report:
    """Read streams; raises `StreamError`."""
    warnings: list[str] = []
    runs = [_Run.read(read_events(path, warnings.append)) for path in paths]
    targets = [target for run in runs for target in run.targets()]
    clauses = {info.id: info for run in reversed(runs) for info in run.header.clauses}
    order = dict.fromkeys(info.id for run in runs for info in run.header.clauses)
    theorems = {info.id: info for run in reversed(runs) for info in run.header.theorems}
    order_of_theorems = dict.fromkeys(info.id for run in runs for info in run.header.theorems)
    return Report(
        tuple(_with_unique_labels(targets)),
        {clause: clauses[clause] for clause in order},
        {theorem: theorems[theorem] for theorem in order_of_theorems},
        tuple(warnings),
    )


@dataclass(slots=True)
class _Run:
    """The events of a stream so far."""

    header: RunStarted
    started: dict[str, TargetStarted] = field(default_factory=dict[str, TargetStarted])
    made: dict[str, dict[str, Finding]] = field(default_factory=dict[str, "dict[str, Finding]"])
    """By target and id, each finding as it was made last."""
    corpus: dict[str, list[ScenarioRun]] = field(default_factory=dict[str, list[ScenarioRun]])
    problems: dict[str, list[WaiverProblem]] = field(default_factory=dict[str, list[WaiverProblem]])
    scenarios: Counter[str] = field(default_factory=Counter[str])
    calls: Counter[str] = field(default_factory=Counter[str])
    finished: dict[str, TargetFinished] = field(default_factory=dict[str, TargetFinished])

    @classmethod
    def read(cls, events: Iterable[Event]) -> "_Run":
        """Read a whole stream."""
        run = None
        for event in events:
            if isinstance(event, RunStarted):
                run = cls(event)
            elif run is not None:
                run.take(event)
        if run is None:  # `read_events` ensures it
            raise ValueError("the stream has no header")
        return run

    def take(self, event: Event) -> None:
        """Add an event."""
        match event:
            case TargetStarted():
                self.started[event.target] = event
            case FindingMade():
                self.made.setdefault(event.target, {})[event.finding.id] = event.finding
            case ScenarioRun():
                self.scenarios[event.target] += event.skipped is None
                self.calls[event.target] += event.calls
                if event.source == "corpus":
                    self.corpus.setdefault(event.target, []).append(event)
            case WaiverProblem():
                self.problems.setdefault(event.target, []).append(event)
            case TargetFinished():
                self.finished[event.target] = event
            case _:
                pass

    def targets(self) -> list[TargetReport]:
        """Return the runs of its targets; an unfinished run has what is known so far."""
        names = dict.fromkeys((*self.started, *self.scenarios, *self.made, *self.finished))
        return [
            TargetReport(done.target, self.header, done, tuple(map(truncated_scenario, self.corpus.get(name, ()))))
            for name in names
            for done in [_ranked(truncated(self.finished.get(name) or self._unfinished(name)))]
        ]

    def _unfinished(self, name: str) -> TargetFinished:
        return TargetFinished(
            target=name,
            version=self.started[name].version if name in self.started else "",
            seed=self.header.seed,
            scenarios=self.scenarios[name],
            calls=self.calls[name],
            seconds=0.0,
            clauses={},
            findings=tuple(self.made.get(name, {}).values()),
            stopped="broken",
            broken=UNFINISHED,
            waiver_problems=tuple(self.problems.get(name, ())),
            notes=self.started[name].notes if name in self.started else (),
        )


def _ranked(done: TargetFinished) -> TargetFinished:
    """Return a run with its worst findings first, whatever the order in its stream."""
    return replace(done, findings=ranked(done.findings))


def _with_unique_labels(targets: Sequence[TargetReport]) -> list[TargetReport]:
    """Give runs of the same target unique labels: the version, and a number if the versions are equal."""
    names = Counter(target.label for target in targets)
    versioned = [
        replace(target, label=f"{target.label} {target.done.version}") if names[target.label] > 1 else target
        for target in targets
    ]
    same = Counter(target.label for target in versioned)
    seen: Counter[str] = Counter()
    told: list[TargetReport] = []
    for target in versioned:
        seen[target.label] += 1
        number = f" ({seen[target.label]})" if same[target.label] > 1 else ""
        told.append(replace(target, label=target.label + number))
    return told
