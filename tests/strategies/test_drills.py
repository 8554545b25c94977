"""Drills and zone setups: every drill pattern and every pair of setups is tried, and each does what it says."""

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
    DRILL_PATTERNS,
    DROP,
    KEEP,
    START,
    STOP,
    TERMINATE,
    About,
    DrillPattern,
)
from ec2_lifecycle.strategies.walking.instance_ideas import observing_step
from ec2_lifecycle.strategies.walking.step_features import variant_of
from ec2_lifecycle.strategies.walking.walk_history import WalkHistory
from ec2_lifecycle.strategies.walking.zone_setups import ZONE_PAIRS, ZONE_SETUPS, ZoneSetups

SUBJECT = Instance("A")


def new(
    coverage: Coverage, seed: int, unsupported: frozenset[Operation] = frozenset(), features: Features = RICH
) -> Drill:
    return Drill(dice_of(seed), WalkHistory(coverage), features, unsupported)


def walked(drill: Drill) -> list[Step]:
    while not drill.over:
        drill.history.take(drill.next())
    return drill.history.guide.steps


def all_drills() -> list[Drill]:
    """Return one drill of each pattern, in the order in which they come up."""
    coverage = Coverage()
    drills: list[Drill] = []
    for seed in range(len(DRILL_PATTERNS)):
        drills.append(new(coverage, seed))
        walked(drills[-1])
    return drills


def begun(drill: Drill) -> Drill:
    """Return a drill when what it launched has come to rest."""
    while not drill.history.guide.settled:
        drill.history.take(drill.next())
    return drill


def lose(history: WalkHistory, *names: str) -> None:
    """Have a history learn that some things diverged, and that all others are as expected."""
    world = history.guide.world
    history.adopt_beliefs(
        {i: [r] for i, r in world.instances.items()}, {v: [r] for v, r in world.volumes.items()}, names
    )


def test_every_pattern_comes_up_before_one_repeats() -> None:
    assert {drill.pattern for drill in all_drills()} == set(DRILL_PATTERNS)
    assert len(set(DRILL_PATTERNS)) == len(DRILL_PATTERNS)


def test_what_is_done_is_done_again_and_undone() -> None:
    for drill in all_drills():
        pattern = drill.pattern
        if TERMINATE in pattern.kinds:
            continue  # whether it can be done depends on the protections
        sent = [variant_of(step) for step in drill.history.guide.steps]
        often = max(map(pattern.kinds.count, pattern.kinds))
        for kind in pattern.kinds:
            assert sent.count(kind) >= 2 or pattern.kinds.count(kind) < often, (pattern, kind)


def test_nothing_ends_the_instance_before_the_end() -> None:
    for drill in all_drills():
        again = WalkHistory(Coverage())
        steps = drill.history.guide.steps
        ended = [n for n, step in enumerate(steps) if _ends(step, again)]
        assert len(ended) == 1
        assert not any(isinstance(step, DescribeAttributeStep) for step in steps[ended[0] :])


def _ends(step: Step, history: WalkHistory) -> bool:
    alive = SUBJECT in history.alive
    history.take(step)
    return alive and SUBJECT not in history.alive


def test_what_is_tried_comes_with_neighbors_and_alone() -> None:
    tried = [
        step.ids
        for drill in all_drills()
        for step in drill.history.guide.steps
        if isinstance(step, BatchStep) and step.operation is Operation.TERMINATE and Named(SUBJECT) in step.ids
    ]
    assert any(ids == (Named(SUBJECT),) for ids in tried)
    assert any(len(set(ids)) > 1 for ids in tried)


