"""The operations that concern both EC2s: network interfaces, Elastic IP addresses, tags, and some deletions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from ....model.states import InstanceState
from .. import filters, pagination
from ..refusals import rejected
from ..server.tags import Tagging
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error
from .client import ClientInFront
from .interfaces import ID, INTERFACES, Held
from .refusals import wrong_state

_DESCRIBE: Final = "DescribeNetworkInterfaces"
_ATTACHES: Final = (InstanceState.RUNNING, InstanceState.STOPPED)
_OF_ATTACHMENTS: Final[Mapping[str, filters.Getter]] = {
    "attachment.attach-time": filters.field("Attachment", "AttachTime"),
    "attachment.attachment-id": filters.field("Attachment", "AttachmentId"),
    "attachment.delete-on-termination": filters.field("Attachment", "DeleteOnTermination"),
    "attachment.device-index": filters.field("Attachment", "DeviceIndex"),
    "attachment.instance-id": filters.field("Attachment", "InstanceId"),
    "attachment.instance-owner-id": filters.field("Attachment", "InstanceOwnerId"),
    "attachment.status": filters.field("Attachment", "Status"),
    "status": filters.field("Status"),
}
"""The filters of interfaces that the model applies, because it knows what is attached."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared operations of one region, as boto3 methods."""

    client: ClientInFront

    # Interfaces.

    def describe_network_interfaces(self, **sent: Any) -> Fields:  # noqa: ANN401 - boto3's keyword arguments
        """Describe interfaces: the EC2 behind has them, and the model attaches them."""
        wanted: Sequence[Mapping[str, Any]] = sent.get("Filters") or ()
        theirs = [each for each in wanted if each.get("Name") not in _OF_ATTACHMENTS]
        ours = [each for each in wanted if each.get("Name") in _OF_ATTACHMENTS]
        passed: Fields = {"Filters": theirs} if theirs else {}
        if sent.get("NetworkInterfaceIds"):
            passed["NetworkInterfaceIds"] = sent["NetworkInterfaceIds"]
        found = {each[ID]: self._associated(each) for each in self.client.interfaces.described(passed)}
        fitting = filters.apply_filters(_DESCRIBE, ours, found, found.__getitem__, _OF_ATTACHMENTS)
        shown, token = pagination.page_of(
            _DESCRIBE, sent.get("NetworkInterfaceIds") or (), sorted(fitting), sent, is_sorted=True
        )
        if sent.get("NetworkInterfaceIds"):
            shown = fitting
        return self.client.descriptions.page(token, **{INTERFACES: [found[each] for each in shown]})

    def _associated(self, face: Fields) -> Fields:
        held = self.client.interfaces.held.get(face[ID])
        if held is None:
            return face
        held.face = {key: value for key, value in face.items() if key != "Attachment"}
        association = self.client.in_front.public(held, self.client.in_front.public_address(held.instance))
        return {**face, "Association": association} if association else face

    def attach_network_interface(
        self,
        *,
        NetworkInterfaceId: str,  # noqa: N803
        InstanceId: str,  # noqa: N803
        DeviceIndex: int,  # noqa: N803
        **_: object,
    ) -> Fields:
        """Attach an interface of the EC2 behind to an instance."""
        operation = "AttachNetworkInterface"
        i = self.client.known(operation, InstanceId)
        record = self.client.simulation.account.instances[i]
        face = self.client.networks.interface(operation, NetworkInterfaceId)
        if record.state not in _ATTACHES:
            raise wrong_state(operation, i, record.state)
        if face.get("AvailabilityZone", record.zone) != record.zone:
            zone = face["AvailabilityZone"]
            raise rejected(operation, Ec2Error.INTERFACE_ELSEWHERE, id=NetworkInterfaceId, zone=zone, named=record.zone)
        if any(each.index == DeviceIndex for each in self.client.interfaces.of(i)):
            raise rejected(operation, Ec2Error.INDEX_IN_USE, id=i, index=DeviceIndex)
        held = Held(NetworkInterfaceId, i, DeviceIndex, False, self.client.now(), face)  # noqa: FBT003 - kept when the instance ends
        self.client.interfaces.hold(held)
        return self.client.descriptions.reply(AttachmentId=held.attachment_id, NetworkCardIndex=0)

    def detach_network_interface(self, *, AttachmentId: str, **_: object) -> Fields:  # noqa: N803
        """Detach an interface; the primary one stays."""
        held = self.client.interfaces.attached(AttachmentId)
        operation = "DetachNetworkInterface"
        if held is None:
            raise rejected(operation, Ec2Error.NO_INTERFACE_ATTACHMENT, id=AttachmentId)
        if held.index == 0:
            raise rejected(operation, Ec2Error.PRIMARY_INTERFACE)
        self.client.interfaces.release(held.id)
        return self.client.descriptions.reply()

    def modify_network_interface_attribute(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Write one attribute; what happens to an interface when its instance ends is the model's."""
        change: Mapping[str, Any] = sent.get("Attachment") or {}
        if not change:
            self.client.ask("ModifyNetworkInterfaceAttribute", **sent)
            return self.client.descriptions.reply()
        held = self.client.interfaces.attached(change.get("AttachmentId", ""))
        if held is None or held.id != sent.get(ID):
            named = change.get("AttachmentId", "")
            raise rejected("ModifyNetworkInterfaceAttribute", Ec2Error.NO_INTERFACE_ATTACHMENT, id=named)
        held.delete_on_termination = bool(change.get("DeleteOnTermination"))
        return self.client.descriptions.reply()

    # Elastic IP addresses.

    def associate_address(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Associate an address with the primary interface of an instance, or with an interface."""
        if instance := sent.pop("InstanceId", None):
            i = self.client.known("AssociateAddress", instance)
            state = self.client.simulation.account.instances[i].state
            if state not in _ATTACHES:
                raise wrong_state("AssociateAddress", i, state)
            sent.setdefault(ID, self.client.primary("AssociateAddress", i).id)
        return _passed(self.client.ask("AssociateAddress", **sent))

    def describe_addresses(self, **sent: Any) -> Fields:  # noqa: ANN401
        """Describe the addresses of the EC2 behind, with the instances that have them."""
        wanted = [each for each in sent.get("Filters") or () if each.get("Name") != "instance-id"]
        ours = [each for each in sent.get("Filters") or () if each.get("Name") == "instance-id"]
        if "Filters" in sent:
            sent["Filters"] = wanted
        reply = self.client.ask("DescribeAddresses", **{key: value for key, value in sent.items() if value != []})
        shown: list[Fields] = []
        for address in reply.get("Addresses") or ():
            held = self.client.interfaces.held.get(address.get(ID) or "")
            shown.append({**address, "InstanceId": held.instance} if held else address)
        by_instance = {"instance-id": filters.field("InstanceId")}
        fitting = filters.apply_filters("DescribeAddresses", ours, shown, dict, by_instance)
        return _passed({**reply, "Addresses": fitting})

    # Tags.

    def create_tags(self, *, Resources: Sequence[str], Tags: Sequence[Mapping[str, Any]], **_: object) -> Fields:  # noqa: N803
        """Add tags, to each resource where it is."""
        return self._tag("CreateTags", Resources, {"Tags": Tags}, Tagging(self.client).create_tags)

    def delete_tags(self, *, Resources: Sequence[str], Tags: Sequence[Mapping[str, Any]] = (), **_: object) -> Fields:  # noqa: N803
        """Delete tags, of each resource where it is."""
        return self._tag("DeleteTags", Resources, {"Tags": Tags} if Tags else {}, Tagging(self.client).delete_tags)

    def _tag(
        self, operation: str, resources: Sequence[str], tags: Fields, of_the_model: Callable[..., Fields]
    ) -> Fields:
        ours = [one for one in resources if one.startswith(("i-", "vol-"))]
        theirs = [one for one in resources if one not in ours]
        descriptions = self.client.descriptions
        before = (dict(descriptions.extra_fields), dict(descriptions.volume_extra_fields)) if ours and theirs else None
        reply = of_the_model(Resources=ours, **tags) if ours or not theirs else descriptions.reply()
        if theirs:
            try:
                self.client.ask(operation, Resources=theirs, **tags)
            except ClientError:
                if before is not None:  # one request is carried out in both places, or in none
                    descriptions.extra_fields.update(before[0])
                    descriptions.volume_extra_fields.update(before[1])
                raise
        return reply

    def describe_tags(self, **sent: Any) -> Fields:  # noqa: ANN401
        """List the tags of both."""
        wanted: Fields = {"Filters": sent["Filters"]} if sent.get("Filters") else {}
        tags: list[Fields] = list(self.client.ask.each("DescribeTags", "Tags", **wanted))
        page: Fields = Tagging(self.client).describe_tags(**wanted)
        every = {f"{each['ResourceId']} {each['Key']}": each for each in [*tags, *page["Tags"]]}
        shown, token = pagination.page_of("DescribeTags", (), sorted(every), sent, is_sorted=True)
        return self.client.descriptions.page(token, Tags=[every[each] for each in shown])

    # What the EC2 behind must not delete.

    def check_unused(self, operation: str, sent: Mapping[str, Any]) -> None:
        """Raise EC2's error if a request deletes what the interface of an instance needs."""
        self.client.interfaces.all()
        for held in self.client.interfaces.held.values():
            face, groups = held.face, held.face.get("Groups") or ()
            if operation == "DeleteNetworkInterface" and sent.get(ID) == held.id:
                raise rejected(operation, Ec2Error.INTERFACE_IN_USE, id=held.id)
            needed = {
                "DeleteSubnet": ("subnet", "SubnetId", [face.get("SubnetId")]),
                "DeleteVpc": ("vpc", "VpcId", [face.get("VpcId")]),
                "DeleteSecurityGroup": ("", "GroupId", [each.get("GroupId") for each in groups]),
            }
            what, parameter, used = needed.get(operation, ("", "", []))
            named = sent.get(parameter)
            if operation == "DeleteSecurityGroup" and not named:
                named, used = sent.get("GroupName"), [each.get("GroupName") for each in groups]
            if named and named in used:
                if operation == "DeleteSecurityGroup":
                    raise rejected(operation, Ec2Error.GROUP_OF_INSTANCE, id=named)
                raise rejected(operation, Ec2Error.USED_BY_INSTANCE, what=what, id=named)


def _passed(reply: Fields) -> Fields:
    return {key: value for key, value in reply.items() if key != "ResponseMetadata"}
