"""Protection: who may change it, and what goes past it."""

from typing import Final

from ..background import StepName
from ..requests import Attribute
from ..states import InstanceState, ShutdownBehavior
from ..world import Instance
from .happenings import Change, Happened
from .theorem import theorem
from .vocabulary import doomed, ended, is_modification, is_named, protected

FROM_OUTSIDE: Final = (StepName.GUEST_SHUTDOWN, StepName.RETIREMENT)
PAST_PROTECTION: Final = (StepName.GUEST_SHUTDOWN, StepName.RETIREMENT, StepName.LAUNCH_FAILS)


@theorem("T18", clauses=("PROT-4", "PROT-5", "PROT-8"))
def who_changes_protection(change: Change, i: Instance) -> bool:
    """Protection changes only by ModifyInstanceAttribute of the attribute, of a living instance, to the value sent."""
    if i not in change.before.instances:
        return True
    if change.after.disable_api_termination(i) != change.before.disable_api_termination(i):
        return (
            is_modification(change)
            and not ended(change.before, i)
            and is_named(change, i)
            and change.request.attribute is Attribute.DISABLE_API_TERMINATION
            and change.after.disable_api_termination(i) == change.request.value
        )
    if change.after.disable_api_stop(i) != change.before.disable_api_stop(i):
        return (
            is_modification(change)
            and not ended(change.before, i)
            and is_named(change, i)
            and change.request.attribute is Attribute.DISABLE_API_STOP
            and change.after.disable_api_stop(i) == change.request.value
        )
    return True


@theorem("T18b", clauses=("PROT-1", "PROT-6", "TERM-11"))
def what_goes_past_protection(change: Change, i: Instance) -> bool:
    """A protected instance ends only by a shutdown from inside its guest, by a retirement, by a launch that fails, or
    by a termination that was granted before it was protected; and by nothing else.
    """
    if i in change.before.instances and protected(change.before, i) and not doomed(change.before, i):
        return not doomed(change.after, i) or change.name in PAST_PROTECTION
    return True


@theorem("T18c", over=FROM_OUTSIDE, clauses=("PROT-6", "SHUT-1", "SHUT-2", "RETIRE-1"))
def shutdowns_from_outside_ask_for_no_protection(happened: Happened, i: Instance) -> bool:
    """A shutdown from inside the guest and a retirement stop or end the instance, whatever protects it; only one that
    cannot stop, or whose guest is to terminate it, ends.
    """
    if i not in happened.before.instances or happened.after.state(i) is happened.before.state(i):
        return True
    if happened.after.state(i) is InstanceState.STOPPING:
        return happened.name is StepName.RETIREMENT or (happened.before.shutdown_behavior(i) is ShutdownBehavior.STOP)
    return happened.after.state(i) is InstanceState.SHUTTING_DOWN
