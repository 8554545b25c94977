"""How one clause fared in stored runs, as text for people."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .console import INDENT, say, say_table, shown
from .events import Finding
from .labels import known_as
from .safe_text import count
from .stored_runs import Report, TargetReport
from .terminal import verdict_in_words


def print_fared(console: Console, report: Report, clause: str) -> None:
    """Each run with its verdict, and below it what breaks the clause there."""
    say(console, Text("runs", "bold"), INDENT)
    for target in report.targets:
        say(console, Text.assemble(shown(f"{_name(target)}: "), _verdict(console, target, clause)), 2 * INDENT)
        findings = list(_findings(target, clause))
        if findings:
            table = Table.grid(padding=(0, 2, 0, 0))
            for finding in findings:
                known = "" if finding.waived is None else f"; {known_as(finding)}: {finding.waived}"
                table.add_row(shown(finding.id, "cyan"), shown(finding.title + known))
            say_table(console, table, 3 * INDENT)


def shows(report: Report, finding: str) -> list[tuple[Finding, tuple[str, ...]]]:
    """A finding as the runs show it: once for each way that differs, with the labels of those that show it so."""
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
    """Whether a reader would see two of the same: but for the command, which names the target."""
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
    return Text.assemble(verdict_in_words(console, result), shown(checks + reason))
