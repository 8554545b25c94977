"""`replay`: scenario and finding files again, on one target."""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from ...model.ledger import CLAUSES
from ...model.specification import EC2
from ...reports.console import console_for, dotted, say, say_labelled, shown
from ...strategies.format import load_scenario
from ...strategies.scenario import Scenario
from ..fingerprint import ALIASES, fingerprint
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..runner import Outcome, Runner
from ..targets.resolve import resolve
from .common import yaml_files

STYLES: Final = {
    "CONFORMS": "green",
    "FIXED": "bold green",
    "FAILED": "bold red",
    "ERROR": "bold magenta",
    "SKIPPED": "dim",
}


@dataclass(frozen=True, slots=True)
class _Verdict:
    word: str
    why: str = ""
    divergences: tuple[Divergence, ...] = ()


@click.command(
    epilog="""\b
Examples:
  ec2-lifecycle replay out/findings --target moto
  ec2-lifecycle replay scenario.yaml --target endpoint:http://127.0.0.1:4566""",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@click.option("--target", required=True, help="The target to replay on.")
@click.option("--seed", type=click.IntRange(min=0), default=0, metavar="N", help="Seed of the target `model`.")
def replay(paths: tuple[Path, ...], target: str, seed: int) -> int:
    """Replay scenario or finding files, or folders of them, on a target.

    CONFORMS: every reply is permitted. FIXED: the finding in the file no longer shows.
    FAILED: something diverges. ERROR: the target gave no answer.
    SKIPPED: the target cannot play it, and why.
    """
    console = console_for(sys.stdout)
    scenarios = [(path, load_scenario(path, CLAUSES)) for path in yaml_files(paths)]
    found = resolve(target, seed=seed)
    counts: Counter[str] = Counter()
    try:
        runner = Runner(found, Engine(EC2), longest_wait=float("inf"))
        for path, scenario in scenarios:
            verdict = _judged(scenario, runner.run(scenario))
            counts[verdict.word] += 1
            say(
                console,
                dotted(console, shown(verdict.word, STYLES[verdict.word]), shown(str(path)), shown(scenario.title)),
            )
            if verdict.why:
                say(console, shown(verdict.why), 2)
            for divergence in verdict.divergences:
                say(console, shown(f"{divergence.clause} {fingerprint(divergence)}: {divergence.title}"), 2)
                say_labelled(console, "expected", " or ".join(divergence.expected))
                say_labelled(console, "observed", divergence.observed)
    finally:
        found.close()
    say(console, shown(", ".join(f"{number} {word.lower()}" for word, number in sorted(counts.items()))))
    return 3 if counts["ERROR"] else 1 if counts["FAILED"] else 0


def _judged(scenario: Scenario, outcome: Outcome) -> _Verdict:
    if outcome.skipped is not None:
        return _Verdict("SKIPPED", outcome.skipped)
    if outcome.broken is not None:
        return _Verdict("ERROR", outcome.broken, outcome.divergences)
    known = dict(scenario.finding).get("id")
    shown_now = {fingerprint(d) for d in outcome.divergences}
    if known is not None and ALIASES.get(known, known) not in shown_now:
        why = f"{known} no longer shows" + ("; something else does" if shown_now else "")
        return _Verdict("FAILED" if shown_now else "FIXED", why, outcome.divergences)
    return _Verdict("FAILED" if shown_now else "CONFORMS", "", outcome.divergences)
