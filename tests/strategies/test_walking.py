"""Walks: what they cover, that they hear what the target did, and that a seed says all."""

import hashlib
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import count, pairwise

import pytest
from first_divergence import first_divergence
from rehearsed import judge
from walk_dice import RICH, dice_of

from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Observation
from ec2_lifecycle.conformance.execution.walker import Walker
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.requests import Attribute, Operation, Request
from ec2_lifecycle.model.rules.attributes import PROTECTIONS
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState
from ec2_lifecycle.strategies.building.features import Features
from ec2_lifecycle.strategies.files.format import dump_scenario, read_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import (
    BatchStep,
    DescribeAttributeStep,
    ModifyStep,
    Named,
    RequestStep,
    RunAgainStep,
    RunStep,
    SettleStep,
    Step,
)
from ec2_lifecycle.strategies.walking.coverage import Coverage, Mark, News
from ec2_lifecycle.strategies.walking.step_features import variant, variant_of
from ec2_lifecycle.strategies.walking.walk import Walk
from ec2_lifecycle.strategies.walking.walk_factory import make_walk
from ec2_lifecycle.strategies.walking.walk_history import WalkHistory
from ec2_lifecycle.strategies.walking.walk_themes import LENGTHS, Theme, theme_of


def walked(times: int, seed: int = 1, features: Features = RICH, coverage: Coverage | None = None) -> list[Scenario]:
    """Return walks on the model alone, with nobody to say that it goes otherwise."""
    dice = dice_of(seed)
    covered = Coverage() if coverage is None else coverage
    scenarios: list[Scenario] = []
    for number in range(times):
        walk = make_walk(number, dice, WalkHistory(covered), features)
        while not walk.over:
            walk.history.take(walk.next())
        scenarios.append(Scenario(f"walk {number}", (), tuple(walk.history.guide.steps)))
    return scenarios


def steps_of(scenarios: list[Scenario]) -> list[Step]:
    return [step for scenario in scenarios for step in scenario.steps]


def test_a_walk_is_a_scenario_that_can_be_kept_in_a_file() -> None:
    for number, scenario in enumerate(walked(20)):
        theme = theme_of(number, frozenset())
        assert theme is Theme.DRILL or len(scenario.steps) == LENGTHS[theme]
        assert read_scenario(dump_scenario(scenario), "walk.yaml").steps == scenario.steps


def test_walks_meet_more_and_more() -> None:
    coverage = Coverage()
    mark_count = [0]
    for _ in range(3):
        walked(5, seed=len(mark_count), coverage=coverage)
        mark_count.append(coverage.mark_count)
    assert all(before < after for before, after in pairwise(mark_count))
    assert all(coverage.totals[mark.value] for mark in Mark if mark is not Mark.CLAUSES)


def test_batches_mix_zones_protections_states_bad_and_repeated_ids() -> None:
    batches = [step for step in steps_of(walked(60)) if isinstance(step, BatchStep)]
    terminations = [step for step in batches if step.operation is Operation.TERMINATE]
    assert any(len(set(step.ids)) < len(step.ids) for step in batches)
    assert any(
        type(first) is not type(last) for step in batches if step.ids for first, last in [(step.ids[0], step.ids[-1])]
    )
    assert any(len(step.ids) > 2 for step in terminations)
    assert any(len(step.ids) > 50 for step in batches)


def test_a_target_that_can_do_little_is_asked_for_little() -> None:
    poor = Features(zones=1)
    for scenario in walked(20, features=poor):
        assert scenario.zones == (1,)
        assert not scenario.pushes
        assert {caller.value for caller in scenario.callers} == {"owner"}


def test_what_a_target_lacks_is_not_sent() -> None:
    walk = Walk(dice_of(2), WalkHistory(Coverage()), Features(), frozenset({Operation.REBOOT}))
    while not walk.over:
        walk.history.take(walk.next())
    sent = Counter(step.operation for step in walk.history.guide.steps if isinstance(step, BatchStep))
    assert sent[Operation.REBOOT] == 0
    assert sent


def test_no_volume_is_made_where_the_target_cannot() -> None:
    sent: set[Operation] = set()
    for seed in range(5):
        walk = Walk(dice_of(seed), WalkHistory(Coverage()), RICH, frozenset({Operation.CREATE_VOLUME}), Theme.VOLUMES)
        while not walk.over:
            walk.history.take(walk.next())
        sent |= {step.operation for step in walk.history.guide.steps if isinstance(step, RequestStep)}
    assert Operation.CREATE_VOLUME not in sent
    assert Operation.DETACH in sent  # those of launches are there


