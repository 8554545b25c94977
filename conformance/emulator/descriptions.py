"""Builds the model's replies in boto3's form from the records of an account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from ...model.requests import Attribute
from ...model.states import Cause, InstanceState
from ...model.world import Instance, InstanceRecord, Volume
from .account import Account
from .extra_fields import ExtraFields, VolumeExtraFields
from .images import ACCOUNT_ID
from .optional_fields import Shapes, lavish, sparse
from .regions import SECURITY_GROUP, VPC, subnet_of
from .variation import Fields, Variation, metadata

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The date at which the model's clock shows 0."""

REASONS: Final = {
    Cause.LAUNCH: ("pending", "pending", ""),
    Cause.OPEN: ("pending", "pending", ""),
    Cause.USER_SHUTDOWN: (
        Cause.USER_SHUTDOWN.value,
        "Client.UserInitiatedShutdown: User initiated shutdown",
        "User initiated",
    ),
    Cause.USER_HIBERNATE: (
        Cause.USER_HIBERNATE.value,
        "Client.UserInitiatedHibernate: User initiated hibernate",
        "User initiated",
    ),
    Cause.GUEST_SHUTDOWN: (
        Cause.GUEST_SHUTDOWN.value,
        "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
        "",
    ),
    Cause.SERVICE: ("Server.InternalError", "Server.InternalError: Internal error", "Service initiated"),
}
"""StateReason's code and message, and the beginning of StateTransitionReason (S-02, T-05, T-06, T-08, T-09)."""

_ENDING: Final = (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)
_GROUPS: Final = [{"GroupId": SECURITY_GROUP, "GroupName": "default"}]


