"""The scopes that are explored whole: each is small, for a few topics; together they exercise the specification."""

from dataclasses import replace
from typing import Final

from ..requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
)
from ..states import ShutdownBehavior
from ..world import Instance, Volume
from .scope import Scope

_SOME: Final = Volume("some")
"""Stands in a form for each volume of a world."""


def _launch(count: int = 1, *devices: LaunchVolume) -> LaunchRequest:
    """Return the form of a launch of so many instances, each with such volumes."""
    return LaunchRequest(
        instances=tuple(Instance(f"new{n}") for n in range(count)),
        volumes=tuple(
            tuple(replace(one, volume=Volume(f"new{n}.{one.volume}")) for one in devices) for n in range(count)
        ),
    )


def _modify(attribute: Attribute, *, value: bool) -> AttributeRequest:
    return AttributeRequest(Operation.MODIFY, attribute=attribute, value=value)


def _either_way(attribute: Attribute) -> tuple[Request, ...]:
    return _modify(attribute, value=True), _modify(attribute, value=False)


def _batches(*operations: Operation) -> tuple[Request, ...]:
    return tuple(BatchRequest(operation) for operation in operations)


_PROTECT: Final = _either_way(Attribute.DISABLE_API_TERMINATION)
_PROTECT_FROM_STOP: Final = _either_way(Attribute.DISABLE_API_STOP)
_ON_SHUTDOWN: Final = tuple(
    AttributeRequest(Operation.MODIFY, attribute=Attribute.SHUTDOWN_BEHAVIOR, shutdown_behavior=behavior)
    for behavior in ShutdownBehavior
)
_KEEP_OR_DELETE: Final = tuple(
    AttributeRequest(Operation.MODIFY, attribute=Attribute.BLOCK_DEVICE_MAPPINGS, value=value, volume=_SOME)
    for value in (True, False)
)
_FORCED: Final = BatchRequest(Operation.STOP, force=True)
_HIBERNATE: Final = BatchRequest(Operation.STOP, hibernate=True)

_ON_INSTANCES: Final = (
    *_batches(Operation.START, Operation.STOP, Operation.REBOOT, Operation.TERMINATE, Operation.DESCRIBE),
    AttributeRequest(Operation.DESCRIBE_ATTRIBUTE),
)
"""Whatever is asked of instances, plainly, but for changes of attributes."""

ONE: Final = Scope(
    "one",
    "One EBS-backed instance without volumes to tell, all that its owner can do with it, and all that EC2 does.",
    (_launch(), *_ON_INSTANCES, _FORCED, _HIBERNATE, *_PROTECT, *_PROTECT_FROM_STOP, *_ON_SHUTDOWN),
)
SCOPES: Final = (ONE,)
