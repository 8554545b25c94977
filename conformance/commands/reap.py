"""`reap`: what interrupted runs left behind in live accounts."""

import sys
from contextlib import closing
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError

from ...reports.console import console_for, say, shown
from ...reports.safe_text import count
from ..adapter.clock import WallClock
from ..adapter.target import TargetError
from ..running.interrupts import Interrupts
from ..sandbox.account import allowed_account
from ..sandbox.gate import Gate
from ..sandbox.journal import Journal, unfinished
from ..sandbox.limits import Limits, load_limits
from ..sandbox.sweep import Leftovers, Sweep
from .live_consent import journals_of
from .live_sessions import still_there, sweep_text, untold
from .shell import BROKE, FILE, complain


@click.command(
    short_help="Take away what interrupted runs left in live accounts.",
    epilog="""\b
Examples:
  ec2-lifecycle reap --sandbox sandbox.toml --dry-run
  ec2-lifecycle reap --sandbox sandbox.toml""",
)
@click.option("--sandbox", type=FILE, required=True, metavar="FILE", help="The sandbox file of the runs.")
@click.option("--dry-run", is_flag=True, help="Only list what there is.")
def reap(sandbox: Path, dry_run: bool) -> int:
    """Terminate the instances, and delete the volumes, that runs under a sandbox file made and did not take away.

    It goes by the journals beside the sandbox file. What no journal says a run has made is not touched.
    """
    limits = load_limits(sandbox)
    paths = tuple(unfinished(journals_of(sandbox)))
    console = console_for(sys.stdout)
    if not paths:
        say(console, shown(f"No run under {sandbox} has left anything."))
        return 0
    code = 0
    with Interrupts() as interrupts:
        for path in paths:
            if interrupts.asked:
                complain("interrupted.")
                return BROKE
            try:
                problem = _reap(path, sandbox, limits, interrupts, only_look=dry_run)
            except KeyboardInterrupt:
                complain(untold(path.stem, path, sandbox) or "interrupted.")
                return BROKE
            except (TargetError, BotoCoreError) as error:
                problem = f"{path.stem}: {error}"
            if problem is not None:
                complain(problem)
                code = BROKE
    return code


def _reap(path: Path, sandbox: Path, limits: Limits, interrupts: Interrupts, *, only_look: bool) -> str | None:
    """Take away what one run left; return a sentence where something is still there.

    Raises `KeyboardInterrupt` where the user does not want to wait for that.
    """
    console = console_for(sys.stdout)
    with interrupts.second_raises(), Journal(path) as journal:
        began = journal.record.began
        account = allowed_account(began.profile, limits, began.region)
        if account.id != began.account:
            return f"{path} is of the account {began.account}, and its profile leads to {account.id}."
        with closing(account.client()) as client:
            sweep = Sweep(Gate(client, limits, journal, WallClock()))
            left = sweep.look() if only_look else sweep.until_clean(enough=lambda: interrupts.asked > 0)
        made = len(journal.record.made)
    say(console, shown(f"{began.run}  {began.account}  {began.region}", "bold"))
    if only_look:
        say(console, shown(_listed(left)), 2)
        return None
    say(console, shown(sweep_text(sweep, left, made)), 2)
    if left.foreign:
        say(console, shown(f"not touched, though tagged alike: {', '.join(left.foreign)}"), 2)
    return still_there(began.run, left, sweep.problem, sandbox) if left else None


def _listed(left: Leftovers) -> str:
    """Say what there is."""
    parts = [f"instances: {', '.join(left.instances) or 'none'}", f"volumes: {', '.join(left.volumes) or 'none'}"]
    parts += [f"{count(left.unknown, 'request')} of which it cannot be seen yet what came"] if left.unknown else []
    parts += [f"not made by the run, though tagged alike: {', '.join(left.foreign)}"] if left.foreign else []
    return "; ".join(parts)
