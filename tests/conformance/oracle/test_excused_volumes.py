"""A wrong reply about a volume leaves open only whether the request was carried out, until the volume is described."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Done, Observation, Refused, Volumes, VolumeSeen
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.conformance.planted_faults.faulty_ec2 import intercepting
from ec2_lifecycle.conformance.planted_faults.replies import Original, Reply
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.requests import ErrorCode, Operation, Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.world import Instance, Volume
from ec2_lifecycle.strategies.files.format import read_scenario

Edit: TypeAlias = Callable[[Request, Observation, Names], Observation]

ACROSS_ZONES = """
title: t
steps:
  - run: {name: A, zone: 1}
  - settle
  - create-volume: {name: v, zone: 2}
  - settle
  - attach: {volume: v, id: A, device: /dev/sdp}
  - describe: [A]
  - settle
  - describe: [A]
"""
DETACHED_IN_VAIN = """
title: t
steps:
  - run: {name: A}
  - create-volume: {name: v}
  - settle
  - detach: {volume: v}
  - attach: {volume: v, id: {malformed: "foo"}, device: /dev/sdp}
  - settle
"""
LEFT_OUT = """
title: t
steps:
  - run: {name: A, volumes: [{name: d, DeleteOnTermination: false}]}
  - create-volume: {name: v}
  - settle
  - delete-volume: v
  - terminate: [A]
  - settle
"""
CHANGED_AT_ONCE = """
title: t
steps:
  - run: {name: A, volumes: [{name: d}]}
  - modify: {id: A, BlockDeviceMappings: {volume: d, DeleteOnTermination: false}, DryRun: true}
"""


class AttachedWithoutBeingListed:
    """Answers that a volume of another zone is attached; from then on only its own description shows it."""

    def __init__(self) -> None:
        self.attached = False

    def __call__(self, request: Request, observation: Observation, _: Names) -> Observation:
        """Edit a reply."""
        if request.operation is Operation.ATTACH:
            self.attached = True
            return Done()
        if self.attached and isinstance(observation, Volumes):
            return Volumes(tuple(map(self.shown, observation.items)))
        return observation

    @staticmethod
    def shown(item: VolumeSeen) -> VolumeSeen:
        """Return a volume as attached."""
        return replace(item, state="in-use", holder=Instance("A"), delete_on_termination=item.volume != Volume("v"))


def crashes_and_calls_malformed_unknown(request: Request, observation: Observation, _: Names) -> Observation:
    """Crash at a detachment, and call a malformed id an unknown one."""
    if request.operation is Operation.DETACH:
        return Refused("InternalFailure", "no attachment", 500, crashed=True)
    if request.operation is Operation.ATTACH and isinstance(observation, Refused):
        return replace(observation, code=ErrorCode.NOT_FOUND.value, message="The instance ID 'foo' does not exist")
    return observation


def leaves_deleted_ones_out(request: Request, observation: Observation, _: Names) -> Observation:
    """List no volume, where EC2 does not know it."""
    is_unknown = isinstance(observation, Refused) and observation.code == ErrorCode.VOLUME_NOT_FOUND.value
    return Volumes(()) if is_unknown and request.operation is Operation.DESCRIBE_VOLUMES else observation


@pytest.mark.parametrize(
    ("steps", "edit", "clauses"),
    [
        (ACROSS_ZONES, AttachedWithoutBeingListed(), {"VOL-12", "VOL-9"}),
        (DETACHED_IN_VAIN, crashes_and_calls_malformed_unknown, {"ERR-4", "ERR-2"}),
        (LEFT_OUT, leaves_deleted_ones_out, {"VOL-10"}),
    ],
)
def test_only_true_clauses_are_blamed(
    monkeypatch: pytest.MonkeyPatch, steps: str, edit: Edit, clauses: set[str]
) -> None:
    target = model_target(EC2, Behaviour(delays=AT_ONCE))
    perform = target.perform

    def edited(_: object, request: Request, names: Names) -> Observation:
        return edit(request, perform(request, names), names)

    monkeypatch.setattr(type(target), "perform", edited)
    outcome = Runner(target, judge()).run(read_scenario(steps, "t.yaml"))
    assert {divergence.clause for divergence in outcome.divergences} == clauses


def carried_out(ec2: Original, sent: Reply) -> Reply:
    """Carry out a dry run, and answer as EC2 does."""
    if sent.get("DryRun"):
        ec2.call(**{**sent, "DryRun": False})
    return ec2.call(**sent)


def test_a_flag_that_a_dry_run_changed_at_once_is_blamed_on_the_dry_run() -> None:
    # The launch may still fail, and then the volume goes. A reply that shows the instance alive rules that out.
    fault = Fault("DRY-1", "a change is carried out", intercepting(lambda: {Operation.MODIFY: carried_out}))
    outcome = Runner(fault.target(), judge()).run(read_scenario(CHANGED_AT_ONCE, "t.yaml"))
    assert {divergence.clause for divergence in outcome.divergences} == {"DRY-1"}