def test_volumes_come_to_every_ending() -> None:
    coverage, endings = Coverage(), set[tuple[bool, ...]]()
    drills = [new(coverage, seed) for seed in range(2 * len(DRILL_PATTERNS))]
    for drill in drills:
        if drill.with_volumes:
            walked(drill)
            world = drill.history.guide.world
            root = next(v for v in world.volumes if world.root(v) and v.startswith(SUBJECT))
            endings.add(tuple(world.volume_state(v) is VolumeState.DELETED for v in (Volume("v1"), root)))
    assert endings == {(False, False), (False, True), (True, False), (True, True)}


@pytest.mark.parametrize(
    "operation", [Operation.STOP, Operation.TERMINATE, Operation.MODIFY, Operation.ATTACH, Operation.CREATE_VOLUME]
)
def test_what_a_target_lacks_is_neither_drilled_nor_tried(operation: Operation) -> None:
    coverage = Coverage()
    for seed in range(len(DRILL_PATTERNS)):
        drill = new(coverage, seed, frozenset({operation}))
        steps = walked(drill)
        assert operation not in drill.pattern.operations
        assert drill.pattern.about is not About.ATTACHED or operation is not Operation.ATTACH
        assert len(steps) > 10
        assert not [step for step in steps if getattr(step, "operation", None) is operation]


def test_where_no_pattern_can_be_done_the_rest_is() -> None:
    unsupported = frozenset({Operation.MODIFY, Operation.STOP, Operation.ATTACH})
    steps = walked(new(Coverage(), 1, unsupported))
    assert {step.operation for step in steps if isinstance(step, BatchStep)} >= {Operation.TERMINATE, Operation.REBOOT}


def test_one_zone_is_enough() -> None:
    for seed in range(8):
        steps = walked(new(Coverage(), seed, features=Features(zones=1)))
        assert {step.zone for step in steps if isinstance(step, RunStep)} == {1}


def test_a_drill_ends_when_the_instance_is_lost() -> None:
    drill = begun(new(Coverage(), 1))
    assert not drill.over
    drill.history.take(drill.next())
    lose(drill.history, SUBJECT)
    assert drill.over


def test_what_comes_after_a_look_is_decided_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drill = begun(new(Coverage(), 1))
    monkeypatch.setattr(WalkHistory, "may_hide_effect", property(lambda _history: True))
    assert not drill.over
    drill.history.take(drill.next())
    assert drill.history.guide.settled
    lose(drill.history, SUBJECT)
    assert drill.over


def test_a_look_asks_for_nothing_that_the_target_lacks() -> None:
    step = ModifyStep(Named(SUBJECT), Attribute.DISABLE_API_STOP, value=True)
    assert observing_step(step, frozenset()) == DescribeAttributeStep(Named(SUBJECT), Attribute.DISABLE_API_STOP)
    assert observing_step(step, frozenset({Operation.DESCRIBE_ATTRIBUTE})) == SettleStep()


def test_a_volume_that_is_lost_is_left_alone() -> None:
    coverage, lost = Coverage(), 0
    for seed in range(len(DRILL_PATTERNS)):
        drill = new(coverage, seed)
        while not drill.over:
            step = drill.next()
            assert isinstance(step, CreateVolumeStep) or "v1" not in volumes_used(step), drill.pattern
            drill.history.take(step)
            if isinstance(step, CreateVolumeStep):
                lose(drill.history, step.name)
                lost += 1
    assert lost == sum(pattern.with_volumes for pattern in DRILL_PATTERNS)


def test_a_reboot_of_any_that_does_not_run_is_settled_at_once() -> None:
    seen = 0
    for seed in range(30):
        drill = begun(new(Coverage(), seed))
        world = drill.history.guide.world
        others = {i: replace(r, state=InstanceState.STOPPED) for i, r in world.instances.items() if i != SUBJECT}
        drill.history.guide.world = world.with_records(others)
        lose(drill.history)
        idle = False
        while not drill.over:
            step = drill.next()
            assert not idle or isinstance(step, SettleStep)
            world = drill.history.guide.world
            states = {world.state(Instance(ref.name)) for ref in ids_used(step) if isinstance(ref, Named)}
            earnest = isinstance(step, BatchStep) and step.operation is Operation.REBOOT and step.in_earnest
            idle = earnest and not states <= {InstanceState.RUNNING, InstanceState.TERMINATED}
            seen += idle and InstanceState.RUNNING in states
            drill.history.take(step)
    assert seen


