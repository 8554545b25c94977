"""Every request: what it leaves alone, what a dry run does, and that it is answered."""

from typing import Final

from ..requests import Caller, Operation
from ..states import CODES, InstanceState
from ..world import Instance, Volume
from .happenings import Sent
from .invariants import holds
from .theorem import iff, theorem
from .vocabulary import is_named, same_instance, same_volume

REQUESTS: Final = tuple(Operation)
STATE_CODES: Final = {
    InstanceState.PENDING: 0,
    InstanceState.RUNNING: 16,
    InstanceState.SHUTTING_DOWN: 32,
    InstanceState.TERMINATED: 48,
    InstanceState.STOPPING: 64,
    InstanceState.STOPPED: 80,
}
"""What EC2 documents (facts S-01, H-01), written out once more."""
LISTING: Final = (Operation.TERMINATE, Operation.STOP, Operation.START)
"""The operations whose reply lists the state of each instance."""


@theorem(
    "T4",
    over=REQUESTS,
    clauses=("FRAME-1",),
    unbroken="a rule is asked only about what a request names: `step` leaves the rest alone, and that is tested",
)
def what_is_not_named_stays(sent: Sent, i: Instance, v: Volume) -> bool:
    """A request changes no instance and no volume that it does not name."""
    return (is_named(sent, i) or same_instance(sent, i)) and (v in sent.request.volume_ids or same_volume(sent, v))


@theorem(
    "T4b",
    broken_by="rules.attributes/volume_not_attached/and-or/3",
    over=(Operation.MODIFY,),
    clauses=("VOL-3", "FRAME-1"),
)
def only_its_own_volumes_change(sent: Sent, v: Volume) -> bool:
    """A change of an instance's attributes affects no volume of another instance, and no volume that is attached to
    nothing.
    """
    if v in sent.before.volumes and not (sent.before.attached(v) and is_named(sent, sent.before.holder(v))):
        return same_volume(sent, v)
    return True


@theorem("T9", broken_by="rules.terminate/terminate/drop-branch/1", over=REQUESTS, clauses=("DRY-1", "DRY-2"))
def a_dry_run_changes_nothing(sent: Sent, i: Instance, v: Volume) -> bool:
    """A dry run changes nothing, with or without permission."""
    if sent.request.dry_run:
        return not sent.succeeds and same_instance(sent, i) and same_volume(sent, v)
    return True


@theorem("T9b", broken_by="rules.common/unauthorized/negate/1", over=REQUESTS, clauses=("ERR-5", "DRY-2"))
def without_permission_nothing_changes(sent: Sent, i: Instance, v: Volume) -> bool:
    """A caller without permission changes nothing."""
    if sent.request.caller is Caller.NOBODY:
        return not sent.succeeds and same_instance(sent, i) and same_volume(sent, v)
    return True


@theorem(
    "T13", broken_by="rules.reply/previous_state/other-name/1", over=LISTING, clauses=("TERM-10", "STATE-1", "STATE-2")
)
def replies_tell_the_states(sent: Sent, i: Instance, j: Instance) -> bool:
    """A reply reports the state before the request as the previous state, and the state after it as the current one.
    Each code belongs to its name, is the code that EC2 documents, and belongs to one state only.
    """
    if not sent.succeeds or not is_named(sent, i) or not is_named(sent, j):
        return True
    return (
        sent.spec.previous_state(sent.before, sent.after, i) is sent.before.state(i)
        and sent.spec.current_state(sent.before, sent.after, i) is sent.after.state(i)
        and iff(
            CODES[sent.spec.current_state(sent.before, sent.after, i)] == CODES[sent.before.state(j)],
            sent.after.state(i) is sent.before.state(j),
        )
        and CODES[sent.after.state(i)] == STATE_CODES[sent.after.state(i)]
    )


@theorem("T14", over=REQUESTS, broken_by="rules.terminate/RULES/other-member/11")
def every_request_is_answered(sent: Sent) -> bool:
    """Every request has at least one permitted outcome."""
    return sent.is_answered


@theorem("T14b", broken_by="rules.start/terminated/always-branch/1", over=REQUESTS)
def every_outcome_can_be_carried_out(sent: Sent) -> bool:
    """In every reachable world, and for every permitted outcome, the rules define the effect on everything that the
    request names.
    """
    if all(holds(sent.before, v) for v in sent.before.volumes):
        return sent.can_be_carried_out
    return True


@theorem(
    "T14c",
    over=REQUESTS,
    unbroken="a request succeeds, by the form of the ladder, just where no rung of it applies",
)
def success_or_refusal(sent: Sent) -> bool:
    """For the same choices, a request is never permitted both to succeed and to be refused."""
    return not (sent.succeeds and sent.can_be_refused)
