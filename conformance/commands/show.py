"""`show`: one finding of a stored run, in full."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from ...model.evidence import FACTS
from ...reports.console import console_for, print_code, print_labelled, print_text, printable_text
from ...reports.events import Finding
from ...reports.safe_text import printable_lines
from ...reports.terminal import print_finding
from ...strategies.files.format import dump_scenario
from .help_text import command
from .shell import FILE
from .stored_findings import find_stored, without_facts

_FACT_ID: Final = re.compile(r"[A-Z]{1,2}-[0-9]{2,3}")


@command(
    short_help="Show one finding in full, from the newest run or a named one.",
    epilog="""\b
Examples:
  ec2-lifecycle show f2:0123456789
  ec2-lifecycle show f2:0123456789 out
  ec2-lifecycle show out/findings/f2-0123456789.yaml""",
)
@click.argument("finding")
@click.argument("runs", nargs=-1, type=FILE, metavar="[RUN]...")
def show(finding: str, runs: tuple[Path, ...]) -> int:
    """Show FINDING in full: the promise, its evidence, the scenario, the expected and observed results, and a program.

    FINDING is an id, the beginning of one, or a finding's file.
    RUN is the folder of `run --output`, or its events.ndjson.
    Without RUN, the command reads the newest run in this folder and the folders directly below it.
    """
    show_finding(console_for(sys.stdout), finding, runs)
    return 0


def show_finding(console: Console, what: str, runs: Sequence[Path]) -> None:
    """Print a finding in full, in each way that the runs show it; raises `WrongUsage` if there is none."""
    stored = find_stored(what, runs)
    if stored.report is not None:
        for number, (finding, labels) in enumerate(stored.variants):
            if number:
                console.print()
            clause = stored.report.clauses.get(finding.clause)
            print_finding(console, finding, clause, labels, facts_of(finding))
    if stored.variants or stored.scenario is None:
        return
    print_text(console, printable_text(stored.scenario.title, "bold"))
    for label, text in stored.scenario.finding:
        print_labelled(console, label, text)
    console.print()
    code = printable_lines(dump_scenario(without_facts(stored.scenario)))
    print_code(console, f"scenario ({stored.file})", [(line, "") for line in code])


def facts_of(finding: Finding) -> list[str]:
    """Return the facts that a finding's promise rests on, each with its sentence.

    The stream of another version may name a fact that this version does not have; it is left out.
    """
    named = _FACT_ID.findall(finding.source.partition(":")[0])
    return [f"{name}: {FACTS[name].statement}" for name in dict.fromkeys(named) if name in FACTS]
