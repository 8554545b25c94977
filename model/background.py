"""What EC2 does by itself: background steps, each for one instance or volume.

The specification sets no durations: a step may happen as soon as it is enabled.
A spontaneous step needs no cause. The others come from outside the API: a guest shuts down, or EC2 retires an instance.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from .choices import RELEASE, Choices, Release
from .clauses import clause
from .lifecycle import STOP, TERMINATE
from .states import Cause, InstanceState, RootDevice, ShutdownBehavior, Visibility, VolumeState
from .world import Fate, Instance, InstanceRecord, Volume, VolumeRecord, World


class StepName(Enum):
    """The background steps of an instance."""

    LAUNCH_COMPLETES = "launch completes"
    LAUNCH_FAILS = "launch fails"
    START_FAILS = "start fails"
    STOP_COMPLETES = "stop completes"
    SHUTDOWN_COMPLETES = "shutdown completes"
    FATE_TERMINATES = "a failed request terminates it after all"
    FATE_STOPS = "a failed request stops it after all"
    BECOMES_VISIBLE = "its id becomes known everywhere"
    TERMINATION_CLEARS = "cleared termination protection is no longer enforced"
    STOP_CLEARS = "cleared stop protection is no longer enforced"
    FORGOTTEN = "it is forgotten"
    GUEST_SHUTDOWN = "its guest shuts down"
    RETIREMENT = "EC2 retires it"


@dataclass(frozen=True, slots=True)
class BackgroundStep:
    """One step: when it can happen, the record of the instance after it, and the clause that allows it."""

    name: StepName
    enabled: Callable[[World, Instance], bool]
    after: Callable[[World, Instance], InstanceRecord]
    clause: str
    spontaneous: bool = True


def is_pending(world: World, i: Instance) -> bool:
    """The instance is starting, for the first time or again."""
    return world.state(i) is InstanceState.PENDING


def is_launching(world: World, i: Instance) -> bool:
    """It is in its first launch."""
    return world.state(i) is InstanceState.PENDING and not world.has_run(i)


def is_restarting(world: World, i: Instance) -> bool:
    """It is being started again."""
    return world.state(i) is InstanceState.PENDING and world.has_run(i)


def is_stopping(world: World, i: Instance) -> bool:
    """The instance is stopping."""
    return world.state(i) is InstanceState.STOPPING


def is_shutting_down(world: World, i: Instance) -> bool:
    """The instance is shutting down."""
    return world.state(i) is InstanceState.SHUTTING_DOWN


def is_condemned(world: World, i: Instance) -> bool:
    """A termination failed because of a protection in another zone, and will still terminate this one (fact B-03)."""
    return world.fate(i) is Fate.TERMINATE


def is_to_be_stopped(world: World, i: Instance) -> bool:
    """A stop failed because of a protection in another zone, and will still stop this one (fact B-09)."""
    return world.fate(i) is Fate.STOP


def is_new(world: World, i: Instance) -> bool:
    """Some operations may not know its id yet (fact E-25)."""
    return world.visibility(i) is Visibility.SETTLING


def termination_settles(world: World, i: Instance) -> bool:
    """Its termination protection was cleared, and may still be enforced (fact P-06)."""
    return world.termination_settling(i)


def stop_settles(world: World, i: Instance) -> bool:
    """Its stop protection was cleared, and may still be enforced (fact P-06)."""
    return world.stop_settling(i)


def can_be_forgotten(world: World, i: Instance) -> bool:
    """The instance is terminated, and EC2 still shows it."""
    return world.state(i) is InstanceState.TERMINATED and world.visibility(i) is not Visibility.FORGOTTEN


def is_running(world: World, i: Instance) -> bool:
    """It is running."""
    return world.state(i) is InstanceState.RUNNING


@clause("RUN-3", "START-6")
def runs(world: World, i: Instance) -> InstanceRecord:
    """The instance runs, and no longer shows a reason for its state."""
    return replace(world.record(i), state=InstanceState.RUNNING, has_run=True, cause=Cause.NONE)


@clause("RUN-3")
def fails_to_launch(world: World, i: Instance) -> InstanceRecord:
    """The launch fails, so the instance is terminated; the reason is EC2's (fact S-03)."""
    return replace(world.record(i), state=InstanceState.TERMINATED, cause=Cause.SERVICE, fate=Fate.NONE)


