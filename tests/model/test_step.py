"""The lifting of rules to worlds: a request does what the rules say of each instance it names, and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from situations import INSTANCES, Situation, situations

from ec2_lifecycle.model.choices import PREFERRED, Choice, Choices
from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.requests import BatchRequest, Caller, Operation, Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState, Visibility
from ec2_lifecycle.model.step import applies, execute, offenders, permitted_refusals
from ec2_lifecycle.model.world import Instance, InstanceRecord, World, Zone

A = TypeVar("A", bound=Enum)

thoroughly = settings(max_examples=100, database=None, deadline=None)


def fresh(world: World) -> World:
    """Return an equal world in which no rule has been asked before."""
    return World(world.instances, world.volumes, world.strangers)


def answers(s: Situation) -> tuple[Rung | None, ...]:
    """Return every permitted answer: refusals, or success (None)."""
    return permitted_refusals(EC2, fresh(s.world), s.request, s.choices) or (None,)


def carried_out(s: Situation) -> Iterator[Rung | None]:
    """Yield the permitted answers with which something is done."""
    return (rung for rung in answers(s) if rung is None or rung.by_zone)


@thoroughly
@given(situations())
def test_each_named_instance_and_volume_becomes_what_its_rule_says(s: Situation) -> None:
    rules = EC2.operations[s.request.operation]
    for rung in carried_out(s):
        step = execute(EC2, fresh(s.world), s.request, s.choices, rung)
        for i in s.request.instances:
            if rules.created_instance is not None:
                assert step.world.record(i) == rules.created_instance(s.request, i)
            elif rules.instance is not None:
                assert step.world.record(i) == rules.instance(fresh(s.world), s.request, s.choices, i).after
        for v in s.request.volume_ids:
            if rules.created_volume is not None:
                assert step.world.volume_record(v) == rules.created_volume(s.request, v)
            elif rules.volume is not None:
                assert step.world.volume_record(v) == rules.volume(fresh(s.world), s.request, s.choices, v).after


@thoroughly
@given(situations())
def test_whatever_a_request_does_not_name_stays_as_it_is(s: Situation) -> None:
    for rung in answers(s):
        after = execute(EC2, fresh(s.world), s.request, s.choices, rung).world
        named, named_volumes = set(s.request.instances), set(s.request.volume_ids)
        assert set(after.instances) - named == set(s.world.instances) - named
        assert set(after.volumes) - named_volumes == set(s.world.volumes) - named_volumes
        for i in set(s.world.instances) - named:
            assert after.record(i) == s.world.record(i)
        for v in set(s.world.volumes) - named_volumes:
            assert after.volume_record(v) == s.world.volume_record(v)
        assert after.strangers == s.world.strangers


@thoroughly
@given(situations())
def test_a_step_reports_exactly_the_records_of_the_world_after(s: Situation) -> None:
    for rung in answers(s):
        step = execute(EC2, fresh(s.world), s.request, s.choices, rung)
        assert step.world == s.world.with_records(step.instances, step.volumes)
        assert step.refusal is rung


@thoroughly
@given(situations())
def test_a_refusal_that_is_not_by_zone_changes_nothing(s: Situation) -> None:
    for rung in answers(s):
        if rung is not None and not rung.by_zone:
            assert execute(EC2, fresh(s.world), s.request, s.choices, rung).world == s.world


@thoroughly
@given(situations(), st.booleans())
def test_a_dry_run_or_a_caller_without_permission_changes_nothing(s: Situation, dry_run: bool) -> None:  # noqa: FBT001
    request = replace(s.request, dry_run=True) if dry_run else replace(s.request, caller=Caller.NOBODY)
    idle = replace(s, request=request)
    for rung in answers(idle):
        assert rung is not None
        assert execute(EC2, fresh(s.world), request, s.choices, rung).world == s.world


@thoroughly
@given(situations())
def test_naming_an_instance_twice_does_nothing_more(s: Situation) -> None:
    once = replace(s, request=replace(s.request, instances=tuple(dict.fromkeys(s.request.instances))))
    assert answers(once) == answers(s)
    for rung in answers(s):
        after = execute(EC2, fresh(s.world), s.request, s.choices, rung).world
        assert after == execute(EC2, fresh(s.world), once.request, s.choices, rung).world


@dataclass(frozen=True)
class Renamed(Choices):
    """The choices of another world, whose instances have other names here."""

    choices: Choices
    back: Mapping[Instance, Instance]

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return what holds for the instance under its other name."""
        return self.choices.pick(choice, None if instance is None else self.back.get(instance, instance))


