"""A call that may have been carried out or not, or that changes what the specification does not cover.

The judge of clients goes on only with what is sure.
"""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from excusable import Fields, refusal
from watched import ZONE, Watched

from ec2_lifecycle.conformance.emulator import images

DATA = [{"DeviceName": f"/dev/sd{letter}", "Ebs": {"VolumeSize": 1}} for letter in "fg"]
KEPT = [{"DeviceName": f"/dev/sd{letter}", "Ebs": {"DeleteOnTermination": False}} for letter in "fg"]


def server_fault() -> Exception:
    return refusal("InternalError", 500)


def server_fault_of_a_client_error() -> Exception:
    return refusal("Server.Unavailable", 400)


def lost_attempt() -> Exception:
    told: Any = {
        "Error": {"Code": "InvalidParameterValue", "Message": "No."},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 1},
    }
    return ClientError(told, "AnyOperation")


def no_answer() -> Exception:
    return ReadTimeoutError(endpoint_url="x")


every_uncertainty = pytest.mark.parametrize(
    "error", [server_fault, server_fault_of_a_client_error, lost_attempt, no_answer]
)


def uncertain(watched: Watched, error: Callable[[], Exception], method: str, **sent: object) -> None:
    """Make a call that is carried out although it fails."""
    failure = error()
    watched.refuse = (method, failure, True)
    with pytest.raises(type(failure)):
        getattr(watched.ec2, method)(**sent)


def launched(watched: Watched, **more: object) -> str:
    """Launch an instance that no description has shown yet, with its volumes."""
    [item] = watched.ec2.run_instances(
        ImageId=images.EBS.id, MinCount=1, MaxCount=1, Placement={"AvailabilityZone": ZONE}, **more
    )["Instances"]
    watched.clock.sleep(120)
    return item["InstanceId"]


# What a call that may have been carried out leaves open.


@every_uncertainty
def test_the_flag_of_a_volume_may_have_changed(error: Callable[[], Exception]) -> None:
    watched = Watched()
    i = watched.launch(BlockDeviceMappings=DATA)
    uncertain(watched, error, "modify_instance_attribute", InstanceId=i, BlockDeviceMappings=KEPT[:1])
    watched.look(i)
    v = watched.devices(i)["/dev/sdf"]
    watched.ec2.terminate_instances(InstanceIds=[i])
    watched.look(i)
    watched.attempt("describe_volumes", VolumeIds=[v])
    assert not watched.found


@every_uncertainty
def test_or_that_of_a_volume_that_no_description_has_shown(error: Callable[[], Exception]) -> None:
    watched = Watched()
    i = launched(watched, BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"DeleteOnTermination": True}}])
    uncertain(watched, error, "modify_instance_attribute", InstanceId=i, BlockDeviceMappings=KEPT[:1])
    watched.look(i)
    assert not watched.found


@every_uncertainty
@pytest.mark.parametrize("shown", [True, False])
def test_or_those_of_several_volumes(error: Callable[[], Exception], *, shown: bool) -> None:
    watched = Watched()
    flags = [{**one, "Ebs": {"DeleteOnTermination": True}} for one in DATA]
    i = watched.launch(BlockDeviceMappings=flags) if shown else launched(watched, BlockDeviceMappings=flags)
    for one in KEPT:
        watched.model.modify_instance_attribute(InstanceId=i, BlockDeviceMappings=[one])
    failure = error()
    watched.refuse = ("modify_instance_attribute", failure, False)
    with pytest.raises(type(failure)):
        watched.ec2.modify_instance_attribute(InstanceId=i, BlockDeviceMappings=KEPT)
    watched.look(i)
    assert not watched.found


@every_uncertainty
def test_one_of_several_attributes_may_have_changed(error: Callable[[], Exception]) -> None:
    watched = Watched()
    i = watched.launch()
    watched.model.modify_instance_attribute(InstanceId=i, DisableApiTermination={"Value": True})
    failure = error()
    watched.refuse = ("modify_instance_attribute", failure, False)
    with pytest.raises(type(failure)):
        watched.ec2.modify_instance_attribute(
            InstanceId=i, DisableApiTermination={"Value": True}, SourceDestCheck={"Value": True}
        )
    watched.attempt("terminate_instances", InstanceIds=[i])
    assert not watched.found


@every_uncertainty
def test_a_root_volume_may_be_detached(error: Callable[[], Exception]) -> None:
    watched = Watched()
    i = watched.launch()
    watched.ec2.stop_instances(InstanceIds=[i])
    watched.look(i)
    [root] = watched.devices(i).values()
    uncertain(watched, error, "detach_volume", VolumeId=root)
    watched.look(i)
    watched.ec2.describe_volumes(VolumeIds=[root])
    watched.refused("start_instances", "InvalidParameterValue", InstanceIds=[i])
    assert not watched.found


