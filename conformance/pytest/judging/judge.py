"""Puts the oracle around clients, and fails where it found something."""

import threading
from collections.abc import Collection, Generator, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from ....model.specification import EC2, Specification
from ....reports.events import Finding
from ...adapter.clock import Clock, WallClock
from ...findings.fingerprint import ALIASES, fingerprint
from ...oracle.engine import Engine
from ...oracle.settings import Settings
from ..diverged import CallsDiverged, Diverged
from .account_judge import Watch
from .calls import Call, Fields
from .clients import Client, watched
from .findings import seen_in
from .overlapping import OpenCall, OpenCalls

C = TypeVar("C")
"""A client, or whatever else has the methods of one."""


@dataclass(frozen=True, slots=True)
class Judging:
    """How clients are judged.

    `clock` is the time of whatever answers, in seconds: this machine's where nothing else is said.
    `at_once`: the call itself raises `Diverged`, although it was carried out.
    `known`: findings (`f1:…`) that are passed over.
    """

    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=WallClock)
    at_once: bool = False
    known: Collection[str] = ()
    spec: Specification = EC2


@dataclass(slots=True)
class Ticket:
    """A call under way, and the watch of its account and region."""

    watch: Watch
    open_call: OpenCall


class Judge:
    """Call it with a client to have the client's calls judged; several clients of one account share what is known.

    Clients of other regions or endpoints are told apart; those of another account need a judge of their own.
    """

    def __init__(self, judging: Judging | None = None) -> None:
        self.judging = judging or Judging()
        self._engine = _engine_of_ec2() if self.judging.spec is EC2 else Engine(self.judging.spec)
        self._lock = threading.RLock()
        self._watches: dict[Hashable, Watch] = {}
        self._open_calls: OpenCalls = OpenCalls()
        self._undo: list[Iterator[None]] = []
        self._found: list[Finding] = []
        self._told = 0
        self._open = True

    def __call__(self, client: C) -> C:
        """Watch a client or a resource from now on, and return it; one that is no boto3 client returns wrapped.

        Raises TypeError, with a sentence, for what is no EC2 client.
        """
        wrapped, undo = watched(client, self)
        self._undo.append(undo)
        return wrapped

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What diverged so far, each once."""
        with self._lock:
            return tuple(self._found)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far, those of each account and region together."""
        with self._lock:
            return tuple(call for watch in self._watches.values() for call in watch.calls)

    def check(self) -> None:
        """Raise `Diverged` with what was found since the last time."""
        __tracebackhide__ = True  # by pytest: what counts is the call in the test
        with self._lock:
            new = tuple(self._found[self._told :])
            self._told = len(self._found)
        if new:
            raise CallsDiverged(self.judging.spec, new)

    def close(self) -> None:
        """Judge no more: the clients that were watched go on as before."""
        with self._lock:
            self._open = False
            undo, self._undo = self._undo, []
        for each in undo:
            next(each, None)

    # What a watched client tells.

    def sent(self, place: Hashable, name: str, sent: Fields) -> Ticket | None:
        """Note that a call is sent to an account and region."""
        with self._lock:
            if not self._open:
                return None
            watch = self._watches.setdefault(place, Watch(self._engine, self.judging.settings))
            return Ticket(watch, self._open_calls.begin(name, sent, self.judging.clock.now()))

    def returned(self, ticket: Ticket, call: Call) -> None:
        """Take in what came of a call; raises `Diverged` where that is wished at once."""
        __tracebackhide__ = True  # by pytest: what counts is the call in the test
        with self._lock:
            unsure = self._open_calls.land(ticket.open_call, call.ids)
            if not self._open:
                return
            found = ticket.watch.take(call, ticket.open_call.sent, self.judging.clock.now(), unsure)
            known = {ALIASES.get(name, name) for name in self.judging.known}
            for divergence in found:
                name = fingerprint(divergence)
                if name not in known and name not in {finding.id for finding in self._found}:
                    self._found.append(seen_in(self.judging.spec, divergence, name, ticket.watch.calls))
        if self.judging.at_once:
            self.check()


@contextmanager
def judged(client: Client, judging: Judging | None = None) -> Generator[Client]:
    """Judge a client's calls, and raise `Diverged` at the end where something was wrong.

    An exception from inside stands; what was found is then added to it as a note.
    """
    judge = Judge(judging)
    try:
        yield judge(client)
    except Diverged:
        raise
    except BaseException as error:
        if judge.findings:
            error.add_note(str(CallsDiverged(judge.judging.spec, judge.findings)))
        raise
    else:
        judge.check()
    finally:
        judge.close()


@cache
def _engine_of_ec2() -> Engine:
    """Return the engine of EC2: what it worked out once holds for all tests of a process."""
    return Engine(EC2)
