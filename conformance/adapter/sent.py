"""The parameters with which a request was sent, by their paths."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from ...model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    LaunchRequest,
    Operation,
    Request,
    VolumeRequest,
)
from ...model.states import Hibernation, ShutdownBehavior

_VALUE: Final = "Value"
_MAPPINGS: Final = (dict, Mapping)
_SEQUENCES: Final = (list, tuple, Sequence)
"""Python's own types come first, as in `reply_parts`."""


def paths_of(arguments: Mapping[str, Any]) -> frozenset[str]:
    """Return the path of each parameter that says something: `Placement.Tenancy`, without the places in lists.

    One that is empty, or a flag that is not set, is as good as left out. The new value of an attribute is not.
    """
    return frozenset(_paths(arguments, ""))


def _paths(value: object, path: str) -> Iterator[str]:
    if isinstance(value, str):  # first, because most are
        if value:
            yield path
    elif isinstance(value, _MAPPINGS):
        for key, inner in cast("Mapping[str, object]", value).items():
            if inner is False and key == _VALUE:
                yield f"{path}.{key}" if path else key
            else:
                yield from _paths(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, _SEQUENCES) and not isinstance(value, bytes):
        for item in cast("Sequence[object]", value):
            yield from _paths(item, path)
    elif value is not None and value is not False and value != b"":
        yield path


def usual_paths(request: Request) -> frozenset[str]:
    """Return the parameters that a target usually sends, for a request whose parameters are not known."""
    match request:
        case LaunchRequest():
            paths = _of_launch(request)
        case BatchRequest():
            flags = {"Force": request.force, "SkipOsShutdown": request.skip_os_shutdown, "Hibernate": request.hibernate}
            filters = {"Filters.Name", "Filters.Values"} if request.is_filtered else set[str]()
            ids = {"InstanceIds"} if request.instances or not filters else set[str]()
            paths = ids | filters | {name for name, is_set in flags.items() if is_set}
        case AttributeRequest(operation=Operation.DESCRIBE_ATTRIBUTE):
            paths = {"InstanceId", "Attribute"}
        case AttributeRequest(attribute=Attribute.BLOCK_DEVICE_MAPPINGS):
            paths = {"InstanceId", "BlockDeviceMappings.DeviceName", "BlockDeviceMappings.Ebs.DeleteOnTermination"}
        case AttributeRequest():
            paths = {"InstanceId", f"{request.attribute.value}.{_VALUE}"}
        case VolumeRequest(operation=Operation.CREATE_VOLUME):
            paths = {"Size", "AvailabilityZone"}
        case VolumeRequest(operation=Operation.DESCRIBE_VOLUMES):
            paths = {"VolumeIds"}
        case VolumeRequest():
            device = ("Device",) if request.operation is Operation.ATTACH else ()
            paths = {"VolumeId", *(("InstanceId",) if request.instances else ()), *device}
        case _:
            paths = set[str]()
    return frozenset(paths | ({"DryRun"} if request.dry_run else set()))


def _of_launch(request: LaunchRequest) -> set[str]:
    paths = {"ImageId", "InstanceType", "MinCount", "MaxCount", "Placement.AvailabilityZone"}
    if request.token:
        paths.add("ClientToken")
    if request.disable_api_termination:
        paths.add("DisableApiTermination")
    if request.disable_api_stop:
        paths.add("DisableApiStop")
    if request.shutdown_behavior is not ShutdownBehavior.STOP:
        paths.add("InstanceInitiatedShutdownBehavior")
    if request.hibernation is Hibernation.CONFIGURED:
        paths.add("HibernationOptions.Configured")
    if any(not one.root or one.delete_on_termination is not None for group in request.volumes[:1] for one in group):
        paths |= {"BlockDeviceMappings.DeviceName", "BlockDeviceMappings.Ebs.VolumeSize"}
    return paths
