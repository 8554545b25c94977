"""Turns successful replies of a boto3-shaped client into observations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeVar

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
from ...model.states import InstanceState, RootDevice, ShutdownBehavior, VolumeState
from ...model.world import Instance, Volume
from .carried_fields import carried_of, reservations_of
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
from .reply_parts import (
    NOTHING,
    Reply,
    WrongPart,
    flag,
    items,
    number,
    one_of,
    part,
    required,
    required_flag,
    required_items,
    structure,
    text,
    within,
)
from .strict_replies import RETURN, UNTYPED

T = TypeVar("T")

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
_ENDED: Final = Shown.TRANSITION_REASON.value
INSTANCE: Final = "Instance"
VOLUME: Final = "Volume"
"""EC2's types of the items of replies, with which their places begin, whichever operation lists them."""
_CHANGE: Final = "InstanceStateChange"
_ATTACHMENT: Final = "VolumeAttachment"
_ATTACHMENT_STATES: Final = ("attaching", "attached", "detaching", "detached", "busy")
_EBS: Final = "the Ebs of a block device mapping"
_MAPPINGS: Final = Shown.BLOCK_DEVICES.value
_ROOT_DEVICES: Final = tuple(kind.value for kind in RootDevice)
_BEHAVIORS: Final = tuple(behavior.value for behavior in ShutdownBehavior)
_VOLUME_STATES: Final = (*(state.value for state in VolumeState), "error")


def read_reply(request: Request, reply: object, names: Names, devices: Devices) -> Observation:
    """Return the observation for a successful reply; binds the ids that it shows for the first time."""
    try:
        return _Reader(request.operation, names, devices).read(request, reply)
    except WrongPart as wrong:
        return unreadable(request.operation, wrong, names)


def unreadable(operation: Operation, wrong: WrongPart, names: Names) -> Unreadable:
    """Return the observation for a reply that lacks a part, or has one of a wrong type."""
    return Unreadable(names.replace_ids(f"{operation.value} was answered without an error, but {wrong}."), wrong.path)


@dataclass(slots=True)
class _Item:
    """Reads the parts of one item of a list one by one, so that one that cannot be read hides no other."""

    place: str
    """Where the item is in the reply."""
    wrong: dict[str, WrongPart] = field(default_factory=dict[str, WrongPart])
    """The first thing wrong with each part that cannot be read."""
    beside: list[WrongPart] = field(default_factory=list[WrongPart])
    """Numbers and times that are none, in parts that nothing is read of."""

    def part(self, key: str, read: Callable[[], T], otherwise: T) -> T:
        """Return a part of the item, or something else if it cannot be read."""
        try:
            return read()
        except WrongPart as wrong:
            wrong.put_within(self.place)
            self.wrong.setdefault(key, wrong)
            return otherwise

    def shows_text(self, item: Reply, key: str, what: str) -> bool:
        """Tell whether the item has a text that is not empty."""
        value = item.get(key)
        if value is None or isinstance(value, str):
            return bool(value)
        return bool(self.part(key, lambda: text(item, key, what), ""))

    def look_beside(self, item: Reply) -> None:
        """Note the numbers and times of the item that are none, once its parts were read."""
        known = {wrong.path for wrong in self.wrong.values()}
        untyped = untyped_parts(item, self.place)
        self.beside.extend(wrong for wrong in untyped if wrong.path not in known)


