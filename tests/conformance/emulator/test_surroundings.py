"""What the served model holds beside the lifecycle: launch parameters, attributes, devices, and what tools read."""

from base64 import b64encode

import pytest
from served import Reply, ask, launch, states

from ec2_lifecycle.conformance.emulator import filters, launch_parameters
from ec2_lifecycle.conformance.emulator.regions import SECURITY_GROUP, Region
from ec2_lifecycle.conformance.emulator.server.options import settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel

SUBNETS = {zone: subnet for subnet, zone in Region().subnets.items()}
USER_DATA = b64encode(b"#!/bin/sh\n").decode()


@pytest.fixture
def model() -> ServedModel:
    return ServedModel()


def run(model: ServedModel, **fields: str) -> Reply:
    return ask(model, "RunInstances", **{"ImageId": "ami-12345678", "MinCount": "1", "MaxCount": "1", **fields})


def change(model: ServedModel, i: str, **fields: str) -> Reply:
    return ask(model, "ModifyInstanceAttribute", InstanceId=i, **fields)


def attribute(model: ServedModel, i: str, name: str) -> Reply:
    return ask(model, "DescribeInstanceAttribute", InstanceId=i, Attribute=name)


# Attributes.


@pytest.mark.parametrize(
    "form", [{"InstanceType__Value": "t3.nano"}, {"Attribute": "instanceType", "Value": "t3.nano"}]
)
def test_the_type_changes_only_while_the_instance_is_stopped(model: ServedModel, form: dict[str, str]) -> None:
    (i,) = launch(model, InstanceType="m5.large")
    running = f"The instance '{i}' is not in the 'stopped' state."
    assert change(model, i, **form).error[1:] == ("IncorrectInstanceState", running)
    assert attribute(model, i, "instanceType").found("value") == ["m5.large"]
    ask(model, "StopInstances", InstanceId__1=i)
    assert change(model, i, **form).status == 200
    assert attribute(model, i, "instanceType").found("value") == ["t3.nano"]
    ask(model, "StartInstances", InstanceId__1=i)
    assert ask(model, "DescribeInstances", InstanceId__1=i).found("instanceType") == ["t3.nano"]


def test_a_change_of_the_type_meets_the_same_refusals_as_any_other(model: ServedModel) -> None:
    (i,) = launch(model)
    to = {"InstanceType__Value": "t3.nano"}
    assert change(model, "i-12345678", **to).error[1] == "InvalidInstanceID.NotFound"
    assert ask(model, "ModifyInstanceAttribute", by="NOBODY", InstanceId=i, **to).error[1] == "UnauthorizedOperation"
    assert change(model, i, DryRun="true", **to).error[1] == "DryRunOperation"
    assert change(model, i, **to, UserData__Value=USER_DATA).error[1] == "InvalidParameterCombination"
    ask(model, "StopInstances", InstanceId__1=i)
    unknown = change(model, i, InstanceType__Value="t3.smalle")
    assert unknown.error[1:] == (
        "InvalidParameterValue",
        "The following supplied instance types do not exist: [t3.smalle]",
    )
    ask(model, "TerminateInstances", InstanceId__1=i)
    assert change(model, i, **to).error[1] == "IncorrectInstanceState"
    assert attribute(model, "i-12345678", "instanceType").error[1] == "InvalidInstanceID.NotFound"


def test_user_data_is_read_as_it_was_sent_and_changes_while_stopped(model: ServedModel) -> None:
    (i,) = launch(model, UserData=USER_DATA)
    assert attribute(model, i, "userData").found("value") == [USER_DATA]
    (without,) = launch(model)
    assert attribute(model, without, "userData").found("value") == []
    ask(model, "StopInstances", InstanceId__1=i)
    other = b64encode(b"other").decode()
    assert change(model, i, UserData__Value=other).status == 200
    assert attribute(model, i, "userData").found("value") == [other]


def test_every_attribute_of_ec2_is_read_or_refused_by_a_message_of_ours(model: ServedModel) -> None:
    (i,) = launch(model)
    for name in ("ebsOptimized", "groupSet", "kernel", "productCodes", "ramdisk", "rootDeviceName", "sourceDestCheck"):
        assert attribute(model, i, name).status == 200, name
    assert attribute(model, i, "groupSet").found("groupId") == [SECURITY_GROUP]
    for name in ("enaSupport", "enclaveOptions"):
        assert "ec2-lifecycle" in attribute(model, i, name).error[2]


