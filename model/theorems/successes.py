"""When each operation succeeds, beside TerminateInstances (`termination.py`) and the refusals of every request.

Each theorem says both: which requests EC2 carries out, and which it refuses. An open point may decide the rest.
"""

from typing import Final

from ..choices import (
    ATTACH_STOPPING,
    DEAD_ATTRIBUTE,
    DEAD_CHANGE,
    DELETE_UNREADY,
    NEW_ID,
    START_PENDING,
    START_SHUTTING_DOWN,
    DeadChange,
    NewId,
    Verdict,
)
from ..requests import Attribute, Caller, Operation
from ..states import Hibernation, InstanceState, RootDevice, Visibility, VolumeState
from ..world import Instance, Volume, World
from .happenings import Sent
from .theorem import iff, theorem
from .vocabulary import ended, exists, in_full_view, is_named, is_valid, lagging, same_instance

ATTRIBUTES: Final = (Operation.MODIFY, Operation.DESCRIBE_ATTRIBUTE)
BY_ID: Final = (
    Operation.START,
    Operation.STOP,
    Operation.REBOOT,
    Operation.TERMINATE,
    Operation.DESCRIBE,
    *ATTRIBUTES,
    Operation.ATTACH,
)
"""The operations that name instances by id."""
PROTECTIONS: Final = (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP)


def may_send(sent: Sent) -> bool:
    """The caller has permission, and means it."""
    return sent.request.caller is Caller.OWNER and not sent.request.dry_run


def cannot_be_stopped(world: World, i: Instance) -> bool:
    """The instance is ending, or is in its first launch, or has an instance-store root."""
    return (
        ended(world, i)
        or (world.state(i) is InstanceState.PENDING and not world.has_run(i))
        or world.root_device(i) is RootDevice.INSTANCE_STORE
    )


def cannot_be_started(world: World, i: Instance) -> bool:
    """The instance is stopping or terminated, or has an instance-store root."""
    return (
        world.state(i) in (InstanceState.STOPPING, InstanceState.TERMINATED)
        or world.root_device(i) is RootDevice.INSTANCE_STORE
    )


def is_known_in(sent: Sent, i: Instance) -> bool:
    """The instance exists, and EC2 knows it by the time of this request."""
    if not exists(sent.before, i):
        return False
    return sent.before.visibility(i) is Visibility.VISIBLE or sent.choices.at(NEW_ID, i) is NewId.KNOWN


@theorem(
    "T28",
    broken_by="rules.common/malformed/negate/1",
    over=(*BY_ID, Operation.DETACH),
    clauses=("ERR-1", "ERR-2", "TERM-3", "VIS-1"),
)
def an_unknown_id_is_refused(sent: Sent, bad: Instance) -> bool:
    """A request never succeeds if it names an instance that does not exist, or that EC2 does not know yet."""
    if is_named(sent, bad) and not is_known_in(sent, bad):
        return not sent.succeeds
    return True


@theorem(
    "T28b", broken_by="rules.common/unauthorized/negate/1", over=(Operation.DESCRIBE,), clauses=("DESC-1", "LIST-1")
)
def every_visible_instance_can_be_described(sent: Sent) -> bool:
    """A description succeeds if the caller has permission and every named instance is visible."""
    if may_send(sent) and all(in_full_view(sent.before, i) for i in sent.request.instances):
        return sent.succeeds
    return True


@theorem(
    "T29",
    broken_by="rules.attributes/volume_not_attached/negate/1",
    over=(Operation.MODIFY,),
    clauses=("PROT-4", "PROT-9", "VOL-16"),
)
def which_modifications_succeed(sent: Sent, i: Instance) -> bool:
    """A valid modification of a living instance succeeds, unless it turns on stop protection of an instance with an
    instance-store root, or is about a volume that this instance does not have.
    """
    if not is_valid(sent) or not is_named(sent, i) or ended(sent.before, i):
        return True
    return iff(
        sent.succeeds,
        not (
            sent.request.attribute is Attribute.DISABLE_API_STOP
            and sent.request.value
            and sent.before.root_device(i) is RootDevice.INSTANCE_STORE
        )
        and (
            sent.request.volume is None
            or (sent.before.attached(sent.request.volume) and sent.before.holder(sent.request.volume) == i)
        ),
    )


