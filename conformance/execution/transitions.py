"""Counts the state transitions that a target's replies show, by the specification's table of transitions."""

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
    """The state transitions of one scenario.

    Between two replies an instance may go through several transitions.
    Then each transition of the shortest path is counted; if there is no path, the change itself is.
    """

    table: InitVar[Table]
    seen: Counter[Transition] = field(default_factory=Counter[Transition])
    _last: dict[Instance, InstanceState] = field(default_factory=dict[Instance, InstanceState])
    _paths: Mapping[Transition, tuple[Transition, ...]] = field(init=False)

    def __post_init__(self, table: Table) -> None:
        self._paths = paths(tuple(table.items()))

    def record(self, observation: Observation) -> None:
        """Record a reply; states that EC2 does not have are ignored."""
        if isinstance(observation, Changes):
            items = {item.instance: item for item in observation.items}  # of a repeated id there may be several
            for item in items.values():
                self._moved_to(item.instance, item.previous.name)
                if item.previous.name == item.current.name and (state := _STATES.get(item.current.name)) is not None:
                    self.seen[state, state] += 1
                self._moved_to(item.instance, item.current.name)
        elif isinstance(observation, Instances):
            for shown in observation.items:
                self._moved_to(shown.instance, shown.state.name)

    def _moved_to(self, instance: Instance, name: str) -> None:
        state = _STATES.get(name)
        if state is None:
            return
        last = self._last.get(instance)
        self._last[instance] = state
        if last is not None and last is not state:
            self.seen.update(self._paths[last, state])


@cache
def paths(table: Rows) -> Mapping[Transition, tuple[Transition, ...]]:
    """Return the shortest path from each state to each other."""
    return {(source, to): shortest_path(table, source, to) for source, to in product(InstanceState, repeat=2)}


def shortest_path(table: Rows, source: InstanceState, to: InstanceState) -> tuple[Transition, ...]:
    """Return the shortest path from one state to another; if there is none, the change itself."""
    successors = dict(table)
    paths: dict[InstanceState, tuple[Transition, ...]] = {source: ()}
    todo = deque([source])
    while todo:
        at = todo.popleft()
        for after in successors.get(at, ()):
            if after not in paths:
                paths[after] = (*paths[at], (at, after))
                todo.append(after)
    return paths.get(to, ((source, to),))


def lifecycle(spec: Specification) -> Iterator[TransitionInfo]:
    """Yield every row of the lifecycle: the transitions that requests cause, then those of background steps.

    The transitions that only some choices of the open points allow come last, so that the list is complete.
    """
    covered: set[Transition] = set()
    for operation, rows in (
        (Operation.START, START),
        (Operation.STOP, STOP),
        (Operation.REBOOT, REBOOT),
        (Operation.TERMINATE, TERMINATE),
    ):
        for state, row in rows.items():
            covered.add((state, row.to))
            yield TransitionInfo(state.value, row.to.value, operation.value, row.clause)
    listed: set[tuple[object, ...]] = set()
    for step in spec.steps:
        for state in spec.transitions:
            for world in _worlds(state):
                [me] = world.instances
                if not step.enabled(world, me):
                    continue
                after = step.after(world, me).state
                change = (step.name, state, after)
                if after is not state and change not in listed:
                    listed.add(change)
                    covered.add((state, after))
                    yield TransitionInfo(state.value, after.value, step.name.value, step.clause)
    for state, successors in spec.transitions.items():
        for after in successors:
            if (state, after) not in covered:
                yield TransitionInfo(state.value, after.value, "an open point", "STATE-3")


def _worlds(state: InstanceState) -> Iterator[World]:
    """Yield worlds of one instance in a state: one for every combination that a background step distinguishes."""
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
