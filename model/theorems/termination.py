"""TerminateInstances: what a request with several instances does, and what it never does."""

from typing import Final

from ..background import StepName
from ..choices import FREE_ZONES, Effect
from ..outcomes import Refusal
from ..requests import Operation
from ..world import Fate, Instance
from .happenings import Happened, Sent, Zones
from .theorem import iff, theorem
from .vocabulary import doomed, ended, exists, in_full_view, is_named, is_valid, lagging, protected, same_instance

TERMINATE: Final = (Operation.TERMINATE,)
BATCHES: Final = (Operation.TERMINATE, Operation.START, Operation.STOP, Operation.REBOOT)


@theorem(
    "T1", broken_by="rules.protection/protects/drop-operand/5", over=TERMINATE, clauses=("TERM-4", "PROT-1", "TERM-11")
)
def a_protected_instance_shields_its_zone(sent: Sent, i: Instance, j: Instance) -> bool:
    """If a termination names a protected instance that is still alive, it changes the state of no instance in the
    Availability Zone of this instance, whether or not the request fails.
    """
    if i not in sent.before.instances or j not in sent.before.instances or not is_named(sent, j):
        return True
    if protected(sent.before, j) and not ended(sent.before, j) and sent.before.zone(i) == sent.before.zone(j):
        return sent.after.state(i) is sent.before.state(i) and sent.after.fate(i) is sent.before.fate(i)
    return True


@theorem("T2", broken_by="rules.common/known/negate/1", over=TERMINATE, clauses=("TERM-3", "ERR-1", "ERR-2"))
def one_bad_id_and_nothing_is_terminated(sent: Sent, i: Instance, bad: Instance) -> bool:
    """If one id of a termination is bad, nothing is terminated."""
    if is_named(sent, bad) and not exists(sent.before, bad):
        return not sent.succeeds and same_instance(sent, i)
    return True


@theorem("T3", broken_by="rules.terminate/shielded/other-name/1", over=tuple(Operation), clauses=("PROT-1", "TERM-11"))
def a_protected_instance_is_never_terminated(sent: Sent, i: Instance) -> bool:
    """A protected instance is never terminated through the API."""
    if i in sent.before.instances and protected(sent.before, i) and not ended(sent.before, i):
        return not ended(sent.after, i) and (doomed(sent.before, i) or not doomed(sent.after, i))
    return True


@theorem("T5", broken_by="rules.terminate/partly_refused/other-name/1", over=TERMINATE, clauses=("TERM-1",))
def success_ends_every_named_instance(sent: Sent, i: Instance) -> bool:
    """After a termination that succeeds, every named instance is shutting down or terminated."""
    if sent.succeeds and is_named(sent, i):
        return ended(sent.after, i)
    return True


@theorem(
    "T6", broken_by="rules.terminate/shielded/drop-operand/1", over=TERMINATE, clauses=("TERM-4", "TERM-5", "TERM-6")
)
def zones_decide(sent: Sent, i: Instance) -> bool:
    """Take a valid termination that names no stop-protected instance, no instance whose protection was just cleared,
    and no protected instance that has ended. It succeeds if and only if it names no protected instance. It terminates a
    named instance that is alive, and not already about to end, if and only if it names no protected instance in the
    same Availability Zone.
    """
    if not is_valid(sent) or not is_named(sent, i) or doomed(sent.before, i):
        return True
    if any(lagging(sent.before, j) or sent.before.disable_api_stop(j) for j in sent.request.instances):
        return True
    if any(sent.before.disable_api_termination(j) and ended(sent.before, j) for j in sent.request.instances):
        return True
    return iff(sent.succeeds, not any(sent.before.disable_api_termination(j) for j in sent.request.instances)) and iff(
        doomed(sent.after, i),
        not any(
            sent.before.disable_api_termination(j) and sent.before.zone(j) == sent.before.zone(i)
            for j in sent.request.instances
        ),
    )


