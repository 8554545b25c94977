"""Indexes candidates by the records that they reach; keeps the cheapest candidates for each record."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, TypeVar

from ...model.requests import Operation
from ...model.specification import Specification
from ...model.world import Instance, InstanceRecord, World
from ...strategies.covering.candidates import Candidate
from ...strategies.covering.derivation_scopes import SCOPES
from ...strategies.covering.moves import asks
from ...strategies.covering.reached_world import ReachedWorld
from .background_steps import BackgroundSteps, Held
from .possibilities import Outcome, Point, Way, outcomes, points

R = TypeVar("R")

Outcomes: TypeAlias = Callable[[int], Sequence[tuple[Point, Mapping[Outcome, Way]]]]
"""The last requests of a candidate, with all their possible outcomes."""

_NEAREST: Final = 8
"""Candidates kept per record."""


@dataclass(slots=True)
class RecordIndex:
    """The candidates that reach each record, by number, with a way to play them.

    `beyond` are the records that only steps beyond any caller's control reach.
    """

    spec: Specification
    instances: dict[InstanceRecord, list[tuple[int, Way]]] = field(
        default_factory=dict[InstanceRecord, "list[tuple[int, Way]]"]
    )
    volumes: dict[Held, list[tuple[int, Way]]] = field(default_factory=dict[Held, "list[tuple[int, Way]]"])
    beyond: tuple[InstanceRecord, ...] = ()
    _asked: dict[Operation, list[tuple[Point, Mapping[Outcome, Way]]]] = field(
        default_factory=dict[Operation, "list[tuple[Point, Mapping[Outcome, Way]]]"]
    )

    @classmethod
    def of(
        cls, spec: Specification, background: BackgroundSteps, candidates: Sequence[Candidate], outcomes_of: Outcomes
    ) -> "RecordIndex":
        """Return the index of some candidates."""
        index = cls(spec)
        for number, candidate in enumerate(candidates):
            if candidate.large:
                continue
            watching = candidate.scenario.mentions_volumes  # otherwise nobody looks at volumes
            if candidate.ask is None:
                index._add(background, candidate.place.world, number, Way(), watching=watching)
            for _, found in outcomes_of(number):
                for outcome, way in found.items():
                    left = outcome.left
                    if left.instances or left.volumes or watching:
                        world = candidate.place.world.with_records(dict(left.instances), dict(left.volumes))
                        index._add(background, world, number, way, watching=watching)
        index.beyond = tuple(_beyond(background, index.instances))
        return index

    def _add(self, background: BackgroundSteps, world: World, number: int, way: Way, *, watching: bool) -> None:
        becoming = {i: tuple(background.becoming(record)) for i, record in world.instances.items()}
        for records in becoming.values():
            for record in records:
                _note(self.instances, record, number, way)
        for volume in world.volumes.values() if watching else ():
            todo: list[Held] = (
                [(volume, None)] if volume.holder is None else [(volume, holder) for holder in becoming[volume.holder]]
            )
            seen: set[Held] = set()
            while todo:
                held = todo.pop()
                if held not in seen:
                    seen.add(held)
                    _note(self.volumes, held, number, way)
                    todo.extend(
                        (after, None if after.holder is None else held[1])
                        for _, after in background.volume_successors(held)
                        if after is not None
                    )

    def asked_beyond(self, operations: Collection[Operation]) -> Iterator[tuple[Point, Mapping[Outcome, Way]]]:
        """Yield requests about records that no caller can cause, each with its outcomes."""
        for operation in operations:
            if operation not in self._asked:
                self._asked[operation] = [(p, outcomes(self.spec, p)) for p in self._points_beyond(operation)]
            yield from self._asked[operation]

    def _points_beyond(self, operation: Operation) -> Iterator[Point]:
        scope = replace(SCOPES[0], asks=(operation,))
        for record in self.beyond:
            place = ReachedWorld(world=World({Instance("A"): record}))
            for step in asks(scope, place):
                yield from points(place, step)


def _note(found: dict[R, list[tuple[int, Way]]], record: R, number: int, way: Way) -> None:
    nearest = found.setdefault(record, [])
    if len(nearest) < _NEAREST and all(number != other for other, _ in nearest):
        nearest.append((number, way))


def _beyond(background: BackgroundSteps, caused: Mapping[InstanceRecord, object]) -> Iterator[InstanceRecord]:
    """Yield the records that others become by what no caller can cause, and whatever becomes of those."""
    reached = dict.fromkeys(caused)
    todo = list(caused)
    while todo:
        for _, after in sorted(background.successors(todo.pop()), key=repr):
            if after is not None and after not in reached:
                reached[after] = None
                todo.append(after)
                yield after
