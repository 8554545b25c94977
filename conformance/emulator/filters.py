"""Implements the filters of Describe operations that clients of the lifecycle use."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar

from ...model.requests import Operation
from .refusals import rejected
from .variation import Fields

T = TypeVar("T")

Getter = Callable[[Fields], list[str]]
"""Returns the values of an item that a filter compares."""
Filter = tuple[Getter, tuple[str, ...]]
"""One filter: the getter of the compared values, and the accepted patterns."""


def field(*path: str) -> Getter:
    """Return a getter for one field of an item, along a path; an item without the field has no value."""

    def values(item: Fields) -> list[str]:
        found: Any = item
        for name in path:
            found = found.get(name) if found else None
        if found is None:
            return []
        return [str(found).lower() if isinstance(found, bool) else str(found)]

    return values


def each_of(list_name: str, *path: str) -> Getter:
    """Return a getter for one field of each element of a list in an item."""
    one = field(*path)
    return lambda item: [value for part in item.get(list_name, ()) for value in one(part)]


def moment(name: str) -> Getter:
    """Return a getter for a date, as EC2 writes it."""
    return lambda item: [f"{item[name]:%Y-%m-%dT%H:%M:%S.000Z}"] if name in item else []


INSTANCE: Final[Mapping[str, Getter]] = {
    "architecture": field("Architecture"),
    "availability-zone": field("Placement", "AvailabilityZone"),
    "block-device-mapping.delete-on-termination": each_of("BlockDeviceMappings", "Ebs", "DeleteOnTermination"),
    "block-device-mapping.device-name": each_of("BlockDeviceMappings", "DeviceName"),
    "block-device-mapping.status": each_of("BlockDeviceMappings", "Ebs", "Status"),
    "block-device-mapping.volume-id": each_of("BlockDeviceMappings", "Ebs", "VolumeId"),
    "client-token": field("ClientToken"),
    "dns-name": field("PublicDnsName"),
    "group-id": each_of("SecurityGroups", "GroupId"),
    "group-name": each_of("SecurityGroups", "GroupName"),
    "hypervisor": field("Hypervisor"),
    "image-id": field("ImageId"),
    "instance-id": field("InstanceId"),
    "instance-lifecycle": field("InstanceLifecycle"),
    # The high byte is not compared (D-06).
    "instance-state-code": lambda item: [str(item["State"]["Code"] & 0xFF)],
    "instance-state-name": field("State", "Name"),
    "instance-type": field("InstanceType"),
    "instance.group-id": each_of("SecurityGroups", "GroupId"),
    "instance.group-name": each_of("SecurityGroups", "GroupName"),
    "ip-address": field("PublicIpAddress"),
    "key-name": field("KeyName"),
    "launch-index": field("AmiLaunchIndex"),
    "launch-time": moment("LaunchTime"),
    "monitoring-state": field("Monitoring", "State"),
    "network-interface.network-interface-id": each_of("NetworkInterfaces", "NetworkInterfaceId"),
    "network-interface.status": each_of("NetworkInterfaces", "Status"),
    "network-interface.subnet-id": each_of("NetworkInterfaces", "SubnetId"),
    "network-interface.vpc-id": each_of("NetworkInterfaces", "VpcId"),
    "owner-id": field("OwnerId"),
    "private-dns-name": field("PrivateDnsName"),
    "private-ip-address": field("PrivateIpAddress"),
    "reason": field("StateTransitionReason"),
    "reservation-id": field("ReservationId"),
    "root-device-name": field("RootDeviceName"),
    "root-device-type": field("RootDeviceType"),
    "source-dest-check": field("SourceDestCheck"),
    "state-reason-code": field("StateReason", "Code"),
    "state-reason-message": field("StateReason", "Message"),
    "subnet-id": field("SubnetId"),
    "tenancy": field("Placement", "Tenancy"),
    "virtualization-type": field("VirtualizationType"),
    "vpc-id": field("VpcId"),
}
"""The filters of instances, including those on their reservation."""
VOLUME: Final[Mapping[str, Getter]] = {
    "attachment.delete-on-termination": each_of("Attachments", "DeleteOnTermination"),
    "attachment.device": each_of("Attachments", "Device"),
    "attachment.instance-id": each_of("Attachments", "InstanceId"),
    "attachment.status": each_of("Attachments", "State"),
    "availability-zone": field("AvailabilityZone"),
    "create-time": moment("CreateTime"),
    "encrypted": field("Encrypted"),
    "size": field("Size"),
    "snapshot-id": field("SnapshotId"),
    "status": field("State"),
    "volume-id": field("VolumeId"),
    "volume-type": field("VolumeType"),
}
IMAGE: Final[Mapping[str, Getter]] = {
    "architecture": field("Architecture"),
    "image-id": field("ImageId"),
    "image-type": field("ImageType"),
    "is-public": field("Public"),
    "name": field("Name"),
    "owner-id": field("OwnerId"),
    "root-device-name": field("RootDeviceName"),
    "root-device-type": field("RootDeviceType"),
    "state": field("State"),
    "virtualization-type": field("VirtualizationType"),
}
ZONE: Final[Mapping[str, Getter]] = {
    "region-name": field("RegionName"),
    "state": field("State"),
    "zone-id": field("ZoneId"),
    "zone-name": field("ZoneName"),
    "zone-type": field("ZoneType"),
}


def apply_filters(
    operation: Operation | str,
    sent: Iterable[Mapping[str, Any]] | None,
    subjects: Iterable[T],
    describe: Callable[[T], Fields],
    known: Mapping[str, Getter],
) -> list[T]:
    """Return the subjects whose description matches the filters sent; `ClientError` for an unknown filter."""
    wanted: list[Filter] = []
    for one in sent or ():
        name = one.get("Name", "")
        values = _values(name, known)
        if values is None:
            raise rejected(operation, f"The filter '{name}' is invalid")
        wanted.append((values, tuple(one.get("Values") or ())))
    return [subject for subject in subjects if _matches(describe(subject), wanted)] if wanted else list(subjects)


def _matches(item: Fields, wanted: list[Filter]) -> bool:
    """Tell whether every filter matches the item with one of its values (D-06)."""
    return all(
        any(_matcher(pattern).fullmatch(value) for value in values(item) for pattern in patterns)
        for values, patterns in wanted
    )


@lru_cache(1024)
def _matcher(pattern: str) -> re.Pattern[str]:
    """Return the pattern of a filter value: `*` matches anything, `?` one character, a backslash escapes both."""
    parts = re.findall(r"\\?.", pattern, re.DOTALL)
    return re.compile("".join({"*": ".*", "?": "."}.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)


def _values(name: str, known: Mapping[str, Getter]) -> Getter | None:
    if name in known:
        return known[name]
    if name == "tag-key":
        return each_of("Tags", "Key")
    if name == "tag-value":
        return each_of("Tags", "Value")
    if name.startswith("tag:"):
        return lambda item: [tag["Value"] for tag in item.get("Tags", ()) if tag["Key"] == name[len("tag:") :]]
    return None
