"""Executes a specification breadth first: every world that a scope can reach, and a way to it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from ..background import StepName, VolumeStepName
from ..outcomes import OperationRules, Rung
from ..requests import Operation, Request
from ..specification import Specification
from ..states import InstanceState, VolumeState
from ..world import World
from .acts import Act, InstanceEvent, Taken, VolumeEvent
from .moves import acts_in, ways
from .paths import Arrival, path_to
from .scope import Scope
from .symmetry import Key, Unnamed, canonical

Mover = Operation | StepName | VolumeStepName
"""What can change a state."""
State = InstanceState | VolumeState
"""The state of an instance or of a volume."""
Change = tuple[Mover, State | None, State]
"""What became of something that an act names: by what, from which state (None: it was made), to which."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was seen on the way. Counted are situations: a world and an act in it, each up to renaming."""

    answers: Counter[tuple[Operation, Rung | None]] = field(default_factory=Counter[tuple[Operation, Rung | None]])
    """In how many situations a request may be answered so: by a refusal, or by success (None)."""
    changes: Counter[Change] = field(default_factory=Counter[Change])
    """In how many situations what an act is about may change so, or stay so although the act is carried out."""
    picks: set[tuple[str, Enum]] = field(default_factory=set[tuple[str, Enum]])
    """The alternatives that were picked, with the id of their choice."""


@dataclass(frozen=True)
class Reached:
    """Every world that a specification reaches in a scope, up to renaming; the empty world is the first.

    The worlds are in the order of their distance from the empty one: the fewest requests and background steps.
    `transitions` counts what is different of (world, act, answer, world): the choices that lead to it do not count,
    an act that differs in names only is one, and that an act leaves the world as it is counts as well.
    """

    spec: Specification
    scope: Scope
    worlds: tuple[World, ...]
    arrivals: tuple[Arrival | None, ...]
    """How each world was first reached; only the empty one was there before."""
    depth: int
    """The distance of the farthest world."""
    transitions: int
    tally: Tally

    def path(self, number: int) -> tuple[Taken, ...]:
        """Return a shortest path to a world, by its place in `worlds`.

        Names are kept along the path: instances A, B, … in the order of their launches,
        volumes by their instance and device, as in scenario files.
        The world at the end is the one at that place, with these names.
        """
        return path_to(self.arrivals, number)


def explore(spec: Specification, scope: Scope, watch: Callable[[Taken], None] | None = None) -> Reached:
    """Execute every act of a scope in every world, from the empty world on, until there is no new one.

    `watch` is called with every transition under every setting of the choices.
    A rule that raises an error is a defect of the specification: the error says where.
    """
    exploration = _Exploration(spec, scope, watch)
    exploration.run()
    return Reached(
        spec,
        scope,
        tuple(exploration.worlds),
        tuple(exploration.arrivals),
        exploration.distances[-1],
        exploration.transitions,
        exploration.tally,
    )


class _Exploration:
    """The worlds found so far, in the order of their distance from the empty one."""

    def __init__(self, spec: Specification, scope: Scope, watch: Callable[[Taken], None] | None) -> None:
        self.spec = spec
        self.scope = scope
        self.watch = watch
        self.worlds: list[World] = []
        self.arrivals: list[Arrival | None] = []
        self.distances: list[int] = []
        self.transitions = 0
        self.tally = Tally()
        self._places: dict[Key, int] = {}

    def run(self) -> None:
        """Find every world."""
        self._places[Unnamed(self.scope.empty, self.scope.zone_names).key()] = 0
        self.worlds.append(self.scope.empty)
        self.arrivals.append(None)
        self.distances.append(0)
        # A list can grow while it is gone through: so worlds are met in the order of their distance.
        for number, world in enumerate(self.worlds):
            for act in acts_in(self.spec, self.scope, world):
                try:
                    self._try(number, world, act)
                except Exception as error:
                    error.add_note(f"in scope {self.scope.name!r}, by {act} in {world}")
                    raise
            # What rules remembered of a world is of no use once all requests have been tried in it.
            world.memo.clear()

    def _try(self, number: int, world: World, act: Act) -> None:
        found: set[tuple[Rung | None, int]] = set()
        changes: set[Change] = set()
        # Most ways to settle choices lead to the same few worlds, most often to the one that was there before.
        met = [(world, number)]
        for way in ways(self.spec, self.scope, world, act):
            self.tally.picks.update((id_, picked) for (id_, _), picked in way.choices.picks.items())
            for taken in way.transitions:
                place = next((place for known, place in met if known == taken.after), None)
                if place is None:
                    place = self._place_of(number, taken)
                    met.append((taken.after, place))
                found.add((taken.answer, place))
                changes.update(changes_of(self.spec, taken))
                if self.watch is not None:
                    self.watch(taken)
        self.transitions += len(found)
        self.tally.changes.update(changes)
        if isinstance(act, Request):
            self.tally.answers.update({(act.operation, answer) for answer, _ in found})

    def _place_of(self, number: int, taken: Taken) -> int:
        key, renaming = canonical(taken.after, self.scope.zone_names)
        if key not in self._places:
            self._places[key] = len(self.worlds)
            self.worlds.append(renaming.world(taken.after))
            self.arrivals.append(Arrival(number, taken, renaming))
            self.distances.append(self.distances[number] + 1)
        return self._places[key]


def changes_of(spec: Specification, taken: Taken) -> Iterator[Change]:
    """Yield what a transition does to the states of what its act names, where the act is about that.

    A request that is refused whole does nothing.
    """
    before, after, act = taken.before, taken.after, taken.act
    if isinstance(act, InstanceEvent):
        yield act.name, before.state(act.instance), after.state(act.instance)
    elif isinstance(act, VolumeEvent):
        yield act.name, before.volume_state(act.volume), after.volume_state(act.volume)
    elif taken.answer is None or taken.answer.by_zone:
        yield from _carried_out(spec.operations[act.operation], before, after, act)


def _carried_out(rules: OperationRules, before: World, after: World, request: Request) -> Iterator[Change]:
    if rules.instance is not None or rules.created_instance is not None:
        for i in request.instances:
            yield request.operation, before.state(i) if i in before.instances else None, after.state(i)
    if rules.volume is not None or rules.created_volume is not None:
        for v in request.volume_ids:
            yield request.operation, before.volume_state(v) if v in before.volumes else None, after.volume_state(v)
