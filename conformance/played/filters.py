"""Filters of DescribeInstances and DescribeVolumes: those that clients of the lifecycle use."""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from .looks import Fields

Values = Callable[[Fields], list[str]]
"""What an item has for a filter to match."""
Wanted = tuple[Values, tuple[str, ...]]
"""One filter: what it looks at, and the values that it accepts."""

INSTANCE: Final[Mapping[str, Values]] = {
    "availability-zone": lambda item: [item["Placement"]["AvailabilityZone"]],
    "image-id": lambda item: [item["ImageId"]],
    "instance-id": lambda item: [item["InstanceId"]],
    # The high byte is not compared (D-06).
    "instance-state-code": lambda item: [str(item["State"]["Code"] & 0xFF)],
    "instance-state-name": lambda item: [item["State"]["Name"]],
    "instance-type": lambda item: [item["InstanceType"]],
    "root-device-type": lambda item: [item["RootDeviceType"]],
}
VOLUME: Final[Mapping[str, Values]] = {
    "attachment.instance-id": lambda item: [attachment["InstanceId"] for attachment in item["Attachments"]],
    "availability-zone": lambda item: [item["AvailabilityZone"]],
    "status": lambda item: [item["State"]],
    "volume-id": lambda item: [item["VolumeId"]],
}


class UnknownFilter(Exception):
    """A filter that the model does not have; its name is the message."""


def parse(sent: Iterable[Mapping[str, Any]], known: Mapping[str, Values]) -> list[Wanted]:
    """Return the filters that were sent; raises `UnknownFilter`."""
    return [(_values(one["Name"], known), tuple(one["Values"])) for one in sent]


def matches(item: Fields, wanted: list[Wanted]) -> bool:
    """Tell whether every filter matches the item with one of its values (D-06)."""
    return all(
        any(fnmatchcase(value, pattern) for value in values(item) for pattern in patterns)
        for values, patterns in wanted
    )


def _values(name: str, known: Mapping[str, Values]) -> Values:
    if name in known:
        return known[name]
    if name == "tag-key":
        return lambda item: [tag["Key"] for tag in item.get("Tags", ())]
    if name.startswith("tag:"):
        return lambda item: [tag["Value"] for tag in item.get("Tags", ()) if tag["Key"] == name[len("tag:") :]]
    raise UnknownFilter(name)
