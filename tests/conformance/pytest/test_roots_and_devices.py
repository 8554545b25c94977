"""Detachments of roots and from named instances, and devices in use, as clients of EC2 send them (VOL-17 to VOL-19)."""

import pytest
from excusable import Fields
from watched import Watched

ATTACHED = {"Device": "/dev/sdf", "State": "attaching", "DeleteOnTermination": False}
DETACHING = {"State": "detaching"}
ANY_CODES = ["IncorrectState", "OperationNotPermitted", "UnsupportedOperation"]


def root_of(watched: Watched, i: str) -> str:
    (root,) = watched.devices(i).values()
    watched.ec2.describe_volumes(VolumeIds=[root])
    return root


def succeeded(watched: Watched, method: str, reply: Fields, **sent: object) -> None:
    """Make a call that succeeds, whatever the model says."""

    def answered(**_: object) -> Fields:
        return {**reply, "ResponseMetadata": {"HTTPStatusCode": 200}}

    setattr(watched.model, method, answered)
    getattr(watched.ec2, method)(**sent)


def stopped(watched: Watched, i: str) -> None:
    watched.ec2.stop_instances(InstanceIds=[i])
    assert watched.look(i) == ["stopped"]


def test_a_running_instance_that_loses_its_root_is_a_finding() -> None:
    watched = Watched()
    i = watched.launch()
    root = root_of(watched, i)
    succeeded(watched, "detach_volume", {"VolumeId": root, "InstanceId": i, **DETACHING}, VolumeId=root)
    assert watched.found == {"VOL-17"}


@pytest.mark.parametrize("code", ANY_CODES)
def test_a_running_instance_may_keep_its_root_with_any_code(code: str) -> None:
    watched = Watched()
    root = root_of(watched, watched.launch())
    watched.refused("detach_volume", code, VolumeId=root)
    assert not watched.found


@pytest.mark.parametrize("code", ANY_CODES)
def test_a_stopped_instance_that_keeps_its_root_is_a_finding(code: str) -> None:
    watched = Watched()
    i = watched.launch()
    root = root_of(watched, i)
    stopped(watched, i)
    watched.refused("detach_volume", code, VolumeId=root)
    assert watched.found == {"VOL-17"}


def test_an_instance_without_root_may_be_refused_a_start() -> None:
    watched = Watched()
    i = watched.launch()
    root = root_of(watched, i)
    stopped(watched, i)
    watched.ec2.detach_volume(VolumeId=root)
    watched.look(i)
    watched.refused("start_instances", "InvalidParameterValue", InstanceIds=[i])
    assert not watched.found


def test_a_root_that_is_attached_elsewhere_as_data_is_data() -> None:
    watched = Watched()
    i, other = watched.launch(), watched.launch()
    root = root_of(watched, i)
    stopped(watched, i)
    watched.ec2.detach_volume(VolumeId=root, InstanceId=i)
    watched.clock.sleep(120)
    watched.ec2.attach_volume(VolumeId=root, InstanceId=other, Device="/dev/sdf")
    watched.ec2.detach_volume(VolumeId=root, InstanceId=other)
    watched.clock.sleep(120)
    watched.ec2.describe_volumes(VolumeIds=[root])
    assert not watched.found


def test_a_volume_may_become_the_root_of_another_instance() -> None:
    watched = Watched()
    i = watched.launch()
    old, v = root_of(watched, i), watched.volume()
    (device,) = watched.devices(i)
    stopped(watched, i)
    watched.ec2.detach_volume(VolumeId=old)
    watched.clock.sleep(120)
    watched.ec2.attach_volume(VolumeId=v, InstanceId=i, Device=device)
    watched.ec2.start_instances(InstanceIds=[i])
    assert watched.look(i) == ["running"]
    watched.refused("detach_volume", "IncorrectState", VolumeId=v)
    watched.attempt("detach_volume", VolumeId=v)
    assert not watched.found


