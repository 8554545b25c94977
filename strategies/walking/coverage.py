"""Coverage: what walks have met so far.

It holds two things. A **cell** is a kind of step with one feature of what it meets (the state of an instance, its last
events, how often an event happened to it, the composition of a batch). Walks choose steps by how often their cells
were met; there are too many cells to cover them all. **Marks** are the few things that a run reports, and that decide
whether it is saturated.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from zlib import crc32

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


@dataclass(frozen=True, slots=True)
class News:
    """What one lane of a run has met since it last reported. Lanes may learn it in any order."""

    cells: tuple[int, ...] = ()
    """Every cell that it counted, in order."""
    diverging: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()
    marks: tuple[tuple[Mark, Hashable], ...] = ()


@dataclass(slots=True)
class Coverage:
    """What scenarios have met."""

    marks: dict[Mark, set[Hashable]] = field(default_factory=lambda: {mark: set() for mark in Mark})
    diverging: set[int] = field(default_factory=set[int])
    """The cells in which replies diverged: meeting them again shows little, and makes instances useless."""
    hidden: set[int] = field(default_factory=set[int])
    """Those in which the reply was right and only a later reply showed the wrong effect."""
    mark_count: int = 0
    """The number of marks; it grows whenever one is met for the first time."""
    _keys: dict[Hashable, int] = field(default_factory=dict[Hashable, int])
    _met: dict[int, int] = field(default_factory=dict[int, int])
    _new_cells: list[int] = field(default_factory=list[int])
    """Every cell that was counted since the last report."""
    _new_marks: list[tuple[Mark, Hashable]] = field(default_factory=list[tuple[Mark, Hashable]])
    _told: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))
    """The diverging and the hidden cells that were reported, or learnt from others."""

    def key(self, feature: Hashable) -> int:
        """Return the number of a feature, for `worth` and `meet`; it is the same in every process.

        Two features may share a number by chance. Then a walk takes one for the other, which does no harm.
        """
        number = self._keys.get(feature)
        if number is None:
            number = self._keys[feature] = crc32(repr(feature).encode())
        return number

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
        """Count these cells as covered."""
        base = _base(variant, refused=refused)
        cells = [base | key for key in keys]
        self._count(cells)
        self._new_cells.extend(cells)

    def mark(self, kind: Mark, what: Hashable) -> None:
        """Record a mark."""
        if self._mark(kind, what):
            self._new_marks.append((kind, what))

    def mark_all(self, kind: Mark, things: Iterable[Hashable]) -> None:
        """Record several marks."""
        for what in things:
            self.mark(kind, what)

    @property
    def totals(self) -> dict[str, int]:
        """The number of marks of each kind, in the order of `Mark`."""
        return {mark.value: len(met) for mark, met in self.marks.items()}

    # Lanes: several processes that each have their own coverage, and tell each other what they met.

    def news(self) -> News:
        """Return what was met since the last call, other than through `learn`."""
        diverging, hidden = self._told
        news = News(
            tuple(self._new_cells),
            frozenset(self.diverging - diverging),
            frozenset(self.hidden - hidden),
            tuple(self._new_marks),
        )
        self._new_cells.clear()
        self._new_marks.clear()
        diverging |= news.diverging
        hidden |= news.hidden
        return news

    def learn(self, news: News) -> None:
        """Add the coverage of another lane."""
        self._count(news.cells)
        self.diverging |= news.diverging
        self.hidden |= news.hidden
        self._told[0].update(news.diverging)
        self._told[1].update(news.hidden)
        for kind, what in news.marks:
            self._mark(kind, what)

    def _count(self, cells: Sequence[int]) -> None:
        met = self._met
        for cell in cells:
            times = met.get(cell, 0)
            if times < _MOST:
                met[cell] = times + 1

    def _mark(self, kind: Mark, what: Hashable) -> bool:
        """Record a mark, and return whether it is new."""
        marks = self.marks[kind]
        if what in marks:
            return False
        self.mark_count += 1
        marks.add(what)
        return True


def _base(variant: Variant, *, refused: bool) -> int:
    """Return the bits that all cells of a variant share; the lower bits are the feature's number."""
    return (variant.number << 1 | refused) << _SHIFT
