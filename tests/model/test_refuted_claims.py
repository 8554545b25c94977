"""Claims about EC2 that sound right and are false: the prover refutes each, and docs/trust.md lists them.

Plain execution confirms every counterexample before the prover returns it.
"""

import re
from typing import Final

import pytest

from docs import text_of
from ec2_lifecycle.model.background import VolumeStepName
from ec2_lifecycle.model.choices import FREE_ZONES, Effect
from ec2_lifecycle.model.proof.obligations import Subjects
from ec2_lifecycle.model.proof.prover import Verdict, prove
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState
from ec2_lifecycle.model.theorems.happenings import Change, Happened, Sent, Zones
from ec2_lifecycle.model.theorems.theorem import Theorem, iff, theorem
from ec2_lifecycle.model.theorems.vocabulary import (
    doomed,
    ended,
    is_going,
    is_named,
    is_valid,
    protected,
    same_instance,
)
from ec2_lifecycle.model.world import Instance, Volume

TERMINATE: Final = (Operation.TERMINATE,)


@theorem("F1", over=TERMINATE)
def failure_changes_nothing(sent: Sent, i: Instance) -> bool:
    """A termination that fails terminates nothing."""
    if not sent.succeeds and i in sent.before.instances:
        return same_instance(sent, i)
    return True


@theorem("F2", over=TERMINATE)
def protection_shields_the_request(sent: Sent, i: Instance, j: Instance) -> bool:
    """A protected instance shields every other instance that the request names."""
    if not is_named(sent, i) or not is_named(sent, j) or doomed(sent.before, i):
        return True
    if sent.before.disable_api_termination(j) and not ended(sent.before, j):
        return not doomed(sent.after, i)
    return True


@theorem("F3", over=TERMINATE)
def only_termination_protection_counts(sent: Sent) -> bool:
    """A valid termination succeeds unless termination protection is set."""
    if is_valid(sent) and not any(
        sent.before.disable_api_termination(j) or sent.before.termination_settling(j) for j in sent.request.instances
    ):
        return sent.succeeds
    return True


@theorem("F4", over=TERMINATE)
def ending_twice_fails(sent: Sent) -> bool:
    """A termination of a terminated instance fails."""
    if any(sent.before.state(j) is InstanceState.TERMINATED for j in sent.request.instances):
        return not sent.succeeds
    return True


@theorem("F5")
def protection_keeps_alive(change: Change, i: Instance) -> bool:
    """A protected instance stays alive until its protection is cleared."""
    if i in change.before.instances and protected(change.before, i) and not doomed(change.before, i):
        return not doomed(change.after, i)
    return True


@theorem("F6", over=TERMINATE)
def shutting_down_comes_first(sent: Sent, i: Instance) -> bool:
    """A terminated instance is shutting down before it is terminated."""
    if sent.succeeds and is_named(sent, i) and not ended(sent.before, i):
        return sent.after.state(i) is InstanceState.SHUTTING_DOWN
    return True


@theorem("F7", over=(VolumeStepName.RELEASED,))
def volumes_go_with_their_instance(happened: Happened, v: Volume) -> bool:
    """The volumes of an instance are deleted when it is terminated."""
    if v == happened.subject:
        return is_going(happened.after, v)
    return True


@theorem("F8", over=TERMINATE)
def cleared_is_cleared(sent: Sent) -> bool:
    """A valid termination succeeds once every protection is cleared."""
    if is_valid(sent) and not any(protected(sent.before, j) for j in sent.request.instances):
        return sent.succeeds
    return True


@theorem("F9", over=TERMINATE)
def protected_means_refused(sent: Sent) -> bool:
    """A termination that names a protected instance fails."""
    if any(protected(sent.before, j) for j in sent.request.instances):
        return not sent.succeeds
    return True


@theorem("F10", over=TERMINATE)
def batches_can_be_split(sent: Sent, zones: Zones, i: Instance) -> bool:
    """A termination has the same effect as one request for each Availability Zone."""
    if i not in sent.before.instances or sent.choices.of(FREE_ZONES) is Effect.AFTER_ANSWER:
        return True
    if not all(j in sent.before.instances for j in sent.request.instances):
        return True
    first = sent.within(zones)
    second = sent.beyond(zones).sent_in(first.after)
    return iff(doomed(second.after, i), doomed(sent.after, i))


CLAIMS: Final[tuple[Theorem, ...]] = (
    failure_changes_nothing,
    protection_shields_the_request,
    only_termination_protection_counts,
    ending_twice_fails,
    protection_keeps_alive,
    shutting_down_comes_first,
    volumes_go_with_their_instance,
    cleared_is_cleared,
    protected_means_refused,
    batches_can_be_split,
)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_that_sounds_right_is_refuted(claim: Theorem) -> None:
    proof = prove(claim, Subjects(EC2), ("z3",))
    assert proof.verdicts == {"z3": Verdict.BROKEN}
    assert proof.counterexample is not None
    assert proof.counterexample.error is None


def test_the_page_lists_these_claims() -> None:
    listed = re.findall(r"^\| (?:\*\*)?F\d+(?:\*\*)? \| (.+?) \|", text_of("trust.md"), re.MULTILINE)
    assert listed == [claim.sentence for claim in CLAIMS]
