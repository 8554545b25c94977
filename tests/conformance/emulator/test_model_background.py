"""The specification played as an EC2: what it does by itself, and what becomes of volumes."""

from dataclasses import replace

import pytest
from model_clients import (
    PROMPT,
    Error,
    Reply,
    client_of,
    devices,
    launched,
    outcome,
    refused,
    shown,
    state,
    volume_state,
)

from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.target import Capability, Unsupported
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour, ChoicePolicy
from ec2_lifecycle.conformance.emulator.images import EBS, INSTANCE_STORE
from ec2_lifecycle.conformance.emulator.regions import DEFAULT_REGION
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.background import StepName, VolumeStepName
from ec2_lifecycle.model.choices import (
    CLEARED_PROTECTION,
    NEW_ID,
    RELEASE,
    Cleared,
    NewId,
    Release,
)
from ec2_lifecycle.model.world import Instance


@pytest.mark.parametrize(
    ("more", "end"),
    [
        ({}, "stopped"),
        ({"InstanceInitiatedShutdownBehavior": "terminate"}, "terminated"),
        ({"InstanceInitiatedShutdownBehavior": "terminate", "DisableApiTermination": True}, "terminated"),
        ({"ImageId": INSTANCE_STORE.id}, "terminated"),
    ],
)
def test_a_shutdown_in_the_guest_stops_or_terminates(more: Reply, end: str) -> None:
    ec2, _ = client_of()
    instance = launched(ec2, **more)
    ec2.push("shutdown-in-guest", instance)
    item = shown(ec2, instance)
    assert item["State"]["Name"] == end
    assert item["StateReason"] == {
        "Code": "Client.InstanceInitiatedShutdown",
        "Message": "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
    }


def test_a_retired_instance_stops_and_a_failed_launch_ends_both_for_a_reason_of_ec2s() -> None:
    ec2, _ = client_of()
    retired, failed = launched(ec2), launched(ec2)
    ec2.push("fail-launch", failed)
    ec2.push("retire", retired)
    for instance, end in ((retired, "stopped"), (failed, "terminated")):
        item = shown(ec2, instance)
        assert item["State"]["Name"] == end
        assert item["StateReason"]["Code"] == "Server.InternalError"


def test_a_background_step_on_demand_brings_about_what_it_waits_for() -> None:
    ec2, _ = client_of(Behaviour(delays={**AT_ONCE, StepName.LAUNCH_COMPLETES: (20, 20)}))
    instance = launched(ec2)
    assert state(ec2, instance) == "pending"
    ec2.push("shutdown-in-guest", instance)
    assert state(ec2, instance) == "stopped"


def test_a_step_that_cannot_come_leaves_the_scenario_unplayable_on_the_target() -> None:
    target, names = model_target(), Names()
    assert target.capabilities == frozenset(Capability) - {Capability.PARALLEL}
    with pytest.raises(Unsupported, match="cannot do retire now"):
        target.push("retire", Instance("A"), names)


def test_a_background_step_that_cannot_come_is_an_error_in_one_sentence() -> None:
    ec2, _ = client_of()
    instance = launched(ec2)
    state(ec2, instance)
    with pytest.raises(ValueError, match=f'"launch fails" cannot happen to {instance} now: it is running'):
        ec2.push("fail-launch", instance)
    with pytest.raises(ValueError, match="there is no such instance"):
        ec2.push("retire", "i-12345678")
    with pytest.raises(ValueError, match='no background step "explode"; write one of shutdown-in-guest'):
        ec2.push("explode", instance)


def test_launches_and_starts_fail_as_often_as_they_should() -> None:
    ec2, _ = client_of(replace(PROMPT, failures=1.0))
    failed = launched(ec2)
    assert state(ec2, failed) == "terminated"
    ec2, _ = client_of(replace(PROMPT, failures=0.5, seed=1))
    ends = [state(ec2, launched(ec2)) for _ in range(100)]
    assert set(ends) == {"running", "terminated"}
    assert 30 < ends.count("terminated") < 70


def test_a_new_id_is_unknown_to_each_operation_until_it_accepts_it_once() -> None:
    orders: set[tuple[bool, ...]] = set()
    for seed in range(20):
        ec2, clock = client_of(Behaviour(seed=seed, choice_policy=ChoicePolicy.RANDOM))
        instance = launched(ec2)
        for call in (ec2.describe_instances, ec2.stop_instances):
            accepted: list[bool] = []
            for _ in range(5):
                answer = outcome(call, InstanceIds=[instance])
                accepted.append(not isinstance(answer, Error) or answer.code != "InvalidInstanceID.NotFound")
                clock.sleep(1)
            assert accepted == sorted(accepted)
            orders.add(tuple(accepted))
    assert len(orders) > 2


def test_a_new_id_is_known_to_all_after_thirty_seconds_at_the_latest() -> None:
    ec2, clock = client_of(Behaviour(picks={NEW_ID.id: NewId.NOT_YET}))
    instance = launched(ec2)
    assert refused(ec2.describe_instances, InstanceIds=[instance])[0] == "InvalidInstanceID.NotFound"
    clock.sleep(30)
    assert state(ec2, instance) == "running"


