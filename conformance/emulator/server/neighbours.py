"""What tools ask about the things around an instance: interfaces, key pairs, profiles, credits, addresses, templates.

The model has no elastic addresses and no launch templates. The others follow from the instances that it has.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ....model.states import InstanceState
from ....model.world import Instance
from .. import filters, launch_parameters, pagination
from ..client import ModelClient
from ..extra_fields import ExtraFields
from ..images import ACCOUNT_ID
from ..refusals import rejected
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error

_BURSTABLE: Final[Mapping[str, str]] = {"t2": "standard", "t3": "unlimited", "t3a": "unlimited", "t4g": "unlimited"}
"""The families of burstable instances, each with its default credit option."""
_INTERFACE: Final[Mapping[str, filters.Getter]] = {
    "addresses.primary": filters.always("true"),
    "addresses.private-ip-address": filters.field("PrivateIpAddress"),
    "attachment.attachment-id": filters.field("Attachment", "AttachmentId"),
    "attachment.delete-on-termination": filters.field("Attachment", "DeleteOnTermination"),
    "attachment.device-index": filters.field("Attachment", "DeviceIndex"),
    "attachment.instance-id": filters.field("Attachment", "InstanceId"),
    "attachment.instance-owner-id": filters.field("Attachment", "InstanceOwnerId"),
    "attachment.status": filters.field("Attachment", "Status"),
    "availability-zone": filters.field("AvailabilityZone"),
    "group-id": filters.each_of("Groups", "GroupId"),
    "interface-type": filters.field("InterfaceType"),
    "network-interface-id": filters.field("NetworkInterfaceId"),
    "owner-id": filters.field("OwnerId"),
    "private-ip-address": filters.field("PrivateIpAddress"),
    "requester-managed": filters.field("RequesterManaged"),
    "source-dest-check": filters.field("SourceDestCheck"),
    "status": filters.field("Status"),
    "subnet-id": filters.field("SubnetId"),
    "vpc-id": filters.field("VpcId"),
}


def is_burstable(instance_type: str) -> bool:
    """Tell whether instances of a type earn CPU credits."""
    return _family(instance_type) in _BURSTABLE


def _family(instance_type: str) -> str:
    return instance_type.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The things around the instances of one region, as boto3 methods."""

    client: ModelClient

    def describe_network_interfaces(self, **sent: Any) -> Fields:  # noqa: ANN401 - boto3's keyword arguments
        """Return the network interfaces: one of each instance that has not terminated."""
        operation, named = "DescribeNetworkInterfaces", sent.get("NetworkInterfaceIds") or ()
        every = {interface["NetworkInterfaceId"]: interface for interface in self._interfaces()}
        for one in named:
            if one not in every:
                raise rejected(operation, Ec2Error.NO_INTERFACE, id=one)
        return self._page(operation, "NetworkInterfaces", every, named, sent, _INTERFACE)

    def describe_key_pairs(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the key pairs: the declared ones, and those that launches named."""
        operation = "DescribeKeyPairs"
        names = {extra.key_name for extra in self.client.descriptions.extra_fields.values() if extra.key_name}
        names |= {*(self.client.region.declared.key_pairs or ())}
        items: list[Fields] = [
            {"KeyName": name, "KeyPairId": f"key-0{sha256(name.encode()).hexdigest()[:16]}"} for name in sorted(names)
        ]
        for asked, key in ((sent.get("KeyNames"), "KeyName"), (sent.get("KeyPairIds"), "KeyPairId")):
            for one in asked or ():
                if all(item[key] != one for item in items):
                    raise rejected(operation, Ec2Error.NO_KEY_PAIR, id=one)
            items = [item for item in items if not asked or item[key] in asked]
        known = {"key-name": filters.field("KeyName"), "key-pair-id": filters.field("KeyPairId")}
        return fitting(self.client, operation, "KeyPairs", items, sent, known)

    def describe_iam_instance_profile_associations(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the associations of instance profiles: one of each instance that was launched with a profile."""
        operation, named = "DescribeIamInstanceProfileAssociations", sent.get("AssociationIds") or ()
        every: dict[str, Fields] = {
            f"iip-assoc-{i[2:]}": {
                "AssociationId": f"iip-assoc-{i[2:]}",
                "InstanceId": i,
                "IamInstanceProfile": extra.shown["IamInstanceProfile"],
                "State": "associated",
            }
            for i, extra in self._existing()
            if "IamInstanceProfile" in extra.shown
        }
        known = {"instance-id": filters.field("InstanceId"), "state": filters.field("State")}
        some = {one: item for one, item in every.items() if not named or one in named}
        return self._page(operation, "IamInstanceProfileAssociations", some, (), sent, known)

    def describe_instance_credit_specifications(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return the credit options of the given instances; without ids, of all that have the option unlimited."""
        operation = "DescribeInstanceCreditSpecifications"
        named = list(dict.fromkeys(map(Instance, sent.get("InstanceIds") or ())))
        if named:  # wrong ids give the same errors as in DescribeInstances
            self.client.describe_instances(InstanceIds=named)
        extras = self.client.descriptions.extra_fields
        for i in named:
            if not is_burstable(extras[i].instance_type):
                raise rejected(operation, Ec2Error.NO_CREDITS, id=i, type=extras[i].instance_type)
        every: dict[str, Fields] = {
            i: {"InstanceId": i, "CpuCredits": option}
            for i, extra in self._existing(*named)
            if (option := _credits(extra)) == "unlimited" or (named and option)
        }
        known = {"instance-id": filters.field("InstanceId")}
        return self._page(operation, "InstanceCreditSpecifications", every, named, sent, known)

    def describe_addresses(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return no addresses: the model has no elastic ones."""
        operation = "DescribeAddresses"
        for asked, error in (("PublicIps", Ec2Error.NO_ADDRESS), ("AllocationIds", Ec2Error.NO_ALLOCATION)):
            for one in sent.get(asked) or ():
                raise rejected(operation, error, id=one)
        names = ("allocation-id", "association-id", "instance-id", "network-interface-id", "public-ip")
        known: dict[str, filters.Getter] = dict.fromkeys(
            (*names, "network-interface-owner-id", "private-ip-address"), filters.nothing
        )
        return fitting(self.client, operation, "Addresses", [], sent, known)

    def describe_launch_templates(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return no launch templates: the model has none."""
        operation = "DescribeLaunchTemplates"
        if sent.get("LaunchTemplateIds"):
            raise rejected(operation, Ec2Error.NO_TEMPLATE)
        if sent.get("LaunchTemplateNames"):
            raise rejected(operation, Ec2Error.NO_TEMPLATE_NAME)
        known: dict[str, filters.Getter] = dict.fromkeys(("create-time", "launch-template-name"), filters.nothing)
        return fitting(self.client, operation, "LaunchTemplates", [], sent, known)

    def describe_instance_type_offerings(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Return where each instance type can be launched: the model launches every type that it has in every zone."""
        operation, region = "DescribeInstanceTypeOfferings", self.client.region
        places: dict[str, Sequence[str]] = {
            "region": [region.name],
            "availability-zone": region.zones,
            "availability-zone-id": list(region.ids),
            "outpost": [],
        }
        kind: str = sent.get("LocationType") or "region"
        if kind not in places:
            raise rejected(operation, Ec2Error.NO_LOCATION_TYPE, name=kind, known=", ".join(places))
        every: dict[str, Fields] = {
            f"{name} {place}": {"InstanceType": name, "LocationType": kind, "Location": place}
            for name in sorted(launch_parameters.types_of(region))
            for place in places[kind]
        }
        known = {"instance-type": filters.field("InstanceType"), "location": filters.field("Location")}
        return self._page(operation, "InstanceTypeOfferings", every, (), sent, known)

    def _existing(self, *named: Instance) -> Iterator[tuple[Instance, ExtraFields]]:
        """Yield the given instances, or all, that have not terminated, with their extra fields."""
        self.client.simulation.advance()
        account = self.client.simulation.account
        for i in named or account.instances:
            if account.is_visible(i) and account.instances[i].state is not InstanceState.TERMINATED:
                yield i, self.client.descriptions.extra_fields[i]

    def _interfaces(self) -> Iterator[Fields]:
        for i, _ in self._existing():
            described = self.client.descriptions.instance(i)
            for interface in described.get("NetworkInterfaces") or ():
                yield {
                    **interface,
                    "Attachment": {**interface["Attachment"], "InstanceId": i, "InstanceOwnerId": ACCOUNT_ID},
                    "AvailabilityZone": described["Placement"]["AvailabilityZone"],
                    "Description": "",
                    "InterfaceType": "interface",
                    "RequesterManaged": False,
                    "PrivateIpAddresses": [
                        {"Primary": True, "PrivateIpAddress": interface[name]}
                        for name in ("PrivateIpAddress",)
                        if name in interface
                    ],
                    "TagSet": [],
                }

    def _page(
        self,
        operation: str,
        key: str,
        every: Mapping[str, Fields],
        named: Sequence[str],
        sent: Mapping[str, Any],
        known: Mapping[str, filters.Getter],
    ) -> Fields:
        """Return those of the items that are named, or one page of all that match the filters."""
        item_of: Callable[[str], Fields] = every.__getitem__
        fitting = filters.apply_filters(operation, sent.get("Filters"), sorted(every), item_of, known)
        page, token = pagination.page_of(operation, named, fitting, sent, is_sorted=True)
        shown = [one for one in fitting if one in named] if named else page
        items = self.client.descriptions.variation.shuffled([every[one] for one in shown])
        return self.client.descriptions.page(token, **{key: items})


def _credits(extra: ExtraFields) -> str:
    """Return the credit option of an instance; empty if its type has none."""
    default = _BURSTABLE.get(_family(extra.instance_type), "")
    return (extra.cpu_credits or default) if default else ""


def fitting(
    client: ModelClient,
    operation: str,
    key: str,
    items: Sequence[Fields],
    sent: Mapping[str, Any],
    known: Mapping[str, filters.Getter],
) -> Fields:
    """Return the reply that lists the items which pass the filters of a request."""
    found = filters.apply_filters(operation, sent.get("Filters"), items, dict, known)
    return client.descriptions.reply(**{key: found})
