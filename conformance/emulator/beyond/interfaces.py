"""The network interfaces of the model's instances: they exist in the EC2 behind, and the model attaches them.

So that EC2 knows their addresses, counts them in their subnet, and lets an Elastic IP address point to one.
Whether an interface is attached, and to which instance, only the model knows.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from botocore.exceptions import ClientError

from ....model.states import InstanceState
from ....model.world import Instance
from ..account import Account
from ..images import ACCOUNT_ID
from ..refusals import rejected
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error
from .asking import Asking

INTERFACES: Final = "NetworkInterfaces"
ID: Final = "NetworkInterfaceId"
_DESCRIBE: Final = "DescribeNetworkInterfaces"
_RESERVED: Final = 4
"""So many addresses at the beginning of a subnet are AWS's; so is the last one."""
_ENDED: Final = InstanceState.TERMINATED
_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Held:
    """An interface that an instance holds; `face` is its description in the EC2 behind, when last asked."""

    id: str
    instance: Instance
    index: int
    delete_on_termination: bool
    since: float
    face: Fields
    is_public: bool = False
    """Whether the launch asked for a public address, which is the model's."""

    @property
    def attachment_id(self) -> str:
        """The id of its attachment, which is another one for each attachment."""
        return f"eni-attach-{sha256(f'{self.id} {self.instance} {self.since}'.encode()).hexdigest()[:17]}"


@dataclass(slots=True)
class Interfaces:
    """The interfaces of one region."""

    ask: Asking
    account: Account
    moment: Callable[[float], datetime]
    held: dict[str, Held] = field(default_factory=dict[str, Held])
    _known: dict[str, Fields] | None = None
    """All interfaces of the EC2 behind; None until somebody needs them."""
    _by_instance: dict[Instance, list[Held]] | None = None

    def begin(self) -> None:
        """Forget what the EC2 behind has said, and release the interfaces of instances that have ended."""
        self._known = None
        for each in list(self.held.values()):
            record = self.account.instances.get(each.instance)
            if record is None or record.state is _ENDED:
                self.release(each.id)
                if each.delete_on_termination:
                    self.delete(each.id)

    def hold(self, held: Held) -> None:
        """Attach an interface to an instance."""
        self.held[held.id] = held
        self._by_instance = None

    def release(self, interface: str) -> None:
        """Detach an interface."""
        del self.held[interface]
        self._by_instance = None

    def delete(self, interface: str) -> None:
        """Delete an interface in the EC2 behind, and release its address."""
        face = self.all().get(interface)
        if face is None:
            return
        try:
            association: Fields = face.get("Association") or {}
            if association.get("AssociationId"):
                self.ask("DisassociateAddress", AssociationId=association["AssociationId"])
            self.ask("DeleteNetworkInterface", NetworkInterfaceId=interface)
        except ClientError as error:  # the instance has ended whatever the EC2 behind says
            _LOG.warning("The EC2 behind keeps the interface %s of a terminated instance: %s", interface, error)
        self._known = None

    def all(self) -> dict[str, Fields]:
        """Return the interfaces of the EC2 behind, as it describes them."""
        if self._known is None:
            self._known = {face[ID]: face for face in self._asked()}
            for each in self.held.values():
                each.face = self._known.get(each.id, each.face)
        return self._known

    def of(self, i: Instance) -> list[Held]:
        """Return the interfaces of an instance, the primary one first."""
        if self.held:
            self.all()
        if self._by_instance is None:
            self._by_instance = {}
            for each in sorted(self.held.values(), key=lambda one: one.index):
                self._by_instance.setdefault(each.instance, []).append(each)
        return self._by_instance.get(i, [])

    def attached(self, attachment: str) -> Held | None:
        """Return the interface with an attachment, or None."""
        return next((each for each in self.held.values() if each.attachment_id == attachment), None)

    # Descriptions.

    def described(self, sent: Mapping[str, Any]) -> Iterator[Fields]:
        """Yield the interfaces that the EC2 behind describes for these parameters, attached as the model has it."""
        for face in self._asked(**sent):
            held = self.held.get(face[ID])
            yield face if held is None else {**face, "Status": "in-use", "Attachment": self.attachment(held)}

    def _asked(self, **sent: Any) -> Iterator[Fields]:  # noqa: ANN401 - boto3's keyword arguments
        for face in self.ask.each(_DESCRIBE, INTERFACES, **sent):
            yield {key: value for key, value in face.items() if key != "Association" or value}

    def attachment(self, held: Held) -> Fields:
        """Return the attachment of an interface, as DescribeNetworkInterfaces shows it."""
        return {**self._attachment(held), "InstanceId": held.instance, "InstanceOwnerId": ACCOUNT_ID}

    def shown(self, held: Held) -> Fields:
        """Return an interface as its instance shows it."""
        face = {key: held.face.get(key) for key in _OF_AN_INSTANCE if held.face.get(key) is not None}
        addresses: Sequence[Fields] = face.get("PrivateIpAddresses") or [
            {"PrivateIpAddress": face.get("PrivateIpAddress"), "Primary": True}
        ]
        return {
            **face,
            "PrivateIpAddresses": addresses,
            "Status": "in-use",
            "Attachment": self._attachment(held),
        }

    def _attachment(self, held: Held) -> Fields:
        record = self.account.instances[held.instance]
        return {
            "AttachmentId": held.attachment_id,
            "AttachTime": self.moment(held.since),
            "DeleteOnTermination": held.delete_on_termination,
            "DeviceIndex": held.index,
            "NetworkCardIndex": 0,
            "Status": "attaching" if record.state is InstanceState.PENDING else "attached",
        }

    # Addresses.

    def free_addresses(self, operation: str, subnet: Fields) -> Iterator[str]:
        """Yield free addresses of a subnet, the lowest first; then raises EC2's error for a full subnet."""
        used, network = self._used(), IPv4Network(subnet["CidrBlock"])
        first, last = int(network.network_address) + _RESERVED, int(network.broadcast_address)
        for number in range(first, last):
            address = str(IPv4Address(number))
            if (subnet["SubnetId"], address) not in used:
                yield address
        raise rejected(operation, Ec2Error.SUBNET_FULL, id=subnet["SubnetId"])

    def check_address(self, operation: str, subnet: Fields, address: str) -> None:
        """Raise EC2's error for an address that an interface of the subnet has (R-099)."""
        if (subnet["SubnetId"], address) in self._used():
            raise rejected(operation, Ec2Error.ADDRESS_BEHIND_IN_USE, address=address)

    def _used(self) -> set[tuple[str, str]]:
        return {
            (face.get("SubnetId", ""), each.get("PrivateIpAddress", ""))
            for face in self.all().values()
            for each in face.get("PrivateIpAddresses") or [face]
        }


_OF_AN_INSTANCE: Final = (
    ID,
    "Association",
    "Description",
    "Groups",
    "InterfaceType",
    "Ipv6Addresses",
    "MacAddress",
    "OwnerId",
    "PrivateDnsName",
    "PrivateIpAddress",
    "PrivateIpAddresses",
    "SourceDestCheck",
    "SubnetId",
    "VpcId",
)
"""The fields of an interface that its instance shows, too."""
