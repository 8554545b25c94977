"""Drills and spreads: every exercise and every pair of lots has its turn, and they are what they say."""

from dataclasses import replace
from itertools import combinations, pairwise, product

import pytest
from walk_dice import RICH, dice_of

from ec2_lifecycle.model.requests import Attribute, Operation
from ec2_lifecycle.model.states import InstanceState, VolumeState
from ec2_lifecycle.model.world import Instance, Volume
from ec2_lifecycle.strategies.building.features import Features
from ec2_lifecycle.strategies.scenario.names import ids_used, volumes_used
from ec2_lifecycle.strategies.scenario.steps import (
    BatchStep,
    CreateVolumeStep,
    DescribeAttributeStep,
    ModifyStep,
    Named,
    RunStep,
    SettleStep,
    Step,
)
from ec2_lifecycle.strategies.walking.coverage import Coverage
from ec2_lifecycle.strategies.walking.drill import Drill
from ec2_lifecycle.strategies.walking.drill_patterns import (
    DROP,
    EXERCISES,
    KEEP,
    START,
    STOP,
    TERMINATE,
    About,
    Exercise,
)
from ec2_lifecycle.strategies.walking.instance_ideas import look_after
from ec2_lifecycle.strategies.walking.step_features import variant_of
from ec2_lifecycle.strategies.walking.walk_history import Chronicle
from ec2_lifecycle.strategies.walking.zone_setups import LOTS, SPREAD, Spread

SUBJECT = Instance("A")


def new(coverage: Coverage, seed: int, lacking: frozenset[Operation] = frozenset(), features: Features = RICH) -> Drill:
    return Drill(dice_of(seed), Chronicle(coverage), features, lacking)


def walked(drill: Drill) -> list[Step]:
    while not drill.over:
        drill.chronicle.take(drill.next())
    return drill.chronicle.guide.steps


def all_drills() -> list[Drill]:
    """Return one drill of each exercise, in the order of their turns."""
    coverage = Coverage()
    drills: list[Drill] = []
    for seed in range(len(EXERCISES)):
        drills.append(new(coverage, seed))
        walked(drills[-1])
    return drills


def begun(drill: Drill) -> Drill:
    """Return a drill when what it launched has come to rest."""
    while not drill.chronicle.guide.settled:
        drill.chronicle.take(drill.next())
    return drill


def lose(chronicle: Chronicle, *names: str) -> None:
    """Have a chronicle believe that some things diverged, and that all others are as expected."""
    world = chronicle.guide.world
    chronicle.believe({i: [r] for i, r in world.instances.items()}, {v: [r] for v, r in world.volumes.items()}, names)


def test_every_exercise_has_its_turn_before_one_comes_again() -> None:
    assert {drill.exercise for drill in all_drills()} == set(EXERCISES)
    assert len(set(EXERCISES)) == len(EXERCISES)


def test_what_is_done_is_done_again_and_undone() -> None:
    for drill in all_drills():
        exercise = drill.exercise
        if TERMINATE in exercise.kinds:
            continue  # whether it can be done depends on the protections
        sent = [variant_of(step) for step in drill.chronicle.guide.steps]
        often = max(map(exercise.kinds.count, exercise.kinds))
        for kind in exercise.kinds:
            assert sent.count(kind) >= 2 or exercise.kinds.count(kind) < often, (exercise, kind)


def test_nothing_ends_the_instance_before_the_end() -> None:
    for drill in all_drills():
        again = Chronicle(Coverage())
        steps = drill.chronicle.guide.steps
        ended = [n for n, step in enumerate(steps) if _ends(step, again)]
        assert len(ended) == 1
        assert not any(isinstance(step, DescribeAttributeStep) for step in steps[ended[0] :])


def _ends(step: Step, chronicle: Chronicle) -> bool:
    alive = SUBJECT in chronicle.alive
    chronicle.take(step)
    return alive and SUBJECT not in chronicle.alive


def test_what_is_tried_comes_with_neighbors_and_alone() -> None:
    tried = [
        step.ids
        for drill in all_drills()
        for step in drill.chronicle.guide.steps
        if isinstance(step, BatchStep) and step.operation is Operation.TERMINATE and Named(SUBJECT) in step.ids
    ]
    assert any(ids == (Named(SUBJECT),) for ids in tried)
    assert any(len(set(ids)) > 1 for ids in tried)