@dataclass(frozen=True, slots=True)
class _Reader:
    operation: Operation
    names: Names
    devices: Devices
    unread: list[Unreadable] = field(default_factory=list[Unreadable])

    def read(self, request: Request, reply: object) -> Observation:
        """Read the reply to a request."""
        match request:
            case BatchRequest():
                return self.batch(request.operation, reply)
            case LaunchRequest():
                launched = launched_in(reply)
                self.bind_launched(request, launched)
                return self.instances(launched, reservations_of([structure(reply, "the reply")]))
            case AttributeRequest(operation=Operation.DESCRIBE_ATTRIBUTE):
                shown = structure(reply, "the reply")
                value = self.attribute(request, shown)
                for wrong in untyped_parts(shown):
                    raise wrong
                return AttributeValue(value)
            case VolumeRequest():
                return self.volumes(request, reply)
            case _:
                return self.done(reply)

    def done(self, reply: object) -> Done:
        """Read a reply with nothing but `return`: SDKs ignore it, so it may be missing, but not say anything else."""
        whole = structure(reply, "the reply")
        try:
            said = flag(whole, RETURN, "the reply")
        except WrongPart as wrong:
            return Done((unreadable(self.operation, wrong, self.names),))
        if said is False:
            raise WrongPart("Return of the reply is false, where EC2 sends true or an error", RETURN)
        return Done()

    def batch(self, operation: Operation, reply: object) -> Observation:
        """Read the reply to a request for any number of instances."""
        if operation is Operation.REBOOT:
            return self.done(reply)
        whole = structure(reply, "the reply")
        if operation is Operation.DESCRIBE:
            return self.instances(described_in(whole), reservations_of(items(whole, "Reservations", "the reply")))
        changed = required_items(whole, _CHANGED[operation], "the reply")
        with within(_CHANGE):
            return Changes(tuple(map(self.change, changed)))

    def change(self, item: Reply) -> StateChange:
        return StateChange(
            self.names.instance(required(item, "InstanceId", "an item")),
            previous=_state(item, "PreviousState", "an item"),
            current=_state(item, "CurrentState", "an item"),
        )

    def volumes(self, request: VolumeRequest, reply: object) -> Observation:
        """Read the reply to a request about volumes."""
        match request.operation:
            case Operation.CREATE_VOLUME:
                made = structure(reply, "the reply")
                for name in request.volumes[:1]:
                    self.names.bind(name, volume_id_of(made))
                return self.volumes_of([made])
            case Operation.DESCRIBE_VOLUMES:
                return self.volumes_of(required_items(structure(reply, "the reply"), "Volumes", "the reply"))
            case Operation.ATTACH:
                for volume, instance in zip(request.volumes, request.instances, strict=False):
                    self.names.devices[volume] = request.device
                    self.devices.put(self.names.ids.get(instance, instance), request.device, volume)
                return self.attachment(structure(reply, "the reply"))
            case Operation.DELETE_VOLUME:
                return self.done(reply)
            case _:
                return self.attachment(structure(reply, "the reply"))

    def attachment(self, reply: Reply) -> Done:
        """Read what AttachVolume and DetachVolume answer: EC2 always says how far the attachment is."""
        parts = _Item(_ATTACHMENT)
        parts.part("State", lambda: one_of(_ATTACHMENT_STATES, reply, "State", "the attachment"), "")
        parts.look_beside(reply)
        wrong = (*parts.wrong.values(), *parts.beside)
        return Done(tuple(unreadable(self.operation, one, self.names) for one in wrong))

    def bind_launched(self, request: LaunchRequest, launched: Sequence[Reply]) -> None:
        """Bind the names of launched instances, and record the volumes that the launch asked for at their devices."""
        if request.token:  # what it shows may have been launched before
            spare = request.instances[-1:] * len(launched)
            for name, item in zip((*request.instances, *spare), by_index(launched), strict=False):
                self.names.bind_new(name, instance_id_of(item))
        groups = request.volumes or ((),) * len(request.instances)
        for name, volumes, item in zip(request.instances, groups, by_index(launched), strict=False):
            instance_id = instance_id_of(item)
            if not request.token:
                self.names.bind(name, instance_id)
            elif self.names.instance(instance_id) != name:
                continue
            for volume in volumes:
                self.devices.put(instance_id, self.names.devices[volume.volume], volume.volume)

    def instances(self, described: Sequence[Reply], reservations: Mapping[str, str]) -> Instances:
        seen = [self.instance(item, reservations) for item in described]
        return Instances(tuple(one for one in seen if one is not None), tuple(self.unread))

    def instance(self, item: Reply, reservations: Mapping[str, str]) -> InstanceSeen | None:
        """Read an instance; None if its state cannot be read."""
        what, parts = "an instance", _Item(INSTANCE)
        instance_id = instance_id_of(item)
        name = self.names.instance(instance_id)
        if item.get("AmiLaunchIndex") is not None:
            parts.part("AmiLaunchIndex", lambda: number(item, "AmiLaunchIndex", what), 0)
        state = parts.part("State", lambda: _state(item, "State", what), None)
        kind = parts.part("RootDeviceType", lambda: root_device_of(item), "")
        # Every client reads a list that is left out as an empty one.
        mappings = parts.part(_MAPPINGS, lambda: items(item, _MAPPINGS, what), ())
        shown = [key for key in _TEXTS if parts.shows_text(item, key, what)]
        shown += [key for key in _LISTS if key in item and parts.part(key, lambda key=key: items(item, key, what), ())]
        if item.get(_FLAG) != "" and parts.part(_FLAG, lambda: flag(item, _FLAG, what), None) is not None:
            shown.append(_FLAG)
        code, message = parts.part(_REASON, lambda: _reason(item), ("", ""))
        if code or message:
            shown.append(_REASON)
        devices = [
            parts.part(_MAPPINGS, lambda mapping=mapping: self.device(mapping, name, instance_id, item), None)
            for mapping in mappings
        ]
        zone = parts.part("Placement", lambda: zone_of(item), "")
        ended = parts.part(_ENDED, lambda: text(item, _ENDED, what), "")
        parts.look_beside(item)
        self.note(parts, name, left_out=state is None)
        if state is None:
            return None
        if zone and name != instance_id:
            self.names.learn_zone(zone)
        if not mappings and state.name == InstanceState.TERMINATED.value:
            self.devices.forget(instance_id)
        return InstanceSeen(
            instance=name,
            state=state,
            zone=self.names.zone(zone),
            root_device=kind,
            reason=code,
            transition_reason=ended,
            shown=_fields(tuple(shown)),
            devices=tuple(device for device in devices if device is not None),
            unread=frozenset(parts.wrong),
            carried=carried_of(item, reservations.get(instance_id, ""), ended),
        )

    def note(self, parts: _Item, about: Instance | Volume, *, left_out: bool) -> None:
        """Keep what cannot be read of an item."""
        for wrong in (*parts.wrong.values(), *parts.beside):
            found = unreadable(self.operation, wrong, self.names)
            self.unread.append(Unreadable(found.problem, found.path, about, left_out))

    def device(self, mapping: Reply, instance: Instance, instance_id: str, item: Reply) -> DeviceSeen:
        with within(_MAPPINGS):
            device = required(mapping, "DeviceName", "a block device mapping")
            ebs = part(mapping, "Ebs", "a block device mapping")
            with within("Ebs"):
                volume_id = required(ebs, "VolumeId", _EBS)
        if volume_id not in self.names.names and instance != instance_id:
            launched = self.devices.at(instance_id, device)
            # Without the name of the root device, nobody knows whether a volume of the image is the root.
            read_root = text if launched else required
            root = read_root(item, "RootDeviceName", "an instance")
            volume = Volume(f"{instance}.root") if device == root else launched or Volume(f"{instance}.{device}")
            if not self.names.knows(volume):
                self.names.bind(volume, volume_id)
                self.names.devices[volume] = device
        if volume_id in self.names.names:  # also one whose attachment was answered with a server error
            self.devices.put(instance_id, device, self.names.volume(volume_id))
        with within(_MAPPINGS), within("Ebs"):
            one_of(_ATTACHMENT_STATES, ebs, "Status", _EBS)
            return DeviceSeen(device, self.names.volume(volume_id), flag(ebs, "DeleteOnTermination", _EBS))

    def volumes_of(self, described: Sequence[Reply]) -> Volumes:
        seen = [self.volume(item, _Item(VOLUME)) for item in described]
        return Volumes(tuple(one for one in seen if one is not None), tuple(self.unread))

    def volume(self, item: Reply, parts: _Item) -> VolumeSeen | None:
        """Read a volume; None if its state cannot be read."""
        what = "a volume"
        name = self.names.volume(volume_id_of(item))
        state = parts.part("State", lambda: one_of(_VOLUME_STATES, item, "State", what), "")
        zone = parts.part("AvailabilityZone", lambda: text(item, "AvailabilityZone", what), "")
        attachments = parts.part("Attachments", lambda: items(item, "Attachments", what), ())
        attachment = attachments[0] if attachments else NOTHING
        holder = parts.part("Attachments", lambda: _holder(attachment), "")
        ends = parts.part("Attachments", lambda: _ends_with_instance(attachment), None)
        parts.look_beside(item)
        self.note(parts, name, left_out=not state)
        return (
            VolumeSeen(
                volume=name,
                state=state,
                zone=self.names.zone(zone),
                holder=self.names.instance(holder) if holder else None,
                delete_on_termination=ends,
            )
            if state
            else None
        )

    def attribute(self, request: AttributeRequest, reply: Reply) -> bool | str | None:
        key = request.attribute.value
        match request.attribute:
            case Attribute.BLOCK_DEVICE_MAPPINGS:
                for mapping in items(reply, key, "the reply"):  # whether EC2 sends an empty list is not known
                    with within(key):
                        ebs = part(mapping, "Ebs", "a block device mapping")
                        with within("Ebs"):
                            if self.names.volume(required(ebs, "VolumeId", _EBS)) == request.volume:
                                return required_flag(ebs, "DeleteOnTermination", _EBS)
                return None
            case Attribute.SHUTDOWN_BEHAVIOR:
                shown = part(reply, key, "the reply")
                with within(key):
                    return one_of(_BEHAVIORS, shown, "Value", key)
            case Attribute.DISABLE_API_TERMINATION | Attribute.DISABLE_API_STOP:
                shown = part(reply, key, "the reply")
                with within(key):
                    return required_flag(shown, "Value", key)


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


