"""The lifecycle: which changes of state occur, and that everything comes to rest."""

from typing import Final

from ..background import StepName, VolumeStepName
from ..states import InstanceState, Visibility, VolumeState
from ..world import Fate, Instance, Volume, World
from .happenings import Change, Happened, Standing
from .invariants import holds
from .theorem import iff, theorem


@theorem("T8", broken_by="rules.start/terminated/always-branch/1", clauses=("STATE-3",))
def terminated_is_final(change: Change, i: Instance) -> bool:
    """A terminated instance stays terminated, whatever operation or background step follows."""
    if i in change.before.instances and change.before.state(i) is InstanceState.TERMINATED:
        return i in change.after.instances and change.after.state(i) is InstanceState.TERMINATED
    return True


@theorem("T11", broken_by="lifecycle/TRANSITIONS/drop-element/5", clauses=("STATE-3",))
def only_the_transitions_of_the_lifecycle(change: Change, i: Instance) -> bool:
    """Every change of state is a transition of the lifecycle, and a new instance is pending."""
    if i in change.before.instances:
        return (
            change.after.state(i) is change.before.state(i)
            or change.after.state(i) in change.spec.transitions[change.before.state(i)]
        )
    if i in change.after.instances:
        return change.after.state(i) is InstanceState.PENDING
    return True


@theorem("T17", broken_by="background/can_be_forgotten/and-or/1", clauses=("TERM-7", "VIS-1"))
def only_the_terminated_are_forgotten(change: Change, i: Instance) -> bool:
    """An instance disappears only when EC2 forgets it, and EC2 forgets only terminated instances."""
    if i not in change.before.instances:
        return True
    if i in change.after.instances and change.after.visibility(i) is not Visibility.FORGOTTEN:
        return change.before.visibility(i) is not Visibility.FORGOTTEN and (
            change.after.visibility(i) is Visibility.VISIBLE or change.before.visibility(i) is Visibility.SETTLING
        )
    return change.before.visibility(i) is Visibility.FORGOTTEN or (
        change.name is StepName.FORGOTTEN
        and change.before.state(i) is InstanceState.TERMINATED
        and change.after.state(i) is InstanceState.TERMINATED
    )


# Left alone, everything comes to rest: each step of EC2's own lowers a number that cannot fall for ever.

STAGES: Final = {
    InstanceState.PENDING: 3,
    InstanceState.RUNNING: 2,
    InstanceState.STOPPING: 1,
    InstanceState.SHUTTING_DOWN: 1,
    InstanceState.STOPPED: 0,
    InstanceState.TERMINATED: 0,
}
FATES: Final = {Fate.NONE: 0, Fate.TERMINATE: 4, Fate.STOP: 4}
SIGHTS: Final = {Visibility.SETTLING: 2, Visibility.VISIBLE: 1, Visibility.FORGOTTEN: 0}
VOLUME_STAGES: Final = {
    VolumeState.CREATING: 3,
    VolumeState.IN_USE: 2,
    VolumeState.DELETING: 1,
    VolumeState.AVAILABLE: 0,
    VolumeState.DELETED: 0,
}


def to_go(world: World, i: Instance) -> int:
    """How many steps EC2 may at most still take with an instance by itself."""
    return (
        STAGES[world.state(i)]
        + FATES[world.fate(i)]
        + SIGHTS[world.visibility(i)]
        + (1 if world.termination_settling(i) else 0)
        + (1 if world.stop_settling(i) else 0)
    )


def volume_to_go(world: World, v: Volume) -> int:
    """How many steps EC2 may at most still take with a volume by itself."""
    return VOLUME_STAGES[world.volume_state(v)] + (1 if world.detaching(v) else 0) + (2 if world.attached(v) else 0)


@theorem(
    "T16",
    broken_by="background/is_stopping/negate/1",
    over=tuple(StepName),
    clauses=("RUN-3", "STOP-7", "TERM-18", "START-6", "TERM-1"),
)
def every_step_leads_towards_rest(happened: Happened, i: Instance) -> bool:
    """Every background step brings an instance closer to rest, so an instance that is left alone comes to rest."""
    if happened.spontaneous and i == happened.subject:
        return to_go(happened.before, i) > to_go(happened.after, i)
    return True


@theorem("T16b", broken_by="background/is_deleted/drop-field/1", over=tuple(VolumeStepName), clauses=("VOL-6",))
def every_volume_step_leads_towards_rest(happened: Happened, v: Volume) -> bool:
    """Every background step brings a volume closer to rest, so a volume that is left alone comes to rest."""
    if v == happened.subject:
        return volume_to_go(happened.before, v) > volume_to_go(happened.after, v)
    return True


@theorem(
    "T16c",
    broken_by="background/at_rest/negate/1",
    over=(),
    clauses=("RUN-3", "STOP-7", "TERM-18", "START-6", "TERM-1"),
)
def nothing_waits_for_ever(standing: Standing, i: Instance) -> bool:
    """If no background step can happen to an instance, the instance is at rest."""
    if i in standing.world.instances and not standing.spec.at_rest(standing.world, i):
        return any(step.spontaneous and step.enabled(standing.world, i) for step in standing.spec.steps)
    return True


