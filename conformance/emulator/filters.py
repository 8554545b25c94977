"""The filters of descriptions: those whose values the model holds, and which others EC2 documents."""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, Final, TypeVar

from ...model.requests import Operation
from .refusals import rejected
from .variation import Fields
from .wire.ec2_errors import Ec2Error
from .wire.services import EC2, operation_of

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


def nothing(_: Fields) -> list[str]:
    """Return no value: the model has nothing of the kind, so that a filter by it matches nothing."""
    return []


def always(value: str) -> Getter:
    """Return a getter for a value that is the same for all items."""
    return lambda _: [value]


def one_of(getter: Getter, usual: str) -> Getter:
    """Return a getter with a value for items that do not show one."""
    return lambda item: getter(item) or [usual]


def each_moment(list_name: str, *path: str) -> Getter:
    """Return a getter for one date of each element of a list in an item."""
    *steps, last = path

    def values(item: Fields) -> list[str]:
        parts: list[Fields] = list(item.get(list_name, ()))
        for step in steps:
            parts = [part[step] for part in parts if step in part]
        return [value for part in parts for value in moment(last)(part)]

    return values


def moment(name: str) -> Getter:
    """Return a getter for a date, as EC2 writes it."""
    return lambda item: [f"{item[name]:%Y-%m-%dT%H:%M:%S.000Z}"] if name in item else []


MAX_VALUES: Final = 200
"""Maximum filter values of a request (F-03)."""
INSTANCE: Final[Mapping[str, Getter]] = {
    "architecture": field("Architecture"),
    "availability-zone": field("Placement", "AvailabilityZone"),
    **dict.fromkeys(
        (
            *("affinity", "capacity-reservation-id", "host-id", "ipv6-address", "outpost-arn", "placement-group-name"),
            *("placement-partition-number", "product-code", "product-code.type", "requester-id"),
            *("spot-instance-request-id", "operator.principal"),
            *(
                f"network-interface.{name}"
                for name in (
                    *("addresses.association.allocation-id", "addresses.association.association-id"),
                    *("addresses.association.carrier-ip", "addresses.association.customer-owned-ip"),
                    *("association.allocation-id", "association.association-id", "association.carrier-ip"),
                    *("association.customer-owned-ip", "ipv4-prefixes.ipv4-prefix", "ipv6-address"),
                    *("ipv6-addresses.ipv6-address", "ipv6-addresses.is-primary-ipv6", "ipv6-prefixes.ipv6-prefix"),
                    *("operator.principal", "outpost-arn", "requester-id", "tag-key", "tag-value"),
                )
            ),
        ),
        nothing,
    ),
    "block-device-mapping.attach-time": each_moment("BlockDeviceMappings", "Ebs", "AttachTime"),
    "ebs-optimized": field("EbsOptimized"),
    "enclave-options.enabled": one_of(field("EnclaveOptions", "Enabled"), "false"),
    "hibernation-options.configured": one_of(field("HibernationOptions", "Configured"), "false"),
    "iam-instance-profile.arn": field("IamInstanceProfile", "Arn"),
    "iam-instance-profile.id": field("IamInstanceProfile", "Id"),
    "kernel-id": field("KernelId"),
    "operator.managed": always("false"),
    "ramdisk-id": field("RamdiskId"),
    "network-interface.addresses.association.public-dns-name": field("PublicDnsName"),
    "network-interface.addresses.association.public-ip": field("PublicIpAddress"),
    "network-interface.addresses.primary": always("true"),
    "network-interface.addresses.private-dns-name": field("PrivateDnsName"),
    "network-interface.addresses.private-ip-address": each_of("NetworkInterfaces", "PrivateIpAddress"),
    "network-interface.association.public-dns-name": field("PublicDnsName"),
    "network-interface.association.public-ip": field("PublicIpAddress"),
    "network-interface.attachment.attach-time": each_moment("NetworkInterfaces", "Attachment", "AttachTime"),
    "network-interface.attachment.attachment-id": each_of("NetworkInterfaces", "Attachment", "AttachmentId"),
    "network-interface.attachment.delete-on-termination": each_of(
        "NetworkInterfaces", "Attachment", "DeleteOnTermination"
    ),
    "network-interface.attachment.device-index": each_of("NetworkInterfaces", "Attachment", "DeviceIndex"),
    "network-interface.attachment.instance-id": field("InstanceId"),
    "network-interface.attachment.instance-owner-id": field("OwnerId"),
    "network-interface.attachment.status": each_of("NetworkInterfaces", "Attachment", "Status"),
    "network-interface.availability-zone": field("Placement", "AvailabilityZone"),
    "network-interface.group-id": each_of("SecurityGroups", "GroupId"),
    "network-interface.group-name": each_of("SecurityGroups", "GroupName"),
    "network-interface.operator.managed": always("false"),
    "network-interface.owner-id": each_of("NetworkInterfaces", "OwnerId"),
    "network-interface.private-dns-name": field("PrivateDnsName"),
    "network-interface.private-ip-address": each_of("NetworkInterfaces", "PrivateIpAddress"),
    "network-interface.public-dns-name": field("PublicDnsName"),
    "network-interface.requester-managed": always("false"),
    "network-interface.source-dest-check": each_of("NetworkInterfaces", "SourceDestCheck"),
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
    "attachment.attach-time": each_moment("Attachments", "AttachTime"),
    "fast-restored": always("false"),
    "multi-attach-enabled": always("false"),
    "operator.managed": always("false"),
    "operator.principal": nothing,
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
    of = operation.value if isinstance(operation, Operation) else operation
    wanted: list[Filter] = []
    sent = list(sent or ())
    if sum(len(one.get("Values") or ()) for one in sent) > MAX_VALUES:
        raise rejected(operation, Ec2Error.TOO_MANY_VALUES)
    for one in sent:
        name = one.get("Name", "")
        values = _values(name, known, documented(of))
        if values is None:
            if name in documented(of):
                held = ", ".join(sorted(known))
                raise rejected(operation, Ec2Error.FILTER_NOT_HELD, name=name, request=of, known=held)
            raise rejected(operation, Ec2Error.UNKNOWN_FILTER, name=name)
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


@cache
def documented(operation: str) -> frozenset[str]:
    """Return the filters that botocore's description of an operation lists; those by tag end in `tag:<key>`."""
    shape: Any = operation_of(EC2, operation).input_shape
    text: str = shape.members["Filters"].documentation
    names = re.findall(r"<li>\s*<p>\s*<code>([^<]+)</code>", text)
    return frozenset("tag:<key>" if name.startswith("tag:") or name == "tag" else name for name in names)


def _values(name: str, known: Mapping[str, Getter], listed: Container[str]) -> Getter | None:
    if name in known:
        return known[name]
    if "tag:<key>" not in listed:
        return None
    if name == "tag-key":
        return each_of("Tags", "Key")
    if name == "tag-value":
        return each_of("Tags", "Value")
    if name.startswith("tag:"):
        return lambda item: [tag["Value"] for tag in item.get("Tags", ()) if tag["Key"] == name[len("tag:") :]]
    return None
