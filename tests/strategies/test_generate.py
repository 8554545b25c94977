"""Generated scenarios: in order, within what a target can do, the same for the same seed, and full of hard cases."""

import random
from collections import Counter
from pathlib import Path
from typing import TypeAlias

import pytest
from digests import printed_by_two_processes
from hypothesis import given, settings
from hypothesis import strategies as st
from rehearsed import drawn

from ec2_lifecycle.model.requests import Attribute, Caller, Operation
from ec2_lifecycle.model.states import InstanceState, RootDevice, VolumeState
from ec2_lifecycle.model.world import Instance, Volume, World
from ec2_lifecycle.strategies.building.dice import Dice
from ec2_lifecycle.strategies.building.guide import Guide
from ec2_lifecycle.strategies.files.format import dump_scenario, read_scenario
from ec2_lifecycle.strategies.generation.scenarios import Features, scenarios
from ec2_lifecycle.strategies.scenario.names import first_problem, ids_used
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import (
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    Gone,
    ModifyStep,
    Named,
    Push,
    PushStep,
    RequestStep,
    RunStep,
    SettleStep,
    Step,
    VolumeSpec,
    WaitStep,
)

EVERYTHING = Features(nobody=True, instance_store=True, pushes=True, zones=3, waits=True)
COUNT = 2000  # rare pairs of operation and state come up in so many, whichever release of Hypothesis draws them


@pytest.fixture(scope="module")
def many() -> list[Scenario]:
    return drawn(EVERYTHING, 2, COUNT)


@pytest.fixture(scope="module")
def few() -> list[Scenario]:
    return drawn(Features(zones=2), 1, 150)


# What every scenario is.


@given(scenarios(EVERYTHING, max_steps=7))
@settings(max_examples=100, database=None, deadline=None)
def test_a_strategy_for_others_makes_scenarios_of_the_length_they_want(scenario: Scenario) -> None:
    assert first_problem(scenario.steps) is None
    assert 1 <= len(scenario.steps) <= 7


def test_every_name_is_made_once_and_before_its_use(many: list[Scenario]) -> None:
    assert [first_problem(scenario.steps) for scenario in many] == [None] * COUNT


def test_every_scenario_can_be_kept_in_a_file(many: list[Scenario]) -> None:
    for scenario in many[:300]:
        assert read_scenario(dump_scenario(scenario), "generated.yaml") == scenario


def test_hardly_a_scenario_comes_twice(many: list[Scenario]) -> None:
    assert len({scenario.steps for scenario in many}) > 0.95 * COUNT


def test_what_a_target_cannot_do_is_not_asked_of_it(few: list[Scenario]) -> None:
    steps = [step for scenario in few for step in scenario.steps]
    assert {step.caller for step in steps if isinstance(step, RequestStep)} == {Caller.OWNER}
    assert {step.root for step in steps if isinstance(step, RunStep)} == {RootDevice.EBS}
    assert {zone for scenario in few for zone in scenario.zones} == {1, 2}
    assert not any(isinstance(step, PushStep | WaitStep) for step in steps)
    assert not any(isinstance(ref, Gone) for step in steps for ref in ids_used(step))


def test_a_single_zone_is_enough() -> None:
    assert {zone for scenario in drawn(Features(zones=1), 1, 50) for zone in scenario.zones} == {1}


def test_what_a_target_can_do_is_asked_of_it(many: list[Scenario]) -> None:
    steps = [step for scenario in many for step in scenario.steps]
    assert {step.caller for step in steps if isinstance(step, RequestStep)} == set(Caller)
    assert {step.root for step in steps if isinstance(step, RunStep)} == set(RootDevice)
    assert {step.push for step in steps if isinstance(step, PushStep)} == set(Push)
    assert {type(step) for step in steps} == {*RequestStep.__args__, SettleStep, WaitStep, PushStep}
    assert any(isinstance(ref, Gone) for step in steps for ref in ids_used(step))


def test_a_title_says_what_is_in_the_scenario(many: list[Scenario]) -> None:
    titles = {scenario.title for scenario in many}
    assert "Terminate: 1 instance in 1 zone" in titles
    assert any(title.endswith("zones; protection") for title in titles)
    assert max(map(len, titles)) < 150


