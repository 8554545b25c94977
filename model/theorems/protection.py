"""Protection: who may change it, and what goes past it."""

from typing import Final

from ..background import StepName
from ..requests import Attribute, Operation
from ..states import InstanceState, RootDevice, ShutdownBehavior
from ..world import Instance, Volume
from .happenings import Change, Happened
from .theorem import theorem
from .vocabulary import doomed, ended, is_modification, is_named, protected

FROM_OUTSIDE: Final = (StepName.GUEST_SHUTDOWN, StepName.RETIREMENT)
PAST_PROTECTION: Final = (StepName.GUEST_SHUTDOWN, StepName.RETIREMENT, StepName.LAUNCH_FAILS)


@theorem("T18", broken_by="rules.attributes/PROTECTIONS/drop-element/1", clauses=("PROT-4", "PROT-5", "PROT-8"))
def who_changes_protection(change: Change, i: Instance) -> bool:
    """Only ModifyInstanceAttribute changes a protection. It changes the named attribute of an instance that is alive,
    to the value in the request.
    """
    if i not in change.before.instances:
        return True
    if change.after.disable_api_termination(i) == change.before.disable_api_termination(
        i
    ) and change.after.disable_api_stop(i) == change.before.disable_api_stop(i):
        return True
    return (
        is_modification(change)
        and not ended(change.before, i)
        and is_named(change, i)
        and (
            change.after.disable_api_termination(i) == change.before.disable_api_termination(i)
            or (
                change.request.attribute is Attribute.DISABLE_API_TERMINATION
                and change.after.disable_api_termination(i) == change.request.value
            )
        )
        and (
            change.after.disable_api_stop(i) == change.before.disable_api_stop(i)
            or (
                change.request.attribute is Attribute.DISABLE_API_STOP
                and change.after.disable_api_stop(i) == change.request.value
            )
        )
    )


@theorem("T18b", broken_by="rules.stop/later/swap-arms/1", clauses=("PROT-1", "PROT-6", "TERM-11"))
def what_goes_past_protection(change: Change, i: Instance) -> bool:
    """A protected instance ends only if its guest shuts down, EC2 retires it, its launch fails, or a termination was
    granted before it was protected.
    """
    if i in change.before.instances and protected(change.before, i) and not doomed(change.before, i):
        return not doomed(change.after, i) or change.name in PAST_PROTECTION
    return True


@theorem(
    "T18c",
    broken_by="background/is_retired/drop-field/1",
    over=FROM_OUTSIDE,
    clauses=("PROT-6", "SHUT-1", "SHUT-2", "RETIRE-1"),
)
def shutdowns_from_outside_ask_for_no_protection(happened: Happened, i: Instance) -> bool:
    """A guest shutdown and a retirement stop or end the instance despite protection. The instance ends only if it
    cannot stop, or if its guest shuts down and its shutdown behavior is terminate.
    """
    if i != happened.subject:
        return True
    ends = happened.before.root_device(i) is RootDevice.INSTANCE_STORE or (
        happened.name is StepName.GUEST_SHUTDOWN and happened.before.shutdown_behavior(i) is ShutdownBehavior.TERMINATE
    )
    return happened.after.state(i) is (InstanceState.SHUTTING_DOWN if ends else InstanceState.STOPPING)


@theorem("T18d", broken_by="rules.volumes/DELETE/other-name/4", clauses=("SHUT-1", "VOL-3", "VOL-5"))
def who_changes_other_attributes(change: Change, i: Instance, v: Volume) -> bool:
    """An instance never changes its Availability Zone, its root device, or whether it can hibernate. Only
    ModifyInstanceAttribute changes its shutdown behavior. Only this operation or an attachment changes
    DeleteOnTermination of a volume.
    """
    if i not in change.before.instances or v not in change.before.volumes:
        return True
    return (
        change.before.zone(i) == change.after.zone(i)
        and change.before.root_device(i) is change.after.root_device(i)
        and change.before.hibernation(i) is change.after.hibernation(i)
        and (
            change.before.shutdown_behavior(i) is change.after.shutdown_behavior(i)
            or (
                is_modification(change)
                and is_named(change, i)
                and change.request.attribute is Attribute.SHUTDOWN_BEHAVIOR
                and change.after.shutdown_behavior(i) is change.request.shutdown_behavior
            )
        )
        and (
            change.before.delete_on_termination(v) == change.after.delete_on_termination(v)
            or change.name is Operation.ATTACH
            or (
                is_modification(change)
                and change.request.attribute is Attribute.BLOCK_DEVICE_MAPPINGS
                and change.after.delete_on_termination(v) == change.request.value
            )
        )
    )
