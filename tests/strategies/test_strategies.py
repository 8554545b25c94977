"""The published strategies: worlds that can be, requests that can be made of them, and the same for a seed."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

import pytest
from digests import printed_by_two_processes
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from ec2_lifecycle import strategies
from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.choices import PREFERRED
from ec2_lifecycle.model.reach.explore import explore
from ec2_lifecycle.model.reach.scopes import ONE
from ec2_lifecycle.model.requests import (
    AttributeRequest,
    BatchRequest,
    Caller,
    LaunchRequest,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState, RootDevice, VolumeState
from ec2_lifecycle.model.step import permitted_refusals
from ec2_lifecycle.model.theorems.invariants import cannot_stop, holds, stands
from ec2_lifecycle.model.world import Fate, Instance, InstanceRecord, Volume, World, Zone
from ec2_lifecycle.strategies import requests, worlds
from ec2_lifecycle.strategies.generation.reachable_records import HERE, ReachableRecords, without_protection

T = TypeVar("T")

QUICK: Final = settings(max_examples=150, database=None, deadline=None, derandomize=True)


def least(strategy: st.SearchStrategy[T], holds: Callable[[T], bool]) -> T:
    return find(
        strategy,
        holds,
        settings=settings(
            max_examples=3000,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],  # and not `explain`, which traces every line and changes nothing
            suppress_health_check=[HealthCheck.too_slow],
        ),
        random=Random(5),  # noqa: S311 - that it can be repeated is the point
    )


# Worlds.


@given(worlds())
@QUICK
def test_in_a_world_all_that_is_proved_of_worlds_that_can_be_reached_is_so(world: World) -> None:
    assert all(stands(world, i) and cannot_stop(world, i) for i in world.instances)
    assert all(holds(world, v) for v in world.volumes)


def test_a_living_instance_comes_to_just_what_exhaustive_execution_finds_and_a_dead_one_to_no_more() -> None:
    histories = ReachableRecords(EC2)
    drawn = {
        protected
        for record in histories.unprotected()
        if record.root_device is RootDevice.EBS and record.fate is Fate.NONE
        for protected in histories.protected(record)
    }
    reached = {replace(record, zone=HERE) for world in explore(EC2, ONE).worlds for record in world.instances.values()}
    assert drawn <= reached
    assert {record.state for record in reached - drawn} <= {InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED}
    assert {without_protection(record) for record in drawn} == {without_protection(record) for record in reached}


@given(worlds(instances=(2, 3), zones=3, volumes=(1, 2), states=[InstanceState.STOPPED, InstanceState.STOPPING]))
@QUICK
def test_a_world_has_as_much_as_was_asked_for(world: World) -> None:
    assert 2 <= len(world.instances) <= 3
    assert 1 <= len(world.volumes) <= 2
    assert {record.state for record in world.instances.values()} <= {InstanceState.STOPPED, InstanceState.STOPPING}
    assert {record.zone for record in world.instances.values()} <= {"1", "2", "3"}


@pytest.mark.parametrize("state", InstanceState)
def test_an_instance_may_be_in_every_state(state: InstanceState) -> None:
    world = least(worlds(states=[state]), lambda world: len(world.instances) == 1)
    assert [record.state for record in world.instances.values()] == [state]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"instances": (3, 2)}, "instances=(3, 2) is not a range"),
        ({"volumes": (-1, 2)}, "volumes=(-1, 2) is not a range"),
        ({"zones": 0}, "zones=0 leaves no room"),
        ({"states": ()}, "states is empty"),
    ],
)
def test_what_no_world_can_be_like_is_told_at_once(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", r"\(").replace(")", r"\)")):
        worlds(**arguments)


def test_worlds_are_those_of_the_specification_that_was_given() -> None:
    never_runs = replace(EC2, steps=tuple(step for step in EC2.steps if step.name is not StepName.LAUNCH_COMPLETES))

    @given(worlds(spec=never_runs))
    @QUICK
    def nothing_runs(world: World) -> None:
        assert InstanceState.RUNNING not in {record.state for record in world.instances.values()}

    nothing_runs()
    with pytest.raises(ValueError, match="no instance of this specification ever is running; name another state"):
        least(worlds(states=[InstanceState.RUNNING], spec=never_runs), lambda world: bool(world.instances))


# Requests.


@cache
def handmade() -> World:
    """Return the least world with two instances and a volume: found when a test needs it, not by whoever collects."""
    return least(worlds(), lambda world: len(world.instances) == 2 and len(world.volumes) == 1)


@given(worlds().flatmap(lambda world: st.tuples(st.just(world), requests(world))))
@QUICK
def test_a_request_names_what_there_is_or_what_ec2_never_gave_out(drawn: tuple[World, Request]) -> None:
    world, request = drawn
    if isinstance(request, LaunchRequest):
        assert not set(request.instances) & set(world.instances)
        assert not set(request.volume_ids) & set(world.volumes)
    elif request.operation is Operation.CREATE_VOLUME:
        assert not set(request.volume_ids) & set(world.volumes)
    else:
        assert set(request.instances) <= {*world.instances, *world.strangers}
        assert set(request.volume_ids) <= {*world.volumes}
    permitted_refusals(EC2, world, request, PREFERRED)  # whatever is drawn, the rules have an answer


@pytest.mark.parametrize("operation", Operation)
def test_a_request_is_of_an_operation_that_was_asked_for(operation: Operation) -> None:
    assert least(requests(handmade(), [operation]), lambda _: True).operation is operation


ODDITIES: Final[dict[str, Callable[[Request], bool]]] = {
    "a dry run": lambda request: request.dry_run,
    "a caller without permission": lambda request: request.caller is Caller.NOBODY,
    "an id that EC2 never gave out": lambda request: bool(set(request.instances) & set(handmade().strangers)),
    "a repeated id": lambda request: request.distinct < request.count,
    "no id at all": lambda request: isinstance(request, BatchRequest) and not request.instances,
    "a change of a volume": lambda request: isinstance(request, AttributeRequest) and request.volume is not None,
    "a forced stop": lambda request: isinstance(request, BatchRequest) and request.force,
    "an attachment": lambda request: isinstance(request, VolumeRequest) and bool(request.instances),
}


@pytest.mark.parametrize("what", ODDITIES)
def test_whatever_is_odd_about_a_request_comes(what: str) -> None:
    assert ODDITIES[what](least(requests(handmade()), ODDITIES[what]))


def test_where_there_is_nothing_to_name_only_other_operations_are_possible() -> None:
    nothing = World()
    with pytest.raises(ValueError, match="give it an instance or a volume to name"):
        requests(nothing, [Operation.DETACH, Operation.MODIFY])
    assert least(requests(nothing, [Operation.DETACH, Operation.RUN]), lambda _: True).operation is Operation.RUN


# Shrinking.

A: Final = Instance("A")


@cache
def plain(zone: str = "1", state: InstanceState = InstanceState.RUNNING) -> InstanceRecord:
    """Return the least record of a state."""
    world = least(worlds(instances=(1, 1), volumes=(0, 0), states=[state]), lambda _: True)
    return replace(world.record(A), zone=Zone(zone))


WORLDS: Final[dict[str, tuple[Callable[[World], bool], Callable[[], list[InstanceRecord]]]]] = {
    "three instances": (
        lambda world: len(world.instances) > 2,
        lambda: [plain()] * 3,
    ),
    "a protected one, and two zones": (
        lambda world: (
            len({world.zone(i) for i in world.instances}) > 1
            and any(world.disable_api_termination(i) for i in world.instances)
        ),
        lambda: [replace(plain(), disable_api_termination=True), plain("2")],
    ),
    "a cleared protection": (
        lambda world: any(world.termination_settling(i) for i in world.instances),
        lambda: [replace(plain(), termination_settling=True)],
    ),
    "one that is terminated": (
        lambda world: any(world.state(i) is InstanceState.TERMINATED for i in world.instances),
        lambda: [plain(state=InstanceState.TERMINATED)],
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_shrinks_to_what_matters(name: str) -> None:
    matters, expected = WORLDS[name]
    world = least(worlds(), matters)
    assert not world.volumes
    zones = sorted(record.zone for record in world.instances.values())
    assert zones == sorted(record.zone for record in expected())
    records = {replace(record, zone=HERE) for record in world.instances.values()}
    assert records == {replace(record, zone=HERE) for record in expected()}


def test_a_world_with_a_deleted_volume_shrinks_to_the_volume_and_its_instance() -> None:
    world = least(worlds(), lambda world: any(world.volume_state(v) is VolumeState.DELETED for v in world.volumes))
    assert list(world.volumes) == [Volume("v1")]
    assert list(world.instances) == [A]


def test_a_request_shrinks_to_the_plainest_that_does_it() -> None:
    strategy = worlds().flatmap(lambda world: st.tuples(st.just(world), requests(world)))

    def refused(drawn: tuple[World, Request]) -> bool:
        world, request = drawn
        return request.operation is Operation.TERMINATE and any(
            world.disable_api_termination(i) for i in request.instances if i in world.instances
        )

    world, request = least(strategy, refused)
    assert dict(world.instances) == {A: replace(plain(), disable_api_termination=True)}
    assert request == BatchRequest(Operation.TERMINATE, instances=(A,))


# Seeds, and what is loaded.

HASH: Final = """
from hashlib import sha256
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st
from ec2_lifecycle.strategies import Features, dump_scenario, requests, scenarios, worlds

digest = sha256()

@seed(11)
@settings(max_examples=60, database=None, deadline=None, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))
@given(scenarios(Features(True, True, True, 3, True)), st.data())
def draw(scenario, data):
    digest.update(dump_scenario(scenario).encode())
    world = data.draw(worlds())
    digest.update(repr((world, data.draw(requests(world)))).encode())

draw()
print(digest.hexdigest())
"""


def test_what_is_drawn_depends_on_the_seed_alone_not_on_the_process(tmp_path: Path) -> None:
    first, second = printed_by_two_processes(HASH, tmp_path)
    assert len(first) == 65
    assert first == second


def test_whoever_only_reads_scenarios_does_not_load_hypothesis() -> None:
    program = "import sys; from ec2_lifecycle.strategies import load_scenario; print('hypothesis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_every_public_name_can_be_imported_and_no_other() -> None:
    assert all(callable(getattr(strategies, name)) for name in strategies.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'worlds_of_wonder'"):
        getattr(strategies, "worlds_of_wonder")  # noqa: B009 - the type checker knows as well that there is none
