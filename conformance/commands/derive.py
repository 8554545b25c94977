"""`derive`: the covering suite, or whether the one that is kept is still adequate."""

import os
import sys
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from ...model.proof.mutants import mutants
from ...model.proof.variants import sources
from ...model.specification import EC2
from ...reports.console import console_for
from ...reports.progress import Stages
from ...strategies.covering.cover import NoSolver
from ..covering.adequacy import Replayer, digest_of, shortcomings
from ..covering.derive import Examiner
from ..covering.derive import derive as derived
from ..covering.suite import Kind, Suite, SuiteError, load, save
from ..covering.worker_pool import WorkerPool
from .shell import FILE, WrongUsage, put

HERE: Final = Path("conformance", "corpus", "covering")
"""Where the suite is kept in a clone of the repository."""
_SHOWN: Final = 10
"""Shortcomings that are printed one by one."""


@click.command(
    short_help="Derive the covering suite; --check: is it still adequate?",
    epilog="""\b
Examples:
  ec2-lifecycle derive
  ec2-lifecycle derive --check
  ec2-lifecycle derive --into suite --jobs 4""",
)
@click.option("--check", is_flag=True, help="Play what is kept against the specification as it is now.")
@click.option("--into", type=FILE, metavar="DIR", help=f"The folder of the suite.  [default: {HERE} in a clone]")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    show_default="one for each core",
    metavar="N",
    help="How many processes to use.",
)
def derive(check: bool, into: Path | None, jobs: int) -> int:
    """Derive scenarios that tell the specification from every mutant that can be told from outside.

    A mutant is the specification with one small change.
    The scenarios kill all mutants that can be killed, by the fewest API calls; a manifest beside them says which.
    """
    folder = into or (_kept() if check else _clone())
    with ExitStack() as stack:
        stages = stack.enter_context(Stages(console_for(sys.stderr)))
        try:
            return _check(folder, jobs, stages) if check else _derive(folder, jobs, stages)
        except (NoSolver, SuiteError) as error:
            raise WrongUsage(str(error)) from error


def _derive(folder: Path, jobs: int, stages: Stages) -> int:
    with WorkerPool(examiner, jobs) as workers:
        suite = derived(workers, EC2, mutants(), digest_of(sources()), stages.tell)
    save(suite, folder)
    _say(suite)
    for verdict in suite.verdicts:
        if verdict.kind is Kind.OPEN:
            put(f"open: {verdict.mutant}: {verdict.why}")
    return 0


def _check(folder: Path, jobs: int, stages: Stages) -> int:
    suite = load(folder)
    with WorkerPool(replayer, jobs) as workers:
        found = list(shortcomings(workers, EC2, mutants(), suite, digest_of(sources()), stages.tell))
    for sentence in found[:_SHOWN]:
        put(f"not adequate: {sentence}.")
    if len(found) > _SHOWN:
        put(f"… and {len(found) - _SHOWN} more.")
    if found:
        put("Derive the suite again: ec2-lifecycle derive")
        return 1
    _say(suite)
    return 0


def _say(suite: Suite) -> None:
    totals = suite.totals
    kinds = ", ".join(f"{totals[kind.value]} {kind.value}" for kind in Kind)
    put(f"{totals['mutants']} mutants: {kinds}.")
    put(
        f"{totals['scenarios']} scenarios ({totals['racy scenarios']} racy), {totals['calls']} API calls; "
        f"no suite of the candidates needs fewer than {suite.bound}."
    )


def examiner() -> Examiner:
    """Return what a process of a derivation works with."""
    return Examiner(EC2, mutants())


def replayer() -> Replayer:
    """Return what a process of a check works with."""
    return Replayer(EC2, mutants())


def _clone() -> Path:
    """Return the folder of the suite in the clone of the repository that this is."""
    if not HERE.parent.is_dir():
        raise WrongUsage(f"there is no {HERE.parent} here; derive in a clone of the repository, or name --into DIR.")
    return HERE


def _kept() -> Path:
    """Return the folder of the suite that comes with the package."""
    return Path(str(files("ec2_lifecycle.conformance.corpus"))) / HERE.name
