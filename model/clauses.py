"""What a clause is: one promise of EC2, with the evidence for each part of it.

The clauses themselves are in `ledger/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeVar

_Rule = TypeVar("_Rule", bound=Callable[..., object])


class EvidenceClass(Enum):
    """How well a promise is known."""

    RECORDED = "recorded"
    """Captured from real AWS."""
    DOCUMENTED = "documented"
    """Written in AWS's documentation or API model."""
    REPORTED = "reported"
    """Quoted from AWS by a third party, or captured without proof of provenance."""
    ASSUMED = "assumed"
    """Inferred: it never makes a finding."""


class Part(Enum):
    """What a finding can break of a clause."""

    OUTCOME = "outcome"
    """Whether the request succeeds, and what becomes of instances, volumes and descriptions."""
    CODE = "code"
    """The error code."""
    STATUS = "status"
    """The HTTP status."""
    MESSAGE = "message"
    """The text of the error."""


class Level(Enum):
    """How heavy a finding is."""

    VIOLATION = "violation"
    DEVIATION = "deviation"


LEVELS: Final[Mapping[EvidenceClass, Level | None]] = {
    EvidenceClass.RECORDED: Level.VIOLATION,
    EvidenceClass.DOCUMENTED: Level.VIOLATION,
    EvidenceClass.REPORTED: Level.DEVIATION,
    EvidenceClass.ASSUMED: None,
}
"""The level of a finding by the evidence of what it breaks, but for messages; `None`: no finding."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well one part of a clause is known: the grade, the ids of the facts it rests on, and a note."""

    grade: EvidenceClass
    facts: tuple[str, ...]
    note: str = ""

    @property
    def source(self) -> str:
        """The facts and the note on one line, as reports show them."""
        return ": ".join(filter(None, (", ".join(self.facts), self.note)))


def recorded(*facts: str, note: str = "") -> Evidence:
    """Evidence captured from real AWS; where it contradicts the documentation, both facts are named."""
    return Evidence(EvidenceClass.RECORDED, facts, note)


def documented(*facts: str, note: str = "") -> Evidence:
    """Evidence from AWS's documentation."""
    return Evidence(EvidenceClass.DOCUMENTED, facts, note)


def reported(*facts: str, note: str = "") -> Evidence:
    """Evidence from third parties who quote AWS."""
    return Evidence(EvidenceClass.REPORTED, facts, note)


def assumed(*facts: str, note: str = "") -> Evidence:
    """No evidence but an inference; the facts are those that leave the point open."""
    return Evidence(EvidenceClass.ASSUMED, facts, note)


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise of EC2.

    `evidence` always speaks of the outcome, and of the other parts where the clause does;
    `effect` says what breaking the promise does to a user.
    """

    id: str
    sentence: str
    evidence: Mapping[Part, Evidence] = field(hash=False)
    effect: str

    @property
    def topic(self) -> str:
        """What the clause is about: the id before its dash, such as `TERM`."""
        return self.id.partition("-")[0]

    @property
    def evidence_class(self) -> EvidenceClass:
        """How well the outcome is known."""
        return self.evidence[Part.OUTCOME].grade

    def level_of(self, part: Part) -> Level | None:
        """The level of a finding that breaks this part; a part without evidence of its own has the outcome's.

        AWS rewords its messages (fact E-40): a wording is judged only where it is recorded, and is never a violation.
        """
        grade = self.evidence.get(part, self.evidence[Part.OUTCOME]).grade
        if part is Part.MESSAGE:
            return Level.DEVIATION if grade is EvidenceClass.RECORDED else None
        return LEVELS[grade]


def clause(*ids: str) -> Callable[[_Rule], _Rule]:
    """Mark a rule with the clauses that it states; the rule itself stays as it is."""

    def mark(function: _Rule) -> _Rule:
        vars(function)["clauses"] = ids
        return function

    return mark


def clauses_of(function: Callable[..., object]) -> tuple[str, ...]:
    """The ids of the clauses that a rule states, none for a function that is not marked."""
    return getattr(function, "clauses", ())
