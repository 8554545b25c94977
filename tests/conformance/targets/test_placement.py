"""What an endpoint launches, and where: found by asking it, or told by the user."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from command_runs import Command
from fake_ec2 import LAUNCH, Client, error, named

from ec2_lifecycle.conformance.adapter.arguments import Image
from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.retries import DEFAULT_RETRY_POLICY, with_retries
from ec2_lifecycle.conformance.targets.discover import ZONES_UNKNOWN, instance_type_of
from ec2_lifecycle.conformance.targets.placement import zones_and_subnets

NONE: dict[str, str] = {}


def subnet(zone: str, name: str, *, default: bool = False) -> dict[str, object]:
    return {"AvailabilityZone": zone, "SubnetId": name, "DefaultForAz": default}


@pytest.mark.parametrize(
    ("zones", "subnets", "expected"),
    [
        pytest.param(("a", "b"), [], (("a", "b"), NONE), id="no subnets at all"),
        pytest.param(("a", "b"), [subnet("a", "s1", default=True)], (("a", "b"), NONE), id="a default subnet"),
        pytest.param(
            ("a", "b"),
            [subnet("a", "s1", default=True), subnet("b", "s2")],
            (("a", "b"), {"b": "s2"}),
            id="one default",
        ),
        pytest.param(
            ("a", "b", "c"), [subnet("c", "s3"), subnet("a", "s1")], (("a", "c"), {"a": "s1", "c": "s3"}), id="none"
        ),
        pytest.param(
            ZONES_UNKNOWN, [subnet("b", "s2"), subnet("a", "s1")], (("a", "b"), {"a": "s1", "b": "s2"}), id="no zones"
        ),
        pytest.param(ZONES_UNKNOWN, [], (ZONES_UNKNOWN, NONE), id="nothing"),
    ],
)
def test_zones_and_the_subnets_to_name_are_found_by_asking(
    zones: tuple[str, ...], subnets: list[object], expected: object
) -> None:
    assert zones_and_subnets(Client({"Subnets": subnets}), zones) == expected


@pytest.mark.parametrize("answer", [error("InvalidAction"), {"Subnets": 3}, {"Subnets": [{"AvailabilityZone": 1}]}])
def test_an_endpoint_that_does_not_tell_its_subnets_is_used_all_the_same(answer: object) -> None:
    assert zones_and_subnets(Client(answer), ("a",)) == (("a",), {})


def test_a_launch_names_the_subnet_where_the_zone_alone_would_not_do() -> None:
    client = Client({})
    target = Ec2Target(client, name="fake", zones=("z-a", "z-b"), image=Image(), subnets={"z-b": "subnet-2"})
    target.perform(LAUNCH, named())
    [(_, sent)] = client.asked
    assert sent["SubnetId"] == "subnet-2"
    assert "Placement" not in sent


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"InstanceTypes": [{"InstanceType": "m5.large"}, {"InstanceType": "t2.micro"}]}, "t2.micro"),
        ({"InstanceTypes": [{"InstanceType": "m5.large"}, {"InstanceType": "c5.large"}]}, "c5.large"),
        ({"InstanceTypes": [{"InstanceType": "m5.large"}], "NextToken": "more"}, "t3.micro"),
        ({"InstanceTypes": []}, "t3.micro"),
        (error("InvalidAction"), "t3.micro"),
    ],
)
def test_the_usual_type_is_launched_unless_only_others_are_offered(answer: object, expected: str) -> None:
    assert instance_type_of(Client(answer)) == expected


# What the user tells.


def test_only_an_endpoint_can_be_told_what_to_launch(command: Command) -> None:
    for words in ("run moto --image-id ami-1", "smoke moto --zones a", "replay . --target moto --instance-type x"):
        ran = command(words)
        assert ran.code == 2
        assert "--image-id, --instance-type and --zones are for endpoint:URL" in ran.err
    assert "--zones is empty; name zones" in command("smoke endpoint:http://127.0.0.1:1 --zones ,").err


# What is asked again.

URL = {"endpoint_url": "http://x"}
NOT_SENT = EndpointConnectionError(**URL)
LOST = (ConnectionClosedError(**URL), ReadTimeoutError(**URL))


def tries(answer: Exception, *, changes_nothing: bool) -> int:
    """Return how often a call is made that always fails so."""
    client: Any = Client(answer)
    slept: list[float] = []
    with pytest.raises(type(answer)):
        with_retries(client.call, slept.append, changes_nothing=changes_nothing)()
    assert len(slept) == len(client.asked) - 1
    assert all(0 <= pause <= DEFAULT_RETRY_POLICY.longest_pause for pause in slept)
    return len(client.asked)


def test_what_was_never_sent_or_was_throttled_is_asked_again_whatever_it_asks_for() -> None:
    for answer in (NOT_SENT, error("RequestLimitExceeded")):
        assert tries(answer, changes_nothing=False) == DEFAULT_RETRY_POLICY.tries


def test_what_may_have_been_done_is_asked_again_only_if_it_changes_nothing() -> None:
    for answer in LOST:
        assert tries(answer, changes_nothing=True) == DEFAULT_RETRY_POLICY.tries
        assert tries(answer, changes_nothing=False) == 1


@pytest.mark.parametrize("answer", [error("InternalError", "oops", 500), error("IncorrectInstanceState"), ValueError()])
def test_an_answer_is_judged_and_not_asked_for_again(answer: ClientError | ValueError) -> None:
    assert tries(answer, changes_nothing=True) == 1


def test_the_second_answer_stands() -> None:
    client: Any = Client(NOT_SENT, {"fine": True})
    assert with_retries(client.call, lambda _: None, changes_nothing=False)() == {"fine": True}


def test_a_zone_that_is_not_named_is_not_there() -> None:
    target = Ec2Target(Client({}), name="fake", zones=("z-b",), image=Image())
    with pytest.raises(Exception, match="lacks a zone 2: it has 1"):
        target.perform(LAUNCH, Names())
