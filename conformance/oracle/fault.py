"""One thing that is wrong with a reply, before anyone is blamed for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ...model.requests import Operation
from ...model.states import CODES, Cause, InstanceState
from ...model.world import Instance, InstanceRecord, Volume
from ..adapter.observation import StateSeen

STATES: Final = {state.value: state for state in InstanceState}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a reply, before it is known which step to blame.

    `clause` empty: the step that made the difference gives it.
    `opens`: of these nobody knows whether they are as EC2 would have them, or as the reply shows.
    """

    clause: str
    operation: Operation
    state: str
    expected_class: str
    observed_class: str
    expected: tuple[str, ...]
    observed: str
    instance: Instance | None = None
    volume: Volume | None = None
    opens: frozenset[str] = frozenset()
    step: int | None = None
    """The step to blame, where it is known to be an earlier one."""
    title: str = ""
    """What a finding is called, where the classes do not say it."""


def state_of(seen: StateSeen) -> InstanceState | None:
    """Return the state that a code and a name agree on (STATE-1, STATE-2), or None."""
    state = STATES.get(seen.name)
    return state if state is not None and seen.code & 0xFF == CODES[state] else None


def show(seen: StateSeen) -> str:
    """Return a state as people read it."""
    return f"{seen.name}({seen.code})"


ENDED: Final = ("volume:deleting", "volume:deleted")
"""What a volume came to whose instance EC2 ended by itself: possible at any time, and never the first guess."""
_PASSES_TO: Final = {
    InstanceState.PENDING: InstanceState.RUNNING,
    InstanceState.STOPPING: InstanceState.STOPPED,
    InstanceState.SHUTTING_DOWN: InstanceState.TERMINATED,
}


def at_rest(states: Iterable[InstanceState]) -> tuple[InstanceState, ...]:
    """Return the states without those that may have passed into another of them, in the order of their names.

    So that one divergence has one name, however late its instance was looked at.
    """
    found = set(states)
    left = {state for state in found if _PASSES_TO.get(state) not in found}
    return tuple(sorted(left, key=lambda state: state.value))


def found_in(records: Iterable[InstanceRecord]) -> str:
    """Return the state in which a request found an instance; several where nothing tells which.

    That EC2 ended it by itself is possible at any time, and never the first guess.
    """
    possible = list(records)
    likely = [record for record in possible if record.cause is not Cause.SERVICE] or possible
    return "|".join(state.value for state in at_rest(record.state for record in likely)) or "-"


def either(faults: list[Fault]) -> Fault:
    """Return the fault of a reply that fits none of several possible worlds: that of the least unlikely one."""
    return replace(
        min(faults, key=lambda fault: fault.expected_class in ENDED),
        expected_class="|".join(sorted({one for fault in faults for one in fault.expected_class.split("|")})),
        expected=tuple(dict.fromkeys(one for fault in faults for one in fault.expected)),
    )
