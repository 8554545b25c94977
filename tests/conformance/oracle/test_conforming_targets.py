"""Whatever EC2 may do raises nothing: this is a test of the judge.

Targets that conform, each in its own way, play the whole corpus and generated scenarios.
"""

import json
import os
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

import portalocker
import pytest
from rehearsed import corpus, generated, is_large, judge

from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, FORGETFUL, SLOW, Behaviour, ChoicePolicy
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.targets.model import VARIED, model_target
from ec2_lifecycle.model.choices import CHOICES, Choice
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.files.format import dump_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario

GENERATED: Final = 150
PARTS: Final = 4
"""In so many tests the scenarios of one behaviour are played, so that two workers share them."""

BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "as is hardest on clients": Behaviour(choice_policy=ChoicePolicy.HARDEST),
    "at once": Behaviour(delays=AT_ONCE),
    "as slowly as may be": Behaviour(delays=SLOW),
    "as slowly as may be, and hardest": Behaviour(choice_policy=ChoicePolicy.HARDEST, delays=SLOW),
    "with items in any order, high bytes in codes, and fields that nobody knows": Behaviour(
        permute=True, high_byte=True, extra_fields=True
    ),
    "with launches and starts that fail": Behaviour(failures=0.5),
    "forgetting early": Behaviour(delays=FORGETFUL),
    "as varied as the target model": VARIED,
    **{
        f"at random, {seed}": Behaviour(
            seed=seed, choice_policy=ChoicePolicy.RANDOM, permute=True, high_byte=True, extra_fields=True, failures=0.2
        )
        for seed in (1, 2, 3)
    },
}

ALTERNATIVES: Final = tuple((choice, alternative) for choice in CHOICES for alternative in choice.alternatives[1:])
"""Every alternative of every open point but the preferred ones, which are played together."""


class Noting(dict[str, Enum]):
    """Picks that settle nothing, and remember which open points were met."""

    def __init__(self) -> None:
        super().__init__()
        self.met: set[str] = set()

    def __contains__(self, choice: object) -> bool:
        self.met.add(str(choice))
        return False


def rehearsal() -> tuple[Scenario, ...]:
    """Return what all play: the corpus, but for scenarios with a thousand instances, and generated ones."""
    return (*(s for s in corpus() if not is_large(s)), *generated(GENERATED))


def played(behaviour: Behaviour, scenarios: Iterable[Scenario]) -> list[str]:
    """Play scenarios on one target; return what was blamed, and with which scenario."""
    runner = Runner(model_target(EC2, behaviour), judge())
    found: list[str] = []
    for scenario in scenarios:
        outcome = runner.run(scenario)
        found += [f"{d}\n{dump_scenario(scenario)}" for d in outcome.divergences]
        # A scenario may push an instance whose launch failed: then it ends there.
        if outcome.broken is not None or (outcome.skipped is not None and behaviour.failures == 0):
            found.append(f"{outcome.broken or outcome.skipped}\n{dump_scenario(scenario)}")
    return found


def met() -> list[list[str]]:
    """Return the open points that each scenario meets on a target that settles all of them as preferred."""
    noting = Noting()
    runner = Runner(model_target(EC2, Behaviour(picks=noting)), judge())
    points: list[list[str]] = []
    for scenario in rehearsal():
        noting.met.clear()
        outcome = runner.run(scenario)
        assert not outcome.divergences, f"{outcome.divergences}\n{dump_scenario(scenario)}"
        points.append(sorted(noting.met))
    return points


@pytest.fixture(scope="module", name="points")
def points_met(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Scenario, frozenset[str]]:
    """The open points that each scenario meets; one process finds them out for all that run tests side by side."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the one of the whole run
    found = folder / "open-points.json"
    with portalocker.Lock(folder / "open-points.lock", timeout=600):
        if not found.exists():
            found.write_text(json.dumps(met()), encoding="utf-8")
    lists: list[list[str]] = json.loads(found.read_text(encoding="utf-8"))
    return dict(zip(rehearsal(), map(frozenset, lists), strict=True))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_a_target_that_conforms_raises_nothing(behaviour: Behaviour, part: int) -> None:
    assert played(behaviour, rehearsal()[part::PARTS]) == []


@pytest.mark.parametrize(
    ("choice", "alternative"), ALTERNATIVES, ids=[f"{choice.id}: {a.value}" for choice, a in ALTERNATIVES]
)
def test_no_alternative_of_an_open_point_raises_anything(
    choice: Choice[Enum], alternative: Enum, points: Mapping[Scenario, frozenset[str]]
) -> None:
    # What does not meet the open point plays as where it is settled as preferred: `met` shows that to raise nothing.
    meeting = [scenario for scenario, all_met in points.items() if choice.id in all_met]
    assert meeting, f"no scenario meets {choice.id}"
    assert played(Behaviour(picks={choice.id: alternative}), meeting) == []


@pytest.mark.parametrize("scenario", [s for s in corpus() if is_large(s)], ids=lambda s: s.title)
def test_a_request_for_a_thousand_instances_raises_nothing(scenario: Scenario) -> None:
    assert played(VARIED, [scenario]) == []
