"""Truncates texts from a target, so that a megabyte in a reply does not make a megabyte report."""

from dataclasses import replace
from typing import Final

from .citations import FEW
from .events import ClauseResult, Finding, ScenarioRun, SourceInfo, TargetFinished, WaiverProblem
from .safe_text import shortened

NAME: Final = 200
"""The most characters of a name."""
_NOTE: Final = 500
"""The most characters of a note."""
_FILE: Final = 40_000
"""The most characters of a scenario file or a program; enough for a thousand instances."""
_ADDRESS: Final = 500
"""Characters of an address: a longer one is none of ours."""


def truncated(done: TargetFinished) -> TargetFinished:
    """The end of a run with truncated texts."""
    return replace(
        done,
        target=shortened(done.target, NAME),
        version=shortened(done.version, NAME),
        stopped=shortened(done.stopped, NAME),
        broken=_short(done.broken),
        clauses={shortened(clause, NAME): _result(result) for clause, result in done.clauses.items()},
        findings=tuple(map(_finding, done.findings)),
        waiver_problems=tuple(map(_problem, done.waiver_problems)),
        notes=tuple(shortened(note, _NOTE) for note in done.notes),
    )


def truncated_scenario(run: ScenarioRun) -> ScenarioRun:
    """A scenario run with truncated texts."""
    return replace(run, title=shortened(run.title, NAME), skipped=_short(run.skipped), file=_short(run.file))


def _finding(finding: Finding) -> Finding:
    return replace(
        finding,
        id=shortened(finding.id, NAME),
        clause=shortened(finding.clause, NAME),
        level=shortened(finding.level, NAME),
        evidence=shortened(finding.evidence, NAME),
        source=shortened(finding.source),
        title=shortened(finding.title),
        operation=shortened(finding.operation, NAME),
        expected=tuple(map(shortened, finding.expected)),
        observed=shortened(finding.observed),
        effect=shortened(finding.effect),
        scenario_text=shortened(finding.scenario_text, _FILE),
        repro=shortened(finding.repro, _FILE),
        replay=shortened(finding.replay),
        waived=_short(finding.waived),
        instance=_short(finding.instance),
        expected_brief=shortened(finding.expected_brief, NAME),
        observed_brief=shortened(finding.observed_brief, NAME),
        observed_state=None if finding.observed_state is None else shortened(finding.observed_state, NAME),
        sources=tuple(map(_source, finding.sources[:FEW])),
    )


def _source(source: SourceInfo) -> SourceInfo:
    url = source.url if len(source.url) <= _ADDRESS else ""
    return SourceInfo(shortened(source.label, NAME), url, shortened(source.says))


def _result(result: ClauseResult) -> ClauseResult:
    return replace(result, evidence=shortened(result.evidence, NAME), reason=_short(result.reason))


def _problem(problem: WaiverProblem) -> WaiverProblem:
    return replace(problem, waiver=shortened(problem.waiver, NAME), problem=shortened(problem.problem))


def _short(text: str | None) -> str | None:
    return None if text is None else shortened(text)
