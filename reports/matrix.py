"""The matrix of a report: clauses by topic, with each run's verdict and finding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .events import ClauseInfo, ClauseResult, Finding, Verdict
from .finding_entries import Anchors, FindingEntry
from .labels import SYMBOLS, known_as
from .stored_runs import Report, TargetReport


@dataclass(frozen=True, slots=True)
class Cell:
    """The result of a clause in a run."""

    symbol: str
    word: str
    """The verdict, as CSS class and text."""
    checks: int
    reason: str | None
    anchor: str | None
    """The first finding on the clause."""


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """A clause and its cells, one for each run."""

    clause: str
    anchor: str
    info: ClauseInfo | None
    evidence: str
    cells: tuple[Cell | None, ...]

    @property
    def all_held(self) -> bool:
        """Whether every run holds the clause."""
        return all(cell is None or cell.word == Verdict.HELD.value for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Topic:
    """The clauses with one prefix, such as TERM."""

    name: str
    rows: tuple[ClauseRow, ...]


def matrix(report: Report, findings: Iterable[FindingEntry]) -> tuple[Topic, ...]:
    """The rows, in the order of the specification."""
    places = {finding.first.id: finding.anchor for finding in findings}
    anchors = Anchors("clause")
    topics: dict[str, list[ClauseRow]] = {}
    for clause in report.judged:
        results = [target.done.clauses.get(clause) for target in report.targets]
        cells = tuple(
            None if result is None else _cell(target, clause, result, places)
            for target, result in zip(report.targets, results, strict=True)
        )
        evidence = next((result.evidence for result in results if result is not None), "")
        row = ClauseRow(clause, anchors.of(clause), report.clauses.get(clause), evidence, cells)
        topics.setdefault(clause.rpartition("-")[0] or clause, []).append(row)
    return tuple(Topic(name, tuple(rows)) for name, rows in topics.items())


def breaks(finding: Finding, clause: str) -> bool:
    """Tell whether a finding breaks a clause, as the clause of its scenario or another one."""
    return clause == finding.clause or clause in finding.clauses


def _cell(target: TargetReport, clause: str, result: ClauseResult, places: Mapping[str, str]) -> Cell:
    findings = [finding for finding in (*target.new, *target.waived, *target.flaky) if breaks(finding, clause)]
    waived = bool(findings) and findings[0].waived is not None
    word = known_as(findings[0]) if waived else result.verdict.value
    anchor = places[findings[0].id] if findings else None
    return Cell(SYMBOLS[result.verdict][0], word, result.checks, result.reason, anchor)
