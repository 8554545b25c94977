"""The worlds of a scope, each with the fewest steps that lead there: breadth-first execution of the specification."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...model.reach.symmetry import Key, canonical
from ...model.specification import Specification
from ...model.world import Instance, Volume, World, Zone
from ..guide import Guide
from ..steps import RunStep, SettleStep, Step
from .moves import launches, moves
from .scopes import Scope

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
    zones = tuple(Zone(str(number)) for number in range(1, scope.zones + 1))
    seen: set[tuple[Key, bool]] = set()
    todo = [Place()]
    while todo:
        further: list[Place] = []
        for place in todo:
            key = (canonical(place.world, zones)[0], place.settled)
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