def test_a_termination_that_is_to_be_refused_meets_a_protection_as_a_rule() -> None:
    refused: list[bool] = []
    for seed in range(400):
        drill = new(Coverage(), seed)
        pattern = drill.pattern
        if TERMINATE in pattern.kinds and not pattern.writes(Attribute.DISABLE_API_TERMINATION):
            sent = [variant_of(step) for step in walked(drill)]
            refused.append(sent.count(TERMINATE) > 2)  # two may be the end
    assert len(refused) > 30
    assert len(refused) > sum(refused) > 0.7 * len(refused)


def test_a_pattern_about_the_root_device_changes_it() -> None:
    pattern = next(e for e in DRILL_PATTERNS if e.about is About.ROOT)
    drill = next(d for seed in range(200) if (d := new(Coverage(), seed)).pattern == pattern)
    changed = {
        step.volume for step in walked(drill) if isinstance(step, ModifyStep) and variant_of(step) in (KEEP, DROP)
    }
    assert "A.root" in changed


def test_settles_of_drills_watch_the_volumes_where_they_are_about_them() -> None:
    for drill in all_drills()[:6]:
        assert drill.settle_shows_volumes is drill.with_volumes  # each ends with a settle
        assert isinstance(drill.history.guide.steps[-1], SettleStep)


# Zone setups.


def setups(coverage: Coverage, seed: int) -> WalkHistory:
    history = WalkHistory(coverage)
    for step in ZoneSetups(dice_of(seed), history, RICH, frozenset()).steps():
        history.take(step)
    return history


def test_every_pair_of_lots_comes_together() -> None:
    coverage = Coverage()
    for seed in range(120):
        setups(coverage, seed)
    pairs = product(combinations(range(3), 2), product(range(len(ZONE_SETUPS)), repeat=2))
    together = [((n, one), (m, other)) for (n, m), (one, other) in pairs]
    assert all(coverage.times(ZONE_PAIRS, coverage.key(pair)) for pair in together)


def test_a_lot_is_what_it_says() -> None:
    states: set[tuple[InstanceState, bool, bool]] = set()
    for seed in range(30):
        history = WalkHistory(Coverage())
        for step in ZoneSetups(dice_of(seed), history, RICH, frozenset()).steps():
            history.take(step)
            batch = step if isinstance(step, BatchStep) else None
            if batch is not None and len(batch.ids) == len(history.guide.world.instances):
                break
        world = history.guide.world
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
        sent = [step for step in setups(Coverage(), seed).guide.steps if isinstance(step, BatchStep)]
        for one, other in pairwise(sent):
            if one.ids == other.ids[::-1] and one.operation is other.operation and len(one.ids) > 2:
                assert one.operation is not Operation.TERMINATE
                reversed_too += 1
    assert reversed_too > 5


def test_zone_setups_leave_alone_what_was_not_launched() -> None:
    named = 0
    for seed in range(20):
        history = WalkHistory(Coverage())
        for step in ZoneSetups(dice_of(seed), history, RICH, frozenset()).steps():
            history.take(step)
            if isinstance(step, RunStep) and step.name != "B":
                lose(history, step.name)
            if isinstance(step, BatchStep):
                assert set(step.ids) == {Named("B")}
                named += 1
    assert named > 20


def test_a_pattern_says_what_it_writes() -> None:
    writes = [e for e in DRILL_PATTERNS if e.writes(Attribute.DISABLE_API_STOP)]
    assert writes
    assert not any(e.with_volumes for e in writes)
    assert not DrillPattern((STOP, START)).writes(Attribute.DISABLE_API_STOP)