def launched_in(reply: object) -> Sequence[Reply]:
    """Return the instances of a launch; raises `WrongPart`."""
    return required_items(structure(reply, "the reply"), "Instances", "the reply")


def described_in(reply: object) -> Sequence[Reply]:
    """Return the instances of a description; raises `WrongPart`."""
    reservations = required_items(structure(reply, "the reply"), "Reservations", "the reply")
    with within("Reservations"):
        return [item for one in reservations for item in required_items(one, "Instances", "a reservation")]


def instance_id_of(instance: Reply) -> str:
    """Return the id of an instance; raises `WrongPart`."""
    with within(INSTANCE):
        return required(instance, "InstanceId", "an instance")


def volume_id_of(volume: Reply) -> str:
    """Return the id of a volume; raises `WrongPart`."""
    with within(VOLUME):
        return required(volume, "VolumeId", "a volume")


def state_of(instance: Reply) -> StateSeen:
    """Return the state of an instance; raises `WrongPart`."""
    with within(INSTANCE):
        return _state(instance, "State", "an instance")


def zone_of(instance: Reply) -> str:
    """Return the zone of an instance, which EC2 always shows; raises `WrongPart`."""
    placement = part(instance, "Placement", "an instance")
    with within("Placement"):
        return required(placement, "AvailabilityZone", "the Placement of an instance")


