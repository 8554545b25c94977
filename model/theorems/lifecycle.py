"""The lifecycle: which changes of state occur, and that everything comes to rest."""

from typing import Final

from ..background import StepName, VolumeStepName
from ..states import InstanceState, Visibility, VolumeState
from ..world import Fate, Instance, Volume, World
from .happenings import Change, Happened, Standing
from .invariants import holds
from .theorem import theorem


@theorem("T8", broken_by="rules.start/terminated/always-branch/1", clauses=("STATE-3",))
def terminated_is_final(change: Change, i: Instance) -> bool:
    """Terminated is final under every operation and background step: a terminated instance stays terminated."""
    if i in change.before.instances and change.before.state(i) is InstanceState.TERMINATED:
        return i in change.after.instances and change.after.state(i) is InstanceState.TERMINATED
    return True


@theorem("T11", broken_by="lifecycle/TRANSITIONS/drop-element/5", clauses=("STATE-3",))
def only_the_transitions_of_the_lifecycle(change: Change, i: Instance) -> bool:
    """Only the lifecycle's transitions ever occur, and a new instance is pending."""
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
    """Forgetting is the only way out of sight, and only from terminated."""
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
    """Left alone, every instance comes to rest: each step that EC2 takes by itself brings it nearer."""
    if happened.spontaneous and i == happened.subject:
        return to_go(happened.before, i) > to_go(happened.after, i)
    return True


@theorem("T16b", broken_by="background/is_deleted/drop-field/1", over=tuple(VolumeStepName), clauses=("VOL-6",))
def every_volume_step_leads_towards_rest(happened: Happened, v: Volume) -> bool:
    """Left alone, every volume comes to rest: each step that EC2 takes by itself brings it nearer."""
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
    """Where no step of EC2's own can come to an instance any more, it is at rest."""
    if i in standing.world.instances and not standing.spec.at_rest(standing.world, i):
        return any(step.spontaneous and step.enabled(standing.world, i) for step in standing.spec.steps)
    return True


@theorem("T16d", broken_by="background/volume_at_rest/negate/2", over=(), clauses=("VOL-6", "VOL-10"))
def no_volume_waits_for_ever(standing: Standing, v: Volume) -> bool:
    """In every world that can be reached: where no step of EC2's own can come to a volume any more, it is at rest."""
    if not all(holds(standing.world, w) for w in standing.world.volumes):
        return True
    if v in standing.world.volumes and not standing.spec.volume_at_rest(standing.world, v):
        return any(step.enabled(standing.world, standing.choices, v) for step in standing.spec.volume_steps)
    return True
