"""`replay`: runs scenario and finding files again on one target, and judges traces again without one."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import click
from rich.console import Console

from ...model.ledger import CLAUSES
from ...model.specification import EC2
from ...reports.console import console_for, print_text, printable_text
from ...strategies.files.format import load_scenario
from ...strategies.scenario.scenario import Scenario
from ..adapter.target import Target
from ..execution.runner import Runner
from ..findings.waiver_file import load_waivers
from ..findings.waivers import Waiver, waivers_of
from ..oracle.engine import Engine
from ..oracle.settings import Settings
from ..recording.recorder import SUFFIX
from ..recording.rejudge import is_trace
from ..recording.rejudge import judged_again as rejudged_scenarios
from ..running.interrupts import Interrupts
from ..running.target_process import Interrupted, TargetFailed, TargetProcess
from ..targets.model import model_target
from ..targets.resolve import check
from .help_text import command, option
from .live_consent import is_agreed, live_plans
from .live_sessions import LiveSessions
from .replay_verdict import STYLES, Verdict, print_verdict, verdict_of, verdict_of_trace, with_waivers
from .scenario_files import holds_scenarios, yaml_files
from .shared_options import late_by, read_lag_option
from .shell import BROKE, FILE, WrongUsage, print_error
from .target_flags import TargetFlags, target_options


@dataclass(frozen=True, slots=True)
class ReplayJob:
    """What a target's process does in a replay: it sends a verdict for each scenario."""

    scenarios: tuple[Scenario, ...]
    settings: Settings = field(default_factory=Settings)
    seed: int | None = None
    """The seed of the target `model`, which each scenario gets anew; None for every other target."""

    def __call__(self, target: Target, send: Callable[[Verdict], None], stopped: Callable[[], bool]) -> None:
        """Play the scenarios, one after the other."""
        runner = Runner(target, Engine(EC2), self.settings, longest_wait=float("inf"), interrupted=stopped)
        for scenario in self.scenarios:
            outcome = self._seeded(runner, scenario).run(scenario)
            if outcome.cut_short and not outcome.divergences:
                return
            send(verdict_of(scenario, outcome))

    def _seeded(self, runner: Runner, scenario: Scenario) -> Runner:
        """Return a runner on a model whose seed comes from the scenario's steps, so that no other file matters."""
        if self.seed is None:
            return runner
        steps = repr((self.seed, scenario.steps)).encode()
        return replace(runner, target=model_target(seed=int.from_bytes(sha256(steps).digest()[:8])))


