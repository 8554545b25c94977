"""Turns what a recording tells into what the oracle judges: requests with their replies, and claims.

Where the parameters were not recorded, the request named what its reply shows or its error names, and may have had
any parameter. A claim is what a success proves although the specification does not hold the operation, or nothing
recorded the reply: that something exists, or is in a state.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ec2_lifecycle.conformance.adapter.sent import paths_of, usual_paths
from ec2_lifecycle.conformance.oracle.excuses import Sent
from ec2_lifecycle.conformance.pytest.judging import requests as judged_requests
from ec2_lifecycle.conformance.pytest.judging.calls import is_read
from ec2_lifecycle.conformance.pytest.judging.requests import OutsideSpecification
from ec2_lifecycle.model.evidence.documented_refusals import ROWS, rows_of
from ec2_lifecycle.model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    ErrorCode,
    LaunchRequest,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.states import InstanceState, RootDevice, Visibility, VolumeState
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, VolumeRecord, Zone

from .ec2_api import METADATA
from .events import Call, Event, Glimpse, Json
from .naming import UNTOLD, UNTOLD_VOLUME, instances_of, is_dry, volumes_of

ANYWHERE: Final = Zone("")
"""The zone of what no recording tells the zone of."""
EVERY_MARK: Final = frozenset(
    need for row in ROWS if isinstance(row.needs, tuple) for need in row.needs if isinstance(need, str) and ":" in need
)
"""What may have been done before a recording begins, as far as it may explain a refusal."""
_ANY_PARAMETER: Final = "(a parameter that was not recorded)"

_OPERATIONS: Final = {operation.value: operation for operation in Operation}
_ATTRIBUTES: Final = {
    "disableApiTermination": Attribute.DISABLE_API_TERMINATION,
    "disableApiStop": Attribute.DISABLE_API_STOP,
    "instanceInitiatedShutdownBehavior": Attribute.SHUTDOWN_BEHAVIOR,
}
_BAD_ID: Final = (ErrorCode.MALFORMED.value, ErrorCode.NOT_FOUND.value)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of the specification and its reply.

    `loosened` are settings of the instances of which nobody knows the value afterwards.
    `past_unknown`: the launch may have had any parameter.
    """

    request: Request
    reply: Json
    how: Sent
    loosened: frozenset[Attribute] = frozenset()
    past_unknown: bool = False


@dataclass(frozen=True, slots=True)
class InstanceClaim:
    """What must be so of an instance; `clause` is broken where it cannot be."""

    instance: Instance
    holds: Callable[[InstanceRecord], bool]
    clause: str


