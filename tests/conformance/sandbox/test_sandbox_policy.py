"""The IAM policy of a sandbox: what it must allow, and what it must not."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pytest
from iam import Asked, allowed

from ec2_lifecycle.conformance.sandbox.ownership import RUN as RUN_TAG
from ec2_lifecycle.conformance.sandbox.policy import policy
from ec2_lifecycle.model.requests import Operation

ACCOUNT, REGION, OTHER = "123456789012", "eu-west-1", "us-east-1"
POLICY: Final = policy([ACCOUNT], [REGION], ["t3.nano", "t3.micro"])
RUN: Final = {RUN_TAG: "r1", "ec2-lifecycle:expires": "2026-01-01T00:00:00Z", "ec2-lifecycle:token": "x"}
UNTAGGED: Final[dict[str, str]] = {}

_TAGS: Final = {"aws:RequestTag/", "aws:TagKeys"}
_OWN: Final = {"aws:ResourceTag/"}
_OF_EC2: Final[dict[str, dict[str, set[str]]]] = {
    "AttachVolume": {"instance": _OWN, "volume": _OWN},
    "CreateTags": {"instance": _TAGS | _OWN, "volume": _TAGS | _OWN},
    "CreateVolume": {"volume": _TAGS},
    "DeleteVolume": {"volume": _OWN},
    "DetachVolume": {"instance": _OWN, "volume": _OWN},
    "ModifyInstanceAttribute": {"instance": _OWN, "volume": _OWN},
    "RebootInstances": {"instance": _OWN},
    "RunInstances": {
        "image": _OWN,
        "instance": _TAGS | {"ec2:InstanceType"},
        "network-interface": _TAGS,
        "security-group": _OWN,
        "subnet": _OWN,
        "volume": _TAGS,
    },
    "StartInstances": {"instance": _OWN},
    "StopInstances": {"instance": _OWN},
    "TerminateInstances": {"instance": _OWN},
}
"""What each action is authorised on, and the keys of that which matter here, by the Service Authorization Reference."""
_OF_ALL: Final = {"aws:RequestedRegion", "ec2:CreateAction"}


def asked(action: str, kind: str, tags: Mapping[str, str] = UNTAGGED, *, region: str = REGION, **more: str) -> Asked:
    """Ask for an action on one thing; `tags` are those that it has, but those that it gets where it is made."""
    creates = action in {"RunInstances", "CreateVolume", "CreateTags"}
    made = creates and "aws:RequestTag/" in _OF_EC2[action][kind]
    context: dict[str, Any] = {"aws:RequestedRegion": region}
    context |= {f"aws:{'RequestTag' if made else 'ResourceTag'}/{key}": value for key, value in tags.items()}
    if made and tags:
        context["aws:TagKeys"] = list(tags)
    account = "" if kind == "image" else ACCOUNT
    return Asked(f"ec2:{action}", f"arn:aws:ec2:{region}:{account}:{kind}/x-1", context | more)


def launch(
    tags: Mapping[str, str] = RUN, of: str = "t3.nano", region: str = REGION, volumes: Mapping[str, str] | None = None
) -> list[Asked]:
    """Launch an instance, with all that is authorised for it."""
    volumes = tags if volumes is None else volumes
    parts = [
        asked("RunInstances", kind, region=region)
        for kind in ("image", "subnet", "security-group", "network-interface")
    ]
    made = [
        asked("RunInstances", "instance", tags, region=region, **{"ec2:InstanceType": of}),
        asked("RunInstances", "volume", volumes, region=region),
    ]
    return [*parts, *made, *tagging("RunInstances", {"instance": tags, "volume": volumes}, region)]


def tagging(action: str, tags: Mapping[str, Mapping[str, str]], region: str = REGION) -> list[Asked]:
    """Tag what an action makes."""
    more = {"ec2:CreateAction": action} if action else {}
    return [asked("CreateTags", kind, given, region=region, **more) for kind, given in tags.items() if given]


def create_volume(tags: Mapping[str, str] = RUN, region: str = REGION) -> list[Asked]:
    made = asked("CreateVolume", "volume", tags, region=region)
    return [made, *tagging("CreateVolume", {"volume": tags}, region)]


def change(action: str, *tags: Mapping[str, str], kind: str = "instance") -> list[Asked]:
    return [asked(action, kind, each) for each in tags]


def attach(instance: Mapping[str, str], volume: Mapping[str, str], action: str = "AttachVolume") -> list[Asked]:
    return [asked(action, "instance", instance), asked(action, "volume", volume)]


def read(action: str, region: str = REGION) -> list[Asked]:
    return [Asked(action, "*", {"aws:RequestedRegion": region})]


READS = [
    "AvailabilityZones",
    "Images",
    "InstanceAttribute",
    "InstanceTypes",
    "Instances",
    "Subnets",
    "Volumes",
]
OF_INSTANCES = ["ModifyInstanceAttribute", "RebootInstances", "StartInstances", "StopInstances", "TerminateInstances"]


ALLOWED = [
    pytest.param(launch(), id="launch"),
    pytest.param(launch(of="t3.micro"), id="launch-of-another-type"),
    pytest.param(create_volume(), id="create-a-volume"),
    *(pytest.param(read(f"ec2:Describe{what}"), id=what) for what in READS),
    pytest.param(read("sts:GetCallerIdentity", OTHER), id="know-the-account"),
    *(pytest.param(change(action, RUN, RUN), id=action) for action in OF_INSTANCES),
    pytest.param(attach(RUN, RUN, "ModifyInstanceAttribute"), id="DeleteOnTermination"),
    pytest.param(attach(RUN, RUN), id="attach"),
    pytest.param(attach(RUN, RUN, "DetachVolume"), id="detach"),
    pytest.param(change("DetachVolume", RUN, kind="volume"), id="detach-by-the-volume-alone"),
    pytest.param(change("DeleteVolume", RUN, kind="volume"), id="delete-a-volume"),
]


@pytest.mark.parametrize("request_", ALLOWED)
def test_all_that_a_run_does_is_allowed(request_: Iterable[Asked]) -> None:
    assert allowed(POLICY, request_)


NOT_OURS = {"Name": "production", "ec2-lifecycle:expires": "2030-01-01T00:00:00Z"}


FORBIDDEN = [
    pytest.param(launch(UNTAGGED), id="launch-without-tags"),
    pytest.param(launch(NOT_OURS), id="launch-without-the-tag-of-the-run"),
    pytest.param(launch(volumes=UNTAGGED), id="launch-with-a-volume-without-tags"),
    pytest.param(launch(UNTAGGED, volumes=RUN), id="launch-with-tags-for-the-volumes-alone"),
    pytest.param(launch(RUN | {"Owner": "somebody"}), id="launch-with-a-tag-of-another-kind"),
    pytest.param(launch(of="p5.48xlarge"), id="launch-of-a-foreign-type"),
    pytest.param(launch(region=OTHER), id="launch-in-another-region"),
    pytest.param(create_volume(UNTAGGED), id="create-a-volume-without-tags"),
    pytest.param(create_volume(region=OTHER), id="create-a-volume-in-another-region"),
    pytest.param(read("ec2:DescribeInstances", OTHER), id="read-in-another-region"),
    *(pytest.param(change(action, UNTAGGED), id=f"{action}-untagged") for action in OF_INSTANCES),
    *(pytest.param(change(action, NOT_OURS), id=f"{action}-foreign") for action in OF_INSTANCES),
    *(pytest.param(change(action, RUN, UNTAGGED), id=f"{action}-mixed") for action in OF_INSTANCES),
    pytest.param(attach(UNTAGGED, RUN), id="attach-to-a-foreign-instance"),
    pytest.param(attach(RUN, UNTAGGED), id="attach-a-foreign-volume"),
    pytest.param(attach(RUN, UNTAGGED, "DetachVolume"), id="detach-a-foreign-volume"),
    pytest.param(attach(UNTAGGED, RUN, "DetachVolume"), id="detach-from-a-foreign-instance"),
    pytest.param(attach(RUN, UNTAGGED, "ModifyInstanceAttribute"), id="DeleteOnTermination-of-a-foreign-volume"),
    pytest.param(change("DeleteVolume", UNTAGGED, kind="volume"), id="delete-a-foreign-volume"),
    pytest.param(tagging("", {"instance": RUN}), id="tag-an-existing-instance"),
    pytest.param(tagging("", {"volume": RUN}), id="tag-an-existing-volume"),
    pytest.param(
        [asked("CreateTags", "volume", UNTAGGED, **{"ec2:CreateAction": "CreateVolume"})], id="tag-without-keys"
    ),
    pytest.param(tagging("CreateSnapshot", {"volume": RUN}), id="tag-what-another-action-makes"),
    pytest.param(tagging("RunInstances", {"volume": {"Name": "x"}}), id="create-with-a-tag-of-another-kind"),
    *(
        pytest.param(
            [Asked(action, resource, {"aws:RequestedRegion": REGION, f"aws:ResourceTag/{RUN_TAG}": "r1"})],
            id=action,
        )
        for action, resource in [
            ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/x"),
            ("ec2:DeleteTags", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"),
            ("ec2:ModifyVolume", f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"),
            ("ec2:CreateSnapshot", f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"),
            ("ec2:DescribeVpcs", "*"),
            ("ec2:GetPasswordData", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"),
            ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/x"),
        ]
    ),
]


@pytest.mark.parametrize("request_", FORBIDDEN)
def test_nothing_else_is_allowed(request_: Iterable[Asked]) -> None:
    assert not allowed(POLICY, request_)


def all_of(params: Iterable[Any]) -> list[list[Asked]]:
    return [param.values[0] for param in params]


def altered(number: int, **parts: object) -> dict[str, Any]:
    """Return the policy with another statement in place of one."""
    statements = list(POLICY["Statement"])
    statements[number] = statements[number] | parts
    return {"Statement": statements}


STATEMENTS = range(len(POLICY["Statement"]))


@pytest.mark.parametrize("number", STATEMENTS)
def test_each_action_and_each_kind_of_resource_is_needed(number: int) -> None:
    for part in ("Action", "Resource"):
        for left_out in POLICY["Statement"][number][part]:
            others = [each for each in POLICY["Statement"][number][part] if each != left_out]
            poorer = altered(number, **{part: others})
            assert not all(allowed(poorer, request) for request in all_of(ALLOWED)), left_out


@pytest.mark.parametrize("number", STATEMENTS)
def test_each_condition_forbids_something(number: int) -> None:
    conditions: dict[str, dict[str, object]] = POLICY["Statement"][number].get("Condition", {})
    for operator, key in [(operator, key) for operator, keys in conditions.items() for key in keys]:
        rest = {
            name: {k: v for k, v in keys.items() if (name, k) != (operator, key)} for name, keys in conditions.items()
        }
        richer = altered(number, Condition=rest)
        assert any(allowed(richer, request) for request in all_of(FORBIDDEN)), f"{operator} of {key}"


def test_whatever_a_scenario_can_ask_for_is_in_the_policy() -> None:
    named = {action for statement in POLICY["Statement"] for action in statement["Action"]}
    assert {f"ec2:{operation.value}" for operation in Operation} <= named


def test_another_account_is_not_allowed() -> None:
    elsewhere = policy(["999999999999"], [REGION], ["t3.nano"])
    assert not allowed(elsewhere, launch())
    assert not allowed(elsewhere, change("TerminateInstances", RUN))
    assert allowed(policy(["999999999999", ACCOUNT], [OTHER, REGION], ["t3.nano"]), launch())


def test_each_key_of_a_condition_is_one_that_ec2_has_for_the_action_and_the_resource() -> None:
    seen = 0
    for statement in POLICY["Statement"]:
        keys = {
            key.partition("/")[0] + "/" * ("/" in key)
            for each in statement.get("Condition", {}).values()
            for key in each
        }
        for action in statement["Action"]:
            service, _, name = action.partition(":")
            if name.startswith("Describe") or service != "ec2":
                assert statement["Resource"] == ["*"]
                assert keys <= _OF_ALL
                continue
            kinds = {arn.rpartition(":")[2].partition("/")[0] for arn in statement["Resource"]}
            assert kinds & _OF_EC2[name].keys(), f"{action} is not authorised on any of {kinds}"
            for kind in kinds & _OF_EC2[name].keys():
                assert keys <= _OF_EC2[name][kind] | _OF_ALL, f"{action} on {kind}"
                seen += 1
    assert seen == 20


def test_the_policy_fits_a_managed_policy_and_is_json() -> None:
    large = policy([ACCOUNT], ["eu-west-1", "eu-central-1", "us-east-1"], ["t3.nano", "t3.micro", "t4g.nano"])
    assert len("".join(json.dumps(large).split())) < 6144
    assert json.loads(json.dumps(large)) == large


@pytest.mark.parametrize(
    ("accounts", "regions", "types", "said"),
    [
        ([], [REGION], ["t3.nano"], "A policy needs at least one account."),
        ([ACCOUNT], [], ["t3.nano"], "A policy needs at least one region."),
        ([ACCOUNT], [REGION], [], "A policy needs at least one instance type."),
        (["*"], [REGION], ["t3.nano"], '"*" is no account; write each in full, without wildcards.'),
        ([ACCOUNT], ["eu-*"], ["t3.nano"], '"eu-*" is no region; write each in full, without wildcards.'),
        ([ACCOUNT], [REGION], ["t3.*"], '"t3.*" is no instance type; write each in full, without wildcards.'),
        (["12345678901"], [REGION], ["t3.nano"], '"12345678901" is no account; write each in full, without wildcards.'),
    ],
)
def test_what_would_allow_more_than_meant_is_refused(
    accounts: list[str], regions: list[str], types: list[str], said: str
) -> None:
    with pytest.raises(ValueError, match=r"account|region|type") as wrong:
        policy(accounts, regions, types)
    assert str(wrong.value) == said


def test_in_an_account_of_its_own_a_run_may_change_whatever_there_is_and_launch_no_more() -> None:
    whole = policy([ACCOUNT], [REGION], ["t3.nano"], whole_account=True)
    foreign = [asked("TerminateInstances", "instance")]
    assert allowed(whole, foreign)
    assert not allowed(POLICY, foreign)
    assert not allowed(whole, [asked("TerminateInstances", "instance", region=OTHER)])
    assert not allowed(whole, launch(UNTAGGED))
    assert not allowed(whole, launch(of="p5.48xlarge"))
