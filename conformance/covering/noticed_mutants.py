"""Sorts mutants by what the theorems notice of them, for `reports/adequacy.md`.

A theorem speaks of outcomes: what is carried out, and what becomes of instances and volumes. It should notice each
mutant that a client can tell from the specification by an outcome. No theorem should notice a changed code, status or
wording, or another field of a description. Nor can one notice a mutant that only settles an open point otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..proving.noticing import Noticed
from .suite import Kind, Verdict

ENOUGH: Final = 95
"""The percent of the outcomes that theorems must notice."""

UNNOTICED: Final[Mapping[str, str]] = {}
"""Why no theorem notices a mutant that changes an outcome, by the id of the mutant."""


class Group(Enum):
    """What a mutant changes, and whether a theorem notices."""

    NOTICED = "changes an outcome, and a theorem notices"
    MISSED = "changes an outcome, and no theorem notices"
    ANSWER = "changes only an answer: a code, a status, a wording, the ids in a message, or a field of a description"
    NO_DIFFERENCE = "no client can tell it from the specification: a choice, or the same in other words"


@dataclass(frozen=True, slots=True)
class Sorted:
    """The mutants by group, and what is wrong with the result."""

    groups: Mapping[Group, tuple[Noticed, ...]]

    @property
    def percent(self) -> float:
        """The part of the outcomes that theorems notice."""
        noticed, missed = (len(self.groups[group]) for group in (Group.NOTICED, Group.MISSED))
        return 100 * noticed / (noticed + missed) if noticed + missed else 100.0

    def problems(self, reasons: Mapping[str, str] = UNNOTICED) -> Iterator[str]:
        """Yield what must not be: a missed outcome without a reason, a reason without one, or too many missed."""
        missed = {row.mutant for row in self.groups[Group.MISSED]}
        yield from (f"No theorem notices {name}, and UNNOTICED has no reason for it." for name in missed - {*reasons})
        known = {row.mutant for rows in self.groups.values() for row in rows}
        for name in {*reasons} - missed:
            why = "a theorem notices it, or it changes no outcome" if name in known else "there is no such mutant"
            yield f"UNNOTICED has a reason for {name}, but {why}. Delete the reason."
        if self.percent < ENOUGH:
            yield f"Theorems notice {self.percent:.1f} % of the changes of outcomes, fewer than {ENOUGH} %."


def sort_mutants(rows: Iterable[Noticed], verdicts: Iterable[Verdict]) -> Sorted:
    """Return the mutants by group.

    `verdicts` are those of the covering suite. A mutant without a verdict counts as one that a client can notice.
    """
    told_apart = {verdict.mutant: verdict.kind is Kind.KILLABLE for verdict in verdicts}
    groups: dict[Group, list[Noticed]] = {group: [] for group in Group}
    for row in rows:
        groups[_group(row, can_be_told=told_apart.get(row.mutant, True))].append(row)
    return Sorted({group: tuple(members) for group, members in groups.items()})


def _group(row: Noticed, *, can_be_told: bool) -> Group:
    if not can_be_told:
        return Group.NO_DIFFERENCE
    if not row.changes_outcome:
        return Group.ANSWER
    return Group.NOTICED if row.broken or row.unknown else Group.MISSED
