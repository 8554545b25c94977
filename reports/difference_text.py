"""A difference of two runs for people: on a console, and in Markdown."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .console import INDENT, dotted, say, say_table, shown
from .difference import Difference, Effect, TargetDifference
from .labels import COVERED
from .markdown_budget import Budget
from .markdown_text import code, head, prose, row
from .safe_text import count

_STYLES: Final = {Effect.WORSE: "bold red", Effect.BETTER: "green", Effect.OTHER: "dim"}
_TABLE: Final = head("", "", "clause", "finding", "what")
SHORTER: Final = "Fewer calls were made than before: what is gone may only not have been met."


def print_difference(console: Console, found: Difference) -> None:
    """Each target with what changed, and last whether anything got worse."""
    for target in found.targets:
        say(console, shown(target.name, "bold"))
        say(console, shown(runs_in_words(target)), INDENT)
        if target.changes:
            table = Table.grid(padding=(0, 2, 0, 0))
            for change in target.changes:
                style = _STYLES[change.effect]
                told = map(shown, (change.clause, change.finding, change.what))
                table.add_row(Text(change.effect.value, style), Text(change.kind, style), *told)
            say_table(console, table, INDENT)
        else:
            say(console, Text("no finding and no verdict changed"), INDENT)
        if target.coverage:
            say(console, Text("coverage: ") + dotted(console, *map(shown, coverage_in_words(target))), INDENT)
        if target.is_shorter:
            say(console, Text(SHORTER), INDENT)
        console.print()
    for sentence in unpaired(found):
        say(console, shown(sentence))
    say(console, Text(sum_in_words(found), "bold red" if found.worse else "green"))


def difference_markdown(found: Difference) -> str:
    """The same as Markdown for a comment on a pull request."""
    budget = Budget()
    parts = [budget.whole(f"## {'✗' if found.worse else '✓'} EC2 lifecycle: {sum_in_words(found).rstrip('.')}")]
    for target in found.targets:
        parts.append(budget.whole(f"### {code(target.name)}"))
        parts.append(budget.whole(prose(runs_in_words(target))))
        rows = (
            row((change.effect.value, change.kind, prose(change.clause), code(change.finding), prose(change.what)))
            for change in target.changes
        )
        parts.append(budget.section("", _TABLE, rows, "change") or "No finding and no verdict changed.")
        if target.coverage:
            parts.append(budget.whole(f"Coverage: {' · '.join(map(prose, coverage_in_words(target)))}"))
        if target.is_shorter:
            parts.append(budget.whole(SHORTER))
    parts.extend(prose(sentence) for sentence in unpaired(found))
    parts.append(budget.left_out("`ec2-lifecycle diff` prints all of it."))
    return "\n\n".join(part for part in parts if part) + "\n"


def runs_in_words(target: TargetDifference) -> str:
    """What was run before, and what after."""
    sides = (target.before.done, target.after.done)
    told = [f"{done.target} {done.version}, {count(done.calls, 'call')}, seed {done.seed}" for done in sides]
    return told[0] if told[0] == told[1] else " → ".join(told)


def coverage_in_words(target: TargetDifference) -> list[str]:
    """How its coverage changed, kind by kind."""
    return [f"{COVERED.get(kind, kind)} {before:,} → {after:,}" for kind, before, after in target.coverage]


def unpaired(found: Difference) -> list[str]:
    """Sentences about the targets that only one stream has."""
    return [
        *(f"{label}: only the first stream has it." for label in found.gone),
        *(f"{label}: only the second stream has it, so there is nothing to compare." for label in found.new),
    ]


def sum_in_words(found: Difference) -> str:
    """Whether anything got worse."""
    return f"{count(found.worse, 'thing')} got worse." if found.worse else "Nothing got worse."
