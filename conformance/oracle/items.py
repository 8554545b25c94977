"""Compares the items of a reply with what the request names, and with what may have become of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ...model.requests import Attribute, AttributeRequest, LaunchRequest, Operation, Request
from ...model.states import InstanceState
from ...model.world import Instance
from ...reports.safe_text import count
from ..adapter.failures import ERROR_CODE
from ..adapter.observation import Changes, Instances, Observation, StateSeen, Unreadable, Volumes
from .divergence import UNREADABLE
from .fault import Fault, at_rest, show, state_of
from .options import Fates

DEAD: Final = (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)

SHAPE_CLAUSE: Final = {
    Operation.TERMINATE: "TERM-10",
    Operation.STOP: "STOP-10",
    Operation.START: "START-9",
}
"""The clause that promises the form of a reply that lists changes of state."""

READABLE: Final = {
    **SHAPE_CLAUSE,
    Operation.RUN: "RUN-1",
    Operation.REBOOT: "REBOOT-1",
    Operation.MODIFY: "PROT-8",
    Operation.CREATE_VOLUME: "VOL-10",
    Operation.ATTACH: "VOL-5",
    Operation.DETACH: "VOL-10",
    Operation.DELETE_VOLUME: "VOL-20",
    Operation.DESCRIBE_VOLUMES: "VOL-10",
}


def readable_clause(request: Request) -> str:
    """Return the clause that promises what the reply to a request shows."""
    if isinstance(request, AttributeRequest) and request.operation is Operation.DESCRIBE_ATTRIBUTE:
        return shown_attribute_clause(request.attribute)
    return READABLE.get(request.operation, "DESC-2")


def shown_attribute_clause(attribute: Attribute) -> str:
    """Return the clause that breaks if an attribute is not shown as it was last set."""
    return "PROT-10" if attribute is Attribute.SHUTDOWN_BEHAVIOR else "PROT-7"


def unreadable(request: Request, observation: Unreadable) -> Fault:
    """Return the fault of a reply in which a part is missing or does not have EC2's form."""
    operation, path = request.operation, observation.path
    return Fault(
        "ERR-4" if path == ERROR_CODE else readable_clause(request),
        operation,
        "-",
        f"readable:{path}" if path else "items:readable",
        f"{UNREADABLE}{path}" if path else "items:unreadable",
        (f"{path} as EC2 sends it" if path else f"a reply in the form of {operation.value}",),
        observation.problem,
        title=f"{operation.value}: {path or 'the reply'} cannot be read",
    )


def left_out(observation: Observation) -> frozenset[str]:
    """Return the listed instances or volumes whose state cannot be read."""
    unread = observation.unread if isinstance(observation, Instances | Volumes) else ()
    return frozenset(str(one.about) for one in unread if one.left_out and one.about is not None)


# Replies that list changes of state.


@dataclass(slots=True)
class Items:
    """The items of a reply about one instance: more than one only if its id was sent more than once.

    What a repeated item says is open (B-11), so that the first alone is judged.
    """

    seen: list[tuple[StateSeen, StateSeen]] = field(default_factory=list[tuple[StateSeen, StateSeen]])

    @property
    def first(self) -> tuple[InstanceState | None, InstanceState | None]:
        """The previous and current state of the first item; None where code and name disagree."""
        previous, current = self.seen[0]
        return state_of(previous), state_of(current)


def by_instance(observation: Observation) -> dict[Instance, Items]:
    """Return the items of a reply by instance; none where it lists no changes."""
    items: dict[Instance, Items] = {}
    for item in observation.items if isinstance(observation, Changes) else ():
        items.setdefault(item.instance, Items()).seen.append((item.previous, item.current))
    return items


def item_faults(request: Request, items: Mapping[Instance, Items]) -> Iterator[Fault]:
    """Compare the instances that a reply lists with those that the request names."""
    clause = SHAPE_CLAUSE[request.operation]
    named = Counter(request.instances)
    for i in named:
        if i not in items:
            yield _listing(clause, request, i, "listed", "missing")
        elif len(items[i].seen) not in (1, named[i]):
            yield _listing(clause, request, i, "listed", "repeated")
    for i in items:
        if i not in named:
            yield _listing(clause, request, i, "missing", "listed")
    for i, found in items.items():
        for seen in found.seen[0]:
            if state_of(seen) is None:
                yield Fault(
                    "STATE-1",
                    request.operation,
                    "-",
                    "state:consistent",
                    "state:inconsistent",
                    ("a code that belongs to the name of the state",),
                    f"{i} {show(seen)}",
                    instance=i,
                    opens=frozenset({i}),
                )


