"""Describes the resources that never change: regions, instance types, and the network of a region."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from botocore.loaders import Loader

from .. import filters
from ..client import ModelClient
from ..images import ACCOUNT_ID
from ..refusals import rejected
from ..regions import VPC
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error
from .neighbours import fitting, is_burstable

_TYPES: Final = {
    "c5.large": (2, 4096),
    "m5.large": (2, 8192),
    "m5.xlarge": (4, 16384),
    "m7i.large": (2, 8192),
    "r5.large": (2, 16384),
    "t2.micro": (1, 1024),
    "t3.nano": (2, 512),
    "t3.micro": (2, 1024),
    "t3.small": (2, 2048),
    "t3.medium": (2, 4096),
    "t3.large": (2, 8192),
}
"""The instance types that are listed if none are declared, with vCPUs and MiB; a launch then accepts others too."""


_REGION: Final[Mapping[str, filters.Getter]] = {
    "endpoint": filters.field("Endpoint"),
    "opt-in-status": filters.field("OptInStatus"),
    "region-name": filters.field("RegionName"),
}
"""The filters of regions."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The fixed resources of one region, as boto3 methods."""

    client: ModelClient

    def describe_regions(self, **sent: Any) -> Fields:  # noqa: ANN401 - boto3's keyword arguments
        """Return the regions, as botocore knows them."""
        names: Sequence[str] = sent.get("RegionNames") or ()
        known = region_names()
        if absent := [name for name in names if name not in known]:
            raise rejected("DescribeRegions", Ec2Error.NO_REGION, names=", ".join(absent))
        items: list[Fields] = [
            {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": "opt-in-not-required"}
            for name in names or known
        ]
        return fitting(self.client, "DescribeRegions", "Regions", items, sent, _REGION)

    def describe_instance_types(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the declared instance types, or some that the model has."""
        declared = self.client.region.declared.instance_types
        listed: Collection[str] = _TYPES if declared is None else declared
        names: Sequence[str] = sent.get("InstanceTypes") or ()
        if absent := [name for name in names if name not in listed]:
            raise rejected("DescribeInstanceTypes", Ec2Error.NO_TYPE, names=", ".join(absent))
        items: list[Fields] = [
            {
                "InstanceType": name,
                "CurrentGeneration": not name.startswith("t2"),
                "SupportedUsageClasses": ["on-demand"],
                "SupportedRootDeviceTypes": ["ebs"],
                "SupportedVirtualizationTypes": ["hvm"],
                "BareMetal": False,
                "BurstablePerformanceSupported": is_burstable(name),
                "Hypervisor": "nitro",
                "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
                **_size(name),
                "InstanceStorageSupported": False,
                "HibernationSupported": True,
            }
            for name in names or listed
        ]
        known: dict[str, filters.Getter] = {
            "instance-type": filters.field("InstanceType"),
            "bare-metal": filters.field("BareMetal"),
            "burstable-performance-supported": filters.field("BurstablePerformanceSupported"),
            "hibernation-supported": filters.field("HibernationSupported"),
            "hypervisor": filters.field("Hypervisor"),
            "instance-storage-supported": filters.field("InstanceStorageSupported"),
            "memory-info.size-in-mib": filters.field("MemoryInfo", "SizeInMiB"),
            "supported-root-device-type": lambda item: item["SupportedRootDeviceTypes"],
            "supported-usage-class": lambda item: item["SupportedUsageClasses"],
            "supported-virtualization-type": lambda item: item["SupportedVirtualizationTypes"],
            "vcpu-info.default-vcpus": filters.field("VCpuInfo", "DefaultVCpus"),
            "current-generation": filters.field("CurrentGeneration"),
            "processor-info.supported-architecture": lambda item: item["ProcessorInfo"]["SupportedArchitectures"],
        }
        return fitting(self.client, "DescribeInstanceTypes", "InstanceTypes", items, sent, known)

    def describe_vpcs(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the default VPC, which is the only one."""
        item: Fields = {
            "VpcId": VPC,
            "OwnerId": ACCOUNT_ID,
            "IsDefault": True,
            "State": "available",
            "CidrBlock": "10.0.0.0/8",
            "InstanceTenancy": "default",
        }
        _check("DescribeVpcs", sent.get("VpcIds"), [VPC], Ec2Error.NO_VPC)
        known = {
            "vpc-id": filters.field("VpcId"),
            "state": filters.field("State"),
            "cidr": filters.field("CidrBlock"),
            "owner-id": filters.field("OwnerId"),
            "is-default": filters.field("IsDefault"),
            "isDefault": filters.field("IsDefault"),
        }
        return fitting(self.client, "DescribeVpcs", "Vpcs", [item], sent, known)

    def describe_subnets(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the subnets."""
        region = self.client.region
        named: Sequence[str] = sent.get("SubnetIds") or ()
        _check("DescribeSubnets", named, region.subnets, Ec2Error.NO_SUBNET)
        items: list[Fields] = [
            {
                "SubnetId": subnet,
                "VpcId": VPC,
                "OwnerId": ACCOUNT_ID,
                "AvailabilityZone": zone,
                "State": "available",
                "DefaultForAz": region.default_subnet(zone) == subnet,
                "MapPublicIpOnLaunch": True,
                "CidrBlock": f"10.{place}.0.0/16",
                "AvailableIpAddressCount": 65531,
            }
            for place, (subnet, zone) in enumerate(region.subnets.items())
            if not named or subnet in named
        ]
        known = {
            "availability-zone": filters.field("AvailabilityZone"),
            "available-ip-address-count": filters.field("AvailableIpAddressCount"),
            "cidr-block": filters.field("CidrBlock"),
            "map-public-ip-on-launch": filters.field("MapPublicIpOnLaunch"),
            "owner-id": filters.field("OwnerId"),
            "state": filters.field("State"),
            "subnet-id": filters.field("SubnetId"),
            "vpc-id": filters.field("VpcId"),
            "default-for-az": filters.field("DefaultForAz"),
            "defaultForAz": filters.field("DefaultForAz"),
        }
        return fitting(self.client, "DescribeSubnets", "Subnets", items, sent, known)

    def describe_security_groups(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the security groups: the default one, and those that are declared."""
        groups, ids, names = self.client.region.groups, sent.get("GroupIds"), sent.get("GroupNames")
        _check("DescribeSecurityGroups", ids, groups, Ec2Error.NO_GROUP)
        _check("DescribeSecurityGroups", names, groups.values(), Ec2Error.NO_GROUP)
        items: list[Fields] = [
            {
                "GroupId": group,
                "GroupName": name,
                "Description": "default VPC security group" if name == "default" else name,
                "OwnerId": ACCOUNT_ID,
                "VpcId": VPC,
                "IpPermissions": [],
                "IpPermissionsEgress": [],
            }
            for group, name in groups.items()
            if (not ids or group in ids) and (not names or name in names)
        ]
        known = {
            "group-id": filters.field("GroupId"),
            "group-name": filters.field("GroupName"),
            "description": filters.field("Description"),
            "owner-id": filters.field("OwnerId"),
            "vpc-id": filters.field("VpcId"),
        }
        return fitting(self.client, "DescribeSecurityGroups", "SecurityGroups", items, sent, known)


def _size(instance_type: str) -> Fields:
    """Return how large an instance type is; nothing if the model does not know it."""
    if instance_type not in _TYPES:
        return {}
    processors, memory = _TYPES[instance_type]
    return {"VCpuInfo": {"DefaultVCpus": processors}, "MemoryInfo": {"SizeInMiB": memory}}


def _check(operation: str, named: Iterable[str] | None, known: Collection[str], error: Ec2Error) -> None:
    """Raise `ClientError` unless everything that is named is known."""
    for one in named or ():
        if one not in known:
            raise rejected(operation, error, id=one, known=", ".join(known))


def region_names() -> list[str]:
    """Return the commercial regions that botocore knows."""
    endpoints: Any = Loader().load_data("endpoints")  # pyright: ignore[reportUnknownMemberType]
    return sorted(cast("dict[str, object]", endpoints["partitions"][0]["regions"]))
