"""Volumes: when they are deleted, and when they survive."""

from ..background import VolumeStepName
from ..requests import Operation
from ..states import InstanceState, VolumeState
from ..world import Volume
from .happenings import Change, Happened, Sent
from .invariants import holds
from .theorem import theorem
from .vocabulary import ended, is_deletion, is_going, is_named, same_volume


@theorem("T12", broken_by="background/is_released/true-false/1", clauses=("VOL-1", "VOL-2", "VOL-3", "VOL-4", "VOL-20"))
def deleted_only_on_request_or_with_its_instance(change: Change, v: Volume) -> bool:
    """A volume is deleted only if DeleteVolume names it, or if DeleteOnTermination is set and the instance that it is
    attached to ends. It is never deleted because of a stop.
    """
    if v in change.before.volumes and is_going(change.after, v) and not is_going(change.before, v):
        if is_deletion(change):
            return v in change.request.volume_ids
        return (
            change.before.attached(v)
            and change.before.delete_on_termination(v)
            and ended(change.before, change.before.holder(v))
        )
    return True


@theorem("T12b", broken_by="rules.volumes/attach/true-false/1", over=(Operation.ATTACH,), clauses=("VOL-2", "VOL-5"))
def attached_later_survives(sent: Sent, v: Volume) -> bool:
    """A volume that is attached after launch has DeleteOnTermination off, so it survives by default."""
    if sent.succeeds and v in sent.request.volume_ids:
        return sent.after.attached(v) and not sent.after.delete_on_termination(v)
    return True


@theorem(
    "T12c", broken_by="rules.launch/deleted_with_instance/and-or/1", over=(Operation.RUN,), clauses=("VOL-1", "VOL-3")
)
def launched_volumes_go_unless_asked_otherwise(sent: Sent, v: Volume) -> bool:
    """A volume that a launch creates has DeleteOnTermination on, unless the launch turns it off."""
    if sent.succeeds and v in sent.request.volume_ids:
        return sent.after.delete_on_termination(v) == (
            not sent.request.says_what_becomes_of(v) or sent.request.delete_on_termination(v)
        )
    return True


@theorem(
    "T12d",
    broken_by="background/VOLUME_STEPS/other-name/6",
    over=(VolumeStepName.RELEASED,),
    clauses=("VOL-1", "VOL-2", "VOL-3", "VOL-6"),
)
def ending_instances_let_go(happened: Happened, v: Volume) -> bool:
    """When a volume leaves an instance that ends, it is deleted if DeleteOnTermination is on, and becomes available if
    it is off.
    """
    if v != happened.subject:
        return True
    if happened.before.delete_on_termination(v):
        return is_going(happened.after, v) and not happened.after.attached(v)
    return happened.after.volume_state(v) is VolumeState.AVAILABLE and not happened.after.attached(v)


@theorem(
    "T12e",
    broken_by="rules.volumes/keeps_root/true-false/1",
    over=(Operation.DETACH,),
    clauses=("VOL-17",),
)
def a_running_instance_keeps_its_root(sent: Sent, v: Volume) -> bool:
    """In every reachable world, DetachVolume never detaches the root volume of a running instance."""
    if sent.succeeds and v in sent.request.volume_ids and sent.before.root(v) and holds(sent.before, v):
        return sent.before.attached(v) and sent.before.state(sent.before.holder(v)) is not InstanceState.RUNNING
    return True


@theorem(
    "T12f",
    broken_by="rules.volumes/held_elsewhere/negate/1",
    over=(Operation.DETACH,),
    clauses=("VOL-18",),
)
def only_the_named_instance_lets_go(sent: Sent, v: Volume) -> bool:
    """If DetachVolume names an instance and succeeds, the volume was attached to that instance."""
    if sent.succeeds and v in sent.request.volume_ids and sent.request.count > 0:
        return sent.before.attached(v) and is_named(sent, sent.before.holder(v))
    return True


@theorem(
    "T12g",
    broken_by="rules.volumes/attached_already/negate/1",
    over=(Operation.DELETE_VOLUME,),
    clauses=("VOL-21", "VOL-11"),
)
def an_attached_volume_is_never_deleted(sent: Sent, v: Volume) -> bool:
    """In every reachable world, DeleteVolume never deletes a volume that is attached to an instance."""
    if sent.before.attached(v) and holds(sent.before, v):
        return same_volume(sent, v)
    return True