def renamed(s: Situation, to: Mapping[Instance, Instance]) -> Situation:
    """Return the same situation with other identities."""
    request: Request = replace(s.request, instances=tuple(to.get(i, i) for i in s.request.instances))
    return Situation(renamed_world(s.world, to), request, Renamed(s.choices, {new: old for old, new in to.items()}))


def renamed_world(world: World, to: Mapping[Instance, Instance]) -> World:
    """Return the same world with other identities."""
    return World(
        {to.get(i, i): record for i, record in world.instances.items()},
        {
            v: record if record.holder is None else replace(record, holder=to.get(record.holder, record.holder))
            for v, record in world.volumes.items()
        },
        world.strangers,
    )


@thoroughly
@given(situations(), st.permutations(INSTANCES))
def test_identities_mean_nothing(s: Situation, names: list[Instance]) -> None:
    to = dict(zip(INSTANCES, names, strict=True))
    other = renamed(s, to)
    assert answers(other) == answers(s)
    for rung in answers(s):
        after = execute(EC2, fresh(s.world), s.request, s.choices, rung).world
        assert execute(EC2, other.world, other.request, other.choices, rung).world == renamed_world(after, to)


@pytest.mark.parametrize("named", ["A", "B"])
def test_of_two_twins_only_the_one_that_is_named_is_terminated(named: str) -> None:
    twin = InstanceRecord(Zone("1"), InstanceState.RUNNING, has_run=True, visibility=Visibility.VISIBLE)
    world = World({Instance("A"): twin, Instance("B"): twin})
    request = BatchRequest(Operation.TERMINATE, instances=(Instance(named),))
    after = execute(EC2, world, request, PREFERRED, None).world
    assert {i for i in after.instances if after.state(i) is InstanceState.SHUTTING_DOWN} == {named}
    assert {i for i in after.instances if after.record(i) == twin} == {"A", "B"} - {named}


@thoroughly
@given(situations())
def test_the_permitted_refusals_are_the_earliest_of_those_that_apply(s: Situation) -> None:
    ladder = EC2.operations[s.request.operation].ladder
    applying = [rung for rung in ladder if applies(rung, fresh(s.world), s.request, s.choices)]
    permitted = permitted_refusals(EC2, fresh(s.world), s.request, s.choices)
    assert set(permitted) <= set(applying)
    assert bool(permitted) == bool(applying)
    for rung in applying:
        earlier = [other for other in applying if other.refusal in rung.after]
        assert (rung in permitted) == (not earlier)
        # The order has no circles: whatever is kept back, something permitted keeps it back in the end.
        assert rung in permitted or any(other in permitted for other in applying if other is not rung)


@thoroughly
@given(situations())
def test_a_rung_applies_for_its_offenders_or_for_the_request_as_a_whole(s: Situation) -> None:
    for rung in EC2.operations[s.request.operation].ladder:
        about = offenders(rung, fresh(s.world), s.request, s.choices)
        whole = rung.holds is not None and rung.holds(fresh(s.world), s.request, s.choices)
        assert applies(rung, fresh(s.world), s.request, s.choices) == (whole or bool(about))
        assert len(set(about)) == len(about)
        assert set(about) <= set(s.request.instances)


@pytest.mark.parametrize("operation", Operation)
def test_the_order_of_each_ladder_has_no_circles(operation: Operation) -> None:
    ladder = EC2.operations[operation].ladder
    earlier = {rung.refusal: set(rung.after) for rung in ladder}
    done: set[object] = set()
    while remaining := [refusal for refusal in earlier if refusal not in done]:
        free = [refusal for refusal in remaining if not (earlier[refusal] & set(remaining))]
        assert free, f"each of {remaining} waits for another"
        done.update(free)
