"""A reply to a client token may show what somebody made with it before, and has changed since (facts K-05, K-06)."""

from datetime import UTC, datetime

import pytest
from excusable import Fields
from watched import ZONE, Watched

from ec2_lifecycle.conformance.emulator import images

LAUNCH: Fields = {"ImageId": images.EBS.id, "MinCount": 1, "MaxCount": 1, "Placement": {"AvailabilityZone": ZONE}}
VOLUME: Fields = {"AvailabilityZone": ZONE, "Size": 1}
MINE: Fields = {"ClientToken": "mine"}


def changed(watched: Watched, method: str, **parts: object) -> None:
    """Have the next replies to a method show other parts."""

    def change(name: str, reply: Fields) -> None:
        if name == method:
            for item in reply.get("Instances", [reply]):
                item.update(parts)

    watched.change = change


@pytest.mark.parametrize("state", ["available", "in-use", "deleting", "error"])
def test_a_volume_created_with_a_token_may_be_an_old_one(state: str) -> None:
    watched = Watched()
    changed(watched, "create_volume", State=state)
    v = watched.ec2.create_volume(**VOLUME, **MINE)["VolumeId"]
    watched.refused("attach_volume", "VolumeInUse", VolumeId=v, InstanceId=watched.launch(), Device="/dev/sdf")
    watched.refused("describe_volumes", "InvalidVolume.NotFound", VolumeIds=[v])
    assert not watched.found


def test_so_may_one_for_which_an_attempt_was_lost() -> None:
    watched = Watched()
    changed(watched, "create_volume", State="available", ResponseMetadata={"RetryAttempts": 1})
    v = watched.ec2.create_volume(**VOLUME)["VolumeId"]
    watched.ec2.describe_volumes(VolumeIds=[v])
    assert not watched.found


@pytest.mark.parametrize("more", [MINE, {}])
def test_a_volume_that_is_being_created_is_new(more: Fields) -> None:
    watched = Watched()
    v = watched.ec2.create_volume(**VOLUME, **more)["VolumeId"]
    watched.clock.sleep(120)
    watched.refused("attach_volume", "VolumeInUse", VolumeId=v, InstanceId=watched.launch(), Device="/dev/sdf")
    assert watched.found == {"VOL-8"}


def test_a_volume_with_a_token_may_be_refused_for_other_parameters() -> None:
    for more in (MINE, {}):
        watched = Watched()
        watched.refused("create_volume", "IdempotentParameterMismatch", **VOLUME, **more)
        assert watched.found == (set() if more else {"VOL-10"})


@pytest.mark.parametrize("more", [MINE, {}])
def test_a_pending_instance_is_new_unless_it_was_launched_before_the_call(more: Fields) -> None:
    for launched in (datetime(1969, 12, 31, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)):
        watched = Watched()
        changed(watched, "run_instances", LaunchTime=launched)
        [item] = watched.ec2.run_instances(**LAUNCH, **more)["Instances"]
        watched.model.modify_instance_attribute(InstanceId=item["InstanceId"], DisableApiTermination={"Value": True})
        watched.attempt("terminate_instances", InstanceIds=[item["InstanceId"]])
        assert bool(watched.found) is not (bool(more) and launched.year == 1969)


def test_what_a_token_made_before_without_a_reply_is_not_new() -> None:
    watched = Watched()
    watched.refused("run_instances", "InternalError", 500, carried_out=True, **LAUNCH, **MINE)
    [reservation] = watched.ec2.describe_instances()["Reservations"]
    i = reservation["Instances"][0]["InstanceId"]
    watched.ec2.modify_instance_attribute(InstanceId=i, DisableApiTermination={"Value": True})
    watched.ec2.run_instances(**LAUNCH, **MINE)
    watched.attempt("terminate_instances", InstanceIds=[i])
    assert not watched.found


def test_a_token_that_was_surely_refused_has_made_nothing() -> None:
    watched = Watched()
    watched.refused("run_instances", "InvalidAMIID.NotFound", **LAUNCH, **MINE)
    [item] = watched.ec2.run_instances(**LAUNCH, **MINE)["Instances"]
    watched.look(item["InstanceId"])
    watched.refused("terminate_instances", "OperationNotPermitted", InstanceIds=[item["InstanceId"]])
    assert watched.found


def test_what_is_known_of_a_launch_stays_known_when_its_token_is_sent_again() -> None:
    watched = Watched()
    [item] = watched.ec2.run_instances(**LAUNCH, **MINE)["Instances"]
    watched.look(item["InstanceId"])
    watched.ec2.run_instances(**LAUNCH, **MINE)
    watched.refused("terminate_instances", "OperationNotPermitted", InstanceIds=[item["InstanceId"]])
    assert watched.found
