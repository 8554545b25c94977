"""The runs of one target with several seeds, as one result."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ...reports.events import ClauseResult, Finding, TargetFinished, TransitionSeen, Verdict
from ...reports.harm import ranked
from ...reports.safe_text import count

_STRONGEST: Final = (
    Verdict.VIOLATED,
    Verdict.HELD,
    Verdict.MASKED,
    Verdict.UNSUPPORTED,
    Verdict.NOT_EXERCISED,
)
"""What one run says beats what another says: a breach, then a check that would have shown one."""
_EARLY: Final = ("broken", "interrupted", "sandbox", "time", "calls")
"""Why runs end before everything is played, the worst reason first."""


def together(name: str, runs: Sequence[TargetFinished]) -> TargetFinished:
    """Return the results of the runs of one target as one: each finding once, and of each clause the strongest verdict.

    Coverage is that of the run which covered most.
    """
    findings = tuple(_findings(runs))
    shown = {finding.id for finding in findings}
    broken = next((run.broken for run in runs if run.broken is not None), None)
    unexplained, transitions = Counter[str](), Counter[tuple[str, str]]()
    for run in runs:
        unexplained.update(run.unexplained)
        transitions.update({(seen.source, seen.to): seen.times for seen in run.transitions})
    kinds = dict.fromkeys(kind for run in runs for kind in run.coverage)
    return replace(
        runs[0],
        target=name,
        seeds=tuple(run.seed for run in runs) if len(runs) > 1 else (),
        version=", ".join(dict.fromkeys(run.version for run in runs if run.version)),
        scenarios=sum(run.scenarios for run in runs),
        calls=sum(run.calls for run in runs),
        seconds=round(sum(run.seconds for run in runs), 3),
        clauses={
            clause: _strongest([run.clauses[clause] for run in runs if clause in run.clauses])
            for clause in dict.fromkeys(clause for run in runs for clause in run.clauses)
        },
        findings=findings,
        stopped=next((why for why in _EARLY if any(run.stopped == why for run in runs)), runs[0].stopped),
        broken=broken,
        coverage={kind: max(run.coverage.get(kind, 0) for run in runs) for kind in kinds},
        quiet=min(run.quiet for run in runs),
        transitions=tuple(TransitionSeen(*pair, times) for pair, times in sorted(transitions.items())),
        notes=(*dict.fromkeys(note for run in runs for note in run.notes), *_note(runs, findings)),
        unexplained={defect: times for defect, times in unexplained.items() if defect not in shown},
    )


def _findings(runs: Sequence[TargetFinished]) -> tuple[Finding, ...]:
    """Return each finding once, in its shortest form; what one run knows as a part of another finding is left out."""
    forms: dict[str, list[Finding]] = {}
    for run in runs:
        for finding in run.findings:
            forms.setdefault(finding.id, []).append(finding)
    parts = {former for same in forms.values() for finding in same for former in finding.former}
    return ranked(min(same, key=_length) for finding, same in forms.items() if finding not in parts)


def _length(finding: Finding) -> tuple[bool, bool, int]:
    return finding.status != "confirmed", not finding.minimal, len(finding.scenario_text)


def _strongest(results: Sequence[ClauseResult]) -> ClauseResult:
    best = min(results, key=lambda result: _STRONGEST.index(result.verdict))
    masked_by = dict.fromkeys(finding for result in results for finding in result.masked_by)
    masked = best.verdict is Verdict.MASKED
    return replace(
        best, checks=sum(result.checks for result in results), masked_by=tuple(masked_by) if masked else best.masked_by
    )


def _note(runs: Sequence[TargetFinished], findings: Iterable[Finding]) -> list[str]:
    """Say which findings only some seeds show."""
    some: list[str] = []
    for finding in findings:
        names = {finding.id, *finding.former}
        seeds = [run.seed for run in runs if any(other.id in names for other in run.findings)]
        if len(seeds) < len(runs):
            some.append(f"{finding.id} ({', '.join(map(str, seeds))})")
    if not some:
        return []
    return [f"Of {count(len(runs), 'seed')}, only some show {', '.join(some)}."]