@theorem(
    "T29b", broken_by="rules.attributes/protection_of_dead/negate/1", over=(Operation.MODIFY,), clauses=("PROT-4",)
)
def the_dead_keep_their_protection(sent: Sent, i: Instance) -> bool:
    """A modification of a protection never succeeds if the instance is shutting down or terminated."""
    if i in sent.before.instances and is_named(sent, i) and ended(sent.before, i):
        return not sent.succeeds or sent.request.attribute not in PROTECTIONS
    return True


@theorem(
    "T29c",
    broken_by="rules.attributes/unreadable/negate/1",
    over=(Operation.DESCRIBE_ATTRIBUTE,),
    clauses=("PROT-7",),
)
def attributes_of_the_living_can_be_read(sent: Sent, i: Instance) -> bool:
    """A valid description of an attribute succeeds if the instance is alive."""
    if is_valid(sent) and is_named(sent, i) and not ended(sent.before, i):
        return sent.succeeds
    return True


@theorem(
    "T30",
    broken_by="rules.start/unstartable/negate/1",
    over=(Operation.START,),
    clauses=("START-1", "START-2", "START-4", "START-5", "START-7", "KIND-2"),
)
def which_starts_succeed(sent: Sent) -> bool:
    """A valid start fails if it names an instance that is stopping or terminated, or has an instance-store root. It
    succeeds if every named instance is running or stopped, and has no such root.
    """
    if not is_valid(sent):
        return True
    if any(cannot_be_started(sent.before, i) for i in sent.request.instances):
        return not sent.succeeds
    if all(sent.before.state(i) in (InstanceState.RUNNING, InstanceState.STOPPED) for i in sent.request.instances):
        return sent.succeeds
    return True


@theorem(
    "T31",
    broken_by="rules.stop/never_run/negate/1",
    over=(Operation.STOP,),
    clauses=("STOP-1", "STOP-2", "STOP-3", "STOP-4", "STOP-5", "STOP-6", "STOP-8", "KIND-2", "PROT-2"),
)
def which_stops_succeed(sent: Sent) -> bool:
    """A valid stop without Force fails if it names an instance that is ending, is in its first launch, or has an
    instance-store root, or a stop-protected instance that is running or pending. It succeeds if it names no such
    instance, no stop protection is set or just cleared, and it does not ask for hibernation.
    """
    if not is_valid(sent) or sent.request.force:
        return True
    if any(cannot_be_stopped(sent.before, i) for i in sent.request.instances):
        return not sent.succeeds
    if any(
        sent.before.disable_api_stop(i) and sent.before.state(i) in (InstanceState.RUNNING, InstanceState.PENDING)
        for i in sent.request.instances
    ):
        return not sent.succeeds
    if any(sent.before.disable_api_stop(i) or lagging(sent.before, i) for i in sent.request.instances):
        return True
    return sent.succeeds or sent.request.hibernate


@theorem(
    "T31b",
    broken_by="rules.stop/dead/negate/1",
    over=(Operation.STOP,),
    clauses=("STOP-6", "STOP-8", "STOP-10", "KIND-2"),
)
def what_force_does_not_change(sent: Sent, i: Instance) -> bool:
    """A valid stop with Force fails if it names an instance that is ending or has an instance-store root. It succeeds
    if every named instance is alive, has run before, and has no such root and no stop protection, set or just cleared,
    and if it does not ask for hibernation.
    """
    if not is_valid(sent) or not sent.request.force:
        return True
    if is_named(sent, i) and (ended(sent.before, i) or sent.before.root_device(i) is RootDevice.INSTANCE_STORE):
        return not sent.succeeds
    if any(
        cannot_be_stopped(sent.before, j) or sent.before.disable_api_stop(j) or lagging(sent.before, j)
        for j in sent.request.instances
    ):
        return True
    return sent.succeeds or sent.request.hibernate


