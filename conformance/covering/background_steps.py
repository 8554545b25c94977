"""What background steps make of a single instance or volume, and which records are at rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from ...model.background import StepName, VolumeStepName
from ...model.choices import Choices
from ...model.reach.branching import every_way
from ...model.specification import Specification
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord, World

UNCAUSED: Final = (
    StepName.LAUNCH_FAILS,
    StepName.START_FAILS,
    StepName.FORGOTTEN,
    StepName.GUEST_SHUTDOWN,
    StepName.RETIREMENT,
)
"""The background steps that no caller can cause in reasonable time."""

PUSHED: Final = (StepName.FORGOTTEN, StepName.GUEST_SHUTDOWN, StepName.RETIREMENT)
"""Those of them that do not happen as soon as they can."""

ME: Final = Instance("me")
IT: Final = Volume("it")
NO_PICKS: Final[Mapping[str, Enum]] = {}

Successor: TypeAlias = tuple[StepName, InstanceRecord | None]
"""A step and the resulting instance; None if the rule fails, as only a mutant's can."""
VolumeSuccessor: TypeAlias = tuple[VolumeStepName, VolumeRecord | None]
Held: TypeAlias = tuple[VolumeRecord, InstanceRecord | None]
"""A volume, and the instance that it is attached to."""


@dataclass(slots=True)
class BackgroundSteps:
    """The successors of single records under one specification, cached."""

    spec: Specification
    _successors: dict[InstanceRecord, frozenset[Successor]] = field(
        default_factory=dict[InstanceRecord, frozenset[Successor]]
    )
    _volume_successors: dict[Held, Mapping[VolumeSuccessor, Mapping[str, Enum]]] = field(
        default_factory=dict[Held, "Mapping[VolumeSuccessor, Mapping[str, Enum]]"]
    )

    _closures: dict[InstanceRecord, frozenset[InstanceRecord]] = field(
        default_factory=dict[InstanceRecord, frozenset[InstanceRecord]]
    )

    def successors(self, record: InstanceRecord) -> frozenset[Successor]:
        """Return every background step possible for an instance, with its result."""
        if record not in self._successors:
            self._successors[record] = frozenset(self._steps_of(record))
        return self._successors[record]

    def _steps_of(self, record: InstanceRecord) -> Iterator[Successor]:
        world = World({ME: record})
        for step in self.spec.steps:
            try:
                if step.enabled(world, ME):
                    yield step.name, step.after(world, ME)
            except Exception:  # noqa: BLE001 - a mutant may fail in any way
                yield step.name, None

    def volume_successors(self, held: Held) -> Mapping[VolumeSuccessor, Mapping[str, Enum]]:
        """Return every background step possible for a volume, with its result, and the choices that lead to it."""
        if held not in self._volume_successors:
            world = _world_of(*held)
            found: dict[VolumeSuccessor, Mapping[str, Enum]] = {}
            for picks, successors in every_way(lambda choices: list(self._steps_of_volume(world, choices))):
                for successor in successors:
                    found.setdefault(successor, {choice: one for (choice, _), one in picks.items()})
            self._volume_successors[held] = found
        return self._volume_successors[held]

    def _steps_of_volume(self, world: World, choices: Choices) -> Iterator[VolumeSuccessor]:
        for step in self.spec.volume_steps:
            try:
                if step.enabled(world, choices, IT):
                    yield step.name, step.after(world, IT)
            except Exception:  # noqa: BLE001 - a mutant may fail in any way
                yield step.name, None

    def rests(self, record: InstanceRecord) -> bool:
        """Tell whether an instance of this record counts as being at rest."""
        try:
            return self.spec.at_rest(World({ME: record}), ME)
        except Exception:  # noqa: BLE001 - a mutant may fail in any way
            return False

    def volume_rests(self, held: Held) -> bool:
        """Tell whether a volume of this record counts as being at rest."""
        try:
            return self.spec.volume_at_rest(_world_of(*held), IT)
        except Exception:  # noqa: BLE001 - a mutant may fail in any way
            return False

    def covers(self, before: InstanceRecord, after: InstanceRecord) -> bool:
        """Tell whether background steps may turn one record into the other before the next description."""
        return after in self.closure(before)

    def closure(self, record: InstanceRecord) -> frozenset[InstanceRecord]:
        """Return a record, and every record that EC2's own background steps may turn it into."""
        if record not in self._closures:
            reached = {record}
            todo = [record]
            while todo:
                for name, successor in self.successors(todo.pop()):
                    if successor is not None and name not in PUSHED and successor not in reached:
                        reached.add(successor)
                        todo.append(successor)
            self._closures[record] = frozenset(reached)
        return self._closures[record]

    def volumes(self, held: Held) -> frozenset[VolumeRecord]:
        """Return a volume's record, and all that background steps may turn it into while its holder stays the same."""
        reached = {held[0]}
        todo = [held]
        while todo:
            _, holder = now = todo.pop()
            for _, successor in self.volume_successors(now):
                if successor is not None and successor not in reached:
                    reached.add(successor)
                    todo.append((successor, None if successor.holder is None else holder))
        return frozenset(reached)

    def becoming(self, record: InstanceRecord) -> Iterator[InstanceRecord]:
        """Yield a record, and all its successors by steps that callers can cause."""
        reached = {record: None}
        todo = [record]
        while todo:
            for name, after in sorted(self.successors(todo.pop()), key=repr):
                if after is not None and name not in UNCAUSED and after not in reached:
                    reached[after] = None
                    todo.append(after)
        yield from reached


def _world_of(volume: VolumeRecord, holder: InstanceRecord | None) -> World:
    instances = {} if holder is None or volume.holder is None else {volume.holder: holder}
    return World(instances, {IT: volume})
