"""`run`: the corpus and generated scenarios against each target."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import click

from ...model.specification import EC2
from ...reports.console import console_for
from ...reports.events import Event, Finding, RunStarted, TargetFinished
from ...reports.harm import ranked
from ...reports.live import Live
from ...reports.short import print_short
from ...reports.summary import exit_code, judged_something, summarise
from ...reports.terminal import print_run
from ...strategies.files.format import load_scenario
from ..cluster.connection import check_address
from ..findings.waiver_file import load_waivers
from ..findings.waivers import TargetRun, Waiver, applies_to, apply_waivers, covering, operations_of, waivers_of
from ..recording.recorder import prepare
from ..running.campaign_process import CampaignProcess, RehearsalJob
from ..running.interrupts import Interrupts
from ..running.plan import CALLS, LANES, Plan
from ..running.target_process import Interrupted, TargetFailed
from ..running.tiers import SMOKE_CALLS, as_tier, quick, without_slow
from ..targets.resolve import check, is_live, plays_in_parallel
from .cluster_option import cluster_of, cluster_option, refuse_live
from .help_text import command, option
from .live_consent import is_agreed, live_plans
from .live_sessions import LiveSessions
from .output_folder import OutputFolder
from .scenario_files import corpus_files, covering_files
from .shared_options import duration, known_clauses, late_by, read_lag_option
from .shell import BROKE, FILE, USAGE, WrongUsage, print_error, print_line
from .stored_findings import LAST
from .stream_header import run_header
from .target_flags import TargetFlags, target_options

_LONGEST_WAIT: Final = 120.0
"""The longest wait of a scenario, in seconds, on a live target."""


@command(
    short_help="Check targets against the specification, and report each defect.",
    epilog="""\b
Examples:
  ec2-lifecycle run moto
  ec2-lifecycle run endpoint:http://127.0.0.1:4566 --waivers waivers.toml""",
)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@option("--clauses", metavar="IDS", help="Judge only these clauses, such as TERM-4,TERM-5.")
@option(
    "--tier",
    type=click.Choice(["smoke", "covering", "full"]),
    metavar="TIER",
    help="smoke, covering or full.  [default: full, aws: covering]",
)
@option(
    "--max-calls",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"At most this many calls.  [default: ~{CALLS}, smoke: {SMOKE_CALLS}]",
)
@option("--time-budget", callback=duration, metavar="TIME", help="Stop after this time, such as 60s, 5m or 1h.")
@option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Seed of generated scenarios."
)
@option(
    "--jobs",
    type=click.IntRange(min=1, max=LANES),
    metavar="N",
    help="Scenarios at a time.  [default: the cores; endpoint: 1]",
)
@cluster_option
@option("--waivers", type=FILE, metavar="FILE", help="Known findings, each with a reason.")
@option("--output", type=FILE, metavar="DIR", help="Store the run here.  [default: .ec2-lifecycle]")
@option("--record", type=FILE, metavar="DIR", help="Store traces here, for `replay`.")
@option("--verbose", is_flag=True, help="Print all findings and clauses in full.")
@option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@read_lag_option
@target_options
def run(
    targets: tuple[str, ...],
    clauses: str | None,
    tier: str | None,
    max_calls: int | None,
    time_budget: float | None,
    seed: int,
    jobs: int | None,
    cluster: str | None,
    waivers: Path | None,
    output: Path | None,
    record: Path | None,
    verbose: bool,
    as_json: bool,
    read_lag: float | None,
    flags: TargetFlags,
) -> int:
    """Play scenarios on each TARGET, and report each defect. TARGET: moto, model,
    moto-server, endpoint:URL, aws:PROFILE or python:MODULE:FACTORY.
    """  # noqa: D205 - one paragraph, so that the help fits on one screen
    _check_targets(targets)
    if cluster is not None:
        _check_cluster(cluster, targets, record)
    options = flags.launch_options(targets)
    only = known_clauses(clauses)
    request = flags.live_request(targets)
    plans = {
        label: as_tier(
            Plan(
                seed=seed,
                jobs=jobs or _jobs_of(label, cluster),
                corpus=corpus_of(tier or _tier_of(label), only),
                max_calls=max_calls,
                time_budget=time_budget,
                clauses=only,
                settings=late_by(request.settings(label), read_lag),
                longest_wait=_LONGEST_WAIT if is_live(label) else 0.0,
                record=record,
                is_swept=is_live(label),
            ),
            tier or _tier_of(label),
        )
        for label in targets
    }
    max_calls = plans[targets[0]].max_calls  # all have the same
    known = () if waivers is None else load_waivers(waivers)
    folder = None if request.plan else _folder(output)
    if record is not None and not request.plan:
        prepare(record)
    planned = live_plans(
        targets, request, options, lambda label: RehearsalJob(label, _rehearsed(plans[label])), time_budget
    )
    if not is_agreed(planned, request):
        return 0
    first = run_header(seed, max_calls or (CALLS if time_budget is None else None), time_budget)
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts())
        sessions = stack.enter_context(LiveSessions(planned, request, options, interrupts))
        on = stack.enter_context(cluster_of(cluster))
        runs = [
            stack.enter_context(
                CampaignProcess(label, each, interrupts, flags.hang_timeout(label), sessions.options_for(label), on)
            )
            for label, each in plans.items()
        ]
        failed = _unusable(runs)
        if folder is not None and len(failed) < len(runs):
            stack.enter_context(folder).begin(first)
        live = stack.enter_context(
            Live(
                None if as_json else console_for(sys.stdout),
                console_for(sys.stderr),
                max_calls,
                several=len(runs) > 1,
                is_known=lambda label, finding: _is_waived(known, label, finding),
            )
        )
        emit = _event_sink(folder, live)
        finished = [_finish(each, failed.get(each.label), known, folder, emit) for each in runs]
    if folder is not None:
        folder.write_reports()
    code = exit_code(finished)
    any_scenario = any(done.scenarios for done in finished)
    if as_json:
        print_line(summarise(finished).json())
    elif any_scenario or not (interrupts.asked or any(done.broken for done in finished)):
        _print(finished, first, folder, live.lines, verbose=verbose)
    for done in finished:
        if done.broken is not None:
            print_error(done.broken if _mentions(done.target, done.broken) else f"{done.target}: {done.broken}")
        elif not interrupts.asked and not judged_something(done):
            print_error(f"{done.target}: nothing was judged{_why_nothing(done)}.")
    if interrupts.asked:
        print_error(
            "interrupted; the report holds what was found." if any_scenario else "interrupted before any scenario."
        )
    return max(code, _report_write_problems(runs, folder), BROKE if sessions.left else 0)


