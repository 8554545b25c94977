"""Faults that TerminateInstances, StopInstances, StartInstances and RebootInstances can all have."""

from ....model.requests import Operation
from ....model.states import InstanceState
from ..fault import Fault
from ..faulty_ec2 import obeying, rewriting
from ..replies import LISTS, Reply
from ..rules import in_state, refusing, with_row


def wrong_row(clause: str, operation: Operation, before: InstanceState, after: InstanceState) -> Fault:
    """Move an instance from one state to a wrong one."""
    return Fault(clause, f"{before.value} goes to {after.value}", obeying(with_row(operation, before, state=after)))


def refused(clause: str, operation: Operation, *states: InstanceState) -> Fault:
    """Refuse instances in states in which EC2 accepts them."""
    names = " or ".join(state.value for state in states)
    return Fault(clause, f"{names} instances are refused", obeying(refusing(operation, in_state(*states))))


def wrong_items(clause: str, operation: Operation) -> tuple[Fault, ...]:
    """Answer with wrong items."""
    key = LISTS[operation]

    def less(reply: Reply) -> None:
        del reply[key][-1:]

    def twice(reply: Reply) -> None:
        reply[key] += reply[key][:1]

    def more(reply: Reply) -> None:
        reply[key] += [{**reply[key][0], "InstanceId": "i-0123456789abcdef0"}]

    def current_as_previous(reply: Reply) -> None:
        for item in reply[key]:
            item["PreviousState"] = item["CurrentState"]

    changes = (
        ("an item is missing", less),
        ("an item comes twice", twice),
        ("an item for an instance that was not named", more),
        ("the current state stands as the previous one", current_as_previous),
    )
    return tuple(Fault(clause, sentence, rewriting(operation, change)) for sentence, change in changes)
