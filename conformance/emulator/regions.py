"""The regions of the model: three zones each, and one network with a subnet per zone."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .variation import Fields

VPC: Final = "vpc-0a1b2c3d4e5f60718"
SECURITY_GROUP: Final = "sg-0a1b2c3d4e5f60718"
_SUBNET: Final = "subnet-0a1b2c3d4e5f607"
_LETTERS: Final = "abc"


@dataclass(frozen=True, slots=True)
class Region:
    """A region, by its name."""

    name: str = "us-east-1"

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of its zones, in order."""
        return tuple(f"{self.name}{letter}" for letter in _LETTERS)

    @property
    def subnets(self) -> dict[str, str]:
        """The zone of each subnet."""
        return {subnet_of(zone): zone for zone in self.zones}

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
