"""A volume that EC2 does not know yet, or could not create; and one that is missing from a reply."""

import pytest
from excusable import Fields
from watched import ZONE, Watched

FAILING: list[Fields] = [{"Encrypted": True, "KmsKeyId": "bad"}, {"KmsKeyId": "bad"}, {"SnapshotId": "snap-12345678"}]


def created(watched: Watched, **more: object) -> str:
    """Create a volume and give it its time."""
    v: str = watched.ec2.create_volume(AvailabilityZone=ZONE, Size=1, **more)["VolumeId"]
    watched.clock.sleep(120)
    return v


@pytest.mark.parametrize("more", [*FAILING, {}])
def test_a_volume_with_a_key_or_a_snapshot_may_be_gone_soon_after_it_was_made(more: Fields) -> None:
    wrong = {"describe_volumes": "VOL-10", "attach_volume": "VOL-8"}
    for method, clause in wrong.items():
        watched = Watched()
        i, v = watched.launch(), created(watched, **more)
        sent: Fields = {"VolumeIds": [v]} if method == "describe_volumes" else {"VolumeId": v, "InstanceId": i}
        watched.refused(method, "InvalidVolume.NotFound", **sent)
        assert watched.found == (set() if more else {clause})


@pytest.mark.parametrize("more", [*FAILING, {"VolumeSize": 1}])
def test_so_may_one_that_a_launch_made(more: Fields) -> None:
    watched = Watched()
    i = watched.launch(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": more}])
    watched.refused("describe_volumes", "InvalidVolume.NotFound", VolumeIds=[watched.devices(i)["/dev/sdf"]])
    assert watched.found == (set() if more in FAILING else {"VOL-10"})


def test_the_key_of_one_volume_excuses_nothing_about_another() -> None:
    watched = Watched()
    i = watched.launch(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"Encrypted": True}}])
    watched.refused(
        "attach_volume", "InvalidVolume.NotFound", VolumeId=watched.volume(), InstanceId=i, Device="/dev/sdg"
    )
    assert watched.found == {"VOL-8"}


def test_of_a_volume_that_is_gone_nothing_more_is_judged() -> None:
    watched = Watched()
    v = created(watched, Encrypted=True)
    watched.refused("describe_volumes", "InvalidVolume.NotFound", VolumeIds=[v])
    watched.refused("attach_volume", "VolumeInUse", VolumeId=v, InstanceId=watched.launch(), Device="/dev/sdf")
    assert not watched.found


def _state(state: str, method: str, reply: Fields) -> None:
    for item in reply["Volumes"] if method == "describe_volumes" else ():
        item["State"] = state


@pytest.mark.parametrize("named", [True, False])
def test_a_volume_may_fail_at_any_time_and_is_then_not_judged(*, named: bool) -> None:
    watched = Watched()
    v = watched.volume()
    watched.change = lambda method, reply: _state("error", method, reply)
    watched.ec2.describe_volumes(VolumeIds=[v] if named else [])
    watched.refused("attach_volume", "IncorrectState", VolumeId=v, InstanceId=watched.launch(), Device="/dev/sdf")
    assert not watched.found
    watched.change = lambda method, reply: _state("in-use", method, reply)
    watched.ec2.describe_volumes(VolumeIds=[v])
    assert not watched.found


def test_another_wrong_state_is_reported() -> None:
    watched = Watched()
    v = watched.volume()
    watched.change = lambda method, reply: _state("in-use", method, reply)
    watched.ec2.describe_volumes(VolumeIds=[v])
    assert watched.found == {"VOL-10"}


@pytest.mark.parametrize("method", ["describe_volumes", "attach_volume", "detach_volume"])
def test_the_id_of_a_new_volume_may_be_unknown_to_an_operation_for_a_while(method: str) -> None:
    for late in (False, True):
        watched = Watched(read_lag=10)
        i = watched.launch()
        v = watched.ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]
        watched.clock.sleep(10)
        if method == "detach_volume":
            watched.ec2.attach_volume(VolumeId=v, InstanceId=i, Device="/dev/sdf")
        if late:
            watched.clock.sleep(21)
        sent: Fields = {"VolumeIds": [v]} if method == "describe_volumes" else {"VolumeId": v}
        if method == "attach_volume":
            sent |= {"InstanceId": i, "Device": "/dev/sdf"}
        watched.refused(method, "InvalidVolume.NotFound", **sent)
        assert bool(watched.found) is late


def test_a_deletion_knows_an_old_volume() -> None:
    watched = Watched(read_lag=10)
    v = watched.ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]
    for _ in range(2):
        watched.clock.sleep(31)
        watched.ec2.describe_volumes(VolumeIds=[v])  # while it is being created, any refusal is possible
    watched.refused("delete_volume", "InvalidVolume.NotFound", VolumeId=v)
    assert watched.found == {"VOL-20"}


def test_an_operation_that_has_known_a_new_volume_does_not_forget_it() -> None:
    watched = Watched()
    v = watched.ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]
    watched.ec2.describe_volumes(VolumeIds=[v])
    watched.refused("describe_volumes", "InvalidVolume.NotFound", VolumeIds=[v])
    assert watched.found == {"VOL-10"}


def test_a_volume_that_a_description_by_id_leaves_out_is_reported() -> None:
    for by_id in (True, False):
        watched = Watched()
        v = watched.volume()
        watched.change = lambda method, reply: reply.update(Volumes=[]) if method == "describe_volumes" else None
        watched.ec2.describe_volumes(**({"VolumeIds": [v]} if by_id else {"Filters": []}))
        assert watched.found == ({"VOL-10"} if by_id else set())
