"""The oracle's belief over the steps of a scenario, for the timeline: bands of states, protections, and worlds."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import log2, log10
from typing import Final

from .events import StepBelief
from .labels import PROTECTIONS
from .safe_text import shortened

STATES: Final = ("pending", "running", "stopping", "stopped", "shutting-down", "terminated", "forgotten")
"""The states that have their own colour."""
_LATER: Final = {"pending": "running", "stopping": "stopped", "shutting-down": "terminated"}
"""Where an instance that is on its way gets by itself."""
_STRIPES: Final = 2
"""The most possible states that are drawn side by side; more are given as a number."""
_WORD: Final = 40
"""The most characters of a state name, which a stream may set to anything."""
_LOW: Final = 8
"""The number of worlds that fills a bar if there are never more."""
_PLAIN: Final = 100_000
"""Smaller numbers are written in full."""


@dataclass(frozen=True, slots=True)
class Band:
    """An unchanged belief about an instance, from column `start` up to but not including `end`."""

    states: tuple[str, ...]
    start: int
    end: int
    doubted: bool
    """Whether the instance diverged; `states` are then the expected ones."""

    @property
    def stripes(self) -> tuple[tuple[str, str], ...]:
        """The stripes from top to bottom: a CSS class, and the text.

        What was expected of an instance in doubt is no state that it was in, so it is not drawn.
        """
        if self.doubted:
            return (("uncertain", "in doubt"),)
        if len(self.states) <= _STRIPES:
            return tuple((state if state in STATES else "uncertain", state) for state in self.states)
        return (("uncertain", f"{len(self.states)} states"),)

    @property
    def words(self) -> str:
        """The full text, for tooltips and screen readers."""
        states = " or ".join(self.states)
        return f"expected {states}, in doubt" if self.doubted else states


@dataclass(frozen=True, slots=True)
class Worlds:
    """The number of possible worlds before and after a step."""

    before: int
    after: int

    @property
    def words(self) -> str:
        """Both numbers, or one if nothing changed."""
        return _short(self.after) if self.before == self.after else f"{_short(self.before)} → {_short(self.after)}"

    def levels(self, most: int) -> tuple[float, float]:
        """The heights of the bars; the highest is 1. On a logarithmic scale, one world still has a low bar."""
        return _level(self.before, most), _level(self.after, most)


def bands(
    beliefs: Sequence[StepBelief], name: str, columns: int, named: Collection[int] | None = None
) -> tuple[Band, ...]:
    """Return the bands of an instance.

    `named` are the columns whose steps name it; None: all. In the others no reply says whether it is still on its way
    to another state, so the band has that state too.
    """
    drawn: list[Band] = []
    for column, belief in enumerate(beliefs[:columns]):
        it = belief.instances.get(name)
        if it is None or not it.states:
            continue
        states = tuple(shortened(state, _WORD) for state in it.states[: len(STATES)])
        if named is not None and column not in named and not it.doubted:
            states = tuple(dict.fromkeys(each for state in states for each in (state, _LATER.get(state, state))))
        last = drawn[-1] if drawn else None
        start = column
        if last is not None and (last.states, last.doubted, last.end) == (states, it.doubted, column):
            start = drawn.pop().start
        drawn.append(Band(states, start, column + 1, it.doubted))
    return tuple(drawn)


def protections(beliefs: Sequence[StepBelief], name: str, columns: int) -> Iterator[tuple[str, int, int]]:
    """Yield the label, start and end of each span in which an instance was believed to be protected."""
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
    """Return the numbers of worlds, one pair for each column that has them."""
    return tuple(Worlds(max(belief.worlds_before, 0), max(belief.worlds, 0)) for belief in beliefs[:columns])


def _short(number: int) -> str:
    return f"{number:,}" if number < _PLAIN else f"10^{int(log10(number))}"


def _level(number: int, most: int) -> float:
    return (1 + log2(max(number, 1))) / (1 + log2(max(number, most, _LOW)))
