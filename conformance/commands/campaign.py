"""`campaign`: many runs of one plan file, with one report and one comparison with the campaign before."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import click

from ...reports.console import console_for, print_text, printable_text
from ...reports.difference import difference
from ...reports.difference_text import difference_markdown, print_difference
from ...reports.events import Event, FindingMade, RunStarted, TargetFinished
from ...reports.harm import ranked
from ...reports.os_reasons import os_reason
from ...reports.safe_text import count
from ...reports.short import print_short
from ...reports.stored_runs import Report, read_runs
from ...reports.stream import StreamWriter
from ...reports.summary import exit_code
from ..findings.waiver_file import load_waivers
from ..findings.waivers import TargetRun, Waiver, applies_to, apply_waivers
from ..many_runs.one_run import RunOrder, in_order, ran
from ..many_runs.plan_file import CampaignPlan, TargetEntry, load_plan
from ..many_runs.together import together
from ..running.interrupts import Interrupts
from ..running.plan import CALLS
from .cluster_option import cluster_of, cluster_option
from .help_text import command, option
from .output_folder import OutputFolder
from .run import corpus_of, is_complete
from .shell import BROKE, FILE, USAGE, WrongUsage, print_error
from .stream_header import run_header

_STREAM: Final = "events.ndjson"
"""The stream with all results; only a finished campaign has it."""
_DIFF: Final = "diff.md"
_POLL: Final = 0.2
"""Seconds between two checks whether the user interrupted."""

Ran: TypeAlias = tuple[tuple[Event, ...], ...]
"""The events of one run after another."""
Ended: TypeAlias = tuple[RunOrder, TargetFinished]
"""A run, and its end."""


@command(
    short_help="Run targets, seeds and tiers of a plan file.",
    epilog="""Example: ec2-lifecycle campaign PLAN.toml --cluster local

\b
  # PLAN.toml
  seeds = 3                # or a list, such as [0, 7]
  tiers = ["full"]         # also: smoke, covering
  [[target]]
  target = "moto"
  [[target]]
  name = "mine"
  target = "endpoint:http://127.0.0.1:{port}"
  start = ["my-emulator", "--port", "{port}"]""",
)
@click.argument("plan", type=FILE, metavar="PLAN")
@option("--jobs", type=click.IntRange(min=1), metavar="N", help="Runs at a time.  [default: the cores]")
@cluster_option
def campaign(plan: Path, jobs: int | None, cluster: str | None) -> int:
    """Run each target of PLAN with each seed and tier, and compare with last time.

    The seeds of a target are reported together. docs/cluster.md lists the keys.
    """
    planned = load_plan(plan)
    orders = in_order(planned, {tier: corpus_of(tier, frozenset()) for tier in planned.tiers})
    known = {entry.label: _waivers(plan, entry) for entry in planned.targets}
    before = _newest(planned.output)
    folder = _new_folder(planned.output)
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts())
        on = stack.enter_context(cluster_of(cluster))
        if on is None:
            executor = stack.enter_context(ThreadPoolExecutor(jobs or os.cpu_count() or 1))
            run, check = partial(ran, interrupts=interrupts), _nothing
        else:
            executor, run, check = on.executor(), ran, on.check_that_someone_works
        under_way = {executor.submit(run, several): several for several in orders}
        ended = list(_stored(folder, planned, under_way, interrupts, check))
    if interrupts.asked:
        print_error(f"interrupted; {folder / 'runs'} has the streams of {count(len(ended), 'run')}.")
        return BROKE
    results = [_judged(planned, known[entry.label], runs) for entry, runs in _together(planned, ended)]
    return _report(planned, folder, results, before)


def _nothing() -> None:
    """Check nothing: the threads of this process are always there."""


def _waivers(plan: Path, entry: TargetEntry) -> tuple[Waiver, ...]:
    return load_waivers(plan.parent / entry.waivers) if entry.waivers else ()


# The folders.


def _newest(output: Path) -> Path | None:
    """Return the folder of the last finished campaign, if there is one."""
    ended = sorted(stream.parent for stream in output.glob(f"*/{_STREAM}")) if output.is_dir() else []
    return ended[-1] if ended else None


def _new_folder(output: Path) -> Path:
    """Make the folder of this campaign, which is named after the time."""
    folder = output / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%fZ}"
    try:
        (folder / "runs").mkdir(parents=True)
    except OSError as error:
        raise WrongUsage(f"{folder} cannot be made ({os_reason(error)}); name another folder as output.") from error
    return folder


def _header(planned: CampaignPlan, seed: int) -> RunStarted:
    return run_header(seed, planned.max_calls or CALLS, None)


# The runs.


def _stored(
    folder: Path,
    planned: CampaignPlan,
    under_way: Mapping[Future[Ran], Sequence[RunOrder]],
    interrupts: Interrupts,
    check: Callable[[], None],
) -> Iterator[Ended]:
    """Store the stream of each run that ends and show the progress of the campaign; yield each run's result."""
    console, total = console_for(sys.stderr), sum(map(len, under_way.values()))
    number, left = 0, set(under_way)
    while left:
        over, left = wait(left, _POLL, FIRST_COMPLETED)
        for future in over:
            if future.cancelled():
                continue
            for order, events in zip(under_way[future], future.result(), strict=True):
                number += 1
                result = _store(folder, planned, order, events)
                print_text(console, printable_text(f"{number} of {total}: {_said(order, result)}", "dim"))
                yield order, result
        check()
        if interrupts.asked:
            for future in left:
                future.cancel()  # what runs on this machine ends by itself


