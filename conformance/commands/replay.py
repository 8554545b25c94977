"""`replay`: scenario and finding files again, on one target."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from ...model.ledger import CLAUSES
from ...model.specification import EC2
from ...reports.console import console_for, dotted, say, say_labelled, shown
from ...strategies.format import load_scenario
from ...strategies.scenario import Scenario
from ..fingerprint import ALIASES, fingerprint
from ..interrupts import Interrupts
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..oracle.settings import Settings
from ..play import Outcome
from ..runner import Runner
from ..targets.base import Target
from ..targets.resolve import check
from ..worker import Interrupted, TargetFailed, TargetProcess
from .common import hang_option, yaml_files
from .sandboxed import Stays, agreed, asked_for, patience_with, sandbox_options, visits
from .shell import BROKE, FILE, complain
from .telling import told_of, told_options

STYLES: Final = {
    "CONFORMS": "green",
    "FIXED": "bold green",
    "FAILED": "bold red",
    "ERROR": "bold magenta",
    "SKIPPED": "dim",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a replay went: one of the words of `STYLES`, and why."""

    word: str
    why: str = ""
    divergences: tuple[Divergence, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayJob:
    """What the process of a target does in a replay: it says a verdict for each scenario."""

    scenarios: tuple[Scenario, ...]
    settings: Settings = field(default_factory=Settings)

    def __call__(self, target: Target, say: Callable[[Verdict], None], stopped: Callable[[], bool]) -> None:
        """Play the scenarios, one after the other."""
        runner = Runner(target, Engine(EC2), self.settings, longest_wait=float("inf"))
        for scenario in self.scenarios:
            if stopped():
                return
            say(judged(scenario, runner.run(scenario)))


@click.command(
    short_help="Play scenario or finding files again.",
    epilog="""\b
Examples:
  ec2-lifecycle replay out/findings --target moto
  ec2-lifecycle replay scenario.yaml --target endpoint:http://127.0.0.1:4566""",
)
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@click.option("--target", required=True, help="The target to replay on (see: list targets).")
@click.option("--seed", type=click.IntRange(min=0), default=0, metavar="N", help="Seed of the target `model`.")
@told_options
@sandbox_options
@hang_option
def replay(
    paths: tuple[Path, ...],
    target: str,
    seed: int,
    image_id: str | None,
    instance_type: str | None,
    zones: str | None,
    sandbox: Path | None,
    plan: bool,
    yes: bool,
    hang_after: float,
) -> int:
    """Replay scenario or finding files, or folders of them, on a target.

    \b
    CONFORMS  every reply is permitted
    FIXED     the finding in the file no longer shows
    FAILED    something diverges
    ERROR     the target gave no answer
    SKIPPED   the target cannot play it, and why
    """  # noqa: D301 - click wants the very character
    check(target)
    told = told_of([target], image_id, instance_type, zones)
    files = tuple((path, load_scenario(path, CLAUSES)) for path in yaml_files(paths))
    asked = asked_for([target], sandbox, plan=plan, yes=yes)
    job = ReplayJob(tuple(scenario for _, scenario in files), asked.settings(target))
    planned = visits([target], asked, told, lambda _: job)
    if not agreed(planned, asked):
        return 0
    console = console_for(sys.stdout)
    counts: Counter[str] = Counter()
    problem: str | None = None
    with (
        Interrupts() as interrupts,
        Stays(planned, asked, told, interrupts) as stays,
        TargetProcess(
            target,
            job,
            interrupts,
            hang_after=patience_with(target, hang_after),
            seed=seed,
            told=stays.told(target),
        ) as process,
    ):
        process.ready()
        left = list(files)
        try:
            for verdict in process.run():
                path, scenario = left.pop(0)
                counts[verdict.word] += 1
                _print(console, verdict, path, scenario)
            if left:
                problem = "interrupted."
        except TargetFailed as error:
            problem = str(error)
            path, scenario = left.pop(0)
            counts["ERROR"] += 1
            _print(console, Verdict("ERROR", problem), path, scenario)
        except Interrupted:
            problem = "interrupted."
    tally = [f"{counts[word]} {word.lower()}" for word in STYLES if counts[word]]
    say(console, shown(", ".join([*tally, *([f"{len(left)} not played"] if left else [])])))
    if problem is not None:
        complain(problem)
    for sentence in stays.problems:
        complain(sentence)
    return BROKE if stays.problems else _exit_code(counts, interrupted=interrupts.asked > 0)


def _exit_code(counts: Counter[str], *, interrupted: bool) -> int:
    if interrupted:
        return 1 if counts["FAILED"] else BROKE
    return BROKE if counts["ERROR"] else 1 if counts["FAILED"] else 0


def judged(scenario: Scenario, outcome: Outcome) -> Verdict:
    """Say how a replay went; a file of a finding is held to that finding."""
    if outcome.skipped is not None and not outcome.divergences:
        return Verdict("SKIPPED", outcome.skipped)
    if outcome.broken is not None:
        return Verdict("ERROR", outcome.broken, outcome.divergences)
    known = dict(scenario.finding).get("id")
    shown_now = {fingerprint(d) for d in outcome.divergences}
    if known is not None and ALIASES.get(known, known) not in shown_now:
        why = f"{known} no longer shows" + ("; something else does" if shown_now else "")
        return Verdict("FAILED" if shown_now else "FIXED", why, outcome.divergences)
    return Verdict("FAILED" if shown_now else "CONFORMS", "", outcome.divergences)


def _print(console: Console, verdict: Verdict, path: Path, scenario: Scenario) -> None:
    word = shown(verdict.word, STYLES[verdict.word])
    say(console, dotted(console, word, shown(str(path)), shown(scenario.title)), hanging=2)
    if verdict.why:
        say(console, shown(verdict.why), 2)
    for divergence in verdict.divergences:
        say(console, shown(f"{divergence.clause} {fingerprint(divergence)}: {divergence.title}"), 2)
        say_labelled(console, "expected", " or ".join(divergence.expected))
        say_labelled(console, "observed", divergence.observed)