def test_beside_a_crowd_an_instance_is_protected_at_its_launch_or_later_or_not_for_long() -> None:
    protections: set[tuple[bool, tuple[object, ...]]] = set()
    for seed in range(20):
        walk = Walk(dice_of(seed), WalkHistory(Coverage()), RICH, theme=Theme.MANY_INSTANCES)
        while len(walk.history.guide.steps) < 4:
            walk.history.take(walk.next())
        crowd, one, _, after = walk.history.guide.steps
        assert isinstance(crowd, RunStep)
        assert crowd.count > 50
        assert isinstance(one, RunStep)
        later = (after.value,) if isinstance(after, ModifyStep) and after.id == Named(one.name) else ()
        protections.add((bool(one.disable_api_termination), later))
    assert protections >= {(True, ()), (False, (True,)), (True, (False,)), (False, ())}


@pytest.mark.parametrize(
    ("theme", "unsupported", "looks"),
    [
        (Theme.LONG_HISTORIES, frozenset[Operation](), {Operation.DESCRIBE_VOLUMES}),
        (Theme.LONG_HISTORIES, frozenset({Operation.DESCRIBE_VOLUMES}), set[Operation]()),
        (Theme.MIXED_BATCHES, frozenset[Operation](), set[Operation]()),
    ],
)
def test_the_last_look_is_at_the_volumes_too_where_walks_end_slowly(
    theme: Theme,
    unsupported: frozenset[Operation],
    looks: set[Operation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Operation] = []

    def perform(self: Ec2Target, request: Request, names: Names) -> Observation:
        asked.append(request.operation)
        return plain(self, request, names)

    plain = Ec2Target.perform
    monkeypatch.setattr(Ec2Target, "perform", perform)
    number = next(n for n in count() if theme_of(n, frozenset()) is theme)
    Walker(model_target(), judge(), unsupported=unsupported).play(number, Coverage())
    ended = max(n for n, operation in enumerate(asked) if operation is Operation.TERMINATE)
    assert {Operation.DESCRIBE_VOLUMES} & {*asked[ended:]} == looks
    assert Operation.DESCRIBE_VOLUMES not in asked[:ended]


def test_the_history_adopts_what_was_seen() -> None:
    history = WalkHistory(Coverage())
    history.take(RunStep("A"))
    history.take(SettleStep())
    [i] = history.instances
    stopped = replace(history.guide.world.record(i), state=InstanceState.STOPPED)
    history.adopt_beliefs({i: frozenset({stopped})}, {}, ())
    assert history.guide.world.state(i) is InstanceState.STOPPED


def test_what_is_in_doubt_is_left_alone() -> None:
    history = WalkHistory(Coverage())
    history.take(RunStep("A", count=2))
    first, second = history.instances
    history.adopt_beliefs({i: frozenset({history.guide.world.record(i)}) for i in (first, second)}, {}, [first])
    assert history.instances == (second,)


def test_where_it_diverged_is_known_for_the_same_kind_and_looks_only() -> None:
    coverage = Coverage()
    history = WalkHistory(coverage)
    for step in (RunStep("A"), SettleStep()):
        history.take(step)
    [i] = history.instances
    looks = history.keys(i)[:1]
    history.take(read_scenario("title: t\nsteps: [run: {name: A}, reboot: [A]]", "t").steps[1])
    history.diverged(2, i)
    assert coverage.diverges(variant(Operation.REBOOT), looks, refused=False)
    assert not coverage.diverges(variant(Operation.REBOOT), looks, refused=True)
    assert not coverage.diverges(variant(Operation.STOP), looks, refused=False)


def test_after_a_kind_that_did_something_unseen_everything_is_looked_at() -> None:
    history = WalkHistory(Coverage())
    for step in (RunStep("A"), SettleStep()):
        history.take(step)
    [i] = history.instances
    change = ModifyStep(Named(i), Attribute.DISABLE_API_STOP, value=False)  # as it is: what it looks like stays
    history.take(change)
    history.diverged(2, i)  # in its own reply: so it would show again
    assert not history.may_hide_effect
    walk = Walk(dice_of(1), history, RICH)
    history.take(DescribeAttributeStep(Named(i), Attribute.DISABLE_API_STOP))
    history.diverged(2, i)
    assert not history.may_hide_effect  # by a look
    for _ in iter(walk.next, SettleStep()):  # its launches
        pass
    history.take(change)
    assert history.may_hide_effect
    assert walk.next() == DescribeAttributeStep(Named(i), Attribute.DISABLE_API_STOP)


def test_a_protection_that_a_launch_forgets_is_not_asked_for_again() -> None:
    history = WalkHistory(Coverage())
    protected = RunStep("A", count=2, disable_api_termination=True, disable_api_stop=True)
    assert history.without_forgotten_protections(protected) == protected
    history.launch_forgot(Attribute.DISABLE_API_TERMINATION)
    assert history.without_forgotten_protections(protected) == RunStep("A", count=2, disable_api_stop=True)
    unprotected = RunStep("A", disable_api_termination=False)
    assert history.without_forgotten_protections(unprotected) == unprotected


@pytest.mark.parametrize(
    ("clause", "sentence", "kept"),
    [
        ("RUN-4", "DisableApiTermination is disregarded", {Attribute.DISABLE_API_STOP}),
        ("RUN-4", "DisableApiStop is disregarded", {Attribute.DISABLE_API_TERMINATION}),
        ("RUN-4", "InstanceInitiatedShutdownBehavior is disregarded", set(PROTECTIONS)),
        ("RUN-5", "it answers without StateReason", set(PROTECTIONS)),  # every launch is wrong, none for a protection
    ],
)
def test_a_launch_still_asks_for_what_is_not_forgotten(clause: str, sentence: str, kept: set[Attribute]) -> None:
    walker, coverage = Walker(fault_of(clause, sentence).target(), judge(), seed=1), Coverage()
    for number in range(20):
        walker.play(number, coverage)
    protected = RunStep("A", disable_api_termination=True, disable_api_stop=True)
    launch = WalkHistory(coverage).without_forgotten_protections(protected)
    assert bool(launch.disable_api_termination) is (Attribute.DISABLE_API_TERMINATION in kept)
    assert bool(launch.disable_api_stop) is (Attribute.DISABLE_API_STOP in kept)


def test_lanes_that_tell_each_other_what_they_met_have_the_same_coverage() -> None:
    whole, one, other = Coverage(), Coverage(), Coverage()
    for coverage in (whole, one):
        walked(3, coverage=coverage)
    first = one.news()
    other.learn(first)
    for coverage in (whole, other):
        walked(3, coverage=coverage)
    second = other.news()
    one.learn(second)
    for coverage in (one, other):
        assert (coverage.totals, coverage.mark_count) == (whole.totals, whole.mark_count)
        assert coverage.news() == News()  # nobody is told what came from somebody else
    assert (*first.cells, *second.cells) == whole.news().cells


def test_every_kind_of_step_has_one_variant() -> None:
    for step in steps_of(walked(10)):
        assert variant_of(step) is variant_of(replace(step))
        assert (variant_of(step) is None) is isinstance(step, SettleStep)


def test_walks_on_the_model_raise_nothing() -> None:
    walker = Walker(model_target(seed=3), judge())
    coverage = Coverage()
    for number in range(25):
        outcome = walker.play(number, coverage)
        assert not outcome.divergences, dump_scenario(outcome.scenario)
    assert coverage.totals["clauses"] > 40


def test_a_walk_ends_when_its_calls_are_spent() -> None:
    outcome = Walker(model_target(seed=3), judge()).play(0, Coverage(), most_calls=10)
    assert 10 <= outcome.calls < 25
    assert len(outcome.scenario.steps) < LENGTHS[Theme.LONG_HISTORIES]


def test_no_divergence_is_found_where_there_is_none() -> None:
    assert first_divergence(model_target(seed=1), judge(), 1, 150) is None


SCRIPT = """
import hashlib

from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.conformance.execution.walker import Walker
from ec2_lifecycle.model.rules.attributes import PROTECTIONS
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.files.format import dump_scenario
from ec2_lifecycle.strategies.walking.coverage import Coverage

walker, coverage, digest = Walker(model_target(seed=5), Engine(EC2), seed=7), Coverage(), hashlib.sha256()
for number in range(6):
    digest.update(dump_scenario(walker.play(number, coverage).scenario).encode())
digest.update(repr(sorted(coverage.news().cells)).encode())
print(digest.hexdigest())
"""


@cache
def walked_here() -> str:
    """Return the digest of the walks of `SCRIPT`, taken in this process."""
    walker, coverage, digest = Walker(model_target(seed=5), Engine(EC2), seed=7), Coverage(), hashlib.sha256()
    for number in range(6):
        digest.update(dump_scenario(walker.play(number, coverage).scenario).encode())
    digest.update(repr(sorted(coverage.news().cells)).encode())  # the numbers mean the same in other lanes
    return digest.hexdigest()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_says_all(hash_seed: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.strip() == walked_here()


def test_walks_send_launches_again_with_their_tokens_in_each_way() -> None:
    repeats: Counter[str] = Counter()
    for scenario in walked(66):
        runs = {step.name: step for step in scenario.steps if isinstance(step, RunStep) and step.in_earnest}
        for step in scenario.steps:
            if isinstance(step, RunAgainStep):
                run = runs[step.name]
                assert run.token, "only a launch with a token can be sent again"
                repeats["elsewhere" if step.is_elsewhere(run) else "changed" if step.changes(run) else "same"] += 1
    assert repeats.keys() == {"elsewhere", "changed", "same"}


@pytest.mark.parametrize("clause", ["TOKEN-1", "TOKEN-2", "TOKEN-3", "TOKEN-4"])
def test_a_walk_alone_meets_the_clauses_about_client_tokens(clause: str) -> None:
    coverage = Coverage()
    walker = Walker(model_target(), Engine(EC2), seed=1)
    for number in range(44):
        walker.play(number, coverage)
        if clause in coverage.marks[Mark.CLAUSES]:
            return
    pytest.fail(f"no walk met {clause}")
