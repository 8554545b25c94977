"""Asks a target for what a launch needs: its zones, an image and an instance type."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ...model.states import RootDevice
from ..adapter.arguments import Image
from ..adapter.ec2_target import Client
from ..adapter.failures import code_and_status
from ..adapter.reply_parts import (
    Reply,
    WrongPart,
    items,
    part,
    required,
    required_items,
    structure,
    structure_or_nothing,
    text,
)

T = TypeVar("T")
"""What is read of an item of a list."""

ZONES_UNKNOWN: Final = ("",)
"""The zones of a target that does not list them."""

_LONGEST: Final = 120
_SMALL: Final = (Image().instance_type, "t2.micro", "t3.nano", "t3.small", "t2.small")
"""The instance types to launch, in order of preference."""


@dataclass(slots=True)
class Notes:
    """What could not be read of a target's lists, one sentence for each list."""

    problems: dict[str, str] = field(default_factory=dict[str, str])
    """By EC2's name of the call that lists something, the end of a sentence."""

    def failed(self, call: str, error: Exception) -> None:
        """Note that a call failed, or that its reply cannot be read."""
        self.problems[call] = _problem(error)

    def empty(self, call: str) -> None:
        """Note that a call lists nothing that can be used."""
        self.problems.setdefault(call, "lists none that can be used")

    def sentences(self, consequences: Mapping[str, str]) -> tuple[str, ...]:
        """Return the sentences, with the consequence of each call."""
        return tuple(
            f"{call} {self.problems[call]}, so {so}." for call, so in consequences.items() if call in self.problems
        )


ZONES: Final = "DescribeAvailabilityZones"
IMAGES: Final = "DescribeImages"
TYPES: Final = "DescribeInstanceTypes"


def zones_of(client: Client, notes: Notes | None = None) -> tuple[str, ...]:
    """Return the names of the zones, in order; raises the client's errors, and `WrongPart`.

    Skips and notes a zone whose name cannot be read.
    """
    notes = notes or Notes()
    reply = structure(client.describe_availability_zones(), "the reply")
    reject_web_page(reply)
    listed = required_items(reply, "AvailabilityZones", "the reply")
    zones = sorted(filter(None, _readable(_zone, listed, ZONES, notes)))
    if not zones:
        notes.empty(ZONES)
    return tuple(zones) or ZONES_UNKNOWN


def _zone(zone: Reply) -> str:
    """Return the name of an Availability Zone; Local and Wavelength Zones are listed too if an account opted in."""
    usual = text(zone, "ZoneType", "a zone") in {"", "availability-zone"}
    return required(zone, "ZoneName", "a zone") if usual else ""


def _readable(read: Callable[[Reply], T], listed: Iterable[Reply], call: str, notes: Notes) -> Iterator[T]:
    """Yield what can be read of the items of a list; notes the first that cannot."""
    for item in listed:
        try:
            yield read(item)
        except WrongPart as wrong:
            if call not in notes.problems:
                notes.failed(call, wrong)


def zones_in_words(zones: tuple[str, ...]) -> str:
    """Return which zones a run uses although the list of them could not be read."""
    if zones == ZONES_UNKNOWN:
        return "the run names no zone, and all its instances count as in one"
    return f"the run uses the {'zone' if len(zones) == 1 else 'zones'} {', '.join(zones)}"


def instance_type_of(client: Client, notes: Notes | None = None) -> str:
    """Return an instance type to launch: the default one, unless the client lists only others."""
    notes = notes or Notes()
    try:
        reply = structure(client.describe_instance_types(MaxResults=100), "the reply")
        found = required_items(reply, "InstanceTypes", "the reply")
        listed = set(_readable(lambda one: required(one, "InstanceType", "a type"), found, TYPES, notes))
    except Exception as error:  # noqa: BLE001 - many emulators do not list types, and launch any
        notes.failed(TYPES, error)
        return Image().instance_type
    if not listed:
        notes.empty(TYPES)
    else:
        notes.problems.pop(TYPES, None)  # one that can be read is enough
    small = [one for one in _SMALL if one in listed]
    if small or not listed or reply.get("NextToken"):
        return next(iter(small), Image().instance_type)
    return min(listed)


def image_of(
    client: Client, root: RootDevice = RootDevice.EBS, preferred: str = "", notes: Notes | None = None
) -> Image | None:
    """Return an image with such a root, the preferred one if it exists; None if the client lists none.

    Every error counts as no image, because some emulators launch any image id.
    """
    notes = notes or Notes()
    for arguments in _questions(root, preferred):
        try:
            reply = structure(client.describe_images(**arguments), "the reply")
            found = required_items(reply, "Images", "the reply")
            images = list(
                filter(None, _readable(lambda one: _image(one) if _fits(one, root) else None, found, IMAGES, notes))
            )
        except Exception as error:  # noqa: BLE001 - see above
            notes.failed(IMAGES, error)
            continue
        if images:
            notes.problems.pop(IMAGES, None)
            return images[0]
    notes.empty(IMAGES)
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


def _problem(error: Exception) -> str:
    """Return the end of a sentence about a list that could not be read."""
    match error:
        case ClientError():
            code, message, status = code_and_status(error)
            said = ": ".join(filter(None, (code or f"HTTP {status}", message)))
            return f"is refused ({_short(said)})"
        case WrongPart():
            return f"cannot be read ({_short(str(error))})"
        case ResponseParserError():
            return "is answered with a body that is not EC2's XML"
        case AttributeError() | NotImplementedError():
            return "is not implemented"
        case _:
            return f"fails ({_short(f'{type(error).__name__}: {error}')})"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


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
        bool(required(image, "ImageId", "an image"))
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
