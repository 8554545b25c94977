"""`reap`: deletes what interrupted runs left behind in live accounts."""

import sys
from contextlib import closing
from pathlib import Path

from botocore.exceptions import BotoCoreError

from ...reports.console import console_for, print_text, printable_text
from ...reports.safe_text import count
from ..adapter.clock import WallClock
from ..adapter.target import TargetError
from ..running.interrupts import Interrupts
from ..sandbox.account import allowed_account
from ..sandbox.gate import Gate
from ..sandbox.journal import Journal, unfinished
from ..sandbox.limits import Limits, load_limits
from ..sandbox.sweep import Leftovers, Sweep
from .help_text import command, option
from .live_consent import journals_of
from .live_sessions import leftovers, possible_leftovers, sweep_text
from .shell import BROKE, FILE, print_error


@command(
    short_help="Delete what interrupted runs left in live accounts.",
    epilog="""\b
Examples:
  ec2-lifecycle reap --sandbox sandbox.toml --dry-run
  ec2-lifecycle reap --sandbox sandbox.toml""",
)
@option("--sandbox", type=FILE, required=True, metavar="FILE", help="The sandbox file of the runs.")
@option("--dry-run", is_flag=True, help="Only list what is left.")
def reap(sandbox: Path, dry_run: bool) -> int:
    """Terminate the instances and delete the volumes that interrupted runs created and left behind.

    The command touches only what is recorded in the journals beside the sandbox file.
    """
    limits = load_limits(sandbox)
    paths = tuple(unfinished(journals_of(sandbox)))
    console = console_for(sys.stdout)
    if not paths:
        print_text(console, printable_text(f"No run under {sandbox} has left anything."))
        return 0
    code = 0
    with Interrupts() as interrupts:
        for path in paths:
            if interrupts.asked:
                print_error("interrupted.")
                return BROKE
            try:
                problem = _reap(path, sandbox, limits, interrupts, only_look=dry_run)
            except KeyboardInterrupt:
                print_error(possible_leftovers(path.stem, path, sandbox) or "interrupted.")
                return BROKE
            except (TargetError, BotoCoreError) as error:
                problem = f"{path.stem}: {error}"
            if problem is not None:
                print_error(problem)
                code = BROKE
    return code


def _reap(path: Path, sandbox: Path, limits: Limits, interrupts: Interrupts, *, only_look: bool) -> str | None:
    """Delete what one run left; return a sentence if something remains.

    Raises `KeyboardInterrupt` if the user does not wait for it.
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
    print_text(console, printable_text(f"{began.run}  {began.account}  {began.region}", "bold"))
    if only_look:
        print_text(console, printable_text(_listed(left)), 2)
        return None
    print_text(console, printable_text(sweep_text(sweep, left, made)), 2)
    if left.foreign:
        print_text(console, printable_text(f"not touched, although it has the tag: {', '.join(left.foreign)}"), 2)
    return leftovers(began.run, left, sweep.problem, sandbox) if left else None


def _listed(left: Leftovers) -> str:
    """Say what there is."""
    parts = [f"instances: {', '.join(left.instances) or 'none'}", f"volumes: {', '.join(left.volumes) or 'none'}"]
    parts += [f"{count(left.unknown, 'request')} with an effect that cannot be seen yet"] if left.unknown else []
    parts += [f"not made by the run, although it has the tag: {', '.join(left.foreign)}"] if left.foreign else []
    return "; ".join(parts)
