"""StartInstances: all or nothing on state errors."""

from dataclasses import replace
from typing import Final

from ..choices import START_PENDING, START_SHUTTING_DOWN, Choices, Verdict
from ..clauses import clause
from ..lifecycle import START
from ..outcomes import Move, OperationRules, Refusal, Rung
from ..requests import BatchRequest, ErrorCode
from ..states import Cause, InstanceState, RootDevice
from ..world import Instance, World
from .common import DRY_RUN, MALFORMED, NOT_FOUND, UNAUTHORIZED, known, names_nothing


@clause("START-3")
def pending(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is pending, and that is refused."""
    return (
        known(world, choices, i)
        and world.state(i) is InstanceState.PENDING
        and choices.at(START_PENDING, i) is Verdict.REFUSED
    )


@clause("START-4")
def unstartable(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is stopping."""
    return known(world, choices, i) and world.state(i) is InstanceState.STOPPING


@clause("START-5")
def terminated(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is terminated."""
    if not known(world, choices, i):
        return False
    return world.state(i) is InstanceState.TERMINATED


@clause("START-10")
def shutting_down(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is shutting down, and that is refused."""
    return (
        known(world, choices, i)
        and world.state(i) is InstanceState.SHUTTING_DOWN
        and choices.at(START_SHUTTING_DOWN, i) is Verdict.REFUSED
    )


@clause("KIND-2")
def instance_store(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance has an instance-store root, so it was never stopped."""
    return known(world, choices, i) and world.root_device(i) is RootDevice.INSTANCE_STORE


@clause("START-1", "START-2", "START-3", "START-10")
def start(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:
    """Launch a stopped instance again; leave any other as it is."""
    return Move(
        replace(
            world.record(i),
            state=START[world.state(i)].to,
            # No fact tells what reason a restarted instance shows before it runs.
            cause=Cause.OPEN if world.state(i) is InstanceState.STOPPED else world.cause(i),
        ),
        row=START[world.state(i)].clause,
        because="TERM-18" if world.state(i) is InstanceState.SHUTTING_DOWN else "START-6",
    )


WORDING: Final = ("The instance '{id}' is not in a state from which it can be started.",)

RULES: Final = OperationRules(
    ladder=(
        UNAUTHORIZED,
        Rung(Refusal.EMPTY, "START-8", ErrorCode.ANY, status=None, holds=names_nothing),
        MALFORMED,
        NOT_FOUND,
        DRY_RUN,
        Rung(Refusal.PENDING, "START-3", ErrorCode.ANY, status=None, trips=pending, unchanged="START-7"),
        Rung(
            Refusal.WRONG_STATE,
            "START-4",
            ErrorCode.INCORRECT_INSTANCE_STATE,
            trips=unstartable,
            wordings=WORDING,
            unchanged="START-7",
        ),
        Rung(
            Refusal.DEAD,
            "START-5",
            ErrorCode.INCORRECT_INSTANCE_STATE,
            trips=terminated,
            wordings=WORDING,
            unchanged="START-7",
        ),
        Rung(
            Refusal.SHUTTING_DOWN,
            "START-10",
            ErrorCode.INCORRECT_INSTANCE_STATE,
            trips=shutting_down,
            wordings=WORDING,
            unchanged="START-7",
        ),
        Rung(Refusal.INSTANCE_STORE, "KIND-2", ErrorCode.ANY, status=None, trips=instance_store),
    ),
    instance=start,
)
