"""The defects that tests met: kept per test, sent between processes, and joined over a whole run.

A test reports each defect as it saw it. The defects of all tests are joined at the end, as those of a `run` are.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...model.clauses import Part
from ...model.requests import Operation
from ...reports.events import Finding, FindingMade
from ...reports.harm import rank, severity
from ...reports.stream import decode, encode
from ..diagnosis.defects import defect_id
from ..diagnosis.harm import severity_of
from ..diagnosis.joining import joined
from ..diagnosis.sightings import Sightings
from ..findings.waivers import Waiver, covering, operations_of
from ..oracle.divergence import Divergence

_FINDING_ID: Final = "f2:"

Sent: TypeAlias = "list[str | list[list[str]]]"
"""A defect as plain data, which xdist can send: its finding as an event, and its sightings."""


@dataclass(frozen=True, slots=True)
class Met:
    """A defect that a test met: its finding, not joined with others, and the divergences that showed it."""

    finding: Finding
    sightings: tuple[Divergence, ...]

    def sent(self) -> Sent:
        """Return it as plain data."""
        return [encode(FindingMade("", self.finding)).decode(), [_words(one) for one in self.sightings]]


def received(sent: Sent) -> Met:
    """Return a defect that another process sent; ValueError or TypeError if it is none."""
    event, sightings = sent
    made = decode(str(event).encode())
    if not isinstance(made, FindingMade):
        raise TypeError(f"this is no finding: {event}")
    return Met(made.finding, tuple(_divergence(list(words)) for words in sightings))


@dataclass(slots=True)
class Defects:
    """The defects that were met so far."""

    _first: dict[str, Finding] = field(default_factory=dict[str, Finding])
    """The finding of each defect: its worst harm, by the shortest sequence of calls that showed it."""
    _sightings: dict[str, dict[Divergence, None]] = field(default_factory=dict[str, dict[Divergence, None]])

    def note(self, divergence: Divergence, finding: Finding) -> None:
        """Note a divergence, and the finding that it makes if its defect is new."""
        self.add(Met(finding, (divergence,)))

    def knows(self, divergence: Divergence) -> bool:
        """Tell whether the defect of a divergence was met before, with harm that is as bad."""
        known = self._first.get(defect_id(divergence))
        return known is not None and severity(known.harm) <= severity_of(divergence)

    def saw_again(self, divergence: Divergence) -> None:
        """Note a further divergence of a known defect."""
        self._sightings[defect_id(divergence)].setdefault(divergence)

    def add(self, met: Met) -> None:
        """Add a defect that a test met; the shortest account of its worst harm is kept."""
        name = met.finding.id
        known = self._first.get(name)
        if known is None or _place(met.finding) < _place(known):
            self._first[name] = met.finding
        self._sightings.setdefault(name, {}).update(dict.fromkeys(met.sightings))

    @property
    def met(self) -> tuple[Met, ...]:
        """Each defect as it was met, not joined."""
        return tuple(Met(finding, tuple(self._sightings[name])) for name, finding in self._first.items())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding of each defect, without those that another one explains."""
        seen = Sightings()
        for sightings in self._sightings.values():
            for divergence in sightings:
                seen.note(divergence)
        return joined(seen.told(finding, name) for name, finding in self._first.items())


def stands_for(finding: Finding) -> frozenset[str]:
    """Return the ids of all defects that a joined finding describes, its own included."""
    return frozenset((finding.id, *(name for name in finding.former if name.startswith(_FINDING_ID))))


def is_known(finding: Finding, known: Collection[str], waivers: Mapping[str, Waiver]) -> bool:
    """Tell whether the id of a finding, or one of its former ids, is among the known ones or those of a waiver."""
    ids = (finding.id, *finding.former)
    return not {*ids}.isdisjoint(known) or covering(waivers, ids, operations_of(finding)) is not None


def of_findings(met: Iterable[Met], findings: Iterable[Finding]) -> tuple[Met, ...]:
    """Return those of the defects met that these joined findings describe."""
    names = frozenset(name for finding in findings for name in stands_for(finding))
    return tuple(one for one in met if one.finding.id in names)


def each_once(met: Mapping[str, Iterable[Met]]) -> tuple[tuple[Finding, tuple[str, ...]], ...]:
    """Return each defect once, the most harmful first, with the tests that met it.

    `met` is by test; the order in which they ran does not matter.
    """
    defects = Defects()
    tests: dict[str, list[str]] = {}
    for test in sorted(met):
        for one in met[test]:
            defects.add(one)
            tests.setdefault(one.finding.id, []).append(test)
    found = [
        (finding, tuple(sorted({test for name in stands_for(finding) for test in tests.get(name, ())})))
        for finding in defects.findings
    ]
    return tuple(sorted(found, key=lambda one: rank(one[0])))


def _place(finding: Finding) -> tuple[int, int]:
    return severity(finding.harm), finding.scenario_text.count("\n")


def _words(divergence: Divergence) -> list[str]:
    """Return what of a divergence tells its defect and its situation."""
    return [
        divergence.clause,
        divergence.part.value,
        divergence.operation.value,
        divergence.state,
        divergence.expected_class,
        divergence.observed_class,
    ]


def _divergence(words: list[str]) -> Divergence:
    clause, part, operation, state, expected, observed = words
    return Divergence(clause, Part(part), Operation(operation), state, expected, observed, 0, None, "", (), "")
