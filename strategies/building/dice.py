"""Small random decisions, each made by one draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

T = TypeVar("T")

SIDES: Final = 100
"""The most that one draw decides between.

Hypothesis mixes numbers from the modules that it finds loaded into its draws, but none below 100.
So what is drawn depends on the seed alone.
"""


@dataclass(frozen=True, slots=True)
class Dice:
    """Decisions made with `below(n)`, which gives a number from 0 to n - 1; 0 is the simplest."""

    below: Callable[[int], int]

    def pick(self, items: Sequence[T]) -> T:
        """Return one of at most 100 items, each as likely as the next."""
        return items[self.below(len(items))]

    def chance(self, percent: int) -> bool:
        """Return True with this probability."""
        return self.below(SIDES) >= SIDES - percent

    def weigh(self, options: Sequence[tuple[int, T]]) -> T:
        """Return one option, as likely as its weight says; an option of weight 0 never comes."""
        left = self.below(SIDES) * sum(weight for weight, _ in options) // SIDES
        for weight, option in options:
            if left < weight:
                return option
            left -= weight
        raise ValueError("there is no option to weigh")

    def some(self, items: Sequence[T]) -> tuple[T, ...]:
        """Return at least one of the items (if there are any), in their order."""
        chosen: list[T] = []
        for start in range(0, len(items), 6):
            group = items[start : start + 6]
            mask = 1 + self.below(2 ** len(group) - 1)
            chosen += [item for place, item in enumerate(group) if mask >> place & 1]
        return tuple(chosen)

    def arrange(self, items: Sequence[T]) -> tuple[T, ...]:
        """Return the items in some order; of up to five, any three may come to stand in front."""
        left = list(items)
        number = self.below(60) if len(left) > 1 else 0
        arranged: list[T] = []
        while left:
            number, place = divmod(number, len(left))
            arranged.append(left.pop(place))
        return tuple(arranged)
