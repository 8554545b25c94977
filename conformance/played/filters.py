"""Filters of DescribeInstances and DescribeVolumes: those that clients of the lifecycle use."""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, TypeVar

from ...model.requests import Operation
from .looks import Fields
from .refusals import rejected

T = TypeVar("T")

Values = Callable[[Fields], list[str]]
"""What an item has for a filter to match."""
Wanted = tuple[Values, tuple[str, ...]]
"""One filter: what it looks at, and the values that it accepts."""


def field(*path: str) -> Values:
    """Return what looks at one field of an item, along a path; an item without it has no value."""

    def values(item: Fields) -> list[str]:
        found: Any = item
        for name in path:
            found = found.get(name) if found else None
        if found is None:
            return []
        return [str(found).lower() if isinstance(found, bool) else str(found)]

    return values


def each(several: str, *path: str) -> Values:
    """Return what looks at one field of each part of an item."""
    one = field(*path)
    return lambda item: [value for part in item.get(several, ()) for value in one(part)]


INSTANCE: Final[Mapping[str, Values]] = {
    "architecture": field("Architecture"),
    "block-device-mapping.delete-on-termination": each("BlockDeviceMappings", "Ebs", "DeleteOnTermination"),
    "block-device-mapping.device-name": each("BlockDeviceMappings", "DeviceName"),
    "block-device-mapping.volume-id": each("BlockDeviceMappings", "Ebs", "VolumeId"),
    "client-token": field("ClientToken"),
    "instance.group-id": each("SecurityGroups", "GroupId"),
    "key-name": field("KeyName"),
    "private-ip-address": field("PrivateIpAddress"),
    "root-device-name": field("RootDeviceName"),
    "state-reason-code": field("StateReason", "Code"),
    "subnet-id": field("SubnetId"),
    "vpc-id": field("VpcId"),
    "availability-zone": field("Placement", "AvailabilityZone"),
    "image-id": field("ImageId"),
    "instance-id": field("InstanceId"),
    # The high byte is not compared (D-06).
    "instance-state-code": lambda item: [str(item["State"]["Code"] & 0xFF)],
    "instance-state-name": field("State", "Name"),
    "instance-type": field("InstanceType"),
    "root-device-type": field("RootDeviceType"),
}
VOLUME: Final[Mapping[str, Values]] = {
    "attachment.instance-id": each("Attachments", "InstanceId"),
    "availability-zone": field("AvailabilityZone"),
    "status": field("State"),
    "volume-id": field("VolumeId"),
}


def chosen(
    operation: Operation | str,
    sent: Iterable[Mapping[str, Any]] | None,
    subjects: Iterable[T],
    show: Callable[[T], Fields],
    known: Mapping[str, Values],
) -> list[T]:
    """Return the subjects whose description matches the filters that were sent; `ClientError` for unknown ones."""
    wanted: list[Wanted] = []
    for one in sent or ():
        name = one.get("Name", "")
        values = _values(name, known)
        if values is None:
            raise rejected(operation, f"The filter '{name}' is invalid")
        wanted.append((values, tuple(one.get("Values") or ())))
    return [subject for subject in subjects if _matches(show(subject), wanted)] if wanted else list(subjects)


def _matches(item: Fields, wanted: list[Wanted]) -> bool:
    """Tell whether every filter matches the item with one of its values (D-06)."""
    return all(
        any(fnmatchcase(value, pattern) for value in values(item) for pattern in patterns)
        for values, patterns in wanted
    )


def _values(name: str, known: Mapping[str, Values]) -> Values | None:
    if name in known:
        return known[name]
    if name == "tag-key":
        return lambda item: [tag["Key"] for tag in item.get("Tags", ())]
    if name.startswith("tag:"):
        return lambda item: [tag["Value"] for tag in item.get("Tags", ()) if tag["Key"] == name[len("tag:") :]]
    return None
