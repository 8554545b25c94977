"""The served model in front of MiniStack: a tour of the lifecycle, with the network that MiniStack has."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from real_emulators.programs import EMULATORS, running

from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.options import settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

MINISTACK: Final = next(each for each in EMULATORS if each.name == "ministack")


@pytest.fixture
def ec2(tmp_path: Path) -> Iterator["EC2Client"]:
    """A client of the model in front of MiniStack."""
    with running(MINISTACK, tmp_path) as behind:
        model = ServedModel(settings_of(beyond=f"endpoint:{behind.url}"))
        with serve_in_thread(model) as url:
            yield boto3.client(
                "ec2",
                endpoint_url=url,
                region_name="us-east-1",
                aws_access_key_id="OWNER",
                aws_secret_access_key="none",  # noqa: S106 - any do
                config=Config(retries={"total_max_attempts": 1}),
            )
        model.endpoint.cloud.leave()


def launch(ec2: "EC2Client", subnet: str, *, protected: bool = False) -> str:
    """Launch an instance from the first image of MiniStack."""
    [image, *_] = ec2.describe_images()["Images"]
    launched = ec2.run_instances(
        ImageId=image.get("ImageId", ""), MinCount=1, MaxCount=1, SubnetId=subnet, DisableApiTermination=protected
    )
    return launched["Instances"][0].get("InstanceId", "")


def states(ec2: "EC2Client", *ids: str) -> list[str]:
    """Return the states of instances, in the order of their ids."""
    found = ec2.describe_instances(InstanceIds=list(ids))["Reservations"]
    each = {i.get("InstanceId", ""): i.get("State", {}).get("Name", "") for r in found for i in r.get("Instances", [])}
    return [each[one] for one in ids]


def test_the_lifecycle_is_ec2s_and_the_network_is_that_of_ministack(ec2: "EC2Client") -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"].get("VpcId", "")
    here, there = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"].get(
            "SubnetId", ""
        )
        for n, zone in enumerate("ab")
    )
    protected, shielded, other = launch(ec2, here, protected=True), launch(ec2, here), launch(ec2, there)
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        ec2.terminate_instances(InstanceIds=[shielded, protected, other])
    assert states(ec2, protected, shielded, other) == ["running", "running", "terminated"]

    ec2.stop_instances(InstanceIds=[shielded])
    ec2.modify_instance_attribute(InstanceId=shielded, InstanceType={"Value": "m5.xlarge"})
    ec2.start_instances(InstanceIds=[shielded])
    assert states(ec2, shielded) == ["running"]

    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_subnet(SubnetId=here)
    interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert {each.get("Attachment", {}).get("InstanceId") for each in interfaces} == {protected, shielded}

    ec2.modify_instance_attribute(InstanceId=protected, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[protected, shielded])
    assert states(ec2, protected, shielded) == ["terminated", "terminated"]
    for subnet in (here, there):
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