@theorem("T7", broken_by="rules.protection/still_counts/negate/3", over=TERMINATE, clauses=("TERM-2",))
def success_can_be_repeated(sent: Sent, i: Instance) -> bool:
    """A termination that succeeded succeeds again and changes nothing, if the choices are the same."""
    second = sent.again()
    if sent.succeeds:
        return second.succeeds and same_instance(second, i)
    return True


@theorem(
    "T7b",
    broken_by="background/is_running/negate/1",
    over=tuple(step for step in StepName if step is not StepName.FORGOTTEN),
    clauses=("TERM-2",),
)
def success_can_be_repeated_later(happened: Happened, sent: Sent, i: Instance) -> bool:
    """If all instances of a termination have ended and the request would succeed, it still succeeds after any
    background step except forgetting, and changes no state.
    """
    later = sent.sent_in(happened.after)
    if sent.succeeds and all(ended(sent.before, j) for j in sent.request.instances) and is_named(sent, i):
        return (
            later.succeeds
            and later.after.state(i) is later.before.state(i)
            and all(ended(later.before, j) for j in sent.request.instances)
        )
    return True


@theorem("T10", broken_by="rules.terminate/stop_refused_whole/and-or/2", over=TERMINATE, clauses=("TERM-4", "TERM-5"))
def zones_are_independent(sent: Sent, zones: Zones, i: Instance) -> bool:
    """Take a termination of at most 1000 known ids that names no instance with stop protection, set or just cleared. It
    has the same effect as one request for each Availability Zone, sent in any order, if the choices are the same. If
    EC2 ends instances of unprotected zones only after it has answered, the final effect is the same.
    """
    if i not in sent.before.instances or sent.request.count > 1000:
        return True
    if not all(in_full_view(sent.before, j) for j in sent.request.instances):
        return True
    if any(sent.before.disable_api_stop(j) or sent.before.stop_settling(j) for j in sent.request.instances):
        return True
    first = sent.within(zones)
    second = sent.beyond(zones).sent_in(first.after)
    if sent.choices.of(FREE_ZONES) is Effect.AFTER_ANSWER:
        return iff(doomed(second.after, i), doomed(sent.after, i))
    return second.after.record(i) == sent.after.record(i)


@theorem(
    "T15",
    broken_by="rules.terminate/terminate/always-branch/3",
    over=TERMINATE,
    clauses=("TERM-6", "TERM-11", "PROT-5"),
)
def clearing_protection_terminates_the_rest(sent: Sent, i: Instance) -> bool:
    """If a termination was refused only because of protection, send it again after both protections are cleared and no
    longer enforced. Then it terminates exactly the instances that are left.
    """
    second = sent.unprotected()
    if not is_valid(sent) or not is_named(sent, i):
        return True
    if sent.refused_for(Refusal.TERMINATION_PROTECTED, Refusal.STOP_PROTECTED, Refusal.STOP_PROTECTED_WHOLE):
        return (
            second.succeeds
            and ended(second.after, i)
            and second.after.fate(i) is Fate.NONE
            and (second.after.state(i) is sent.after.state(i) or not ended(sent.after, i))
        )
    return True


@theorem(
    "T20",
    broken_by="rules.common/LIMIT/off-by-one/1",
    over=TERMINATE,
    clauses=("TERM-9",),
    beyond_scopes="tests/model/test_theorems.py sends 1001 ids, by plain execution",
)
def more_than_a_thousand_never_succeed(sent: Sent) -> bool:
    """A termination of more than 1000 different ids never succeeds."""
    if sent.request.distinct > 1000:
        return not sent.succeeds
    return True


@theorem(
    "T21",
    broken_by="rules.common/names_nothing/negate/1",
    over=BATCHES,
    clauses=("TERM-8", "START-8", "STOP-9", "REBOOT-4"),
)
def at_least_one_id(sent: Sent) -> bool:
    """A termination, start, stop or reboot without an id never succeeds."""
    if sent.request.count == 0:
        return not sent.succeeds
    return True