def test_a_cleared_protection_may_hold_for_seconds() -> None:
    ec2, clock = client_of(
        Behaviour(
            picks={CLEARED_PROTECTION.id: Cleared.STILL_ENFORCED},
            delays={**AT_ONCE, StepName.TERMINATION_CLEARS: (60, 60)},
        )
    )
    instance = launched(ec2, DisableApiTermination=True)
    ec2.modify_instance_attribute(InstanceId=instance, Attribute="disableApiTermination", Value="false")
    flag = ec2.describe_instance_attribute(InstanceId=instance, Attribute="disableApiTermination")
    assert flag["DisableApiTermination"] == {"Value": False}
    assert refused(ec2.terminate_instances, InstanceIds=[instance])[0] == "OperationNotPermitted"
    clock.sleep(60)
    ec2.terminate_instances(InstanceIds=[instance])


def test_a_volume_goes_with_its_instance_or_stays_as_delete_on_termination_says() -> None:
    ec2, _ = client_of()
    mappings = [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}},
        {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 1, "DeleteOnTermination": False}},
        {"DeviceName": "/dev/sdh", "Ebs": {"VolumeSize": 1}},
    ]
    instance = launched(ec2, BlockDeviceMappings=mappings)
    at = devices(ec2, instance)
    assert set(at) == {EBS.root_device_name, "/dev/sdf", "/dev/sdg", "/dev/sdh"}
    later: dict[str, str] = {}
    for device in ("/dev/sdi", "/dev/sdj"):
        later[device] = ec2.create_volume(AvailabilityZone=DEFAULT_REGION.zones[0], Size=1)["VolumeId"]
        ec2.describe_volumes()
        ec2.attach_volume(VolumeId=later[device], InstanceId=instance, Device=device)
    for device, delete in (("/dev/sdh", False), ("/dev/sdj", True)):
        change = [{"DeviceName": device, "Ebs": {"DeleteOnTermination": delete}}]
        ec2.modify_instance_attribute(InstanceId=instance, BlockDeviceMappings=change)
    assert devices(ec2, instance) == {**at, **later}
    ec2.terminate_instances(InstanceIds=[instance])
    ends = {device: volume_state(ec2, volume) for device, volume in {**at, **later}.items()}
    assert ends == {
        EBS.root_device_name: "gone",
        "/dev/sdf": "gone",
        "/dev/sdg": "available",
        "/dev/sdh": "available",
        "/dev/sdi": "available",
        "/dev/sdj": "gone",
    }
    assert devices(ec2, instance) == {}


def test_a_volume_is_detached_in_its_time_and_a_stop_keeps_it() -> None:
    ec2, clock = client_of(replace(PROMPT, delays={**AT_ONCE, VolumeStepName.DETACHED: (10, 10)}))
    instance = launched(ec2)
    volume = ec2.create_volume(AvailabilityZone=DEFAULT_REGION.zones[0], Size=1)["VolumeId"]
    state(ec2, instance)
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    ec2.stop_instances(InstanceIds=[instance])
    assert state(ec2, instance) == "stopped"
    assert devices(ec2, instance)["/dev/sdf"] == volume
    assert ec2.detach_volume(VolumeId=volume)["State"] == "detaching"
    assert volume_state(ec2, volume) == "in-use"
    clock.sleep(10)
    assert volume_state(ec2, volume) == "available"
    assert "/dev/sdf" not in devices(ec2, instance)


@pytest.mark.parametrize("release", Release)
def test_volumes_are_released_when_the_choice_says(release: Release) -> None:
    delays = {**AT_ONCE, StepName.SHUTDOWN_COMPLETES: (20, 20)}
    ec2, clock = client_of(Behaviour(picks={RELEASE.id: release}, delays=delays))
    instance = launched(ec2)
    (volume,) = devices(ec2, instance).values()
    ec2.terminate_instances(InstanceIds=[instance])
    early = release is Release.WHILE_SHUTTING_DOWN
    assert volume_state(ec2, volume) == ("gone" if early else "in-use")
    assert len(devices(ec2, instance)) == (0 if early else 1)
    clock.sleep(20)
    assert volume_state(ec2, volume) == "gone"


def test_a_volume_that_never_was_is_not_found() -> None:
    ec2, _ = client_of()
    instance = launched(ec2)
    state(ec2, instance)
    for call, more in (
        (ec2.describe_volumes, {"VolumeIds": ["vol-12345678"]}),
        (ec2.detach_volume, {"VolumeId": "vol-12345678"}),
        (ec2.attach_volume, {"VolumeId": "vol-12345678", "InstanceId": instance, "Device": "/dev/sdf"}),
    ):
        assert refused(call, **more)[0] == "InvalidVolume.NotFound"
    change = [{"DeviceName": "/dev/sdz", "Ebs": {"DeleteOnTermination": True}}]
    refused(ec2.modify_instance_attribute, InstanceId=instance, BlockDeviceMappings=change)