# What the stream of scenarios holds.


Plays: TypeAlias = list[tuple[int, World, Step]]
"""Every step, with the number of its scenario, and the world that the model expects it to meet."""


@pytest.fixture(scope="module")
def plays(many: list[Scenario]) -> Plays:
    met: Plays = []
    for number, scenario in enumerate(many):
        guide = Guide()
        for step in scenario.steps:
            met.append((number, guide.world, step))
            guide.take(step)
    return met


def named(world: World, step: Step) -> tuple[Instance, ...]:
    """Return the instances a step names that exist when it comes."""
    names = (Instance(ref.name) for ref in ids_used(step) if isinstance(ref, Named))
    return tuple(i for i in names if i in world.instances)


def is_protected(world: World, i: Instance) -> bool:
    record = world.record(i)
    dead = record.state in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)
    return (record.disable_api_termination or record.disable_api_stop) and not dead


def test_every_operation_meets_every_state(plays: Plays) -> None:
    met = {
        (step.operation, world.state(i))
        for _, world, step in plays
        if isinstance(step, RequestStep) and step.in_earnest
        for i in named(world, step)
    }
    on_instances = {
        Operation.TERMINATE,
        Operation.STOP,
        Operation.START,
        Operation.REBOOT,
        Operation.MODIFY,
        Operation.DESCRIBE,
        Operation.DESCRIBE_ATTRIBUTE,
    }
    assert met >= {(operation, state) for operation in on_instances for state in InstanceState}


def test_the_hard_cases_come_often(plays: Plays) -> None:
    cases: dict[str, set[int]] = {
        "protected, over several zones": set(),
        "stop-protected": set(),
        "terminated again": set(),
        "stopped": set(),
        "bad id": set(),
        "repeated id": set(),
        "volumes": set(),
    }
    for number, world, step in plays:
        if isinstance(step, CreateVolumeStep | AttachStep) or (isinstance(step, RunStep) and step.volumes):
            cases["volumes"].add(number)
        if not isinstance(step, BatchStep) or step.operation is not Operation.TERMINATE or not step.in_earnest:
            continue
        instances = named(world, step)
        if len(instances) < len(step.ids):
            cases["bad id"].add(number)
            continue
        protected = [i for i in instances if is_protected(world, i)]
        if protected and len({world.zone(i) for i in instances}) > 1:
            cases["protected, over several zones"].add(number)
        if any(world.disable_api_stop(i) and not world.disable_api_termination(i) for i in protected):
            cases["stop-protected"].add(number)
        if any(world.state(i) is InstanceState.TERMINATED for i in instances):
            cases["terminated again"].add(number)
        if any(world.state(i) is InstanceState.STOPPED for i in instances):
            cases["stopped"].add(number)
        if len(set(instances)) < len(instances):
            cases["repeated id"].add(number)
    shares = {case: len(numbers) / COUNT for case, numbers in cases.items()}
    assert shares["protected, over several zones"] > 0.12
    assert shares["terminated again"] > 0.1
    assert min(shares.values()) > 0.04, shares


def test_protection_is_toggled_there_and_back(plays: Plays) -> None:
    toggles: Counter[tuple[Attribute, bool, bool]] = Counter()
    for _, world, step in plays:
        if isinstance(step, ModifyStep) and step.in_earnest and (instances := named(world, step)):
            record = world.record(instances[0])
            if step.attribute is Attribute.DISABLE_API_TERMINATION:
                toggles[step.attribute, record.disable_api_termination, step.value is True] += 1
            if step.attribute is Attribute.DISABLE_API_STOP:
                toggles[step.attribute, record.disable_api_stop, step.value is True] += 1
    assert len(toggles) == 8


# The stream itself.


def test_the_same_seed_makes_the_same_scenarios() -> None:
    assert drawn(Features(), 7, 40) == drawn(Features(), 7, 40)


def test_another_seed_makes_others() -> None:
    assert drawn(Features(), 7, 40) != drawn(Features(), 8, 40)


