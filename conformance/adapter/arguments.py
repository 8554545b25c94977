"""Turns a request into the keyword arguments of its call: names become ids, zone numbers become zones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ...model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    LaunchRequest,
    Operation,
    Request,
    VolumeRequest,
)
from ...model.states import Hibernation, RootDevice, ShutdownBehavior
from ...model.world import Volume, Zone
from .devices import Devices, with_devices
from .names import Names
from .target import Capability, Unsupported

Arguments: TypeAlias = dict[str, Any]

METHODS: Final[Mapping[Operation, str]] = {
    Operation.RUN: "run_instances",
    Operation.START: "start_instances",
    Operation.STOP: "stop_instances",
    Operation.REBOOT: "reboot_instances",
    Operation.TERMINATE: "terminate_instances",
    Operation.MODIFY: "modify_instance_attribute",
    Operation.DESCRIBE_ATTRIBUTE: "describe_instance_attribute",
    Operation.DESCRIBE: "describe_instances",
    Operation.CREATE_VOLUME: "create_volume",
    Operation.ATTACH: "attach_volume",
    Operation.DETACH: "detach_volume",
    Operation.DELETE_VOLUME: "delete_volume",
    Operation.DESCRIBE_VOLUMES: "describe_volumes",
}
"""The boto3 client method of each operation."""

_SPELLING: Final = {
    Attribute.DISABLE_API_TERMINATION: "disableApiTermination",
    Attribute.DISABLE_API_STOP: "disableApiStop",
    Attribute.SHUTDOWN_BEHAVIOR: "instanceInitiatedShutdownBehavior",
    Attribute.BLOCK_DEVICE_MAPPINGS: "blockDeviceMapping",
}
"""The attributes, spelled as in DescribeInstanceAttribute."""

STATE_FILTER: Final = "instance-state-name"
ZONE_FILTER: Final = "availability-zone"
"""The filters of descriptions that the specification holds."""
_VOLUME_SIZE: Final = 1
"""The smallest volume size, in GiB."""


@dataclass(frozen=True, slots=True)
class Image:
    """What to launch; `root_size` (GiB), if known, is sent with a setting for the root volume."""

    id: str = "ami-12345678"
    root_device: str = "/dev/sda1"
    root_size: int | None = None
    instance_type: str = "t3.micro"


@dataclass(frozen=True, slots=True)
class TargetContext:
    """What is needed to write a call for a target; `zones` holds one empty name if the target does not list its zones.

    `subnets` are the subnets to launch into, by zone, where the zone's name is not enough.
    """

    name: str
    zones: tuple[str, ...]
    images: Mapping[RootDevice, Image]
    devices: Devices
    subnets: Mapping[str, str] = field(default_factory=dict[str, str])

    def zone(self, zone: Zone, names: Names) -> str:
        """Return the target's own name of a zone, empty if unknown; raises `Unsupported`."""
        known = names.zones.get(zone)
        if known is not None:
            return known
        number = int(zone) if zone.isdecimal() else 0
        if not 1 <= number <= len(self.zones):
            raise Unsupported(f"The target {self.name} lacks a zone {zone}: it has {len(self.zones)}.")
        names.zones[zone] = self.zones[number - 1]
        return names.zones[zone]

    def image(self, root_device: RootDevice) -> Image:
        """Return the image with such a root; raises `Unsupported`."""
        image = self.images.get(root_device)
        if image is None:
            raise Unsupported(f"The target {self.name} lacks {Capability.INSTANCE_STORE.value}.")
        return image


def arguments_for(request: Request, names: Names, context: TargetContext) -> Arguments:
    """Return the arguments of a request's call; raises `Unsupported` if the target lacks what it needs."""
    match request:
        case BatchRequest():
            arguments = _batch(request, names, context)
        case LaunchRequest():
            arguments = _launch(request, names, context)
        case AttributeRequest():
            arguments = _attribute(request, names, context)
        case VolumeRequest():
            arguments = _volume(request, names, context)
        case _:
            raise Unsupported(f"The target {context.name} has no call for a {type(request).__name__}.")
    if request.dry_run:
        arguments["DryRun"] = True
    return arguments


