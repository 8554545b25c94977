"""The guard around live accounts: checks that they may be used, prints what a run would do, and asks for consent."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from ...reports.console import console_for, print_text, printable_text
from ..adapter.clock import WallClock
from ..adapter.target import LimitReached, Unsupported
from ..oracle.settings import Settings
from ..sandbox.account import Account, allowed_account
from ..sandbox.gate import Gate
from ..sandbox.journal import MemoryJournal
from ..sandbox.limits import Limits
from ..sandbox.rehearsal import CALL, TRANSITION, Estimate, Rehearsed, estimate
from ..targets.aws import usable_zones
from ..targets.launch_options import LaunchOptions
from ..targets.resolve import is_live
from .shell import WrongUsage

_JOURNALS: Final = ".journals"


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """What the options ask for: the sandbox file, its limits and the folder of its journals.

    `plan`: only print the plan. `yes`: the user has already accepted it.
    """

    limits: Limits | None
    sandbox: Path
    journals: Path
    plan: bool
    yes: bool

    def settings(self, label: str) -> Settings:
        """Return how late a target's replies may be."""
        return self.limits.settings if self.limits is not None and is_live(label) else Settings()


@dataclass(frozen=True, slots=True)
class LivePlan:
    """One live account, ready to use once the user accepts the plan."""

    label: str
    account: Account
    limits: Limits
    zones: tuple[str, ...]
    estimate: Estimate


def journals_of(sandbox: Path) -> Path:
    """Return the folder, beside a sandbox file, with the journals of its runs."""
    return sandbox.with_name(sandbox.name.removesuffix(".toml") + _JOURNALS)


def profile_of(label: str) -> str:
    """Return the boto3 profile that a live target names; empty for the default credentials chain."""
    return label.removeprefix("aws:")


def live_plans(
    targets: Iterable[str],
    request: LiveRequest,
    options: LaunchOptions,
    job: Callable[[str], Rehearsed],
    time_budget: float | None = None,
) -> tuple[LivePlan, ...]:
    """Check and rehearse each live account among the targets, and return its plan; creates nothing.

    Raises `WrongUsage` and `TargetError`, each with one sentence.
    """
    if request.limits is None:
        return ()
    live = [label for label in dict.fromkeys(targets) if is_live(label)]
    return tuple(_live_plan(label, request.limits, options, job(label), time_budget) for label in live)


def _live_plan(
    label: str, limits: Limits, options: LaunchOptions, job: Rehearsed, time_budget: float | None
) -> LivePlan:
    kind = options.instance_type or limits.instance_types[0]
    if kind not in limits.instance_types:
        raise WrongUsage(f"--instance-type {kind} is not in the sandbox file, which has {limits.instance_types[0]}.")
    account = allowed_account(profile_of(label), limits)
    with closing(account.client()) as client:
        zones = usable_zones(Gate(client, limits, MemoryJournal(), WallClock()), account, options)
    try:
        planned = estimate(job, limits, len(zones), time_budget)
    except (LimitReached, Unsupported) as error:
        raise WrongUsage(f"the sandbox file does not allow even one instance: {error}.") from error
    return LivePlan(label, account, limits, zones, planned)


def is_agreed(planned: Sequence[LivePlan], request: LiveRequest) -> bool:
    """Print the plan and return whether to go ahead; raises `WrongUsage` if nobody can be asked."""
    console = console_for(sys.stdout if request.plan else sys.stderr)
    for live_plan in planned:
        _print_plan(console, live_plan)
    if request.plan or not planned:
        return not request.plan
    if request.yes:
        return True
    if not sys.stdin.isatty():
        raise WrongUsage("nobody can be asked to accept this plan; add --yes to accept it.")
    return click.confirm("Go ahead?", err=True)


def _print_plan(console: Console, live_plan: LivePlan) -> None:
    e, limits, account = live_plan.estimate, live_plan.limits, live_plan.account
    left_out = f", {sum(e.left_out.values())} left out" if e.left_out else ""
    print_text(console, printable_text(f"Plan for {live_plan.label}", "bold"))
    for what, how in (
        ("account", f"{account.id}, {account.region}, {len(live_plan.zones)} zones ({', '.join(live_plan.zones)})"),
        *([("scenarios", f"{e.scenarios:,}{left_out}")] if e.scenarios or left_out else []),
        ("calls", f"{e.calls:,}"),
        (
            "launches",
            (
                f"{e.launches:,} of {limits.max_launches:,} {limits.instance_types[0]}, "
                f"{e.most_alive} of {limits.max_alive} at a time"
            ),
        ),
        (
            "time",
            (
                f"{_time(e.seconds)} of {limits.time_to_live}, with {TRANSITION:g} s for each transition "
                f"and {CALL:g} s for each call"
            ),
        ),
        ("cost", f"{e.cost:.3f} of {limits.cost_ceiling:g}, at {limits.price_per_instance_hour:g} an instance-hour"),
    ):
        print_text(console, printable_text(f"  {what:<10} {how}"))
    if e.stopped == "sandbox":
        print_text(console, printable_text("  It would end at a limit of the sandbox file.", "yellow"))
    print_text(
        console, printable_text("  Each divergence found adds scenarios that make it short, within these limits.")
    )


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{max(minutes, 1)} min"  # noqa: PLR2004