@clause("START-6")
def fails_to_start(world: World, i: Instance) -> InstanceRecord:
    """The start fails, so the instance is stopped again; no fact says which reason it shows (fact S-03)."""
    return replace(world.record(i), state=InstanceState.STOPPED, cause=Cause.OPEN)


@clause("STOP-7")
def comes_to_a_stop(world: World, i: Instance) -> InstanceRecord:
    """The stop is complete."""
    return replace(world.record(i), state=InstanceState.STOPPED)


@clause("TERM-18")
def ends(world: World, i: Instance) -> InstanceRecord:
    """The shutdown is complete, and no effect is pending."""
    return replace(world.record(i), state=InstanceState.TERMINATED, fate=Fate.NONE)


@clause("TERM-5")
def is_terminated_after_all(world: World, i: Instance) -> InstanceRecord:
    """The termination that failed because of another zone now terminates it, unless it is already ending."""
    if world.state(i) in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED):
        return replace(world.record(i), fate=Fate.NONE)
    return replace(world.record(i), state=TERMINATE[world.state(i)].to, cause=Cause.USER_SHUTDOWN, fate=Fate.NONE)


def is_stopped_after_all(world: World, i: Instance) -> InstanceRecord:
    """The stop that failed because of another zone now stops it, unless it is already stopped or ending."""
    if world.state(i) in (InstanceState.PENDING, InstanceState.RUNNING):
        return replace(world.record(i), state=STOP[world.state(i)].to, cause=Cause.USER_SHUTDOWN, fate=Fate.NONE)
    return replace(world.record(i), fate=Fate.NONE)


@clause("VIS-1")
def becomes_visible(world: World, i: Instance) -> InstanceRecord:
    """Every operation knows its id."""
    return replace(world.record(i), visibility=Visibility.VISIBLE)


@clause("PROT-8")
def termination_is_clear(world: World, i: Instance) -> InstanceRecord:
    """Its cleared termination protection is no longer enforced."""
    return replace(world.record(i), termination_settling=False)


@clause("PROT-8")
def stop_is_clear(world: World, i: Instance) -> InstanceRecord:
    """Its cleared stop protection is no longer enforced."""
    return replace(world.record(i), stop_settling=False)


@clause("TERM-7")
def is_forgotten(world: World, i: Instance) -> InstanceRecord:
    """EC2 no longer knows its id (fact T-02)."""
    return replace(world.record(i), visibility=Visibility.FORGOTTEN)


@clause("SHUT-1", "SHUT-2", "PROT-6")
def shuts_down_from_inside(world: World, i: Instance) -> InstanceRecord:
    """Terminate or stop it, as its shutdown behavior says; with an instance-store root it can only terminate."""
    if world.root_device(i) is RootDevice.INSTANCE_STORE or world.shutdown_behavior(i) is ShutdownBehavior.TERMINATE:
        return replace(world.record(i), state=InstanceState.SHUTTING_DOWN, cause=Cause.GUEST_SHUTDOWN)
    return replace(world.record(i), state=InstanceState.STOPPING, cause=Cause.GUEST_SHUTDOWN)


@clause("RETIRE-1", "PROT-6")
def is_retired(world: World, i: Instance) -> InstanceRecord:
    """Stop it; terminate it if it cannot be stopped."""
    if world.root_device(i) is RootDevice.INSTANCE_STORE:
        return replace(world.record(i), state=InstanceState.SHUTTING_DOWN, cause=Cause.OPEN)
    return replace(world.record(i), state=InstanceState.STOPPING, cause=Cause.OPEN)


