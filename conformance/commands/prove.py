"""`prove`: proves every theorem about the specification, with one solver or two."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from ...model.proof.counterexample import ProverBug
from ...model.proof.obligations import Subjects
from ...model.proof.prover import scripts
from ...model.proof.solvers import SOLVERS, MissingSolver
from ...model.proof.source import OutsideSubset
from ...model.specification import EC2
from ...model.theorems.catalogue import THEOREMS
from ...model.theorems.theorem import Theorem
from ...reports.console import console_for, join_dotted, print_code, print_labelled, print_text, printable_text
from ...reports.os_reasons import os_reason
from ...reports.safe_text import printable_lines
from ...strategies.files.format import dump_scenario
from ..proving.parallel import Report, reports
from .help_text import command, option
from .shell import FILE, WrongUsage, print_error, print_line

STYLES = {"proved": "green", "broken": "bold red", "unknown": "bold magenta"}


@command(
    short_help="Prove every theorem about the specification.",
    epilog="""\b
Examples:
  ec2-lifecycle prove
  ec2-lifecycle prove --theorem T1 --solver both
  ec2-lifecycle prove --smtlib proofs""",
)
@option("--theorem", "ids", multiple=True, metavar="IDS", help="Only these theorems, such as T1,T2.")
@option(
    "--solver",
    type=click.Choice([*SOLVERS, "both"]),
    default="z3",
    show_default=True,
    metavar="NAME",
    help="z3, cvc5 or both; cvc5 is an extra.",
)
@option("--smtlib", type=FILE, metavar="DIR", help="Write every query to this folder, as SMT-LIB 2.")
@option("--output", type=FILE, metavar="DIR", help="Write a scenario for each counterexample here.")
@option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def prove(ids: tuple[str, ...], solver: str, smtlib: Path | None, output: Path | None, as_json: bool) -> int:
    """Prove the theorems, for any number of instances, zones and volumes.

    \b
    proved   the theorem is true for every world, request and choice
    broken   there is a counterexample, and running the rules confirms it
    unknown  the solver found no answer; this counts as not proved
    """  # noqa: D301 - click wants the very character
    names = [name.strip() for text in ids for name in text.split(",")]
    theorems = [_known(name) for name in dict.fromkeys(names)] or list(THEOREMS)
    solvers = tuple(SOLVERS) if solver == "both" else (solver,)
    for folder in filter(None, (smtlib, output)):
        _make(folder)
    try:
        if smtlib is not None:
            _write_questions(theorems, smtlib)
        found = list(_proved(theorems, solvers, None if as_json else console_for(sys.stdout)))
    except MissingSolver as error:
        raise WrongUsage(str(error)) from error
    except OutsideSubset as error:
        raise WrongUsage(f"{error}; see the docstring of model/rules for what a rule may use.") from error
    except ProverBug as error:
        print_error(f"a bug in the prover: {error}")
        return 1
    if output is not None:
        _write_scenarios(found, output)
    holds = all(report.holds for report in found)
    if as_json:
        print_line(
            json.dumps(
                {"schema": 1, "solvers": list(solvers), "theorems": [r.data() for r in found], "exit": 1 - holds}
            )
        )
    else:
        _print_summary(console_for(sys.stdout), found, solvers)
    return 0 if holds else 1


def _make(folder: Path) -> None:
    """Create a folder before proving anything; raises `WrongUsage`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUsage(f"{folder} cannot be written ({os_reason(error)}); name a folder that can.") from error


def _known(name: str) -> Theorem:
    found = next((theorem for theorem in THEOREMS if theorem.id.lower() == name.lower()), None)
    if found is None:
        raise WrongUsage(f'there is no theorem "{name}"; see: ec2-lifecycle list theorems')
    return found


def _proved(theorems: list[Theorem], solvers: tuple[str, ...], console: Console | None) -> Iterator[Report]:
    """Yield the result of each theorem and print it at once; on a terminal a status line names the next."""
    screen = console_for(sys.stderr)
    left = iter(theorems)
    status = screen.status("") if screen.is_terminal else None
    with status or nullcontext():
        if status is not None:
            status.update(f"proving {next(left).name}")
        for report in reports(theorems, solvers):
            if console is not None:
                _print_report(console, report)
            if status is not None and (upcoming := next(left, None)) is not None:
                status.update(f"proving {upcoming.name}")
            yield report


def _print_report(console: Console, report: Report) -> None:
    verdict = "proved" if report.holds else next((v for v in report.verdicts.values() if v != "proved"), "unknown")
    times = ", ".join(f"{solver} {report.milliseconds[solver]:.0f} ms" for solver in report.verdicts)
    head = join_dotted(
        console,
        printable_text(f"{report.id:<5}{verdict}", STYLES[verdict]),
        printable_text(times),
        printable_text(report.sentence),
    )
    print_text(console, head, hanging=6)
    for problem in report.problems:
        print_labelled(console, "problem", problem)
    for label, line in report.counterexample:
        print_text(console, Text.assemble((f"{label}: ", "bold"), printable_text(line)), 4, hanging=2)
    if report.scenario is not None:
        text = dump_scenario(report.scenario)
        print_code(console, "scenario", [(line, "") for line in printable_lines(text)])
    elif report.counterexample:
        print_labelled(console, "scenario", "none: no plain way by requests leads to this world")


def _print_summary(console: Console, found: list[Report], solvers: tuple[str, ...]) -> None:
    proved = sum(report.holds for report in found)
    times = ", ".join(f"{solver} {sum(r.milliseconds[solver] for r in found) / 1000:.1f} s" for solver in solvers)
    obligations = sum(report.obligations for report in found)
    console.print()
    print_text(
        console,
        join_dotted(
            console,
            printable_text(f"{proved} of {len(found)} theorems proved", "bold"),
            printable_text(
                f"{obligations} obligation{'s' * (obligations != 1)}, for any number of instances, zones and volumes"
            ),
            printable_text(times),
        ),
    )


def _write_questions(theorems: list[Theorem], folder: Path) -> None:
    subjects = Subjects(EC2)
    for theorem in theorems:
        for name, script in scripts(theorem, subjects):
            (folder / name).write_text(script.text(), encoding="utf-8")


def _write_scenarios(found: list[Report], folder: Path) -> None:
    for report in found:
        if report.scenario is not None:
            (folder / f"{report.id}.yaml").write_text(dump_scenario(report.scenario), encoding="utf-8")
