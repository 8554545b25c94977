"""Steps that could be taken, and what each is worth."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..scenario.steps import Step
from .coverage import Coverage
from .step_features import Variant

_KNOWN: Final = 0.1
"""How much is left to be learned where it diverged before."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A step that could be taken, and what it is worth."""

    worth: float
    make: Callable[[], Step]


def best(ideas: Iterable[Idea]) -> Iterator[Step]:
    """Yield the step that is worth most, the first of them if several are; none where there is no idea."""
    idea = max(ideas, key=lambda each: each.worth, default=None)
    if idea is not None:
        yield idea.make()


def worth_of(coverage: Coverage, kind: Variant, keys: Collection[int], looks: Sequence[int], *, refused: bool) -> float:
    """Return how much of a step is new; less where it diverged before for what looks the same."""
    worth = coverage.worth(kind, keys, refused=refused)
    return worth * _KNOWN if coverage.diverges(kind, looks, refused=refused) else worth