# Launch parameters.


def test_what_a_launch_sets_is_shown_again(model: ServedModel) -> None:
    (i,) = launch(
        model,
        EbsOptimized="true",
        KeyName="mine",
        Monitoring__Enabled="true",
        CpuOptions__CoreCount="1",
        CpuOptions__ThreadsPerCore="2",
        MetadataOptions__HttpTokens="required",
        IamInstanceProfile__Name="web",
        PrivateIpAddress="10.0.7.7",
        SecurityGroupId__1=SECURITY_GROUP,
        SubnetId=SUBNETS["us-east-1b"],
    )
    shown = ask(model, "DescribeInstances", InstanceId__1=i)
    assert "<monitoring><state>enabled</state></monitoring>" in shown.body
    assert shown.found("ebsOptimized") == ["true"]
    assert shown.found("keyName") == ["mine"]
    assert (shown.found("coreCount"), shown.found("threadsPerCore")) == (["1"], ["2"])
    assert shown.found("httpTokens") == ["required"]
    assert shown.found("arn") == ["arn:aws:iam::123456789012:instance-profile/web"]
    assert set(shown.found("privateIpAddress")) == {"10.0.7.7"}
    assert set(shown.found("subnetId")) == {SUBNETS["us-east-1b"]}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ImageId": ""}, "MissingParameter"),
        ({"ImageId": "web"}, "InvalidAMIID.Malformed"),
        ({"InstanceType": "t3.smalle"}, "InvalidInstanceType"),
        ({"LaunchTemplate__LaunchTemplateName": "web"}, "InvalidLaunchTemplateName.NotFoundException"),
        ({"LaunchTemplate__LaunchTemplateId": "lt-1"}, "InvalidLaunchTemplateId.NotFound"),
        ({"InstanceMarketOptions__MarketType": "spot"}, "UnsupportedOperation"),
        ({"Placement__Tenancy": "dedicated"}, "UnsupportedOperation"),
        ({"EnclaveOptions__Enabled": "true"}, "UnsupportedOperation"),
        ({"SecurityGroupId__1": "sg-1"}, "InvalidGroup.NotFound"),
        ({"SecurityGroup__1": "web"}, "InvalidGroup.NotFound"),
        ({"PrivateIpAddress": "10.0.0.256"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.0.9.9", "MaxCount": "2"}, "InvalidParameterCombination"),
        ({"NetworkInterface__1__NetworkInterfaceId": "eni-1"}, "UnsupportedOperation"),
        (
            {"BlockDeviceMapping__1__DeviceName": "/dev/sdf", "BlockDeviceMapping__1__Ebs__SnapshotId": "snap-1"},
            "InvalidSnapshot.NotFound",
        ),
        ({"ClientToken": "x" * 65}, "InvalidClientToken"),
    ],
)
def test_a_launch_that_the_model_cannot_keep_is_refused(model: ServedModel, fields: dict[str, str], code: str) -> None:
    refused = run(model, **fields)
    assert refused.error[1] == code
    assert ask(model, "DescribeInstances").found("instanceId") == []


def test_a_lenient_model_accepts_and_keeps_what_it_does_not_hold() -> None:
    model = ServedModel(settings_of(lenient=True))
    launched = run(
        model,
        InstanceType="x99.huge",
        InstanceMarketOptions__MarketType="spot",
        SecurityGroupId__1="sg-1",
        Placement__Tenancy="dedicated",
        KernelId="aki-1",
    )
    assert launched.status == 200
    (i,) = launched.found("instanceId")
    shown = ask(model, "DescribeInstances", InstanceId__1=i)
    assert shown.found("instanceType") == ["x99.huge"]
    assert shown.found("instanceLifecycle") == ["spot"]
    assert shown.found("tenancy") == ["dedicated"]
    assert shown.found("kernelId") == ["aki-1"]
    assert "sg-1" in shown.found("groupId")
    assert change(model, i, SourceDestCheck__Value="false").status == 200
    assert attribute(model, i, "sourceDestCheck").found("value") == ["false"]


def test_the_private_address_stays_over_a_stop_and_the_public_one_changes(model: ServedModel) -> None:
    (i,) = launch(model)
    before = ask(model, "DescribeInstances", InstanceId__1=i)
    ask(model, "StopInstances", InstanceId__1=i)
    stopped = ask(model, "DescribeInstances", InstanceId__1=i)
    ask(model, "StartInstances", InstanceId__1=i)
    after = ask(model, "DescribeInstances", InstanceId__1=i)
    private = [set(shown.found("privateIpAddress")) for shown in (before, stopped, after)]
    assert len(private[0]) == 1
    assert private[0] == private[1] == private[2]
    assert stopped.found("ipAddress") == []
    assert before.found("ipAddress") != after.found("ipAddress")