HASH = """
from hashlib import sha256
from hypothesis import given, seed, settings
from ec2_lifecycle.strategies.files.format import dump_scenario
from ec2_lifecycle.strategies.generation.scenarios import Features, scenarios

digest = sha256()

@seed(5)
@settings(max_examples=200, database=None, deadline=None)
@given(scenarios(Features(True, True, True, 3, True)))
def take(scenario):
    digest.update(dump_scenario(scenario).encode())

take()
print(digest.hexdigest())
"""


def test_the_scenarios_depend_on_the_seed_alone_not_on_the_process(tmp_path: Path) -> None:
    first, second = printed_by_two_processes(HASH, tmp_path)
    assert len(first) == 65
    assert first == second


# The guide.


def test_the_guide_knows_the_documented_example() -> None:
    guide = Guide()
    for name, zone, protected in (("A", 1, None), ("B", 1, None), ("C", 2, True), ("D", 2, None)):
        guide.take(RunStep(name, zone, disable_api_termination=protected))
    assert guide.in_state(InstanceState.PENDING) == ("A", "B", "C", "D")
    guide.take(SettleStep())
    guide.take(BatchStep(Operation.TERMINATE, tuple(map(Named, "ABCD"))))
    assert guide.in_state(InstanceState.SHUTTING_DOWN) == ("A", "B")
    guide.take(SettleStep())
    assert guide.in_state(InstanceState.TERMINATED) == ("A", "B")
    assert guide.in_state(InstanceState.RUNNING) == ("C", "D")
    assert guide.not_refused(Operation.TERMINATE) == ("A", "B", "D")
    assert guide.disputed == {"A", "B", "C", "D"}


def test_the_guide_does_nothing_for_a_dry_run() -> None:
    guide = Guide()
    guide.take(RunStep("A", dry_run=True))
    assert guide.instances == ()
    guide.take(RunStep("A", 1, disable_api_termination=True))
    guide.take(RunStep("B", 2))
    guide.take(SettleStep())
    guide.take(BatchStep(Operation.TERMINATE, (Named("A"), Named("B")), dry_run=True))
    assert guide.in_state(InstanceState.RUNNING) == ("A", "B")


def test_the_guide_forgets_what_a_scenario_calls_gone() -> None:
    guide = Guide()
    guide.take(RunStep("A", count=2))
    guide.take(SettleStep())
    guide.take(BatchStep(Operation.TERMINATE, (Named("A1"),)))
    guide.take(BatchStep(Operation.DESCRIBE, (Gone("A1"),)))
    assert guide.instances == ("A2",)


def test_the_guide_knows_which_volumes_have_been_shown_and_what_becomes_of_them() -> None:
    guide = Guide()
    guide.take(RunStep("A", volumes=(VolumeSpec("kept", delete_on_termination=False),)))
    assert list(guide.shown) == []
    guide.take(SettleStep())
    assert list(guide.shown) == ["A.root", "kept"]
    guide.take(BatchStep(Operation.TERMINATE, (Named("A"),)))
    guide.take(SettleStep())
    assert guide.world.volume_state(Volume("A.root")) is VolumeState.DELETED
    assert guide.world.volume_state(Volume("kept")) is VolumeState.AVAILABLE


# The dice.

DICE = st.randoms(use_true_random=False).map(lambda numbers: Dice(lambda n: numbers.randint(0, n - 1)))


@given(DICE, st.lists(st.integers(), max_size=14))
def test_an_arrangement_has_the_same_items(dice: Dice, items: list[int]) -> None:
    assert Counter(dice.arrange(items)) == Counter(items)


@given(DICE, st.lists(st.integers(), min_size=1, max_size=14, unique=True))
def test_some_items_are_at_least_one_and_in_their_order(dice: Dice, items: list[int]) -> None:
    some = dice.some(items)
    assert some
    assert list(some) == [item for item in items if item in some]


def test_an_option_is_as_likely_as_its_weight_and_never_comes_without_one() -> None:
    numbers = random.Random(1)  # noqa: S311 - that it can be repeated is the point
    dice = Dice(numbers.randrange)
    counts = Counter(dice.weigh(((0, "never"), (30, "seldom"), (90, "often"), (0, "never"))) for _ in range(4000))
    assert set(counts) == {"seldom", "often"}
    assert 850 < counts["seldom"] < 1150
    assert 850 < sum(dice.chance(25) for _ in range(4000)) < 1150
