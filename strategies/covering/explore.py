"""Explores the worlds of a scope by breadth-first execution of the specification."""

from collections.abc import Iterator

from ...model.reach.symmetry import Key, canonical
from ...model.specification import Specification
from ...model.world import Zone
from ..scenario.steps import RunStep, SettleStep, Step
from .derivation_scopes import Scope
from .moves import launches, moves
from .reached_world import ReachedWorld


def places(spec: Specification, scope: Scope) -> Iterator[ReachedWorld]:
    """Yield every world of a scope with the shortest way to it, nearest worlds first."""
    zones = tuple(Zone(str(number)) for number in range(1, scope.zones + 1))
    seen: set[tuple[Key, bool]] = set()
    todo = [ReachedWorld()]
    while todo:
        further: list[ReachedWorld] = []
        for place in todo:
            key = (canonical(place.world, zones)[0], place.settled)
            if key not in seen:
                seen.add(key)
                yield place
                further.extend(place.after(spec, step) for step in _ways_on(scope, place))
        todo = further


def _ways_on(scope: Scope, place: ReachedWorld) -> Iterator[Step]:
    launched = sum(isinstance(step, RunStep) for step in place.steps)
    if launched < scope.instances and place.moves == 0:
        yield from launches(scope, place)
    if not place.settled:
        yield SettleStep()
    if place.moves < scope.depth and (place.settled or scope.racy) and place.instances:
        yield from moves(scope, place)
