"""The other operations: what each does to the instances that it names, and to nothing else."""

from typing import Final

from ..requests import Operation
from ..states import InstanceState
from ..world import Fate, Instance, Volume
from .happenings import Sent
from .theorem import theorem
from .vocabulary import ended, is_named, same_instance, same_volume

READS: Final = (
    Operation.DESCRIBE,
    Operation.DESCRIBE_ATTRIBUTE,
    Operation.DESCRIBE_VOLUMES,
    Operation.REBOOT,
    Operation.CREATE_VOLUME,
)
"""The operations that leave every instance and every volume that there is as it is."""


@theorem(
    "T22",
    broken_by="rules.stop/dead/negate/3",
    over=(Operation.START, Operation.STOP),
    clauses=("START-5", "START-7", "STOP-6", "STOP-8"),
)
def one_terminated_instance_and_nothing_starts_or_stops(sent: Sent, i: Instance, j: Instance) -> bool:
    """If a start or a stop names a terminated instance, it starts or stops nothing."""
    if is_named(sent, j) and j in sent.before.instances and sent.before.state(j) is InstanceState.TERMINATED:
        return not sent.succeeds and same_instance(sent, i)
    return True


@theorem("T23", broken_by="rules.stop/stop_shielded/negate/2", over=(Operation.STOP,), clauses=("PROT-2", "STOP-11"))
def stop_protection_keeps_running(sent: Sent, i: Instance, j: Instance) -> bool:
    """Without Force, a stop that names a running, stop-protected instance stops neither this instance nor any other in
    its Availability Zone.
    """
    if sent.request.force or not is_named(sent, j) or i not in sent.before.instances:
        return True
    if j not in sent.before.instances or not sent.before.disable_api_stop(j):
        return True
    if sent.before.state(j) is InstanceState.RUNNING and sent.before.zone(i) == sent.before.zone(j):
        return sent.after.state(i) is sent.before.state(i) and sent.after.fate(i) is sent.before.fate(i)
    return True


@theorem(
    "T24",
    broken_by="rules.stop/stop/drop-field/2",
    over=(Operation.STOP, Operation.START),
    clauses=("STOP-1", "STOP-2", "STOP-3", "STOP-4", "START-1", "START-2"),
)
def stops_stop_and_starts_start(sent: Sent, i: Instance) -> bool:
    """After a stop that succeeds, every named instance is stopping, or stopped if it was stopped before. After a start
    that succeeds, every named instance that was stopped is pending, and every other keeps its state.
    """
    if not sent.succeeds or not is_named(sent, i):
        return True
    if sent.name is Operation.STOP:
        if sent.before.state(i) is InstanceState.STOPPED:
            return sent.after.state(i) is InstanceState.STOPPED
        return sent.after.state(i) is InstanceState.STOPPING
    if sent.before.state(i) is InstanceState.STOPPED:
        return sent.after.state(i) is InstanceState.PENDING
    return sent.after.state(i) is sent.before.state(i)


@theorem(
    "T25",
    broken_by="rules.terminate/state_after_terminate/always-branch/1",
    over=(Operation.TERMINATE,),
    clauses=("TERM-12", "TERM-13", "TERM-14", "TERM-15", "TERM-16", "TERM-17"),
)
def only_the_stopped_end_at_once(sent: Sent, i: Instance) -> bool:
    """When a termination succeeds, a stopped instance is terminated at once, an instance that had ended keeps its
    state, a running or stopping instance shuts down first, and a pending one does either.
    """
    if not sent.succeeds or not is_named(sent, i):
        return True
    if sent.before.state(i) is InstanceState.STOPPED:
        return sent.after.state(i) is InstanceState.TERMINATED
    if ended(sent.before, i):
        return sent.after.state(i) is sent.before.state(i)
    return sent.after.state(i) is InstanceState.SHUTTING_DOWN or (
        sent.before.state(i) is InstanceState.PENDING and sent.after.state(i) is InstanceState.TERMINATED
    )


@theorem(
    "T26",
    over=READS,
    clauses=("REBOOT-1", "REBOOT-2", "REBOOT-5", "FRAME-1"),
    unbroken="none of these operations has an effect on what is there, and no small change gives it one",
)
def looking_changes_nothing(sent: Sent, i: Instance, v: Volume) -> bool:
    """Describing, rebooting and creating a volume change no existing instance and no existing volume."""
    return same_instance(sent, i) and (v not in sent.before.volumes or same_volume(sent, v))


@theorem(
    "T27",
    broken_by="rules.launch/launched/drop-field/1",
    over=(Operation.RUN,),
    clauses=("RUN-1", "RUN-2", "RUN-4", "PROT-3"),
)
def a_launch_makes_what_was_asked_for(sent: Sent, i: Instance, v: Volume) -> bool:
    """A launch that succeeds creates instances with the Availability Zone, root device and attributes in the request,
    and attaches the volumes to them.
    """
    if not sent.succeeds or not is_named(sent, i):
        return True
    return (
        i in sent.after.instances
        and sent.after.zone(i) == sent.request.zone
        and sent.after.root_device(i) is sent.request.root_device
        and sent.after.disable_api_termination(i) == sent.request.disable_api_termination
        and sent.after.disable_api_stop(i) == sent.request.disable_api_stop
        and sent.after.shutdown_behavior(i) is sent.request.shutdown_behavior
        and sent.after.fate(i) is Fate.NONE
        and not ended(sent.after, i)
        and (v not in sent.request.volume_ids or (sent.after.attached(v) and is_named(sent, sent.after.holder(v))))
    )