@theorem(
    "T48",
    broken_by="rules.stop/no_hibernation/negate/1",
    over=(Operation.STOP,),
    clauses=("STOP-13",),
)
def what_hibernation_needs(sent: Sent, i: Instance, j: Instance) -> bool:
    """If a stop with Hibernate names a running instance that every operation knows, and that was not launched for
    hibernation, it fails and changes nothing.
    """
    if (
        sent.request.hibernate
        and is_named(sent, j)
        and in_full_view(sent.before, j)
        and sent.before.state(j) is InstanceState.RUNNING
        and sent.before.hibernation(j) is Hibernation.OFF
    ):
        return not sent.succeeds and same_instance(sent, i)
    return True


@theorem(
    "T48b",
    broken_by="rules.stop/no_hibernation/other-member/1",
    over=(Operation.STOP,),
    clauses=("STOP-1", "STOP-13", "SHAPE-3"),
)
def what_was_launched_for_it_can_hibernate(sent: Sent) -> bool:
    """A valid stop with Hibernate succeeds if every named instance is running, was launched for hibernation, and has
    no instance-store root and no stop protection, set or just cleared.
    """
    if (
        is_valid(sent)
        and sent.request.hibernate
        and all(
            sent.before.state(i) is InstanceState.RUNNING
            and sent.before.hibernation(i) is Hibernation.CONFIGURED
            and sent.before.root_device(i) is RootDevice.EBS
            and not sent.before.disable_api_stop(i)
            and not lagging(sent.before, i)
            for i in sent.request.instances
        )
    ):
        return sent.succeeds
    return True


@theorem(
    "T32", broken_by="rules.reboot/unsettled/drop-operand/2", over=(Operation.REBOOT,), clauses=("REBOOT-1", "REBOOT-2")
)
def which_reboots_succeed(sent: Sent) -> bool:
    """A valid reboot succeeds if every named instance is running or terminated."""
    if is_valid(sent) and all(
        sent.before.state(i) in (InstanceState.RUNNING, InstanceState.TERMINATED) for i in sent.request.instances
    ):
        return sent.succeeds
    return True


@theorem(
    "T33",
    broken_by="rules.launch/stop_protection_unsupported/negate/1",
    over=(Operation.RUN,),
    clauses=("RUN-1", "PROT-9"),
)
def which_launches_succeed(sent: Sent) -> bool:
    """A launch succeeds if the caller has permission, unless it asks for stop protection of an instance with an
    instance-store root.
    """
    if may_send(sent):
        return iff(
            sent.succeeds,
            not (sent.request.root_device is RootDevice.INSTANCE_STORE and sent.request.disable_api_stop),
        )
    return True


@theorem("T34", broken_by="rules.volumes/created/other-member/1", over=(Operation.CREATE_VOLUME,), clauses=("VOL-10",))
def which_volumes_are_made(sent: Sent, v: Volume) -> bool:
    """A creation of a volume succeeds if the caller has permission. The volume is in the zone of the request, attached
    to nothing, and survives by default.
    """
    if not may_send(sent) or v not in sent.request.volume_ids:
        return True
    return (
        sent.succeeds
        and v in sent.after.volumes
        and sent.after.volume_state(v) is VolumeState.CREATING
        and sent.after.volume_zone(v) == sent.request.zone
        and not sent.after.attached(v)
        and not sent.after.detaching(v)
        and not sent.after.delete_on_termination(v)
        and not sent.after.root(v)
    )


@theorem(
    "T34b", broken_by="rules.volumes/volume_not_found/negate/1", over=(Operation.DESCRIBE_VOLUMES,), clauses=("VOL-7",)
)
def which_volumes_can_be_described(sent: Sent) -> bool:
    """A description of volumes succeeds if and only if no named volume is deleted and the caller has permission."""
    if may_send(sent):
        return iff(
            sent.succeeds,
            not any(sent.before.volume_state(v) is VolumeState.DELETED for v in sent.request.volume_ids),
        )
    return True


