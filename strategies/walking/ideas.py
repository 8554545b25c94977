"""Candidate steps, and what each is worth."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..scenario.steps import Step
from .coverage import Coverage
from .step_features import Variant

_KNOWN: Final = 0.1
"""The factor for the worth of a step that diverged before."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A candidate step, and what it is worth."""

    worth: float
    make: Callable[[], Step]


def best(ideas: Iterable[Idea]) -> Iterator[Step]:
    """Yield the step that is worth most, or nothing if there is no idea."""
    idea = max(ideas, key=lambda each: each.worth, default=None)
    if idea is not None:
        yield idea.make()


def worth_of(coverage: Coverage, kind: Variant, keys: Collection[int], looks: Sequence[int], *, refused: bool) -> float:
    """Return how new a step is; less if it diverged before for an instance with the same request key."""
    worth = coverage.worth(kind, keys, refused=refused)
    return worth * _KNOWN if coverage.diverges(kind, looks, refused=refused) else worth
