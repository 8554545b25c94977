"""Describes the resources that never change: regions, instance types, and the network of a region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from botocore.loaders import Loader

from .. import filters
from ..client import ModelClient
from ..images import ACCOUNT_ID
from ..refusals import client_error, rejected
from ..regions import SECURITY_GROUP, VPC
from ..variation import Fields

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
"""The listed instance types, with vCPUs and MiB; a launch accepts any type."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The fixed resources of one region, as boto3 methods."""

    client: ModelClient

    def describe_regions(self, **sent: Any) -> Fields:  # noqa: ANN401 - boto3's keyword arguments
        """Return the regions, as botocore knows them."""
        names: Sequence[str] = sent.get("RegionNames") or ()
        known = region_names()
        if absent := [name for name in names if name not in known]:
            message = f"Invalid region names: {', '.join(absent)}"
            raise rejected("DescribeRegions", message)
        items: list[Fields] = [
            {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": "opt-in-not-required"}
            for name in names or known
        ]
        return self._fitting("DescribeRegions", "Regions", items, sent, {"region-name": filters.field("RegionName")})

    def describe_instance_types(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return some instance types."""
        names: Sequence[str] = sent.get("InstanceTypes") or ()
        if absent := [name for name in names if name not in _TYPES]:
            message = f"The following supplied instance types do not exist: [{', '.join(absent)}]"
            raise client_error("DescribeInstanceTypes", "InvalidInstanceType", message)
        items: list[Fields] = [
            {
                "InstanceType": name,
                "CurrentGeneration": not name.startswith("t2"),
                "SupportedUsageClasses": ["on-demand"],
                "SupportedRootDeviceTypes": ["ebs"],
                "SupportedVirtualizationTypes": ["hvm"],
                "BareMetal": False,
                "Hypervisor": "nitro",
                "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
                "VCpuInfo": {"DefaultVCpus": _TYPES[name][0]},
                "MemoryInfo": {"SizeInMiB": _TYPES[name][1]},
                "InstanceStorageSupported": False,
                "HibernationSupported": False,
            }
            for name in names or _TYPES
        ]
        known: dict[str, filters.Getter] = {
            "instance-type": filters.field("InstanceType"),
            "current-generation": filters.field("CurrentGeneration"),
            "processor-info.supported-architecture": lambda item: item["ProcessorInfo"]["SupportedArchitectures"],
        }
        return self._fitting("DescribeInstanceTypes", "InstanceTypes", items, sent, known)

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
        self._named("DescribeVpcs", sent.get("VpcIds"), {VPC}, "vpc", "InvalidVpcID.NotFound")
        known = {
            "vpc-id": filters.field("VpcId"),
            "state": filters.field("State"),
            "is-default": filters.field("IsDefault"),
            "isDefault": filters.field("IsDefault"),
        }
        return self._fitting("DescribeVpcs", "Vpcs", [item], sent, known)

    def describe_subnets(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the subnets, one in each zone."""
        region = self.client.region
        named: Sequence[str] = sent.get("SubnetIds") or ()
        self._named("DescribeSubnets", named, region.subnets, "subnet", "InvalidSubnetID.NotFound")
        items: list[Fields] = [
            {
                "SubnetId": subnet,
                "VpcId": VPC,
                "OwnerId": ACCOUNT_ID,
                "AvailabilityZone": zone,
                "State": "available",
                "DefaultForAz": True,
                "MapPublicIpOnLaunch": True,
                "CidrBlock": f"10.{place}.0.0/16",
                "AvailableIpAddressCount": 65531,
            }
            for place, (subnet, zone) in enumerate(region.subnets.items())
            if not named or subnet in named
        ]
        known = {
            "availability-zone": filters.field("AvailabilityZone"),
            "state": filters.field("State"),
            "subnet-id": filters.field("SubnetId"),
            "vpc-id": filters.field("VpcId"),
            "default-for-az": filters.field("DefaultForAz"),
            "defaultForAz": filters.field("DefaultForAz"),
        }
        return self._fitting("DescribeSubnets", "Subnets", items, sent, known)

    def describe_security_groups(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the default security group, which is the only one."""
        self._named(
            "DescribeSecurityGroups", sent.get("GroupIds"), {SECURITY_GROUP}, "security group", "InvalidGroup.NotFound"
        )
        named = sent.get("GroupNames")
        self._named("DescribeSecurityGroups", named, {"default"}, "security group", "InvalidGroup.NotFound")
        item: Fields = {
            "GroupId": SECURITY_GROUP,
            "GroupName": "default",
            "Description": "default VPC security group",
            "OwnerId": ACCOUNT_ID,
            "VpcId": VPC,
            "IpPermissions": [],
            "IpPermissionsEgress": [],
        }
        known = {
            "group-id": filters.field("GroupId"),
            "group-name": filters.field("GroupName"),
            "vpc-id": filters.field("VpcId"),
        }
        return self._fitting("DescribeSecurityGroups", "SecurityGroups", [item], sent, known)

    def _named(
        self, operation: str, named: Sequence[str] | None, there: Mapping[str, str] | set[str], what: str, code: str
    ) -> None:
        for one in named or ():
            if one not in there:
                raise client_error(operation, code, f"The {what} ID '{one}' does not exist")

    def _fitting(
        self,
        operation: str,
        key: str,
        items: Sequence[Fields],
        sent: Mapping[str, Any],
        known: Mapping[str, filters.Getter],
    ) -> Fields:
        return self.client.descriptions.reply(
            **{key: filters.apply_filters(operation, sent.get("Filters"), items, dict, known)}
        )


def region_names() -> list[str]:
    """Return the commercial regions that botocore knows."""
    endpoints: Any = Loader().load_data("endpoints")  # pyright: ignore[reportUnknownMemberType]
    return sorted(cast("dict[str, object]", endpoints["partitions"][0]["regions"]))
