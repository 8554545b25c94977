"""Turns the calls of a client into requests of the specification."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from ...model.requests import Attribute, AttributeRequest, BatchRequest, Caller, LaunchRequest, LaunchVolume, Operation
from ...model.states import Hibernation, RootDevice, ShutdownBehavior
from ...model.world import Instance, Volume, Zone
from . import devices
from .call_arguments import BatchCall, CreateVolumeCall, DescribeAttributeCall, ModifyAttributeCall, RunCall
from .images import Image
from .refusals import rejected
from .regions import Region
from .wire.decode import boolean_of
from .wire.ec2_errors import Ec2Error
from .wire.services import EC2 as SERVICE
from .wire.services import service

ATTRIBUTES: Final = {
    "disableApiTermination": Attribute.DISABLE_API_TERMINATION,
    "disableApiStop": Attribute.DISABLE_API_STOP,
    "instanceInitiatedShutdownBehavior": Attribute.SHUTDOWN_BEHAVIOR,
    "blockDeviceMapping": Attribute.BLOCK_DEVICE_MAPPINGS,
}
"""The attributes by their names in `Attribute`; as separate parameters they have the names of the enum."""
MAX_PER_LAUNCH: Final = 5000
"""Maximum instances per launch: the model's own limit, because every account has one."""
_LONGEST_TOKEN: Final = 64
"""Maximum length of a client token (K-04)."""
MAX_INSTANCES: Final = 500_000
"""Maximum instances per region, including forgotten ones: they take a gigabyte or two."""


def launch(
    caller: Caller,
    sent: RunCall,
    image: Image,
    region: Region,
    new: Callable[[], Instance],
    new_volume: Callable[[], Volume],
) -> LaunchRequest:
    """Return the request to launch `MaxCount` instances."""
    least, count = sent.get("MinCount", 1), sent.get("MaxCount", 1)
    if not 1 <= least <= count:
        raise rejected(Operation.RUN, Ec2Error.WRONG_COUNT, least=least, most=count)
    if count > MAX_PER_LAUNCH:
        raise rejected(Operation.RUN, Ec2Error.TOO_MANY_AT_ONCE, most=MAX_PER_LAUNCH)
    behavior = sent.get("InstanceInitiatedShutdownBehavior")
    if behavior == ShutdownBehavior.STOP.value and image.root_device is RootDevice.INSTANCE_STORE:
        raise rejected(Operation.RUN, Ec2Error.STOP_OF_INSTANCE_STORE)
    return LaunchRequest(
        Operation.RUN,
        caller,
        bool(sent.get("DryRun")),
        tuple(new() for _ in range(count)),
        zone=_place(sent, region),
        root_device=image.root_device,
        disable_api_termination=bool(sent.get("DisableApiTermination")),
        disable_api_stop=bool(sent.get("DisableApiStop")),
        shutdown_behavior=_shutdown_behavior(Operation.RUN, behavior or ShutdownBehavior.STOP.value),
        hibernation=_hibernation(sent),
        volumes=tuple(_launch_volumes(sent, image, new_volume) for _ in range(count)),
    )


def _hibernation(sent: RunCall) -> Hibernation:
    configured = (sent.get("HibernationOptions") or {}).get("Configured")
    return Hibernation.CONFIGURED if configured else Hibernation.OFF


def client_token(operation: Operation, sent: Mapping[str, Any], zone: str | None = None) -> str:
    """Return what makes a request the same as another: its client token, for a launch with its zone (K-03); or ""."""
    token: str = sent.get("ClientToken") or ""
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise rejected(operation, Ec2Error.WRONG_TOKEN)
    return f"{zone} {token}" if token and zone else token


def new_volume(sent: CreateVolumeCall, region: Region) -> Zone:
    """Return the zone of a new volume; raises `ClientError` unless it has one, and a size."""
    operation = Operation.CREATE_VOLUME
    if bool(sent.get("AvailabilityZone")) == bool(sent.get("AvailabilityZoneId")):
        raise rejected(operation, Ec2Error.ZONE_AND_ID)
    if sent.get("Size") is None:
        raise rejected(operation, Ec2Error.NO_SIZE)
    return zone(operation, sent, region) or Zone(region.zones[0])