def test_volumes_come_to_every_ending() -> None:
    coverage, endings = Coverage(), set[tuple[bool, ...]]()
    drills = [new(coverage, seed) for seed in range(2 * len(EXERCISES))]
    for drill in drills:
        if drill.with_volumes:
            walked(drill)
            world = drill.chronicle.guide.world
            root = next(v for v in world.volumes if world.root(v) and v.startswith(SUBJECT))
            endings.add(tuple(world.volume_state(v) is VolumeState.DELETED for v in (Volume("v1"), root)))
    assert endings == {(False, False), (False, True), (True, False), (True, True)}


@pytest.mark.parametrize(
    "operation", [Operation.STOP, Operation.TERMINATE, Operation.MODIFY, Operation.ATTACH, Operation.CREATE_VOLUME]
)
def test_what_a_target_lacks_is_neither_drilled_nor_tried(operation: Operation) -> None:
    coverage = Coverage()
    for seed in range(len(EXERCISES)):
        drill = new(coverage, seed, frozenset({operation}))
        steps = walked(drill)
        assert operation not in drill.exercise.operations
        assert drill.exercise.about is not About.ATTACHED or operation is not Operation.ATTACH
        assert len(steps) > 10
        assert not [step for step in steps if getattr(step, "operation", None) is operation]


def test_where_no_exercise_can_be_done_the_rest_is() -> None:
    lacking = frozenset({Operation.MODIFY, Operation.STOP, Operation.ATTACH})
    steps = walked(new(Coverage(), 1, lacking))
    assert {step.operation for step in steps if isinstance(step, BatchStep)} >= {Operation.TERMINATE, Operation.REBOOT}


def test_one_zone_is_enough() -> None:
    for seed in range(8):
        steps = walked(new(Coverage(), seed, features=Features(zones=1)))
        assert {step.zone for step in steps if isinstance(step, RunStep)} == {1}


def test_a_drill_ends_when_the_instance_is_lost() -> None:
    drill = begun(new(Coverage(), 1))
    assert not drill.over
    drill.chronicle.take(drill.next())
    lose(drill.chronicle, SUBJECT)
    assert drill.over


def test_what_comes_after_a_look_is_decided_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drill = begun(new(Coverage(), 1))
    monkeypatch.setattr(Chronicle, "is_suspect", property(lambda _chronicle: True))
    assert not drill.over
    drill.chronicle.take(drill.next())
    assert drill.chronicle.guide.settled
    lose(drill.chronicle, SUBJECT)
    assert drill.over


def test_a_look_asks_for_nothing_that_the_target_lacks() -> None:
    step = ModifyStep(Named(SUBJECT), Attribute.DISABLE_API_STOP, value=True)
    assert look_after(step, frozenset()) == DescribeAttributeStep(Named(SUBJECT), Attribute.DISABLE_API_STOP)
    assert look_after(step, frozenset({Operation.DESCRIBE_ATTRIBUTE})) == SettleStep()


def test_a_volume_that_is_lost_is_left_alone() -> None:
    coverage, lost = Coverage(), 0
    for seed in range(len(EXERCISES)):
        drill = new(coverage, seed)
        while not drill.over:
            step = drill.next()
            assert isinstance(step, CreateVolumeStep) or "v1" not in volumes_used(step), drill.exercise
            drill.chronicle.take(step)
            if isinstance(step, CreateVolumeStep):
                lose(drill.chronicle, step.name)
                lost += 1
    assert lost == sum(exercise.with_volumes for exercise in EXERCISES)


def test_a_reboot_of_any_that_does_not_run_is_settled_at_once() -> None:
    seen = 0
    for seed in range(30):
        drill = begun(new(Coverage(), seed))
        world = drill.chronicle.guide.world
        others = {i: replace(r, state=InstanceState.STOPPED) for i, r in world.instances.items() if i != SUBJECT}
        drill.chronicle.guide.world = world.with_records(others)
        lose(drill.chronicle)
        idle = False
        while not drill.over:
            step = drill.next()
            assert not idle or isinstance(step, SettleStep)
            world = drill.chronicle.guide.world
            states = {world.state(Instance(ref.name)) for ref in ids_used(step) if isinstance(ref, Named)}
            earnest = isinstance(step, BatchStep) and step.operation is Operation.REBOOT and step.in_earnest
            idle = earnest and not states <= {InstanceState.RUNNING, InstanceState.TERMINATED}
            seen += idle and InstanceState.RUNNING in states
            drill.chronicle.take(step)
    assert seen


