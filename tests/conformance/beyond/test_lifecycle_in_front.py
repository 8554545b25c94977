"""In front of moto: the lifecycle is EC2's, with attributes, filters, status checks, tags and volumes."""

import pytest
from in_front import client, interface_of, launched, matching, refused, shown, state

from ec2_lifecycle.testing import Ec2Double, judged

pytestmark = [pytest.mark.ec2_double(beyond="moto"), pytest.mark.usefixtures("ec2_double")]


def status_of(*instances: str, include_all: bool = False) -> dict[str, str]:
    found = client().describe_instance_status(InstanceIds=list(instances), IncludeAllInstances=include_all)
    return {each["InstanceId"]: each["InstanceStatus"]["Status"] for each in found["InstanceStatuses"]}


def root_volume(instance: str) -> str:
    return shown(instance)["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]


def test_an_instance_stops_starts_and_ends() -> None:
    (made,) = launched()
    seen = [state(made)]
    client().stop_instances(InstanceIds=[made])
    seen.append(state(made))
    client().start_instances(InstanceIds=[made])
    client().reboot_instances(InstanceIds=[made])
    seen.append(state(made))
    client().terminate_instances(InstanceIds=[made])
    seen.append(state(made))
    assert seen == ["running", "stopped", "running", "terminated"]


def test_a_protected_instance_shields_its_zone() -> None:
    zones = {"free": "us-east-1d", "shielded": "us-east-1e", "protected": "us-east-1e"}
    made = {
        name: launched(Placement={"AvailabilityZone": zone}, DisableApiTermination=name == "protected")[0]
        for name, zone in zones.items()
    }
    with refused("OperationNotPermitted", made["protected"]):
        client().terminate_instances(InstanceIds=list(made.values()))
    assert {name: state(each) for name, each in made.items()} == {
        "free": "terminated",
        "shielded": "running",
        "protected": "running",
    }


def test_nothing_is_terminated_if_one_id_is_unknown() -> None:
    (made,) = launched()
    with refused("InvalidInstanceID.NotFound", "i-0123456789abcdef0"):
        client().terminate_instances(InstanceIds=[made, "i-0123456789abcdef0"])
    assert state(made) == "running"


def test_an_instance_protected_from_a_stop_runs_on() -> None:
    (made,) = launched(DisableApiStop=True)
    with refused("OperationNotPermitted"):
        client().stop_instances(InstanceIds=[made])
    assert state(made) == "running"


def test_a_judge_finds_nothing() -> None:
    with judged(client()) as ec2:
        (made,) = launched(ec2=ec2)
        ec2.describe_instances(InstanceIds=[made])
        ec2.stop_instances(InstanceIds=[made])
        ec2.describe_instances(InstanceIds=[made])
        ec2.start_instances(InstanceIds=[made])
        ec2.terminate_instances(InstanceIds=[made])
        described = ec2.describe_instances(InstanceIds=[made])
    assert described["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"


@pytest.mark.ec2_double(delays="10", clock="stands")
def test_states_take_their_time(ec2_double: Ec2Double) -> None:
    (made,) = launched()
    assert (state(made), "PublicIpAddress" in shown(made)) == ("pending", False)
    ec2_double.advance(10)
    assert (state(made), "PublicIpAddress" in shown(made)) == ("running", True)
    client().terminate_instances(InstanceIds=[made])
    assert state(made) == "shutting-down"
    [reduced] = shown(made)["NetworkInterfaces"]
    assert "SubnetId" not in reduced
    ec2_double.advance(10)
    assert (state(made), shown(made).get("NetworkInterfaces", [])) == ("terminated", [])


@pytest.mark.ec2_double(delays="10", clock="stands")
def test_failures_and_events_are_the_models(ec2_double: Ec2Double) -> None:
    ec2_double.fail_next("RunInstances", "no-capacity", times=5)
    with refused("InsufficientInstanceCapacity"):
        launched()
    (made,) = launched()
    ec2_double.advance(10)
    ec2_double.happen("guest-shutdown", made)
    ec2_double.advance(10)
    assert shown(made)["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"


# Attributes.


def test_protections_and_the_shutdown_behaviour_are_read_and_written() -> None:
    (made,) = launched()
    ec2 = client()
    ec2.modify_instance_attribute(InstanceId=made, DisableApiTermination={"Value": True})
    ec2.modify_instance_attribute(InstanceId=made, InstanceInitiatedShutdownBehavior={"Value": "terminate"})
    read = ec2.describe_instance_attribute(InstanceId=made, Attribute="disableApiTermination")
    assert read["DisableApiTermination"] == {"Value": True}
    read = ec2.describe_instance_attribute(InstanceId=made, Attribute="instanceInitiatedShutdownBehavior")
    assert read["InstanceInitiatedShutdownBehavior"] == {"Value": "terminate"}


def test_an_attribute_decides_whether_a_volume_survives() -> None:
    (made,) = launched()
    volume = root_volume(made)
    kept = [{"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": False}}]
    client().modify_instance_attribute(InstanceId=made, BlockDeviceMappings=kept)
    client().terminate_instances(InstanceIds=[made])
    assert client().describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"] == "available"


def test_a_dry_run_of_a_change_changes_nothing() -> None:
    (made,) = launched()
    for change in ({"SourceDestCheck": {"Value": False}}, {"DisableApiTermination": {"Value": True}}):
        with refused("DryRunOperation"):
            client().modify_instance_attribute(InstanceId=made, DryRun=True, **change)
    assert shown(made)["SourceDestCheck"] is True


# Filters and pages.


def test_filters_by_state_and_zone() -> None:
    (running,) = launched(Placement={"AvailabilityZone": "us-east-1b"})
    (stopped,) = launched(Placement={"AvailabilityZone": "us-east-1c"})
    client().stop_instances(InstanceIds=[stopped])
    assert matching(instance_state_name="running") == [running]
    assert matching(instance_state_code="80") == [stopped]
    assert matching(availability_zone="us-east-1b") == [running]
    assert matching(instance_state_name="stopped", availability_zone="us-east-1b") == []


def test_filters_by_the_network() -> None:
    (made,) = launched()
    item = shown(made)
    assert matching(vpc_id=item["VpcId"]) == [made]
    assert matching(subnet_id=item["SubnetId"]) == [made]
    assert matching(private_dns_name=item["PrivateDnsName"]) == [made]
    assert matching(network_interface__network_interface_id=interface_of(made)["NetworkInterfaceId"]) == [made]
    assert matching(vpc_id="vpc-0123456789abcdef0") == []


def test_filters_by_tag() -> None:
    ours, theirs = launched(2)
    client().create_tags(Resources=[ours], Tags=[{"Key": "team", "Value": "blue"}])
    wanted = [{"Name": "tag:team", "Values": ["bl*"]}]
    [reservation] = client().describe_instances(Filters=wanted)["Reservations"]
    assert [each["InstanceId"] for each in reservation["Instances"]] == [ours] != [theirs]


def test_descriptions_come_in_pages() -> None:
    made = {each for _ in range(7) for each in launched()}
    first = client().describe_instances(MaxResults=5)
    second = client().describe_instances(NextToken=first["NextToken"])
    pages = [{i["InstanceId"] for each in page["Reservations"] for i in each["Instances"]} for page in (first, second)]
    assert [len(page) for page in pages] == [5, 2]
    assert pages[0] | pages[1] == made


# Status.


def test_only_running_instances_have_a_status() -> None:
    running, stopped = launched(2)
    client().stop_instances(InstanceIds=[stopped])
    assert status_of(running, stopped) == {running: "ok"}
    assert status_of(running, stopped, include_all=True).keys() == {running, stopped}


def test_the_status_of_an_unknown_instance_is_refused() -> None:
    with refused("InvalidInstanceID.NotFound"):
        status_of("i-0123456789abcdef0")


# Volumes.


def test_a_volume_is_made_attached_detached_and_deleted() -> None:
    (made,) = launched(Placement={"AvailabilityZone": "us-east-1f"})
    volume = client().create_volume(AvailabilityZone="us-east-1f", Size=12)["VolumeId"]
    client().attach_volume(VolumeId=volume, InstanceId=made, Device="/dev/sdg")
    wanted = [{"Name": "attachment.instance-id", "Values": [made]}]
    found = {each["VolumeId"]: each["State"] for each in client().describe_volumes(Filters=wanted)["Volumes"]}
    assert found == {root_volume(made): "in-use", volume: "in-use"}
    client().detach_volume(VolumeId=volume)
    client().delete_volume(VolumeId=volume)
    with refused("InvalidVolume.NotFound"):
        client().describe_volumes(VolumeIds=[volume])


def test_a_volume_of_a_launch_ends_with_its_instance() -> None:
    (made,) = launched()
    volume = root_volume(made)
    client().terminate_instances(InstanceIds=[made])
    with refused("InvalidVolume.NotFound"):
        client().describe_volumes(VolumeIds=[volume])


# Tags.


def test_tags_are_kept_where_the_resource_is() -> None:
    (made,) = launched()
    face = interface_of(made)
    everything = [made, root_volume(made), face["NetworkInterfaceId"], face["SubnetId"]]
    client().create_tags(Resources=everything, Tags=[{"Key": "team", "Value": "blue"}])
    tags = client().describe_tags(Filters=[{"Name": "key", "Values": ["team"]}])["Tags"]
    assert {each["ResourceId"] for each in tags} == set(everything)
    assert [each["Value"] for each in shown(made)["Tags"]] == ["blue"]
    client().delete_tags(Resources=everything, Tags=[{"Key": "team"}])
    assert client().describe_tags(Filters=[{"Name": "key", "Values": ["team"]}])["Tags"] == []


def test_a_request_for_tags_is_carried_out_in_both_places_or_in_none() -> None:
    (made,) = launched()
    with refused("InvalidSubnetID.NotFound", "subnet-0123456789abcdef0"):
        client().create_tags(Resources=[made, "subnet-0123456789abcdef0"], Tags=[{"Key": "team", "Value": "blue"}])
    assert "Tags" not in shown(made)


def test_tags_of_a_launch_go_to_instances_volumes_and_interfaces() -> None:
    kinds = ("instance", "volume", "network-interface")
    specifications = [{"ResourceType": kind, "Tags": [{"Key": "kind", "Value": kind}]} for kind in kinds]
    (made,) = launched(TagSpecifications=specifications)
    tags = {each["ResourceId"]: each["Value"] for each in client().describe_tags()["Tags"] if each["Key"] == "kind"}
    face = interface_of(made)["NetworkInterfaceId"]
    assert tags == {made: "instance", root_volume(made): "volume", face: "network-interface"}