def _launch_volumes(sent: RunCall, image: Image, new: Callable[[], Volume]) -> tuple[LaunchVolume, ...]:
    """Return the volumes of one launched instance: the root volume of its image, and those asked for."""
    root = image.root_device_name if image.root_device is RootDevice.EBS else None
    asked: dict[str, bool | None] = {} if root is None else {root: None}
    mapped: set[str] = set()
    for mapping in sent.get("BlockDeviceMappings") or ():
        device: str = _required(Operation.RUN, mapping, "DeviceName")
        if not devices.is_device(device):
            raise rejected(Operation.RUN, Ec2Error.WRONG_MAPPING, device=device)
        if device in mapped:
            raise rejected(Operation.RUN, Ec2Error.MAPPED_TWICE, device=device)
        mapped.add(device)
        if "Ebs" in mapping:
            asked[device] = mapping["Ebs"].get("DeleteOnTermination")
    return tuple(LaunchVolume(new(), device, delete, root=device == root) for device, delete in asked.items())


def batch(operation: Operation, caller: Caller, sent: BatchCall) -> BatchRequest:
    """Return the request for an operation on a list of ids."""
    return BatchRequest(
        operation,
        caller,
        bool(sent.get("DryRun")),
        tuple(Instance(i) for i in sent.get("InstanceIds") or ()),
        force=bool(sent.get("Force")),
        skip_os_shutdown=bool(sent.get("SkipOsShutdown")),
        hibernate=bool(sent.get("Hibernate")),
    )


def modify_attribute(
    caller: Caller, sent: ModifyAttributeCall, volume_at: Callable[[Instance, str], Volume]
) -> AttributeRequest:
    """Return the request to change one attribute (B-12), sent in either of the two forms."""
    operation = Operation.MODIFY
    fields = cast("Mapping[str, Any]", sent)
    values: dict[Attribute, Any] = {
        name: fields[name.value] for name in Attribute if fields.get(name.value) is not None
    }
    if "Attribute" in sent:
        values.setdefault(_attribute(operation, sent["Attribute"]), {"Value": sent.get("Value")})
    others = sorted(fields.keys() - {"InstanceId", "DryRun", "Attribute", "Value", *(name.value for name in Attribute)})
    if others and not values:
        raise _not_held(operation, others[0])
    if len(values) != 1:
        raise rejected(operation, Ec2Error.SEVERAL_ATTRIBUTES, count=len(values))
    ((name, value),) = values.items()
    i = Instance(sent["InstanceId"])
    request = AttributeRequest(operation, caller, bool(sent.get("DryRun")), (i,), attribute=name)
    match name:
        case Attribute.SHUTDOWN_BEHAVIOR:
            return replace(
                request, shutdown_behavior=_shutdown_behavior(operation, _required(operation, value, "Value"))
            )
        case Attribute.BLOCK_DEVICE_MAPPINGS:
            mappings: Sequence[Mapping[str, Any]] = sent.get("BlockDeviceMappings") or ()
            if len(mappings) != 1:
                raise rejected(operation, Ec2Error.SEVERAL_DEVICES, count=len(mappings))
            # A value that is left out means true (V-04).
            delete = mappings[0].get("Ebs", {}).get("DeleteOnTermination", True)
            return replace(request, value=delete, volume=volume_at(i, _required(operation, mappings[0], "DeviceName")))
        case Attribute.DISABLE_API_TERMINATION | Attribute.DISABLE_API_STOP:
            return replace(request, value=_flag(operation, _required(operation, value, "Value")))


def no_change(caller: Caller, sent: ModifyAttributeCall, same: ShutdownBehavior) -> AttributeRequest:
    """Return a request that leaves the instance as it is, and that EC2 refuses as any other change of an attribute."""
    return AttributeRequest(
        Operation.MODIFY,
        caller,
        bool(sent.get("DryRun")),
        (Instance(sent["InstanceId"]),),
        attribute=Attribute.SHUTDOWN_BEHAVIOR,
        shutdown_behavior=same,
    )


def check_single(sent: ModifyAttributeCall) -> None:
    """Raise `ClientError` unless a request changes one attribute (B-12)."""
    named = sent.keys() - {"InstanceId", "DryRun", "Value"}
    if len(named) != 1:
        raise rejected(Operation.MODIFY, Ec2Error.SEVERAL_ATTRIBUTES, count=len(named))


def describe_attribute(caller: Caller, sent: DescribeAttributeCall, others: Container[str] = ()) -> AttributeRequest:
    """Return the request for the value of one attribute (B-12).

    EC2 refuses a request for one of `others` as it refuses one for an attribute of the specification.
    """
    operation = Operation.DESCRIBE_ATTRIBUTE
    instances = (Instance(sent["InstanceId"]),)
    other = sent["Attribute"] in others
    asked = Attribute.DISABLE_API_TERMINATION if other else _attribute(operation, sent["Attribute"])
    return AttributeRequest(operation, caller, bool(sent.get("DryRun")), instances, attribute=asked)


