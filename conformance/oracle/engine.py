"""Asks the rules what time makes of single records, and remembers the answers.

The steps that EC2 takes by itself see one instance, or one volume and its holder.
So each is judged in a small world of its own. A test compares this with the exact set of worlds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from ...model.background import StepName
from ...model.choices import Choices
from ...model.requests import BatchRequest
from ...model.specification import Specification
from ...model.states import InstanceState, Visibility, VolumeState
from ...model.world import Instance, InstanceRecord, Volume, World
from .asked import ME, Asked
from .belief import Hypothesis, Records, VolumeRecords
from .explore import NeedsChoice, Setting, for_each_pick
from .items import DEAD
from .memory import Memory

IT = Volume("it")
NOTHING_SHOWN: Final[Mapping[Instance, Records]] = {}

_UNTIMED = frozenset({StepName.BECOMES_VISIBLE, StepName.TERMINATION_CLEARS, StepName.STOP_CLEARS, StepName.FORGOTTEN})
"""Steps that the oracle takes by the clock, not whenever they are enabled."""


class Engine:
    """The rules of one specification, asked about records; shared by all oracles of a run.

    `memory` keeps the answers. As a rule they are sets of records, and the same set is always the same object:
    so they are told apart, and found again, at little cost.
    """

    def __init__(self, spec: Specification) -> None:
        self.spec = spec
        self.memory = Memory()

    def _one(self, records: Records) -> Records:
        """Return these records as the one set that all answers share."""
        return self.memory.of(("one", records), lambda: records)

    def asked(self, request: BatchRequest) -> Asked:
        """Return the cached results for requests of this kind, whatever ids they name."""
        bare = replace(request, instances=())
        return self.memory.of(bare, lambda: Asked(self.spec, bare))

    # The passage of time.

    def settled(self, records: Records) -> Records:
        """Return these records, and every record that EC2's own background steps may turn them into."""
        return self.memory.of(("settled", records), lambda: self._one(self._settle(records)))

    def _settle(self, records: Records) -> Records:
        reached = set(records)
        todo = list(records)
        while todo:
            record = todo.pop()
            world = World({ME: record})
            for step in self.spec.steps:
                if step.spontaneous and step.name not in _UNTIMED and step.enabled(world, ME):
                    after = step.after(world, ME)
                    if after not in reached:
                        reached.add(after)
                        todo.append(after)
        return frozenset(reached)

    def stepped(self, records: Records, name: StepName) -> Records:
        """Return the results of one background step for the records in which it is enabled."""
        return self.memory.of(("stepped", records, name), lambda: frozenset(self._step(records, name)))

    def _step(self, records: Records, name: StepName) -> Iterator[InstanceRecord]:
        step = next(step for step in self.spec.steps if step.name is name)
        for record in records:
            world = World({ME: record})
            if step.enabled(world, ME):
                yield step.after(world, ME)

    def holders(
        self, hypothesis: Hypothesis, volumes: VolumeRecords, shown: Mapping[Instance, Records] = NOTHING_SHOWN
    ) -> Records:
        """Return every possible record of the instances to which volumes with these records may be attached.

        If a reply has just `shown` an instance, these records replace the earlier ones.
        """
        instances = hypothesis.instances
        names = self.names_of_holders(volumes)
        possible = [self.settled(shown.get(i) or instances[i]) for i in names if i in instances]
        return possible[0] if len(possible) == 1 else frozenset[InstanceRecord]().union(*possible)

    def names_of_holders(self, volumes: VolumeRecords) -> frozenset[Instance]:
        """Return the instances that volumes of these records may be attached to."""
        return self.memory.of(("names", volumes), lambda: frozenset(v.holder for v in volumes if v.holder is not None))

    def settled_volumes(self, volumes: VolumeRecords, holders: Records) -> VolumeRecords:
        """Return all that background steps may turn these volume records into, for every record of the holder."""
        return self.memory.of(("volumes", volumes, holders), lambda: self._settle_volumes(volumes, holders))

    def _settle_volumes(self, volumes: VolumeRecords, holders: Records) -> VolumeRecords:
        reached = set(volumes)
        todo = list(volumes)
        while todo:
            volume = todo.pop()
            worlds = (
                [World(volumes={IT: volume})]
                if volume.holder is None
                else [World({volume.holder: holder}, {IT: volume}) for holder in holders]
            )
            for world in worlds:
                for step in self.spec.volume_steps:
                    if self._may(step.enabled, world) and (after := step.after(world, IT)) not in reached:
                        reached.add(after)
                        todo.append(after)
        return frozenset(reached)

    def _may(self, enabled: Callable[[World, Choices, Volume], bool], world: World) -> bool:
        settings: list[Setting] = [()]
        while settings:
            setting = settings.pop()
            try:
                if any(result for _, result in for_each_pick(setting, lambda c: enabled(world, c, IT))):
                    return True
            except NeedsChoice as need:
                settings.extend((*setting, (need.choice.id, a)) for a in need.choice.alternatives)
        return False

    def may_rest(self, records: Records) -> bool:
        """Tell whether an instance with one of these records may be in no transition."""
        return self.memory.of(
            ("rest", records), lambda: any(self.spec.at_rest(World({ME: record}), ME) for record in records)
        )

    def may_be_dead(self, records: Records) -> bool:
        """Tell whether an instance of these records may be shutting down or terminated."""
        return self.memory.of(("dead", records), lambda: any(record.state in DEAD for record in records))

    def in_state(self, records: Records, name: str) -> Records:
        """Return the records whose state has this name."""
        return self.memory.of(
            ("state", records, name), lambda: self._one(frozenset(r for r in records if r.state.value == name))
        )

    def in_use_by(self, volumes: VolumeRecords, holder: Instance) -> VolumeRecords:
        """Return the volume records by which an instance has the volume in use."""
        return self.memory.of(
            ("in use", volumes, holder),
            lambda: frozenset(v for v in volumes if v.holder == holder and v.state is VolumeState.IN_USE),
        )

    def with_flag(self, volumes: VolumeRecords, *, delete_on_termination: bool) -> VolumeRecords:
        """Return the volume records whose DeleteOnTermination is this."""
        return self.memory.of(
            ("flag", volumes, delete_on_termination),
            lambda: frozenset(v for v in volumes if v.delete_on_termination is delete_on_termination),
        )

    # What the clock tells.

    def met(self, records: Records, *, lag_over: bool, forgotten: bool, unheard: bool) -> Records:
        """Return the records that a request may meet.

        No cleared protection is enforced any more once its lag is over; EC2 may have `forgotten` what terminated;
        `unheard`: the operation may not know the id yet.
        """
        return self.memory.of(
            ("met", records, lag_over, forgotten, unheard),
            lambda: self._met(records, lag_over=lag_over, forgotten=forgotten, unheard=unheard),
        )

    def _met(self, records: Records, *, lag_over: bool, forgotten: bool, unheard: bool) -> Records:
        found = self.settled(records)
        if lag_over:
            found = self.lag_over(found)
        if forgotten:
            found = self.with_forgotten(found)
        return self.seen_by_new(found) if unheard else found

    def seen_by_new(self, records: Records) -> Records:
        """Return records as seen by an operation that may not know their ids yet."""
        return self.memory.of(
            ("new", records), lambda: self._one(frozenset(replace(r, visibility=Visibility.SETTLING) for r in records))
        )

    def in_full_view(self, records: Records) -> Records:
        """Return records as every operation sees them once their ids are known everywhere."""
        return self.memory.of(
            ("full view", records),
            lambda: self._one(
                frozenset(
                    r if r.visibility is Visibility.FORGOTTEN else replace(r, visibility=Visibility.VISIBLE)
                    for r in records
                )
            ),
        )

    def with_forgotten(self, records: Records) -> Records:
        """Return records with those added that a terminated instance has once EC2 forgets it."""
        return self.memory.of(
            ("forgotten", records),
            lambda: (
                records
                | {replace(r, visibility=Visibility.FORGOTTEN) for r in records if r.state is InstanceState.TERMINATED}
            ),
        )

    def lag_over(self, records: Records) -> Records:
        """Return records in which every cleared protection is no longer enforced."""
        return self.memory.of(
            ("lag", records),
            lambda: self._one(frozenset(replace(r, termination_settling=False, stop_settling=False) for r in records)),
        )
