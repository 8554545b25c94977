"""Scenarios as a Hypothesis strategy, for `@given(scenarios())`, and as a campaign's stream from a seed."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, cast

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from ..model.specification import EC2, Specification
from .author import Author
from .dice import Dice
from .features import Features
from .guide import Guide
from .scenario import Scenario
from .titles import title_of

__all__ = ["Features", "StopGenerating", "drive", "scenarios"]

MOST_STEPS: Final = 10
"""How long a scenario is at most, unless someone says otherwise."""
_FEWEST_STEPS: Final = 3
STRETCH: Final = 1000
"""Scenarios that Hypothesis makes at a stretch: it remembers every draw, so that an endless stream needs an end."""
_HEALTH_CHECKS: Final = cast("list[HealthCheck]", list(HealthCheck))
_NUMBERS: Final = st.randoms(use_true_random=False)


class StopGenerating(BaseException):
    """Raised by what is called with a scenario, so that no more come; Hypothesis lets it pass, as no `Exception`."""


def scenarios(
    features: Features | None = None, max_steps: int = MOST_STEPS, *, spec: Specification = EC2
) -> st.SearchStrategy[Scenario]:
    """Return a strategy for scenarios whose names are in order, guided by the model.

    It knows what state each instance should be in, and puts together what is most likely to go wrong.
    """
    return _scenarios(features or Features(), max_steps, spec)


@st.composite
def _scenarios(draw: st.DrawFn, features: Features, max_steps: int, spec: Specification) -> Scenario:
    numbers = draw(_NUMBERS)
    dice = Dice(lambda n: numbers.randint(0, n - 1) if n > 1 else 0)
    longer = range(min(_FEWEST_STEPS, max_steps), max_steps + 1)
    length = dice.weigh(tuple((weight * weight, steps) for weight, steps in enumerate(longer, start=1)))
    steps = Author(dice, Guide(spec), features).write(length)
    return Scenario(title_of(steps), (), steps)


def drive(features: Features, seed: int, count: int, run: Callable[[Scenario], None]) -> None:
    """Call `run` with `count` scenarios, the same ones for the same features and seed.

    `run` may raise `StopGenerating` to have no more; any other exception comes out as it is.
    """
    made = 0
    while made < count:
        size = min(STRETCH, count - made)
        if not _drive(features, f"{seed} {made}", size, run):
            return
        made += size


def _drive(features: Features, seed: str, count: int, run: Callable[[Scenario], None]) -> bool:
    """Drive one stretch; return whether more may follow."""
    raised: list[BaseException] = []

    @seeded(seed)
    @settings(
        database=None,
        phases=[Phase.generate],
        max_examples=count,
        deadline=None,
        suppress_health_check=_HEALTH_CHECKS,
        derandomize=False,
    )
    @given(scenarios(features))
    def play(scenario: Scenario) -> None:
        try:
            run(scenario)
        except BaseException as problem:  # noqa: BLE001 - raised again below: Hypothesis would play the scenario twice
            raised.append(problem)
            raise StopGenerating from None

    with suppress(StopGenerating):
        play()
    if raised and not isinstance(raised[0], StopGenerating):
        raise raised[0]
    return not raised
