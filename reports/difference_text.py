"""Prints a difference of two runs on a console, and writes it as Markdown."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .console import INDENT, join_dotted, print_table, print_text, printable_text
from .difference import Difference, Effect, TargetDifference
from .labels import COVERED, seeds_of
from .markdown_budget import Budget
from .markdown_text import code, head, prose, row
from .safe_text import count

_STYLES: Final = {Effect.WORSE: "bold red", Effect.BETTER: "green", Effect.OTHER: "dim"}
_TABLE: Final = head("", "", "clause", "finding", "what")
SHORTER: Final = "The second run made fewer calls, so it may not have met everything that the first run met."


def print_difference(console: Console, found: Difference) -> None:
    """Print each target with its changes, then whether anything got worse."""
    for target in found.targets:
        print_text(console, printable_text(target.name, "bold"))
        print_text(console, printable_text(runs_in_words(target)), INDENT)
        if target.changes:
            table = Table.grid(padding=(0, 2, 0, 0))
            for change in target.changes:
                style = _STYLES[change.effect]
                texts = map(printable_text, (change.clause, change.finding, change.what))
                table.add_row(Text(change.effect.value, style), Text(change.kind, style), *texts)
            print_table(console, table, INDENT)
        else:
            print_text(console, Text("no finding and no verdict changed"), INDENT)
        if target.coverage:
            print_text(
                console,
                Text("coverage: ") + join_dotted(console, *map(printable_text, coverage_in_words(target))),
                INDENT,
            )
        if target.is_shorter:
            print_text(console, Text(SHORTER), INDENT)
        console.print()
    for sentence in unpaired(found):
        print_text(console, printable_text(sentence))
    print_text(console, Text(sum_in_words(found), "bold red" if found.worse else "green"))


def difference_markdown(found: Difference) -> str:
    """The difference as Markdown for a pull request comment."""
    budget = Budget()
    parts = [budget.required(f"## {'✗' if found.worse else '✓'} EC2 lifecycle: {sum_in_words(found).rstrip('.')}")]
    for target in found.targets:
        parts.append(budget.required(f"### {code(target.name)}"))
        parts.append(budget.required(prose(runs_in_words(target))))
        rows = (
            row((change.effect.value, change.kind, prose(change.clause), code(change.finding), prose(change.what)))
            for change in target.changes
        )
        parts.append(budget.section("", _TABLE, rows, "change") or "No finding and no verdict changed.")
        if target.coverage:
            parts.append(budget.required(f"Coverage: {' · '.join(map(prose, coverage_in_words(target)))}"))
        if target.is_shorter:
            parts.append(budget.required(SHORTER))
    parts.extend(prose(sentence) for sentence in unpaired(found))
    parts.append(budget.omission_note("`ec2-lifecycle diff` prints all of it."))
    return "\n\n".join(part for part in parts if part) + "\n"


def runs_in_words(target: TargetDifference) -> str:
    """The two runs in words."""
    sides = (target.before.done, target.after.done)
    names = (f"{done.target} {done.version}".rstrip() for done in sides)
    texts = [f"{name}, {count(done.calls, 'call')}, {seeds_of(done)}" for name, done in zip(names, sides, strict=True)]
    return texts[0] if texts[0] == texts[1] else " → ".join(texts)


def coverage_in_words(target: TargetDifference) -> list[str]:
    """The change of each kind of coverage, in words."""
    return [f"{COVERED.get(kind, kind)} {before:,} → {after:,}" for kind, before, after in target.coverage]


def unpaired(found: Difference) -> list[str]:
    """Sentences about targets that only one stream has."""
    return [
        *(f"{label}: only the first stream has it." for label in found.gone),
        *(f"{label}: only the second stream has it, so there is nothing to compare." for label in found.new),
    ]


def sum_in_words(found: Difference) -> str:
    """The summary sentence."""
    return f"{count(found.worse, 'thing')} got worse." if found.worse else "Nothing got worse."
