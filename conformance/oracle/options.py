"""The ways in which a named id may be, and which refusals it meets then."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from ...model.outcomes import Move
from ...model.states import InstanceState
from ...model.world import IdForm, InstanceRecord, Zone
from .belief import Records
from .explore import Picks
from .fault import found_in

T = TypeVar("T")

Rungs = frozenset[int]
"""Rungs of a ladder, by their numbers on it."""


class Fates(tuple[tuple[InstanceRecord, Move], ...]):  # noqa: SLOT001 - what is worked out is kept in its `__dict__`
    """What may have been, and what may have become of it, for one instance; what follows is worked out once."""

    @cached_property
    def before(self) -> Records:
        """What may have been."""
        return frozenset(record for record, _ in self)

    @cached_property
    def after(self) -> Records:
        """What may have become of it."""
        return frozenset(move.after for _, move in self)

    @cached_property
    def found_in(self) -> str:
        """The states in which the request may have found the instance."""
        return found_in(record for record, _ in self)

    @cached_property
    def clauses(self) -> frozenset[str]:
        """The clauses by which the request may have gone through."""
        return frozenset(clause for _, move in self for clause in (move.row, move.granted) if clause is not None)

    @cached_property
    def _parts(self) -> "dict[tuple[InstanceState | None, InstanceState | None], Fates]":
        return {}

    def going_by(self, previous: InstanceState | None, current: InstanceState | None) -> "Fates":
        """Return what may have become of the instance where a reply shows these states."""
        shown = (previous, current)
        if shown not in self._parts:
            self._parts[shown] = Fates(
                (record, move) for record, move in self if record.state is previous and move.after.state is current
            )
        return self._parts[shown]


@dataclass(frozen=True, eq=False, slots=True)
class Option:
    """One way a named id may be: its record (or form), the choices settled on the way, and the rungs that it trips."""

    subject: InstanceRecord | IdForm
    picks: Picks
    trips: Rungs


@dataclass(frozen=True, eq=False)
class Options:
    """Every possible condition of a named id, narrowed by what is known of it.

    An engine makes one object for each thing that can be known, and many replies are asked about few of them.
    So each remembers what it was asked.
    """

    all: tuple[Option, ...]

    @cached_property
    def _memo(self) -> dict[object, Any]:
        return {}

    def _remembered(self, key: object, compute: Callable[[], T]) -> T:
        if key not in self._memo:
            self._memo[key] = compute()
        return self._memo[key]

    @cached_property
    def _trips(self) -> Rungs:
        return frozenset[int]().union(*(option.trips for option in self.all))

    @cached_property
    def zone(self) -> Zone | None:
        """The zone of the instance; None where the id is none of an instance."""
        record = self.all[0].subject
        return record.zone if isinstance(record, InstanceRecord) else None

    def may(self, rungs: Rungs) -> bool:
        """Tell whether the id may trip one of these rungs."""
        return not self._trips.isdisjoint(rungs)

    def must(self, rungs: Rungs) -> bool:
        """Tell whether the id trips one of these rungs, whichever way it is."""
        return not any(option.trips.isdisjoint(rungs) for option in self.all)

    def without(self, rungs: Rungs) -> "Options":
        """Return those ways that trip none of these rungs."""
        if not self.may(rungs):
            return self
        return self._remembered(
            ("without", rungs), lambda: Options(tuple(o for o in self.all if o.trips.isdisjoint(rungs)))
        )

    def only(self, rungs: Rungs) -> "Options":
        """Return those ways that trip one of these rungs."""
        if self.must(rungs):
            return self
        return self._remembered(
            ("only", rungs), lambda: Options(tuple(o for o in self.all if not o.trips.isdisjoint(rungs)))
        )

    def unmoved(self, because: str) -> Fates:
        """Return that nothing becomes of the instance, by a clause."""
        return self._remembered(("unmoved", because), lambda: self._unmoved(because))

    def _unmoved(self, because: str) -> Fates:
        records = dict.fromkeys(option.subject for option in self.all)
        return Fates((r, Move(r, because, because)) for r in records if isinstance(r, InstanceRecord))
