"""The words of theorems, defined independently of the rules, because theorems check the rules."""

from typing import TypeGuard

from ..requests import Caller, Operation
from ..states import GONE, InstanceState, Visibility
from ..world import Fate, Instance, Volume, World
from .happenings import Change, Sent


def ended(world: World, i: Instance) -> bool:
    """The instance is shutting down or terminated."""
    return world.state(i) in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)


def doomed(world: World, i: Instance) -> bool:
    """The instance has ended, or a request that was granted for its zone will still end it."""
    return ended(world, i) or world.fate(i) is Fate.TERMINATE


def protected(world: World, i: Instance) -> bool:
    """Termination protection or stop protection is set."""
    return world.disable_api_termination(i) or world.disable_api_stop(i)


def lagging(world: World, i: Instance) -> bool:
    """A protection was cleared so lately that it may still be enforced."""
    return world.termination_settling(i) or world.stop_settling(i)


def exists(world: World, i: Instance) -> bool:
    """EC2 gave the id out and has not forgotten it."""
    return i in world.instances and world.visibility(i) is not Visibility.FORGOTTEN


def in_full_view(world: World, i: Instance) -> bool:
    """Every operation knows the id."""
    return i in world.instances and world.visibility(i) is Visibility.VISIBLE


def is_named(sent: Sent, i: Instance) -> bool:
    """The request names the instance."""
    return i in sent.request.instances


def is_modification(change: Change) -> TypeGuard[Sent]:
    """What happens is a ModifyInstanceAttribute."""
    return change.name is Operation.MODIFY


def is_deletion(change: Change) -> TypeGuard[Sent]:
    """What happens is a DeleteVolume."""
    return change.name is Operation.DELETE_VOLUME


def is_valid(sent: Sent) -> bool:
    """Nothing but protection can be held against the request: permission, ids and their number, no dry run."""
    return (
        sent.request.caller is Caller.OWNER
        and not sent.request.dry_run
        and sent.request.count > 0
        and not sent.request.count > 1000
        and all(in_full_view(sent.before, i) for i in sent.request.instances)
    )


def same_instance(change: Change, i: Instance) -> bool:
    """The instance is as it was; one that was not there is not there now."""
    if i in change.before.instances:
        return i in change.after.instances and change.before.record(i) == change.after.record(i)
    return i not in change.after.instances


def same_volume(change: Change, v: Volume) -> bool:
    """The volume is as it was; one that was not there is not there now."""
    if v in change.before.volumes:
        return v in change.after.volumes and change.before.volume_record(v) == change.after.volume_record(v)
    return v not in change.after.volumes


def is_going(world: World, v: Volume) -> bool:
    """The volume is deleted or being deleted."""
    return world.volume_state(v) in GONE
