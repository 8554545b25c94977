"""The IAM policy for runs in a sandbox account: it allows what a run requests there, and nothing else.

Which resources an action is authorised on, and which condition keys each of them has, is in the Service Authorization
Reference, "Actions, resources, and condition keys for Amazon EC2". What follows from it:

- One request is authorised once for each resource that it names or makes, and needs to be allowed for all of them.
  A launch is one for the image, the subnet, the security groups and the network interface, and for the new instance
  and its volumes: only of the last two can tags be asked for.
- A batch with one instance that is not the run's own is refused as a whole.
- What does not exist has no tags: a change of an id that is unknown, or forgotten by now, is refused with
  UnauthorizedOperation and not with NotFound (reported: github.com/runs-on/terraform-aws-runs-on/issues/60, 2026).
- Tags of a launch are authorised as CreateTags, with the launch as `ec2:CreateAction`. Tagging what exists has no
  such key, and is not allowed: whoever could tag could make anything the run's own.
- An operator on a key that is absent does not hold, but `ForAllValues` does: beside it stands a `Null`.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from .ownership import RUN

Document: TypeAlias = dict[str, Any]
"""A policy, or a part of one, as IAM has it in JSON."""

_OUR_TAGS: Final = "ec2-lifecycle:*"

READS: Final = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeSubnets",
    "ec2:DescribeVolumes",
)
OF_INSTANCES: Final = (
    "ec2:ModifyInstanceAttribute",
    "ec2:RebootInstances",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
)
OF_VOLUMES: Final = ("ec2:AttachVolume", "ec2:DeleteVolume", "ec2:DetachVolume")
_LAUNCH: Final = "ec2:RunInstances"
_CREATE: Final = "ec2:CreateVolume"

_ACCOUNT: Final = re.compile(r"\d{12}")
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_TYPE: Final = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")


def policy(
    accounts: Iterable[str],
    regions: Iterable[str],
    instance_types: Iterable[str],
    *,
    whole_account: bool = False,
) -> Document:
    """Return the policy of a run in these accounts and regions, which launches instances of these types only.

    With `whole_account` it may change every instance and volume there, and not only those with the tag of a run:
    what EC2 answers for an id that nothing has is seen only so.

    Raises `ValueError` where one of them is missing, or is not written in full: a wildcard would allow more than meant.
    """
    regions = _written("region", regions, _REGION)
    accounts = _written("account", accounts, _ACCOUNT)
    places = [f"arn:aws:ec2:{region}:{account}" for account in accounts for region in regions]
    types = _written("instance type", instance_types, _TYPE)
    instances, volumes = _of(places, "instance"), _of(places, "volume")
    tagged = {"Null": {f"aws:RequestTag/{RUN}": "false"}}
    own = None if whole_account else {"Null": {f"aws:ResourceTag/{RUN}": "false"}}
    parts = [each for kind in ("subnet", "security-group", "network-interface") for each in _of(places, kind)]
    images = [f"arn:aws:ec2:{region}::image/*" for region in regions]
    statements = [
        _allow("Read", READS, ["*"], {"StringEquals": {"aws:RequestedRegion": regions}}),
        _allow("KnowTheAccount", ["sts:GetCallerIdentity"], ["*"]),
        _allow("LaunchFrom", [_LAUNCH], [*images, *parts]),
        _allow("LaunchTagged", [_LAUNCH], instances, tagged | {"StringEquals": {"ec2:InstanceType": types}}),
        _allow("CreateVolumesTagged", [_LAUNCH, _CREATE], volumes, tagged),
        _allow("TagWhatIsCreated", ["ec2:CreateTags"], [*instances, *volumes], _at_creation()),
        _allow("ChangeOwnInstances", OF_INSTANCES, [*instances, *volumes], own),
        _allow("ChangeOwnVolumes", OF_VOLUMES, [*instances, *volumes], own),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _at_creation() -> Document:
    """Return the condition for tags that are set at creation and belong to this project."""
    return {
        "StringEquals": {"ec2:CreateAction": ["RunInstances", "CreateVolume"]},
        "ForAllValues:StringLike": {"aws:TagKeys": [_OUR_TAGS]},
        "Null": {"aws:TagKeys": "false"},
    }


def _allow(sid: str, actions: Iterable[str], resources: list[str], condition: Document | None = None) -> Document:
    statement: Document = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}
    return statement | ({"Condition": condition} if condition else {})


def _of(places: Iterable[str], kind: str) -> list[str]:
    return [f"{place}:{kind}/*" for place in places]


def _written(what: str, texts: Iterable[str], form: re.Pattern[str]) -> list[str]:
    """Return the texts, each once, in order; raises `ValueError` where there is none, or one of another form."""
    found = sorted(set(texts))
    for text in found:
        if not form.fullmatch(text):
            raise ValueError(f'"{text}" is no {what}; write each in full, without wildcards.')
    if not found:
        raise ValueError(f"A policy needs at least one {what}.")
    return found
