"""The network of a launch, looked up in the EC2 behind: its subnets, groups and interfaces."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from ..refusals import rejected
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error
from .asking import Asking
from .interfaces import ID, Interfaces

RUN: Final = "RunInstances"
_GROUP_NAMES: Final = "SecurityGroups"
"""Of an interface this is ours: only instances name their groups by name."""
_TAGS: Final = "TagSpecifications"
_IPV6: Final = ("Ipv6AddressCount", "Ipv6Addresses")
NETWORK: Final = frozenset(
    {
        *("NetworkInterfaces", "PrivateIpAddress", "SecurityGroupIds", "SecurityGroups", "SubnetId"),
        *_IPV6,
    }
)
"""The parameters that become network interfaces."""
_KNOWN_OF_INTERFACES: Final = frozenset(
    {
        *("AssociatePublicIpAddress", "DeleteOnTermination", "Description", "DeviceIndex", "Groups", "InterfaceType"),
        *("NetworkCardIndex", ID, "PrivateIpAddress", "PrivateIpAddresses", "SecondaryPrivateIpAddressCount"),
        *("SubnetId", _TAGS, _GROUP_NAMES, *_IPV6),
    }
)


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface of a launch: an existing one (`id`), or a new one in a subnet."""

    index: int
    subnet: Fields
    id: str = ""
    groups: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    secondary: int = 0
    description: str = ""
    delete_on_termination: bool = True
    is_public: bool = False
    more: Fields = field(default_factory=dict[str, Any])
    """The other parameters of its creation."""


