"""The lifecycle: for each operation and each state of an instance, the next state.

Each row has the state that a reply shows as current, and the clause that promises it.
If a state has no row, EC2 refuses the operation (see its refusal ladder).
"""

from dataclasses import dataclass
from typing import Final

from .states import InstanceState

PENDING = InstanceState.PENDING
RUNNING = InstanceState.RUNNING
SHUTTING_DOWN = InstanceState.SHUTTING_DOWN
TERMINATED = InstanceState.TERMINATED
STOPPING = InstanceState.STOPPING
STOPPED = InstanceState.STOPPED


@dataclass(frozen=True, slots=True)
class Row:
    """The state that follows, and the clause that says so."""

    to: InstanceState
    clause: str


TERMINATE: Final = {
    PENDING: Row(SHUTTING_DOWN, "TERM-17"),
    RUNNING: Row(SHUTTING_DOWN, "TERM-13"),
    STOPPING: Row(SHUTTING_DOWN, "TERM-14"),
    STOPPED: Row(TERMINATED, "TERM-12"),
    SHUTTING_DOWN: Row(SHUTTING_DOWN, "TERM-15"),
    TERMINATED: Row(TERMINATED, "TERM-16"),
}

STOP: Final = {
    PENDING: Row(STOPPING, "STOP-4"),
    RUNNING: Row(STOPPING, "STOP-1"),
    STOPPING: Row(STOPPING, "STOP-3"),
    STOPPED: Row(STOPPED, "STOP-2"),
}

START: Final = {
    PENDING: Row(PENDING, "START-3"),
    RUNNING: Row(RUNNING, "START-2"),
    STOPPED: Row(PENDING, "START-1"),
    SHUTTING_DOWN: Row(SHUTTING_DOWN, "START-10"),
}

REBOOT: Final = {
    PENDING: Row(PENDING, "REBOOT-3"),
    RUNNING: Row(RUNNING, "REBOOT-1"),
    STOPPING: Row(STOPPING, "REBOOT-3"),
    STOPPED: Row(STOPPED, "REBOOT-3"),
    SHUTTING_DOWN: Row(SHUTTING_DOWN, "REBOOT-3"),
    TERMINATED: Row(TERMINATED, "REBOOT-2"),
}

TRANSITIONS: Final = {
    PENDING: (RUNNING, STOPPING, STOPPED, SHUTTING_DOWN, TERMINATED),
    RUNNING: (STOPPING, SHUTTING_DOWN),
    STOPPING: (STOPPED, SHUTTING_DOWN),
    STOPPED: (PENDING, TERMINATED),
    SHUTTING_DOWN: (TERMINATED,),
    TERMINATED: (),
}
"""Every change of state that may ever occur (STATE-3): by a request, or by EC2 itself."""
