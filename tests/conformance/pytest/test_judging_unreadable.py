"""A user's own boto3 client, judged over the wire, with replies of which a part cannot be read."""

from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from edited_replies import EVERY, edited, errors_as_successes, successes_as_errors
from strange_servers import Asked, Change, strange_server

from ec2_lifecycle.conformance.adapter.sessions import isolated_session
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply
from ec2_lifecycle.conformance.pytest.judging import Judge

PROTECTION = "DescribeInstanceAttribute: DisableApiTermination.Value cannot be read"


def titles(change: Change) -> list[str]:
    """Return what is found where a client launches, asks for, clears and uses the protection of an instance."""
    with strange_server(change) as url:
        session: Any = isolated_session()
        client = session.client("ec2", endpoint_url=url)
        judge = Judge()
        ec2 = judge(client)
        zone = {"AvailabilityZone": "us-east-1a"}
        reply = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, Placement=zone, DisableApiTermination=True)
        [i] = [item["InstanceId"] for item in reply["Instances"]]
        for call in (
            lambda: ec2.describe_instance_attribute(InstanceId=i, Attribute="disableApiTermination"),
            lambda: ec2.terminate_instances(InstanceIds=[i]),
            lambda: ec2.modify_instance_attribute(InstanceId=i, DisableApiTermination={"Value": False}),
            lambda: ec2.describe_instance_attribute(InstanceId=i, Attribute="disableApiTermination"),
            lambda: ec2.describe_instances(InstanceIds=[i]),
            lambda: ec2.reboot_instances(InstanceIds=[i]),
            lambda: ec2.terminate_instances(InstanceIds=[i]),
            ec2.describe_instances,
        ):
            with suppress(ClientError, ValueError):
                call()
        judge.close()
        client.close()
    return [finding.title for finding in judge.findings]


@pytest.mark.parametrize("value", ["", "<Value>true</Value>", "<value/>", "<value>True</value>", "<value>1</value>"])
def test_a_value_that_cannot_be_read_is_one_finding_about_it(value: str) -> None:
    assert titles(edited("DescribeInstanceAttribute", "<value>[a-z]*</value>", value)) == [PROTECTION]


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (
            edited("TerminateInstances", r"(<currentState><code>)\d+", r"\1abc"),  # botocore fails on it
            "TerminateInstances: InstanceStateChange.CurrentState.Code cannot be read",
        ),
        (
            edited("DescribeInstances", r"(<instanceState><code>)\d+", r"\1abc"),
            "DescribeInstances: Instance.State.Code cannot be read",
        ),
        (edited("RebootInstances", ">true<", ">maybe<"), "RebootInstances: Return cannot be read"),
        (
            edited("DescribeInstances", "<rootDeviceType>ebs<", "<rootDeviceType>EBS<"),
            "DescribeInstances: Instance.RootDeviceType cannot be read",
        ),
    ],
)
def test_a_part_that_cannot_be_read_is_one_finding_about_its_place(change: Change, title: str) -> None:
    assert titles(change) == [title]