@dataclass(frozen=True, slots=True)
class Descriptions:
    """Describes instances and volumes. The client adds the extra fields; `beginning` is the date of clock time 0."""

    account: Account
    variation: Variation
    shapes: Shapes
    beginning: datetime = BEGINNING
    extra_fields: dict[Instance, ExtraFields] = field(default_factory=dict[Instance, ExtraFields])
    volume_extra_fields: dict[Volume, VolumeExtraFields] = field(default_factory=dict[Volume, VolumeExtraFields])

    def reply(self, **fields: object) -> Fields:
        """Return a whole reply."""
        return {**self.variation.with_unknown_fields(fields), "ResponseMetadata": metadata(200)}

    def page(self, token: str | None, **fields: object) -> Fields:
        """Return one page of a reply, with the token for the next page, if any."""
        return self.reply(**fields, **({"NextToken": token} if token else {}))

    def moment(self, seconds: float) -> datetime:
        """Return the date of a clock time; EC2 shows whole seconds."""
        return _moment(self.beginning, int(seconds))

    # Instances.

    def launched(self, instances: Sequence[Instance]) -> Fields:
        """Return the reply to a launch: nothing is attached yet (S-02)."""
        items: list[Fields] = [{**self.instance(i), "BlockDeviceMappings": []} for i in instances]
        return self.reply(**self._reservation(instances[0], items))

    def described(self, instances: Iterable[Instance], token: str | None = None) -> Fields:
        """Return the description of instances, each once, grouped by launch (D-08)."""
        launches: dict[str, list[Instance]] = {}
        for i in dict.fromkeys(instances):
            launches.setdefault(self.extra_fields[i].reservation, []).append(i)
        reservations = [self._reservation(group[0], map(self.instance, group)) for group in launches.values()]
        return self.page(token, Reservations=self.variation.shuffled(reservations))

    def _reservation(self, first: Instance, items: Iterable[Fields]) -> Fields:
        return {
            "ReservationId": self.extra_fields[first].reservation,
            "OwnerId": ACCOUNT_ID,
            "Groups": [],
            "Instances": self.variation.shuffled(list(items)),
        }

    def instance(self, i: Instance) -> Fields:
        """Return the description of an instance."""
        record, extra = self.account.instances[i], self.extra_fields[i]
        item: Fields = {
            "InstanceId": i,
            "ImageId": extra.image.id,
            "InstanceType": extra.instance_type,
            "LaunchTime": self.moment(extra.launched),
            "AmiLaunchIndex": extra.index,
            "Architecture": "x86_64",
            "BlockDeviceMappings": self.devices(i),
            "ClientToken": extra.token,
            "EbsOptimized": False,
            "Hypervisor": "xen",
            "Monitoring": {"State": "disabled"},
            "NetworkInterfaces": self._interfaces(i, record, extra),
            "Placement": {"AvailabilityZone": record.zone, "GroupName": "", "Tenancy": "default"},
            "PrivateDnsName": "",
            "ProductCodes": [],
            "PublicDnsName": "",
            "RootDeviceName": extra.image.root_device_name,
            "RootDeviceType": record.root_device.value,
            "SecurityGroups": [],
            "State": self.variation.state(record.state),
            "StateTransitionReason": "",
            "VirtualizationType": "hvm",
        }
        if extra.key_name:
            item["KeyName"] = extra.key_name
        if extra.tags:
            item["Tags"] = extra.tags
        item |= extra.shown | {"Placement": item["Placement"] | extra.shown.get("Placement", {}), "SecurityGroups": []}
        if record.state is InstanceState.TERMINATED:
            item.pop("IamInstanceProfile", None)  # T-03
        if record.state in _ENDING:
            item.pop("SourceDestCheck", None)  # T-04
        else:
            item |= _addresses(record, extra)
        cause = record.cause
        if cause is Cause.OPEN and record.state is not InstanceState.PENDING:
            cause = Cause.SERVICE  # EC2 did it by itself; the reason that it then shows is open
        if cause is not Cause.NONE:
            code, message, initiated = REASONS[cause]
            item["StateReason"] = {"Code": code, "Message": message}
            if initiated:
                when = self.moment(self.account.since[i])
                item["StateTransitionReason"] = _since(initiated, when)
        if self.variation.behaviour.lavish:
            item = lavish(item, record, self.shapes)
        if self.variation.behaviour.sparse:
            item = sparse(item, record, self.shapes)
        return self.variation.with_unknown_fields(item)

    def with_reservation(self, i: Instance) -> Fields:
        """Return the description of an instance, with the fields of its reservation."""
        return {**self.instance(i), "ReservationId": self.extra_fields[i].reservation, "OwnerId": ACCOUNT_ID}

    def devices(self, i: Instance) -> list[Fields]:
        """Return the block device mappings of an instance: its attached volumes, none once terminated (V-05)."""
        if self.account.instances[i].state is InstanceState.TERMINATED:
            return []
        return self.variation.shuffled([self._device(v) for v in self.account.attached.get(i, ())])

    def _device(self, v: Volume) -> Fields:
        record, extra = self.account.volumes[v], self.volume_extra_fields[v]
        return {
            "DeviceName": extra.device,
            "Ebs": {
                "AttachTime": self.moment(extra.attached),
                "DeleteOnTermination": record.delete_on_termination,
                "Status": "detaching" if record.detaching else "attached",
                "VolumeId": v,
            },
        }

    def _interfaces(self, i: Instance, record: InstanceRecord, extra: ExtraFields) -> list[Fields]:
        if record.state is InstanceState.TERMINATED:
            return []
        interface: Fields = {
            "NetworkInterfaceId": f"eni-{i[2:]}",
            "OwnerId": ACCOUNT_ID,
            "Status": "in-use",
            "Attachment": {
                "AttachmentId": f"eni-attach-{i[2:]}",
                "AttachTime": self.moment(extra.made),
                "DeleteOnTermination": True,
                "DeviceIndex": 0,
                "Status": "attaching" if record.state is InstanceState.PENDING else "attached",
            },
        }
        if record.state is not InstanceState.SHUTTING_DOWN:  # a shutting-down instance shows a reduced interface (V-05)
            interface |= {
                "Groups": extra.shown.get("SecurityGroups", _GROUPS),
                "PrivateIpAddress": extra.address,
                "SourceDestCheck": extra.shown.get("SourceDestCheck", True),
                "SubnetId": extra.subnet or subnet_of(record.zone),
                "VpcId": VPC,
            }
        return [interface]

    def attribute(self, i: Instance, attribute: Attribute) -> Fields:
        """Return one attribute of an instance (P-09)."""
        record = self.account.instances[i]
        values: dict[Attribute, object] = {
            Attribute.DISABLE_API_TERMINATION: {"Value": record.disable_api_termination},
            Attribute.DISABLE_API_STOP: {"Value": record.disable_api_stop},
            Attribute.SHUTDOWN_BEHAVIOR: {"Value": record.shutdown_behavior.value},
            Attribute.BLOCK_DEVICE_MAPPINGS: self.devices(i),
        }
        return self.reply(InstanceId=i, **{attribute.value: values[attribute]})

    # Volumes.

    def volume(self, v: Volume) -> Fields:
        """Return the description of a volume."""
        record, extra = self.account.volumes[v], self.volume_extra_fields[v]
        item: Fields = {
            "VolumeId": v,
            "State": record.state.value,
            "AvailabilityZone": record.zone,
            "Size": extra.size,
            "CreateTime": self.moment(extra.created),
            "Encrypted": False,
            "SnapshotId": "",
            "VolumeType": extra.kind,
            "Attachments": [] if record.holder is None else [self.attachment(v)],
            **extra.shown,
        }
        if extra.tags:
            item["Tags"] = extra.tags
        return self.variation.with_unknown_fields(item)

    def attachment(self, v: Volume) -> Fields:
        """Return the description of an attachment."""
        record, extra = self.account.volumes[v], self.volume_extra_fields[v]
        return {
            "VolumeId": v,
            "InstanceId": record.holder,
            "Device": extra.device,
            "State": "detaching" if record.detaching else "attached",
            "AttachTime": self.moment(extra.attached),
            "DeleteOnTermination": record.delete_on_termination,
        }


# Cached, because the same few dates are shown again and again.


@lru_cache(1024)
def _moment(beginning: datetime, seconds: int) -> datetime:
    return beginning + timedelta(seconds=seconds)


@lru_cache(1024)
def _since(initiated: str, when: datetime) -> str:
    return f"{initiated} ({when:%Y-%m-%d %H:%M:%S} GMT)"


def _addresses(record: InstanceRecord, extra: ExtraFields) -> Fields:
    """Return the network fields of an instance that has not ended (T-03, T-04); a running one is public (V-06)."""
    fields: Fields = {
        "PrivateIpAddress": extra.address,
        "PrivateDnsName": f"ip-{extra.address.replace('.', '-')}.ec2.internal",
        "SecurityGroups": extra.shown.get("SecurityGroups", _GROUPS),
        "SourceDestCheck": extra.shown.get("SourceDestCheck", True),
        "SubnetId": extra.subnet or subnet_of(record.zone),
        "VpcId": VPC,
    }
    if record.state is InstanceState.RUNNING and extra.is_public:
        public = extra.public_address
        fields |= {
            "PublicIpAddress": public,
            "PublicDnsName": f"ec2-{public.replace('.', '-')}.compute-1.amazonaws.com",
        }
    return fields
