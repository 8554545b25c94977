"""What was believed over the steps of a scenario, as a picture has it: bands of states, protections, worlds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2, log10
from typing import Final

from .events import StepBelief
from .labels import PROTECTIONS
from .safe_text import shortened

STATES: Final = ("pending", "running", "stopping", "stopped", "shutting-down", "terminated", "forgotten")
"""The states that have a colour of their own."""
_STRIPES: Final = 2
"""So many possible states are drawn beside each other; of more it is said how many they are."""
_WORD: Final = 40
"""Characters of a state: a stream may say anything."""
_LOW: Final = 8
"""Worlds that have a full bar where there are never more."""
_PLAIN: Final = 100_000
"""Numbers below it are written in full."""


@dataclass(frozen=True, slots=True)
class Band:
    """From one column to another, the last one not included, the same was believed of an instance."""

    states: tuple[str, ...]
    start: int
    end: int
    doubted: bool
    """Something about it went wrong: the states are those that were to be expected."""

    @property
    def stripes(self) -> tuple[tuple[str, str], ...]:
        """What is drawn, from the top down: the name of a class, and the words."""
        if len(self.states) <= _STRIPES:
            return tuple((state if state in STATES else "uncertain", state) for state in self.states)
        return (("uncertain", f"{len(self.states)} states"),)

    @property
    def words(self) -> str:
        """All of it, for who points at it or cannot see it."""
        states = " or ".join(self.states)
        return f"expected {states}, in doubt" if self.doubted else states


@dataclass(frozen=True, slots=True)
class Worlds:
    """How many worlds were possible before a step and after it."""

    before: int
    after: int

    @property
    def words(self) -> str:
        """Both numbers, or one where nothing changed."""
        return _short(self.after) if self.before == self.after else f"{_short(self.before)} → {_short(self.after)}"

    def levels(self, most: int) -> tuple[float, float]:
        """How high their bars are where the highest is 1: by the logarithm, so that one world has a low bar too."""
        return _level(self.before, most), _level(self.after, most)


def bands(beliefs: Sequence[StepBelief], name: str, columns: int) -> tuple[Band, ...]:
    """Return the bands of an instance."""
    drawn: list[Band] = []
    for column, belief in enumerate(beliefs[:columns]):
        it = belief.instances.get(name)
        if it is None or not it.states:
            continue
        states = tuple(shortened(state, _WORD) for state in it.states[: len(STATES)])
        last = drawn[-1] if drawn else None
        start = column
        if last is not None and (last.states, last.doubted, last.end) == (states, it.doubted, column):
            start = drawn.pop().start
        drawn.append(Band(states, start, column + 1, it.doubted))
    return tuple(drawn)


def protections(beliefs: Sequence[StepBelief], name: str, columns: int) -> Iterator[tuple[str, int, int]]:
    """Yield since when and until when an instance was believed to be protected, with the word for it."""
    for attribute, word in PROTECTIONS.items():
        start: int | None = None
        for column in range(columns + 1):
            it = beliefs[column].instances.get(name) if column < min(len(beliefs), columns) else None
            protected = it is not None and attribute in it.protected
            if protected and start is None:
                start = column
            elif not protected and start is not None:
                yield word, start, column
                start = None


def worlds(beliefs: Sequence[StepBelief], columns: int) -> tuple[Worlds, ...]:
    """Return the numbers of worlds, one pair for each column of which they are told."""
    return tuple(Worlds(max(belief.worlds_before, 0), max(belief.worlds, 0)) for belief in beliefs[:columns])


def _short(number: int) -> str:
    return f"{number:,}" if number < _PLAIN else f"10^{int(log10(number))}"


def _level(number: int, most: int) -> float:
    return (1 + log2(max(number, 1))) / (1 + log2(max(number, most, _LOW)))
