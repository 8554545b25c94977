"""Charges a previous state that cannot be: to the reply that shows it, or to the request that brought it about.

A program that terminates an instance a second time, and never describes it, sees only in that reply that a request
which EC2 refuses had ended it. The reply is right then, and the earlier request is to blame.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ...model.requests import Operation, Request
from ...model.states import Cause, InstanceState
from ...model.world import Instance
from .fault import STATES, Fault, at_rest
from .history import History
from .items import Items, item_fault
from .options import Fates

PREVIOUS: Final = "state:previous-"
"""The beginning of the class of a previous state that cannot be."""
_BRINGS_TO: Final[Mapping[Operation, Collection[InstanceState]]] = {
    Operation.TERMINATE: (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED),
    Operation.STOP: (InstanceState.STOPPING, InstanceState.STOPPED),
    Operation.START: (InstanceState.PENDING, InstanceState.RUNNING),
}
"""The states in which the next request finds an instance that an operation changed."""

Unfitting = tuple[Instance, Fates, Items]
"""An instance, what may have become of it, and what a reply says of it instead."""


def unfitting_faults(request: Request, unfitting: Collection[Unfitting], history: History) -> Iterator[Fault]:
    """Yield what is wrong with each state that a reply lists and that cannot be.

    A reply that shows a wrong previous state without any such request proves that this is how the target replies.
    """
    earlier = {i: _brought_about(i, fates, seen, history) for i, fates, seen in unfitting}
    plain = [item_fault(request, *one) for one in unfitting]
    misstates = request.operation in history.misstating or any(
        fault.observed_class.startswith(PREVIOUS) and earlier[i] is None
        for (i, _, _), fault in zip(unfitting, plain, strict=True)
    )
    for (i, _, _), fault in zip(unfitting, plain, strict=True):
        cause = earlier[i]
        yield fault if cause is None or misstates else cause


def _brought_about(i: Instance, fates: Fates, seen: Items, history: History) -> Fault | None:
    """Return the fault of the last request that named an instance, if the previous state is what it leads to.

    That EC2 ended the instance by itself is possible at any time, and never the first guess.
    """
    touch = history.touched.get(i)
    previous, current = seen.first
    if touch is None or previous is None or current is None or previous not in _BRINGS_TO.get(touch.operation, ()):
        return None
    found = {STATES[state] for state in touch.state.split("|") if state in STATES}
    likely = {before.state for before, _ in fates if before.cause is not Cause.SERVICE} or found
    if not likely or previous in likely:
        return None
    return Fault(
        "",
        touch.operation,
        touch.state,
        "|".join(f"state:{state.value}" for state in at_rest(likely)),
        f"state:{previous.value}",
        tuple(f"{i} {state}" for state in sorted(state.value for state in likely)),
        f"{i} {previous.value}, as the previous state in a later reply shows",
        instance=i,
        opens=frozenset({i}),
    )
