"""Whatever EC2 may do raises nothing: this is a test of the judge.

Targets that conform, each in its own way, play the whole corpus and generated scenarios.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

import pytest
from rehearsed import corpus, generated, is_large, judge

from ec2_lifecycle.conformance.runner import Runner
from ec2_lifecycle.conformance.targets.behaviour import AT_ONCE, DELAYS, Behaviour, Bounds, Manner, StepKind
from ec2_lifecycle.conformance.targets.model import VARIED, model_target
from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.choices import CHOICES, NEW_ID, Choice, NewId
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.format import dump_scenario
from ec2_lifecycle.strategies.scenario import Scenario

GENERATED: Final = 150
PARTS: Final = 4
"""In so many tests the scenarios of one behaviour are played, so that two workers share them."""

SLOW: Final[Mapping[StepKind, Bounds]] = {
    kind: bounds if kind is StepName.FORGOTTEN else (bounds[1], bounds[1]) for kind, bounds in DELAYS.items()
}
"""Everything takes as long as it may."""

FORGETFUL: Final[Mapping[StepKind, Bounds]] = {**DELAYS, StepName.FORGOTTEN: (61, 90)}
"""Terminated instances are forgotten as early as they may be."""

BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "as preferred": Behaviour(),
    "as is hardest on clients": Behaviour(manner=Manner.HARDEST),
    "at once": Behaviour(delays=AT_ONCE),
    "as slowly as may be": Behaviour(delays=SLOW),
    "as slowly as may be, and hardest": Behaviour(manner=Manner.HARDEST, delays=SLOW),
    "at once, and hardest": Behaviour(manner=Manner.HARDEST, delays=AT_ONCE),
    "with items in any order": Behaviour(permute=True),
    "with high bytes in codes": Behaviour(high_byte=True),
    "with fields that nobody knows": Behaviour(extra_fields=True),
    "with launches and starts that fail": Behaviour(failures=0.5),
    "forgetting early": Behaviour(delays=FORGETFUL),
    "as varied as the target model": VARIED,
    **{
        f"at random, {seed}": Behaviour(
            seed=seed, manner=Manner.RANDOM, permute=True, high_byte=True, extra_fields=True, failures=0.2
        )
        for seed in (1, 2, 3)
    },
}


def alternatives() -> Iterator[tuple[Choice[Enum], Enum]]:
    """Yield every alternative of every choice but the preferred ones, which are played together."""
    for choice in CHOICES:
        for alternative in choice.alternatives[1:]:
            yield choice, alternative


def played(behaviour: Behaviour, scenarios: tuple[Scenario, ...]) -> list[str]:
    """Play scenarios on one target; return what was blamed, with the scenario."""
    runner = Runner(model_target(EC2, behaviour), judge())
    found: list[str] = []
    for scenario in scenarios:
        outcome = runner.run(scenario)
        found += [f"{d.clause}: {d}\n{dump_scenario(scenario)}" for d in outcome.divergences]
        if outcome.broken is not None or outcome.skipped is not None:
            found.append(f"{outcome.broken or outcome.skipped}\n{dump_scenario(scenario)}")
    return found


def rehearsal(part: int = 0, parts: int = 1) -> tuple[Scenario, ...]:
    """Return every n-th scenario of the corpus and of the generated ones."""
    return (*(s for s in corpus() if not is_large(s)), *generated(GENERATED))[part::parts]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_a_target_that_conforms_raises_nothing(behaviour: Behaviour, part: int) -> None:
    assert played(behaviour, rehearsal(part, PARTS)) == []


@pytest.mark.parametrize(
    ("choice", "alternative"), alternatives(), ids=[f"{c.id}: {a.value}" for c, a in alternatives()]
)
def test_every_alternative_of_an_open_point_raises_nothing(choice: Choice[Enum], alternative: Enum) -> None:
    about = tuple(hash_free_sample(choice.id))
    assert played(Behaviour(picks={choice.id: alternative}), about) == []