@command(
    short_help="Replay scenario or finding files, or judge traces again.",
    epilog="""\b
Examples:
  ec2-lifecycle replay out/findings --target moto
  ec2-lifecycle replay traces""",
)
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@option("--target", metavar="TARGET", help="Replay on this target; a trace needs none.")
@option("--waivers", type=FILE, metavar="FILE", help="Known findings, each with a reason.")
@option("--seed", type=click.IntRange(min=0), default=0, metavar="N", help="Seed of the target model.")
@read_lag_option
@target_options
def replay(
    paths: tuple[Path, ...],
    target: str | None,
    waivers: Path | None,
    seed: int,
    read_lag: float | None,
    flags: TargetFlags,
) -> int:
    """Replay scenario or finding files on a target, or judge stored traces again.

    \b
    CONFORMS  EC2 could have given every reply
    FIXED     the finding in the file or trace no longer shows
    FAILED    the finding still shows, or EC2 could not have given a reply
    WAIVED    the scenario shows only findings that a waiver covers
    ERROR     the target did not answer
    SKIPPED   the target cannot play the scenario
    """  # noqa: D301 - click wants the very character
    traces, scenarios = _split_paths(paths)
    if target is None and (scenarios or not traces):
        raise WrongUsage("--target is missing; see: ec2-lifecycle replay --help")
    if target is None and read_lag is not None:
        raise WrongUsage("--read-lag needs --target, because a trace keeps the lag that it was recorded with.")
    if target is not None:
        check(target)
        if traces and not scenarios:
            raise WrongUsage("a trace is judged without a target; leave --target out.")
    if waivers is not None and target is None:
        raise WrongUsage("--waivers needs --target, because each waiver is for one target.")
    given = () if waivers is None else load_waivers(waivers)
    known = waivers_of(given, target or "", date.today())  # noqa: DTZ011 (an expiry is the user's day)
    targets = [] if target is None else [target]
    options = flags.launch_options(targets)
    files = tuple((path, load_scenario(path, CLAUSES)) for path in yaml_files(scenarios))
    request = flags.live_request(targets)
    job = ReplayJob(
        tuple(scenario for _, scenario in files),
        late_by(request.settings(target or ""), read_lag),
        seed if target == "model" else None,
    )
    planned = live_plans(targets, request, options, lambda _: job)
    if not is_agreed(planned, request):
        return 0
    console = console_for(sys.stdout)
    counts: Counter[str] = Counter()
    _replay_traces(traces, console, counts)
    problem: str | None = None
    left = list(files)
    with (
        Interrupts() as interrupts,
        LiveSessions(planned, request, options, interrupts) as sessions,
        ExitStack() as stack,
    ):
        if target is not None:
            process = stack.enter_context(
                TargetProcess(
                    target,
                    job,
                    interrupts,
                    hang_after=flags.hang_timeout(target),
                    seed=seed,
                    options=sessions.options_for(target),
                )
            )
            process.ready()
            problem = _play(process, left, console, counts, known)
    tally = [f"{counts[word]} {word.lower()}" for word in STYLES if counts[word]]
    print_text(console, printable_text(", ".join([*tally, *([f"{len(left)} not played"] if left else [])])))
    if problem is not None:
        print_error(problem)
    return BROKE if sessions.left else _exit_code(counts, interrupted=interrupts.asked > 0)


def _split_paths(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return the traces, including those in folders, and all other paths; raises `WrongUsage`."""
    traces: list[Path] = []
    others: list[Path] = []
    for path in paths:
        found = (
            sorted(filter(_has_trace_name, path.rglob("*"))) if path.is_dir() else [path] if is_a_trace(path) else []
        )
        traces += found
        if not found or (path.is_dir() and holds_scenarios(path)):
            others.append(path)
    return traces, others


def is_a_trace(path: Path) -> bool:
    """Tell whether a file is a trace and not a scenario, by its name or its first bytes."""
    return _has_trace_name(path) or is_trace(path)


def _has_trace_name(path: Path) -> bool:
    """Tell whether a file has the name of a trace, compressed or not."""
    return path.name.removesuffix(".gz").endswith(SUFFIX)


def _replay_traces(traces: Iterable[Path], console: Console, counts: Counter[str]) -> None:
    """Judge traces again, and print a verdict for each scenario in them; raises `TraceError`."""
    engine = Engine(EC2)
    for path in traces:
        for again in rejudged_scenarios(path, engine, print_error):
            verdict = verdict_of_trace(again)
            counts[verdict.word] += 1
            print_verdict(console, verdict, f"{path}:{again.line}", again.title)


def _play(
    process: TargetProcess[Verdict],
    left: list[tuple[Path, Scenario]],
    console: Console,
    counts: Counter[str],
    known: Mapping[str, Waiver],
) -> str | None:
    """Play scenarios and print their verdicts; return the error, if any. `left` keeps what was not played."""
    try:
        for told in process.run():
            verdict = with_waivers(told, known)
            path, scenario = left.pop(0)
            counts[verdict.word] += 1
            print_verdict(console, verdict, str(path), scenario.title)
    except TargetFailed as error:
        path, scenario = left.pop(0)
        counts["ERROR"] += 1
        print_verdict(console, Verdict("ERROR", str(error)), str(path), scenario.title)
        return str(error)
    except Interrupted:
        return "interrupted."
    return "interrupted." if left else None


def _exit_code(counts: Counter[str], *, interrupted: bool) -> int:
    if interrupted:
        return 1 if counts["FAILED"] else BROKE
    return BROKE if counts["ERROR"] else 1 if counts["FAILED"] else 0
