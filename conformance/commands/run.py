"""`run`: the corpus and generated scenarios against each target."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import click

from ...model.specification import EC2
from ...reports.console import console_for
from ...reports.events import Event, FindingMade, ScenarioRun, TargetFinished
from ...reports.progress import Progress
from ...reports.summary import exit_code, summarise
from ...reports.terminal import print_run
from ...strategies.files.format import load_scenario
from ..findings.fingerprint import ALIASES
from ..findings.waiver_file import load_waivers
from ..findings.waivers import TargetRun, Waiver, apply, concerns
from ..recording.recorder import prepare
from ..running.campaign import CALLS, Plan
from ..running.campaign_process import CampaignJob, CampaignProcess, start_campaign
from ..running.interrupts import Interrupts
from ..running.rounds import WIDTH
from ..running.target_process import Interrupted, TargetFailed
from ..running.tiers import quick
from ..targets.resolve import check, is_live
from .launch_flags import launch_options, launch_options_of
from .live_consent import agreed, live_plans, live_request, patience_with, sandbox_options
from .live_sessions import LiveSessions
from .output_folder import Output
from .scenario_files import corpus, covering
from .shared_options import duration, hang_option, known_clauses
from .shell import BROKE, FILE, USAGE, WrongUsage, complain, put
from .stream_header import header

_LONGEST_WAIT: Final = 120.0
"""Seconds that a scenario may wait where everything takes its time anyway."""


@click.command(
    short_help="Hold targets to the specification; list every divergence once.",
    epilog="""\b
