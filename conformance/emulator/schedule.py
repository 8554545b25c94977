"""Schedules background steps: a deadline for every step that can happen."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, Generic, TypeVar

S = TypeVar("S", bound=Hashable)
"""The subject of a step."""
T = TypeVar("T", bound=Hashable)
"""The name of a step."""

UNSCHEDULED: Final = 0


@dataclass(slots=True)
class Schedule(Generic[S, T]):
    """Deadlines of steps; a step that is no longer possible loses its deadline.

    The heap keeps lost deadlines: `entries` has the number of the valid heap entry for a subject and a step.
    """

    heap: list[tuple[float, int, S, T]] = field(default_factory=list["tuple[float, int, S, T]"])
    entries: dict[S, dict[T, int]] = field(default_factory=dict["S", "dict[T, int]"])
    count: int = UNSCHEDULED

    def update(
        self, subject: S, possible: Iterable[T], deadlines: Callable[[list[T]], Iterable[tuple[float, T]]]
    ) -> None:
        """Set the possible steps of a subject; `deadlines` gives deadlines for those that are newly possible.

        A step without a deadline will not happen by itself.
        """
        before = self.entries.get(subject, {})
        now = {step: before.get(step, UNSCHEDULED) for step in possible}
        for deadline, step in deadlines([step for step in now if step not in before]):
            self.count += 1
            now[step] = self.count
            heappush(self.heap, (deadline, self.count, subject, step))
        if now:
            self.entries[subject] = now
        else:
            self.entries.pop(subject, None)

    def pending(self) -> dict[S, dict[T, float | None]]:
        """Return the possible steps of each subject, with their deadlines; None means only on demand."""
        deadlines = {number: deadline for deadline, number, _, _ in self.heap}
        return {
            subject: {step: deadlines.get(number) for step, number in steps.items()}
            for subject, steps in self.entries.items()
        }

    def restore(self, subject: S, due: Mapping[T, float | None] | None) -> None:
        """Restore the possible steps of a new subject, with their deadlines; None leaves it unscheduled."""
        if due is None:
            return
        now: dict[T, int] = {}
        for step, deadline in due.items():
            now[step] = UNSCHEDULED
            if deadline is not None:
                self.count += 1
                now[step] = self.count
                heappush(self.heap, (deadline, self.count, subject, step))
        self.entries[subject] = now

    def pop(self, due: Callable[[float], bool]) -> tuple[float, S, T] | None:
        """Remove and return the earliest step if it is due; it is not scheduled again.

        Thus a step that changes nothing does not repeat for ever.
        """
        while self.heap and due(self.heap[0][0]):
            deadline, number, subject, step = heappop(self.heap)
            if self.entries.get(subject, {}).get(step) == number:
                self.entries[subject][step] = UNSCHEDULED
                return deadline, subject, step
        return None
