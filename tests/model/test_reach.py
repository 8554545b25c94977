"""Exhaustive exploration: worlds up to renaming, every way to settle choices, and the shortest paths."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations, product
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from situations import INSTANCES, ZONES, Situation, situations, worlds
from situations import VOLUMES as NAMES_OF_VOLUMES

from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.choices import (
    CLEARED_PROTECTION,
    DEAD_PROTECTED,
    FREE_ZONES,
    NEW_ID,
    STOP_PROTECTION_SCOPE,
    Choices,
)
from ec2_lifecycle.model.outcomes import Move, Rung
from ec2_lifecycle.model.reach.acts import InstanceEvent, Taken, VolumeEvent
from ec2_lifecycle.model.reach.branching import Picked, every_way
from ec2_lifecycle.model.reach.explore import Reached, explore
from ec2_lifecycle.model.reach.forms import ATTACH, CREATE_VOLUME, DATA, DETACH, ROOT, TERMINATE, launch
from ec2_lifecycle.model.reach.moves import ways
from ec2_lifecycle.model.reach.renaming import Renaming
from ec2_lifecycle.model.reach.scope import Scope
from ec2_lifecycle.model.reach.scopes import FATES, PAIRS, VOLUMES
from ec2_lifecycle.model.reach.symmetry import Unnamed, canonical
from ec2_lifecycle.model.requests import Operation, Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.step import execute, permitted_refusals
from ec2_lifecycle.model.world import Instance, World

thoroughly: Final = settings(max_examples=100, database=None, deadline=None)


# Worlds up to renaming.


@st.composite
def other_names(draw: st.DrawFn) -> Renaming:
    """Draw other names for all that is in a world."""
    return Renaming(
        dict(zip(INSTANCES, draw(st.permutations(INSTANCES)), strict=True)),
        dict(zip(NAMES_OF_VOLUMES, draw(st.permutations(NAMES_OF_VOLUMES)), strict=True)),
        dict(zip(ZONES, draw(st.permutations(ZONES)), strict=True)),
    )


@thoroughly
@given(worlds(), other_names())
def test_worlds_that_differ_in_names_only_are_one(world: World, renaming: Renaming) -> None:
    key, names = canonical(world, ZONES)
    other_key, names_again = canonical(renaming.world(world), ZONES)
    assert key == other_key
    one, other = names.world(world), names_again.world(renaming.world(world))
    assert (dict(one.instances), dict(one.volumes)) == (dict(other.instances), dict(other.volumes))


def renamings(world: World) -> Iterator[World]:
    """Yield a world under all names that it can have."""
    for instances in permutations(INSTANCES, len(world.instances)):
        for volumes in permutations(NAMES_OF_VOLUMES):
            for zones in permutations(ZONES):
                yield Renaming(
                    dict(zip(world.instances, instances, strict=True)),
                    dict(zip(NAMES_OF_VOLUMES, volumes, strict=True)),
                    dict(zip(ZONES, zones, strict=True)),
                ).world(world)


@st.composite
def like_worlds(draw: st.DrawFn) -> tuple[World, World]:
    """Draw two worlds with the same records, differently attached and placed: many are one up to renaming."""
    world = draw(worlds())
    holders = st.sampled_from([None, *world.instances])
    zone = st.sampled_from(ZONES)
    instances = {i: replace(record, zone=draw(zone)) for i, record in world.instances.items()}
    [record, *_] = world.volumes.values()
    alike = {v: replace(record, holder=None) for v in NAMES_OF_VOLUMES}

    def attached() -> World:
        return World(instances, {v: replace(one, holder=draw(holders)) for v, one in alike.items()}, world.strangers)

    return attached(), attached()


@settings(max_examples=50, database=None, deadline=None)
@given(like_worlds())
def test_worlds_with_one_key_differ_in_names_only(pair: tuple[World, World]) -> None:
    one, other = pair
    same_key = Unnamed(one, ZONES).key() == Unnamed(other, ZONES).key()
    same_but_for_names = any(
        (dict(renamed.instances), dict(renamed.volumes)) == (dict(other.instances), dict(other.volumes))
        for renamed in renamings(one)
    )
    assert same_key == same_but_for_names


# Choices.

_OPEN: Final = (NEW_ID, CLEARED_PROTECTION, DEAD_PROTECTED, FREE_ZONES, STOP_PROTECTION_SCOPE)


@thoroughly
@given(situations())
def test_every_combination_of_the_open_choices_is_tried(s: Situation) -> None:
    s = replace(s, request=replace(s.request, instances=s.request.instances[:2]))

    def answers(choices: Choices) -> tuple[Rung | None, ...]:
        world = World(s.world.instances, s.world.volumes, s.world.strangers)
        return permitted_refusals(EC2, world, s.request, choices) or (None,)

    ids = frozenset(choice.id for choice in _OPEN)
    tried = list(every_way(answers, ids))
    places = [(c, i) for c in _OPEN for i in (dict.fromkeys(s.request.instances) if c.per_instance else (None,))]
    for alternatives in product(*(choice.alternatives for choice, _ in places)):
        setting = {(choice.id, i): a for (choice, i), a in zip(places, alternatives, strict=True)}
        [found] = [given for picks, given in tried if picks.items() <= setting.items()]
        assert found == answers(Picked(setting))


# Exploring.

TWO_ZONES: Final = Scope(
    "two zones",
    "Two instances in two zones, protected or not, as they are terminated.",
    (launch(), replace(launch(), disable_api_termination=True), TERMINATE),
    instances=2,
    zones=2,
    batches=(0, 1, 2),
    choices=frozenset({FREE_ZONES.id, DEAD_PROTECTED.id}),
    steps=frozenset({StepName.LAUNCH_COMPLETES, StepName.SHUTDOWN_COMPLETES, StepName.FATE_TERMINATES}),
)


def without_symmetry(scope: Scope) -> list[World]:
    """Find every world by every request, also those that differ in names only."""
    worlds = [scope.empty]
    known = {frozenset(scope.empty.instances.items())}
    for world in worlds:
        new = Instance(f"i{len(world.instances) + 1}")
        launches = [
            replace(form, zone=zone, instances=(new,))
            for form in (launch(), replace(launch(), disable_api_termination=True))
            for zone in scope.zone_names
            if len(world.instances) < scope.instances
        ]
        batches = [replace(TERMINATE, instances=named) for n in (0, 1, 2) for named in combinations(world.instances, n)]
        events = [InstanceEvent(name, i) for name in scope.steps for i in world.instances]
        for act in (*launches, *batches, *events):
            for after in (taken.after for way in ways(EC2, scope, world, act) for taken in way.transitions):
                if frozenset(after.instances.items()) not in known:
                    known.add(frozenset(after.instances.items()))
                    worlds.append(after)
    return worlds


def test_symmetry_loses_no_world_and_invents_none() -> None:
    reached = explore(EC2, TWO_ZONES)
    plain = {Unnamed(world, TWO_ZONES.zone_names).key() for world in without_symmetry(TWO_ZONES)}
    keys = [Unnamed(world, TWO_ZONES.zone_names).key() for world in reached.worlds]
    assert len(keys) == len(set(keys))
    assert set(keys) == plain


LENT: Final = replace(
    VOLUMES,
    name="lent",
    requests=(launch(ROOT, DATA), CREATE_VOLUME, ATTACH, DETACH, TERMINATE),
)


@pytest.fixture(scope="module", params=[PAIRS, FATES, LENT], ids=lambda scope: scope.name)
def reached(request: pytest.FixtureRequest) -> Reached:
    """Return what a scope reaches."""
    return explore(EC2, request.param)


def follow(world: World, taken: Taken) -> World:
    """Execute what happened, plainly."""
    match taken.act:
        case InstanceEvent(name, i):
            step = next(step for step in EC2.steps if step.name is name)
            assert step.enabled(world, i)
            return world.with_records({i: step.after(world, i)})
        case VolumeEvent(name, v):
            volume_step = next(step for step in EC2.volume_steps if step.name is name)
            assert volume_step.enabled(world, taken.choices, v)
            return world.with_records(volumes={v: volume_step.after(world, v)})
        case Request() as request:
            permitted = permitted_refusals(EC2, world, request, taken.choices) or (None,)
            assert taken.answer in permitted
            return execute(EC2, world, request, taken.choices, taken.answer).world


def test_a_path_leads_to_its_world_by_plain_execution(reached: Reached) -> None:
    zones = reached.scope.zone_names
    for number in range(0, len(reached.worlds), 7):
        world = reached.scope.empty
        for taken in reached.path(number):
            assert taken.before == world
            world = follow(world, taken)
            assert taken.after == world
        assert Unnamed(world, zones).key() == Unnamed(reached.worlds[number], zones).key()


def test_the_worlds_are_in_the_order_of_their_distance(reached: Reached) -> None:
    distances = [len(reached.path(number)) for number in range(len(reached.worlds))]
    assert distances == sorted(distances)
    assert distances[-1] == reached.depth


def test_instances_and_volumes_on_a_path_have_the_names_of_scenario_files(reached: Reached) -> None:
    last = reached.path(len(reached.worlds) - 1)[-1].after
    assert set(last.instances) <= set(INSTANCES)
    if reached.scope is LENT:
        assert set(last.volumes) == {"A.root", "A./dev/sdf", "V3"}


def has_no_row(*_: object) -> Move:
    """Stand for a rule that looks into a table in vain."""
    raise LookupError("no row")


def test_a_rule_that_raises_an_error_is_reported_with_the_request_and_the_world() -> None:
    rules = replace(EC2.operations[Operation.TERMINATE], instance=has_no_row)
    broken = replace(EC2, operations={**EC2.operations, Operation.TERMINATE: rules})
    with pytest.raises(LookupError) as caught:
        explore(broken, TWO_ZONES)
    [note] = caught.value.__notes__
    assert "'two zones'" in note
    assert "TerminateInstances" in note
