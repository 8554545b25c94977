"""What was covered so far: the memory by which a walk knows what is new, and what a run reports.

Two things are kept. **Cells** are what a walk chooses by, counted: a kind of step, and one feature of what it meets
(the state of an instance, its last events, how often something happened to it, the make-up of a batch).
There are too many to cover them all. **Marks** are the few that a run reports, and by which it is saturated.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import Final

from .step_features import Variant

_WORTH: Final = (100, 35, 18, 10, 6, 4, 2, 1)
"""What it is worth to meet a cell again that was met so often, in hundredths: sums do not depend on their order."""
_MOST: Final = len(_WORTH) - 1
"""So often at most a cell is counted."""
_SHIFT: Final = 32


class Mark(Enum):
    """What a run reports of its coverage."""

    CELLS = "cells"
    """An operation, whether it can have an effect, the state of a named instance, its protections, and the success."""
    PAIRS = "pairs"
    """Two operations one after the other in a scenario."""
    CLAUSES = "clauses"
    """A clause at which a reply breaking it would have been caught."""
    CHOICES = "choices"
    """An open point of the specification that had a say."""
    OUTCOMES = "outcomes"
    """An operation, and success or the class of its refusal."""


@dataclass(slots=True)
class Coverage:
    """What scenarios have met."""

    marks: dict[Mark, set[Hashable]] = field(default_factory=lambda: {mark: set() for mark in Mark})
    diverging: set[int] = field(default_factory=set[int])
    """The cells where replies diverged: met again, they teach little, and make the instances useless for the rest."""
    deceiving: set[int] = field(default_factory=set[int])
    """Those of them where the reply was as it should be, and only a later look showed that something else was done."""
    news: int = 0
    """How many marks there are: it grows whenever one is met for the first time."""
    log: list[int] | None = None
    """Every cell that a fork has counted, in order; None where this is no fork."""
    _keys: dict[Hashable, int] = field(default_factory=dict[Hashable, int])
    _numbers: "count[int]" = field(default_factory=count)
    _met: dict[int, int] = field(default_factory=dict[int, int])

    def key(self, feature: Hashable) -> int:
        """Return the number that stands for a feature, for `worth` and `meet`."""
        number = self._keys.get(feature)
        return self._keys.setdefault(feature, next(self._numbers)) if number is None else number

    def worth(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> float:
        """Return how much of this is new: 1 for each cell never met, less for those met before."""
        base = _base(variant, refused=refused)
        met = self._met
        return sum([_WORTH[met.get(base | key, 0)] for key in keys]) / _WORTH[0]

    def new(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> int:
        """Return how many of these cells were never met."""
        base = _base(variant, refused=refused)
        return sum([base | key not in self._met for key in keys])

    def times(self, variant: Variant, key: int) -> int:
        """Return how often a cell was met; what was met seven times counts no further."""
        return self._met.get(_base(variant, refused=False) | key, 0)

    def diverges(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> bool:
        """Tell whether replies diverged in one of these cells before."""
        if not self.diverging:
            return False
        base = _base(variant, refused=refused)
        return not self.diverging.isdisjoint([base | key for key in keys])

    def deceives(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> bool:
        """Tell whether in one of these cells something was done before that only a later look showed."""
        if not self.deceiving:
            return False
        base = _base(variant, refused=refused)
        return not self.deceiving.isdisjoint([base | key for key in keys])

    def diverged(self, variant: Variant, key: int, *, refused: bool, late: bool = False) -> None:
        """Note that a reply diverged in this cell, or, `late`, that a later look showed what it had done."""
        cell = _base(variant, refused=refused) | key
        self.diverging.add(cell)
        if late:
            self.deceiving.add(cell)

    def meet(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> None:
        """Count these cells as met."""
        base = _base(variant, refused=refused)
        self._count([base | key for key in keys])

    def mark(self, kind: Mark, what: Hashable) -> None:
        """Note what a run reports."""
        marks = self.marks[kind]
        if what not in marks:
            self.news += 1
            marks.add(what)

    def mark_all(self, kind: Mark, things: Iterable[Hashable]) -> None:
        """Note each of these."""
        for what in things:
            self.mark(kind, what)

    @property
    def totals(self) -> dict[str, int]:
        """How many different marks of each kind there are, in the order of `Mark`."""
        return {mark.value: len(met) for mark, met in self.marks.items()}

    # Walks side by side.

    def fork(self) -> "Coverage":
        """Return a coverage that begins with all of this one, and can be taken back by `join`."""
        return Coverage(
            diverging=set(self.diverging),
            deceiving=set(self.deceiving),
            log=[],
            _keys=self._keys,
            _numbers=self._numbers,
            _met=dict(self._met),
        )

    def join(self, other: "Coverage") -> None:
        """Take in what a fork has met since."""
        self._count(other.log or ())
        self.diverging |= other.diverging
        self.deceiving |= other.deceiving
        for kind, marks in other.marks.items():
            self.mark_all(kind, marks)

    def _count(self, cells: Sequence[int]) -> None:
        met = self._met
        for cell in cells:
            times = met.get(cell, 0)
            if times < _MOST:
                met[cell] = times + 1
        if self.log is not None:
            self.log.extend(cells)


def _base(variant: Variant, *, refused: bool) -> int:
    """Return what the numbers of a variant's cells have in common; the rest is the feature's."""
    return (variant.number << 1 | refused) << _SHIFT
