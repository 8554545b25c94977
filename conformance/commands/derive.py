"""`derive`: derives the covering suite, or checks that the stored one is still adequate."""

import os
import sys
from concurrent.futures import Executor
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
from ..covering.derive import derive as derived
from ..covering.examiner import Examiner
from ..covering.gathering import Material
from ..covering.suite import Kind, Suite, SuiteError, Verdict, load, save, stored_verdicts
from ..covering.worker_pool import WorkerPool
from .cluster_option import cluster_of, cluster_option
from .help_text import command, option
from .shell import FILE, WrongUsage, print_line

HERE: Final = Path("conformance", "corpus", "covering")
"""The folder of the suite in a clone of the repository."""
_SHOWN: Final = 10
"""The most shortcomings that are printed."""


@command(
    short_help="Derive the covering suite, or check that it still fits.",
    epilog="""\b
Examples:
  ec2-lifecycle derive
  ec2-lifecycle derive --check
  ec2-lifecycle derive --into suite --jobs 4""",
)
@option("--check", is_flag=True, help="Check the stored suite against the current specification.")
@option("--keep-verdicts", is_flag=True, help="Keep the stored verdicts on mutants that nothing kills.")
@option("--into", type=FILE, metavar="DIR", help=f"The suite's folder.  [default: {HERE}]")
@option(
    "--jobs",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    metavar="N",
    help="Processes to use.  [default: the cores]",
)
@cluster_option
def derive(check: bool, keep_verdicts: bool, into: Path | None, jobs: int, cluster: str | None) -> int:
    """Derive the covering suite: scenarios that show every mutant that a client can notice, in few API calls.

    A mutant is the specification with one small change. Planted faults count as mutants, too.
    A scenario kills a mutant if a reply shows the difference.
    The scenarios form layers: those of the first layer run on a plain target, and later ones need more capabilities.
    A manifest beside the scenarios says which scenario kills which mutant.
    """
    folder = into or (_installed_suite() if check else _suite_in_clone())
    with ExitStack() as stack:
        on = stack.enter_context(cluster_of(cluster))
        executor = None if on is None else on.executor()
        stages = stack.enter_context(Stages(console_for(sys.stderr)))
        try:
            if check:
                return _check(folder, jobs, executor, stages)
            return _derive(folder, jobs, executor, stages, keep=keep_verdicts)
        except (NoSolver, SuiteError) as error:
            raise WrongUsage(str(error)) from error


def _derive(folder: Path, jobs: int, executor: Executor | None, stages: Stages, *, keep: bool) -> int:
    digest = digest_of(sources(), EC2.clauses)
    material = Material(known=_verdicts_to_keep(folder, digest)) if keep else Material()
    with WorkerPool(examiner, jobs, executor) as workers:
        suite = derived(workers, EC2, mutants(), digest, stages.show_stage, material)
    save(suite, folder)
    _print_report(suite)
    for verdict in suite.verdicts:
        if verdict.kind is Kind.OPEN:
            print_line(f"open: {verdict.mutant}: {verdict.why}")
    return 0


def _verdicts_to_keep(folder: Path, digest: str) -> dict[str, Verdict]:
    """Return the verdicts of the stored suite on the mutants that nothing kills."""
    stored_digest, verdicts = stored_verdicts(folder)
    if stored_digest != digest:
        raise WrongUsage("the specification has changed since the suite was derived; write no --keep-verdicts.")
    return {verdict.mutant: verdict for verdict in verdicts if verdict.kind is not Kind.KILLABLE}


def _check(folder: Path, jobs: int, executor: Executor | None, stages: Stages) -> int:
    suite = load(folder)
    with WorkerPool(replayer, jobs, executor) as workers:
        found = list(shortcomings(workers, EC2, mutants(), suite, digest_of(sources(), EC2.clauses), stages.show_stage))
    for sentence in found[:_SHOWN]:
        print_line(f"not adequate: {sentence}.")
    if len(found) > _SHOWN:
        print_line(f"… and {len(found) - _SHOWN} more.")
    if found:
        print_line("Derive the suite again: ec2-lifecycle derive")
        return 1
    _print_report(suite)
    return 0


def _print_report(suite: Suite) -> None:
    totals = suite.totals
    kinds = ", ".join(f"{totals[kind.value]} {kind.value}" for kind in Kind)
    print_line(f"{totals['mutants']} mutants: {kinds}.")
    print_line(f"{totals['planted faults']} planted faults: {totals['faults found']} found.")
    print_line(
        f"{totals['scenarios']} scenarios ({totals['racy scenarios']} racy), {totals['calls']} API calls; "
        f"by the kills that are known no suite needs fewer than {suite.bound}."
    )
    print_line(f"{'what a target needs':<36} {'scenarios':>9} {'calls':>6} {'bound':>6} {'kills':>6}")
    for name, layer in suite.layers.items():
        print_line(f"{name:<36} {layer.scenarios:>9} {layer.calls:>6} {layer.bound:>6} {layer.kills:>6}")
    curve = ", ".join(f"{percent} %" for percent in suite.curve)
    print_line(f"Killed after each fifth of the calls: {curve}.")


def examiner() -> Examiner:
    """Return the state of a worker process of a derivation."""
    return Examiner(EC2, mutants())


def replayer() -> Replayer:
    """Return the state of a worker process of a check."""
    return Replayer(EC2, mutants())


def _suite_in_clone() -> Path:
    """Return the folder of the suite in the current clone."""
    if not HERE.parent.is_dir():
        raise WrongUsage(f"there is no {HERE.parent} here; derive in a clone of the repository, or name --into DIR.")
    return HERE


def _installed_suite() -> Path:
    """Return the folder of the packaged suite."""
    return Path(str(files("ec2_lifecycle.conformance.corpus"))) / HERE.name
