"""Sessions in live accounts: at the end they delete what they created, and report what they could not delete."""

import secrets
import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Self

from botocore.exceptions import BotoCoreError

from ...reports.console import console_for, print_text, printable_text
from ...reports.safe_text import count
from ..adapter.clock import WallClock
from ..adapter.target import TargetError
from ..running.interrupts import Interrupts
from ..sandbox.gate import Gate
from ..sandbox.journal import Began, Journal, now, read
from ..sandbox.sweep import Leftovers, Sweep
from ..targets.launch_options import LaunchOptions, LiveSession
from .live_consent import LivePlan, LiveRequest, profile_of
from .shell import print_error


class LiveSessions:
    """The sessions in live accounts, from the start of their journals until everything that they created is deleted.

    `left`: something could not be deleted at the end, and an error has named it.
    """

    def __init__(
        self, planned: Sequence[LivePlan], request: LiveRequest, options: LaunchOptions, interrupts: Interrupts
    ) -> None:
        self.left = False
        self._sandbox = request.sandbox
        self._options = options
        self._interrupts = interrupts
        self._begun: dict[str, tuple[LivePlan, LiveSession]] = {}
        for live_plan in planned:
            began = Began(
                run=f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
                account=live_plan.account.id,
                region=live_plan.account.region,
                profile=profile_of(live_plan.label),
                expires=now() + live_plan.limits.lifetime,
            )
            journal = Journal.begin(request.journals, began)
            self._begun[live_plan.label] = live_plan, LiveSession(live_plan.limits, journal)

    def options_for(self, label: str) -> LaunchOptions:
        """Return a target's launch options, with the session of a live one."""
        return replace(self._options, live_session=self._begun[label][1]) if label in self._begun else self._options

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        waits = True
        for live_plan, session in self._begun.values():
            problem: str | None = None
            try:
                if waits:
                    problem = self._clean_up(live_plan, session)
            except KeyboardInterrupt:
                waits = False
            except (TargetError, BotoCoreError, OSError) as error:
                way = reap_hint(self._sandbox)
                problem = f"{str(error).rstrip('.')}; {live_plan.label} may still have something; {way}"
            if not waits:
                problem = possible_leftovers(live_plan.label, session.journal, self._sandbox)
            if problem is not None:
                print_error(problem)
                self.left = True

    def _clean_up(self, live_plan: LivePlan, session: LiveSession) -> str | None:
        """Delete what a session left behind; return a sentence if something remains.

        Raises `KeyboardInterrupt` if the user does not wait for it.
        """
        before = self._interrupts.asked
        console = console_for(sys.stderr)
        with self._interrupts.second_raises(), Journal(session.journal) as journal:
            if journal.record.left("") or journal.record.unanswered():
                print_text(
                    console,
                    printable_text(f"{live_plan.label}: deleting what is left; Ctrl-C leaves it to `reap`…", "dim"),
                )
            with closing(live_plan.account.client()) as client:
                sweep = Sweep(Gate(client, live_plan.limits, journal, WallClock()))
                left = sweep.until_clean(enough=lambda: self._interrupts.asked > before)
            made = len(journal.record.made)
        print_text(console, printable_text(f"{live_plan.label}: {sweep_text(sweep, left, made)}", "dim"))
        return leftovers(live_plan.label, left, sweep.problem, self._sandbox) if left else None


def sweep_text(sweep: Sweep, left: Leftovers, made: int) -> str:
    """Report what a sweep deleted."""
    parts = [f"{count(made, 'resource')} made"]
    parts += [f"{count(len(sweep.terminated), 'instance')} terminated now"] if sweep.terminated else []
    parts += [f"{count(len(sweep.unprotected), 'protection')} cleared"] if sweep.unprotected else []
    parts += [f"{count(len(sweep.deleted), 'volume')} deleted now"] if sweep.deleted else []
    parts += [] if left else ["nothing left"]
    return ", ".join(parts)


def leftovers(label: str, left: Leftovers, problem: str | None, sandbox: Path) -> str:
    """Report what a sweep could not delete."""
    why = f" ({problem})" if problem else ""
    return f"{label} still has {_listed(left)}{why}; {reap_hint(sandbox)}"


def possible_leftovers(label: str, journal: Path, sandbox: Path) -> str | None:
    """Return the sentence about what a run may have left according to its journal, without looking; None for nothing.

    Raises `JournalError`.
    """
    record = read(journal)
    left = Leftovers(record.left("i-"), record.left("vol-"), unknown=len(record.unanswered()))
    return f"{label} may still have {_listed(left)}; {reap_hint(sandbox)}" if left and not record.ended else None


def reap_hint(sandbox: Path) -> str:
    """Return how to delete what runs left under a sandbox file."""
    return f"delete it with: ec2-lifecycle reap --sandbox {shlex.quote(str(sandbox))}"


def _listed(left: Leftovers) -> str:
    return ", ".join([*left.instances, *left.volumes]) or "what cannot be seen yet"