@every_uncertainty
def test_a_volume_may_be_attached_to_an_instance_that_nobody_watches(error: Callable[[], Exception]) -> None:
    watched = Watched()
    v, own = watched.volume(), watched.launch()
    [item] = watched.model.run_instances(
        ImageId=images.EBS.id, MinCount=1, MaxCount=1, Placement={"AvailabilityZone": ZONE}
    )["Instances"]
    watched.clock.sleep(120)
    uncertain(watched, error, "attach_volume", VolumeId=v, InstanceId=item["InstanceId"], Device="/dev/sdf")
    watched.attempt("attach_volume", VolumeId=v, InstanceId=own, Device="/dev/sdf")
    watched.ec2.describe_volumes(VolumeIds=[v])
    assert not watched.found


def test_what_was_surely_refused_leaves_nothing_open() -> None:
    watched = Watched()
    i = watched.launch(BlockDeviceMappings=DATA)
    watched.refused("modify_instance_attribute", "InvalidParameterValue", InstanceId=i, BlockDeviceMappings=KEPT)
    watched.model.modify_instance_attribute(InstanceId=i, BlockDeviceMappings=KEPT[:1])
    watched.look(i)
    assert watched.found == {"VOL-9"}


# What the specification does not cover.


@pytest.mark.parametrize("more", [{"NoDevice": ""}, {"VirtualName": "ephemeral0"}, {}])
def test_a_mapping_without_a_flag_may_change_its_volume_and_nothing_else(more: Fields) -> None:
    for letter in "fg":
        watched = Watched()
        i = watched.launch(BlockDeviceMappings=DATA)
        watched.happened(
            "ModifyInstanceAttribute", {}, InstanceId=i, BlockDeviceMappings=[{"DeviceName": "/dev/sdf", **more}]
        )
        flag = {"DeviceName": f"/dev/sd{letter}", "Ebs": {"DeleteOnTermination": False}}
        watched.model.modify_instance_attribute(InstanceId=i, BlockDeviceMappings=[flag])
        watched.look(i)
        assert watched.found == (set() if letter == "f" else {"VOL-9"})


@pytest.mark.parametrize("unknown", [True, False])
def test_the_flag_of_a_launch_is_not_that_of_a_volume_put_in_its_place(*, unknown: bool) -> None:
    watched = Watched()
    i = launched(watched, BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"DeleteOnTermination": True}}])
    watched.ec2.detach_volume(VolumeId=watched.devices(i)["/dev/sdf"])
    watched.clock.sleep(120)
    v = watched.model.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"] if unknown else watched.volume()
    watched.clock.sleep(120)
    watched.ec2.attach_volume(VolumeId=v, InstanceId=i, Device="/dev/sdf")
    watched.look(i)
    assert not watched.found


def test_a_detachment_may_be_refused_where_its_device_may_be_another() -> None:
    for device, found in (("/dev/sdz", set[str]()), ("/dev/sdf", {"VOL-10"})):
        watched = Watched()
        i, v = watched.launch(), watched.volume()
        watched.ec2.attach_volume(VolumeId=v, InstanceId=i, Device="/dev/sdf")
        watched.look(i)
        watched.refused("detach_volume", "InvalidAttachment.NotFound", VolumeId=v, Device=device)
        assert watched.found == found


# User data.


def with_user_data(watched: Watched, how: str) -> str:
    """Launch an instance that gets user data, at launch or later, or none."""
    more: Fields = {"UserData": "shutdown -h now"} if how == "launch" else {}
    i = watched.launch(InstanceInitiatedShutdownBehavior="terminate", **more)
    if how.startswith("modify"):
        watched.ec2.stop_instances(InstanceIds=[i])
        watched.look(i)
        change: Fields = {"UserData": {"Value": b"x"}}
        if how == "modify by name":
            change = {"Attribute": "userData", "Value": "eA=="}
        watched.happened("ModifyInstanceAttribute", {}, InstanceId=i, **change)
        watched.ec2.start_instances(InstanceIds=[i])
        watched.look(i)
    return i


@pytest.mark.parametrize("how", ["launch", "modify", "modify by name", "none"])
@pytest.mark.parametrize("method", ["describe_volumes", "detach_volume", "attach_volume", "stop_instances"])
def test_an_instance_with_user_data_may_have_ended_whatever_is_asked_first(how: str, method: str) -> None:
    watched = Watched()
    i, other, v = with_user_data(watched, how), watched.launch(), watched.volume()
    watched.ec2.attach_volume(VolumeId=v, InstanceId=i, Device="/dev/sdf")
    watched.look(i)
    watched.model.push("shutdown-in-guest", i)
    watched.clock.sleep(120)
    sent: dict[str, Fields] = {
        "describe_volumes": {"VolumeIds": [v]},
        "detach_volume": {"VolumeId": v},
        "attach_volume": {"VolumeId": v, "InstanceId": other, "Device": "/dev/sdf"},
        "stop_instances": {"InstanceIds": [i]},
    }
    watched.attempt(method, **sent[method])
    assert bool(watched.found) is (how == "none")
