"""The changes of state that a target's replies show, counted by the specification's table of transitions."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, field
from functools import cache
from itertools import product
from typing import Final

from ...model.lifecycle import REBOOT, START, STOP, TERMINATE
from ...model.requests import Operation
from ...model.specification import Specification
from ...model.states import InstanceState, RootDevice, ShutdownBehavior, Visibility
from ...model.world import Fate, Instance, InstanceRecord, World, Zone
from ...reports.events import TransitionInfo
from ..adapter.observation import Changes, Instances, Observation

Transition = tuple[InstanceState, InstanceState]
Table = Mapping[InstanceState, tuple[InstanceState, ...]]
Rows = tuple[tuple[InstanceState, tuple[InstanceState, ...]], ...]
_STATES: Final = {state.value: state for state in InstanceState}


@dataclass(slots=True)
class Transitions:
    """The changes of one scenario.

    Nobody looks all the time: what a reply shows may lie several transitions behind what the last one showed.
    Then each of the shortest way is counted; where no way leads there, the change itself is.
    """

    table: InitVar[Table]
    seen: Counter[Transition] = field(default_factory=Counter[Transition])
    _last: dict[Instance, InstanceState] = field(default_factory=dict[Instance, InstanceState])
    _ways: Mapping[Transition, tuple[Transition, ...]] = field(init=False)

    def __post_init__(self, table: Table) -> None:
        self._ways = ways(tuple(table.items()))

    def take(self, observation: Observation) -> None:
        """Take in a reply; a state that EC2 does not have is no business of ours."""
        if isinstance(observation, Changes):
            items = {item.instance: item for item in observation.items}  # of a repeated id there may be several
            for item in items.values():
                self._at(item.instance, item.previous.name)
                if item.previous.name == item.current.name and (state := _STATES.get(item.current.name)) is not None:
                    self.seen[state, state] += 1
                self._at(item.instance, item.current.name)
        elif isinstance(observation, Instances):
            for shown in observation.items:
                self._at(shown.instance, shown.state.name)

    def _at(self, instance: Instance, name: str) -> None:
        state = _STATES.get(name)
        if state is None:
            return
        last = self._last.get(instance)
        self._last[instance] = state
        if last is not None and last is not state:
            self.seen.update(self._ways[last, state])


@cache
def ways(table: Rows) -> Mapping[Transition, tuple[Transition, ...]]:
    """Return the way from each state to each."""
    return {(source, to): way(table, source, to) for source, to in product(InstanceState, repeat=2)}


def way(table: Rows, source: InstanceState, to: InstanceState) -> tuple[Transition, ...]:
    """Return the shortest way from a state to another; where there is none, the change itself."""
    following = dict(table)
    ways: dict[InstanceState, tuple[Transition, ...]] = {source: ()}
    todo = deque([source])
    while todo:
        at = todo.popleft()
        for after in following.get(at, ()):
            if after not in ways:
                ways[after] = (*ways[at], (at, after))
                todo.append(after)
    return ways.get(to, ((source, to),))


def lifecycle(spec: Specification) -> Iterator[TransitionInfo]:
    """Yield every row of the lifecycle: what requests do, as its tables say, then what EC2 does by itself.

    Last come the transitions that only a setting of the open points takes, so that none of them is left out.
    """
    led: set[Transition] = set()
    for operation, rows in (
        (Operation.START, START),
        (Operation.STOP, STOP),
        (Operation.REBOOT, REBOOT),
        (Operation.TERMINATE, TERMINATE),
    ):
        for state, row in rows.items():
            led.add((state, row.to))
            yield TransitionInfo(state.value, row.to.value, operation.value, row.clause)
    told: set[tuple[object, ...]] = set()
    for step in spec.steps:
        for state in spec.transitions:
            for world in _worlds(state):
                [me] = world.instances
                if not step.enabled(world, me):
                    continue
                after = step.after(world, me).state
                change = (step.name, state, after)
                if after is not state and change not in told:
                    told.add(change)
                    led.add((state, after))
                    yield TransitionInfo(state.value, after.value, step.name.value, step.clause)
    for state, following in spec.transitions.items():
        for after in following:
            if (state, after) not in led:
                yield TransitionInfo(state.value, after.value, "an open point", "STATE-3")


def _worlds(state: InstanceState) -> Iterator[World]:
    """Yield worlds of one instance in a state, in every way that a background step tells apart."""
    for root, has_run, behavior, fate in product(RootDevice, (True, False), ShutdownBehavior, Fate):
        record = InstanceRecord(
            Zone("1"),
            state,
            root_device=root,
            has_run=has_run,
            shutdown_behavior=behavior,
            visibility=Visibility.VISIBLE,
            fate=fate,
        )
        yield World({Instance("it"): record})
