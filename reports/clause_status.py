"""The results of one clause in stored runs, as text."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .clause_tables import verdict_in_words
from .console import INDENT, print_table, print_text, printable_text
from .events import Finding
from .labels import known_as
from .safe_text import count
from .stored_runs import Report, TargetReport


def print_clause_results(console: Console, report: Report, clause: str) -> None:
    """Print each run with its verdict, and below it the findings that break the clause."""
    print_text(console, Text("runs", "bold"), INDENT)
    for target in report.targets:
        print_text(
            console, Text.assemble(printable_text(f"{_name(target)}: "), _verdict(console, target, clause)), 2 * INDENT
        )
        findings = list(_findings(target, clause))
        if findings:
            table = Table.grid(padding=(0, 2, 0, 0))
            for finding in findings:
                known = "" if finding.waived is None else f"; {known_as(finding)}: {finding.waived}"
                table.add_row(printable_text(finding.id, "cyan"), printable_text(finding.title + known))
            print_table(console, table, 3 * INDENT)


def finding_variants(report: Report, finding: str) -> list[tuple[Finding, tuple[str, ...]]]:
    """The variants of a finding, each with the labels of the runs that show it."""
    ways: list[tuple[Finding, list[str]]] = []
    for target in report.targets:
        for each in target.done.findings:
            if each.id != finding:
                continue
            same = next((labels for known, labels in ways if _alike(known, each)), None)
            if same is None:
                ways.append((each, [target.label]))
            else:
                same.append(target.label)
    return [(each, tuple(labels)) for each, labels in ways]


def _alike(one: Finding, other: Finding) -> bool:
    """Whether two findings look the same to a reader, apart from the replay command, which names the target."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("scenario_text", "step", "expected", "observed", "waived", "flaky")
    )


def _name(target: TargetReport) -> str:
    version = target.done.version
    return target.label if not version or version in target.label else f"{target.label} {version}"


def _findings(target: TargetReport, clause: str) -> Iterator[Finding]:
    for finding in (*target.new, *target.waived, *target.flaky):
        if finding.clause == clause:
            yield finding


def _verdict(console: Console, target: TargetReport, clause: str) -> Text:
    result = target.done.clauses.get(clause)
    if result is None:
        return Text("not judged", "dim")
    checks = f", {count(result.checks, 'check')}" if result.checks else ""
    reason = f": {result.reason}" if result.reason else ""
    return Text.assemble(verdict_in_words(console, result), printable_text(checks + reason))
