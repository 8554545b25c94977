"""The worlds of a scope, each with the fewest steps that lead there: breadth-first execution of the specification."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TypeAlias

from ...model.specification import Specification
from ...model.world import Instance, Volume, World, Zone
from ..guide import Guide
from ..names import instances_made
from ..steps import RunStep, SettleStep, Step
from .moves import launches, moves
from .scopes import Scope

Likeness: TypeAlias = tuple[tuple[str, ...], ...]
"""What two worlds have in common that differ in names and numbers of zones only."""


@dataclass(frozen=True, slots=True)
class Place:
    """A world, the steps that lead there where every open point is settled as preferred, and how many are moves.

    `shown` are the volumes that a request can name there, because some reply has shown their ids.
    """

    steps: tuple[Step, ...] = ()
    world: World = World()
    moves: int = 0
    shown: tuple[Volume, ...] = ()

    @property
    def settled(self) -> bool:
        """Nothing happened since everything came to rest."""
        return not self.steps or isinstance(self.steps[-1], SettleStep)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every instance, in the order of launch."""
        return tuple(self.world.instances)

    def after(self, spec: Specification, step: Step) -> "Place":
        """Return where a step leads from here."""
        guide = Guide(spec, self.world)
        guide.shown.update(dict.fromkeys(self.shown))
        guide.take(step)
        moved = not isinstance(step, SettleStep | RunStep)
        return Place((*self.steps, step), guide.world, self.moves + moved, tuple(guide.shown))


def places(spec: Specification, scope: Scope) -> Iterator[Place]:
    """Yield every world of a scope by the shortest way to it, those nearest to the beginning first."""
    seen: set[tuple[Likeness, bool]] = set()
    todo = [Place()]
    while todo:
        further: list[Place] = []
        for place in todo:
            key = (likeness(place.world), place.settled)
            if key not in seen:
                seen.add(key)
                yield place
                further.extend(place.after(spec, step) for step in _ways_on(scope, place))
        todo = further


def _ways_on(scope: Scope, place: Place) -> Iterator[Step]:
    launched = sum(isinstance(step, RunStep) for step in place.steps)
    if launched < scope.instances and place.moves == 0:
        yield from launches(scope, place)
    if not place.settled:
        yield SettleStep()
    if place.moves < scope.depth and (place.settled or scope.racy) and place.instances:
        yield from moves(scope, place)


def likeness(world: World) -> Likeness:
    """Return what a world looks like whatever its instances, volumes and zones are called."""
    zones = sorted({r.zone for r in (*world.instances.values(), *world.volumes.values())})
    renamings = (dict(zip(zones, order, strict=True)) for order in permutations(zones))
    return min(_described(world, renamed) for renamed in renamings)


def _described(world: World, zones: dict[Zone, Zone]) -> Likeness:
    held: dict[Instance | None, list[str]] = {}
    for record in world.volumes.values():
        alike = replace(record, zone=zones[record.zone], holder=None)
        held.setdefault(record.holder, []).append(repr(alike))
    instances = sorted(
        (repr(replace(record, zone=zones[record.zone])), *sorted(held.pop(i, ())))
        for i, record in world.instances.items()
    )
    return (*instances, *(tuple(sorted(free)) for _, free in sorted(held.items(), key=repr)))


def launched_by(place: Place) -> tuple[str, ...]:
    """Return the names of the instances that the steps to a place launch, in order."""
    return tuple(name for step in place.steps for name in instances_made(step))
