"""A program that terminates again instead of describing: the request that ended the instance is named."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.adapter.ec2_target import Client
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.pytest.judging import Judge, Judging

Ids = tuple[str, str, str]
ZONE = {"AvailabilityZone": "us-east-1a"}


class ShieldsNothing:
    """The model, but a termination that a protected instance blocks ends everything else that it names."""

    def __init__(self, seconds: float) -> None:
        self.clock = VirtualClock()
        self.model = ModelClient(clock=self.clock)
        self.seconds = seconds

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return getattr(self.model, name)

    def terminate_instances(self, **sent: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        """Refuse what a protection blocks, after the first of the instances is ended."""
        try:
            return self.model.terminate_instances(**sent)
        except ClientError:
            self.model.terminate_instances(InstanceIds=sent["InstanceIds"][:1])
            self.clock.sleep(self.seconds)
            raise


class Misstates(ShieldsNothing):
    """The model, but each previous state in a reply to a termination is the current one."""

    def terminate_instances(self, **sent: Any) -> Any:  # noqa: ANN401
        """Answer with the changed states."""
        reply = self.model.terminate_instances(**sent)
        for item in reply["TerminatingInstances"]:
            item["PreviousState"] = item["CurrentState"]
        return reply


class AlwaysShuttingDown(ShieldsNothing):
    """The same, and the current state in a reply is always `shutting-down`, as moto has it."""

    def terminate_instances(self, **sent: Any) -> Any:  # noqa: ANN401
        """Answer with the changed states."""
        reply = super().terminate_instances(**sent)
        for item in reply["TerminatingInstances"]:
            item["CurrentState"] = {"Code": 32, "Name": "shutting-down"}
        return reply


def blocked(target: ShieldsNothing, *, described: bool = True) -> tuple[Judge, Client, Ids]:
    """Launch A, B and a protected P in one zone, and have a termination of A and P refused."""
    judge = Judge(Judging(clock=target.clock))
    ec2 = judge(target)
    reply = ec2.run_instances(ImageId="ami-12c6146b", MinCount=3, MaxCount=3, Placement=ZONE)
    a, b, p = (item["InstanceId"] for item in reply["Instances"])
    if described:
        target.clock.sleep(100)
        ec2.describe_instances(InstanceIds=[a, b, p])
    ec2.modify_instance_attribute(InstanceId=p, DisableApiTermination={"Value": True})
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        ec2.terminate_instances(InstanceIds=[a, p])
    return judge, ec2, (a, b, p)


def named(judge: Judge) -> list[tuple[str, str, str | None]]:
    return [(finding.clause, finding.operation, finding.instance) for finding in judge.findings]


@pytest.mark.parametrize("seconds", [0, 100], ids=["shutting-down", "terminated"])
@pytest.mark.parametrize("together", [False, True], ids=["alone", "with B"])
def test_a_second_termination_that_finds_it_dead_blames_the_first(seconds: float, *, together: bool) -> None:
    judge, ec2, (a, b, _) = blocked(ShieldsNothing(seconds))
    ec2.terminate_instances(InstanceIds=[a, b] if together else [a])
    assert named(judge) == [("TERM-4", "TerminateInstances", a)]
    [finding] = judge.findings
    assert "[" + repr(a) + ", " in finding.scenario_text.splitlines()[3 + finding.step], "the refused call is blamed"
    assert "previous state in a later reply" in finding.observed
    ec2.terminate_instances(InstanceIds=[a])
    ec2.describe_instances(InstanceIds=[a])
    assert len(judge.findings) == 1


def test_so_does_one_of_an_instance_that_nobody_has_seen_running() -> None:
    judge, ec2, (a, _, _) = blocked(ShieldsNothing(0), described=False)
    ec2.terminate_instances(InstanceIds=[a])
    assert named(judge) == [("TERM-4", "TerminateInstances", a)]


def test_a_wrong_current_state_in_the_same_reply_does_not_hide_it() -> None:
    judge, ec2, (a, _, _) = blocked(AlwaysShuttingDown(100), described=False)
    ec2.terminate_instances(InstanceIds=[a])
    assert named(judge) == [("TERM-4", "TerminateInstances", a)]


def test_a_target_that_was_seen_to_misstate_previous_states_is_blamed_for_that() -> None:
    judge, ec2, (a, b, _) = blocked(Misstates(0))
    ec2.terminate_instances(InstanceIds=[b])
    ec2.terminate_instances(InstanceIds=[a])
    assert {clause for clause, _, _ in named(judge)} == {"TERM-10"}


def test_an_item_of_the_same_reply_that_misstates_it_proves_as_much() -> None:
    judge, ec2, (a, b, _) = blocked(Misstates(0))
    ec2.terminate_instances(InstanceIds=[a, b])
    assert {clause for clause, _, _ in named(judge)} == {"TERM-10"}


def test_an_instance_that_no_request_named_was_not_ended_by_one() -> None:
    target = ShieldsNothing(0)
    judge, ec2, (_, b, _) = blocked(target)
    target.model.terminate_instances(InstanceIds=[b])  # by someone who is not watched
    ec2.terminate_instances(InstanceIds=[b])
    assert named(judge) == [("TERM-10", "TerminateInstances", b)]
