"""Deletions of volumes, as clients of EC2 send them (VOL-20, VOL-21)."""

import pytest
from excusable import Fields
from watched import Watched

from ec2_lifecycle.conformance.emulator.refusals import client_error


def attached(watched: Watched) -> str:
    """Return a volume that an instance has in use."""
    i, v = watched.launch(), watched.volume()
    watched.ec2.attach_volume(VolumeId=v, InstanceId=i, Device="/dev/sdf")
    watched.ec2.describe_volumes(VolumeIds=[v])
    return v


def kept(watched: Watched, v: str) -> None:
    """Delete a volume on a target that says so and does nothing."""

    def answered(**_: object) -> Fields:
        return {"ResponseMetadata": {"HTTPStatusCode": 200}}

    watched.model.delete_volume = answered
    watched.ec2.delete_volume(VolumeId=v)


def test_an_available_volume_is_deleted_and_then_unknown() -> None:
    watched = Watched()
    v = watched.volume()
    watched.ec2.delete_volume(VolumeId=v)
    watched.clock.sleep(60)
    watched.attempt("describe_volumes", VolumeIds=[v])
    watched.attempt("delete_volume", VolumeId=v)
    assert not watched.found


def test_a_deleted_volume_that_stays_available_is_a_finding() -> None:
    watched = Watched()
    v = watched.volume()
    kept(watched, v)
    watched.ec2.describe_volumes(VolumeIds=[v])
    assert watched.found == {"VOL-20"}


def test_a_volume_in_use_that_is_deleted_is_a_finding() -> None:
    watched = Watched()
    kept(watched, attached(watched))
    assert watched.found == {"VOL-21"}


def test_a_volume_in_use_is_refused_with_its_own_code() -> None:
    watched = Watched()
    watched.refused("delete_volume", "IncorrectState", VolumeId=attached(watched))
    assert watched.found == {"VOL-21"}


@pytest.mark.parametrize("code", ["VolumeInUse", "IncorrectState", "OperationNotPermitted"])
def test_an_available_volume_that_cannot_be_deleted_is_a_finding(code: str) -> None:
    watched = Watched()
    watched.refused("delete_volume", code, VolumeId=watched.volume())
    assert watched.found == {"VOL-20"}


@pytest.mark.parametrize("code", ["VolumeInUse", "IncorrectState", "InvalidVolume.NotFound"])
def test_a_volume_that_is_being_deleted_may_be_refused_with_any_code(code: str) -> None:
    watched = Watched()
    v = watched.volume()
    watched.ec2.delete_volume(VolumeId=v)
    watched.refused("delete_volume", code, VolumeId=v)
    assert not watched.found


@pytest.mark.parametrize("code", ["VolumeInUse", "IncorrectState"])
def test_a_volume_that_is_being_detached_may_be_refused_with_any_code(code: str) -> None:
    watched = Watched()
    v = attached(watched)
    watched.ec2.detach_volume(VolumeId=v)
    watched.refused("delete_volume", code, VolumeId=v)
    assert not watched.found


def test_a_volume_made_elsewhere_is_not_judged() -> None:
    watched = Watched()
    v = "vol-0123456789abcdef0"
    for code in ("VolumeInUse", "InvalidVolume.NotFound", "IncorrectState"):
        watched.refused("delete_volume", code, VolumeId=v)
    kept(watched, v)
    assert not watched.found


@pytest.mark.parametrize("deleted", [False, True])
def test_a_server_fault_leaves_open_whether_the_volume_is_deleted(*, deleted: bool) -> None:
    watched = Watched()
    v = watched.volume()
    watched.refused("delete_volume", "InternalError", 500, carried_out=deleted, VolumeId=v)
    watched.attempt("describe_volumes", VolumeIds=[v])
    watched.attempt("delete_volume", VolumeId=v)
    assert not watched.found


def test_a_dry_run_that_deletes_is_a_finding() -> None:
    watched = Watched()
    v = watched.volume()
    watched.model.delete_volume(VolumeId=v)
    watched.refused("delete_volume", "DryRunOperation", VolumeId=v, DryRun=True)
    watched.clock.sleep(60)
    watched.attempt("describe_volumes", VolumeIds=[v])
    assert watched.found


@pytest.mark.parametrize("right", [True, False])
def test_a_refusal_names_the_instance_that_has_the_volume(*, right: bool) -> None:
    watched = Watched()
    v, other = attached(watched), watched.launch()
    [volume] = watched.model.describe_volumes(VolumeIds=[v])["Volumes"]
    holder = volume["Attachments"][0]["InstanceId"] if right else other
    refused = client_error("DeleteVolume", "VolumeInUse", f"Volume {v} is currently attached to {holder}")
    watched.refuse = ("delete_volume", refused, False)
    watched.attempt("delete_volume", VolumeId=v)
    assert watched.found == (set() if right else {"ERR-6"})
