"""In front of moto: what a launch names is looked up there, and shown again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from in_front import IMAGE, client, default_vpc, group, interface_of, launched, matching, network, refused, shown, state

pytestmark = [pytest.mark.ec2_double(beyond="moto"), pytest.mark.usefixtures("ec2_double")]


def template(name: str = "web", **data: object) -> str:
    """Create a launch template, and return its id."""
    made = client().create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    return made["LaunchTemplate"]["LaunchTemplateId"]


def tags_of(instance: str) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in shown(instance).get("Tags", ())}


# Launch templates.


def test_a_launch_template_gives_the_parameters() -> None:
    vpc, subnet = network()
    web, data = group(vpc), {"ImageId": IMAGE, "InstanceType": "m5.large"}
    made = template(**data, NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "Groups": [web]}])
    (instance,) = launched(LaunchTemplate={"LaunchTemplateId": made})
    item = shown(instance)
    assert (item["ImageId"], item["InstanceType"], item["SubnetId"]) == (IMAGE, "m5.large", subnet)
    assert [each["GroupId"] for each in item["SecurityGroups"]] == [web]


def test_a_launch_template_can_be_named() -> None:
    template("by-name", ImageId=IMAGE, InstanceType="m5.large")
    (instance,) = launched(LaunchTemplate={"LaunchTemplateName": "by-name"})
    assert shown(instance)["InstanceType"] == "m5.large"


def test_the_request_wins_over_its_template() -> None:
    made = template(ImageId=IMAGE, InstanceType="m5.large", Placement={"AvailabilityZone": "us-east-1c"})
    (instance,) = launched(LaunchTemplate={"LaunchTemplateId": made}, InstanceType="t3.large")
    assert (shown(instance)["InstanceType"], shown(instance)["Placement"]["AvailabilityZone"]) == (
        "t3.large",
        "us-east-1c",
    )


def test_the_default_version_of_a_template_holds_unless_another_is_named() -> None:
    made = template(ImageId=IMAGE, InstanceType="m5.large")
    client().create_launch_template_version(
        LaunchTemplateId=made, LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t3.large"}
    )
    types = {
        version: shown(launched(LaunchTemplate={"LaunchTemplateId": made, "Version": version})[0])["InstanceType"]
        for version in ("$Default", "$Latest", "1", "2")
    }
    assert types == {"$Default": "m5.large", "$Latest": "t3.large", "1": "m5.large", "2": "t3.large"}


def test_an_instance_is_marked_with_its_template() -> None:
    specification = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "blue"}]}]
    made = template(ImageId=IMAGE, TagSpecifications=specification)
    (instance,) = launched(LaunchTemplate={"LaunchTemplateId": made})
    assert tags_of(instance) == {
        "team": "blue",
        "aws:ec2launchtemplate:id": made,
        "aws:ec2launchtemplate:version": "1",
    }


def test_a_template_protects_its_instances() -> None:
    made = template(ImageId=IMAGE, DisableApiTermination=True)
    (instance,) = launched(LaunchTemplate={"LaunchTemplateId": made})
    with refused("OperationNotPermitted", instance):
        client().terminate_instances(InstanceIds=[instance])
    assert state(instance) == "running"


def test_an_unknown_template_is_refused_as_by_the_ec2_behind() -> None:
    with refused("InvalidLaunchTemplateName.NotFoundException"):
        launched(LaunchTemplate={"LaunchTemplateName": "nowhere"})
    assert matching() == []


# Images, key pairs, profiles, placement.


def test_the_image_gives_the_root_device() -> None:
    (instance,) = launched()
    assert shown(instance)["RootDeviceName"] == "/dev/sda1"
    [mapping] = shown(instance)["BlockDeviceMappings"]
    assert mapping["DeviceName"] == "/dev/sda1"
    [volume] = client().describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"]
    [image] = client().describe_images(ImageIds=[IMAGE])["Images"]
    assert volume["Size"] == image["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"]


def test_an_unknown_image_is_refused() -> None:
    with refused("InvalidAMIID.NotFound", "ami-0123456789abcdef0"):
        launched(ImageId="ami-0123456789abcdef0")


def test_an_image_is_needed() -> None:
    with refused("MissingParameter", "ImageId"):
        client().run_instances(MinCount=1, MaxCount=1)


@pytest.mark.ec2_double(lenient=True)
def test_a_lenient_model_takes_an_image_and_a_key_pair_that_are_not_there() -> None:
    (instance,) = launched(ImageId="ami-0123456789abcdef0", KeyName="anything")
    assert (shown(instance)["ImageId"], shown(instance)["KeyName"]) == ("ami-0123456789abcdef0", "anything")
    assert shown(instance)["RootDeviceName"] == "/dev/sda1"


def test_an_image_made_behind_can_be_launched() -> None:
    snapshot = client().describe_snapshots()["Snapshots"][0]["SnapshotId"]
    made = client().register_image(
        Name="mine",
        RootDeviceName="/dev/xvda",
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}],
    )["ImageId"]
    (instance,) = launched(ImageId=made)
    assert shown(instance)["ImageId"] == made


def test_a_key_pair_is_looked_up_and_shown() -> None:
    client().create_key_pair(KeyName="mine")
    (instance,) = launched(KeyName="mine")
    assert shown(instance)["KeyName"] == "mine"
    assert matching(key_name="mine") == [instance]
    with refused("InvalidKeyPair.NotFound", "theirs"):
        launched(KeyName="theirs")


def test_an_instance_profile_is_looked_up_in_iam() -> None:
    made = client("iam").create_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    (by_name,) = launched(IamInstanceProfile={"Name": "web"})
    (by_arn,) = launched(IamInstanceProfile={"Arn": made["Arn"]})
    for instance in (by_name, by_arn):
        assert shown(instance)["IamInstanceProfile"] == {"Arn": made["Arn"], "Id": made["InstanceProfileId"]}
    with refused("InvalidParameterValue", "nowhere"):
        launched(IamInstanceProfile={"Name": "nowhere"})


def test_a_dedicated_host_is_looked_up() -> None:
    made = client().allocate_hosts(AvailabilityZone="us-east-1a", InstanceType="m5.large", Quantity=1)
    (instance,) = launched(Placement={"HostId": made["HostIds"][0], "Tenancy": "host"})
    assert shown(instance)["Placement"]["HostId"] == made["HostIds"][0]
    assert matching(tenancy="host") == [instance]
    with refused("InvalidHostID.NotFound", "h-0123456789abcdef0"):
        launched(Placement={"HostId": "h-0123456789abcdef0"})


def test_spot_instances_are_refused_with_a_sentence() -> None:
    with refused("Unsupported", "ec2-lifecycle", "Spot"):
        launched(InstanceMarketOptions={"MarketType": "spot"})


def test_what_an_interface_cannot_have_is_refused_with_a_sentence() -> None:
    with refused("Unsupported", "ec2-lifecycle", "EnaSrdSpecification"):
        launched(NetworkInterfaces=[{"DeviceIndex": 0, "EnaSrdSpecification": {"EnaSrdEnabled": True}}])


# Block devices.


def test_devices_of_a_launch_are_added_to_those_of_the_image() -> None:
    wanted = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 50, "VolumeType": "io1", "Iops": 300}}]
    (instance,) = launched(BlockDeviceMappings=wanted)
    devices = {each["DeviceName"]: each["Ebs"] for each in shown(instance)["BlockDeviceMappings"]}
    assert devices.keys() == {"/dev/sda1", "/dev/sdf"}
    [volume] = client().describe_volumes(VolumeIds=[devices["/dev/sdf"]["VolumeId"]])["Volumes"]
    assert (volume["Size"], volume["VolumeType"], volume["Iops"]) == (50, "io1", 300)


def test_a_launch_changes_the_root_device() -> None:
    wanted = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 99, "DeleteOnTermination": False}}]
    (instance,) = launched(BlockDeviceMappings=wanted)
    [mapping] = shown(instance)["BlockDeviceMappings"]
    client().terminate_instances(InstanceIds=[instance])
    [volume] = client().describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"]
    assert (volume["Size"], volume["State"]) == (99, "available")


def test_a_snapshot_gives_the_size() -> None:
    snapshot = client().describe_snapshots()["Snapshots"][0]
    wanted = [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": snapshot["SnapshotId"]}}]
    (instance,) = launched(BlockDeviceMappings=wanted)
    found = [
        each["Ebs"]["VolumeId"] for each in shown(instance)["BlockDeviceMappings"] if each["DeviceName"] == "/dev/sdf"
    ]
    [volume] = client().describe_volumes(VolumeIds=found)["Volumes"]
    assert (volume["Size"], volume["SnapshotId"]) == (snapshot["VolumeSize"], snapshot["SnapshotId"])
    made = client().create_volume(AvailabilityZone="us-east-1a", SnapshotId=snapshot["SnapshotId"])
    assert (made["Size"], made["SnapshotId"]) == (snapshot["VolumeSize"], snapshot["SnapshotId"])


def test_an_unknown_snapshot_is_refused() -> None:
    with refused("InvalidSnapshot.NotFound"):
        launched(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": "snap-0123456789abcdef0"}}])
    with refused("InvalidSnapshot.NotFound"):
        client().create_volume(AvailabilityZone="us-east-1a", SnapshotId="snap-0123456789abcdef0")


def test_a_new_device_needs_a_size() -> None:
    with refused("MissingParameter", "size"):
        launched(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeType": "gp3"}}])


# Several launches.


def test_a_client_token_launches_once() -> None:
    first = launched(2, ClientToken="once")
    assert launched(2, ClientToken="once") == first
    assert len(client().describe_network_interfaces()["NetworkInterfaces"]) == 2
    with refused("IdempotentParameterMismatch"):
        launched(1, ClientToken="once")


def test_a_dry_run_makes_nothing() -> None:
    _, subnet = network()
    with refused("DryRunOperation"):
        launched(SubnetId=subnet, DryRun=True)
    with refused("InvalidSubnetID.NotFound"):
        launched(SubnetId="subnet-0123456789abcdef0", DryRun=True)
    assert matching() == []
    assert client().describe_network_interfaces()["NetworkInterfaces"] == []


def test_a_launch_that_the_model_refuses_makes_nothing_behind() -> None:
    with refused("InvalidParameterValue"):
        client().run_instances(ImageId=IMAGE, MinCount=2, MaxCount=1)
    assert client().describe_network_interfaces()["NetworkInterfaces"] == []


def test_instances_of_a_launch_share_their_reservation() -> None:
    made = launched(3)
    [reservation] = client().describe_instances(InstanceIds=made)["Reservations"]
    assert [each["AmiLaunchIndex"] for each in reservation["Instances"]] == [0, 1, 2]
    assert len({interface_of(each)["PrivateIpAddress"] for each in made}) == 3


def test_the_launch_time_is_now() -> None:
    (instance,) = launched()
    assert abs((datetime.now(UTC) - shown(instance)["LaunchTime"]).total_seconds()) < 60


def test_each_region_has_instances_and_networks_of_its_own() -> None:
    east, west = client(), client(region="eu-west-1")
    launched(ec2=west)
    assert east.describe_instances()["Reservations"] == []
    [item] = west.describe_instances()["Reservations"][0]["Instances"]
    assert item["Placement"]["AvailabilityZone"] == "eu-west-1a"
    assert item["PrivateDnsName"].endswith(".eu-west-1.compute.internal")
    assert item["VpcId"] != default_vpc()


@pytest.mark.ec2_double(lenient=True)
@pytest.mark.parametrize(
    ("setting", "launch", "code"),
    [
        ("ENABLE_AMI_VALIDATION", {"ImageId": "ami-0123456789"}, "InvalidAMIID.NotFound"),
        ("ENABLE_KEYPAIR_VALIDATION", {"KeyName": "unknown"}, "InvalidKeyPair.NotFound"),
    ],
)
def test_what_moto_is_set_to_check_is_refused_whatever_else_is_accepted(
    monkeypatch: pytest.MonkeyPatch, setting: str, launch: dict[str, Any], code: str
) -> None:
    launched(**launch)
    monkeypatch.setattr(f"moto.settings.{setting}", True)
    with refused(code):
        launched(**launch)


@pytest.mark.parametrize(
    ("beside", "what"),
    [
        ({"SubnetId": "subnet-1"}, "subnet ID"),
        ({"SecurityGroupIds": ["sg-1"]}, "security groups"),
        ({"SecurityGroups": ["web"]}, "security groups"),
        ({"PrivateIpAddress": "172.31.0.9"}, "private IP address"),
    ],
)
def test_network_interfaces_exclude_a_network_of_the_instance(beside: dict[str, Any], what: str) -> None:
    with refused("InvalidParameterCombination", f"an instance-level {what} may not be specified on the same request"):
        launched(NetworkInterfaces=[{"DeviceIndex": 0}], **beside)


def test_a_block_device_needs_more_than_a_name() -> None:
    with refused("MissingParameter", "The request must contain the parameter ebs"):
        launched(BlockDeviceMappings=[{"DeviceName": "/dev/sdf"}])
    (instance,) = launched(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "VirtualName": "ephemeral0"}])
    assert state(instance) == "running"


@pytest.mark.ec2_double(lenient=True)
def test_an_attribute_of_the_launch_changes_later() -> None:
    (instance,) = launched(EbsOptimized=True)
    assert shown(instance)["EbsOptimized"]
    client().stop_instances(InstanceIds=[instance])
    client().modify_instance_attribute(InstanceId=instance, EbsOptimized={"Value": False})
    assert not shown(instance)["EbsOptimized"]