@dataclass(frozen=True, slots=True)
class Networks:
    """Looks up the network of a launch; raises `ClientError` with the error of the EC2 behind, or with EC2's own."""

    ask: Asking
    interfaces: Interfaces

    def interfaces_of(self, sent: Mapping[str, Any], count: int) -> Iterator[Interface]:
        """Yield the interfaces that each instance of a launch gets, the primary one first."""
        zone = self._zone(sent.get("Placement") or {})
        named: Sequence[Mapping[str, Any]] = sent.get("NetworkInterfaces") or ()
        for parameter, what in (
            ("SubnetId", "subnet ID"),
            ("SecurityGroupIds", "security groups"),
            ("SecurityGroups", "security groups"),
            ("PrivateIpAddress", "private IP address"),
        ):
            if named and sent.get(parameter):
                raise rejected(RUN, Ec2Error.BESIDE_INTERFACES, what=what)
        if not named:
            named = [
                {
                    "DeviceIndex": 0,
                    "SubnetId": sent.get("SubnetId"),
                    "PrivateIpAddress": sent.get("PrivateIpAddress"),
                    "Groups": sent.get("SecurityGroupIds") or [],
                    _GROUP_NAMES: sent.get("SecurityGroups") or [],
                    **{name: sent[name] for name in _IPV6 if name in sent},
                }
            ]
        tags = [each for each in sent.get(_TAGS) or () if each.get("ResourceType") == "network-interface"]
        named = [{**each, _TAGS: tags} for each in named]
        indexes = [int(each.get("DeviceIndex", 0)) for each in named]
        if sorted(indexes) != list(range(len(indexes))):
            raise rejected(RUN, Ec2Error.WRONG_INDEXES, indexes=", ".join(map(str, indexes)))
        for each in sorted(named, key=lambda one: int(one.get("DeviceIndex", 0))):
            if count > 1 and (each.get(ID) or each.get("PrivateIpAddress") or each.get("PrivateIpAddresses")):
                raise rejected(RUN, Ec2Error.INTERFACE_OF_SEVERAL)
            if unknown := sorted({key for key, value in each.items() if value} - _KNOWN_OF_INTERFACES):
                raise rejected(RUN, Ec2Error.PARAMETER_IN_FRONT, what="network interfaces with it", name=unknown[0])
            yield self._existing(each, zone) if each.get(ID) else self._new(each, zone)

    def _existing(self, each: Mapping[str, Any], zone: str | None) -> Interface:
        face = self.interface(RUN, each[ID])
        subnet = self._subnet(face["SubnetId"], zone)
        keeps = not each.get("DeleteOnTermination", False)
        return Interface(int(each.get("DeviceIndex", 0)), subnet, each[ID], delete_on_termination=not keeps)

    def interface(self, operation: str, interface: str) -> Fields:
        """Return an interface of the EC2 behind that no instance holds."""
        (face,) = self.ask("DescribeNetworkInterfaces", NetworkInterfaceIds=[interface])["NetworkInterfaces"] or (None,)
        if face is None:
            raise rejected(operation, Ec2Error.NO_INTERFACE, id=interface)
        if interface in self.interfaces.held or face.get("Status") == "in-use":
            raise rejected(operation, Ec2Error.INTERFACE_IN_USE, id=interface)
        return face

    def _new(self, each: Mapping[str, Any], zone: str | None) -> Interface:
        subnet = self._subnet(each.get("SubnetId"), zone)
        addresses = [one for one in each.get("PrivateIpAddresses") or () if one.get("PrivateIpAddress")]
        wanted = [
            each.get("PrivateIpAddress"),
            *(one["PrivateIpAddress"] for one in sorted(addresses, key=lambda one: not one.get("Primary"))),
        ]
        own = tuple(dict.fromkeys(address for address in wanted if address))
        for address in own:
            self.interfaces.check_address(RUN, subnet, address)
        public = each.get("AssociatePublicIpAddress")
        return Interface(
            int(each.get("DeviceIndex", 0)),
            subnet,
            groups=self._groups(subnet["VpcId"], each.get("Groups") or (), each.get(_GROUP_NAMES) or ()),
            addresses=own,
            secondary=int(each.get("SecondaryPrivateIpAddressCount") or 0),
            description=each.get("Description") or "",
            delete_on_termination=each.get("DeleteOnTermination", True),
            is_public=bool(subnet.get("MapPublicIpOnLaunch") if public is None else public),
            more={name: each[name] for name in (*_IPV6, _TAGS) if each.get(name)},
        )

    def _subnet(self, named: str | None, zone: str | None) -> Fields:
        if named:
            found = self.ask("DescribeSubnets", SubnetIds=[named]).get("Subnets")
            if not found:
                raise rejected(RUN, Ec2Error.NO_SUBNET_BEHIND, id=named)
            its_zone = found[0]["AvailabilityZone"]
            if zone and its_zone != zone:
                raise rejected(RUN, Ec2Error.SUBNET_ELSEWHERE, id=named, zone=its_zone, named=zone)
            return found[0]
        defaults = [{"Name": "default-for-az", "Values": ["true"]}]
        found = {
            each["AvailabilityZone"]: each for each in self.ask.each("DescribeSubnets", "Subnets", Filters=defaults)
        }
        if zone in found or (found and not zone):
            return found[zone or min(found)]
        if zone and zone not in {
            each["ZoneName"] for each in self.ask("DescribeAvailabilityZones").get("AvailabilityZones") or ()
        }:
            raise rejected(RUN, Ec2Error.NO_ZONE_BEHIND, name=zone)
        vpcs = self.ask("DescribeVpcs", Filters=[{"Name": "is-default", "Values": ["true"]}]).get("Vpcs")
        if not vpcs:
            raise rejected(RUN, Ec2Error.NO_DEFAULT_VPC)
        if found:
            raise rejected(RUN, Ec2Error.NO_DEFAULT_SUBNET_IN_ZONE, zone=zone)
        raise rejected(RUN, Ec2Error.NO_DEFAULT_SUBNET, vpc=vpcs[0]["VpcId"])

    def _zone(self, placement: Mapping[str, Any]) -> str | None:
        """Return the name of the zone that a launch names, if it names one."""
        zone_id = placement.get("AvailabilityZoneId")
        if not zone_id:
            return placement.get("AvailabilityZone")
        for each in self.ask("DescribeAvailabilityZones").get("AvailabilityZones") or ():
            if each.get("ZoneId") == zone_id and placement.get("AvailabilityZone") in {None, "", each["ZoneName"]}:
                return each["ZoneName"]
        raise rejected(RUN, Ec2Error.NO_ZONE_BEHIND, name=zone_id)

    def _groups(self, vpc: str, ids: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of security groups of a VPC; of its default group if none are named."""
        if ids:
            wanted = [{"Name": "group-id", "Values": list(ids)}]
            where = {each["GroupId"]: each.get("VpcId") for each in self._groups_for(wanted)}
            for each in ids:
                if each not in where:
                    raise rejected(RUN, Ec2Error.NO_GROUP_BEHIND, id=each)
                if where[each] != vpc:
                    raise _no_group(each, vpc)
        by_name: list[str] = []
        for name in names or (() if ids else ("default",)):
            wanted = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": [name]}]
            found = list(self._groups_for(wanted))
            if not found:
                raise _no_group(name, vpc)
            by_name.append(found[0]["GroupId"])
        return tuple(dict.fromkeys([*ids, *by_name]))

    def _groups_for(self, wanted: Sequence[Fields]) -> Iterator[Fields]:
        return self.ask.each("DescribeSecurityGroups", "SecurityGroups", Filters=wanted)


def _no_group(group: str, vpc: str) -> ClientError:
    return rejected(RUN, Ec2Error.NO_GROUP_IN_VPC, id=group, vpc=vpc)
