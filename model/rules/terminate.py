"""TerminateInstances: all or nothing, but for protection, which works zone by zone."""

from dataclasses import replace
from typing import Final

from ..choices import (
    FREE_ZONES,
    PENDING_END,
    REPEATED_REASON,
    STOP_PROTECTION_SCOPE,
    Choices,
    Effect,
    PendingEnd,
    Reason,
    Scope,
)
from ..clauses import clause
from ..lifecycle import TERMINATE
from ..outcomes import Move, OperationRules, Refusal, Rung
from ..requests import BatchRequest, ErrorCode
from ..states import Cause, InstanceState
from ..world import Fate, Instance, World, Zone
from .common import BAD_ID, BEFORE_EFFECT, DRY_RUN, MALFORMED, NOT_FOUND, TOO_MANY, UNAUTHORIZED, names_nothing
from .memo import once_per_request
from .protection import alive, named_for_stop, protects, stop_enforced, termination_enforced


def termination_refused(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is protected, and the refusal names disableApiTermination."""
    return protects(world, choices, i) and not named_for_stop(world, choices, i)


def stop_refused(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is protected, and the refusal names disableApiStop."""
    return protects(world, choices, i) and named_for_stop(world, choices, i)


@clause("TERM-11", "TERM-3")
def stop_refused_whole(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is stop-protected, and stop protection shields the whole request."""
    return (
        choices.of(STOP_PROTECTION_SCOPE) is Scope.REQUEST
        and protects(world, choices, i)
        and stop_enforced(world, choices, i)
    )


@clause("TERM-4")
@once_per_request
def shielded(world: World, request: BatchRequest, choices: Choices, zone: Zone) -> bool:
    """A zone is shielded while the request names a protected instance in it."""
    return any(protects(world, choices, i) and world.zone(i) == zone for i in request.instances)


@clause("TERM-6")
@once_per_request
def partly_refused(world: World, request: BatchRequest, choices: Choices) -> bool:
    """The request names a protected instance in some zone."""
    return any(protects(world, choices, i) for i in request.instances)


@clause("SHAPE-3")
def cause_of_termination(world: World, choices: Choices, i: Instance) -> Cause:
    """What the instance shows as the reason once a user has terminated it."""
    if alive(world, i):
        return Cause.USER_SHUTDOWN
    if choices.at(REPEATED_REASON, i) is Reason.USER:
        return Cause.USER_SHUTDOWN
    return world.cause(i)


@clause("TERM-17", "TERM-13", "TERM-14", "TERM-12", "TERM-15", "TERM-16")
def state_after_terminate(world: World, choices: Choices, i: Instance) -> InstanceState:
    """The lifecycle's next state; a pending instance may have nothing to shut down."""
    if world.state(i) is InstanceState.PENDING and choices.at(PENDING_END, i) is PendingEnd.TERMINATED:
        return InstanceState.TERMINATED
    return TERMINATE[world.state(i)].to


def why_kept(world: World, choices: Choices, i: Instance) -> str:
    """The clause that keeps an instance of a shielded zone alive."""
    if not protects(world, choices, i):
        return "TERM-4"
    return "PROT-1" if termination_enforced(world, choices, i) else "TERM-11"


@clause("TERM-1", "TERM-2", "TERM-4", "TERM-5", "PROT-1")
def terminate(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:
    """Shut the instance down, unless it is in a shielded zone."""
    if request.dry_run:
        # Its order with the refusals for protection is open (E-33); that it changes nothing is not.
        return Move(world.record(i), row="DRY-1", because="DRY-1")
    if shielded(world, request, choices, world.zone(i)):
        return Move(world.record(i), row=why_kept(world, choices, i), because=why_kept(world, choices, i))
    if partly_refused(world, request, choices) and choices.of(FREE_ZONES) is Effect.AFTER_ANSWER and alive(world, i):
        return Move(replace(world.record(i), fate=Fate.TERMINATE), row="TERM-5", because="TERM-5")
    return Move(
        replace(
            world.record(i),
            state=state_after_terminate(world, choices, i),
            cause=cause_of_termination(world, choices, i),
            fate=Fate.NONE,
        ),
        row=TERMINATE[world.state(i)].clause,
        because="TERM-5" if partly_refused(world, request, choices) else "TERM-1",
        granted=None if alive(world, i) else "TERM-2",
    )


RULES: Final = OperationRules(
    ladder=(
        UNAUTHORIZED,
        Rung(
            Refusal.EMPTY,
            "TERM-8",
            ErrorCode.INVALID_COMBINATION,
            holds=names_nothing,
            status=None,
            wordings=("No instances specified",),
        ),
        TOO_MANY,
        MALFORMED,
        NOT_FOUND,
        DRY_RUN,
        Rung(
            Refusal.STOP_PROTECTED_WHOLE,
            "TERM-11",
            ErrorCode.NOT_PERMITTED,
            trips=stop_refused_whole,
            wordings=(
                (
                    "The instance '{id}' may not be terminated. "
                    "Modify its 'disableApiStop' instance attribute and try again."
                ),
                (
                    "The instance '{id}' may not be terminated. "
                    "Modify its 'disableApiTermination' instance attribute and try again."
                ),
            ),
            after=BAD_ID,
            unchanged="TERM-11",
            names_kin=True,
        ),
        Rung(
            Refusal.TERMINATION_PROTECTED,
            "TERM-6",
            ErrorCode.NOT_PERMITTED,
            trips=termination_refused,
            wordings=(
                (
                    "The instance '{id}' may not be terminated. "
                    "Modify its 'disableApiTermination' instance attribute and try again."
                ),
            ),
            after=BEFORE_EFFECT | {Refusal.STOP_PROTECTED_WHOLE},
            by_zone=True,
        ),
        Rung(
            Refusal.STOP_PROTECTED,
            "TERM-11",
            ErrorCode.NOT_PERMITTED,
            trips=stop_refused,
            wordings=(
                (
                    "The instance '{id}' may not be terminated. "
                    "Modify its 'disableApiStop' instance attribute and try again."
                ),
            ),
            after=BEFORE_EFFECT | {Refusal.STOP_PROTECTED_WHOLE},
            by_zone=True,
        ),
    ),
    instance=terminate,
    unchanged="TERM-3",
)
