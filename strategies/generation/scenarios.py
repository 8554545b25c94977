"""Scenarios as a Hypothesis strategy, for `@given(scenarios())`."""

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Final

from hypothesis import strategies as st

from ...model.specification import EC2, Specification
from ..building.dice import SIDES, Dice
from ..building.features import Features
from ..building.guide import Guide
from ..building.scenario_builder import Author
from ..scenario.scenario import Scenario
from ..scenario.steps import Step
from ..scenario.titles import title_of
from .shrinking import simpler

__all__ = ["Features", "scenarios"]

MOST_STEPS: Final = 10
"""How long a scenario is at most, unless someone says otherwise."""
_FEWEST_STEPS: Final = 3
_SEED: Final = 4
"""How many numbers, each below 100, a scenario is made from."""
_NUMBERS: Final = st.randoms(use_true_random=False)
"""Where numbers come from: each call draws one integer, which Hypothesis makes smaller by itself.

A draw from `integers()` would mark its place as well.
Hypothesis copies what it finds at such places onto each other, and half the scenarios would come twice.
"""


def scenarios(
    features: Features | None = None, max_steps: int = MOST_STEPS, *, spec: Specification = EC2
) -> st.SearchStrategy[Scenario]:
    """Return a strategy for scenarios whose names are in order, guided by the model.

    It knows what state each instance should be in, and puts together what is most likely to go wrong.
    A scenario has at most `max_steps` steps, and most have at least three.
    A failing one shrinks until no step, no id of a request, and nothing that is said of one can be left out.
    What is drawn depends on Hypothesis' seed alone.
    """

    @lru_cache(maxsize=32)  # shrinking comes back to one seed again and again
    def written(seed: str) -> tuple[Step, ...]:
        dice = Dice(Random(seed).randrange)
        longer = range(min(_FEWEST_STEPS, max_steps), max_steps + 1)
        length = dice.weigh(tuple((weight * weight, steps) for weight, steps in enumerate(longer, start=1)))
        return Author(dice, Guide(spec), features or Features()).write(length)

    return _scenarios(written)


@st.composite
def _scenarios(draw: st.DrawFn, written: Callable[[str], tuple[Step, ...]]) -> Scenario:
    """Write a scenario from a seed of its own, and make it simpler by numbers that are drawn one by one.

    Were what is chosen for each step drawn so too, a step could hardly go: what follows was chosen because of it.
    """
    numbers = draw(_NUMBERS)

    def below(n: int) -> int:
        return numbers.randint(0, n - 1) if n > 1 else 0

    steps = simpler(below, written(" ".join(str(below(SIDES)) for _ in range(_SEED))))
    return Scenario(title_of(steps), (), steps)
