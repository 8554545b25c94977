"""RebootInstances: changes no state; what it answers away from running is open."""

from typing import Final

from ..choices import REBOOT_UNSETTLED, Choices, Reboot
from ..clauses import clause
from ..lifecycle import REBOOT
from ..outcomes import Move, OperationRules, Refusal, Rung
from ..requests import BatchRequest, ErrorCode
from ..states import InstanceState
from ..world import Instance, World
from .common import DRY_RUN, MALFORMED, NOT_FOUND, UNAUTHORIZED, known, names_nothing


def unsettled(world: World, choices: Choices, i: Instance) -> bool:
    """The instance is neither running nor terminated."""
    return known(world, choices, i) and world.state(i) not in (InstanceState.RUNNING, InstanceState.TERMINATED)


@clause("REBOOT-3")
def incorrect_state(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """There is nothing to reboot, and EC2 calls that an incorrect state."""
    return unsettled(world, choices, i) and choices.at(REBOOT_UNSETTLED, i) is Reboot.INCORRECT_STATE


@clause("REBOOT-3")
def incorrect_instance_state(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """There is nothing to reboot, and EC2 calls that an incorrect instance state."""
    return unsettled(world, choices, i) and choices.at(REBOOT_UNSETTLED, i) is Reboot.INCORRECT_INSTANCE_STATE


def why_it_stays(world: World, i: Instance) -> str:
    """The clause that keeps the state of an instance as it is."""
    if world.state(i) in (InstanceState.RUNNING, InstanceState.TERMINATED):
        return REBOOT[world.state(i)].clause
    return "REBOOT-5"


@clause("REBOOT-1", "REBOOT-2", "REBOOT-3", "REBOOT-5")
def reboot(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:
    """Leave the state as it is."""
    return Move(world.record(i), row=REBOOT[world.state(i)].clause, because=why_it_stays(world, i))


RULES: Final = OperationRules(
    ladder=(
        UNAUTHORIZED,
        Rung(Refusal.EMPTY, "REBOOT-4", ErrorCode.ANY, status=None, holds=names_nothing),
        MALFORMED,
        NOT_FOUND,
        DRY_RUN,
        Rung(
            Refusal.REBOOT_STATE,
            "REBOOT-3",
            ErrorCode.INCORRECT_STATE,
            trips=incorrect_state,
            unchanged="REBOOT-5",
        ),
        Rung(
            Refusal.REBOOT_INSTANCE_STATE,
            "REBOOT-3",
            ErrorCode.INCORRECT_INSTANCE_STATE,
            trips=incorrect_instance_state,
            unchanged="REBOOT-5",
        ),
    ),
    instance=reboot,
)