Examples:
  ec2-lifecycle run moto
  ec2-lifecycle run moto --clauses TERM-4,TERM-5
  ec2-lifecycle run endpoint:http://127.0.0.1:4566 --waivers waivers.toml --output out
  ec2-lifecycle run python:my_tests:make_client --json""",
)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--clauses", metavar="IDS", help="Judge only these clauses, as TERM-4,TERM-5.")
@click.option(
    "--tier",
    type=click.Choice(["smoke", "covering", "full"]),
    help="smoke: few, in seconds; covering: the derived suite; "
    "full: the corpus and generated ones.  [default: full; for aws: covering]",
)
@click.option(
    "--max-calls",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Stop after so many calls to a target.  [default: {CALLS}, where no time is given]",
)
@click.option("--time-budget", callback=duration, metavar="TIME", help="Stop after a time such as 60s, 5m or 1h.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Seed of generated scenarios."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1, max=WIDTH),
    default=1,
    show_default=True,
    metavar="N",
    help="Scenarios at a time, against an endpoint.",
)
@click.option("--waivers", type=FILE, metavar="FILE", help="Known findings, each with a reason (TOML).")
@click.option("--output", type=FILE, metavar="DIR", help="Write events, findings and reports here.")
@click.option("--record", type=FILE, metavar="DIR", help="Write traces here, for `replay`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@launch_options
@sandbox_options
@hang_option
def run(
    targets: tuple[str, ...],
    clauses: str | None,
    tier: str | None,
    max_calls: int | None,
    time_budget: float | None,
    seed: int,
    jobs: int,
    waivers: Path | None,
    output: Path | None,
    record: Path | None,
    as_json: bool,
    image_id: str | None,
    instance_type: str | None,
    zones: str | None,
    sandbox: Path | None,
    plan: bool,
    yes: bool,
    hang_after: float,
) -> int:
    """Run scenarios against each TARGET, and list every divergence once.

    TARGET is model, moto, moto-server, endpoint:URL, aws:PROFILE or python:MODULE:FACTORY.
    """
    for label in targets:
        check(label)
    told = launch_options_of(targets, image_id, instance_type, zones)
    only = known_clauses(clauses)
    asked = live_request(targets, sandbox, plan=plan, yes=yes)
    plans = {
        label: Plan(
            seed=seed,
            jobs=jobs,
            corpus=_corpus_of(tier or _tier_of(label), only),
            generate=(tier or _tier_of(label)) == "full",
            max_calls=max_calls,
            time_budget=time_budget,
            clauses=only,
            settings=asked.settings(label),
            longest_wait=_LONGEST_WAIT if is_live(label) else 0.0,
            record=record,
        )
        for label in dict.fromkeys(targets)
    }
    known = () if waivers is None else load_waivers(waivers)
    folder = None if output is None or asked.plan else Output(output)
    if record is not None and not asked.plan:
        prepare(record)
    planned = live_plans(targets, asked, told, lambda label: CampaignJob(label, _rehearsed(plans[label])), time_budget)
    if not agreed(planned, asked):
        return 0
    first = header(seed, max_calls or (CALLS if time_budget is None else None), time_budget)
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts())
        stays = stack.enter_context(LiveSessions(planned, asked, told, interrupts))
        runs = [
            start_campaign(label, each, interrupts, patience_with(label, hang_after), stays.told(label))
            for label, each in plans.items()
        ]
        for each in runs:
            stack.enter_context(each.process)
        failed = _unusable(runs)
        if folder is not None and len(failed) < len(runs):
            stack.enter_context(folder).begin(first)
        progress = stack.enter_context(Progress(console_for(sys.stderr), max_calls))
        tell = _listener(folder, progress)
        finished = [_finished(each, failed.get(each.label), known, folder, tell) for each in runs]
    if folder is not None:
        folder.report()
    code = exit_code(finished)
    something = any(done.scenarios for done in finished)
    if as_json:
        put(summarise(finished).json())
    elif something or not (interrupts.asked or any(done.broken for done in finished)):
        print_run(console_for(sys.stdout), {info.id: info for info in first.clauses}, finished)
    for done in finished:
        if done.broken is not None:
            complain(done.broken if _names(done.target, done.broken) else f"{done.target}: {done.broken}")
    if interrupts.asked:
        complain("interrupted; the report holds what was found." if something else "interrupted before any scenario.")
    return max(code, _unwritten(runs, folder), BROKE if stays.left else 0)


def _unwritten(runs: Iterable[CampaignProcess], folder: Output | None) -> int:
    """Say what could not be written; return the exit code for that."""
    problems = [*(each.unrecorded for each in runs), None if folder is None else folder.problem]
    for problem in filter(None, problems):
        complain(problem)
    return USAGE if any(problems) else 0


def _corpus_of(tier: str, only: frozenset[str]) -> tuple[Path, ...]:
    """Return the files of the corpus that a run of a tier plays; raises `WrongUsage` where it would play none."""
    match tier:
        case "smoke":
            files = quick(EC2, corpus(), only)
        case "covering":
            files = covering()
        case _:
            files = corpus()
    if only and not _any_is_about(only, files):
        elsewhere = tier != "full" and _any_is_about(only, corpus())
        of_the_tier, instead = (f" of the tier {tier}", "write --tier full, or ") if elsewhere else ("", "")
        names = ", ".join(sorted(only))
        raise WrongUsage(f"No scenario{of_the_tier} is about {names}; {instead}name other clauses.")
    return files


def _any_is_about(clauses: frozenset[str], files: Iterable[Path]) -> bool:
    return any(not clauses.isdisjoint(load_scenario(file, EC2.clauses).clauses) for file in files)


def _tier_of(label: str) -> str:
    """Return the tier that is played where none is asked for: what is live costs time and money."""
    return "covering" if is_live(label) else "full"


def _rehearsed(plan: Plan) -> Plan:
    """Return a plan as it is rehearsed: without a limit of time, since a rehearsal has its own clock, and a trace."""
    return replace(plan, time_budget=None, record=None)


def _names(target: str, sentence: str) -> bool:
    """Tell whether a sentence says which target it is about, if only by its URL."""
    return target.removeprefix("endpoint:") in sentence


def _unusable(runs: Sequence[CampaignProcess]) -> dict[str, TargetFailed | Interrupted]:
    """Wait for every target, before work that may take hours; return those that cannot be used.

    Raises `TargetFailed` where the user is to blame.
    """
    failed: dict[str, TargetFailed | Interrupted] = {}
    for each in runs:
        try:
            each.process.ready()
        except Interrupted as error:
            failed[each.label] = error
        except TargetFailed as error:
            if error.wrong_usage:
                raise
            failed[each.label] = error
    return failed


def _finished(
    run: CampaignProcess,
    failed: TargetFailed | Interrupted | None,
    known: Sequence[Waiver],
    folder: Output | None,
    tell: Callable[[Event], None],
) -> TargetFinished:
    """Run a target to its end, and hold the waivers against what it showed."""
    if failed is None:
        done = run.run(tell)
    else:
        done = (
            run.partial_result("interrupted")
            if isinstance(failed, Interrupted)
            else run.partial_result("broken", str(failed))
        )
    others = {waiver.finding for waiver in known if not concerns(waiver, run.label)}
    target = TargetRun(done.target, done.version, done.findings, complete=is_complete(done, run.plan), known=others)
    findings, problems = apply(known, target, date.today(), ALIASES)  # noqa: DTZ011 (an expiry is the user's day)
    done = replace(done, findings=findings, waiver_problems=problems)
    if folder is not None:
        done = folder.located(done)
    tell(done)
    return done


def is_complete(done: TargetFinished, plan: Plan) -> bool:
    """Tell whether a run went as far as it goes by default, so that a known finding that did not show is gone."""
    as_far = done.stopped in ("done", "saturated") or (done.stopped == "calls" and done.calls >= CALLS)
    return as_far and done.broken is None and plan.generate and not plan.clauses


def _listener(folder: Output | None, progress: Progress) -> Callable[[Event], None]:
    """Return what every event is told to: the folder of the output, and the progress on a terminal."""

    def tell(event: Event) -> None:
        if isinstance(event, ScenarioRun):
            progress.scenario_done(event)
        elif isinstance(event, FindingMade):
            progress.finding(event)
        if folder is not None:
            folder.tell(event)

    return tell
