"""The regions of the model: their zones, and one network with its subnets and security groups."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from .declared import LETTERS, NOTHING, Declared
from .variation import Fields

VPC: Final = "vpc-0a1b2c3d4e5f60718"
SECURITY_GROUP: Final = "sg-0a1b2c3d4e5f60718"
_SUBNET: Final = "subnet-0a1b2c3d4e5f607"


@dataclass(frozen=True, slots=True)
class Region:
    """A region, by its name."""

    name: str = "us-east-1"
    declared: Declared = field(default=NOTHING, kw_only=True)

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of its zones, in order."""
        return tuple(f"{self.name}{letter}" for letter in LETTERS[: self.declared.zones])

    @property
    def subnets(self) -> dict[str, str]:
        """The zone of each subnet."""
        if self.declared.subnets is not None:
            return {subnet.id: f"{self.name}{subnet.zone}" for subnet in self.declared.subnets}
        return {subnet_of(zone): zone for zone in self.zones}

    @property
    def groups(self) -> dict[str, str]:
        """The name of each security group."""
        declared = {group.id: group.name for group in self.declared.security_groups or ()}
        has_default = "default" in declared.values()
        return declared if has_default else {SECURITY_GROUP: "default", **declared}

    @property
    def default_group(self) -> str:
        """The id of the default security group."""
        return next(group for group, name in self.groups.items() if name == "default")

    def default_subnet(self, zone: str) -> str | None:
        """Return the subnet of a launch that names none in a zone; None if the zone has no subnet."""
        return next((subnet for subnet, its_zone in self.subnets.items() if its_zone == zone), None)

    @property
    def ids(self) -> dict[str, str]:
        """Maps zone ids to zone names."""
        return {zone["ZoneId"]: zone["ZoneName"] for zone in self.describe_zones()}

    def describe_zones(self) -> list[Fields]:
        """Return the description of the zones."""
        area, direction, number = (*self.name.split("-"), "", "")[:3]
        return [
            {
                "ZoneName": zone,
                "ZoneId": f"{area}{direction[:1]}{number}-az{place}",
                "ZoneType": "availability-zone",
                "State": "available",
                "RegionName": self.name,
                "Messages": [],
            }
            for place, zone in enumerate(self.zones, 1)
        ]


@lru_cache
def subnet_of(zone: str) -> str:
    """Return the subnet of a zone."""
    return f"{_SUBNET}{zone[-1:].encode().hex()}"


DEFAULT_REGION: Final = Region()
"""The default region of the model."""
