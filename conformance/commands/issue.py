"""`issue`: a finding as an issue that can be filed, or as a failing test."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from ...reports.events import Finding
from ...reports.issue import issue_text, versions_of
from ...reports.stored_runs import TargetReport
from ...strategies.files.format import read_scenario
from ..emulator.double import ec2_double
from ..findings.repro import CannotWrite, cli_form, pytest_form
from .help_text import command, option
from .shell import FILE, WrongUsage, print_line
from .stored_findings import Stored, find_stored

_CHECKED: Final = ("moto", "moto-server", "endpoint")
"""The kinds of targets whose tests reach the model when boto3's EC2 is the model."""


@command(
    short_help="Write a finding as an issue to file, or as a failing test.",
    epilog="""\b
Examples:
  ec2-lifecycle issue f2:0123456789 > issue.md
  ec2-lifecycle issue f2:0123456789 --for pytest > test_defect.py
  ec2-lifecycle issue f2:0123456789 out --for cli""",
)
@click.argument("finding")
@click.argument("runs", nargs=-1, type=FILE, metavar="[RUN]...")
@option(
    "--for",
    "form",
    type=click.Choice(["generic", "cli", "pytest"]),
    default="generic",
    show_default=True,
    help="generic: an issue with a Python program; cli: an issue with AWS CLI commands; "
    "pytest: a test alone, which fails now and passes once the defect is fixed.",
)
def issue(finding: str, runs: tuple[Path, ...], form: str) -> int:
    """Write FINDING as an issue: what EC2 does, the sources, the shortest reproduction, and what happens instead.

    FINDING and RUN mean the same as for `show`.
    """
    stored = find_stored(finding, runs)
    report = _report_of(stored)
    found = stored.variants[0][0]
    target = report.done.target
    if form == "pytest":
        print_line(_test(found, target).rstrip())
        return 0
    if form == "cli":
        program, language = _commands(found, target), "sh"
    else:
        program, language = _shortest(found, target), "python"
    clause = None if stored.report is None else stored.report.clauses.get(found.clause)
    print_line(issue_text(found, clause, target, versions_of(report), program, language).rstrip())
    return 0


def _report_of(stored: Stored) -> TargetReport:
    """Return the run of the first way in which a finding shows; raises `WrongUsage` if no run has it."""
    if stored.report is None or not stored.variants:
        raise WrongUsage(f"no stored run has {stored.name}; name the folder of a run that has it.")
    label = stored.variants[0][1][0]
    return next(target for target in stored.report.targets if target.label == label)


def _test(finding: Finding, target: str) -> str:
    """Return the test of a finding; raises `WrongUsage` if there is none."""
    try:
        return checked_test(finding, target)
    except CannotWrite as error:
        raise WrongUsage(f"{finding.id} has no pytest form: {error} See: --for generic") from error


def _commands(finding: Finding, target: str) -> str:
    try:
        return cli_form(finding, read_scenario(finding.scenario_text, finding.id), target)
    except CannotWrite as error:
        raise WrongUsage(f"{finding.id} has no CLI form: {error} See: --for generic") from error


def _shortest(finding: Finding, target: str) -> str:
    """Return the test of a finding, or the longer program of its run if it has no test."""
    try:
        return checked_test(finding, target)
    except CannotWrite:
        return finding.repro


def checked_test(finding: Finding, target: str) -> str:
    """Return the test of a finding that the model passes; raises `CannotWrite`."""
    scenario = read_scenario(finding.scenario_text, finding.id)
    test = pytest_form(finding, scenario, target)
    if target.partition(":")[0] not in _CHECKED or (problem := failure_on_the_model(test)) is None:
        return test
    with suppress(CannotWrite):
        test = pytest_form(finding, scenario, target, guarded=True)
        if failure_on_the_model(test) is None:
            return test
    raise CannotWrite(f"its scenario runs differently on EC2 ({problem}).")


def failure_on_the_model(test: str) -> str | None:
    """Return why a test fails on the model; None if it passes, or if moto, which it needs, is not installed."""
    with ec2_double():
        error = failure_of(test)
    if error is None or isinstance(error, ImportError):
        return None
    return " ".join(str(error).split()) or type(error).__name__


def failure_of(test: str) -> BaseException | None:
    """Run a test in this process, and return what it raises."""
    names: dict[str, object] = {}
    try:
        exec(compile(test, "<test>", "exec"), names)  # noqa: S102 - a program of ours: its literals are escaped
        (run,) = (value for name, value in names.items() if name.startswith("test_") and callable(value))
        run()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a test fails with; pytest.raises fails with no Exception
        return error
    return None
