"""Turns the calls of a client into requests of the specification."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from ...model.requests import Attribute, AttributeRequest, BatchRequest, Caller, LaunchRequest, LaunchVolume, Operation
from ...model.states import RootDevice, ShutdownBehavior
from ...model.world import Instance, Volume, Zone
from .call_arguments import BatchCall, DescribeAttributeCall, ModifyAttributeCall, RunCall
from .images import Image
from .refusals import rejected
from .regions import Region
from .wire.decode import boolean_of
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
    count = sent.get("MaxCount", 1)
    if not sent.get("MinCount", 1) <= count <= MAX_PER_LAUNCH or sent.get("MinCount", 1) < 1:
        raise rejected(Operation.RUN, f"Value ({count}) for parameter maxCount is invalid.")
    return LaunchRequest(
        Operation.RUN,
        caller,
        bool(sent.get("DryRun")),
        tuple(new() for _ in range(count)),
        zone=_place(sent, region),
        root_device=image.root_device,
        disable_api_termination=bool(sent.get("DisableApiTermination")),
        disable_api_stop=bool(sent.get("DisableApiStop")),
        shutdown_behavior=_shutdown_behavior(
            Operation.RUN, sent.get("InstanceInitiatedShutdownBehavior") or ShutdownBehavior.STOP.value
        ),
        volumes=tuple(_launch_volumes(sent, image, new_volume) for _ in range(count)),
    )


def _launch_volumes(sent: RunCall, image: Image, new: Callable[[], Volume]) -> tuple[LaunchVolume, ...]:
    """Return the volumes of one launched instance: the root volume of its image, and those asked for."""
    root = image.root_device_name if image.root_device is RootDevice.EBS else None
    asked: dict[str, bool | None] = {} if root is None else {root: None}
    for mapping in sent.get("BlockDeviceMappings") or ():
        if "Ebs" in mapping:
            asked[_required(Operation.RUN, mapping, "DeviceName")] = mapping["Ebs"].get("DeleteOnTermination")
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
        raise rejected(operation, f"The model has no attribute {others[0]}.", "UnsupportedOperation")
    if len(values) != 1:
        message = "Fields for multiple attribute types specified" if values else "No attributes specified"
        raise rejected(operation, message, "InvalidParameterCombination")
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
                raise rejected(operation, "The model changes one device at a time.")
            # A value that is left out means true (V-04).
            delete = mappings[0].get("Ebs", {}).get("DeleteOnTermination", True)
            return replace(request, value=delete, volume=volume_at(i, _required(operation, mappings[0], "DeviceName")))
        case Attribute.DISABLE_API_TERMINATION | Attribute.DISABLE_API_STOP:
            return replace(request, value=_flag(operation, _required(operation, value, "Value")))


def describe_attribute(caller: Caller, sent: DescribeAttributeCall) -> AttributeRequest:
    """Return the request for the value of one attribute (B-12)."""
    operation = Operation.DESCRIBE_ATTRIBUTE
    instances = (Instance(sent["InstanceId"]),)
    asked = _attribute(operation, sent["Attribute"])
    return AttributeRequest(operation, caller, bool(sent.get("DryRun")), instances, attribute=asked)


def _every_attribute() -> list[str]:
    """Return the attributes that EC2 has."""
    shape: Any = service(SERVICE).shape_for("InstanceAttributeName")
    return shape.enum


def _attribute(operation: Operation, name: str) -> Attribute:
    if name not in ATTRIBUTES:
        if name in _every_attribute():
            raise rejected(operation, f"The model has no attribute {name}.", "UnsupportedOperation")
        raise rejected(operation, f"Value ({name}) for parameter attribute is invalid. Unknown attribute.")  # E-28
    return ATTRIBUTES[name]


def zone(operation: Operation, sent: Mapping[str, Any], region: Region) -> Zone | None:
    """Return the zone given by name or id, or None."""
    name: str | None = sent.get("AvailabilityZone")
    if zone_id := sent.get("AvailabilityZoneId"):
        if zone_id not in region.ids or name not in {None, "", region.ids[zone_id]}:
            raise rejected(operation, f"Invalid availability zone: [{zone_id}]")
        name = region.ids[zone_id]
    if name and name not in region.zones:
        raise rejected(operation, f"Invalid availability zone: [{name}]")
    return Zone(name) if name else None


def _place(sent: RunCall, region: Region) -> Zone:
    """Return the zone of a launch: the given zone, that of the given subnet, or the first."""
    named = zone(Operation.RUN, sent.get("Placement") or {}, region)
    interfaces = sent.get("NetworkInterfaces") or ()
    subnet: str | None = sent.get("SubnetId") or next((each.get("SubnetId") for each in interfaces), None)
    if not subnet:
        return named or Zone(region.zones[0])
    if subnet not in region.subnets:
        message = f"The subnet ID '{subnet}' does not exist"
        raise rejected(Operation.RUN, message, "InvalidSubnetID.NotFound")
    if named not in {None, region.subnets[subnet]}:
        raise rejected(Operation.RUN, f"The subnet {subnet} is not in the Availability Zone {named}.")
    return Zone(region.subnets[subnet])


def _required(operation: Operation, fields: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever was sent
    """Return a required parameter; raises `ClientError` if it is missing."""
    if fields.get(name) is None:
        raise rejected(operation, f"The request must contain the parameter {name}", "MissingParameter")
    return fields[name]


def _flag(operation: Operation, value: bool | str) -> bool:  # noqa: FBT001 - as it was sent
    """Return a flag; as the `Value` of an `Attribute` it is sent as text."""
    flag = value if isinstance(value, bool) else boolean_of(value)
    if flag is None:
        raise rejected(operation, f"Value ({value}) for parameter value is invalid. Write true or false.")
    return flag


def _shutdown_behavior(operation: Operation, value: str) -> ShutdownBehavior:
    try:
        return ShutdownBehavior(value)
    except ValueError:
        message = f"Value ({value}) for parameter instanceInitiatedShutdownBehavior is invalid."
        raise rejected(operation, message) from None


def tags(specifications: Sequence[Mapping[str, Any]] | None, resource_type: str) -> list[dict[str, Any]]:
    """Return the tags for a new resource; if two have the same key, the last one wins."""
    sent = [tag for s in specifications or () if s.get("ResourceType") == resource_type for tag in s.get("Tags", ())]
    for tag in sent:
        if not tag.get("Key"):
            raise rejected(Operation.RUN, "Tag key cannot be empty.")
    return [{"Key": key, "Value": value} for key, value in {tag["Key"]: tag.get("Value") or "" for tag in sent}.items()]
