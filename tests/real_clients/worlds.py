"""Instances for clients to find, made and looked at by boto3 in this process."""

from typing import TYPE_CHECKING

from real_clients.programs import REGION

from ec2_lifecycle.conformance.targets.moto import IMAGE

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


def launch(ec2: "EC2Client", name: str, zone: str, count: int = 1, *, protected: bool = False) -> list[str]:
    """Launch instances with the tags of the page's policies."""
    launched = ec2.run_instances(
        ImageId=IMAGE,
        MinCount=count,
        MaxCount=count,
        Placement={"AvailabilityZone": REGION + zone},
        DisableApiTermination=protected,
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}, {"Key": "env", "Value": "old"}]}
        ],
    )
    return [each.get("InstanceId", "") for each in launched["Instances"]]


def protect(ec2: "EC2Client", i: str, protection: str, *, on: bool = True) -> None:
    """Write a protection, by the name of its attribute."""
    match protection:
        case "disableApiTermination":
            ec2.modify_instance_attribute(InstanceId=i, DisableApiTermination={"Value": on})
        case "disableApiStop":
            ec2.modify_instance_attribute(InstanceId=i, DisableApiStop={"Value": on})
        case _:
            assert protection == "none"


def states(ec2: "EC2Client") -> dict[str, str]:
    """Return the state of every instance, by its name."""
    every = [each for found in ec2.describe_instances()["Reservations"] for each in found.get("Instances", [])]
    return {
        tag.get("Value", ""): each.get("State", {}).get("Name", "")
        for each in every
        for tag in each.get("Tags", [])
        if tag.get("Key") == "Name"
    }


def protections(ec2: "EC2Client", i: str) -> tuple[bool, bool]:
    """Return whether an instance is protected from termination, and from stop."""
    termination = ec2.describe_instance_attribute(InstanceId=i, Attribute="disableApiTermination")
    stop = ec2.describe_instance_attribute(InstanceId=i, Attribute="disableApiStop")
    return termination["DisableApiTermination"].get("Value", False), stop["DisableApiStop"].get("Value", False)