def test_a_termination_that_is_to_be_refused_meets_a_protection_as_a_rule() -> None:
    refused: list[bool] = []
    for seed in range(400):
        drill = new(Coverage(), seed)
        exercise = drill.exercise
        if TERMINATE in exercise.kinds and not exercise.writes(Attribute.DISABLE_API_TERMINATION):
            sent = [variant_of(step) for step in walked(drill)]
            refused.append(sent.count(TERMINATE) > 2)  # two may be the end
    assert len(refused) > 30
    assert len(refused) > sum(refused) > 0.7 * len(refused)


def test_an_exercise_on_the_root_device_changes_that() -> None:
    exercise = next(e for e in EXERCISES if e.about is About.ROOT)
    drill = next(d for seed in range(200) if (d := new(Coverage(), seed)).exercise == exercise)
    changed = {
        step.volume for step in walked(drill) if isinstance(step, ModifyStep) and variant_of(step) in (KEEP, DROP)
    }
    assert "A.root" in changed


def test_settles_of_drills_watch_the_volumes_where_they_are_about_them() -> None:
    for drill in all_drills()[:6]:
        assert drill.watches is drill.with_volumes  # each ends with a settle
        assert isinstance(drill.chronicle.guide.steps[-1], SettleStep)


# Spreads.


def spread(coverage: Coverage, seed: int) -> Chronicle:
    chronicle = Chronicle(coverage)
    for step in Spread(dice_of(seed), chronicle, RICH, frozenset()).steps():
        chronicle.take(step)
    return chronicle


def test_every_pair_of_lots_comes_together() -> None:
    coverage = Coverage()
    for seed in range(120):
        spread(coverage, seed)
    pairs = product(combinations(range(3), 2), product(range(len(LOTS)), repeat=2))
    together = [((n, one), (m, other)) for (n, m), (one, other) in pairs]
    assert all(coverage.times(SPREAD, coverage.key(pair)) for pair in together)


def test_a_lot_is_what_it_says() -> None:
    states: set[tuple[InstanceState, bool, bool]] = set()
    for seed in range(30):
        chronicle = Chronicle(Coverage())
        for step in Spread(dice_of(seed), chronicle, RICH, frozenset()).steps():
            chronicle.take(step)
            batch = step if isinstance(step, BatchStep) else None
            if batch is not None and len(batch.ids) == len(chronicle.guide.world.instances):
                break
        world = chronicle.guide.world
        states |= {
            (r.state, r.disable_api_termination, r.disable_api_stop)
            for r in world.instances.values()
            if r.state in (InstanceState.RUNNING, InstanceState.STOPPED, InstanceState.TERMINATED)
        }
        assert len({r.zone for r in world.instances.values()}) == 3
    assert {(InstanceState.RUNNING, a, b) for a in (False, True) for b in (False, True)} <= states
    assert {(InstanceState.TERMINATED, False, False), (InstanceState.STOPPED, False, False)} <= states


def test_all_are_named_in_reverse_too_where_the_whole_is_refused() -> None:
    reversed_too = 0
    for seed in range(20):
        sent = [step for step in spread(Coverage(), seed).guide.steps if isinstance(step, BatchStep)]
        for one, other in pairwise(sent):
            if one.ids == other.ids[::-1] and one.operation is other.operation and len(one.ids) > 2:
                assert one.operation is not Operation.TERMINATE
                reversed_too += 1
    assert reversed_too > 5


def test_a_spread_leaves_alone_what_was_not_launched() -> None:
    named = 0
    for seed in range(20):
        chronicle = Chronicle(Coverage())
        for step in Spread(dice_of(seed), chronicle, RICH, frozenset()).steps():
            chronicle.take(step)
            if isinstance(step, RunStep) and step.name != "B":
                lose(chronicle, step.name)
            if isinstance(step, BatchStep):
                assert set(step.ids) == {Named("B")}
                named += 1
    assert named > 20


def test_an_exercise_says_what_it_writes() -> None:
    writes = [e for e in EXERCISES if e.writes(Attribute.DISABLE_API_STOP)]
    assert writes
    assert not any(e.with_volumes for e in writes)
    assert not Exercise((STOP, START)).writes(Attribute.DISABLE_API_STOP)
