"""Watches clients with the oracle, and raises if it found something."""

import threading
from collections.abc import Collection, Generator, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from ....model.specification import EC2, Specification
from ....reports.events import Finding
from ...adapter.clock import Clock
from ...diagnosis.defects import defect_id
from ...emulator.active_models import UsualClock, answering_model
from ...findings.waivers import Waiver
from ...oracle.divergence import Divergence
from ...oracle.engine import Engine
from ...oracle.settings import Settings
from ..diverged import CallsDiverged, Diverged
from ..met import Defects, Met, is_known, of_findings, stands_for
from .account_judge import AccountJudge
from .calls import Call, Fields
from .clients import Client, watch_client
from .findings import finding_from_calls
from .overlapping import OpenCall, OpenCalls

C = TypeVar("C")
"""A client, or an object with its methods."""


@dataclass(frozen=True, slots=True)
class Judging:
    """How clients are judged.

    `clock` is the time of the target in seconds, by default this machine's, or inside an `ec2_double` the double's.
    `at_once`: the call itself raises `Diverged`, although it was carried out.
    `known`: ids of findings (`f2:…`) to skip. `waivers`: the same as waivers, by id.
    `clauses`: only divergences from these are reported; empty: all.
    """

    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=UsualClock)
    at_once: bool = False
    known: Collection[str] = ()
    waivers: Mapping[str, Waiver] = field(default_factory=dict[str, Waiver])
    spec: Specification = EC2
    clauses: Collection[str] = ()


@dataclass(slots=True)
class Ticket:
    """A call in progress, and the judge of its account and region."""

    account_judge: AccountJudge
    open_call: OpenCall


class Judge:
    """Judges the calls of clients: call it with each client. Clients of one account share the belief.

    Clients of other regions or endpoints are judged separately; those of another account need their own judge.
    """

    def __init__(self, judging: Judging | None = None) -> None:
        self.judging = judging or Judging()
        self._engine = _engine_of_ec2() if self.judging.spec is EC2 else Engine(self.judging.spec)
        self._lock = threading.RLock()
        self._account_judges: dict[Hashable, AccountJudge] = {}
        self._open_calls: OpenCalls = OpenCalls()
        self._undo: list[Iterator[None]] = []
        self._defects = Defects()
        self._reported: set[str] = set()
        """The ids of the defects that a check raised, or that a finding which it raised stands for."""
        self._open = True

    def __call__(self, client: C) -> C:
        """Watch a client or a resource from now on, and return it; an object that is not a boto3 client is wrapped.

        Raises TypeError, with a sentence, for anything that is not an EC2 client.
        """
        wrapped, undo = watch_client(client, self)
        self._undo.append(undo)
        return wrapped

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings so far, one of each defect, without the known ones."""
        with self._lock:
            return tuple(one for one in self._defects.findings if not self._is_known(one))

    @property
    def known_findings(self) -> tuple[Finding, ...]:
        """The known findings that the calls showed too, one of each defect."""
        with self._lock:
            return tuple(one for one in self._defects.findings if self._is_known(one))

    def _is_known(self, finding: Finding) -> bool:
        return is_known(finding, self.judging.known, self.judging.waivers)

    def met(self, findings: Collection[Finding]) -> tuple[Met, ...]:
        """Return the defects for which some of the judge's findings stand, each as the calls showed it."""
        with self._lock:
            return of_findings(self._defects.met, findings)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far, grouped by account and region."""
        with self._lock:
            return tuple(call for account_judge in self._account_judges.values() for call in account_judge.calls)

    def check(self) -> None:
        """Raise `Diverged` if there are findings since the last check."""
        __tracebackhide__ = True  # pytest then shows the call in the test
        with self._lock:
            new = tuple(finding for finding in self.findings if finding.id not in self._reported)
            self._reported.update(*map(stands_for, new))
        if new:
            raise CallsDiverged(self.judging.spec, new)

    def close(self) -> None:
        """Stop judging; the watched clients go on as before."""
        with self._lock:
            self._open = False
            undo, self._undo = self._undo, []
        for each in undo:
            next(each, None)

    # Events of watched clients.

    def sent(self, place: Hashable, name: str, sent: Fields) -> Ticket | None:
        """Record that a call is sent to an account and region."""
        with self._lock:
            if not self._open:
                return None
            account = place, answering_model()
            account_judge = self._account_judges.setdefault(account, AccountJudge(self._engine, self.judging.settings))
            return Ticket(account_judge, self._open_calls.begin(name, sent, self.judging.clock.now()))

    def returned(self, ticket: Ticket, call: Call) -> None:
        """Judge the result of a call; raises `Diverged` if `at_once` is set."""
        __tracebackhide__ = True  # pytest then shows the call in the test
        with self._lock:
            uncertain_ids = self._open_calls.land(ticket.open_call, call.ids)
            if not self._open:
                return
            found = ticket.account_judge.take(call, ticket.open_call.sent, self.judging.clock.now(), uncertain_ids)
            for divergence in found:
                self._note(divergence, ticket.account_judge.calls)
        if self.judging.at_once:
            self.check()

    def _note(self, divergence: Divergence, calls: Sequence[Call]) -> None:
        """Note a divergence that the last of these calls showed."""
        if self.judging.clauses and divergence.clause not in self.judging.clauses:
            return
        if self._defects.knows(divergence):
            self._defects.saw_again(divergence)
            return
        finding = finding_from_calls(self.judging.spec, divergence, defect_id(divergence), calls)
        self._defects.note(divergence, finding)


@contextmanager
def judged(client: Client, judging: Judging | None = None) -> Generator[Client]:
    """Judge a client's calls, and raise `Diverged` at the end if there are findings.

    An exception from inside passes through, with the findings added as a note.
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
    """Return the engine of EC2, whose caches all tests of a process share."""
    return Engine(EC2)
