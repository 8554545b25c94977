"""A client of the played specification, and short ways to ask it."""

from collections.abc import Callable
from typing import Any, NamedTuple, Unpack, cast

from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.emulator.call_arguments import RunCall
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.emulator.images import EBS
from ec2_lifecycle.conformance.emulator.regions import DEFAULT_REGION

PROMPT = Behaviour(delays=AT_ONCE)
"""Nothing takes time, and every open point is settled as is most likely."""

Reply = dict[str, Any]


class Error(NamedTuple):
    """An error reply."""

    code: str
    message: str
    status: int = 400


def client_of(behaviour: Behaviour = PROMPT) -> tuple[ModelClient, VirtualClock]:
    """Return a client of an empty account, and the clock that its time goes by."""
    clock = VirtualClock()
    return ModelClient(behaviour=behaviour, clock=clock), clock


def outcome(call: Callable[..., Reply], **arguments: object) -> Reply | Error:
    """Return what comes back from a call, whatever it is."""
    try:
        return call(**arguments)
    except ClientError as error:
        said = cast("Reply", error.response)
        return Error(said["Error"]["Code"], said["Error"]["Message"], said["ResponseMetadata"]["HTTPStatusCode"])


def refused(call: Callable[..., Reply], **arguments: object) -> Error:
    """Return the error that a call must meet with."""
    error = outcome(call, **arguments)
    assert isinstance(error, Error)
    return error


def launched(ec2: ModelClient, zone: int = 1, **more: Unpack[RunCall]) -> str:
    """Return the id of a new instance."""
    asked: RunCall = {
        "ImageId": EBS.id,
        "MaxCount": 1,
        "Placement": {"AvailabilityZone": DEFAULT_REGION.zones[zone - 1]},
        **more,
    }
    return ec2.run_instances(**asked)["Instances"][0]["InstanceId"]


def shown(ec2: ModelClient, instance: str) -> Reply:
    """Return the description of an instance."""
    (reservation,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    (item,) = reservation["Instances"]
    return item


def state(ec2: ModelClient, instance: str) -> str:
    """Return the state of an instance."""
    return shown(ec2, instance)["State"]["Name"]


def devices(ec2: ModelClient, instance: str) -> dict[str, str]:
    """Return the volume at each device of an instance."""
    return {d["DeviceName"]: d["Ebs"]["VolumeId"] for d in shown(ec2, instance)["BlockDeviceMappings"]}


def volume_state(ec2: ModelClient, volume: str) -> str:
    """Return the state of a volume; it is gone once EC2 does not find it."""
    found = outcome(ec2.describe_volumes, VolumeIds=[volume])
    if isinstance(found, Error):
        assert found == Error("InvalidVolume.NotFound", f"The volume '{volume}' does not exist.")
        return "gone"
    return found["Volumes"][0]["State"]
