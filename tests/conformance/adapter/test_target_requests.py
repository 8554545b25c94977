"""The adapter over boto3-shaped clients: what each request becomes on its way out."""

import pytest
from fake_ec2 import ID_A, ROOT, A, B, Client, D, V, batch, error, named, sent_for, target_of

from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.observation import (
    Done,
    Refused,
)
from ec2_lifecycle.conformance.adapter.target import (
    Capability,
    Unsupported,
)
from ec2_lifecycle.model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    Caller,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.states import RootDevice, ShutdownBehavior
from ec2_lifecycle.model.world import Volume, Zone


def test_names_go_out_as_ids_and_what_is_bound_to_none_as_it_stands() -> None:
    assert sent_for(batch(Operation.TERMINATE, "A", "foo", "A")) == (
        "terminate_instances",
        {"InstanceIds": [ID_A, "foo", ID_A]},
    )


def test_flags_are_sent_only_where_they_are_set() -> None:
    request = BatchRequest(
        Operation.STOP, instances=(A,), dry_run=True, force=True, skip_os_shutdown=True, hibernate=True
    )
    flags = {"DryRun": True, "Force": True, "SkipOsShutdown": True, "Hibernate": True}
    assert sent_for(request) == ("stop_instances", {"InstanceIds": [ID_A]} | flags)
    assert sent_for(batch(Operation.STOP, "A")) == ("stop_instances", {"InstanceIds": [ID_A]})


def test_a_launch_asks_for_its_zone_its_attributes_and_its_volumes() -> None:
    request = LaunchRequest(
        instances=(A, B),
        zone=Zone("2"),
        disable_api_termination=True,
        disable_api_stop=True,
        shutdown_behavior=ShutdownBehavior.TERMINATE,
        volumes=tuple(
            (
                LaunchVolume(Volume(f"{i}.root"), root=True, delete_on_termination=False),
                LaunchVolume(Volume(f"d{i}")),
                LaunchVolume(Volume(f"e{i}"), device="/dev/sdf", delete_on_termination=True),
            )
            for i in (A, B)
        ),
    )
    names = named()
    assert sent_for(request, names) == (
        "run_instances",
        {
            "ImageId": "ami-1",
            "InstanceType": "t3.micro",
            "MinCount": 2,
            "MaxCount": 2,
            "Placement": {"AvailabilityZone": "z-b"},
            "DisableApiTermination": True,
            "DisableApiStop": True,
            "InstanceInitiatedShutdownBehavior": "terminate",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "DeleteOnTermination": False}},
                {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 1}},
                {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1, "DeleteOnTermination": True}},
            ],
        },
    )
    assert names.devices[Volume("dB")] == "/dev/sdg"
    assert names.zones == {"2": "z-b"}


def test_a_plain_launch_leaves_everything_else_to_ec2() -> None:
    request = LaunchRequest(instances=(A,), volumes=((LaunchVolume(ROOT, root=True),),))
    _, arguments = sent_for(request)
    assert arguments.keys() == {"ImageId", "InstanceType", "MinCount", "MaxCount", "Placement"}


def test_a_dry_run_of_a_launch_asks_for_one_instance() -> None:
    _, arguments = sent_for(LaunchRequest(dry_run=True))
    assert (arguments["MinCount"], arguments["DryRun"]) == (1, True)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        (Attribute.DISABLE_API_TERMINATION, {"DisableApiTermination": {"Value": True}}),
        (Attribute.DISABLE_API_STOP, {"DisableApiStop": {"Value": True}}),
        (Attribute.SHUTDOWN_BEHAVIOR, {"InstanceInitiatedShutdownBehavior": {"Value": "stop"}}),
        (
            Attribute.BLOCK_DEVICE_MAPPINGS,
            {"BlockDeviceMappings": [{"DeviceName": "/dev/sdq", "Ebs": {"DeleteOnTermination": True}}]},
        ),
    ],
)
def test_an_attribute_is_written_by_its_own_argument(attribute: Attribute, value: dict[str, object]) -> None:
    names = named()
    names.devices[V] = "/dev/sdq"
    request = AttributeRequest(Operation.MODIFY, instances=(A,), attribute=attribute, value=True, volume=V)
    assert sent_for(request, names) == ("modify_instance_attribute", {"InstanceId": ID_A} | value)


def test_a_volume_that_is_elsewhere_is_never_mistaken_for_the_one_at_its_device() -> None:
    client = Client({"State": "attaching"})
    target, names = target_of(client), named()
    for volume, instance in ((V, A), (D, B)):
        names.bind(volume, f"vol-{volume}")
        attach = VolumeRequest(Operation.ATTACH, instances=(instance,), volumes=(volume,), device="/dev/sdf")
        assert target.perform(attach, names) == Done()
    wrong = AttributeRequest(Operation.MODIFY, instances=(A,), attribute=Attribute.BLOCK_DEVICE_MAPPINGS, volume=D)
    target.perform(wrong, names)
    _, arguments = client.asked[-1]
    assert arguments["BlockDeviceMappings"][0]["DeviceName"] == "/dev/sdg"


def test_a_caller_without_permission_has_a_client_of_its_own() -> None:
    owner, nobody = Client({}), Client(error("UnauthorizedOperation", status=403))
    target = Ec2Target(owner, name="fake", nobody=nobody)
    request = BatchRequest(Operation.TERMINATE, Caller.NOBODY, instances=(A,))
    assert target.perform(request, named()) == Refused("UnauthorizedOperation", "", 403)
    assert target.capabilities == {Capability.NOBODY}
    assert not owner.asked


@pytest.mark.parametrize(
    ("request_", "lacking"),
    [
        (BatchRequest(Operation.TERMINATE, Caller.NOBODY, instances=(A,)), "lacks a caller without permission"),
        (LaunchRequest(instances=(A,), root_device=RootDevice.INSTANCE_STORE), "lacks instances with an instance-st"),
        (LaunchRequest(instances=(A,), zone=Zone("3")), "lacks a zone 3: it has 2"),
        (VolumeRequest(Operation.DETACH, volumes=(ROOT,)), "has not shown the volume A.root in any reply"),
    ],
)
def test_what_a_target_lacks_is_said_and_nothing_is_sent(request_: Request, lacking: str) -> None:
    client = Client({})
    with pytest.raises(Unsupported, match=lacking):
        target_of(client).perform(request_, named())
    assert not client.asked