def test_a_detachment_from_another_instance_is_a_finding() -> None:
    watched = Watched()
    i, other, v = watched.launch(), watched.launch(), watched.volume()
    watched.ec2.attach_volume(VolumeId=v, InstanceId=i, Device="/dev/sdf")
    watched.refused("detach_volume", "InvalidAttachment.NotFound", VolumeId=v, InstanceId=other)
    assert not watched.found
    succeeded(watched, "detach_volume", {"VolumeId": v, **DETACHING}, VolumeId=v, InstanceId=other)
    assert watched.found == {"VOL-18"}


def test_a_second_volume_at_a_device_is_a_finding() -> None:
    watched = Watched()
    i, v, w = watched.launch(), watched.volume(), watched.volume()
    sent: Fields = {"InstanceId": i, "Device": "/dev/sdf"}
    watched.ec2.attach_volume(VolumeId=v, **sent)
    watched.attempt("attach_volume", VolumeId=w, **sent)
    assert not watched.found
    succeeded(watched, "attach_volume", {"VolumeId": w, "InstanceId": i, **ATTACHED}, VolumeId=w, **sent)
    assert watched.found == {"VOL-19"}


def test_a_device_in_use_has_the_code_of_an_invalid_value() -> None:
    watched = Watched()
    i, v, w = watched.launch(), watched.volume(), watched.volume()
    sent: Fields = {"InstanceId": i, "Device": "/dev/sdf"}
    watched.ec2.attach_volume(VolumeId=v, **sent)
    watched.refused("attach_volume", "VolumeInUse", VolumeId=w, **sent)
    assert watched.found == {"VOL-19"}


def test_a_device_that_a_volume_is_leaving_may_be_free_or_in_use() -> None:
    watched = Watched()
    i, v, w = watched.launch(), watched.volume(), watched.volume()
    sent: Fields = {"InstanceId": i, "Device": "/dev/sdf"}
    watched.ec2.attach_volume(VolumeId=v, **sent)
    watched.ec2.detach_volume(VolumeId=v)
    watched.refused("attach_volume", "InvalidParameterValue", VolumeId=w, **sent)
    succeeded(watched, "attach_volume", {"VolumeId": w, "InstanceId": i, **ATTACHED}, VolumeId=w, **sent)
    assert not watched.found


def test_the_root_too_is_at_a_device_of_its_own() -> None:
    watched = Watched()
    i, v = watched.launch(), watched.volume()
    (device,) = watched.devices(i)
    sent = {"InstanceId": i, "Device": device}
    watched.attempt("attach_volume", VolumeId=v, **sent)
    assert not watched.found
    succeeded(watched, "attach_volume", {"VolumeId": v, **sent, "State": "attaching"}, VolumeId=v, **sent)
    assert watched.found == {"VOL-19"}


def rootless(watched: Watched) -> tuple[str, str]:
    i = watched.launch()
    (device,) = watched.devices(i)
    root = root_of(watched, i)
    stopped(watched, i)
    watched.ec2.detach_volume(VolumeId=root)
    watched.look(i)
    watched.ec2.describe_volumes(VolumeIds=[root])
    return i, device


STARTED = {"CurrentState": {"Code": 0, "Name": "pending"}, "PreviousState": {"Code": 80, "Name": "stopped"}}


def test_an_instance_that_starts_without_a_root_is_a_finding() -> None:
    watched = Watched()
    i, _ = rootless(watched)
    succeeded(watched, "start_instances", {"StartingInstances": [{"InstanceId": i, **STARTED}]}, InstanceIds=[i])
    assert watched.found == {"START-12"}


@pytest.mark.parametrize("device", ["", "/dev/xvda", "xvdz"])
def test_an_instance_that_may_have_a_root_again_may_start(device: str) -> None:
    watched = Watched()
    i, own = rootless(watched)
    v = watched.volume()
    watched.ec2.attach_volume(VolumeId=v, InstanceId=i, Device=device or own)
    succeeded(watched, "start_instances", {"StartingInstances": [{"InstanceId": i, **STARTED}]}, InstanceIds=[i])
    assert not watched.found
