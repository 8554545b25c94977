"""The stays in live accounts: what they made is taken away at the end, and what cannot be is said."""

import secrets
import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Self

from botocore.exceptions import BotoCoreError

from ...reports.console import console_for, say, shown
from ...reports.safe_text import count
from ..adapter.clock import WallClock
from ..adapter.target import TargetError
from ..running.interrupts import Interrupts
from ..sandbox.gate import Gate
from ..sandbox.journal import Began, Journal, now, read
from ..sandbox.sweep import Leftovers, Sweep
from ..targets.launch_options import LaunchOptions, LiveSession
from .live_consent import LivePlan, LiveRequest, profile_of
from .shell import complain


class LiveSessions:
    """The stays in live accounts, from the beginning of their journals until nothing of them is left.

    `left`: something could not be taken away at the end; it was said what.
    """

    def __init__(
        self, planned: Sequence[LivePlan], asked: LiveRequest, told: LaunchOptions, interrupts: Interrupts
    ) -> None:
        self.left = False
        self._sandbox = asked.sandbox
        self._told = told
        self._interrupts = interrupts
        self._begun: dict[str, tuple[LivePlan, LiveSession]] = {}
        for visit in planned:
            began = Began(
                run=f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
                account=visit.account.id,
                region=visit.account.region,
                profile=profile_of(visit.label),
                expires=now() + visit.limits.lifetime,
            )
            journal = Journal.begin(asked.journals, began)
            self._begun[visit.label] = visit, LiveSession(visit.limits, journal)

    def told(self, label: str) -> LaunchOptions:
        """Return what a target is told: where it is live, its stay too."""
        return replace(self._told, stay=self._begun[label][1]) if label in self._begun else self._told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        waits = True
        for visit, stay in self._begun.values():
            problem: str | None = None
            try:
                if waits:
                    problem = self._cleaned(visit, stay)
            except KeyboardInterrupt:
                waits = False
            except (TargetError, BotoCoreError, OSError) as error:
                way = way_to_reap(self._sandbox)
                problem = f"{str(error).rstrip('.')}; {visit.label} may still have something; {way}"
            if not waits:
                problem = untold(visit.label, stay.journal, self._sandbox)
            if problem is not None:
                complain(problem)
                self.left = True

    def _cleaned(self, visit: LivePlan, stay: LiveSession) -> str | None:
        """Take away what a stay left behind; return a sentence where something is still there.

        Raises `KeyboardInterrupt` where the user does not want to wait for that.
        """
        before = self._interrupts.asked
        console = console_for(sys.stderr)
        with self._interrupts.second_raises(), Journal(stay.journal) as journal:
            if journal.record.left("") or journal.record.unanswered():
                say(console, shown(f"{visit.label}: taking away what is left; Ctrl-C leaves it to `reap`…", "dim"))
            with closing(visit.account.client()) as client:
                sweep = Sweep(Gate(client, visit.limits, journal, WallClock()))
                left = sweep.until_clean(enough=lambda: self._interrupts.asked > before)
            made = len(journal.record.made)
        say(console, shown(f"{visit.label}: {sweep_text(sweep, left, made)}", "dim"))
        return still_there(visit.label, left, sweep.problem, self._sandbox) if left else None


def sweep_text(sweep: Sweep, left: Leftovers, made: int) -> str:
    """Say what a sweep did."""
    parts = [f"{count(made, 'resource')} made"]
    parts += [f"{count(len(sweep.terminated), 'instance')} terminated now"] if sweep.terminated else []
    parts += [f"{count(len(sweep.unprotected), 'protection')} cleared"] if sweep.unprotected else []
    parts += [f"{count(len(sweep.deleted), 'volume')} deleted now"] if sweep.deleted else []
    parts += [] if left else ["nothing left"]
    return ", ".join(parts)


def still_there(label: str, left: Leftovers, problem: str | None, sandbox: Path) -> str:
    """Say what a sweep could not take away."""
    why = f" ({problem})" if problem else ""
    return f"{label} still has {_listed(left)}{why}; {way_to_reap(sandbox)}"


def untold(label: str, journal: Path, sandbox: Path) -> str | None:
    """Say what a run may have left, as far as its journal tells: nobody waited for a look. None: nothing.

    Raises `JournalError`.
    """
    record = read(journal)
    left = Leftovers(record.left("i-"), record.left("vol-"), unknown=len(record.unanswered()))
    return f"{label} may still have {_listed(left)}; {way_to_reap(sandbox)}" if left and not record.ended else None


def way_to_reap(sandbox: Path) -> str:
    """Say how to take away what was left under a sandbox file."""
    return f"take it away by: ec2-lifecycle reap --sandbox {shlex.quote(str(sandbox))}"


def _listed(left: Leftovers) -> str:
    return ", ".join([*left.instances, *left.volumes]) or "what cannot be seen yet"
