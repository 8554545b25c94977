"""The served model: what EC2 answers on the wire, in the operations of the model and around them."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from served import ask, launch, send, states

from ec2_lifecycle.conformance.emulator import request_parsing
from ec2_lifecycle.conformance.emulator.regions import Region
from ec2_lifecycle.conformance.emulator.server.cloud import MOST_REGIONS
from ec2_lifecycle.conformance.emulator.server.endpoint import MOST_BYTES
from ec2_lifecycle.conformance.emulator.server.options import settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.emulator.wire.http import HttpRequest

ITS_OPERATIONS = "It models instances and volumes; docs/serve.md lists its operations."
SUBNETS = ", ".join(Region().subnets)
NO_FORM = "it is not made of at most 20000 fields, each written NAME=VALUE"
MODIFY = "Modify its 'disableApiTermination' instance attribute and try again."


@pytest.fixture
def model() -> ServedModel:
    return ServedModel()


def test_a_protected_instance_shields_its_zone_and_no_other(model: ServedModel) -> None:
    a, b = launch(model, 2, Placement__AvailabilityZone="us-east-1a")
    (c,) = launch(model, Placement__AvailabilityZone="us-east-1b", DisableApiTermination="true")
    (d,) = launch(model, Placement__AvailabilityZone="us-east-1b")
    refused = ask(model, "TerminateInstances", InstanceId__1=a, InstanceId__2=b, InstanceId__3=c, InstanceId__4=d)
    assert refused.error == (
        400,
        "OperationNotPermitted",
        f"The instance '{c}' may not be terminated. {MODIFY}",
    )
    assert states(model, a, b, c, d) == ["terminated", "terminated", "running", "running"]


def test_an_error_has_the_envelope_of_ec2_and_its_request_id_in_the_header(model: ServedModel) -> None:
    reply = model.endpoint.answer(HttpRequest(body=b"Action=TerminateInstances&InstanceId.1=i-12345678"))
    request_id = reply.headers["x-amzn-requestid"]
    assert reply.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>'
        "<Message>The instance ID 'i-12345678' does not exist</Message></Error></Errors>"
        f"<RequestID>{request_id}</RequestID></Response>"
    )


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", (400, "MissingAction", "The request must contain the parameter Action")),
        (
            b"Action=DescribeSnapshots",
            (
                400,
                "UnsupportedOperation",
                f"ec2-lifecycle does not answer DescribeSnapshots. {ITS_OPERATIONS}",
            ),
        ),
        (b"Action=Foo", (400, "InvalidAction", "The action Foo is not valid for this web service.")),
        (b"Action=PushPlay", (400, "InvalidAction", "The action PushPlay is not valid for this web service.")),
        (
            b"Action=RunInstances&Version=1999-01-01",
            (
                400,
                "NoSuchVersion",
                "ec2-lifecycle has no service of the version 1999-01-01; EC2's is 2016-11-15.",
            ),
        ),
        (
            b"Action=AssumeRole&Version=2011-06-15",
            (400, "InvalidAction", "The action AssumeRole is not valid for this web service."),
        ),
        (b"Action=TerminateInstances", (400, "InvalidParameterCombination", "No instances specified")),
        (
            b"Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=5001",
            (400, "ResourceCountExceeded", "ec2-lifecycle launches at most 5000 instances in one request."),
        ),
        (
            b"Action=RunInstances&ImageId=ami-1&MinCount=2&MaxCount=1",
            (400, "InvalidParameterValue", "ec2-lifecycle cannot launch from 2 to 1 instances."),
        ),
        (
            b"Action=DescribeInstances&MaxResults=4",
            (
                400,
                "InvalidParameterValue",
                "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.",
            ),
        ),
        (
            b"Action=DescribeInstances&NextToken=nonsense",
            (400, "InvalidNextToken", "ec2-lifecycle did not give the NextToken nonsense."),
        ),
        (
            b"Action=DescribeInstances&MaxResults=5&InstanceId.1=i-12345678",
            (
                400,
                "InvalidParameterCombination",
                "The parameter instancesSet cannot be used with the parameter maxResults",
            ),
        ),
        (
            b"Action=DescribeInstances&Filter.1.Name=colour&Filter.1.Value.1=red",
            (400, "InvalidParameterValue", "The filter 'colour' is invalid"),
        ),
        (
            b"Action=CreateTags&Tag.1.Key=a",
            (400, "MissingParameter", "The request must contain the parameter resourceIdSet"),
        ),
        (b"Action=CreateTags&ResourceId.1=ami-1&Tag.1.Key=a", (400, "InvalidID", "The ID 'ami-1' is not valid")),
        (
            b"Action=CreateTags&ResourceId.1=vol-1&Tag.1.Key=a",
            (400, "InvalidVolume.NotFound", "The volume 'vol-1' does not exist."),
        ),
        (
            b"Action=DescribeSubnets&SubnetId.1=subnet-1",
            (
                400,
                "InvalidSubnetID.NotFound",
                f"ec2-lifecycle has no subnet subnet-1; it has {SUBNETS}.",
            ),
        ),
        (
            b"Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1&SubnetId=subnet-1",
            (
                400,
                "InvalidSubnetID.NotFound",
                f"ec2-lifecycle has no subnet subnet-1; it has {SUBNETS}.",
            ),
        ),
        (
            b"Action=DescribeInstanceTypes&InstanceType.1=x9",
            (400, "InvalidInstanceType", "ec2-lifecycle does not know the instance types x9."),
        ),
        (
            b"no form at all",
            (
                400,
                "MalformedQueryString",
                f"ec2-lifecycle cannot read the request as a form: {NO_FORM}.",
            ),
        ),
    ],
)
def test_what_is_wrong_is_said_as_ec2_does(model: ServedModel, body: bytes, error: tuple[int, str, str]) -> None:
    found = send(model, body).error
    assert (found[0], found[1], found[2].replace("&#x27;", "'")) == error


def test_bytes_that_are_no_text_and_bodies_that_are_too_long_are_refused(model: ServedModel) -> None:
    assert send(model, b"Action=\xff").error[:2] == (400, "MalformedQueryString")
    assert send(model, b"A" * (MOST_BYTES + 1)).error[:2] == (413, "MalformedQueryString")
    many = "&".join(f"InstanceId.{number}=i" for number in range(1, 30_000)).encode()
    assert send(model, b"Action=TerminateInstances&" + many).error[:2] == (400, "MalformedQueryString")


def test_a_caller_without_permission_may_only_ask_who_it_is(model: ServedModel) -> None:
    (i,) = launch(model)
    for action, fields in {
        "TerminateInstances": {"InstanceId__1": i},
        "DescribeImages": {},
        "DescribeAvailabilityZones": {},
        "DescribeTags": {},
        "CreateTags": {"ResourceId__1": i, "Tag__1__Key": "a"},
        "DescribeSubnets": {},
    }.items():
        assert ask(model, action, by="NOBODY", **fields).error[:2] == (403, "UnauthorizedOperation")
        assert ask(model, action, by="NOBODY", DryRun="true", **fields).error[:2] == (403, "UnauthorizedOperation")
    who = send(model, b"Action=GetCallerIdentity&Version=2011-06-15", by="NOBODY")
    assert who.found("Arn") == ["arn:aws:iam::123456789012:user/nobody"]


def test_a_dry_run_does_nothing_also_around_the_model(model: ServedModel) -> None:
    (i,) = launch(model)
    for action, fields in {
        "TerminateInstances": {"InstanceId__1": i},
        "CreateTags": {"ResourceId__1": i, "Tag__1__Key": "a"},
    }.items():
        assert ask(model, action, DryRun="true", **fields).error[:2] == (412, "DryRunOperation")
    assert states(model, i) == ["running"]
    assert ask(model, "DescribeTags").found("key") == []


def test_regions_have_worlds_of_their_own(model: ServedModel) -> None:
    (here,) = launch(model)
    (there,) = launch(model, region="eu-west-1")
    assert here != there
    assert ask(model, "DescribeInstances").found("instanceId") == [here]
    assert ask(model, "DescribeInstances", region="eu-west-1").found("instanceId") == [there]
    assert ask(model, "DescribeInstances", region="eu-west-1").found("availabilityZone") == ["eu-west-1a"]
    assert (
        ask(model, "TerminateInstances", region="eu-west-1", InstanceId__1=here).error[1]
        == "InvalidInstanceID.NotFound"
    )
    assert ask(model, "DescribeAvailabilityZones", region="eu-west-1").found("zoneName") == [
        "eu-west-1a",
        "eu-west-1b",
        "eu-west-1c",
    ]


def test_a_launch_with_a_client_token_is_done_once(model: ServedModel) -> None:
    first = launch(model, ClientToken="again")
    assert launch(model, ClientToken="again") == first
    assert launch(model, ClientToken="another") != first
    changed = ask(model, "RunInstances", ImageId="ami-2", MinCount="1", MaxCount="1", ClientToken="again")
    assert changed.error[1] == "IdempotentParameterMismatch"


def test_a_subnet_gives_the_zone(model: ServedModel) -> None:
    subnets = dict(
        zip(*(ask(model, "DescribeSubnets").found(name) for name in ("availabilityZone", "subnetId")), strict=True)
    )
    (i,) = launch(model, SubnetId=subnets["us-east-1b"])
    assert ask(model, "DescribeInstances", InstanceId__1=i).found("availabilityZone") == ["us-east-1b"]
    crossed = {"SubnetId": subnets["us-east-1b"], "Placement__AvailabilityZone": "us-east-1a"}
    reply = ask(model, "RunInstances", ImageId="ami-1", MinCount="1", MaxCount="1", **crossed)
    assert reply.error[1] == "InvalidParameterValue"


def test_pages_lead_through_everything_once(model: ServedModel) -> None:
    ids = launch(model, 12)
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = ask(model, "DescribeInstances", MaxResults="5", **token)
        seen += page.found("instanceId")
        if not page.found("nextToken"):
            break
        token = {"NextToken": page.found("nextToken")[0]}
    assert seen == ids
    with_ids = ask(model, "DescribeInstances", MaxResults="5", InstanceId__1=ids[0])
    message = "The parameter instancesSet cannot be used with the parameter maxResults"
    assert with_ids.error == (400, "InvalidParameterCombination", message)


def test_what_is_made_between_two_pages_and_what_goes_loses_nobody(model: ServedModel) -> None:
    first = launch(model, 7)
    page = ask(model, "DescribeVolumes", MaxResults="5")
    more = launch(model, 1)
    ask(model, "TerminateInstances", **{f"InstanceId__{number}": i for number, i in enumerate(first[:5], 1)})
    rest = ask(model, "DescribeVolumes", MaxResults="5", NextToken=page.found("nextToken")[0])
    held = ask(
        model, "DescribeInstances", **{f"InstanceId__{number}": i for number, i in enumerate([*first[5:], *more], 1)}
    )
    assert rest.found("volumeId")[::2] == held.found("volumeId")


def test_tags_are_put_deleted_and_filtered_by(model: ServedModel) -> None:
    tagged = {
        "TagSpecification__1__ResourceType": "instance",
        "TagSpecification__1__Tag__1__Key": "team",
        "TagSpecification__1__Tag__1__Value": "red",
    }
    (a,), (b,) = launch(model, 1, **tagged), launch(model)
    assert ask(model, "CreateTags", ResourceId__1=b, Tag__1__Key="team", Tag__1__Value="<blue>").status == 200
    assert sorted(ask(model, "DescribeTags").found("value")) == ["&lt;blue&gt;", "red"]
    by_team = {"Filter__1__Name": "tag:team", "Filter__1__Value__1": "r*"}
    assert ask(model, "DescribeInstances", **by_team).found("instanceId") == [a]
    assert ask(model, "DescribeTags", Filter__1__Name="resource-id", Filter__1__Value__1=b).found("value") == [
        "&lt;blue&gt;"
    ]
    ask(model, "DeleteTags", ResourceId__1=a, Tag__1__Key="team", Tag__1__Value="green")
    assert len(ask(model, "DescribeTags").found("key")) == 2
    ask(model, "DeleteTags", ResourceId__1=a, Tag__1__Key="team")
    ask(model, "DeleteTags", ResourceId__1=b)
    assert ask(model, "DescribeTags").found("key") == []


def test_a_status_is_shown_of_running_instances_only_unless_all_are_asked_for(model: ServedModel) -> None:
    a, b = launch(model, 2)
    ask(model, "StopInstances", InstanceId__1=b)
    assert ask(model, "DescribeInstanceStatus").found("instanceId") == [a]
    assert ask(model, "DescribeInstanceStatus", InstanceId__1=b).found("instanceId") == []
    everything = ask(model, "DescribeInstanceStatus", IncludeAllInstances="true")
    assert everything.found("instanceId") == [a, b]
    assert ask(model, "DescribeInstanceStatus", InstanceId__1="i-12345678").error == (
        400,
        "InvalidInstanceID.NotFound",
        "The instance ID 'i-12345678' does not exist",
    )


def test_a_new_id_may_not_be_known_to_tags_yet() -> None:
    settings = settings_of(choices={"new-id": "not-yet"}, delay={"becomes-visible": "30"}, clock="stands")
    model = ServedModel(settings)
    (i,) = launch(model)
    assert ask(model, "CreateTags", ResourceId__1=i, Tag__1__Key="a").error[1] == "InvalidInstanceID.NotFound"
    assert ask(model, "DescribeInstances", InstanceId__1=i).error[1] == "InvalidInstanceID.NotFound"
    model.advance(31)
    assert ask(model, "CreateTags", ResourceId__1=i, Tag__1__Key="a").status == 200


def test_the_surroundings_are_described(model: ServedModel) -> None:
    assert "us-east-1" in ask(model, "DescribeRegions").found("regionName")
    assert ask(model, "DescribeRegions", RegionName__1="mars-1").error[1] == "InvalidParameterValue"
    assert ask(model, "DescribeVpcs", Filter__1__Name="isDefault", Filter__1__Value__1="true").found("vpcId")
    assert ask(model, "DescribeSecurityGroups", GroupName__1="default").found("groupName") == ["default"]
    assert ask(model, "DescribeInstanceTypes", InstanceType__1="t3.micro").found("defaultVCpus") == ["2"]
    assert len(ask(model, "DescribeImages").found("imageId")) == 2


def test_a_mistake_of_the_model_is_an_internal_error_of_the_server(
    model: ServedModel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(model.endpoint.cloud), "call", broken)
    assert ask(model, "DescribeInstances").error[:2] == (500, "InternalError")
    assert "ZeroDivisionError" in caplog.text


def test_a_region_that_is_full_takes_no_more(model: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_parsing, "MAX_INSTANCES", 3)
    launch(model, 3)
    assert ask(model, "RunInstances", ImageId="ami-1", MinCount="1", MaxCount="1").error[:2] == (
        400,
        "InstanceLimitExceeded",
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Action": "CreateVolume", "Size": "1"}, "InvalidParameterCombination"),
        ({"Action": "CreateVolume", "AvailabilityZone": "us-east-1a"}, "MissingParameter"),
        ({"Action": "CreateVolume", "Size": "1", "AvailabilityZoneId": "use1-az9"}, "InvalidAvailabilityZone"),
        ({"Action": "RunInstances", "BlockDeviceMapping.1.Ebs.VolumeSize": "9"}, "MissingParameter"),
        (
            {
                "Action": "RunInstances",
                "TagSpecification.1.ResourceType": "instance",
                "TagSpecification.1.Tag.1.Value": "x",
            },
            "InvalidTagKey.Malformed",
        ),
        ({"Action": "ModifyInstanceAttribute", "DisableApiTermination": ""}, "MissingParameter"),
        (
            {"Action": "ModifyInstanceAttribute", "Attribute": "disableApiStop", "Value": "maybe"},
            "InvalidParameterValue",
        ),
        ({"Action": "ModifyInstanceAttribute", "InstanceType.Value": "t3.nano"}, "IncorrectInstanceState"),
        ({"Action": "ModifyInstanceAttribute", "SourceDestCheck.Value": "false"}, "UnsupportedOperation"),
        ({"Action": "ModifyInstanceAttribute", "EnaSupport.Value": "false"}, "UnsupportedOperation"),
        ({"Action": "DescribeInstanceAttribute", "Attribute": "enaSupport"}, "UnsupportedOperation"),
        ({"Action": "DescribeInstanceAttribute", "Attribute": "colour"}, "InvalidParameterValue"),
        ({"Action": "DescribeAvailabilityZones", "ZoneName.1": "us-east-1z"}, "InvalidAvailabilityZone"),
        ({"Action": "DescribeImages", "ImageId.1": "ami-nobody-launched"}, "InvalidAMIID.NotFound"),
        ({"Action": "DescribeInstanceStatus", "InstanceId.1": "foo"}, "InvalidInstanceID.Malformed"),
        ({"Action": "CreateTags", "ResourceId.1": "i-xyz", "Tag.1.Key": "a"}, "InvalidID"),
    ],
)
def test_what_lacks_something_is_refused_and_is_no_internal_error(
    model: ServedModel, fields: dict[str, str], code: str
) -> None:
    (i,) = launch(model)
    sent = (
        {"ImageId": "ami-1", "MinCount": "1", "MaxCount": "1", **fields}
        if fields["Action"] == "RunInstances"
        else dict(fields)
    )
    if "InstanceAttribute" in fields["Action"]:
        sent["InstanceId"] = i
    assert send(model, urlencode(sent).encode()).error[1] == code


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "1"])
def test_a_flag_sent_as_a_text_is_read_as_any_other(model: ServedModel, text: str) -> None:
    (i,) = launch(model)
    ask(model, "ModifyInstanceAttribute", InstanceId=i, Attribute="disableApiTermination", Value=text)
    assert ask(model, "TerminateInstances", InstanceId__1=i).error[1] == "OperationNotPermitted"


def test_several_ids_that_are_not_there_are_told_together(model: ServedModel) -> None:
    two = {"ResourceId__1": "i-12345678", "ResourceId__2": "i-12345679"}
    reply = ask(model, "CreateTags", **two, Tag__1__Key="a")
    assert reply.error[2] == "The instance IDs 'i-12345678, i-12345679' do not exist"


def test_a_zone_is_named_by_its_id_too(model: ServedModel) -> None:
    (i,) = launch(model, Placement__AvailabilityZoneId="use1-az2")
    assert ask(model, "DescribeInstances", InstanceId__1=i).found("availabilityZone") == ["us-east-1b"]
    named = ask(model, "DescribeAvailabilityZones", Filter__1__Name="zone-id", Filter__1__Value__1="use1-az3")
    assert named.found("zoneName") == ["us-east-1c"]


def test_an_image_that_was_launched_is_described_by_its_id(model: ServedModel) -> None:
    launch(model)
    assert ask(model, "DescribeImages", ImageId__1="ami-1").found("rootDeviceType") == ["ebs"]
    stores = ask(model, "DescribeImages", Filter__1__Name="root-device-type", Filter__1__Value__1="instance-store")
    assert len(stores.found("imageId")) == 1


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("tag:Name", "web[[]1]", False),
        ("tag:Name", "web[1]", True),
        ("tag:Name", "web?1?", True),
        ("tag:Name", r"web\*", False),
        ("tag-value", "w*", True),
        ("owner-id", "123456789012", True),
        ("tenancy", "dedicated", False),
        ("network-interface.status", "in-use", True),
        ("launch-time", "20*T*Z", True),
        ("source-dest-check", "true", True),
    ],
)
def test_filters_are_ec2s(model: ServedModel, name: str, value: str, fits: bool) -> None:  # noqa: FBT001
    (i,) = launch(model)
    ask(model, "CreateTags", ResourceId__1=i, Tag__1__Key="Name", Tag__1__Value="web[1]")
    reply = ask(model, "DescribeInstances", Filter__1__Name=name, Filter__1__Value__1=value)
    assert reply.found("instanceId") == ([i] if fits else [])


def test_tags_that_go_between_two_pages_lose_nobody(model: ServedModel) -> None:
    (i,) = launch(model)
    keys = [f"key-{letter}" for letter in "abcdefgh"]
    ask(model, "CreateTags", ResourceId__1=i, **{f"Tag__{n}__Key": key for n, key in enumerate(keys, 1)})
    page = ask(model, "DescribeTags", MaxResults="5")
    ask(model, "DeleteTags", ResourceId__1=i, **{f"Tag__{n}__Key": key for n, key in enumerate(keys[:5], 1)})
    assert ask(model, "DescribeTags", MaxResults="5", NextToken=page.found("nextToken")[0]).found("key") == keys[5:]


def test_a_volume_of_a_launch_is_as_large_as_it_was_asked_for(model: ServedModel) -> None:
    launch(model, BlockDeviceMapping__1__DeviceName="/dev/xvda", BlockDeviceMapping__1__Ebs__VolumeSize="77")
    assert ask(model, "DescribeVolumes").found("size") == ["77"]


def test_a_volume_is_detached_from_the_instance_that_has_it(model: ServedModel) -> None:
    a, b = launch(model, 2)
    (volume,) = ask(model, "CreateVolume", AvailabilityZone="us-east-1a", Size="1").found("volumeId")
    ask(model, "AttachVolume", VolumeId=volume, InstanceId=a, Device="/dev/sdf")
    assert ask(model, "DetachVolume", VolumeId=volume, InstanceId=b).error[1] == "InvalidAttachment.NotFound"
    assert ask(model, "DetachVolume", VolumeId=volume, InstanceId=a).status == 200


def test_a_start_renews_the_time_of_the_launch() -> None:
    model = ServedModel(settings_of(clock="stands"))
    (i,) = launch(model)
    (first,) = ask(model, "DescribeInstances").found("launchTime")
    ask(model, "StopInstances", InstanceId__1=i)
    model.advance(60)
    ask(model, "StartInstances", InstanceId__1=i)
    (second,) = ask(model, "DescribeInstances").found("launchTime")
    assert datetime.fromisoformat(second) - datetime.fromisoformat(first) == timedelta(seconds=60)


def test_the_adversarial_model_permutes_and_sets_the_high_byte() -> None:
    model = ServedModel(settings_of(behaviour="adversarial"))
    ids = launch(model, 12)
    shown = ask(model, "DescribeInstances", **{f"InstanceId__{n}": i for n, i in enumerate(ids, 1)})
    assert shown.found("instanceId") != ids
    assert sorted(shown.found("instanceId")) == sorted(ids)
    assert {int(code) & 0xFF for code in shown.found("code")} == {16}
    assert all(int(code) > 0xFF for code in shown.found("code"))
    running = ask(model, "DescribeInstanceStatus", Filter__1__Name="instance-state-code", Filter__1__Value__1="16")
    assert sorted(running.found("instanceId")) == sorted(ids)


def test_regions_are_as_many_as_they_may_be(model: ServedModel) -> None:
    for number in range(1, MOST_REGIONS + 5):
        launch(model, region=f"xx-made-{number}")
    assert len(model.endpoint.cloud.regions) == MOST_REGIONS + 1


def test_a_dry_run_with_a_known_client_token_is_a_dry_run(model: ServedModel) -> None:
    launch(model, ClientToken="T")
    again = {"ImageId": "ami-1", "MinCount": "1", "MaxCount": "1", "ClientToken": "T"}
    assert ask(model, "RunInstances", DryRun="true", **again).error[1] == "DryRunOperation"
    assert ask(model, "RunInstances", by="NOBODY", **again).error[1] == "UnauthorizedOperation"
