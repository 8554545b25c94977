"""Coverage: what walks have met so far.

It holds two things. A **cell** is a kind of step with one feature of what it meets (the state of an instance, its last
events, how often an event happened to it, the composition of a batch). Walks choose steps by how often their cells
were met; there are too many cells to cover them all. **Marks** are the few things that a run reports, and that decide
whether it is saturated.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import Final

from .step_features import Variant

_WORTH: Final = (100, 35, 18, 10, 6, 4, 2, 1)
"""The worth of a cell by how often it was met, in hundredths, so that sums do not depend on their order."""
_MOST: Final = len(_WORTH) - 1
"""The highest count of a cell."""
_SHIFT: Final = 32


class Mark(Enum):
    """The kinds of coverage that a run reports."""

    CELLS = "cells"
    """An operation, whether it can have an effect, the state and protections of a named instance, and success."""
    PAIRS = "pairs"
    """Two operations one after the other in a scenario."""
    CLAUSES = "clauses"
    """A clause whose breach would have been caught."""
    CHOICES = "choices"
    """An open point of the specification that was decided."""
    OUTCOMES = "outcomes"
    """An operation with success or a class of refusal."""


@dataclass(slots=True)
class Coverage:
    """What scenarios have met."""

    marks: dict[Mark, set[Hashable]] = field(default_factory=lambda: {mark: set() for mark in Mark})
    diverging: set[int] = field(default_factory=set[int])
    """The cells in which replies diverged: they teach little when met again, and spoil the instances."""
    hidden: set[int] = field(default_factory=set[int])
    """Those in which the reply was right and only a later reply showed the wrong effect."""
    mark_count: int = 0
    """The number of marks; it grows whenever one is met for the first time."""
    log: list[int] | None = None
    """Every cell that this fork has counted, in order; None if it is not a fork."""
    _keys: dict[Hashable, int] = field(default_factory=dict[Hashable, int])
    _numbers: "count[int]" = field(default_factory=count)
    _met: dict[int, int] = field(default_factory=dict[int, int])

    def key(self, feature: Hashable) -> int:
        """Return the number that stands for a feature, for `worth` and `meet`."""
        number = self._keys.get(feature)
        return self._keys.setdefault(feature, next(self._numbers)) if number is None else number

    def worth(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> float:
        """Return how new these cells are: 1 for each cell never met, less for the others."""
        base = _base(variant, refused=refused)
        met = self._met
        return sum([_WORTH[met.get(base | key, 0)] for key in keys]) / _WORTH[0]

    def new(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> int:
        """Return how many of these cells were never met."""
        base = _base(variant, refused=refused)
        return sum([base | key not in self._met for key in keys])

    def times(self, variant: Variant, key: int) -> int:
        """Return how often a cell was met, at most seven."""
        return self._met.get(_base(variant, refused=False) | key, 0)

    def diverges(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> bool:
        """Tell whether replies diverged in one of these cells before."""
        if not self.diverging:
            return False
        base = _base(variant, refused=refused)
        return not self.diverging.isdisjoint([base | key for key in keys])

    def hides_effect(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> bool:
        """Tell whether one of these cells once had a wrong effect that only a later reply showed."""
        if not self.hidden:
            return False
        base = _base(variant, refused=refused)
        return not self.hidden.isdisjoint([base | key for key in keys])

    def diverged(self, variant: Variant, key: int, *, refused: bool, late: bool = False) -> None:
        """Record that a reply diverged in this cell; `late`: only a later reply showed it."""
        cell = _base(variant, refused=refused) | key
        self.diverging.add(cell)
        if late:
            self.hidden.add(cell)

    def meet(self, variant: Variant, keys: Iterable[int], *, refused: bool) -> None:
        """Count these cells as met."""
        base = _base(variant, refused=refused)
        self._count([base | key for key in keys])

    def mark(self, kind: Mark, what: Hashable) -> None:
        """Record a mark."""
        marks = self.marks[kind]
        if what not in marks:
            self.mark_count += 1
            marks.add(what)

    def mark_all(self, kind: Mark, things: Iterable[Hashable]) -> None:
        """Record several marks."""
        for what in things:
            self.mark(kind, what)

    @property
    def totals(self) -> dict[str, int]:
        """The number of marks of each kind, in the order of `Mark`."""
        return {mark.value: len(met) for mark, met in self.marks.items()}

    # Parallel walks.

    def fork(self) -> "Coverage":
        """Return a copy that records what it meets, for `join`."""
        return Coverage(
            diverging=set(self.diverging),
            hidden=set(self.hidden),
            log=[],
            _keys=self._keys,
            _numbers=self._numbers,
            _met=dict(self._met),
        )

    def join(self, other: "Coverage") -> None:
        """Add what a fork has met."""
        self._count(other.log or ())
        self.diverging |= other.diverging
        self.hidden |= other.hidden
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
    """Return the bits that all cells of a variant share; the lower bits are the feature's number."""
    return (variant.number << 1 | refused) << _SHIFT
