"""Describes the model's instances and volumes in front of another EC2: with their network, and what a launch named."""

from dataclasses import dataclass, field
from typing import Final, cast

from ....model.states import InstanceState
from ....model.world import Instance, Volume
from ..descriptions import Descriptions
from ..regions import Region
from ..variation import Fields
from .interfaces import INTERFACES, Held, Interfaces

_NORTH_VIRGINIA: Final = "us-east-1"
_PUBLIC: Final = (InstanceState.RUNNING, InstanceState.STOPPING, InstanceState.STOPPED)
"""The states in which an instance shows the public address of its interface, if there is one."""


@dataclass(frozen=True, slots=True)
class RegionBehind(Region):
    """A region with the zones of the EC2 behind: each with its name and its id."""

    listed: tuple[tuple[str, str], ...] = ()

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of its zones, in order."""
        return tuple(name for name, _ in self.listed)

    def describe_zones(self) -> list[Fields]:
        """Return the description of the zones, as far as the model reads it."""
        return [{"ZoneName": name, "ZoneId": zone_id, "RegionName": self.name} for name, zone_id in self.listed]


@dataclass(frozen=True)
class DescriptionsInFront(Descriptions):
    """Describes instances with their interfaces in the EC2 behind.

    `shown` is what else an instance shows, `of_volumes` what else a volume shows.
    """

    region: str = _NORTH_VIRGINIA
    interfaces: Interfaces | None = None
    shown: dict[Instance, Fields] = field(default_factory=dict[Instance, Fields])
    of_volumes: dict[Volume, Fields] = field(default_factory=dict[Volume, Fields])

    def instance(self, i: Instance) -> Fields:
        """Return the description of an instance."""
        item = super().instance(i)
        extra = self.shown.get(i, {})
        placement = cast("Fields", extra.get("Placement", {}))
        item = {**item, **extra, "Placement": {**item["Placement"], **placement}}
        held = self.interfaces.of(i) if self.interfaces is not None else []
        return self._with_network(item, held, self.account.instances[i].state) if held else item

    def volume(self, v: Volume) -> Fields:
        """Return the description of a volume."""
        return {**super().volume(v), **self.of_volumes.get(v, {})}

    def public(self, held: Held, invented: str) -> Fields:
        """Return the association of an interface: that of the EC2 behind, or the public address of a launch."""
        association: Fields = held.face.get("Association") or {}
        if association.get("PublicIp"):
            return association
        if not (held.is_public and invented):
            return {}
        return {"PublicIp": invented, "PublicDnsName": self._public_name(invented), "IpOwnerId": "amazon"}

    def public_address(self, i: Instance) -> str:
        """Return the public address that the model gives to an instance; empty while it has none."""
        return super().instance(i).get("PublicIpAddress") or ""

    def _with_network(self, item: Fields, held: list[Held], state: InstanceState) -> Fields:
        """Return an instance whose network fields, where it shows them, are those of its interfaces."""
        interfaces = cast("Interfaces", self.interfaces)
        primary = held[0].face
        association = self.public(held[0], item.get("PublicIpAddress") or "") if state in _PUBLIC else {}
        if item.get(INTERFACES):
            whole = [interfaces.shown(each) for each in held]
            if association:
                whole[0]["Association"] = association
                first, *others = whole[0]["PrivateIpAddresses"]
                whole[0]["PrivateIpAddresses"] = [{**first, "Association": association}, *others]
            if state is InstanceState.SHUTTING_DOWN:  # a shutting-down instance shows a reduced interface (V-05)
                whole = [{key: each[key] for key in item[INTERFACES][0] if key in each} for each in whole]
            item[INTERFACES] = whole
        address: str = primary.get("PrivateIpAddress", "")
        own: Fields = {
            "PrivateDnsName": self._private_name(address),
            "PrivateIpAddress": address,
            "SecurityGroups": primary.get("Groups", []),
            "SourceDestCheck": primary.get("SourceDestCheck", True),
            "SubnetId": primary.get("SubnetId"),
            "VpcId": primary.get("VpcId"),
        }
        if "VpcId" in item:  # an instance that has ended shows none of them
            item |= {key: value for key, value in own.items() if key in item}
        public: str = association.get("PublicIp", "")
        item.pop("PublicIpAddress", None)
        item |= (
            {"PublicIpAddress": public, "PublicDnsName": self._public_name(public)} if public else {"PublicDnsName": ""}
        )
        return item

    def _private_name(self, address: str) -> str:
        domain = "ec2.internal" if self.region == _NORTH_VIRGINIA else f"{self.region}.compute.internal"
        return f"ip-{address.replace('.', '-')}.{domain}"

    def _public_name(self, address: str) -> str:
        domain = "compute-1" if self.region == _NORTH_VIRGINIA else f"{self.region}.compute"
        return f"ec2-{address.replace('.', '-')}.{domain}.amazonaws.com"