def test_a_private_address_belongs_to_one_instance_at_a_time(model: ServedModel) -> None:
    (i,) = launch(model, PrivateIpAddress="10.0.7.7")
    assert run(model, PrivateIpAddress="10.0.7.7").error[1] == "InvalidIPAddress.InUse"
    ask(model, "TerminateInstances", InstanceId__1=i)
    ask(model, "DescribeInstances")
    assert run(model, PrivateIpAddress="10.0.7.7").status == 200


# Client tokens.


def test_the_token_of_a_terminated_instance_is_refused(model: ServedModel) -> None:
    (i,) = launch(model, ClientToken="T")
    ask(model, "TerminateInstances", InstanceId__1=i)
    again = ask(model, "RunInstances", ImageId="ami-1", MinCount="1", MaxCount="1", ClientToken="T")
    assert again.error[1] == "IdempotentInstanceTerminated"


def test_the_same_token_in_another_zone_is_another_launch(model: ServedModel) -> None:
    (a,) = launch(model, ClientToken="T", Placement__AvailabilityZone="us-east-1a")
    (b,) = launch(model, ClientToken="T", Placement__AvailabilityZone="us-east-1b")
    assert a != b


def test_a_volume_with_the_same_token_and_another_size_is_refused(model: ServedModel) -> None:
    sent = {"AvailabilityZone": "us-east-1a", "ClientToken": "T"}
    (volume,) = ask(model, "CreateVolume", Size="1", **sent).found("volumeId")
    assert ask(model, "CreateVolume", Size="1", **sent).found("volumeId") == [volume]
    assert ask(model, "CreateVolume", Size="2", **sent).error[1] == "IdempotentParameterMismatch"


# Devices.


def new_volume(model: ServedModel) -> str:
    (volume,) = ask(model, "CreateVolume", AvailabilityZone="us-east-1a", Size="1").found("volumeId")
    return volume


def test_a_device_has_a_name_that_ec2_takes_and_one_volume(model: ServedModel) -> None:
    (i,) = launch(model)
    first, second = new_volume(model), new_volume(model)
    for device in ("banana", "/dev/sdi1"):
        wrong = ask(model, "AttachVolume", VolumeId=first, InstanceId=i, Device=device)
        message = f"Value ({device}) for parameter device is invalid. {device} is not a valid EBS device name."
        assert wrong.error[1:] == ("InvalidParameterValue", message)
    assert ask(model, "AttachVolume", VolumeId=first, InstanceId=i, Device="/dev/sdf").status == 200
    for device in ("/dev/sdf", "/dev/xvda"):
        taken = ask(model, "AttachVolume", VolumeId=second, InstanceId=i, Device=device)
        message = f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
        assert taken.error[1:] == ("InvalidParameterValue", message)


def test_the_root_leaves_only_a_stopped_instance_which_then_does_not_start(model: ServedModel) -> None:
    (i,) = launch(model)
    (root,) = ask(model, "DescribeInstances", InstanceId__1=i).found("volumeId")
    running = ask(model, "DetachVolume", VolumeId=root)
    assert running.error[1:] == ("IncorrectState", f"Unable to detach root volume '{root}' from instance '{i}'")
    ask(model, "StopInstances", InstanceId__1=i)
    assert ask(model, "DetachVolume", VolumeId=root).status == 200
    start = ask(model, "StartInstances", InstanceId__1=i)
    why = f"Invalid value '{i}' for instanceId. Instance does not have a volume attached at root (/dev/xvda)"
    assert start.error[1:] == ("InvalidParameterValue", why)
    assert states(model, i) == ["stopped"]
    assert ask(model, "AttachVolume", VolumeId=root, InstanceId=i, Device="/dev/xvda").status == 200
    assert ask(model, "StartInstances", InstanceId__1=i).status == 200


