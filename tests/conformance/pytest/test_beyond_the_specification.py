"""What the judge of clients makes of requests that use what the specification does not hold."""

import pytest
from excusable import Fields
from watched import ZONE, Watched

from ec2_lifecycle.conformance.emulator import images
from ec2_lifecycle.conformance.pytest.judging.calls import Call

# Refusals.


def test_a_stop_to_hibernate_may_be_refused_and_then_nothing_has_changed() -> None:
    watched = Watched()
    i = watched.launch()
    watched.refused("stop_instances", "UnsupportedHibernationConfiguration", InstanceIds=[i], Hibernate=True)
    assert watched.look(i) == ["running"]
    assert not watched.found
    watched.change = _stopped
    watched.look(i)
    assert watched.found


CONFIGURED: Fields = {"HibernationOptions": {"Configured": True}}


@pytest.mark.parametrize(("more", "found"), [({}, {"STOP-13"}), (CONFIGURED, set[str]())])
def test_only_what_was_launched_for_it_may_hibernate(more: Fields, found: set[str]) -> None:
    watched = Watched()
    i = watched.launch(**more)
    watched.look(i)
    states = {"CurrentState": {"Code": 64, "Name": "stopping"}, "PreviousState": {"Code": 16, "Name": "running"}}
    stopping = {"StoppingInstances": [{"InstanceId": i, **states}]}
    watched.happened("StopInstances", stopping, InstanceIds=[i], Hibernate=True)
    assert watched.found == found


def test_what_was_launched_for_it_may_be_refused_too() -> None:
    watched = Watched()
    i = watched.launch(**CONFIGURED)
    watched.refused("stop_instances", "UnsupportedHibernationConfiguration", InstanceIds=[i], Hibernate=True)
    assert not watched.found


def _stopped(_method: str, reply: Fields) -> None:
    for reservation in reply.get("Reservations", ()):
        for item in reservation["Instances"]:
            item["State"] = {"Name": "stopped", "Code": 80}


def test_a_plain_stop_may_not() -> None:
    watched = Watched()
    i = watched.launch()
    watched.refused("stop_instances", "UnsupportedHibernationConfiguration", InstanceIds=[i], Hibernate=False)
    assert watched.found == {"STOP-1"}


@pytest.mark.parametrize("code", ["InvalidParameterValue", "Unsupported", "UnsupportedOperation", "NewIn2027"])
@pytest.mark.parametrize("changed", [True, False])
def test_a_start_may_be_refused_once_the_type_was_changed(code: str, *, changed: bool) -> None:
    watched = Watched()
    i = watched.launch()
    watched.ec2.stop_instances(InstanceIds=[i])
    watched.look(i)
    if changed:
        watched.happened("ModifyInstanceAttribute", {}, InstanceId=i, InstanceType={"Value": "t3.large"})
    watched.refused("start_instances", code, InstanceIds=[i])
    assert bool(watched.found) is not changed
    assert watched.look(i) == ["stopped"]
    assert bool(watched.found) is not changed


def test_a_change_of_the_type_excuses_nothing_else() -> None:
    watched = Watched()
    i = watched.launch()
    watched.happened("ModifyInstanceAttribute", {}, InstanceId=i, Attribute="instanceType", Value="t3.large")
    watched.refused("terminate_instances", "OperationNotPermitted", InstanceIds=[i])
    assert watched.found


def test_a_change_of_the_type_that_was_refused_excuses_nothing() -> None:
    watched = Watched()
    i = watched.launch()
    watched.ec2.stop_instances(InstanceIds=[i])
    watched.look(i)
    watched.refused("modify_instance_attribute", "IncorrectInstanceState", InstanceId=i, InstanceType={"Value": "x"})
    watched.refused("start_instances", "InvalidParameterValue", InstanceIds=[i])
    assert watched.found == {"START-1"}


def test_a_start_may_be_refused_once_a_volume_that_nobody_knows_was_detached() -> None:
    watched = Watched()
    i = watched.launch()
    watched.ec2.stop_instances(InstanceIds=[i])
    watched.look(i)
    watched.happened("DetachVolume", {"InstanceId": i}, VolumeId="vol-0123456789abcdef0")
    watched.refused("start_instances", "InvalidParameterValue", InstanceIds=[i])
    assert not watched.found


def test_or_once_one_was_attached() -> None:
    for attached in (True, False):
        watched = Watched()
        i = watched.launch()
        watched.ec2.stop_instances(InstanceIds=[i])
        watched.look(i)
        if attached:
            watched.happened("AttachVolume", {}, InstanceId=i, VolumeId="vol-0123456789abcdef0", Device="/dev/sdf")
        watched.refused("start_instances", "EncryptedVolumesNotSupported", InstanceIds=[i])
        assert watched.found == (set() if attached else {"START-1"})


@pytest.mark.parametrize(
    ("device", "excused"),
    [("/dev/sdf", True), ("/dev/xvdf", True), ("sdf", True), ("/dev/sda1", True), ("/dev/sdg", False)],
)
def test_an_attachment_may_be_refused_where_its_device_may_be_in_use(device: str, *, excused: bool) -> None:
    watched = Watched()
    i = watched.launch(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}}])
    sent: Fields = {"VolumeId": watched.volume(), "InstanceId": i, "Device": device}
    watched.refused("attach_volume", "InvalidParameterValue", **sent)
    assert watched.found == (set() if excused else {"VOL-8"})


