"""Turns successful replies of a boto3-shaped client into observations."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from ...model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    LaunchRequest,
    Operation,
    Request,
    VolumeRequest,
)
from ...model.rules.describe import Shown
from ...model.states import InstanceState
from ...model.world import Instance, Volume
from .devices import Devices
from .names import Names
from .observation import (
    AttributeValue,
    Changes,
    DeviceSeen,
    Done,
    Instances,
    InstanceSeen,
    Observation,
    StateChange,
    StateSeen,
    Unreadable,
    Volumes,
    VolumeSeen,
)
from .reply_parts import NOTHING, Reply, WrongPart, flag, items, number, part, required, structure, text

_CHANGED: Final = {
    Operation.START: "StartingInstances",
    Operation.STOP: "StoppingInstances",
    Operation.TERMINATE: "TerminatingInstances",
}
_TEXTS: Final = tuple(
    shown.value
    for shown in (
        Shown.PRIVATE_IP,
        Shown.PUBLIC_IP,
        Shown.VPC,
        Shown.SUBNET,
        Shown.PRIVATE_DNS,
        Shown.PUBLIC_DNS,
        Shown.TRANSITION_REASON,
    )
)
_LISTS: Final = tuple(shown.value for shown in (Shown.BLOCK_DEVICES, Shown.NETWORK_INTERFACES, Shown.SECURITY_GROUPS))
_FLAG: Final = Shown.SOURCE_DEST_CHECK.value
_REASON: Final = Shown.STATE_REASON.value
_EBS: Final = "the Ebs of a block device mapping"


def read_reply(request: Request, reply: object, names: Names, devices: Devices) -> Observation:
    """Return the observation for a successful reply; binds the ids that it shows for the first time."""
    try:
        return _Reader(names, devices).read(request, reply)
    except WrongPart as wrong:
        return unreadable(request.operation, wrong, names)


def unreadable(operation: Operation, wrong: WrongPart, names: Names) -> Unreadable:
    """Return the observation for a reply that lacks a part, or has one of a wrong type."""
    return Unreadable(names.replace_ids(f"{operation.value} was answered without an error, but {wrong}."))


@dataclass(frozen=True, slots=True)
class _Reader:
    names: Names
    devices: Devices

    def read(self, request: Request, reply: object) -> Observation:
        """Read the reply to a request."""
        match request:
            case BatchRequest():
                return self.batch(request.operation, reply)
            case LaunchRequest():
                launched = items(structure(reply, "the reply"), "Instances", "the reply")
                self.bind_launched(request, launched)
                return self.instances(launched)
            case AttributeRequest(operation=Operation.DESCRIBE_ATTRIBUTE):
                return AttributeValue(self.attribute(request, structure(reply, "the reply")))
            case VolumeRequest():
                return self.volumes(request, reply)
            case _:
                return Done()

    def batch(self, operation: Operation, reply: object) -> Observation:
        """Read the reply to a request for any number of instances."""
        if operation is Operation.REBOOT:
            return Done()
        whole = structure(reply, "the reply")
        if operation is Operation.DESCRIBE:
            reservations = items(whole, "Reservations", "the reply")
            return self.instances(
                [item for reservation in reservations for item in items(reservation, "Instances", "a reservation")]
            )
        return Changes(
            tuple(
                StateChange(
                    self.names.instance(required(item, "InstanceId", "an item")),
                    previous=_state(item, "PreviousState", "an item"),
                    current=_state(item, "CurrentState", "an item"),
                )
                for item in items(whole, _CHANGED[operation], "the reply")
            )
        )

    def volumes(self, request: VolumeRequest, reply: object) -> Observation:
        """Read the reply to a request about volumes."""
        match request.operation:
            case Operation.CREATE_VOLUME:
                made = structure(reply, "the reply")
                for name in request.volumes[:1]:
                    self.names.bind(name, required(made, "VolumeId", "the volume"))
                return Volumes((self.volume(made),))
            case Operation.DESCRIBE_VOLUMES:
                described = items(structure(reply, "the reply"), "Volumes", "the reply")
                return Volumes(tuple(self.volume(item) for item in described))
            case Operation.ATTACH:
                for volume, instance in zip(request.volumes, request.instances, strict=False):
                    self.names.devices[volume] = request.device
                    self.devices.put(self.names.ids.get(instance, instance), request.device, volume)
                return Done()
            case _:
                return Done()

    def bind_launched(self, request: LaunchRequest, launched: Sequence[Reply]) -> None:
        """Bind the names of launched instances, and record the volumes that the launch asked for at their devices."""
        groups = request.volumes or ((),) * len(request.instances)
        for name, volumes, item in zip(request.instances, groups, by_index(launched), strict=False):
            instance_id = required(item, "InstanceId", "an instance")
            self.names.bind(name, instance_id)
            for volume in volumes:
                self.devices.put(instance_id, self.names.devices[volume.volume], volume.volume)
        if launched and self.names.zones.get(request.zone) == "":  # the target did not list its zones
            self.names.zones[request.zone] = _zone(launched[0])

    def instances(self, described: Sequence[Reply]) -> Instances:
        return Instances(tuple(self.instance(item) for item in described))

    def instance(self, item: Reply) -> InstanceSeen:
        what = "an instance"
        instance_id = required(item, "InstanceId", what)
        name = self.names.instance(instance_id)
        state = _state(item, "State", what)
        mappings = items(item, "BlockDeviceMappings", what)
        root = text(item, "RootDeviceName", what)
        reason = part(item, "StateReason", what)
        code = text(reason, "Code", "a StateReason")
        shown = [key for key in _TEXTS if text(item, key, what)]
        shown += [key for key in _LISTS if items(item, key, what)]
        if flag(item, _FLAG, what) is not None:
            shown.append(_FLAG)
        if code or text(reason, "Message", "a StateReason"):
            shown.append(_REASON)
        if not mappings and state.name == InstanceState.TERMINATED.value:
            self.devices.forget(instance_id)
        return InstanceSeen(
            instance=name,
            state=state,
            zone=self.names.zone(_zone(item)),
            root_device=text(item, "RootDeviceType", what),
            reason=code,
            transition_reason=text(item, "StateTransitionReason", what),
            shown=_fields(tuple(shown)),
            devices=tuple(self.device(mapping, name, instance_id, root) for mapping in mappings),
        )

    def device(self, mapping: Reply, instance: Instance, instance_id: str, root: str) -> DeviceSeen:
        device = required(mapping, "DeviceName", "a block device mapping")
        ebs = part(mapping, "Ebs", "a block device mapping")
        volume_id = required(ebs, "VolumeId", _EBS)
        if volume_id not in self.names.names and instance != instance_id:
            launched = self.devices.at(instance_id, device)
            volume = Volume(f"{instance}.root") if device == root else launched or Volume(f"{instance}.{device}")
            if not self.names.knows(volume):
                self.names.bind(volume, volume_id)
                self.names.devices[volume] = device
                self.devices.put(instance_id, device, volume)
        return DeviceSeen(device, self.names.volume(volume_id), flag(ebs, "DeleteOnTermination", _EBS))

    def volume(self, item: Reply) -> VolumeSeen:
        what = "a volume"
        attachments = items(item, "Attachments", what)
        attachment = attachments[0] if attachments else NOTHING
        holder = text(attachment, "InstanceId", "an attachment")
        return VolumeSeen(
            volume=self.names.volume(required(item, "VolumeId", what)),
            state=required(item, "State", what),
            zone=self.names.zone(text(item, "AvailabilityZone", what)),
            holder=self.names.instance(holder) if holder else None,
            delete_on_termination=flag(attachment, "DeleteOnTermination", "an attachment"),
        )

    def attribute(self, request: AttributeRequest, reply: Reply) -> bool | str | None:
        key = request.attribute.value
        match request.attribute:
            case Attribute.BLOCK_DEVICE_MAPPINGS:
                for mapping in items(reply, key, "the reply"):
                    ebs = part(mapping, "Ebs", "a block device mapping")
                    if self.names.volume(text(ebs, "VolumeId", _EBS)) == request.volume:
                        return flag(ebs, "DeleteOnTermination", _EBS)
                return None
            case Attribute.SHUTDOWN_BEHAVIOR:
                return text(part(reply, key, "the reply"), "Value", key) or None
            case Attribute.DISABLE_API_TERMINATION | Attribute.DISABLE_API_STOP:
                return flag(part(reply, key, "the reply"), "Value", key)


@cache
def _fields(keys: tuple[str, ...]) -> frozenset[Shown]:
    """Return the fields with these names; cached, because few combinations occur."""
    return frozenset(map(Shown, keys))


def by_index(launched: Sequence[Reply]) -> Sequence[Reply]:
    """Return instances in the order of AmiLaunchIndex, or as they are if the reply does not number them."""
    numbered = {index: item for item in launched if isinstance(index := item.get("AmiLaunchIndex"), int)}
    if numbered.keys() != set(range(len(launched))):
        return launched
    return [numbered[index] for index in range(len(launched))]


def _state(whole: Reply, key: str, what: str) -> StateSeen:
    state = part(whole, key, what)
    if not state:
        raise WrongPart(f"{what} has no {key}")
    return StateSeen(number(state, "Code", key), required(state, "Name", key))


def _zone(instance: Reply) -> str:
    return text(part(instance, "Placement", "an instance"), "AvailabilityZone", "a Placement")
