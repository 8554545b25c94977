"""Decides whether one record simulates another: every visible result of the other is possible for it too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Final, TypeAlias

from ...model.requests import Attribute, Operation
from ...model.specification import Specification
from ...model.states import Cause
from ...model.world import Instance, InstanceRecord, World
from ...strategies.covering.derivation_scopes import Oddities, Scope
from ...strategies.covering.moves import asks
from ...strategies.covering.reached_world import ReachedWorld
from .background_steps import PUSHED, BackgroundSteps
from .possibilities import Outcome, outcomes, points

Pair: TypeAlias = tuple[InstanceRecord, InstanceRecord]
"""A record that may simulate, and the record to be simulated."""

_ASKED: Final = Scope(
    "likeness",
    "everything that can be asked of one instance",
    launches=(),
    asks=(
        Operation.TERMINATE,
        Operation.STOP,
        Operation.START,
        Operation.REBOOT,
        Operation.DESCRIBE,
        Operation.MODIFY,
        Operation.DESCRIBE_ATTRIBUTE,
    ),
    attributes=(Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP, Attribute.SHUTDOWN_BEHAVIOR),
    oddities=Oddities.FLAGS,
)
_ME: Final = Instance("A")
_MOST: Final = 250
"""Pairs after which the search stops, and the simulation counts as not shown."""


@dataclass(slots=True)
class SimulationRelation:
    """The simulation relation of the records of one specification, cached."""

    spec: Specification
    background: BackgroundSteps
    _known: dict[Pair, bool] = field(default_factory=dict[Pair, bool])
    _answers: dict[InstanceRecord, tuple[tuple[Outcome, ...], ...]] = field(
        default_factory=dict[InstanceRecord, "tuple[tuple[Outcome, ...], ...]"]
    )

    def passes(self, before: InstanceRecord, after: InstanceRecord) -> bool:
        """Tell whether `after` looks like a possible, unobserved successor of `before`."""
        if self.background.covers(before, after):
            return True
        pair = (before, after)
        if pair not in self._known:
            closure = sorted(self.background.closure(before), key=repr)
            self._known[pair] = any(self._passes_for(record, after) for record in closure if _looks_like(record, after))
        return self._known[pair]

    def _passes_for(self, record: InstanceRecord, other: InstanceRecord) -> bool:
        """Explore both records in parallel, until no new pairs appear or they can be told apart."""
        assumed: set[Pair] = set()
        todo = [(record, other)]
        while todo:
            pair = todo.pop()
            if pair[0] == pair[1] or pair in assumed:
                continue
            if not _looks_like(*pair) or len(assumed) >= _MOST:
                return False
            assumed.add(pair)
            matched = list(self._matched(*pair))
            if None in matched:
                return False
            todo.extend(found for found in matched if found is not None)
        return True

    def _matched(self, record: InstanceRecord, other: InstanceRecord) -> Iterator[Pair | None]:
        """Yield, for every successor of `other`, a matching successor of `record`, or None if there is none."""
        for name, after in sorted(self.background.successors(other), key=repr):
            if after is not None and name not in PUSHED:
                reached = sorted(self.background.closure(record), key=repr)
                yield _nearest((one, after) for one in reached if _looks_like(one, after))
        for mine, others in zip(self._asked(record), self._asked(other), strict=True):
            for outcome in others:
                yield _nearest(p for one in mine if (p := _like(record, one, other, outcome)) is not None)

    def _asked(self, record: InstanceRecord) -> tuple[tuple[Outcome, ...], ...]:
        if record not in self._answers:
            place = ReachedWorld(world=World({_ME: record}))
            self._answers[record] = tuple(
                tuple(outcomes(self.spec, point)) for step in asks(_ASKED, place) for point in points(place, step)
            )
        return self._answers[record]


def _like(record: InstanceRecord, mine: Outcome, other: InstanceRecord, outcome: Outcome) -> Pair | None:
    """Return the records that two outcomes leave, if the outcomes look alike."""
    if mine.header != outcome.header or mine.shown != outcome.shown:
        return None
    left = (dict(mine.left.instances).get(_ME, record), dict(outcome.left.instances).get(_ME, other))
    return left if _looks_like(*left) else None


def _nearest(pairs: Iterable[Pair]) -> Pair | None:
    """Return the pair with the fewest differences."""
    return min(pairs, key=_unlike, default=None)


def _unlike(pair: Pair) -> int:
    record, other = pair
    return sum(getattr(record, one.name) != getattr(other, one.name) for one in fields(InstanceRecord))


def _looks_like(record: InstanceRecord, other: InstanceRecord) -> bool:
    """Tell whether two records look alike, ignoring the fields that no reply shows."""
    hidden = replace(
        other,
        has_run=record.has_run,
        termination_settling=record.termination_settling,
        stop_settling=record.stop_settling,
        visibility=record.visibility,
        fate=record.fate,
        cause=record.cause if record.cause is Cause.OPEN else other.cause,
    )
    return record == hidden
