"""`list`: the clauses, choices, background steps, theorems, targets and scenarios."""

import sys
from typing import Final

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
from ..targets.resolve import KNOWN
from .help_text import command
from .scenario_files import corpus_files
from .shell import WrongUsage

_WIDEST: Final = 10_000
"""More than the width of any row."""


def _clauses() -> Table:
    table = Table("clause", "evidence", "promise", box=None, pad_edge=False)
    for clause in CLAUSES.values():
        table.add_row(clause.id, clause.evidence_class.value, printable_text(clause.sentence))
    return table


def _choices() -> Table:
    table = Table(
        "choice", "scope", "question and alternatives (the preferred one first)", "facts", box=None, pad_edge=False
    )
    for choice in CHOICES:
        scope = "instance" if choice.per_instance else "request"
        alternatives = "; ".join(f"{name_of(a)} ({a.value})" for a in choice.alternatives)
        table.add_row(
            choice.id, scope, printable_text(f"{choice.question} {alternatives}"), printable_text(choice.source)
        )
    return table


def _steps() -> Table:
    table = Table("step", "what happens", "seconds, with --delays usual", box=None, pad_edge=False)
    for name, step in STEPS.items():
        bounds = DELAYS.get(step)
        happens = f"{step.value} (shows with --choice {VISIBLE_WITH[step]})" if step in VISIBLE_WITH else step.value
        table.add_row(name, printable_text(happens), f"{bounds[0]:g}..{bounds[1]:g}" if bounds else "only on demand")
    return table


def _targets() -> Table:
    table = Table("target", "what it is", box=None, pad_edge=False)
    for name, description in KNOWN:
        table.add_row(name, printable_text(description))
    return table


def _scenarios() -> Table:
    table = Table("file", "clauses", "title", box=None, pad_edge=False)
    for path in corpus_files():
        scenario = load_scenario(path, CLAUSES)
        table.add_row(
            printable_text(f"{path.parent.name}/{path.name}"),
            ", ".join(scenario.clauses),
            printable_text(scenario.title),
        )
    return table


def _theorems() -> Table:
    table = Table("theorem", "clauses", "sentence", box=None, pad_edge=False)
    for theorem in THEOREMS:
        table.add_row(theorem.id, ", ".join(theorem.clauses), printable_text(theorem.sentence))
    return table


TABLES = {
    "clauses": _clauses,
    "choices": _choices,
    "steps": _steps,
    "theorems": _theorems,
    "targets": _targets,
    "scenarios": _scenarios,
}


@command(
    "list",
    short_help="List clauses, choices, theorems, targets or scenarios.",
    epilog="Example: ec2-lifecycle list clauses",
)
@click.argument("what", metavar="|".join(TABLES))
def list_contents(what: str) -> int:
    """List the clauses, choices, background steps, theorems or targets, or the scenarios of the corpus."""
    if what not in TABLES:
        raise WrongUsage(f'there is no list of "{what}"; {suggestion(what, TABLES)}.')
    console, table = console_for(sys.stdout), TABLES[what]()
    if not console.is_terminal:  # one line for each row, so that programs can read it and no name is cut
        console.width = max(
            console.width, console.measure(table, options=console.options.update(width=_WIDEST)).maximum
        )
    print_table(console, table, width=console.width if not console.is_terminal else None)
    return 0