def test_volumes_in_the_wrong_state_are_refused_with_the_codes_that_tools_branch_on() -> None:
    model = ServedModel(settings_of(delay={"created": "60", "detached": "60", "deleted": "60"}, clock="stands"))
    (i,) = launch(model)
    volume = new_volume(model)
    to = {"VolumeId": volume, "InstanceId": i, "Device": "/dev/sdf"}
    assert ask(model, "AttachVolume", **to).error[1] == "IncorrectState"
    model.advance(60)
    assert ask(model, "DetachVolume", VolumeId=volume).error[1] == "IncorrectState"
    assert ask(model, "AttachVolume", **to).status == 200
    assert ask(model, "AttachVolume", **to).error[1:] == ("VolumeInUse", f"{volume} is already attached to an instance")
    held = ask(model, "DeleteVolume", VolumeId=volume)
    assert held.error[1:] == ("VolumeInUse", f"Volume {volume} is currently attached to {i}")
    (other,) = launch(model, Placement__AvailabilityZone="us-east-1b")
    assert ask(model, "DetachVolume", VolumeId=volume, InstanceId=other).error[1] == "InvalidAttachment.NotFound"
    assert ask(model, "DetachVolume", VolumeId=volume, Device="/dev/sdg").error[1] == "InvalidAttachment.NotFound"
    ask(model, "DetachVolume", VolumeId=volume)
    assert ask(model, "DetachVolume", VolumeId=volume).error[1] == "IncorrectState"
    assert ask(model, "AttachVolume", **to).error[1] == "VolumeInUse"
    model.advance(60)
    away = {**to, "InstanceId": other}
    assert ask(model, "AttachVolume", **away).error[1] == "InvalidVolume.ZoneMismatch"
    ask(model, "DeleteVolume", VolumeId=volume)
    assert ask(model, "AttachVolume", **to).error[1] == "IncorrectState"
    assert ask(model, "DeleteVolume", VolumeId=volume).error[1] == "IncorrectState"


# What tools read.


def test_interfaces_profiles_keys_and_credits_follow_from_the_instances(model: ServedModel) -> None:
    (i,) = launch(model, KeyName="mine", IamInstanceProfile__Name="web", InstanceType="t3.micro")
    (other,) = launch(model, InstanceType="m5.large")
    interfaces = ask(model, "DescribeNetworkInterfaces")
    assert sorted(interfaces.found("instanceId")) == sorted([i, other])
    (of_it,) = ask(
        model, "DescribeNetworkInterfaces", Filter__1__Name="attachment.instance-id", Filter__1__Value__1=i
    ).found("networkInterfaceId")
    named = ask(model, "DescribeNetworkInterfaces", NetworkInterfaceId__1=of_it)
    assert named.found("instanceId") == [i]
    assert ask(model, "DescribeKeyPairs").found("keyName") == ["mine"]
    assert ask(model, "DescribeKeyPairs", KeyName__1="yours").error[1] == "InvalidKeyPair.NotFound"
    assert ask(model, "DescribeIamInstanceProfileAssociations").found("instanceId") == [i]
    assert ask(model, "DescribeInstanceCreditSpecifications", InstanceId__1=i).found("cpuCredits") == ["unlimited"]
    none = ask(model, "DescribeInstanceCreditSpecifications", InstanceId__1=other)
    assert none.error[1] == "InstanceCreditSpecification.NotSupported"
    ask(model, "TerminateInstances", InstanceId__1=i)
    ask(model, "DescribeInstances")
    assert ask(model, "DescribeNetworkInterfaces").found("instanceId") == [other]
    assert ask(model, "DescribeIamInstanceProfileAssociations").found("instanceId") == []


def test_what_the_model_has_none_of_is_empty_and_an_id_of_it_is_unknown(model: ServedModel) -> None:
    assert ask(model, "DescribeAddresses").found("publicIp") == []
    assert ask(model, "DescribeAddresses", PublicIp__1="54.0.0.1").error[1] == "InvalidAddress.NotFound"
    assert ask(model, "DescribeAddresses", AllocationId__1="eipalloc-1").error[1] == "InvalidAllocationID.NotFound"
    assert ask(model, "DescribeLaunchTemplates").found("launchTemplateId") == []
    named = ask(model, "DescribeLaunchTemplates", LaunchTemplateName__1="web")
    assert named.error[1] == "InvalidLaunchTemplateName.NotFoundException"
    assert ask(model, "DescribeVpcs", VpcId__1="vpc-1").error[1] == "InvalidVpcID.NotFound"


