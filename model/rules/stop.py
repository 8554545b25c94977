"""StopInstances: refused whole for a state, a root device or (unless zone by zone) a stop protection."""

from dataclasses import replace
from typing import Final

from ..choices import (
    FORCE_FIRST_LAUNCH,
    FORCE_STOP,
    FREE_ZONES,
    HIBERNATE,
    HIBERNATE_REASON,
    REPEATED_REASON,
    STOP_AT_REST,
    STOP_BATCH,
    Choices,
    Effect,
    Force,
    Hibernate,
    HibernateReason,
    Reason,
    Scope,
    Verdict,
)
from ..clauses import clause
from ..lifecycle import STOP
from ..outcomes import Move, OperationRules, Refusal, Rung
from ..requests import BatchRequest, ErrorCode
from ..states import Cause, Hibernation, InstanceState, RootDevice
from ..world import Fate, Instance, World, Zone
from .common import BEFORE_EFFECT, DRY_RUN, MALFORMED, NOT_FOUND, UNAUTHORIZED, known, names_nothing
from .memo import once_per_request
from .protection import alive, stop_enforced


def moving(world: World, i: Instance) -> bool:
    """A stop would change the state."""
    return world.state(i) in (InstanceState.PENDING, InstanceState.RUNNING)


@clause("STOP-5")
def never_run(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is in its first launch."""
    if request.force and choices.at(FORCE_FIRST_LAUNCH, i) is Verdict.ACCEPTED:
        return False
    return known(world, choices, i) and world.state(i) is InstanceState.PENDING and not world.has_run(i)


@clause("STOP-6")
def dead(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is shutting down or terminated."""
    return known(world, choices, i) and not alive(world, i)


@clause("KIND-2")
def instance_store(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The root of the instance would not outlive a stop."""
    return known(world, choices, i) and world.root_device(i) is RootDevice.INSTANCE_STORE


@clause("STOP-13")
def no_hibernation(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """The instance is to hibernate, and was not launched for it; only of a running one it is known that EC2 refuses."""
    if not request.hibernate or not known(world, choices, i) or world.hibernation(i) is Hibernation.CONFIGURED:
        return False
    if world.hibernation(i) is Hibernation.OFF and world.state(i) is InstanceState.RUNNING:
        return True
    return choices.at(HIBERNATE, i) is Hibernate.REFUSED


@clause("PROT-2")
def keeps_running(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """Stop protection keeps the instance from being stopped."""
    if not known(world, choices, i) or not alive(world, i) or not stop_enforced(world, choices, i):
        return False
    if request.force and choices.of(FORCE_STOP) is Force.OVERRIDES:
        return False
    return moving(world, i) or choices.at(STOP_AT_REST, i) is Verdict.REFUSED


def protected_whole(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """Stop protection keeps every named instance from being stopped."""
    return choices.of(STOP_BATCH) is Scope.REQUEST and keeps_running(world, request, choices, i)


def protected_in_zone(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    """Stop protection keeps the named instances of its zone from being stopped."""
    return choices.of(STOP_BATCH) is Scope.ZONE and keeps_running(world, request, choices, i)


@clause("PROT-2", "STOP-11")
@once_per_request
def stop_shielded(world: World, request: BatchRequest, choices: Choices, zone: Zone) -> bool:
    """A zone is shielded from the stop while the request names a stop-protected instance in it."""
    return any(protected_in_zone(world, request, choices, i) and world.zone(i) == zone for i in request.instances)


@once_per_request
def stop_partly_refused(world: World, request: BatchRequest, choices: Choices) -> bool:
    """The request names a stop-protected instance in some zone."""
    return any(protected_in_zone(world, request, choices, i) for i in request.instances)


@clause("SHAPE-3")
def cause_of_stop(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Cause:
    """What the instance shows as the reason once a user has stopped it."""
    if not moving(world, i) and choices.at(REPEATED_REASON, i) is Reason.KEPT:
        return world.cause(i)
    if request.hibernate and choices.of(HIBERNATE_REASON) is HibernateReason.HIBERNATE:
        return Cause.USER_HIBERNATE
    return Cause.USER_SHUTDOWN


def why_kept(world: World, request: BatchRequest, choices: Choices, i: Instance) -> str:
    """The clause that keeps an instance of a shielded zone running: its own protection, or a neighbour's."""
    return "PROT-2" if keeps_running(world, request, choices, i) else "STOP-11"


def later(world: World, i: Instance) -> Fate:
    """The pending effect after a stop: a stop does not undo a pending termination."""
    return Fate.TERMINATE if world.fate(i) is Fate.TERMINATE else Fate.STOP


def row_of_stop(world: World, i: Instance) -> str:
    """The clause that gives the state after a stop; that an instance in its first launch can be forced is assumed."""
    if world.state(i) is InstanceState.PENDING and not world.has_run(i):
        return "STOP-12"
    return STOP[world.state(i)].clause


@clause("STOP-1", "STOP-2", "STOP-3", "STOP-4", "PROT-2")
def stop(world: World, request: BatchRequest, choices: Choices, i: Instance) -> Move:
    """Stop the instance, unless it is in a shielded zone."""
    if request.dry_run:
        # Its order with the refusals for protection is open (E-33); that it changes nothing is not.
        return Move(world.record(i), row="DRY-1", because="DRY-1")
    if stop_shielded(world, request, choices, world.zone(i)):
        return Move(
            world.record(i), row=why_kept(world, request, choices, i), because=why_kept(world, request, choices, i)
        )
    if (
        stop_partly_refused(world, request, choices)
        and choices.of(FREE_ZONES) is Effect.AFTER_ANSWER
        and moving(world, i)
    ):
        return Move(replace(world.record(i), fate=later(world, i)), row="STOP-11", because="STOP-11")
    return Move(
        replace(
            world.record(i),
            state=STOP[world.state(i)].to,
            cause=cause_of_stop(world, request, choices, i),
        ),
        row=row_of_stop(world, i),
        because="STOP-7",
    )


STOP_PROTECTED_WORDING: Final = (
    "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.",
)

RULES: Final = OperationRules(
    ladder=(
        UNAUTHORIZED,
        Rung(Refusal.EMPTY, "STOP-9", ErrorCode.ANY, status=None, holds=names_nothing),
        MALFORMED,
        NOT_FOUND,
        DRY_RUN,
        Rung(
            Refusal.NEVER_RUN,
            "STOP-5",
            ErrorCode.INCORRECT_INSTANCE_STATE,
            trips=never_run,
            wordings=("Instance '{id}' cannot be stopped as it has never reached the 'running' state.",),
            unchanged="STOP-8",
        ),
        Rung(
            Refusal.DEAD,
            "STOP-6",
            ErrorCode.INCORRECT_INSTANCE_STATE,
            trips=dead,
            wordings=("This instance '{id}' is not in a state from which it can be stopped.",),
            unchanged="STOP-8",
        ),
        Rung(
            Refusal.INSTANCE_STORE,
            "KIND-2",
            ErrorCode.UNSUPPORTED,
            status=None,
            trips=instance_store,
            wordings=("The instance '{id}' does not have an 'ebs' root device type and cannot be stopped.",),
            unchanged="STOP-8",
        ),
        Rung(
            Refusal.NO_HIBERNATION,
            "STOP-13",
            ErrorCode.UNSUPPORTED_HIBERNATION,
            status=None,
            trips=no_hibernation,
            wordings=(
                "The instance can't be hibernated because it was not configured at launch for hibernation: {id}",
            ),
            unchanged="STOP-13",
        ),
        Rung(
            Refusal.STOP_PROTECTED_WHOLE,
            "PROT-2",
            ErrorCode.NOT_PERMITTED,
            trips=protected_whole,
            wordings=STOP_PROTECTED_WORDING,
            unchanged="STOP-11",
        ),
        Rung(
            Refusal.STOP_PROTECTED,
            "PROT-2",
            ErrorCode.NOT_PERMITTED,
            trips=protected_in_zone,
            wordings=STOP_PROTECTED_WORDING,
            # B-08: a wrong state fails the whole request, so it cannot come after a partly carried out one.
            after=BEFORE_EFFECT | {Refusal.NEVER_RUN, Refusal.DEAD, Refusal.INSTANCE_STORE, Refusal.NO_HIBERNATION},
            by_zone=True,
        ),
    ),
    instance=stop,
)