def test_a_device_is_free_again_once_a_description_shows_it_no_more() -> None:
    watched = Watched()
    i, first, second = watched.launch(), watched.volume(), watched.volume()
    watched.ec2.attach_volume(VolumeId=first, InstanceId=i, Device="/dev/sdf")
    watched.look(i)
    watched.ec2.detach_volume(VolumeId=first)
    watched.refused("attach_volume", "InvalidParameterValue", VolumeId=second, InstanceId=i, Device="/dev/sdf")
    assert not watched.found
    watched.look(i)
    watched.refused("attach_volume", "InvalidParameterValue", VolumeId=second, InstanceId=i, Device="/dev/sdf")
    assert watched.found == {"VOL-8"}


@pytest.mark.parametrize("code", ["IdempotentParameterMismatch", "IdempotentInstanceTerminated", "InvalidClientToken"])
def test_a_token_may_be_refused_where_one_was_sent(code: str) -> None:
    for more in ({"ClientToken": "mine"}, {}):
        watched = Watched()
        sent: Fields = {"ImageId": images.EBS.id, "MinCount": 1, "MaxCount": 1, **more}
        watched.refused("run_instances", code, **sent)
        assert watched.found == (set() if more else {"RUN-1"})


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("code", ["InternalError", "Unavailable", "500", "NewIn2027"])
def test_after_a_server_fault_a_request_was_carried_out_or_not(code: str, status: int, *, carried_out: bool) -> None:
    watched = Watched()
    i, other = watched.launch(), watched.launch()
    watched.refused("terminate_instances", code, status, carried_out=carried_out, InstanceIds=[i, other])
    assert watched.look(i) == ["terminated" if carried_out else "running"]
    assert not watched.found
    watched.change = _stopped
    watched.look(other)
    assert watched.found


def test_a_code_that_blames_the_client_is_no_server_fault_whatever_its_status() -> None:
    watched = Watched()
    watched.refused("terminate_instances", "InvalidInstanceID.NotFound", 500, InstanceIds=["i-1234567a"])
    i = watched.launch()
    watched.refused("terminate_instances", "OperationNotPermitted", 500, InstanceIds=[i])
    assert watched.found


def test_a_client_that_fails_inside_is_no_ec2() -> None:
    watched = Watched()
    i = watched.launch()
    watched.refuse = ("terminate_instances", KeyError("x"), False)
    with pytest.raises(KeyError):
        watched.ec2.terminate_instances(InstanceIds=[i])
    assert watched.found


# Launches with what the specification does not hold.


def _running(method: str, reply: Fields) -> None:
    if method == "run_instances":
        for item in reply["Instances"]:
            item["State"] = {"Name": "running", "Code": 16}


def test_a_launch_with_a_token_may_answer_what_runs_already() -> None:
    for more in ({"ClientToken": "mine"}, {}):
        watched = Watched()
        watched.change = _running
        watched.launch(**more)
        assert watched.found == (set() if more else {"RUN-1"})


def test_a_printed_call_shows_every_parameter() -> None:
    sent = {"ImageId": "ami-1", "UserData": "x" * 5000, "ClientToken": "mine", "MinCount": 1}
    text = Call("RunInstances", sent, {}).text()
    assert all(key in text for key in sent)
    assert "ClientToken='mine'" in text
    assert len(text) < 1000


def test_an_instance_with_user_data_may_shut_itself_down() -> None:
    for more in ({"UserData": "shutdown -h now"}, {}):
        watched = Watched()
        i = watched.launch(**more)
        watched.model.push("shutdown-in-guest", i)
        watched.clock.sleep(120)
        watched.ec2.stop_instances(InstanceIds=[i])
        assert bool(watched.found) is (not more)


@pytest.mark.parametrize("more", [{"HibernationOptions": {"Configured": True}}, {"EnclaveOptions": {"Enabled": True}}])
def test_a_launch_with_options_that_change_nothing_of_the_lifecycle_is_judged(more: Fields) -> None:
    watched = Watched()
    i = watched.launch(**more)
    watched.change = _stopped
    watched.look(i)
    assert watched.found


def test_a_volume_created_with_a_refused_type_is_no_finding_and_a_wrong_state_is_one() -> None:
    watched = Watched()
    sent: Fields = {"AvailabilityZone": ZONE, "Size": 1}
    watched.refused("create_volume", "UnknownVolumeType", VolumeType="gp9", **sent)
    assert not watched.found
    watched.refused("create_volume", "OperationNotPermitted", **sent)
    assert watched.found == {"VOL-10"}


def test_what_a_description_without_ids_shows_is_judged_and_nothing_else() -> None:
    watched = Watched()
    watched.model.run_instances(ImageId=images.EBS.id, MinCount=2, MaxCount=2)
    watched.launch()
    watched.ec2.describe_instances()
    watched.ec2.describe_instances(InstanceIds=[])
    assert not watched.found
    watched.change = _stopped
    watched.ec2.describe_instances()
    assert watched.found