def test_every_type_that_can_be_launched_is_offered_in_every_zone(model: ServedModel) -> None:
    sent = {"Filter__1__Name": "instance-type", "Filter__1__Value__1": "t3.micro", "LocationType": "availability-zone"}
    offered = ask(model, "DescribeInstanceTypeOfferings", **sent)
    assert offered.found("location") == list(Region().zones)
    assert len(ask(model, "DescribeInstanceTypeOfferings").found("location")) == len(launch_parameters.instance_types())
    wrong = ask(model, "DescribeInstanceTypeOfferings", LocationType="moon")
    assert wrong.error[1] == "InvalidParameterValue"


def test_the_reads_of_terraforms_aws_instance_are_all_answered(model: ServedModel) -> None:
    (i,) = launch(model, InstanceType="t3.micro")
    reads = [
        ask(model, "DescribeInstances", InstanceId__1=i),
        ask(model, "DescribeInstanceTypes", InstanceType__1="t3.micro"),
        ask(model, "DescribeTags", Filter__1__Name="resource-id", Filter__1__Value__1=i),
        *(
            attribute(model, i, name)
            for name in (
                "disableApiStop",
                "disableApiTermination",
                "instanceInitiatedShutdownBehavior",
                "userData",
                "instanceType",
            )
        ),
        ask(model, "DescribeVolumes", Filter__1__Name="attachment.instance-id", Filter__1__Value__1=i),
        ask(model, "DescribeVpcs"),
        ask(model, "DescribeSubnets"),
        ask(model, "DescribeSecurityGroups"),
        ask(model, "DescribeInstanceCreditSpecifications", InstanceId__1=i),
        ask(model, "DescribeLaunchTemplates"),
        ask(model, "DescribeIamInstanceProfileAssociations", Filter__1__Name="instance-id", Filter__1__Value__1=i),
        ask(model, "DescribeNetworkInterfaces"),
        ask(model, "DescribeKeyPairs"),
    ]
    assert [read.status for read in reads] == [200] * len(reads)


# Filters.


@pytest.mark.parametrize(
    ("operation", "known"), [("DescribeInstances", filters.INSTANCE), ("DescribeVolumes", filters.VOLUME)]
)
def test_every_documented_filter_is_answered_or_refused_as_one_that_the_model_does_not_hold(
    model: ServedModel, operation: str, known: dict[str, filters.Getter]
) -> None:
    launch(model)
    documented = filters.documented(operation) - {"tag:<key>", "tag-key"}
    assert len(documented) > 15
    for name in documented:
        reply = ask(model, operation, Filter__1__Name=name, Filter__1__Value__1="x")
        if name in known:
            assert reply.status == 200, name
        else:
            assert reply.error[1] == "UnsupportedOperation", name
            assert f"ec2-lifecycle does not hold what the filter {name}" in reply.error[2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ebs-optimized", "true"),
        ("enclave-options.enabled", "false"),
        ("hibernation-options.configured", "false"),
        ("iam-instance-profile.arn", "*/web"),
        ("network-interface.attachment.device-index", "0"),
        ("network-interface.attachment.attach-time", "20*Z"),
        ("network-interface.addresses.private-ip-address", "10.*"),
        ("network-interface.association.public-ip", "54.*"),
        ("block-device-mapping.attach-time", "20*Z"),
        ("operator.managed", "false"),
    ],
)
def test_a_filter_finds_the_instance_that_has_its_value(model: ServedModel, name: str, value: str) -> None:
    (i,) = launch(model, EbsOptimized="true", IamInstanceProfile__Name="web")
    sent = {"Filter__1__Name": name, "Filter__1__Value__1": value}
    assert ask(model, "DescribeInstances", **sent).found("instanceId").count(i) == 1
    assert ask(model, "DescribeInstances", **{**sent, "Filter__1__Value__1": "nothing"}).found("instanceId") == []


def test_a_filter_that_the_operation_does_not_have_is_invalid(model: ServedModel) -> None:
    for operation, name in (("DescribeInstances", "nonsense"), ("DescribeInstanceStatus", "tag:Name")):
        wrong = ask(model, operation, Filter__1__Name=name, Filter__1__Value__1="x")
        assert wrong.error[1:] == ("InvalidParameterValue", f"The filter '{name}' is invalid")


def test_a_call_has_at_most_200_filter_values(model: ServedModel) -> None:
    values = {f"Filter__1__Value__{number}": str(number) for number in range(1, 202)}
    many = ask(model, "DescribeInstances", Filter__1__Name="instance-type", **values)
    assert many.error[1] == "FilterLimitExceeded"
