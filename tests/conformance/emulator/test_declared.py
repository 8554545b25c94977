"""What exists can be declared: it is shown, it can be launched with, and anything else is refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from command_runs import Command
from double_clients import REGION, client, launched

from ec2_lifecycle.conformance.emulator.declared import (
    Declaration,
    Declared,
    DeclaredGroup,
    DeclaredImage,
    DeclaredSubnet,
)
from ec2_lifecycle.conformance.emulator.double import ec2_double

IMAGE = "ami-0123456789abcdef0"
STORE = "ami-0123456789abcdef1"
ALL = Declared(
    zones=4,
    images=(DeclaredImage(IMAGE, "base"), DeclaredImage(STORE, root_device="instance-store")),
    instance_types=("m5.large", "x9.huge"),
    subnets=(DeclaredSubnet("subnet-01", "b"), DeclaredSubnet("subnet-02", "b"), DeclaredSubnet("subnet-03", "d")),
    security_groups=(DeclaredGroup("sg-01", "web"),),
    key_pairs=("deploy",),
    instance_profiles=("cleaner",),
)
FILE = """
zones = 4
instance-types = ["m5.large", "x9.huge"]
key-pairs = ["deploy"]
instance-profiles = ["cleaner"]

[[images]]
id = "ami-0123456789abcdef0"
name = "base"

[[images]]
id = "ami-0123456789abcdef1"
root-device = "instance-store"

[[subnets]]
id = "subnet-01"
zone = "b"

[[subnets]]
id = "subnet-02"
zone = "b"

[[subnets]]
id = "subnet-03"
zone = "d"

