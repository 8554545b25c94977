"""What a reply says of an id that was sent twice: evidence is silent, so only the first item of it is judged."""

from dataclasses import replace

import pytest
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Changes, Observation, StateSeen
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.requests import Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.files.format import read_scenario

STOPPED = StateSeen(80, "stopped")
STOPPING = StateSeen(64, "stopping")

STEPS = """
title: t
steps:
  - run: {name: A}
  - settle
  - stop: [A]
  - settle
  - start: [A]
  - stop: [A, A]
"""


def one_after_the_other(request: Request, observation: Observation, place: int) -> Observation:
    """Let one item of an id that was sent twice tell of what the other has done, as moto does."""
    if not isinstance(observation, Changes) or len(set(request.instances)) == len(request.instances):
        return observation
    items = [observation.items[0]] * 2
    items[place] = replace(items[place], previous=STOPPED, current=STOPPING)
    return Changes(tuple(items))


@pytest.mark.parametrize(("place", "wrong"), [(1, False), (0, True)])
def test_only_the_first_item_is_judged(monkeypatch: pytest.MonkeyPatch, place: int, wrong: bool) -> None:  # noqa: FBT001
    """A start may fail, so that the instance may be stopped, too: what the second item says must not tell."""
    target = model_target(EC2, Behaviour(delays=AT_ONCE))
    perform = target.perform
    replies: list[Observation] = []

    def answered(_: object, request: Request, names: Names) -> Observation:
        replies.append(one_after_the_other(request, perform(request, names), place))
        return replies[-1]

    monkeypatch.setattr(type(target), "perform", answered)
    found = Runner(target, judge()).run(read_scenario(STEPS, "t.yaml")).divergences
    assert any(isinstance(reply, Changes) and len(reply.items) == 2 for reply in replies)
    assert bool(found) is wrong
