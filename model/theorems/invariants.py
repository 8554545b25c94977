"""What is so in every world that can be reached: true of the empty world, and kept by whatever happens."""

from ..background import StepName, VolumeStepName
from ..states import Cause, InstanceState, RootDevice, Visibility, VolumeState
from ..world import Fate, Instance, Volume, World
from .happenings import Change, Happened
from .theorem import iff, theorem


def stands(world: World, i: Instance) -> bool:
    """The instance is one that can be."""
    return (
        (world.state(i) is not InstanceState.RUNNING or world.has_run(i))
        and (world.state(i) is not InstanceState.RUNNING or world.cause(i) is Cause.NONE)
        and (world.state(i) is not InstanceState.TERMINATED or world.fate(i) is Fate.NONE)
        and (world.visibility(i) is not Visibility.FORGOTTEN or world.state(i) is InstanceState.TERMINATED)
        and not (world.termination_settling(i) and world.disable_api_termination(i))
        and not (world.stop_settling(i) and world.disable_api_stop(i))
    )


def cannot_stop(world: World, i: Instance) -> bool:
    """An instance-store-backed instance is not stopping or stopped, nor to be stopped, nor being started again."""
    return world.root_device(i) is not RootDevice.INSTANCE_STORE or (
        world.state(i) not in (InstanceState.STOPPING, InstanceState.STOPPED)
        and world.fate(i) is not Fate.STOP
        and not (world.state(i) is InstanceState.PENDING and world.has_run(i))
    )


def holds(world: World, v: Volume) -> bool:
    """The volume is in use just while it is attached; its instance exists, and is in its zone."""
    return (
        iff(world.attached(v), world.volume_state(v) is VolumeState.IN_USE)
        and (world.attached(v) or not world.detaching(v))
        and (
            not world.attached(v)
            or (world.holder(v) in world.instances and world.zone(world.holder(v)) == world.volume_zone(v))
        )
    )


@theorem("T11b", broken_by="rules.stop/instance_store/negate/1", clauses=("KIND-2",))
def instance_store_never_stops(change: Change, i: Instance) -> bool:
    """In every reachable world, no instance-store-backed instance is stopping or stopped."""
    if all(cannot_stop(change.before, j) for j in change.before.instances) and i in change.after.instances:
        return cannot_stop(change.after, i)
    return True


@theorem("T19", broken_by="background/runs/true-false/1", clauses=("STATE-3",))
def instances_stay_sound(change: Change, i: Instance) -> bool:
    """In every reachable world, a running instance has run before and shows no reason, a terminated instance has
    nothing left to happen, a forgotten instance is terminated, and no protection is both set and just cleared.
    """
    if all(stands(change.before, j) for j in change.before.instances) and i in change.after.instances:
        return stands(change.after, i)
    return True


@theorem("T19b", broken_by="rules.volumes/attach/drop-field/2", clauses=("VOL-5", "VOL-6", "VOL-10"))
def volumes_stay_sound(change: Change, v: Volume) -> bool:
    """In every reachable world, a volume is in use if and only if it is attached, and its instance is in the same
    Availability Zone.
    """
    if all(holds(change.before, w) for w in change.before.volumes) and v in change.after.volumes:
        return holds(change.after, v)
    return True


@theorem(
    "T14d",
    over=(*StepName, *VolumeStepName),
    broken_by="background/is_stopped_after_all/always-branch/1",
)
def every_step_can_be_carried_out(happened: Happened) -> bool:
    """In every reachable world, the rules define the effect of every background step."""
    if all(holds(happened.before, w) for w in happened.before.volumes):
        return happened.can_be_carried_out
    return True