STEPS: Final = (
    BackgroundStep(StepName.LAUNCH_COMPLETES, is_pending, runs, "RUN-3"),
    BackgroundStep(StepName.LAUNCH_FAILS, is_launching, fails_to_launch, "RUN-3"),
    BackgroundStep(StepName.START_FAILS, is_restarting, fails_to_start, "START-6"),
    BackgroundStep(StepName.STOP_COMPLETES, is_stopping, comes_to_a_stop, "STOP-7"),
    BackgroundStep(StepName.SHUTDOWN_COMPLETES, is_shutting_down, ends, "TERM-18"),
    BackgroundStep(StepName.FATE_TERMINATES, is_condemned, is_terminated_after_all, "TERM-5"),
    BackgroundStep(StepName.FATE_STOPS, is_to_be_stopped, is_stopped_after_all, "STOP-11"),
    BackgroundStep(StepName.BECOMES_VISIBLE, is_new, becomes_visible, "VIS-1"),
    BackgroundStep(StepName.TERMINATION_CLEARS, termination_settles, termination_is_clear, "PROT-8"),
    BackgroundStep(StepName.STOP_CLEARS, stop_settles, stop_is_clear, "PROT-8"),
    BackgroundStep(StepName.FORGOTTEN, can_be_forgotten, is_forgotten, "TERM-7"),
    BackgroundStep(StepName.GUEST_SHUTDOWN, is_running, shuts_down_from_inside, "SHUT-1", spontaneous=False),
    BackgroundStep(StepName.RETIREMENT, is_running, is_retired, "RETIRE-1", spontaneous=False),
)


class VolumeStepName(Enum):
    """The background steps of a volume."""

    CREATED = "it is created"
    DETACHED = "it is detached"
    RELEASED = "it leaves its ending instance"
    DELETED = "it is deleted"


@dataclass(frozen=True, slots=True)
class VolumeStep:
    """One step of a volume; all of them are spontaneous."""

    name: VolumeStepName
    enabled: Callable[[World, Choices, Volume], bool]
    after: Callable[[World, Volume], VolumeRecord]
    clause: str


def is_creating(world: World, choices: Choices, v: Volume) -> bool:
    """The volume is being created."""
    return world.volume_state(v) is VolumeState.CREATING


def is_detaching(world: World, choices: Choices, v: Volume) -> bool:
    """A request is detaching the volume."""
    return world.detaching(v)


def is_deleting(world: World, choices: Choices, v: Volume) -> bool:
    """The volume is being deleted."""
    return world.volume_state(v) is VolumeState.DELETING


@clause("VOL-6")
def is_released(world: World, choices: Choices, v: Volume) -> bool:
    """Its instance is terminated, or is shutting down and EC2 releases the volume before the end."""
    if not world.attached(v):
        return False
    if world.state(world.holder(v)) is InstanceState.SHUTTING_DOWN:
        return choices.of(RELEASE) is Release.WHILE_SHUTTING_DOWN
    return world.state(world.holder(v)) is InstanceState.TERMINATED


def becomes_available(world: World, v: Volume) -> VolumeRecord:
    """The volume is available: no instance holds it."""
    return replace(world.volume_record(v), state=VolumeState.AVAILABLE, holder=None, detaching=False)


@clause("VOL-1", "VOL-2", "VOL-3", "VOL-6")
def leaves_ending_instance(world: World, v: Volume) -> VolumeRecord:
    """EC2 deletes the volume if DeleteOnTermination is on, and detaches it if not."""
    if world.delete_on_termination(v):
        return replace(world.volume_record(v), state=VolumeState.DELETING, holder=None, detaching=False)
    return replace(world.volume_record(v), state=VolumeState.AVAILABLE, holder=None, detaching=False)


def is_deleted(world: World, v: Volume) -> VolumeRecord:
    """The volume no longer exists (VOL-7)."""
    return replace(world.volume_record(v), state=VolumeState.DELETED)


VOLUME_STEPS: Final = (
    VolumeStep(VolumeStepName.CREATED, is_creating, becomes_available, "VOL-10"),
    VolumeStep(VolumeStepName.DETACHED, is_detaching, becomes_available, "VOL-10"),
    VolumeStep(VolumeStepName.RELEASED, is_released, leaves_ending_instance, "VOL-6"),
    VolumeStep(VolumeStepName.DELETED, is_deleting, is_deleted, "VOL-6"),
)


def at_rest(world: World, i: Instance) -> bool:
    """EC2 has completed everything that it began with the instance."""
    return world.fate(i) is Fate.NONE and world.state(i) not in (
        InstanceState.PENDING,
        InstanceState.STOPPING,
        InstanceState.SHUTTING_DOWN,
    )


def volume_at_rest(world: World, v: Volume) -> bool:
    """EC2 has completed everything that it began with the volume."""
    if world.detaching(v) or world.volume_state(v) in (VolumeState.CREATING, VolumeState.DELETING):
        return False
    return not world.attached(v) or world.state(world.holder(v)) is not InstanceState.TERMINATED