def _check_targets(targets: Sequence[str]) -> None:
    """Raise `UnknownTarget` for a word that is no target, and `WrongUsage` for a target that is named twice."""
    for label in targets:
        check(label)
    twice = next((label for label, times in Counter(targets).items() if times > 1), None)
    if twice is not None:
        raise WrongUsage(f"{twice} is named {targets.count(twice)} times; name each target once.")


def _check_cluster(address: str, targets: Iterable[str], record: Path | None) -> None:
    """Raise `ClusterError` or `WrongUsage` for what cannot run on a cluster."""
    check_address(address)
    refuse_live(targets)
    if record is not None:
        raise WrongUsage("--record needs the processes of the run on this machine; leave --cluster out.")


def _jobs_of(label: str, cluster: str | None) -> int:
    """Return how many lanes play at a time by default: on all cores, but an endpoint may bear only one."""
    if plays_in_parallel(label):
        return 1
    return LANES if cluster is not None else min((os.cpu_count() or 1), LANES)


def _why_nothing(done: TargetFinished) -> str:
    """Return the most frequent reason why a run judged no clause, if it has one."""
    reasons = Counter(result.reason for result in done.clauses.values() if result.reason)
    return "".join(f": {reason}" for reason, _ in reasons.most_common(1))


def _print(
    finished: Sequence[TargetFinished],
    header: RunStarted,
    folder: OutputFolder | None,
    printed: Mapping[str, int],
    *,
    verbose: bool,
) -> None:
    """Print the results for people, below the findings that were printed when they were confirmed."""
    console, clauses = console_for(sys.stdout), {info.id: info for info in header.clauses}
    if printed:
        console.print()
        printed = {name: lines + 1 for name, lines in printed.items()}
    if verbose:
        print_run(console, clauses, finished)
    else:
        print_short(console, clauses, finished, None if folder is None else str(folder.folder), printed)


def _report_write_problems(runs: Iterable[CampaignProcess], folder: OutputFolder | None) -> int:
    """Report what could not be written, and return the exit code for it."""
    problems = [*(each.unrecorded for each in runs), None if folder is None else folder.problem]
    for problem in filter(None, problems):
        print_error(problem)
    return USAGE if any(problems) else 0


def corpus_of(tier: str, only: frozenset[str]) -> tuple[Path, ...]:
    """Return the corpus files that a tier plays; raises `WrongUsage` if there are none."""
    match tier:
        case "smoke":
            files = quick(EC2, corpus_files(), only)
        case "covering":
            files = without_slow(EC2, covering_files())
        case _:
            files = _broad_first(corpus_files())
    if only and not _any_is_about(only, files):
        elsewhere = tier != "full" and _any_is_about(only, corpus_files())
        of_the_tier, suggestion = (f" of the tier {tier}", "write --tier full, or ") if elsewhere else ("", "")
        names = ", ".join(sorted(only))
        raise WrongUsage(f"no scenario{of_the_tier} tests {names}; {suggestion}name other clauses.")
    return files