@theorem(
    "T35",
    broken_by="rules.volumes/elsewhere/negate/1",
    over=(Operation.ATTACH,),
    clauses=("VOL-7", "VOL-8", "VOL-11", "VOL-12", "VOL-13", "VOL-14"),
)
def which_attachments_succeed(sent: Sent, i: Instance, v: Volume) -> bool:
    """A valid attachment succeeds if the volume is available and the instance is running or stopped in the same
    Availability Zone. It may succeed if the instance is stopping, and never otherwise.
    """
    if not is_valid(sent) or not is_named(sent, i) or v not in sent.request.volume_ids:
        return True
    if (
        sent.before.volume_state(v) is not VolumeState.AVAILABLE
        or sent.before.volume_zone(v) != sent.before.zone(i)
        or sent.before.state(i) not in (InstanceState.RUNNING, InstanceState.STOPPED, InstanceState.STOPPING)
    ):
        return not sent.succeeds
    return sent.succeeds or sent.before.state(i) is InstanceState.STOPPING


@theorem(
    "T35b",
    broken_by="rules.volumes/not_attached/negate/1",
    over=(Operation.DETACH,),
    clauses=("VOL-7", "VOL-11", "VOL-15", "VOL-17", "VOL-18"),
)
def which_detachments_succeed(sent: Sent, v: Volume) -> bool:
    """A detachment fails if the volume is deleted, attached to nothing, or being detached. It succeeds for any other
    volume, if the caller has permission, the request names no instance or the one that has the volume, and the volume
    is no root device, or the root device of a stopped instance.
    """
    if not may_send(sent) or v not in sent.request.volume_ids:
        return True
    if sent.before.volume_state(v) is VolumeState.DELETED or not sent.before.attached(v) or sent.before.detaching(v):
        return not sent.succeeds
    is_free = not sent.before.root(v) or sent.before.state(sent.before.holder(v)) is InstanceState.STOPPED
    fits = sent.request.count == 0 or (is_valid(sent) and is_named(sent, sent.before.holder(v)))
    return sent.succeeds or not (is_free and fits)


@theorem(
    "T35c",
    broken_by="rules.volumes/unready/negate/1",
    over=(Operation.DELETE_VOLUME,),
    clauses=("VOL-7", "VOL-11", "VOL-20", "VOL-21"),
)
def which_deletions_succeed(sent: Sent, v: Volume) -> bool:
    """A deletion of an available volume succeeds, if the caller has permission. It fails if the volume is deleted, in
    use or being detached. Whether it succeeds while the volume is being created or deleted is an open point.
    """
    if not may_send(sent) or v not in sent.request.volume_ids:
        return True
    if sent.before.detaching(v) or sent.before.volume_state(v) in (VolumeState.IN_USE, VolumeState.DELETED):
        return not sent.succeeds
    if sent.before.volume_state(v) is VolumeState.AVAILABLE:
        return sent.succeeds
    return iff(sent.succeeds, sent.choices.of(DELETE_UNREADY) is Verdict.ACCEPTED)


@theorem(
    "T45",
    broken_by="rules.start/pending/other-member/3",
    over=(Operation.START, Operation.ATTACH, *ATTRIBUTES),
    clauses=("START-3", "START-10", "VOL-11", "PROT-4", "PROT-7"),
)
def an_open_point_decides_for_every_instance(sent: Sent, i: Instance) -> bool:
    """If EC2 refuses, at an open point, a start of a pending instance or of one that is shutting down, an attachment to
    a stopping instance, or a request about an attribute of an instance that ends, it does so for every such instance.
    """
    if i not in sent.before.instances or not is_named(sent, i):
        return True
    if sent.name is Operation.START:
        refused = (
            sent.before.state(i) is InstanceState.PENDING and sent.choices.at(START_PENDING, i) is Verdict.REFUSED
        ) or (
            sent.before.state(i) is InstanceState.SHUTTING_DOWN
            and sent.choices.at(START_SHUTTING_DOWN, i) is Verdict.REFUSED
        )
        return not (refused and sent.succeeds)
    if sent.name is Operation.ATTACH:
        stopping = sent.before.state(i) is InstanceState.STOPPING
        return not (stopping and sent.choices.of(ATTACH_STOPPING) is Verdict.REFUSED and sent.succeeds)
    if sent.name is Operation.DESCRIBE_ATTRIBUTE:
        unread = ended(sent.before, i) and sent.choices.of(DEAD_ATTRIBUTE) is Verdict.REFUSED
        return not (unread and sent.succeeds)
    unchanged = ended(sent.before, i) and sent.choices.of(DEAD_CHANGE) is DeadChange.REFUSED
    return not (unchanged and sent.succeeds)