def _every_attribute() -> list[str]:
    """Return the attributes that EC2 has."""
    shape: Any = service(SERVICE).shape_for("InstanceAttributeName")
    return shape.enum


def _attribute(operation: Operation, name: str) -> Attribute:
    if name not in ATTRIBUTES:
        if name in _every_attribute():
            raise _not_held(operation, name)
        raise rejected(operation, Ec2Error.UNKNOWN_ATTRIBUTE, name=name)
    return ATTRIBUTES[name]


def _not_held(operation: Operation, name: str) -> ClientError:
    """Return the error for an attribute of EC2 that the model does not have."""
    return rejected(operation, Ec2Error.ATTRIBUTE_NOT_HELD, name=name, known=", ".join(ATTRIBUTES))


def zone(operation: Operation, sent: Mapping[str, Any], region: Region) -> Zone | None:
    """Return the zone given by name or id, or None."""
    name: str | None = sent.get("AvailabilityZone")
    if zone_id := sent.get("AvailabilityZoneId"):
        if zone_id not in region.ids or name not in {None, "", region.ids[zone_id]}:
            raise no_zone(operation, region, zone_id)
        name = region.ids[zone_id]
    if name and name not in region.zones:
        raise no_zone(operation, region, name)
    return Zone(name) if name else None


def no_zone(operation: Operation | str, region: Region, name: str) -> ClientError:
    """Return the error for a zone that a region does not have."""
    return rejected(operation, Ec2Error.NO_ZONE, name=name, known=", ".join(region.zones))


def _place(sent: RunCall, region: Region) -> Zone:
    """Return the zone of a launch: the given zone, that of the given subnet, or the first."""
    named = zone(Operation.RUN, sent.get("Placement") or {}, region)
    subnet = subnet_of(sent)
    if not subnet:
        place = named or Zone(min(region.subnets.values(), default=region.zones[0]))
        if region.default_subnet(place) is None:
            raise rejected(Operation.RUN, Ec2Error.ZONE_WITHOUT_SUBNET, zone=place, known=", ".join(region.subnets))
        return place
    if subnet not in region.subnets:
        raise rejected(Operation.RUN, Ec2Error.NO_SUBNET, id=subnet, known=", ".join(region.subnets))
    if named not in {None, region.subnets[subnet]}:
        in_zone = region.subnets[subnet]
        raise rejected(Operation.RUN, Ec2Error.SUBNET_ELSEWHERE, id=subnet, zone=in_zone, named=named)
    return Zone(region.subnets[subnet])


def subnet_of(sent: RunCall) -> str | None:
    """Return the subnet that a launch names, if it names one."""
    interfaces = sent.get("NetworkInterfaces") or ()
    return sent.get("SubnetId") or next((each.get("SubnetId") for each in interfaces), None)


def _required(operation: Operation, fields: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever was sent
    """Return a required parameter; raises `ClientError` if it is missing."""
    if fields.get(name) is None:
        raise rejected(operation, Ec2Error.MISSING, name=name)
    return fields[name]


def _flag(operation: Operation, value: bool | str) -> bool:  # noqa: FBT001 - as it was sent
    """Return a flag; as the `Value` of an `Attribute` it is sent as text."""
    flag = value if isinstance(value, bool) else boolean_of(value)
    if flag is None:
        raise rejected(operation, Ec2Error.WRONG_FLAG, value=value)
    return flag


def _shutdown_behavior(operation: Operation, value: str) -> ShutdownBehavior:
    try:
        return ShutdownBehavior(value)
    except ValueError:
        raise rejected(operation, Ec2Error.WRONG_SHUTDOWN_BEHAVIOR, value=value) from None


def tags(
    operation: Operation, specifications: Sequence[Mapping[str, Any]] | None, resource_type: str
) -> list[dict[str, Any]]:
    """Return the tags for a new resource; of two with the same key, the last one."""
    sent = [tag for s in specifications or () if s.get("ResourceType") == resource_type for tag in s.get("Tags", ())]
    for tag in sent:
        if not tag.get("Key") or str(tag["Key"]).startswith("aws:"):
            raise rejected(operation, Ec2Error.WRONG_TAG_KEY, key=tag.get("Key", ""))
    return [{"Key": key, "Value": value} for key, value in {tag["Key"]: tag.get("Value") or "" for tag in sent}.items()]
