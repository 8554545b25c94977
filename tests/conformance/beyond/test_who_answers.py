"""In front of moto: which operations go there as they are, which the model answers, and which are refused."""

import re
from pathlib import Path

import pytest
from in_front import IMAGE, client, launched, network, refused, shown, state
from moto import mock_aws

from ec2_lifecycle.conformance.emulator.beyond import front
from ec2_lifecycle.conformance.emulator.wire import services
from ec2_lifecycle.testing import Ec2Double, ec2_double

in_front_of_moto = pytest.mark.ec2_double(beyond="moto")


def test_every_operation_of_the_table_is_ec2s() -> None:
    every = front.THE_MODELS | front.BOTH | front.GUARDED | front.LAUNCHING | front.ABOUT_INSTANCES
    assert every <= services.methods_of(services.EC2).keys()
    parts = (front.THE_MODELS, front.BOTH, front.GUARDED, front.LAUNCHING, front.ABOUT_INSTANCES)
    assert sum(map(len, parts)) == len(every)


def test_the_page_names_every_operation_of_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs/beyond.md").read_text(encoding="utf-8")
    named = front.THE_MODELS | front.BOTH | front.GUARDED | front.LAUNCHING
    assert [each for each in sorted(named) if not re.search(rf"\b{each}\b", page)] == []


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
def test_what_is_not_about_instances_goes_to_moto() -> None:
    ec2 = client()
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    assert [each["InternetGatewayId"] for each in ec2.describe_internet_gateways()["InternetGateways"]] == [gateway]
    assert len(ec2.describe_availability_zones()["AvailabilityZones"]) == 6
    with refused("InvalidVpcID.NotFound"):
        ec2.describe_vpcs(VpcIds=["vpc-0123456789abcdef0"])


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
def test_what_moto_has_not_implemented_is_an_error_that_says_so() -> None:
    with refused("InvalidAction", "moto", "ec2-lifecycle"):
        client().describe_placement_groups()


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
def test_moto_has_no_instances() -> None:
    (made,) = launched()
    with ec2_double(), refused("InvalidInstanceID.NotFound"):
        shown(made)
    import moto.backends  # noqa: PLC0415 - as a program that looks into moto

    backend = moto.backends.get_backend("ec2")["123456789012"]["us-east-1"]
    assert list(backend.all_instances()) == []
    assert state(made) == "running"


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
@pytest.mark.parametrize("operation", ["get_console_output", "monitor_instances", "create_image", "create_snapshot"])
def test_other_operations_about_instances_are_refused_with_a_sentence(operation: str) -> None:
    (made,) = launched()
    volume = shown(made)["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    arguments = {
        "create_image": {"InstanceId": made, "Name": "mine"},
        "create_snapshot": {"VolumeId": volume},
        "get_console_output": {"InstanceId": made},
        "monitor_instances": {"InstanceIds": [made]},
    }[operation]
    with refused("UnsupportedOperation", "ec2-lifecycle", "moto"):
        getattr(client(), operation)(**arguments)


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
def test_unknown_instances_and_volumes_are_refused_as_ec2_does() -> None:
    with refused("InvalidInstanceID.NotFound", "i-0123456789abcdef0"):
        client().get_console_output(InstanceId="i-0123456789abcdef0")
    with refused("InvalidVolume.NotFound", "vol-0123456789abcdef0"):
        client().create_snapshot(VolumeId="vol-0123456789abcdef0")


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
def test_what_would_launch_in_moto_is_refused_with_a_sentence() -> None:
    with refused("UnsupportedOperation", "ec2-lifecycle", "RequestSpotInstances"):
        client().request_spot_instances(LaunchSpecification={"ImageId": IMAGE})


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
def test_a_text_that_looks_like_an_id_is_no_instance() -> None:
    ec2, tag = client(), [{"Key": "of", "Value": "i-0123456789abcdef0"}]
    made = ec2.create_vpc(CidrBlock="10.8.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tag}])
    assert made["Vpc"]["Tags"] == tag
    wanted = [{"Name": "tag:of", "Values": ["i-0123456789abcdef0"]}]
    assert [each["VpcId"] for each in ec2.describe_vpcs(Filters=wanted)["Vpcs"]] == [made["Vpc"]["VpcId"]]


@in_front_of_moto
def test_a_caller_without_permission_has_none_behind_either(ec2_double: Ec2Double) -> None:
    nobody = client(**ec2_double.nobody)
    for call in (
        nobody.describe_vpcs,
        nobody.describe_tags,
        nobody.describe_instances,
        lambda: nobody.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1),
    ):
        with refused("UnauthorizedOperation"):
            call()


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
def test_a_dry_run_of_a_shared_operation_does_nothing() -> None:
    (made,) = launched()
    with refused("DryRunOperation"):
        client().create_tags(Resources=[made], Tags=[{"Key": "a", "Value": "b"}], DryRun=True)
    assert "Tags" not in shown(made)


@in_front_of_moto
@pytest.mark.usefixtures("ec2_double")
def test_sts_answers_from_both() -> None:
    assert client("sts").get_caller_identity()["Account"] == "123456789012"
    role = client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/a", RoleSessionName="mine")
    assert role["Credentials"]["AccessKeyId"]


@in_front_of_moto
def test_a_reset_empties_the_account_and_its_interfaces(ec2_double: Ec2Double) -> None:
    launched(2)
    ec2_double.reset()
    assert client().describe_instances()["Reservations"] == []
    assert client().describe_network_interfaces()["NetworkInterfaces"] == []


@in_front_of_moto
def test_a_world_in_front_of_another_ec2_is_not_a_file(ec2_double: Ec2Double) -> None:
    with pytest.raises(ValueError, match="network"):
        ec2_double.dump()
    with pytest.raises(ValueError, match="network"):
        ec2_double.load(b"{}")


@mock_aws
def test_moto_keeps_what_it_has_when_it_is_entered_first() -> None:
    _, subnet = network()
    with ec2_double(beyond="moto"):
        (made,) = launched(SubnetId=subnet)
        assert shown(made)["SubnetId"] == subnet
    assert client().describe_instances()["Reservations"] == []
    assert client().describe_subnets(SubnetIds=[subnet])["Subnets"]


def test_moto_may_be_entered_inside() -> None:
    with ec2_double(beyond="moto"), mock_aws():
        (made,) = launched()
        client("s3").create_bucket(Bucket="mine")
        assert state(made) == "running"


def test_each_entry_has_an_account_of_its_own() -> None:
    for _ in range(2):
        with ec2_double(beyond="moto"):
            assert len(client().describe_vpcs()["Vpcs"]) == 1
            network()
            launched()
            assert len(client().describe_vpcs()["Vpcs"]) == 2
