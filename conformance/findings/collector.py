"""Keeps the findings of a target: each defect once, by its worst harm, with all that was seen of it."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ...reports.events import CONFIRMED, Event, Finding, FindingMade
from ...reports.harm import severity
from ...strategies.scenario.scenario import Scenario
from ..diagnosis.defects import defect_id, former_id
from ..diagnosis.harm import severity_of
from ..diagnosis.joining import joined
from ..diagnosis.sightings import Sightings
from .search import Inquiry, Sighting

MOST_EXPERIMENTS: Final = 3
"""After so many searches that blamed another fault, a divergence in that situation is no longer looked into."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A divergence that may be a new defect, and must be looked into."""

    name: str
    seen: Sighting
    within: frozenset[str] = frozenset()
    """The defects whose searches led to it, so that two do not search for each other."""


@dataclass(slots=True)
class Collector:
    """The findings of a target so far, and the suspicions that wait to be looked into.

    `note` takes what a scenario showed. Whoever plays scenarios takes the `next` suspicion, looks into it, and hands
    in the result with `take`; several may do so at a time. What is found depends only on the order of these calls.
    """

    label: str
    emit: Callable[[Event], None]
    only: frozenset[str] = frozenset()
    """Only divergences from these clauses are collected; empty: all."""
    most_experiments: int = MOST_EXPERIMENTS
    unexplained: Counter[str] = field(default_factory=Counter[str])
    """How often a divergence came that comes of others, or may do so, and was not looked into."""
    _findings: dict[str, Finding] = field(default_factory=dict[str, Finding])
    _sightings: Sightings = field(default_factory=Sightings)
    _experiments: Counter[str] = field(default_factory=Counter[str])
    """How often a search blamed another fault, by the divergence and its situation."""
    _explained: dict[str, tuple[Scenario, int]] = field(default_factory=dict[str, tuple[Scenario, int]])
    """Where it was last blamed on another fault: of other instances at that step it has the same cause."""
    _waiting: deque[Suspicion] = field(default_factory=deque[Suspicion])
    _sought: dict[str, list[Suspicion]] = field(default_factory=dict[str, "list[Suspicion]"])
    """The defects that wait or are being looked into, each with what was seen of it in the meantime."""

    @property
    def count(self) -> int:
        """How many defects were found, those included that others explain."""
        return len(self._findings)

    @property
    def findings(self) -> dict[str, Finding]:
        """The findings by id, each with all its divergences, without those that another finding explains."""
        told = (self._sightings.told(finding, name) for name, finding in self._findings.items())
        return {finding.id: finding for finding in joined(told)}

    @property
    def waiting(self) -> int:
        """How many suspicions wait to be looked into."""
        return len(self._waiting)

    def note(self, seen: Sighting, within: frozenset[str] = frozenset()) -> None:
        """Record another sighting of a known defect, or suspect a new one, or worse harm of a known one."""
        if not self.only or seen.divergence.clause in self.only:
            self._suspect(Suspicion(defect_id(seen.divergence), seen, within))

    @property
    def plays_waiting(self) -> int:
        """How many scenarios showed the suspicions that wait to be looked into."""
        return len({suspicion.seen.scenario for suspicion in self._waiting})

    def next_of_one_play(self) -> tuple[Suspicion, ...]:
        """Return suspicions that one play showed, one of the worst that wait among them; none if none waits.

        Of the plays that showed one of the worst, it is the one that showed most for its length. What may come of
        something that the same play showed before it comes last, and alone.
        """
        groups: dict[Scenario, dict[str, Suspicion]] = {}
        for waiting in self._waiting:
            for each in (waiting, *self._sought[waiting.name]):
                if each.seen.stands_first:
                    groups.setdefault(each.seen.scenario, {}).setdefault(each.name, each)
        if not groups:
            return (self.next(),) if self._waiting else ()
        harms = {
            scenario: min(severity_of(each.seen.divergence) for each in group.values())
            for scenario, group in groups.items()
        }
        worst = min(harms.values())
        group = max(
            (group for scenario, group in groups.items() if harms[scenario] == worst),
            key=lambda group: len(group) / max(len(each.seen.steps) for each in group.values()),
        )
        for waiting in self._waiting:
            if waiting.name in group:  # its other sightings wait for the result
                seen = [waiting, *self._sought[waiting.name]]
                self._sought[waiting.name] = [each for each in seen if each is not group[waiting.name]]
        self._waiting = deque(each for each in self._waiting if each.name not in group)
        return tuple(group.values())

    def set_aside(self) -> None:
        """Count what waits, and may come of something that the same play showed before it, as unexplained."""
        self.unexplained.update(each.name for each in self._waiting if not each.seen.stands_first)
        self._waiting = deque(each for each in self._waiting if each.seen.stands_first)

    def next(self) -> Suspicion:
        """Return the suspicion that waits longest; there must be one."""
        return self._waiting.popleft()

    def take(self, suspicion: Suspicion, inquiry: Inquiry) -> None:
        """Take the result of looking into a suspicion."""
        name, seen = suspicion.name, suspicion.seen
        if inquiry.finding is None:
            former = former_id(seen.divergence)
            self._experiments[former] += 1
            self._explained[former] = seen.scenario, seen.divergence.step
        else:
            for divergence in inquiry.divergences:
                self._sightings.note(divergence)
            if name not in self._findings or _replaces(inquiry.finding, self._findings[name]):
                self._findings[name] = inquiry.finding
                self.emit(FindingMade(self.label, self._sightings.told(inquiry.finding, name)))
            else:
                self._experiments[former_id(seen.divergence)] += 1
        within = suspicion.within | {name}
        for other in inquiry.others:
            self.note(other, within)
        for later in self._sought.pop(name):
            self._suspect(later)

    def _suspect(self, suspicion: Suspicion) -> None:
        name, divergence = suspicion.name, suspicion.seen.divergence
        if name in self._findings:
            self._sightings.note(divergence)
            if severity_of(divergence) >= severity(self._findings[name].harm):
                return
        former = former_id(divergence)
        known = self._explained.get(former) == (suspicion.seen.scenario, divergence.step)
        if known or name in suspicion.within:
            return
        if self._experiments[former] >= self.most_experiments:
            if name not in self._findings:
                self.unexplained[name] += 1
        elif name in self._sought:
            self._sought[name].append(suspicion)
        else:
            self._sought[name] = []
            self._waiting.append(suspicion)


def _replaces(finding: Finding, earlier: Finding) -> bool:
    """Tell whether a finding shows worse harm of the same defect, and is as sure."""
    is_sure = finding.status == CONFIRMED or earlier.status != CONFIRMED
    return is_sure and severity(finding.harm) < severity(earlier.harm)


def look_into_all(collector: Collector, look_into: Callable[[Sighting], Inquiry]) -> None:
    """Look into suspicions until none waits."""
    while collector.waiting:
        suspicion = collector.next()
        collector.take(suspicion, look_into(suspicion.seen))
