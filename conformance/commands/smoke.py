"""`smoke`: whether a target can be reached, and what it supports."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import click
from rich.console import Console
from rich.table import Table

from ...model.requests import Operation
from ...model.specification import EC2
from ...reports.console import console_for, say, say_table, shown
from ..adapter.target import Target
from ..execution.smoke import smoke as call_everything
from ..oracle.engine import Engine
from ..running.interrupts import Interrupts
from ..running.target_process import TargetProcess
from ..targets.resolve import check
from .launch_flags import launch_options, launch_options_of
from .live_consent import agreed, live_plans, live_request, patience_with, sandbox_options
from .live_sessions import LiveSessions
from .shared_options import hang_option
from .shell import BROKE

Answers: TypeAlias = Mapping[Operation, str]


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a target tells of itself."""

    name: str
    zones: tuple[str, ...]
    offers: tuple[str, ...]


def smoke_job(target: Target, say: Callable[[Introduction | Answers], None], stopped: Callable[[], bool]) -> None:
    """Call every operation once; what a target's process does here."""
    del stopped  # a few calls
    offers = tuple(sorted(capability.value for capability in target.capabilities))
    say(Introduction(f"{target.name} {target.version}".rstrip(), target.zones, offers))
    say(dict(call_everything(target, Engine(EC2))))


@click.command(
    short_help="Tell whether a target can be reached, and what it supports.",
    epilog="""\b
Examples:
  ec2-lifecycle smoke moto
  ec2-lifecycle smoke endpoint:http://127.0.0.1:4566""",
)
@click.argument("target")
@launch_options
@sandbox_options
@hang_option
def smoke(
    target: str,
    image_id: str | None,
    instance_type: str | None,
    zones: str | None,
    sandbox: Path | None,
    plan: bool,
    yes: bool,
    hang_after: float,
) -> int:
    """Call every operation once, in its simplest form, and say what TARGET supports."""
    check(target)
    told = launch_options_of([target], image_id, instance_type, zones)
    console = console_for(sys.stdout)
    job = smoke_job
    asked = live_request([target], sandbox, plan=plan, yes=yes)
    planned = live_plans([target], asked, told, lambda _: job)
    if not agreed(planned, asked):
        return 0
    with (
        Interrupts() as interrupts,
        LiveSessions(planned, asked, told, interrupts) as stays,
        TargetProcess(
            target, job, interrupts, hang_after=patience_with(target, hang_after), options=stays.told(target)
        ) as process,
    ):
        process.ready()
        for said in process.run():
            if isinstance(said, Introduction):
                _introduce(console, said)
            else:
                _tabulate(console, said)
    return BROKE if stays.left else 0


def _introduce(console: Console, target: Introduction) -> None:
    say(console, shown(target.name, "bold"))
    say(console, shown(f"zones: {len(target.zones)} ({', '.join(target.zones)})"))
    for offer in target.offers:
        say(console, shown(f"offers {offer}"))


def _tabulate(console: Console, answers: Answers) -> None:
    table = Table("operation", "answer", box=None, pad_edge=False)
    for operation in Operation:
        table.add_row(operation.value, shown(answers.get(operation, "not called")))
    say_table(console, table)