def _batch(request: BatchRequest, names: Names, context: TargetContext) -> Arguments:
    # A malformed id is bound to no real id, and is sent as it is.
    arguments: Arguments = {"InstanceIds": [names.ids.get(instance, instance) for instance in request.instances]}
    if request.zones and not all(context.zones):
        raise Unsupported(f"The target {context.name} does not list its zones.")
    filters = {
        STATE_FILTER: [state.value for state in request.states],
        ZONE_FILTER: [context.zone(zone, names) for zone in request.zones],
    }
    if request.is_filtered:
        arguments["Filters"] = [{"Name": name, "Values": values} for name, values in filters.items() if values]
        if not request.instances:
            del arguments["InstanceIds"]
    if request.force:
        arguments["Force"] = True
    if request.skip_os_shutdown:
        arguments["SkipOsShutdown"] = True
    if request.hibernate:
        arguments["Hibernate"] = True
    return arguments


def _launch(request: LaunchRequest, names: Names, context: TargetContext) -> Arguments:
    image = context.image(request.root_device)
    count = max(1, len(request.instances))  # a dry run makes no instances, but it asks for one
    arguments: Arguments = {
        "ImageId": image.id,
        "InstanceType": image.instance_type,
        "MinCount": count if request.min_count is None else request.min_count,
        "MaxCount": count,
    }
    if request.token:
        arguments["ClientToken"] = names.client_token(request.token)
    zone = context.zone(request.zone, names)
    if zone in context.subnets:
        arguments["SubnetId"] = context.subnets[zone]
    elif zone:
        arguments["Placement"] = {"AvailabilityZone": zone}
    if request.disable_api_termination:
        arguments["DisableApiTermination"] = True
    if request.disable_api_stop:
        arguments["DisableApiStop"] = True
    if request.shutdown_behavior is not ShutdownBehavior.STOP:
        arguments["InstanceInitiatedShutdownBehavior"] = request.shutdown_behavior.value
    if request.hibernation is Hibernation.CONFIGURED:
        arguments["HibernationOptions"] = {"Configured": True}
    mappings = _mappings(request, image, names)
    if mappings:
        arguments["BlockDeviceMappings"] = mappings
    return arguments


def _mappings(request: LaunchRequest, image: Image, names: Names) -> list[Arguments]:
    """Return the block device mappings of a launch, the same for each instance, and note every volume's device."""
    mappings: list[Arguments] = []
    for number, group in enumerate(request.volumes):
        for volume, device in with_devices(group, image.root_device):
            names.devices[volume.volume] = device
            ebs: Arguments = {}
            if not volume.root:
                ebs["VolumeSize"] = _VOLUME_SIZE
            elif image.root_size is not None:
                ebs["VolumeSize"] = image.root_size
            if volume.delete_on_termination is not None:
                ebs["DeleteOnTermination"] = volume.delete_on_termination
            if number == 0 and (not volume.root or volume.delete_on_termination is not None):
                mappings.append({"DeviceName": device, "Ebs": ebs})
    return mappings


def _attribute(request: AttributeRequest, names: Names, context: TargetContext) -> Arguments:
    (instance,) = request.instances
    instance_id = names.ids.get(instance, instance)
    if request.operation is Operation.DESCRIBE_ATTRIBUTE:
        return {"InstanceId": instance_id, "Attribute": _SPELLING[request.attribute]}
    match request.attribute:
        case Attribute.SHUTDOWN_BEHAVIOR:
            value: object = {"Value": request.shutdown_behavior.value}
        case Attribute.BLOCK_DEVICE_MAPPINGS:
            device = context.devices.of(instance_id, request.volume or Volume(""), names)
            value = [{"DeviceName": device, "Ebs": {"DeleteOnTermination": request.value}}]
        case Attribute.DISABLE_API_TERMINATION | Attribute.DISABLE_API_STOP:
            value = {"Value": request.value}
    return {"InstanceId": instance_id, request.attribute.value: value}


def _volume(request: VolumeRequest, names: Names, context: TargetContext) -> Arguments:
    match request.operation:
        case Operation.CREATE_VOLUME:
            zone = context.zone(request.zone, names)
            return {"Size": _VOLUME_SIZE} | ({"AvailabilityZone": zone} if zone else {})
        case Operation.DESCRIBE_VOLUMES:
            return {"VolumeIds": [_volume_id(volume, names, context) for volume in request.volumes]}
        case _:
            (volume,) = request.volumes
            arguments: Arguments = {"VolumeId": _volume_id(volume, names, context)}
    for instance in request.instances:
        arguments["InstanceId"] = names.ids.get(instance, instance)
    if request.operation is Operation.ATTACH:
        arguments["Device"] = request.device
    return arguments


def _volume_id(volume: Volume, names: Names, context: TargetContext) -> str:
    """Return the id of a volume; raises `Unsupported` if it has none, because sending its name would test nothing."""
    if not names.knows(volume):
        raise Unsupported(f"The target {context.name} has not shown the volume {volume} in any reply.")
    return names.id_of(volume)