@dataclass(frozen=True, slots=True)
class VolumeClaim:
    """What must be so of a volume, which did not change."""

    volume: Volume
    holds: Callable[[VolumeRecord], bool]
    clause: str


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A call that proves nothing; what it names may have changed in ways that the specification does not hold."""

    names: tuple[str, ...]


Asked = Exchange | InstanceClaim | VolumeClaim | Unjudged
VolumeAt = Callable[[Instance, str], Volume | None]


def asked_by(event: Event, volume_at: VolumeAt) -> tuple[Asked, ...]:
    """Return what is to be judged of an event; `volume_at` knows what earlier descriptions showed at a device."""
    if isinstance(event, Glimpse):
        return (InstanceClaim(event.instance, lambda r: r.state.value == event.state, "STATE-3"),)
    operation = _OPERATIONS.get(event.name)
    try:
        if operation is None:
            asked = tuple(_of_another_operation(event))
        elif event.reply is None:
            asked = tuple(_existing(event.ids)) if is_read(event.name) else (Unjudged(event.ids),)
        else:
            asked = tuple(_OF[operation](operation, event, volume_at))
    except OutsideSpecification:
        asked = (Unjudged(event.ids),)
    return asked or (Unjudged(()),)


# Operations that the specification does not hold, and replies that were not recorded.


def _of_another_operation(call: Call) -> Iterator[Asked]:
    """Yield what a call proves: ids are looked up as by DescribeInstances.

    What reads, or changes tags, fails where an id does not exist (gh:cloud-custodian/cloud-custodian#1269).
    """
    if call.code in _BAD_ID:
        instances = instances_of(call)
        yield Exchange(BatchRequest(Operation.DESCRIBE, instances=instances), call.reply or {}, Sent())
    elif call.code:
        yield Unjudged(())  # a refusal changes nothing
    elif call.name == "DescribeInstanceStatus":
        for status in (call.reply or {}).get("InstanceStatuses", ()):
            state = status["InstanceState"]["Name"]
            yield from asked_by(Glimpse(Instance(status["InstanceId"]), state), lambda _i, _d: None)
    elif is_read(call.name):
        yield from _existing(call.ids)
    else:
        yield Unjudged(call.ids)


def _existing(ids: tuple[str, ...]) -> Iterator[Asked]:
    for name in ids:
        if name.startswith("i-"):
            yield InstanceClaim(Instance(name), lambda r: r.visibility is not Visibility.FORGOTTEN, "DESC-2")
        else:
            yield VolumeClaim(Volume(name), lambda record: record.state is not VolumeState.DELETED, "VOL-7")


# Requests about instances.


def _batch(operation: Operation, call: Call, _volume_at: VolumeAt) -> Iterator[Asked]:
    sent = call.sent or {}
    if call.sent is None or operation is not Operation.DESCRIBE:
        sent = {**sent, "InstanceIds": list(instances_of(call))}
    yield _exchange(call, judged_requests.batch(operation, sent))


def _describe(operation: Operation, call: Call, _volume_at: VolumeAt) -> Iterator[Asked]:
    reply = call.reply or {}
    by_id = call.sent is not None and judged_requests.lists_ids(call.sent, "InstanceIds")
    if call.code or (by_id and not reply.get("NextToken")):
        yield from _batch(operation, call, _volume_at)
        return
    shown = [item["InstanceId"] for group in reply["Reservations"] for item in group["Instances"]]
    yield _exchange(call, BatchRequest(operation, instances=tuple(dict.fromkeys(map(Instance, shown)))))


def _launch(_operation: Operation, call: Call, _volume_at: VolumeAt) -> Iterator[Asked]:
    sent = call.sent or {}
    if call.code:
        store = RootDevice.INSTANCE_STORE if sent.get("DisableApiStop") else RootDevice.EBS
        dry = is_dry(call)
        asked = LaunchRequest(dry_run=dry, root_device=store, disable_api_stop=bool(sent.get("DisableApiStop")))
        yield _exchange(call, asked)
        return
    reply = call.reply or {}
    launched: list[Json] = reply["Instances"]
    unknown = call.sent is None or "LaunchTemplate" in sent
    settings = frozenset(_ATTRIBUTES.values()) if unknown else frozenset[Attribute]()
    plain = {key: value for key, value in sent.items() if key not in {"LaunchTemplate", "InstanceMarketOptions"}}
    plain.setdefault("MaxCount", len(launched))
    by_token = bool(sent.get("ClientToken") or any(item.get("ClientToken") for item in launched))
    again = by_token and any(item["State"]["Name"] != InstanceState.PENDING.value for item in launched)
    request = None if again else _launch_request(plain, reply)
    if request is None:
        # Launched before with the same token (K-05), or in another way: judged as a description.
        shown: Json = {"Reservations": [{"Instances": launched}], METADATA: {}}
        ids = tuple(Instance(item["InstanceId"]) for item in launched)
        yield Exchange(BatchRequest(Operation.DESCRIBE, instances=ids), shown, Sent())
        return
    yield replace(_exchange(call, request), loosened=settings, past_unknown=unknown)


def _launch_request(sent: Json, reply: Json) -> LaunchRequest | None:
    """Return the request of a launch; None: the specification does not hold it."""
    try:
        return judged_requests.launch(sent, reply)
    except OutsideSpecification:
        return None


def _modify(operation: Operation, call: Call, volume_at: VolumeAt) -> Iterator[Asked]:
    sent: Json = dict(call.sent or {})
    if isinstance(named := sent.pop("Attribute", None), str):
        sent[named[:1].upper() + named[1:]] = {"Value": sent.pop("Value", None)}
    elif call.sent is None:
        sent = {spelled.value: {} for name, spelled in _ATTRIBUTES.items() if name in call.message}
    call = replace(call, sent=None if call.sent is None else sent)
    [i, *_] = instances_of(call)
    # An attribute that the specification does not hold is changed as one that changes nothing.
    request = AttributeRequest(
        operation, dry_run=is_dry(call), instances=(i,), attribute=Attribute.BLOCK_DEVICE_MAPPINGS
    )
    changed = [key for key in sent if key not in {"InstanceId", "DryRun", "Value"}]
    if changed == ["BlockDeviceMappings"]:
        for mapping in sent["BlockDeviceMappings"]:
            delete = mapping.get("Ebs", {}).get("DeleteOnTermination", True)
            v = volume_at(i, mapping["DeviceName"]) or Volume(f"{i} {mapping['DeviceName']}")
            yield _exchange(call, replace(request, volume=v, value=delete))
        return
    attribute = next((one for one in _ATTRIBUTES.values() if changed == [one.value]), None)
    if attribute is None:
        yield _exchange(call, request)
        return
    try:
        told = judged_requests.attribute_change({"InstanceId": i, **sent}, lambda _i, _d: UNTOLD_VOLUME)
    except OutsideSpecification:  # CloudTrail hides some values
        known = replace(request, attribute=attribute)
        yield replace(_exchange(call, known), loosened=frozenset({attribute} if not call.code else ()))
    else:
        yield _exchange(call, replace(told, dry_run=request.dry_run))


def _describe_attribute(operation: Operation, call: Call, _volume_at: VolumeAt) -> Iterator[Asked]:
    reply = call.reply or {}
    [i, *_] = instances_of(call)
    asked = (call.sent or {}).get("Attribute", "")
    shown = next((one for one in Attribute if one.value in reply or _spelled(one) == asked), None)
    if shown is None and not call.code:
        yield from _existing((i,))
        return
    request = AttributeRequest(operation, dry_run=is_dry(call), instances=(i,))
    exchange = _exchange(call, replace(request, attribute=shown or Attribute.DISABLE_API_TERMINATION))
    if shown is None and call.sent is not None:
        paths = exchange.how.paths_of(request) | {asked[:1].upper() + asked[1:]}
        exchange = replace(exchange, how=replace(exchange.how, paths=paths))
    if shown is not Attribute.BLOCK_DEVICE_MAPPINGS or call.code:
        yield exchange
        return
    for mapping in reply[shown.value]:
        v = Volume(mapping["Ebs"]["VolumeId"])
        yield replace(exchange, request=replace(request, attribute=shown, volume=v))


def _spelled(attribute: Attribute) -> str:
    """Return the name by which DescribeInstanceAttribute asks for an attribute."""
    name = attribute.value.removesuffix("s") if attribute is Attribute.BLOCK_DEVICE_MAPPINGS else attribute.value
    return name[:1].lower() + name[1:]


# Requests about volumes.


def _create_volume(operation: Operation, call: Call, _volume_at: VolumeAt) -> Iterator[Asked]:
    sent, reply = call.sent or {}, call.reply or {}
    zone = Zone(sent.get("AvailabilityZone") or reply.get("AvailabilityZone") or ANYWHERE)
    made = () if call.code else (Volume(reply["VolumeId"]),)
    yield _exchange(call, VolumeRequest(operation, dry_run=is_dry(call), volumes=made, zone=zone))


def _describe_volumes(operation: Operation, call: Call, _volume_at: VolumeAt) -> Iterator[Asked]:
    request = VolumeRequest(operation, dry_run=is_dry(call), volumes=volumes_of(call))
    if call.code:
        yield _exchange(call, request)
        return
    asked = judged_requests.lists_ids(call.sent or {}, "VolumeIds")
    shown = {item["VolumeId"] for item in (call.reply or {})["Volumes"]}
    for v in request.volumes if asked else map(Volume, sorted(shown)):
        part = {"Volumes": [item for item in (call.reply or {})["Volumes"] if item["VolumeId"] == v]}
        yield replace(_exchange(call, replace(request, volumes=(v,))), reply=part)


def _move_volume(operation: Operation, call: Call, _volume_at: VolumeAt) -> Iterator[Asked]:
    told: Mapping[str, Any] = call.sent if call.sent is not None else {} if call.code else call.reply or {}
    volumes = volumes_of(call) or (UNTOLD_VOLUME,)
    attached = operation is Operation.ATTACH
    named = instances_of(call)
    yield _exchange(
        call,
        VolumeRequest(
            operation,
            dry_run=is_dry(call),
            instances=named[:1] if attached else (),
            volumes=volumes[:1],
            device=told.get("Device", ""),
        ),
        holder=None if attached or UNTOLD in named else named[0],
    )


def _delete_volume(operation: Operation, call: Call, _volume_at: VolumeAt) -> Iterator[Asked]:
    volumes = volumes_of(call) or (UNTOLD_VOLUME,)
    yield _exchange(call, VolumeRequest(operation, dry_run=is_dry(call), volumes=volumes[:1]))


_OF: Final[Mapping[Operation, Callable[[Operation, Call, VolumeAt], Iterator[Asked]]]] = {
    Operation.RUN: _launch,
    Operation.START: _batch,
    Operation.STOP: _batch,
    Operation.REBOOT: _batch,
    Operation.TERMINATE: _batch,
    Operation.DESCRIBE: _describe,
    Operation.MODIFY: _modify,
    Operation.DESCRIBE_ATTRIBUTE: _describe_attribute,
    Operation.CREATE_VOLUME: _create_volume,
    Operation.ATTACH: _move_volume,
    Operation.DETACH: _move_volume,
    Operation.DELETE_VOLUME: _delete_volume,
    Operation.DESCRIBE_VOLUMES: _describe_volumes,
}


# What a request was sent with.


def _exchange(call: Call, request: Request, holder: Instance | None = None) -> Exchange:
    request = replace(request, dry_run=is_dry(call))
    return Exchange(request, call.reply or {}, replace(_how(call, request), holder=holder))


def _how(call: Call, request: Request) -> Sent:
    """Return what a request was sent with; nobody knows what its caller may do."""
    if call.sent is not None:
        return Sent(paths_of(call.sent), may_lack_permission=True)
    rows = rows_of(request.operation.value, call.code)
    needed = {need for row in rows if isinstance(row.needs, tuple) for need in row.needs if isinstance(need, str)}
    usual = usual_paths(request)
    return Sent(usual | {n for n in needed if ":" not in n} | {_ANY_PARAMETER}, may_lack_permission=True)
