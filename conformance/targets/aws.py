"""The target `aws:PROFILE`: a live account, through the gate of the sandbox."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ..adapter.arguments import Image
from ..adapter.clock import WallClock
from ..adapter.ec2_target import Client, Ec2Target
from ..adapter.failures import code_and_status
from ..adapter.reply_parts import WrongPart, items, structure, structure_or_nothing
from ..adapter.target import Broken, UnknownTarget
from ..sandbox.account import Account, allowed_account
from ..sandbox.gate import Gate
from ..sandbox.gated_target import gated_target
from ..sandbox.journal import Journal
from .discover import ZONES_UNKNOWN, image_of, newest_image, zones_of
from .launch_options import LaunchOptions, LiveSession
from .placement import zones_and_subnets

_ARCHITECTURE: Final = "x86_64"
_SMALL_LINUX: Final = "al2023-ami-minimal-2023.*"
_WOULD_SUCCEED: Final = "DryRunOperation"
_MIN_ZONES: Final = 2


def aws_target(profile: str, options: LaunchOptions, live: LiveSession) -> Ec2Target:
    """Return a live account as a target, after a dry run of a launch in it.

    Raises the errors of `allowed_account`, `UnknownTarget` for unusable zones or an unusable type,
    and `Broken` if the account does not allow what a run does.
    """
    account = allowed_account(profile, live.limits)
    journal = Journal(live.journal)
    began = journal.record.began
    if (began.account, began.region) != (account.id, account.region):
        raise Broken(f"{live.journal} is of the account {began.account} in {began.region}, not of {account.id}.")
    client = account.client()
    gate = Gate(client, live.limits, journal, WallClock())
    listed = usable_zones(gate, account, options)
    kind = options.instance_type or live.limits.instance_types[0]
    zones, subnets = zones_and_subnets(gate, listed)
    image = _image(gate, options.image_id or live.limits.image_id, kind)
    _rehearse_launch(gate, image, subnets)

    def close() -> None:
        journal.close()
        client.close()

    return gated_target(gate, name=f"aws:{profile}", zones=zones, image=image, subnets=subnets, on_close=close)


def usable_zones(client: Client, account: Account, options: LaunchOptions) -> tuple[str, ...]:
    """Return the zones to use: the given ones, or all; raises `UnknownTarget` if fewer than two, and `Broken`."""
    try:
        listed = zones_of(client)
    except (BotoCoreError, ClientError, ResponseParserError, WrongPart) as error:
        raise Broken(f"EC2 in {account.region} does not list its zones ({error}).") from error
    unknown = [zone for zone in options.zones if zone not in listed and listed != ZONES_UNKNOWN]
    if unknown:
        raise UnknownTarget(f"{account.region} has no zone {unknown[0]}; its zones are {', '.join(listed)}.")
    zones = options.zones or listed
    if len(zones) < _MIN_ZONES:
        raise UnknownTarget(
            f"account {account.id} can use {len(zones)} Availability Zone in {account.region}, and a run needs two; "
            "use another region."
        )
    return zones


def _image(gate: Gate, image_id: str, kind: str) -> Image:
    """Return the image to launch: the given one, or the newest small one; raises `UnknownTarget`."""
    if image_id:
        found = image_of(gate, preferred=image_id)
        if found is None or found.id != image_id:
            raise UnknownTarget(f"There is no image {image_id} in this region.")
    else:
        found = newest_image(gate, _SMALL_LINUX, _architecture(gate, kind)) or image_of(gate)
    if found is None:
        raise UnknownTarget("No image to launch was found; set image-id in the sandbox file.")
    return replace(found, instance_type=kind)


def _architecture(gate: Gate, kind: str) -> str:
    """Return the architecture of an instance type."""
    try:
        reply = structure(gate.describe_instance_types(InstanceTypes=[kind]), "the reply")
    except ClientError:
        return _ARCHITECTURE  # if the type does not exist, the dry run reports it
    for one in items(reply, "InstanceTypes", "the reply"):
        known = structure_or_nothing(one.get("ProcessorInfo")).get("SupportedArchitectures")
        if isinstance(known, list) and _ARCHITECTURE not in known and known:
            return str(cast("list[object]", known)[0])
    return _ARCHITECTURE


def _rehearse_launch(gate: Gate, image: Image, subnets: Mapping[str, str]) -> None:
    """Make a dry run of a launch; raises `Broken` if it would be refused."""
    arguments: dict[str, Any] = {"SubnetId": next(iter(subnets.values()))} if subnets else {}
    try:
        gate.run_instances(
            ImageId=image.id, InstanceType=image.instance_type, MinCount=1, MaxCount=1, DryRun=True, **arguments
        )
    except ClientError as error:
        code, message, _ = code_and_status(error)
        if code != _WOULD_SUCCEED:
            raise Broken(f"The account would not launch a {image.instance_type} ({code}: {message}).") from error
