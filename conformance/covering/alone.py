"""All that a specification does with records that are left alone: background steps, and what counts as rest."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ...model.background import StepName, VolumeStepName
from ...model.choices import Choices
from ...model.reach.branching import every_way
from ...model.specification import Specification
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord, World

UNCAUSED = (
    StepName.LAUNCH_FAILS,
    StepName.START_FAILS,
    StepName.FORGOTTEN,
    StepName.GUEST_SHUTDOWN,
    StepName.RETIREMENT,
)
"""What happens to an instance that no caller can bring about in reasonable time."""

PUSHED = (StepName.FORGOTTEN, StepName.GUEST_SHUTDOWN, StepName.RETIREMENT)
"""Those of them that do not come as soon as they can."""

ME = Instance("me")
IT = Volume("it")

Follower: TypeAlias = tuple[StepName, InstanceRecord]
VolumeFollower: TypeAlias = tuple[VolumeStepName, VolumeRecord]
Held: TypeAlias = tuple[VolumeRecord, InstanceRecord | None]
"""A volume, and the instance that holds it."""


@dataclass(slots=True)
class Alone:
    """What becomes of single records under one specification, remembered."""

    spec: Specification
    _followers: dict[InstanceRecord, frozenset[Follower]] = field(
        default_factory=dict[InstanceRecord, frozenset[Follower]]
    )
    _volume_followers: dict[Held, frozenset[VolumeFollower]] = field(
        default_factory=dict[Held, frozenset[VolumeFollower]]
    )

    _closures: dict[InstanceRecord, frozenset[InstanceRecord]] = field(
        default_factory=dict[InstanceRecord, frozenset[InstanceRecord]]
    )

    def followers(self, record: InstanceRecord) -> frozenset[Follower]:
        """Return every background step that can come to an instance, with what it makes of it."""
        if record not in self._followers:
            world = World({ME: record})
            self._followers[record] = frozenset(
                (step.name, step.after(world, ME)) for step in self.spec.steps if step.enabled(world, ME)
            )
        return self._followers[record]

    def volume_followers(self, held: Held) -> frozenset[VolumeFollower]:
        """Return every background step that can come to a volume, with what it makes of it."""
        if held not in self._volume_followers:
            self._volume_followers[held] = frozenset(self._follow(*held))
        return self._volume_followers[held]

    def _follow(self, volume: VolumeRecord, holder: InstanceRecord | None) -> Iterator[VolumeFollower]:
        world = _world_of(volume, holder)

        def possible(choices: Choices) -> list[VolumeFollower]:
            steps = self.spec.volume_steps
            return [(step.name, step.after(world, IT)) for step in steps if step.enabled(world, choices, IT)]

        for _, found in every_way(possible):
            yield from found

    def rests(self, record: InstanceRecord) -> bool:
        """Tell whether an instance of this record counts as being at rest."""
        return self.spec.at_rest(World({ME: record}), ME)

    def volume_rests(self, held: Held) -> bool:
        """Tell whether a volume of this record counts as being at rest."""
        return self.spec.volume_at_rest(_world_of(*held), IT)

    def covers(self, before: InstanceRecord, after: InstanceRecord) -> bool:
        """Tell whether a record is one that another may have become, unseen, by the time anyone looks."""
        return after in self.closure(before)

    def closure(self, record: InstanceRecord) -> frozenset[InstanceRecord]:
        """Return a record, and all that it may become although nobody asks for it."""
        if record not in self._closures:
            reached = {record}
            todo = [record]
            while todo:
                for name, follower in self.followers(todo.pop()):
                    if name not in PUSHED and follower not in reached:
                        reached.add(follower)
                        todo.append(follower)
            self._closures[record] = frozenset(reached)
        return self._closures[record]

    def volumes(self, held: Held) -> frozenset[VolumeRecord]:
        """Return a volume's record, and all that it may become while its holder stays as it is."""
        reached = {held[0]}
        todo = [held]
        while todo:
            _, holder = now = todo.pop()
            for _, follower in self.volume_followers(now):
                if follower not in reached:
                    reached.add(follower)
                    todo.append((follower, None if follower.holder is None else holder))
        return frozenset(reached)

    def becoming(self, record: InstanceRecord) -> Iterator[InstanceRecord]:
        """Yield a record, and all that it becomes in the course of what callers bring about."""
        reached = {record: None}
        todo = [record]
        while todo:
            for name, after in sorted(self.followers(todo.pop()), key=repr):
                if name not in UNCAUSED and after not in reached:
                    reached[after] = None
                    todo.append(after)
        yield from reached


def _world_of(volume: VolumeRecord, holder: InstanceRecord | None) -> World:
    instances = {} if holder is None or volume.holder is None else {volume.holder: holder}
    return World(instances, {IT: volume})
