"""Requests without ids: the building blocks of scopes."""

from dataclasses import replace
from typing import Final, TypeVar

from ..requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    Caller,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
    VolumeRequest,
)
from ..states import Hibernation, ShutdownBehavior
from ..world import Instance, Volume
from .scope import EACH, STRANGERS

R = TypeVar("R", bound=Request)

SOME: Final = Volume("some")
"""Stands for each volume of a world."""

PLAIN: Final = LaunchRequest(instances=(Instance("new"),), hibernation=Hibernation.OFF, volumes=((),))
"""A launch of one instance without volumes, nothing said of its attributes."""
ROOT: Final = LaunchVolume(Volume("root"), root=True)
DATA: Final = LaunchVolume(Volume("data"), device="/dev/sdf")


def launch(*devices: LaunchVolume, count: int = 1) -> LaunchRequest:
    """Return a launch of so many instances, each with such volumes."""
    new = [f"new{n}" for n in range(count)]
    return replace(
        PLAIN,
        instances=tuple(map(Instance, new)),
        volumes=tuple(tuple(replace(one, volume=Volume(f"{i}.{one.volume}")) for one in devices) for i in new),
    )


START: Final = BatchRequest(Operation.START)
STOP: Final = BatchRequest(Operation.STOP)
FORCED_STOP: Final = BatchRequest(Operation.STOP, force=True)
HIBERNATE: Final = BatchRequest(Operation.STOP, hibernate=True)
REBOOT: Final = BatchRequest(Operation.REBOOT)
TERMINATE: Final = BatchRequest(Operation.TERMINATE)
DESCRIBE: Final = BatchRequest(Operation.DESCRIBE)


PROTECT, UNPROTECT, PROTECT_FROM_STOP, UNPROTECT_FROM_STOP = (
    AttributeRequest(Operation.MODIFY, attribute=attribute, value=value)
    for attribute in (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP)
    for value in (True, False)
)
STOP_ON_SHUTDOWN, TERMINATE_ON_SHUTDOWN = (
    AttributeRequest(Operation.MODIFY, attribute=Attribute.SHUTDOWN_BEHAVIOR, shutdown_behavior=behavior)
    for behavior in (ShutdownBehavior.STOP, ShutdownBehavior.TERMINATE)
)
DELETE_WITH_INSTANCE, KEEP = (
    AttributeRequest(Operation.MODIFY, attribute=Attribute.BLOCK_DEVICE_MAPPINGS, value=value, volume=SOME)
    for value in (True, False)
)
READ_ATTRIBUTE: Final = AttributeRequest(Operation.DESCRIBE_ATTRIBUTE)

CREATE_VOLUME: Final = VolumeRequest(Operation.CREATE_VOLUME, volumes=(SOME,))
ATTACH: Final = VolumeRequest(Operation.ATTACH)
DETACH: Final = VolumeRequest(Operation.DETACH)
DETACH_FROM: Final = VolumeRequest(Operation.DETACH, instances=(EACH,))
DELETE_VOLUME: Final = VolumeRequest(Operation.DELETE_VOLUME)
DESCRIBE_VOLUME: Final = VolumeRequest(Operation.DESCRIBE_VOLUMES)


def in_each_way(forms: tuple[Request, ...]) -> tuple[Request, ...]:
    """Return each form as it is, as a dry run, from a caller without permission, and both."""
    return tuple(
        replace(form, caller=caller, dry_run=dry_run)
        for form in forms
        for caller in Caller
        for dry_run in (False, True)
    )


def with_strangers(forms: tuple[Request, ...]) -> tuple[Request, ...]:
    """Return each form about instances once more for each kind of id that EC2 never gave out."""
    return tuple(replace(form, instances=(stranger,)) for form in forms for stranger in STRANGERS)
