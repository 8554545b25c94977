"""Calls read into requests of the specification: what it does not speak of is told apart."""

from collections.abc import Callable, Sequence
from typing import Final

from botocore.exceptions import ClientError

from ....model.requests import Attribute, AttributeRequest, BatchRequest, Caller, LaunchRequest, Operation
from ....model.states import RootDevice, ShutdownBehavior
from ....model.world import IdForm, Instance, Volume, Zone
from ....strategies.scenario.translate import form_of
from ...adapter.parts import Reply, items, needed, part, structure, text
from ...adapter.replies import by_index
from ...emulator import parameters
from .calls import Fields

_CHANGES: Final = frozenset({"InstanceId", "DryRun", "Attribute", "Value", *(one.value for one in Attribute)})
"""The parameters of ModifyInstanceAttribute of which the specification speaks."""
_SPELLINGS: Final = frozenset({*parameters.ATTRIBUTES, *(one.value for one in Attribute)})
_BEYOND: Final = ("LaunchTemplate", "InstanceMarketOptions")
"""What a launch may have that brings settings which nobody sees, or takes it out of the specification."""
_PAGES: Final = ("Filters", "MaxResults", "NextToken")


class Unspoken(Exception):
    """The specification does not say what becomes of such a call, or the call does not say enough."""


def batch(operation: Operation, sent: Fields) -> BatchRequest:
    """Return the request of a call that names any number of instances."""
    return parameters.batch(operation, Caller.OWNER, sent)  # type: ignore[arg-type]


def names_all(sent: Fields, ids: str) -> bool:
    """Tell whether a description is of just the things that it names."""
    return bool(sent.get(ids)) and not any(sent.get(key) for key in _PAGES)


def is_unseen(i: Instance) -> bool:
    """Tell whether an id may be that of something that was never seen made."""
    return form_of(i) is not IdForm.MALFORMED


def change(sent: Fields, volume_at: Callable[[Instance, str], Volume]) -> AttributeRequest:
    """Return the request of a ModifyInstanceAttribute; raises `Unspoken`."""
    if not sent.keys() <= _CHANGES:
        raise Unspoken
    try:
        return parameters.change(Caller.OWNER, sent, volume_at)  # type: ignore[arg-type]
    except (ClientError, LookupError, TypeError, AttributeError):
        raise Unspoken from None


def changes_lifecycle(sent: Fields) -> bool:
    """Tell whether a ModifyInstanceAttribute is about an attribute of which the specification speaks."""
    return bool(_SPELLINGS & {*sent, sent.get("Attribute")})


def question(sent: Fields) -> AttributeRequest:
    """Return the request of a DescribeInstanceAttribute; raises `Unspoken`."""
    try:
        request = parameters.question(Caller.OWNER, sent)  # type: ignore[arg-type]
    except (ClientError, LookupError):
        raise Unspoken from None
    if request.attribute is Attribute.BLOCK_DEVICE_MAPPINGS:
        raise Unspoken  # a description of the instance tells the same, and is judged
    return request


def launch(sent: Fields, reply: object) -> LaunchRequest:
    """Return the request of a launch that succeeded.

    Raises `Unspoken` where the launch is none of the specification's, `WrongPart` for a reply that lacks a part.
    """
    launched = by_index(items(structure(reply, "the reply"), "Instances", "the reply"))
    ids = [needed(item, "InstanceId", "an instance") for item in launched]
    if any(sent.get(key) for key in _BEYOND) or any(_is_beyond(item) for item in launched):
        raise Unspoken
    try:
        behavior = ShutdownBehavior(sent.get("InstanceInitiatedShutdownBehavior") or ShutdownBehavior.STOP.value)
        kind = RootDevice(text(launched[0], "RootDeviceType", "an instance")) if launched else RootDevice.EBS
    except ValueError:
        raise Unspoken from None
    zone = _zone(sent, launched)
    if not zone and launched:
        raise Unspoken
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
        volumes=((),) * len(instances),  # their ids come with the first description
    )


def refused_launch(sent: Fields) -> LaunchRequest:
    """Return the request of a launch that failed; raises `Unspoken` where the specification does not know what it is.

    Whether stop protection is why depends on the root of the image, of which nothing is known.
    """
    if any(sent.get(key) for key in (*_BEYOND, Attribute.DISABLE_API_STOP.value)):
        raise Unspoken
    return LaunchRequest(dry_run=bool(sent.get("DryRun")), zone=Zone(_zone(sent, ())))


def _is_beyond(item: Reply) -> bool:
    """Tell whether an instance is one of those of which the specification does not speak: Spot, or of a service."""
    return bool(text(item, "InstanceLifecycle", "an instance") or part(item, "Operator", "an instance").get("Managed"))


def _zone(sent: Fields, launched: Sequence[Reply]) -> str:
    """Return the zone asked for, or the one given where none was."""
    asked = text(part(sent, "Placement", "the launch"), "AvailabilityZone", "a Placement")
    if asked or not launched:
        return asked
    return text(part(launched[0], "Placement", "an instance"), "AvailabilityZone", "a Placement")


def _asked_for(sent: Fields, ids: Sequence[str]) -> list[Instance]:
    """Return the instances that a launch was to make: those shown, and as many more or fewer as asked for."""
    least, most = int(sent.get("MinCount") or 1), int(sent.get("MaxCount") or 1)
    count = min(max(len(ids), least), most)
    return [Instance(i) for i in (*ids, *(f"(instance {n})" for n in range(len(ids) + 1, count + 1)))][:count]
