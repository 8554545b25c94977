"""Turns calls into requests of the specification, and detects calls that it does not cover."""

from collections.abc import Callable, Sequence
from typing import Final

from botocore.exceptions import ClientError

from ....model.requests import Attribute, AttributeRequest, BatchRequest, Caller, LaunchRequest, Operation
from ....model.states import Hibernation, InstanceState, RootDevice, ShutdownBehavior
from ....model.surface import INPUTS, Effect, with_effect
from ....model.world import IdForm, Instance, Volume, Zone
from ....strategies.scenario.translate import form_of
from ...adapter.arguments import STATE_FILTER, ZONE_FILTER
from ...adapter.reply_parts import Reply, part, structure_or_nothing, text, within
from ...adapter.reply_reader import INSTANCE, by_index, instance_id_of, launched_in, root_device_of, zone_of
from ...adapter.sent import paths_of
from ...emulator import request_parsing
from .calls import Fields

_CHANGES: Final = frozenset({"InstanceId", "DryRun", "Attribute", "Value", *(one.value for one in Attribute)})
"""The parameters of ModifyInstanceAttribute that the specification covers."""
_SPELLINGS: Final = frozenset({*request_parsing.ATTRIBUTES, *(one.value for one in Attribute)})
_STATES: Final = {state.value: state for state in InstanceState}
_WILDCARDS: Final = frozenset("*?\\")
"""What stands for other characters in the value of a filter."""
_DEVICES: Final = frozenset({Attribute.BLOCK_DEVICE_MAPPINGS.value, "blockDeviceMapping"})
_KNOWN: Final = {operation: frozenset(entry.path for entry in entries) for operation, entries in INPUTS.items()}
"""The parameters in the ledger of the surface."""
_PAGES: Final = ("Filters", "MaxResults", "NextToken")


class OutsideSpecification(Exception):
    """The specification does not cover a call, or the call has too little information."""


def has_unknown_parameter(operation: Operation, sent: Fields) -> bool:
    """Tell whether a call has an unknown parameter: one that only a newer botocore has."""
    return not paths_of(sent) <= _KNOWN[operation]


def can_affect(operation: Operation, sent: Fields, effect: Effect) -> bool:
    """Tell whether a call uses something outside the specification that can affect this."""
    return not paths_of(sent).isdisjoint(with_effect(operation, effect))


def batch(operation: Operation, sent: Fields) -> BatchRequest:
    """Return the request of a call that names any number of instances."""
    return request_parsing.batch(operation, Caller.OWNER, sent)  # type: ignore[arg-type]


def lists_ids(sent: Fields, ids: str) -> bool:
    """Tell whether a description is by ids only."""
    return bool(sent.get(ids)) and not any(sent.get(key) for key in _PAGES)


def listing(sent: Fields) -> BatchRequest | None:
    """Return a description of everything, with its filters.

    None: it names instances, asks for a page, or has a filter of which the specification says nothing.
    """
    if any(sent.get(key) for key in ("InstanceIds", "MaxResults", "NextToken")):
        return None
    filters: dict[str, list[str]] = {}
    for one in map(structure_or_nothing, sent.get("Filters") or ()):
        name, values = str(one.get("Name")), [str(value) for value in one.get("Values") or ()]
        if name in filters or not values or any(_WILDCARDS.intersection(value) for value in values):
            return None
        filters[name] = values
    states = filters.pop(STATE_FILTER, [])
    zones = filters.pop(ZONE_FILTER, [])
    if filters or not {*states} <= _STATES.keys():
        return None
    return BatchRequest(
        Operation.DESCRIBE,
        states=tuple(_STATES[state] for state in dict.fromkeys(states)),
        zones=tuple(map(Zone, dict.fromkeys(zones))),
    )


def is_unseen(i: Instance) -> bool:
    """Tell whether an id may belong to something whose creation was not observed."""
    return form_of(i) is not IdForm.MALFORMED


def attribute_change(sent: Fields, volume_at: Callable[[Instance, str], Volume]) -> AttributeRequest:
    """Return the request of a ModifyInstanceAttribute; raises `OutsideSpecification`."""
    if not sent.keys() <= _CHANGES or any(
        map(_is_more_than_flag, sent.get(Attribute.BLOCK_DEVICE_MAPPINGS.value) or ())
    ):
        raise OutsideSpecification
    try:
        return request_parsing.modify_attribute(Caller.OWNER, sent, volume_at)  # type: ignore[arg-type]
    except (ClientError, LookupError, TypeError, AttributeError):
        raise OutsideSpecification from None


def _is_more_than_flag(mapping: object) -> bool:
    """Tell whether a block device mapping asks for something else than a DeleteOnTermination."""
    asked = structure_or_nothing(mapping)
    ebs = structure_or_nothing(asked.get("Ebs"))
    return "Ebs" not in asked or not asked.keys() <= {"DeviceName", "Ebs"} or not ebs.keys() <= {"DeleteOnTermination"}


