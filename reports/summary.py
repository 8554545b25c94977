"""The run as one JSON object for `run --json`, and the exit code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .events import ClauseResult, Finding, SourceInfo, TargetFinished, Verdict, WaiverProblem
from .stream import to_json

SUMMARY_SCHEMA: Final = 2

CONFORMS: Final = 0
DIVERGES: Final = 1
BROKE: Final = 3


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """A finding, with its expected alternatives joined; `waiver` is the reason if it is waived or flaky."""

    id: str
    clauses: tuple[str, ...]
    level: str
    harm: str
    title: str
    scenario: Mapping[str, Any]
    expected: str
    observed: str
    waived: bool
    waiver: str | None
    flaky: bool
    part: str
    evidence: str
    source: str
    sources: tuple[SourceInfo, ...]
    operation: str
    step: int
    effect: str
    situation: Mapping[str, tuple[str, ...]]
    status: str
    hint: str
    minimal: bool
    repro: str
    replay: str


@dataclass(frozen=True, slots=True)
class TargetSummary:
    """One target's run."""

    target: str
    version: str
    seed: int
    scenarios: int
    calls: int
    seconds: float
    clauses: Mapping[str, ClauseResult]
    findings: tuple[FindingSummary, ...]
    waiver_problems: tuple[WaiverProblem, ...]
    stopped: str
    broken: str | None
    coverage: Mapping[str, int]
    quiet: int
    notes: tuple[str, ...]
    unexplained: Mapping[str, int]
    clearing_calls: int
    seeds: tuple[int, ...]
    """The seeds of the runs that this result combines; empty if it is one run, with `seed`."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What `run --json` prints."""

    schema: int
    targets: tuple[TargetSummary, ...]
    exit: int

    def json(self) -> str:
        """The object as one line of JSON."""
        return to_json(self).decode()


def summarise(targets: Sequence[TargetFinished]) -> RunSummary:
    """The object of a run; targets and findings keep their order."""
    return RunSummary(SUMMARY_SCHEMA, tuple(_target(target) for target in targets), exit_code(targets))


def exit_code(targets: Sequence[TargetFinished]) -> int:
    """Return the exit code of a run: the highest of its targets' codes.

    0: all conform; 1: an unwaived finding or a waiver to fix; 3: a target broke, or nothing was judged.
    An interrupted run returns 1 if it found something, else 3.
    """
    if any(target.stopped == "interrupted" for target in targets):
        return DIVERGES if any(map(_diverges, targets)) else BROKE
    return max((_exit_code(target) for target in targets), default=CONFORMS)


def _exit_code(target: TargetFinished) -> int:
    if target.broken is not None:
        return BROKE
    if _diverges(target):
        return DIVERGES
    return CONFORMS if judged_something(target) else BROKE


def judged_something(target: TargetFinished) -> bool:
    """Tell whether a run says anything: whether it has no clause to judge, a verdict, or a finding."""
    verdicts = {result.verdict for result in target.clauses.values()}
    return not verdicts or bool(verdicts & {Verdict.HELD, Verdict.VIOLATED}) or bool(target.findings)


def _diverges(target: TargetFinished) -> bool:
    return bool(target.waiver_problems) or any(finding.waived is None for finding in target.findings)


def _target(target: TargetFinished) -> TargetSummary:
    return TargetSummary(
        target=target.target,
        version=target.version,
        seed=target.seed,
        scenarios=target.scenarios,
        calls=target.calls,
        seconds=target.seconds,
        clauses=target.clauses,
        findings=tuple(_finding(finding) for finding in target.findings),
        waiver_problems=target.waiver_problems,
        stopped=target.stopped,
        broken=target.broken,
        coverage=target.coverage,
        quiet=target.quiet,
        notes=target.notes,
        unexplained=target.unexplained,
        clearing_calls=target.clearing_calls,
        seeds=target.seeds,
    )


def _finding(finding: Finding) -> FindingSummary:
    return FindingSummary(
        id=finding.id,
        clauses=finding.clauses or (finding.clause,),
        level=finding.level,
        harm=finding.harm,
        title=finding.title,
        scenario=finding.scenario,
        expected="; or ".join(finding.expected),
        observed=finding.observed,
        waived=finding.waived is not None,
        waiver=finding.waived,
        flaky=finding.flaky,
        part=finding.part,
        evidence=finding.evidence,
        source=finding.source,
        sources=finding.sources,
        operation=finding.operation,
        step=finding.step,
        effect=finding.effect,
        situation=finding.situation,
        status=finding.status,
        hint=finding.hint,
        minimal=finding.minimal,
        repro=finding.repro,
        replay=finding.replay,
    )