def _store(folder: Path, planned: CampaignPlan, order: RunOrder, events: Sequence[Event]) -> TargetFinished:
    """Write the stream of a run, and return its end."""
    with StreamWriter(folder / "runs" / f"{order.entry.label}-{order.tier}-{order.seed}.ndjson") as stream:
        for event in (_header(planned, order.seed), *events):
            stream.write(event)
    end = events[-1]
    if not isinstance(end, TargetFinished):
        raise TypeError(end)
    return end


def _said(order: RunOrder, result: TargetFinished) -> str:
    what = f"{order.entry.label}, {order.tier}, seed {order.seed}"
    if result.broken is not None:
        return f"{what}: broke: {result.broken}"
    found = f"{count(len(result.findings), 'finding')} in {count(result.calls, 'call')}"
    return f"{what}: {found}, {result.seconds:.0f} s"


# The results.


def _together(planned: CampaignPlan, ended: Sequence[Ended]) -> Iterator[tuple[TargetEntry, list[Ended]]]:
    """Yield the runs of each target and tier, in the order of the plan and its seeds, whichever ended first."""
    for entry in planned.targets:
        for tier in planned.tiers:
            runs = [each for each in ended if (each[0].entry.label, each[0].tier) == (entry.label, tier)]
            yield entry, sorted(runs, key=lambda each: planned.seeds.index(each[0].seed))


def _judged(planned: CampaignPlan, known: Sequence[Waiver], runs: Sequence[Ended]) -> TargetFinished:
    """Return the results of the runs of one target and tier together, with its waivers."""
    orders, results = zip(*runs, strict=True)
    order: RunOrder = orders[0]
    label = order.entry.label
    done = together(label if len(planned.tiers) == 1 else f"{label} ({order.tier})", results)
    complete = all(is_complete(result, each.plan) for each, result in runs)
    # The waivers name the target as `run` does; on the way its events got the name in the plan.
    meant = [waiver for waiver in known if applies_to(waiver, order.entry.target)]
    others = {waiver.finding for waiver in known} - {waiver.finding for waiver in meant}
    target = TargetRun(order.entry.target, done.version, done.findings, complete=complete, known=others)
    former = {old: finding.id for finding in done.findings for old in finding.former}
    findings, problems = apply_waivers(known, target, date.today(), former)  # noqa: DTZ011 (an expiry is the user's day)
    runs_as = "" if done.target == order.entry.target else order.entry.target
    return replace(done, findings=ranked(findings), waiver_problems=problems, runs_as=runs_as)


def _report(planned: CampaignPlan, folder: Path, results: Sequence[TargetFinished], before: Path | None) -> int:
    """Store and print the one report, and the one difference; return the exit code."""
    header = _header(planned, planned.seeds[0])
    with OutputFolder(folder) as output:
        output.begin(header)
        results = [output.with_replay_commands(done) for done in results]
        for done in results:
            for finding in done.findings:
                output.write(FindingMade(done.target, finding))
            output.write(done)
    output.write_reports()
    console = console_for(sys.stdout)
    print_short(console, {info.id: info for info in header.clauses}, results, str(folder))
    for done in results:
        if done.broken is not None:
            print_error(f"{done.target}: {done.broken}")
    if before is None:
        print_error(f"{planned.output} has no earlier campaign to compare this one with.")
    else:
        _compare(read_runs([before / _STREAM]), read_runs([folder / _STREAM]), before, folder)
    if output.problem is not None:
        print_error(output.problem)
    return max(exit_code(results), USAGE if output.problem else 0)


def _compare(old: Report, new: Report, before: Path, folder: Path) -> None:
    """Print what changed since the last campaign, and write it as Markdown."""
    found, console = difference(old, new), console_for(sys.stdout)
    console.print()
    print_text(console, printable_text(f"Since {before.name}:", "bold"))
    print_difference(console, found)
    (folder / _DIFF).write_text(difference_markdown(found), encoding="utf-8", newline="\n")
