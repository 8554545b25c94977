"""The ways in which the played specification may behave: choices, seeds, and what no client may mind."""

from dataclasses import replace

import pytest
from model_clients import PROMPT, Error, Reply, client_of, launched, outcome, shown, state

from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, DELAYS, Behaviour, ChoicePolicy, DrawnChoices
from ec2_lifecycle.conformance.targets.model import VARIED
from ec2_lifecycle.model.choices import (
    CHOICES,
    STOP_BATCH,
    Scope,
)
from ec2_lifecycle.model.world import Instance


def story(behaviour: Behaviour) -> list[Reply | Error]:
    """Return every answer of a busy account."""
    ec2, clock = client_of(behaviour)
    ids = [launched(ec2, zone, DisableApiStop=zone == 2) for zone in (1, 1, 2, 2, 3)]
    answers: list[Reply | Error] = []
    for _ in range(6):
        for call in (ec2.describe_instances, ec2.stop_instances, ec2.start_instances, ec2.terminate_instances):
            answers.append(outcome(call, InstanceIds=[*ids, "i-0abcdef1234567890"]))
            answers.append(outcome(call, InstanceIds=ids))
            clock.sleep(3)
        answers.append(outcome(ec2.describe_volumes))
    return answers


@pytest.mark.parametrize("behaviour", [Behaviour(), VARIED])
def test_the_same_seed_gives_the_same_answers(behaviour: Behaviour) -> None:
    assert story(behaviour) == story(behaviour)
    assert story(behaviour) != story(replace(behaviour, seed=1))


def test_every_alternative_of_every_choice_is_played() -> None:
    for choice in CHOICES:
        draws = (DrawnChoices(VARIED, VARIED.stream(str(n))) for n in range(100))
        scope = Instance("i") if choice.per_instance else None
        assert {drawn.pick(choice, scope) for drawn in draws} == set(choice.alternatives)


def test_choices_are_settled_once_for_a_request_and_picked_where_picks_say() -> None:
    drawn = DrawnChoices(VARIED, VARIED.stream("here"))
    assert len({drawn.of(STOP_BATCH) for _ in range(50)}) == 1
    picked = replace(VARIED, picks={STOP_BATCH.id: Scope.ZONE})
    assert {DrawnChoices(picked, picked.stream(str(n))).of(STOP_BATCH) for n in range(50)} == {Scope.ZONE}
    for choice_policy, answer in (
        (ChoicePolicy.PREFERRED, STOP_BATCH.preferred),
        (ChoicePolicy.HARDEST, STOP_BATCH.hardest),
    ):
        settled = replace(VARIED, choice_policy=choice_policy)
        assert DrawnChoices(settled, settled.stream("")).of(STOP_BATCH) is answer


def test_items_in_any_order_are_the_same_items() -> None:
    plain, _ = client_of()
    shuffled, _ = client_of(replace(PROMPT, permute=True))
    orders: list[list[int]] = []
    for ec2 in (plain, shuffled):
        ids = [launched(ec2) for _ in range(6)]
        reply = ec2.start_instances(InstanceIds=ids)["StartingInstances"]
        orders.append([ids.index(item["InstanceId"]) for item in reply])
    assert orders[0] == list(range(6))
    assert orders[1] != orders[0]
    assert sorted(orders[1]) == orders[0]


def test_a_high_byte_leaves_the_low_byte_and_the_name() -> None:
    ec2, _ = client_of(replace(PROMPT, high_byte=True))
    instance = launched(ec2)
    code = shown(ec2, instance)["State"]["Code"]
    assert code > 0xFF
    assert code & 0xFF == 16
    (item,) = ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"]
    assert (item["CurrentState"]["Code"] & 0xFF, item["PreviousState"]["Code"] & 0xFF) == (64, 16)


def test_extra_fields_come_beside_the_known_ones() -> None:
    plain, _ = client_of()
    more, _ = client_of(replace(PROMPT, extra_fields=True))
    before, after = (shown(ec2, launched(ec2)) for ec2 in (plain, more))
    assert before.items() <= after.items()
    assert set(after) - set(before) == {"AddedLater", "Operator"}


@pytest.mark.parametrize("seed", range(5))
def test_whatever_steps_take_all_comes_to_the_same_end(seed: int) -> None:
    for delays in (AT_ONCE, DELAYS):
        ec2, clock = client_of(Behaviour(seed=seed, delays=delays))
        instance = launched(ec2)
        seen: list[str] = []
        for call in (ec2.stop_instances, ec2.start_instances, ec2.terminate_instances):
            for _ in range(30):
                clock.sleep(1)
                seen.append(state(ec2, instance))
            call(InstanceIds=[instance])
        clock.sleep(20)
        assert state(ec2, instance) == "terminated"
        path = [name for name, before in zip(seen, [None, *seen], strict=False) if name != before]
        resting = [name for name in path if name not in {"pending", "stopping"}]
        assert resting == ["running", "stopped", "running"]
