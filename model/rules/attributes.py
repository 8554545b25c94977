"""ModifyInstanceAttribute and DescribeInstanceAttribute: one attribute of one instance."""

from dataclasses import replace
from typing import Final

from ..choices import DEAD_ATTRIBUTE, DEAD_CHANGE, Choices, DeadChange, Verdict
from ..clauses import clause
from ..outcomes import Move, OperationRules, Refusal, Rung, VolumeMove
from ..requests import Attribute, AttributeRequest, ErrorCode
from ..states import RootDevice
from ..world import Instance, Volume, World
from .common import (
    DRY_RUN,
    MALFORMED_AS_ID,
    MALFORMED_AS_VALUE,
    NOT_FOUND,
    UNAUTHORIZED,
    known,
)
from .protection import alive

PROTECTIONS: Final = (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP)


@clause("PROT-4")
def protection_of_dead(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> bool:
    """The protection of an instance that is shutting down or terminated cannot change."""
    return known(world, choices, i) and not alive(world, i) and request.attribute in PROTECTIONS


def other_attribute_of_dead(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> bool:
    """Another attribute of such an instance is to change, and EC2 refuses that too."""
    return (
        known(world, choices, i)
        and not alive(world, i)
        and request.attribute not in PROTECTIONS
        and choices.of(DEAD_CHANGE) is DeadChange.REFUSED
    )


@clause("PROT-9")
def stop_protection_unsupported(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> bool:
    """An instance that cannot be stopped cannot be protected from it (fact P-02)."""
    return (
        known(world, choices, i)
        and world.root_device(i) is RootDevice.INSTANCE_STORE
        and request.attribute is Attribute.DISABLE_API_STOP
        and request.value
    )


@clause("VOL-16")
def volume_not_attached(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> bool:
    """The volume whose DeleteOnTermination is to change is not attached to the instance."""
    return (
        known(world, choices, i)
        and request.volume is not None
        and (not world.attached(request.volume) or world.holder(request.volume) != i)
    )


def unreadable(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> bool:
    """The attributes of an instance that is shutting down or terminated are asked for, and EC2 no longer tells."""
    return known(world, choices, i) and not alive(world, i) and choices.of(DEAD_ATTRIBUTE) is Verdict.REFUSED


@clause("PROT-5", "PROT-8")
def modify(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> Move:
    """Set the attribute; a protection that is cleared may be enforced for seconds more."""
    if not alive(world, i) and choices.of(DEAD_CHANGE) is not DeadChange.APPLIED:
        return Move(world.record(i), row="PROT-4", because="PROT-4")
    if request.attribute is Attribute.DISABLE_API_TERMINATION:
        return Move(
            replace(
                world.record(i),
                disable_api_termination=request.value,
                termination_settling=not request.value
                and (world.disable_api_termination(i) or world.termination_settling(i)),
            ),
            row="PROT-8",
            because="PROT-8",
        )
    if request.attribute is Attribute.DISABLE_API_STOP:
        return Move(
            replace(
                world.record(i),
                disable_api_stop=request.value,
                stop_settling=not request.value and (world.disable_api_stop(i) or world.stop_settling(i)),
            ),
            row="PROT-8",
            because="PROT-8",
        )
    if request.attribute is Attribute.SHUTDOWN_BEHAVIOR:
        return Move(
            replace(world.record(i), shutdown_behavior=request.shutdown_behavior), row="SHUT-1", because="SHUT-1"
        )
    return Move(world.record(i), row="VOL-3", because="VOL-3")


@clause("VOL-3")
def modify_volume(world: World, request: AttributeRequest, choices: Choices, v: Volume) -> VolumeMove:
    """Set DeleteOnTermination of an attached volume, unless its instance is ending."""
    if not alive(world, world.holder(v)) and choices.of(DEAD_CHANGE) is not DeadChange.APPLIED:
        return VolumeMove(world.volume_record(v), because="VOL-6")
    return VolumeMove(replace(world.volume_record(v), delete_on_termination=request.value), because="VOL-3")


IDS: Final = (UNAUTHORIZED, MALFORMED_AS_ID, MALFORMED_AS_VALUE, NOT_FOUND, DRY_RUN)

MODIFY: Final = OperationRules(
    ladder=(
        *IDS,
        Rung(
            Refusal.DEAD,
            "PROT-4",
            ErrorCode.INCORRECT_INSTANCE_STATE,
            trips=protection_of_dead,
            wordings=(
                (
                    "The instance '{id}' must be in a 'running', 'pending', 'stopping' or 'stopped' state "
                    "for this operation."
                ),
            ),
        ),
        Rung(Refusal.WRONG_STATE, "PROT-4", ErrorCode.ANY, status=None, trips=other_attribute_of_dead),
        Rung(
            Refusal.STOP_PROTECTION_UNSUPPORTED,
            "PROT-9",
            ErrorCode.ANY,
            status=None,
            trips=stop_protection_unsupported,
        ),
        Rung(Refusal.NOT_ATTACHED, "VOL-16", ErrorCode.ANY, status=None, trips=volume_not_attached),
    ),
    instance=modify,
    volume=modify_volume,
)

DESCRIBE: Final = OperationRules(
    ladder=(
        *IDS,
        Rung(Refusal.DEAD, "PROT-7", ErrorCode.ANY, status=None, trips=unreadable),
    ),
)