INSTANCES = "DescribeInstances"
SILENT: list[tuple[Change, str]] = [
    *(
        (edited(INSTANCES, "(?s)^.*$", body), f"{INSTANCES}: the reply")
        for body in ("", "{}", "<html><p>x</p></html>", "<html>", "<DescribeInstancesResponse>")
    ),
    (edited(INSTANCES, "reservationSet", "reservationsSet"), f"{INSTANCES}: Reservations"),
    (
        edited(INSTANCES, "<instanceState>.*?</instanceState>", "<instanceState>on</instanceState>"),
        f"{INSTANCES}: Instance.State",
    ),
    (
        edited(INSTANCES, "<placement>.*?</placement>", "<placement>here</placement>"),
        f"{INSTANCES}: Instance.Placement",
    ),
    (edited(INSTANCES, "<placement>.*?</placement>", ""), f"{INSTANCES}: Instance.Placement.AvailabilityZone"),
    (edited(INSTANCES, "<launchTime>[^<]*<", "<launchTime>yesterday<"), f"{INSTANCES}: Instance.LaunchTime"),
    (
        edited(INSTANCES, "<status>attached<", "<status>Attached<"),
        f"{INSTANCES}: Instance.BlockDeviceMappings.Ebs.Status",
    ),
    (edited("RunInstances", "<rootDeviceType>ebs<", "<rootDeviceType>disk<"), "RunInstances: Instance.RootDeviceType"),
    (edited("RunInstances", "<rootDeviceType>ebs</rootDeviceType>", ""), "RunInstances: Instance.RootDeviceType"),
    (edited("RunInstances", "<instanceState>.*?</instanceState>", ""), "RunInstances: Instance.State"),
    (edited("RunInstances", "<instanceId>[^<]*<", "<instanceId><"), "RunInstances: Instance.InstanceId"),
    (edited("CreateVolume", "<volumeId>[^<]*</volumeId>", ""), "CreateVolume: Volume.VolumeId"),
    (edited("CreateVolume", "<volumeId>[^<]*<", "<volumeId><"), "CreateVolume: Volume.VolumeId"),
    (edited("DescribeVolumes", "volumeSet", "volumesSet"), "DescribeVolumes: Volumes"),
    (edited("DescribeVolumes", "(?s)^.*$", "{}"), "DescribeVolumes: the reply"),
    (edited("AttachVolume", "<status>[^<]*</status>", ""), "AttachVolume: VolumeAttachment.State"),
    (edited("DetachVolume", "<status>[^<]*<", "<status>gone<"), "DetachVolume: VolumeAttachment.State"),
]


@pytest.mark.parametrize("token", [{}, {"ClientToken": "t"}])
@pytest.mark.parametrize(("change", "place"), SILENT)
def test_no_reply_that_cannot_be_read_is_silently_left_out(change: Change, place: str, token: dict[str, str]) -> None:
    with strange_server(change) as url:
        session: Any = isolated_session()
        client = session.client("ec2", endpoint_url=url)
        judge = Judge()
        ec2 = judge(client)

        def call(method: str, **sent: object) -> dict[str, Any]:
            with suppress(ClientError, ResponseParserError, ValueError):
                return getattr(ec2, method)(**sent)
            return {}

        zone = {"AvailabilityZone": "us-east-1a"}
        launched = call("run_instances", ImageId="ami-1", MinCount=1, MaxCount=1, Placement=zone, **token)
        i = next((item.get("InstanceId") for item in launched.get("Instances", ())), None) or "i-0123456789abcdef0"
        call("describe_instances", InstanceIds=[i])
        call("describe_instances")
        v = call("create_volume", **zone, Size=1).get("VolumeId") or "vol-0123456789abcdef0"
        call("describe_volumes", VolumeIds=[v])
        call("describe_volumes")
        call("attach_volume", InstanceId=i, VolumeId=v, Device="/dev/sdf")
        call("detach_volume", VolumeId=v)
        judge.close()
        client.close()
    assert [finding.title for finding in judge.findings] == [f"{place} cannot be read"]


def test_a_refusal_whose_code_cannot_be_read_is_one_finding_about_it() -> None:
    def change(_: Asked, reply: HttpReply) -> HttpReply:
        return HttpReply(reply.status, reply.headers, reply.body.replace(b"<Code>OperationNotPermitted</Code>", b""))

    assert titles(change) == ["TerminateInstances: Error.Code cannot be read"]


def test_an_error_with_the_status_of_a_success_is_one_finding() -> None:
    assert titles(errors_as_successes) == ["Error replies have the HTTP status 200 of a success"]


def test_a_success_with_the_status_of_an_error_is_a_refusal() -> None:
    [title] = titles(successes_as_errors("RebootInstances"))
    assert title.startswith("RebootInstances")


def test_nothing_is_found_in_the_replies_of_the_model() -> None:
    assert not titles(edited(EVERY, "(?!)", ""))
