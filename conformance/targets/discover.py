"""Asks a target for what a launch needs: its zones, an image and an instance type."""

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ...model.states import RootDevice
from ..adapter.arguments import Image
from ..adapter.ec2_target import Client
from ..adapter.reply_parts import Reply, WrongPart, items, part, structure, structure_or_nothing, text

ZONES_UNKNOWN: Final = ("",)
"""The zones of a target that does not list them."""

_SMALL: Final = (Image().instance_type, "t2.micro", "t3.nano", "t3.small", "t2.small")
"""The instance types to launch, in order of preference."""


def zones_of(client: Client) -> tuple[str, ...]:
    """Return the names of the zones, in order; raises the client's errors, and `WrongPart`."""
    reply = structure(client.describe_availability_zones(), "the reply")
    reject_web_page(reply)
    zones = [
        text(zone, "ZoneName", "a zone")
        for zone in items(reply, "AvailabilityZones", "the reply")
        # Local and Wavelength Zones are listed too if an account has opted in.
        if text(zone, "ZoneType", "a zone") in {"", "availability-zone"}
    ]
    return tuple(sorted(filter(None, zones))) or ZONES_UNKNOWN


def instance_type_of(client: Client) -> str:
    """Return an instance type to launch: the default one, unless the client lists only others."""
    try:
        reply = structure(client.describe_instance_types(MaxResults=100), "the reply")
        listed = {text(one, "InstanceType", "a type") for one in items(reply, "InstanceTypes", "the reply")} - {""}
    except Exception:  # noqa: BLE001 - many emulators do not list types, and launch any
        return Image().instance_type
    small = [one for one in _SMALL if one in listed]
    if small or not listed or reply.get("NextToken"):
        return next(iter(small), Image().instance_type)
    return min(listed)


def image_of(client: Client, root: RootDevice = RootDevice.EBS, preferred: str = "") -> Image | None:
    """Return an image with such a root, the preferred one if it exists; None if the client lists none.

    Every error counts as no image, because some emulators launch any image id.
    """
    for arguments in _questions(root, preferred):
        try:
            found = items(structure(client.describe_images(**arguments), "the reply"), "Images", "the reply")
            images = [_image(image) for image in found if _fits(image, root)]
        except Exception:  # noqa: BLE001, S112 - see above
            continue
        if images:
            return images[0]
    return None


def newest_image(client: Client, name: str, architecture: str) -> Image | None:
    """Return the newest of Amazon's own images whose name matches, or None."""
    try:
        reply = client.describe_images(
            Owners=["amazon"],
            Filters=[
                {"Name": "name", "Values": [name]},
                {"Name": "architecture", "Values": [architecture]},
                {"Name": "root-device-type", "Values": [RootDevice.EBS.value]},
                {"Name": "state", "Values": ["available"]},
            ],
        )
        fitting = [i for i in items(structure(reply, "the reply"), "Images", "the reply") if _fits(i, RootDevice.EBS)]
        return _image(max(fitting, key=lambda image: text(image, "CreationDate", "an image"))) if fitting else None
    except (BotoCoreError, ClientError, WrongPart):  # such as an emulator that does not know these filters
        return None


def reject_web_page(reply: Reply) -> None:
    """Raise `WrongPart` for a web page, because well-formed XML reads like an empty reply."""
    headers = structure_or_nothing(structure_or_nothing(reply.get("ResponseMetadata")).get("HTTPHeaders"))
    if "html" in str(headers.get("content-type", "")):
        raise WrongPart("the reply is a web page")


def _questions(root: RootDevice, preferred: str) -> Iterator[dict[str, Any]]:
    if preferred:
        yield {"ImageIds": [preferred]}
    yield {
        "Owners": ["self", "amazon"],
        "Filters": [
            {"Name": "root-device-type", "Values": [root.value]},
            {"Name": "architecture", "Values": ["x86_64"]},
            {"Name": "state", "Values": ["available"]},
        ],
        "MaxResults": 100,  # EC2 has tens of thousands
    }
    yield {}


def _fits(image: Reply, root: RootDevice) -> bool:
    """Tell whether an image with such a root can be launched; not Windows, which has its own sizes and rules."""
    return (
        bool(text(image, "ImageId", "an image"))
        and text(image, "Platform", "an image").lower() != "windows"
        and (text(image, "RootDeviceType", "an image") or RootDevice.EBS.value) == root.value
    )


def _image(image: Reply) -> Image:
    device = text(image, "RootDeviceName", "an image") or Image.root_device
    sizes = [
        part(mapping, "Ebs", "an image").get("VolumeSize")
        for mapping in items(image, "BlockDeviceMappings", "an image")
        if mapping.get("DeviceName") == device
    ]
    size = sizes[0] if sizes and isinstance(sizes[0], int) else None
    return Image(image["ImageId"], device, size)
