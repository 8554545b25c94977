"""Small random decisions, each from one draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

T = TypeVar("T")

SIDES: Final = 100
"""The range of a draw.

Hypothesis mixes constants from loaded modules into its draws, but none below 100.
So draws depend on the seed alone.
"""


@dataclass(frozen=True, slots=True)
class Dice:
    """Random decisions made with `below(n)`, which returns a number from 0 to n - 1; 0 is the simplest."""

    below: Callable[[int], int]

    def pick(self, items: Sequence[T]) -> T:
        """Return one of at most 100 items, all equally likely."""
        return items[self.below(len(items))]

    def chance(self, percent: int) -> bool:
        """Return True with this probability."""
        return self.below(SIDES) >= SIDES - percent

    def weigh(self, options: Sequence[tuple[int, T]]) -> T:
        """Return one option, with a probability proportional to its weight."""
        left = self.below(SIDES) * sum(weight for weight, _ in options) // SIDES
        for weight, option in options:
            if left < weight:
                return option
            left -= weight
        raise ValueError("there is no option to weigh")

    def some(self, items: Sequence[T]) -> tuple[T, ...]:
        """Return a subset of the items in their order, not empty if there are any."""
        chosen: list[T] = []
        for start in range(0, len(items), 6):
            group = items[start : start + 6]
            mask = 1 + self.below(2 ** len(group) - 1)
            chosen += [item for place, item in enumerate(group) if mask >> place & 1]
        return tuple(chosen)

    def arrange(self, items: Sequence[T]) -> tuple[T, ...]:
        """Return the items shuffled; of up to five items, any three may come first."""
        left = list(items)
        number = self.below(60) if len(left) > 1 else 0
        arranged: list[T] = []
        while left:
            number, place = divmod(number, len(left))
            arranged.append(left.pop(place))
        return tuple(arranged)
