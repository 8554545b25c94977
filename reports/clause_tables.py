"""The clauses of a run with their verdicts, as tables: of one target with the reasons, or of several side by side."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .console import INDENT, print_table, print_text, printable_text, width_of
from .events import ClauseResult, TargetFinished, Verdict
from .labels import SYMBOLS

GAP: Final = (0, 2, 0, 0)
VERDICT_STYLES: Final = {
    Verdict.HELD: "green",
    Verdict.VIOLATED: "bold red",
    Verdict.MASKED: "magenta",
    Verdict.UNSUPPORTED: "yellow",
    Verdict.NOT_EXERCISED: "dim",
}


def print_clauses(console: Console, target: TargetFinished) -> None:
    """Print each clause with its verdict, its evidence and the reason."""
    table = Table("clause", "verdict", "evidence", box=None, padding=GAP, pad_edge=False, header_style="dim")
    table.add_column("checks", justify="right")
    table.add_column("reason")
    for clause, result in target.clauses.items():
        checks = f"{result.checks:,}" if result.checks else ""
        verdict = verdict_in_words(console, result)
        table.add_row(
            printable_text(clause),
            verdict,
            printable_text(result.evidence),
            checks,
            printable_text(result.reason or ""),
        )
    print_table(console, table)


def print_matrix(console: Console, targets: Sequence[TargetFinished]) -> None:
    """Clauses × targets, in as many blocks as the width asks for; the reasons stand below."""
    clauses = list(dict.fromkeys(clause for target in targets for clause in target.clauses))
    column = max(len(verdict.value) for verdict in Verdict) + 4
    across = max((width_of(console) - max(map(len, clauses), default=0) - 2) // column, 1)
    for start in range(0, len(targets), across):
        block = targets[start : start + across]
        table = Table("clause", box=None, padding=GAP, pad_edge=False, header_style="dim")
        for target in block:
            table.add_column(printable_text(target.target), max_width=column - 2, overflow="fold")
        for clause in clauses:
            table.add_row(
                printable_text(clause), *(verdict_in_words(console, target.clauses.get(clause)) for target in block)
            )
        print_table(console, table)
        console.print()
    for target in targets:
        for (verdict, reason), named in _reasons(target).items():
            line = f"{target.target} {verdict.value}: {reason} ({', '.join(named)})"
            print_text(console, printable_text(line), hanging=INDENT)


def _reasons(target: TargetFinished) -> dict[tuple[Verdict, str], list[str]]:
    reasons: dict[tuple[Verdict, str], list[str]] = {}
    for clause, result in target.clauses.items():
        if result.reason is not None:
            reasons.setdefault((result.verdict, result.reason), []).append(clause)
    return reasons


def verdict_in_words(console: Console, result: ClauseResult | None) -> Text:
    """A verdict with its sign; nothing where there is none."""
    if result is None:
        return Text()
    symbol, plain = SYMBOLS[result.verdict]
    mark = plain if console.options.ascii_only else symbol
    return Text(f"{mark} {result.verdict.value}", VERDICT_STYLES[result.verdict])
