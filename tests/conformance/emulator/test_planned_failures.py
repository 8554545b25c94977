"""What goes wrong on purpose in the double: what the client gets, and whether the request is carried out."""

import re
from typing import Any, Final, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from double_clients import REGION, client, launched

from ec2_lifecycle.conformance.adapter.ec2_target import Client
from ec2_lifecycle.conformance.emulator.double import ec2_double
from ec2_lifecycle.conformance.emulator.planned_failures import FailureName

ONCE: Final = Config(retries={"total_max_attempts": 1})


def eager() -> Client:
    """A client that sends nothing twice."""
    make: Any = boto3.client
    return make("ec2", region_name=REGION, config=ONCE)


def state_of(instance: str) -> str:
    [reservation] = client().describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


@pytest.mark.parametrize(
    ("failure", "code", "carried_out"),
    [
        ("throttled", "RequestLimitExceeded", False),
        ("error-before", "InternalError", False),
        ("error-after", "InternalError", True),
    ],
)
def test_a_refusal_that_says_nothing(failure: FailureName, code: str, carried_out: bool) -> None:  # noqa: FBT001
    with ec2_double() as double:
        made = launched(client())
        double.fail_next("TerminateInstances", failure)
        with pytest.raises(ClientError, match=code):
            eager().terminate_instances(InstanceIds=[made])
        assert (state_of(made) == "terminated") is carried_out
        eager().terminate_instances(InstanceIds=[made])  # the next one is as usual


@pytest.mark.parametrize(
    ("failure", "error", "carried_out"),
    [("lost-request", ConnectionClosedError, False), ("lost-reply", ReadTimeoutError, True)],
)
def test_a_lost_connection(failure: FailureName, error: type[Exception], carried_out: bool) -> None:  # noqa: FBT001
    with ec2_double() as double:
        made = launched(client())
        double.fail_next("StopInstances", failure)
        with pytest.raises(error):
            eager().stop_instances(InstanceIds=[made])
        assert (state_of(made) == "stopped") is carried_out


def test_boto3_repeats_a_request_by_itself_and_only_this_operation_fails() -> None:
    with ec2_double() as double:
        double.fail_next("TerminateInstances", "throttled", times=2)
        made = launched(client())
        client().terminate_instances(InstanceIds=[made])
        assert state_of(made) == "terminated"


def test_capacity_is_missing_for_one_launch() -> None:
    with ec2_double() as double:
        double.fail_next("RunInstances", "no-capacity")
        with pytest.raises(ClientError, match="InsufficientInstanceCapacity"):
            launched(eager())
        assert client().describe_instances()["Reservations"] == []
        assert launched(eager())


def test_a_slow_reply_takes_its_time_on_the_clock_of_the_model() -> None:
    with ec2_double(clock="stands", slow=30, delays="10") as double:
        made = launched(client())
        double.fail_next("DescribeInstances", "slow-reply")
        assert state_of(made) == "pending"  # what it was when EC2 answered
        assert double.clock.now() == 30.0
        assert state_of(made) == "running"


def test_a_share_of_the_requests_fails_by_a_setting_and_a_seed_decides_which() -> None:
    def failed(seed: int) -> list[str]:
        with ec2_double(fail={"throttled": 0.2, "lost-reply": 0.1}, seed=seed) as double:
            for _ in range(100):
                try:
                    eager().describe_instances()
                except (ClientError, ReadTimeoutError):
                    continue
            return [call.failure.name if call.failure else "" for call in double.calls]

    first = failed(1)
    assert first == failed(1) != failed(2)
    assert 8 <= first.count("throttled") <= 35
    assert 2 <= first.count("lost-reply") <= 22


def test_only_what_needs_capacity_can_lack_it() -> None:
    with ec2_double(fail={"no-capacity": 1.0}):
        with pytest.raises(ClientError, match="InsufficientInstanceCapacity"):
            launched(eager())
        assert eager().describe_instances()["Reservations"] == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"fail": {"throtled": 0.1}}, 'There is no failure "throtled"; write throttled.'),
        ({"fail": {"throttled": 1.5}}, "The share of throttled is 1.5; write one from 0 to 1."),
        ({"fail": {"throttled": "a"}}, "The share of throttled is 'a'; give one of type int or float."),
        ({"fail": {"throttled": 0.7, "lost-reply": 0.7}}, "The shares in fail make 1.4 in all; write shares of at"),
        ({"read_lag": -1}, "read_lag is -1; write a number of seconds from 0."),
        ({"slow": float("inf")}, "slow is inf; write a number of seconds from 0."),
    ],
)
def test_a_wrong_setting_is_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        ec2_double(**settings)


@pytest.mark.parametrize(
    ("operation", "failure", "times", "sentence"),
    [
        ("TerminateInstances", cast("FailureName", "throttle"), 1, 'There is no failure "throttle"; write throttled.'),
        ("terminate_instances", "throttled", 1, 'EC2 has no operation "terminate_instances"; write TerminateInst'),
        ("StopInstances", "no-capacity", 1, "StopInstances needs no capacity; only RunInstances and StartInstanc"),
        ("StopInstances", "throttled", 0, "StopInstances cannot fail 0 times; write a number from 1."),
    ],
)
def test_what_there_is_not_is_one_sentence(operation: str, failure: FailureName, times: int, sentence: str) -> None:
    with ec2_double() as double, pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        double.fail_next(operation, failure, times=times)
