"""`run`: the corpus and generated scenarios against each target."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from ...reports.console import console_for
from ...reports.events import Event, FindingMade, ScenarioRun, TargetFinished
from ...reports.findings import write_findings
from ...reports.progress import Progress
from ...reports.stream import StreamWriter
from ...reports.summary import exit_code, summarise
from ...reports.terminal import print_run
from ..campaign import Plan
from ..fingerprint import ALIASES
from ..targets.resolve import check
from ..waiver_file import load_waivers
from ..waivers import TargetRun, Waiver, apply
from ..worker import run_target
from .common import corpus, duration, hang_option, header, known_clauses


@click.command(
    epilog="""\b
Examples:
  ec2-lifecycle run moto
  ec2-lifecycle run moto --clauses TERM-4,TERM-5
  ec2-lifecycle run endpoint:http://127.0.0.1:4566 --waivers waivers.toml --output out
  ec2-lifecycle run python:my_tests:make_client --json""",
)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--clauses", metavar="IDS", help="Judge only these clauses: ids, separated by commas.")
@click.option(
    "--tier",
    type=click.Choice(["smoke", "full"]),
    default="full",
    show_default=True,
    help="smoke: the corpus only; full: generated scenarios too.",
)
@click.option("--max-calls", type=click.IntRange(min=1), metavar="N", help="Stop after so many calls to a target.")
@click.option("--time-budget", callback=duration, metavar="TIME", help="Stop after a time such as 60s, 5m or 1h.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Seed of generated scenarios."
)
@click.option(
    "--waivers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Known findings, each with a reason (TOML).",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write events.ndjson and findings/*.yaml here.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@hang_option
def run(
    targets: tuple[str, ...],
    clauses: str | None,
    tier: str,
    max_calls: int | None,
    time_budget: float | None,
    seed: int,
    waivers: Path | None,
    output: Path | None,
    as_json: bool,
    hang_after: float,
) -> int:
    """Run the corpus and generated scenarios against each TARGET, and list every divergence once.

    TARGET is model, moto, moto-server, endpoint:URL or python:MODULE:FACTORY (see: list targets).
    """
    for label in targets:
        check(label)
    plan = Plan(
        seed=seed,
        corpus=corpus(),
        generate=tier == "full",
        max_calls=max_calls,
        time_budget=time_budget,
        clauses=known_clauses(clauses),
    )
    known = () if waivers is None else load_waivers(waivers)
    first = header(seed)
    finished: list[TargetFinished] = []
    with ExitStack() as stack:
        tell = _listeners(stack, output, max_calls)
        tell(first)
        interrupted = False

        def stopped() -> bool:
            return interrupted

        for label in dict.fromkeys(targets):
            try:
                done = run_target(
                    label, plan, hang_after, lambda e: None if isinstance(e, TargetFinished) else tell(e), stopped
                )
            except KeyboardInterrupt:
                interrupted = True
                raise
            done = _waived(done, known, complete=done.stopped in ("done", "calls") and not plan.clauses)
            finished.append(done)
            tell(done)
            if done.stopped == "interrupted":
                break
    if output is not None:
        write_findings(output / "findings", finished)
    if as_json:
        click.echo(summarise(finished).json())
    else:
        print_run(console_for(sys.stdout), {info.id: info for info in first.clauses}, finished)
    return exit_code(finished)


def _listeners(stack: ExitStack, output: Path | None, max_calls: int | None) -> Callable[[Event], None]:
    """Return what every event is told to: the stream on disk and the progress on a terminal."""
    writer: StreamWriter | None = None
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        writer = stack.enter_context(StreamWriter(output / "events.ndjson"))
    progress = stack.enter_context(Progress(console_for(sys.stderr), max_calls))

    def tell(event: Event) -> None:
        if writer is not None:
            writer.write(event)
        if isinstance(event, ScenarioRun):
            progress.scenario_done(event)
        elif isinstance(event, FindingMade):
            progress.finding(event)

    return tell


def _waived(done: TargetFinished, known: tuple[Waiver, ...], *, complete: bool) -> TargetFinished:
    target = TargetRun(done.target, done.version, done.findings, complete=complete)
    findings, problems = apply(known, target, date.today(), ALIASES)  # noqa: DTZ011 (an expiry is the user's day)
    return replace(done, findings=findings, waiver_problems=problems)
