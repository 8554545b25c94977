"""`smoke`: checks whether a target can be reached, and what it supports."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import click
from rich.console import Console
from rich.table import Table

from ...model.requests import Operation
from ...model.specification import EC2
from ...reports.console import console_for, print_table, print_text, printable_text
from ..adapter.target import Target
from ..execution.smoke import broken, unsupported
from ..execution.smoke import smoke as call_everything
from ..oracle.engine import Engine
from ..running.interrupts import Interrupts
from ..running.target_process import TargetProcess
from ..targets.resolve import check
from .help_text import command
from .live_consent import is_agreed, live_plans
from .live_sessions import LiveSessions
from .shell import BROKE, print_line
from .target_flags import TargetFlags, target_options

Answers: TypeAlias = Mapping[Operation, str]
_NOT_CALLED: Final = "not called"


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """A target's name, zones and capabilities."""

    name: str
    version: str
    zones: tuple[str, ...]
    offers: tuple[str, ...]


def smoke_job(target: Target, send: Callable[[TargetInfo | Answers], None], stopped: Callable[[], bool]) -> None:
    """Call every operation once; runs in the target's process."""
    del stopped  # a few calls
    offers = tuple(sorted(capability.value for capability in target.capabilities))
    send(TargetInfo(target.name, target.version, target.zones, offers))
    send(dict(call_everything(target, Engine(EC2))))


@command(
    short_help="Check whether a target can be reached, and what it supports.",
    epilog="""\b
Examples:
  ec2-lifecycle smoke moto
  ec2-lifecycle smoke endpoint:http://127.0.0.1:4566 --json""",
)
@click.argument("target")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@target_options
def smoke(
    target: str,
    *,
    as_json: bool,
    flags: TargetFlags,
) -> int:
    """Call every operation once, in its simplest form, and print what TARGET supports."""
    check(target)
    options = flags.launch_options([target])
    console = console_for(sys.stdout)
    job = smoke_job
    request = flags.live_request([target])
    planned = live_plans([target], request, options, lambda _: job)
    if not is_agreed(planned, request):
        return 0
    with (
        Interrupts() as interrupts,
        LiveSessions(planned, request, options, interrupts) as sessions,
        TargetProcess(
            target, job, interrupts, hang_after=flags.hang_timeout(target), options=sessions.options_for(target)
        ) as process,
    ):
        process.ready()
        info: TargetInfo | None = None
        for message in process.run():
            if isinstance(message, TargetInfo):
                info = message
                if not as_json:
                    _print_target(console, message)
            elif not as_json:
                _print_answers(console, message)
            elif info is not None:
                print_line(_as_json(target, info, message))
    return BROKE if sessions.left else 0


def _as_json(label: str, info: TargetInfo, answers: Answers) -> str:
    """Return what a target supports as a JSON object."""
    unusable = unsupported(answers) | broken(answers)
    operations = {
        operation.value: {
            "answer": answers.get(operation, _NOT_CALLED),
            "supported": operation in answers and operation not in unusable,
        }
        for operation in Operation
    }
    facts = {"target": label, "version": info.version, "zones": info.zones, "offers": info.offers}
    return json.dumps({"schema": 1, **facts, "operations": operations}, indent=2)


def _print_target(console: Console, target: TargetInfo) -> None:
    print_text(console, printable_text(f"{target.name} {target.version}".rstrip(), "bold"))
    print_text(console, printable_text(f"zones: {len(target.zones)} ({', '.join(target.zones)})"))
    for offer in target.offers:
        print_text(console, printable_text(f"offers: {offer}"))


def _print_answers(console: Console, answers: Answers) -> None:
    table = Table("operation", "answer", box=None, pad_edge=False)
    for operation in Operation:
        table.add_row(operation.value, printable_text(answers.get(operation, _NOT_CALLED)))
    print_table(console, table)