def _listing(clause: str, request: Request, i: Instance, expected: str, observed: str) -> Fault:
    return Fault(
        clause,
        request.operation,
        "-",
        f"items:{expected}",
        f"items:{observed}",
        (f"{i} {expected}" if expected != "missing" else f"no item for {i}, which the request does not name",),
        f"{i} {observed}",
        instance=i,
        opens=frozenset({i}),
    )


def from_state(fates: Fates, seen: Items) -> Fates:
    """Return what may have become of an instance, going by the previous state alone that the reply says."""
    previous, _ = seen.first
    return Fates((before, move) for before, move in fates if before.state is previous)


def item_fault(request: Request, i: Instance, fates: Fates, seen: Items) -> Fault:
    """A listed state is not one that the instance can have had, or come to."""
    previous, current = seen.first
    fitting = from_state(fates, seen)
    if previous is None or current is None:
        previous_seen, current_seen = seen.seen[0]
        wrong = previous_seen if previous is None else current_seen
        return _state_fault(
            "STATE-1", request, i, "-", ("a code that belongs to its name",), show(wrong), "inconsistent"
        )
    if not fitting:
        states = sorted({before.state.value for before, _ in fates})
        return _state_fault(
            SHAPE_CLAUSE[request.operation],
            request,
            i,
            fates.found_in,
            tuple(f"{i} previous state {state}" for state in states),
            f"{i} previous state {previous.value}",
            f"previous-{previous.value}",
            [f"previous-{s.value}" for s in at_rest(before.state for before, _ in fates)],
        )
    states = sorted({move.after.state.value for _, move in fitting})
    return _state_fault(
        fitting[0][1].row,
        request,
        i,
        previous.value,
        tuple(f"{i} current state {state} (previous {previous.value})" for state in states),
        f"{i} current state {current.value} (previous {previous.value})",
        f"current-{current.value}",
        [f"current-{state}" for state in states],
    )


def _state_fault(
    clause: str,
    request: Request,
    i: Instance,
    state: str,
    expected: tuple[str, ...],
    observed: str,
    observed_class: str,
    expected_classes: Sequence[str] = ("consistent",),
) -> Fault:
    return Fault(
        clause,
        request.operation,
        state,
        "|".join(f"state:{each}" for each in expected_classes),
        f"state:{observed_class}",
        expected,
        observed,
        instance=i,
        opens=frozenset({i}),
    )


# Replies that list instances.


def launch_items(request: LaunchRequest, observation: Instances) -> Iterator[Fault]:
    """Compare the instances of a launch with those asked for; `counts.py` judges launches with a MinCount."""
    if request.min_count is not None:
        return
    launched = len(observation.items) + len(left_out(observation))
    if launched != len(request.instances):
        yield Fault(
            "RUN-1",
            request.operation,
            "-",
            "items:count",
            "items:other-count",
            (count(len(request.instances), "instance"),),
            count(launched, "instance"),
            opens=frozenset(request.instances),
        )


def described_items(request: Request, observation: Instances) -> Iterator[Fault]:
    """Compare the instances of a description with those asked for."""
    shown = {item.instance for item in observation.items}
    if len(shown) == len(observation.items) and shown == set(request.instances):
        return  # as it should be, and nearly always is
    listed = Counter(item.instance for item in observation.items)
    named = Counter(request.instances)
    for i in named:
        if not listed[i]:
            yield _listing("DESC-2", request, i, "listed", "missing")
        elif listed[i] not in (1, named[i]):
            yield _listing("DESC-2" if named[i] == 1 else "DESC-3", request, i, "listed", "repeated")
    for i in listed:
        if i not in named:
            yield _listing("DESC-2", request, i, "missing", "listed")