def changes_lifecycle(sent: Fields) -> bool:
    """Tell whether a ModifyInstanceAttribute is about an attribute of the specification."""
    return bool(_SPELLINGS & {*sent, sent.get("Attribute")})


def changed_devices(sent: Fields) -> tuple[str, ...]:
    """Return the devices that a ModifyInstanceAttribute names, if it is about no other attribute of the specification.

    Empty: it is about others too, or does not say which devices.
    """
    mappings = sent.get(Attribute.BLOCK_DEVICE_MAPPINGS.value) or ()
    devices = tuple(str(structure_or_nothing(mapping).get("DeviceName") or "") for mapping in mappings)
    return devices if _SPELLINGS & {*sent, sent.get("Attribute")} <= _DEVICES and all(devices) else ()


def attribute_query(sent: Fields) -> AttributeRequest:
    """Return the request of a DescribeInstanceAttribute; raises `OutsideSpecification`."""
    try:
        request = request_parsing.describe_attribute(Caller.OWNER, sent)  # type: ignore[arg-type]
    except (ClientError, LookupError):
        raise OutsideSpecification from None
    if request.attribute is Attribute.BLOCK_DEVICE_MAPPINGS:
        raise OutsideSpecification  # a description of the instance has the same data, and is judged
    return request


def launch(sent: Fields, reply: object) -> LaunchRequest:
    """Return the request of a launch that succeeded.

    Raises `OutsideSpecification` if the specification does not cover the launch, `WrongPart` if the reply lacks a part.
    """
    launched = by_index(launched_in(reply))
    ids = [instance_id_of(item) for item in launched]
    if can_affect(Operation.RUN, sent, Effect.INSTANCES) or any(_is_beyond(item) for item in launched):
        raise OutsideSpecification
    try:
        behavior = ShutdownBehavior(sent.get("InstanceInitiatedShutdownBehavior") or ShutdownBehavior.STOP.value)
    except ValueError:
        raise OutsideSpecification from None
    with within(INSTANCE):
        kind = RootDevice(root_device_of(launched[0])) if launched else RootDevice.EBS
        zone = _zone(sent, launched)
    dry = bool(sent.get("DryRun"))
    instances = () if dry else tuple(_asked_for(sent, ids))
    return LaunchRequest(
        dry_run=dry,
        instances=instances,
        zone=Zone(zone),
        root_device=kind,
        disable_api_termination=bool(sent.get("DisableApiTermination")),
        disable_api_stop=bool(sent.get("DisableApiStop")),
        shutdown_behavior=behavior,
        hibernation=_hibernation(sent, launched),
        volumes=((),) * len(instances),  # the first description shows their ids
    )


def refused_launch(sent: Fields) -> LaunchRequest:
    """Return the request of a launch that failed.

    Raises `OutsideSpecification` if it uses what the specification does not cover. Stop protection is among that:
    whether it is the reason depends on the root device of the image, which is not known.
    """
    if can_affect(Operation.RUN, sent, Effect.INSTANCES) or sent.get(Attribute.DISABLE_API_STOP.value):
        raise OutsideSpecification
    return LaunchRequest(dry_run=bool(sent.get("DryRun")), zone=Zone(_zone(sent, ())))


def _is_beyond(item: Reply) -> bool:
    """Tell whether the specification does not cover an instance: Spot, or managed by a service."""
    return bool(text(item, "InstanceLifecycle", "an instance") or part(item, "Operator", "an instance").get("Managed"))


def _hibernation(sent: Fields, launched: Sequence[Reply]) -> Hibernation:
    """Return whether a launch configured hibernation; a launch template may say it, and the reply may show it."""
    if part(sent, "HibernationOptions", "the launch").get("Configured"):
        return Hibernation.CONFIGURED
    shown = any(part(item, "HibernationOptions", "an instance").get("Configured") for item in launched)
    return Hibernation.UNKNOWN if shown or sent.get("LaunchTemplate") else Hibernation.OFF


def _zone(sent: Fields, launched: Sequence[Reply]) -> str:
    """Return the requested zone, or the assigned one."""
    asked = text(part(sent, "Placement", "the launch"), "AvailabilityZone", "a Placement")
    return asked if asked or not launched else zone_of(launched[0])


def _asked_for(sent: Fields, ids: Sequence[str]) -> list[Instance]:
    """Return the instances that a launch should have created: those shown, adjusted to the requested count."""
    least, most = int(sent.get("MinCount") or 1), int(sent.get("MaxCount") or 1)
    count = min(max(len(ids), least), most)
    return [Instance(i) for i in (*ids, *(f"(instance {n})" for n in range(len(ids) + 1, count + 1)))][:count]
