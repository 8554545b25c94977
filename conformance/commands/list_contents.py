"""`list`: the clauses, choices, background steps, theorems, targets, scenarios, and the surface of the operations."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import click
from rich.table import Table

from ...model.choices import CHOICES
from ...model.ledger import CLAUSES
from ...model.theorems.catalogue import THEOREMS
from ...reports.console import console_for, print_table, printable_text
from ...strategies.files.format import load_scenario
from ...strategies.files.yaml_nodes import suggestion
from ..emulator.behaviour import DELAYS
from ..emulator.server.options import STEPS, VISIBLE_WITH, name_of
from ..emulator.wire.surface import surface
from ..targets.resolve import KNOWN
from .help_text import command
from .scenario_files import corpus_files
from .shell import WrongUsage, print_error, print_line

_WIDEST: Final = 10_000
"""More than the width of any row."""


Row: TypeAlias = Mapping[str, str | list[str]]
"""One thing, by the keys of its list."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: the headings of its keys in a table, and its rows."""

    columns: Mapping[str, str]
    rows: Sequence[Row]

    def table(self) -> Table:
        """Return it as a table."""
        table = Table(*self.columns.values(), box=None, pad_edge=False)
        for row in self.rows:
            table.add_row(*(printable_text(_in_words(row[key])) for key in self.columns))
        return table


def _in_words(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _clauses() -> Listing:
    columns = {"clause": "clause", "evidence": "evidence", "promise": "promise"}
    rows: list[Row] = [
        {"clause": clause.id, "evidence": clause.evidence_class.value, "promise": clause.sentence}
        for clause in CLAUSES.values()
    ]
    return Listing(columns, rows)


def _choices() -> Listing:
    columns = {
        "choice": "choice",
        "scope": "scope",
        "question": "question and alternatives (the preferred one first)",
        "facts": "facts",
    }
    rows: list[Row] = []
    for choice in CHOICES:
        alternatives = "; ".join(f"{name_of(a)} ({a.value})" for a in choice.alternatives)
        rows.append(
            {
                "choice": choice.id,
                "scope": "instance" if choice.per_instance else "request",
                "question": f"{choice.question} {alternatives}",
                "facts": choice.source,
            }
        )
    return Listing(columns, rows)


def _steps() -> Listing:
    columns = {"step": "step", "happens": "what happens", "seconds": "seconds, with --delays usual"}
    rows: list[Row] = []
    for name, step in STEPS.items():
        bounds = DELAYS.get(step)
        happens = f"{step.value} (shows with --choice {VISIBLE_WITH[step]})" if step in VISIBLE_WITH else step.value
        seconds = f"{bounds[0]:g}..{bounds[1]:g}" if bounds else "only on demand"
        rows.append({"step": name, "happens": happens, "seconds": seconds})
    return Listing(columns, rows)


def _targets() -> Listing:
    rows: list[Row] = [{"target": name, "description": description} for name, description in KNOWN]
    return Listing({"target": "target", "description": "what it is"}, rows)


def _scenarios() -> Listing:
    rows: list[Row] = []
    for path in corpus_files():
        scenario = load_scenario(path, CLAUSES)
        file = f"{path.parent.name}/{path.name}"
        rows.append({"file": file, "clauses": [*scenario.clauses], "title": scenario.title})
    return Listing({"file": "file", "clauses": "clauses", "title": "title"}, rows)


def _theorems() -> Listing:
    rows: list[Row] = [
        {"theorem": theorem.id, "clauses": [*theorem.clauses], "sentence": theorem.sentence} for theorem in THEOREMS
    ]
    return Listing({"theorem": "theorem", "clauses": "clauses", "sentence": "sentence"}, rows)


def _surface() -> Listing:
    columns = {
        "operation": "operation",
        "direction": "direction",
        "path": "path",
        "standing": "standing",
        "clauses": "clauses",
        "not_judged": "not judged where it is used",
        "reason": "reason",
    }
    paths = surface()
    newer = [f"{each.operation.value} {each.entry.path}" for each in paths if not each.known]
    if newer:
        print_error(
            f"this botocore has {len(newer)} parameters or fields that the ledger does not know; they count as "
            f"outside the specification: {', '.join(newer)}."
        )
    rows: list[Row] = [
        {
            "operation": each.operation.value,
            "direction": each.direction,
            "path": each.entry.path,
            "standing": each.entry.standing.value,
            "clauses": [*each.entry.clauses],
            "not_judged": [effect.value for effect in each.entry.effects],
            "reason": each.entry.reason,
        }
        for each in paths
    ]
    return Listing(columns, rows)


LISTS: Final[Mapping[str, Callable[[], Listing]]] = {
    "clauses": _clauses,
    "choices": _choices,
    "steps": _steps,
    "theorems": _theorems,
    "targets": _targets,
    "scenarios": _scenarios,
    "surface": _surface,
}


@command(
    "list",
    short_help="List clauses, choices, steps, theorems, targets or scenarios.",
    epilog="""\b
Examples:
  ec2-lifecycle list clauses
  ec2-lifecycle list scenarios --json
  ec2-lifecycle list surface""",
)
@click.argument("what", metavar="KIND")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array instead of a table.")
def list_contents(what: str, *, as_json: bool) -> int:
    """List KIND: clauses, choices, steps, theorems, targets, scenarios or surface.

    Choices are the open points. Steps are the background steps. The surface is every parameter and field of EC2's
    operations, and how the specification treats each.
    """
    if what not in LISTS:
        raise WrongUsage(f'there is no list of "{what}"; {suggestion(what, LISTS)}.')
    listing = LISTS[what]()
    if as_json:
        print_line(json.dumps(listing.rows, indent=2))
        return 0
    console, table = console_for(sys.stdout), listing.table()
    if not console.is_terminal:  # one line for each row, so that programs can read it and no name is cut
        console.width = max(
            console.width, console.measure(table, options=console.options.update(width=_WIDEST)).maximum
        )
    print_table(console, table, width=console.width if not console.is_terminal else None)
    return 0