[[security-groups]]
id = "sg-01"
name = "web"
"""


def refused(**asked: object) -> str:
    """Return the code and the message of a refused launch."""
    with pytest.raises(ClientError) as error:
        client().run_instances(**{"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1, **asked})
    said: Any = error.value.response
    return f"{said['Error']['Code']} {said['Error']['Message']}"


def test_what_is_declared_is_described() -> None:
    with ec2_double(declare=ALL):
        ec2 = client()
        zones = [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]]
        assert zones == [f"{REGION}{letter}" for letter in "abcd"]
        images = {each["ImageId"]: each for each in ec2.describe_images()["Images"]}
        assert images.keys() == {IMAGE, STORE}
        assert (images[IMAGE]["Name"], images[STORE]["RootDeviceType"]) == ("base", "instance-store")
        types = ec2.describe_instance_types()["InstanceTypes"]
        assert [(each["InstanceType"], "VCpuInfo" in each) for each in types] == [
            ("m5.large", True),
            ("x9.huge", False),
        ]
        offered = ec2.describe_instance_type_offerings()["InstanceTypeOfferings"]
        assert [each["InstanceType"] for each in offered] == ["m5.large", "x9.huge"]
        subnets = ec2.describe_subnets()["Subnets"]
        assert [(each["SubnetId"], each["AvailabilityZone"][-1], each["DefaultForAz"]) for each in subnets] == [
            *(("subnet-01", "b", True), ("subnet-02", "b", False), ("subnet-03", "d", True))
        ]
        groups = ec2.describe_security_groups()["SecurityGroups"]
        assert [each["GroupName"] for each in groups] == ["default", "web"]
        [web] = ec2.describe_security_groups(GroupIds=["sg-01"])["SecurityGroups"]
        assert web["GroupName"] == "web"
        assert [each["KeyName"] for each in ec2.describe_key_pairs()["KeyPairs"]] == ["deploy"]


def test_an_instance_shows_what_it_was_launched_with() -> None:
    with ec2_double(declare=ALL):
        made = client().run_instances(
            ImageId=IMAGE,
            MinCount=1,
            MaxCount=1,
            SubnetId="subnet-02",
            SecurityGroupIds=["sg-01"],
            KeyName="deploy",
            IamInstanceProfile={"Name": "cleaner"},
        )["Instances"][0]["InstanceId"]
        [shown] = client().describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"]
    assert shown["SubnetId"] == "subnet-02"
    assert shown["Placement"]["AvailabilityZone"] == f"{REGION}b"
    assert shown["SecurityGroups"] == [{"GroupId": "sg-01", "GroupName": "web"}]
    assert shown["InstanceType"] == "m5.large"
    assert shown["NetworkInterfaces"][0]["SubnetId"] == "subnet-02"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ImageId": "ami-0000000000000000f"}, "InvalidAMIID.NotFound"),
        ({"InstanceType": "t3.micro"}, "InvalidInstanceType"),
        ({"SubnetId": "subnet-09"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-09"]}, "InvalidGroup.NotFound"),
        ({"KeyName": "other"}, "InvalidKeyPair.NotFound"),
        ({"IamInstanceProfile": {"Name": "other"}}, "InvalidParameterValue"),
        ({"IamInstanceProfile": {"Arn": "arn:aws:iam::123456789012:instance-profile/other"}}, "InvalidParameterValue"),
        ({"Placement": {"AvailabilityZone": f"{REGION}e"}}, "InvalidAvailabilityZone"),
        ({"Placement": {"AvailabilityZone": f"{REGION}a"}}, "InvalidInput"),
    ],
)
def test_what_is_not_declared_is_refused_with_ec2s_code(asked: dict[str, object], code: str) -> None:
    with ec2_double(declare=ALL):
        said = refused(**asked)
        assert said.startswith(f"{code} ")
        assert "ec2-lifecycle" in said
        assert client().describe_instances()["Reservations"] == []


def test_a_stopped_instance_changes_only_to_a_declared_type() -> None:
    with ec2_double(declare=ALL):
        made = client().run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        client().stop_instances(InstanceIds=[made])
        with pytest.raises(ClientError, match="do not exist"):
            client().modify_instance_attribute(InstanceId=made, InstanceType={"Value": "t3.micro"})
        client().modify_instance_attribute(InstanceId=made, InstanceType={"Value": "x9.huge"})


@pytest.mark.parametrize("zones", range(1, 7))
def test_a_region_has_from_one_to_six_zones(zones: int) -> None:
    with ec2_double(declare={"zones": zones}) as double:
        last = client().describe_availability_zones()["AvailabilityZones"][-1]
        assert last["ZoneName"] == f"{REGION}{'abcdef'[zones - 1]}"
        launched(client(), Placement={"AvailabilityZone": last["ZoneName"]})
        double.load(double.dump())  # a world with these zones can be read again


def test_a_file_and_a_mapping_declare_the_same(tmp_path: Path) -> None:
    (tmp_path / "there.toml").write_text(FILE, encoding="utf-8")
    one = ec2_double(declare=tmp_path / "there.toml")
    two = ec2_double(declare={"zones": 4, "instance_types": ["m5.large", "x9.huge"]})
    with one as double, two as other:
        assert double.model.settings.declared == ALL
        assert other.model.settings.declared.instance_types == ALL.instance_types


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("zones = 7", ":1: zones is 7; write a number from 1 to 6."),
        ("\nzone = 2", ":2: there is no key zone; write zones."),
        ('[[images]]\nid = "base"', ':1: "base" is not an id; write one such as ami-0123456789abcdef0.'),
        ('[[images]]\nid = "ami-1"\n[[images]]\nroot = "x"', ":3: there is no key root of images; write "),
        ('[[subnets]]\nid = "subnet-1"\nzone = "d"', ':1: subnet-1 is in the zone "d"; write one of a, b, c.'),
        (
            'zones = 1\n[[subnets]]\nid = "subnet-1"\nzone = "b"',
            ':2: subnet-1 is in the zone "b"; write one of a.',
        ),
        ('key-pairs = ["a", "a"]', ":1: a is declared twice; leave one out."),
        ("subnets = []", ":1: subnets is empty, and no instance can be launched"),
        ("zones = ", ":1: this is not TOML"),
        ('zones = "a"', ':1: zones must be a whole number, not "a".'),
        ('[[images]]\nname = "a"', ":1: images[0].id is missing."),
        ('images = "a"', ':1: images must be a list, not "a".'),
        ("instance-types = [1]", ":1: instance-types[0] must be a text, not 1."),
    ],
)
def test_a_wrong_file_is_one_sentence_with_its_place(
    text: str, sentence: str, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.toml").write_text(text, encoding="utf-8")
    ran = command("serve --declare there.toml --port 0")
    assert ran.code == 2
    assert ran.sentence.startswith(f"there.toml{sentence}")


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        ({"zones": 0}, "declare: zones is 0; write a number from 1 to 6."),
        ({"imges": []}, "declare: there is no key imges; write images."),
        (7, "declare is 7; give one of type Declared or Mapping or str or PathLike."),
        (
            Declared(zones=1, subnets=(DeclaredSubnet("subnet-1", "b"),)),
            'declare: subnet-1 is in the zone "b"; write one of a.',
        ),
        ("nowhere.toml", "nowhere.toml cannot be read (no such file or directory); name a declaration file."),
    ],
)
def test_a_wrong_setting_is_one_sentence(declare: Declaration, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        ec2_double(declare=declare)


def test_the_ec2_behind_says_itself_what_exists() -> None:
    with pytest.raises(ValueError, match="declare and beyond exclude each other"):
        ec2_double(declare={"zones": 1}, beyond="moto")
