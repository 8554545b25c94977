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
from ..building.scenario_builder import ScenarioBuilder
from ..scenario.scenario import Scenario
from ..scenario.steps import Step
from ..scenario.titles import title_of
from .shrinking import shrink

__all__ = ["Features", "scenarios"]

MOST_STEPS: Final = 10
"""The default of `max_steps`."""
_FEWEST_STEPS: Final = 3
_SEED: Final = 4
"""How many draws below 100 form the seed of a scenario."""
_NUMBERS: Final = st.randoms(use_true_random=False)
"""The source of draws: each call draws one integer, which Hypothesis shrinks by itself.

A draw from `integers()` would also record a span.
Hypothesis copies spans onto each other, and half of the scenarios would be duplicates.
"""


def scenarios(
    features: Features | None = None, max_steps: int = MOST_STEPS, *, spec: Specification = EC2
) -> st.SearchStrategy[Scenario]:
    """Return a strategy for scenarios with canonical names, guided by the model.

    It knows the expected state of each instance, and combines what is most likely to go wrong.
    A scenario has at most `max_steps` steps, and most have at least three.
    A failing scenario shrinks until no step, id or option can be left out.
    Draws depend on Hypothesis' seed alone.
    """

    @lru_cache(maxsize=32)  # shrinking returns to the same seed often
    def written(seed: str) -> tuple[Step, ...]:
        dice = Dice(Random(seed).randrange)
        longer = range(min(_FEWEST_STEPS, max_steps), max_steps + 1)
        length = dice.weigh(tuple((weight * weight, steps) for weight, steps in enumerate(longer, start=1)))
        return ScenarioBuilder(dice, Guide(spec), features or Features()).build(length)

    return _scenarios(written)


@st.composite
def _scenarios(draw: st.DrawFn, written: Callable[[str], tuple[Step, ...]]) -> Scenario:
    """Build a scenario from a seed, and shrink it by separate draws.

    If Hypothesis drew the choices for each step, it could hardly drop a step, because later choices depend on it.
    """
    numbers = draw(_NUMBERS)

    def below(n: int) -> int:
        return numbers.randint(0, n - 1) if n > 1 else 0

    steps = shrink(below, written(" ".join(str(below(SIDES)) for _ in range(_SEED))))
    return Scenario(title_of(steps), (), steps)