def root_device_of(instance: Reply) -> str:
    """Return the type of the root device, which EC2 always shows; raises `WrongPart`."""
    return one_of(_ROOT_DEVICES, instance, "RootDeviceType", "an instance")


def untyped_parts(whole: Reply, place: str = "") -> tuple[WrongPart, ...]:
    """Return the numbers and times in a structure that are none: boto3 fails on the whole reply for one."""
    untyped: Mapping[str, str] = whole.get(UNTYPED) or {}
    start = f"{place}." if place else ""
    return tuple(WrongPart(f"{path} is {wrong}", start + path) for path, wrong in untyped.items())


def _state(whole: Reply, key: str, what: str) -> StateSeen:
    state = part(whole, key, what)
    if not state:
        raise WrongPart(f"{what} has no {key}", key)
    with within(key):
        return StateSeen(number(state, "Code", key), required(state, "Name", key))


def _reason(instance: Reply) -> tuple[str, str]:
    """Return code and message of the StateReason, which EC2 shows only of some instances."""
    reason = part(instance, _REASON, "an instance")
    with within(_REASON):
        return text(reason, "Code", "a StateReason"), text(reason, "Message", "a StateReason")


def _holder(attachment: Reply) -> str:
    """Return the instance of an attachment; empty if none is shown."""
    with within("Attachments"):
        return text(attachment, "InstanceId", "an attachment")


def _ends_with_instance(attachment: Reply) -> bool | None:
    """Return the DeleteOnTermination of an attachment; None if it is not shown."""
    with within("Attachments"):
        return flag(attachment, "DeleteOnTermination", "an attachment")