@theorem("T16d", broken_by="background/volume_at_rest/negate/2", over=(), clauses=("VOL-6", "VOL-10"))
def no_volume_waits_for_ever(standing: Standing, v: Volume) -> bool:
    """In every reachable world, if no background step can happen to a volume, the volume is at rest."""
    if not all(holds(standing.world, w) for w in standing.world.volumes):
        return True
    if v in standing.world.volumes and not standing.spec.volume_at_rest(standing.world, v):
        return any(step.enabled(standing.world, standing.choices, v) for step in standing.spec.volume_steps)
    return True


@theorem(
    "T46",
    broken_by="background/STEPS/drop-element/1",
    over=(),
    clauses=("RUN-3", "STOP-7", "TERM-18", "START-6", "VIS-1", "PROT-8", "SHUT-1", "RETIRE-1"),
)
def what_has_begun_can_complete(standing: Standing, i: Instance) -> bool:
    """A launch, a stop and a shutdown that have begun can complete, a new id can become known, and a cleared protection
    can cease to be enforced. Every running instance can shut down from inside or be retired.
    """
    if i not in standing.world.instances:
        return True
    return (
        (standing.world.state(i) is not InstanceState.PENDING or can_come(standing, i, StepName.LAUNCH_COMPLETES))
        and (standing.world.state(i) is not InstanceState.STOPPING or can_come(standing, i, StepName.STOP_COMPLETES))
        and (
            standing.world.state(i) is not InstanceState.SHUTTING_DOWN
            or can_come(standing, i, StepName.SHUTDOWN_COMPLETES)
        )
        and (
            standing.world.state(i) is not InstanceState.RUNNING
            or (can_come(standing, i, StepName.GUEST_SHUTDOWN) and can_come(standing, i, StepName.RETIREMENT))
        )
        and (standing.world.visibility(i) is not Visibility.SETTLING or can_come(standing, i, StepName.BECOMES_VISIBLE))
        and (not standing.world.termination_settling(i) or can_come(standing, i, StepName.TERMINATION_CLEARS))
        and (not standing.world.stop_settling(i) or can_come(standing, i, StepName.STOP_CLEARS))
    )


def can_come(standing: Standing, i: Instance, name: StepName) -> bool:
    """A background step of this name can happen to the instance."""
    return any(step.name is name and step.enabled(standing.world, i) for step in standing.spec.steps)


@theorem("T46b", broken_by="background/VOLUME_STEPS/other-member/10", over=(), clauses=("VOL-6", "VOL-7", "VOL-10"))
def what_has_begun_with_a_volume_can_complete(standing: Standing, v: Volume) -> bool:
    """A creation, a detachment and a deletion of a volume that have begun can complete, and a terminated instance can
    release its volumes.
    """
    if v not in standing.world.volumes or not all(holds(standing.world, w) for w in standing.world.volumes):
        return True
    return (
        (
            standing.world.volume_state(v) is not VolumeState.CREATING
            or volume_can_come(standing, v, VolumeStepName.CREATED)
        )
        and (
            standing.world.volume_state(v) is not VolumeState.DELETING
            or volume_can_come(standing, v, VolumeStepName.DELETED)
        )
        and (not standing.world.detaching(v) or volume_can_come(standing, v, VolumeStepName.DETACHED))
        and (
            not standing.world.attached(v)
            or standing.world.state(standing.world.holder(v)) is not InstanceState.TERMINATED
            or volume_can_come(standing, v, VolumeStepName.RELEASED)
        )
    )


def volume_can_come(standing: Standing, v: Volume, name: VolumeStepName) -> bool:
    """A background step of this name can happen to the volume."""
    return any(
        step.name is name and step.enabled(standing.world, standing.choices, v) for step in standing.spec.volume_steps
    )


@theorem("T47", broken_by="background/at_rest/drop-operand/1", over=(), clauses=("RUN-3", "STOP-7", "TERM-18"))
def what_is_at_rest(standing: Standing, i: Instance) -> bool:
    """An instance is at rest if and only if it is running, stopped or terminated, and no request will still move it."""
    if i not in standing.world.instances:
        return True
    return iff(
        standing.spec.at_rest(standing.world, i),
        standing.world.fate(i) is Fate.NONE
        and standing.world.state(i) in (InstanceState.RUNNING, InstanceState.STOPPED, InstanceState.TERMINATED),
    )


@theorem("T47b", broken_by="background/volume_at_rest/negate/2", over=(), clauses=("VOL-6", "VOL-10"))
def which_volume_is_at_rest(standing: Standing, v: Volume) -> bool:
    """In every reachable world, a volume is at rest if and only if it is available, or deleted, or attached to an
    instance that is not terminated and not being detached from it.
    """
    if v not in standing.world.volumes or not all(holds(standing.world, w) for w in standing.world.volumes):
        return True
    return iff(
        standing.spec.volume_at_rest(standing.world, v),
        standing.world.volume_state(v) in (VolumeState.AVAILABLE, VolumeState.DELETED)
        or (
            standing.world.attached(v)
            and not standing.world.detaching(v)
            and standing.world.state(standing.world.holder(v)) is not InstanceState.TERMINATED
        ),
    )