def _broad_first(files: Sequence[Path]) -> tuple[Path, ...]:
    """Return scenario files in an order in which also a run that is cut short has tried something of everything.

    The covering suite comes first, in its own order: it begins with the worst defects, and shows most of the others
    in few calls. Then each topic has its part of any number of files.
    """
    suite = dict.fromkeys(covering_files())
    topics: dict[Path, list[Path]] = {}
    for file in files:
        if file not in suite:
            topics.setdefault(file.parent, []).append(file)
    placed = [((n + 0.5) / len(topic), file) for topic in topics.values() for n, file in enumerate(topic)]
    return (*suite, *(file for _, file in sorted(placed)))


def _any_is_about(clauses: frozenset[str], files: Iterable[Path]) -> bool:
    return any(not clauses.isdisjoint(load_scenario(file, EC2.clauses).clauses) for file in files)


def _tier_of(label: str) -> str:
    """Return the default tier; a live target gets a smaller one, because it costs time and money."""
    return "covering" if is_live(label) else "full"


def _rehearsed(plan: Plan) -> Plan:
    """Return the plan for a rehearsal: no time limit, because a rehearsal has its own clock, and no trace."""
    return replace(plan, time_budget=None, record=None)


def _mentions(target: str, sentence: str) -> bool:
    """Tell whether a sentence names its target, if only by the URL."""
    return target.removeprefix("endpoint:") in sentence


def _unusable(runs: Sequence[CampaignProcess]) -> dict[str, TargetFailed | Interrupted]:
    """Wait until every target is ready, before work that may take hours; return those that cannot be used.

    Raises `TargetFailed` for a user error.
    """
    failed: dict[str, TargetFailed | Interrupted] = {}
    for each in runs:
        try:
            each.ready()
        except Interrupted as error:
            failed[each.label] = error
        except TargetFailed as error:
            if error.wrong_usage:
                raise
            failed[each.label] = error
    return failed


def _finish(
    run: CampaignProcess,
    failed: TargetFailed | Interrupted | None,
    known: Sequence[Waiver],
    folder: OutputFolder | None,
    emit: Callable[[Event], None],
) -> TargetFinished:
    """Run a target to the end, and apply the waivers to its findings."""
    if failed is None:
        done = run.run(emit)
    else:
        done = run.unusable("interrupted") if isinstance(failed, Interrupted) else run.unusable("broken", str(failed))
    others = {waiver.finding for waiver in known if not applies_to(waiver, run.label)}
    target = TargetRun(done.target, done.version, done.findings, complete=is_complete(done, run.plan), known=others)
    former = {old: finding.id for finding in target.findings for old in finding.former}
    findings, problems = apply_waivers(known, target, date.today(), former)  # noqa: DTZ011 (an expiry is the user's day)
    done = replace(done, findings=ranked(findings), waiver_problems=problems)
    if folder is not None:
        done = folder.with_replay_commands(done)
    emit(done)
    return done


def is_complete(done: TargetFinished, plan: Plan) -> bool:
    """Tell whether a run went as far as a default run. If so, a known finding that it did not show is gone."""
    far = done.calls >= CALLS - plan.reserve
    as_far = done.stopped in ("done", "saturated") or (done.stopped == "calls" and far)
    return as_far and done.broken is None and plan.generate and not plan.clauses


def _folder(output: Path | None) -> OutputFolder | None:
    """Return the folder of a run; without `--output` a hidden one, if it can be written, where `show` finds the run."""
    if output is not None:
        return OutputFolder(output)
    try:
        folder = OutputFolder(LAST)
        (LAST / ".gitignore").write_text("*\n", encoding="utf-8")
    except (WrongUsage, OSError):
        print_error("this folder cannot be written, so `show` will not find the run; name another one with --output.")
        return None
    return folder


def _is_waived(known: Sequence[Waiver], label: str, finding: Finding) -> bool:
    """Tell whether a waiver covers a finding of the run in progress, whatever the target's version."""
    waivers = waivers_of(known, label, date.today())  # noqa: DTZ011 (as above)
    return covering(waivers, (finding.id, *finding.former), operations_of(finding)) is not None


def _event_sink(folder: OutputFolder | None, live: Live) -> Callable[[Event], None]:
    """Return the function that receives every event: it writes the output folder and shows progress."""

    def emit(event: Event) -> None:
        live.take(event)
        if folder is not None:
            folder.write(event)

    return emit
