"""What a walk could do with volumes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from ...model.requests import Attribute, Caller, Operation
from ...model.states import VolumeState
from ...model.world import Instance, Volume
from ..building.dice import Dice
from ..building.features import Features
from ..scenario.steps import (
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DescribeVolumesStep,
    DetachStep,
    ModifyStep,
    Named,
    Step,
)
from .ideas import Idea, worth_of
from .step_features import variant_of
from .walk_history import Chronicle

VolumeStep: TypeAlias = ModifyStep | DetachStep | AttachStep | DescribeVolumesStep
"""What can be done with a volume that there is."""

_ENOUGH: Final = 3
"""Volumes beside those of launches: with fewer another could be made. And so many are thought of for one step."""
_UNHELD: Final = 40
"""Percent of the detachments thought of for a volume that is attached to nothing, or gone."""
_ODD_CALLS: Final = 6
"""Percent of the requests about volumes that are dry runs, and as many by someone without permission."""


@dataclass(frozen=True, slots=True)
class VolumeIdeas:
    """Thinks of steps about volumes."""

    dice: Dice
    chronicle: Chronicle
    features: Features
    lacking: frozenset[Operation]

    def ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        """Yield what could be done with a volume: made, attached, detached, kept or not, described."""
        chronicle = self.chronicle
        world = chronicle.guide.world
        known = chronicle.volumes
        there = tuple(v for v in known if world.volume_state(v) not in (VolumeState.DELETING, VolumeState.DELETED))
        made = tuple(v for v in there if not world.root(v))
        if len(made) < _ENOUGH and Operation.CREATE_VOLUME not in self.lacking:
            zone = int(world.zone(self.dice.pick(alive[:100])))
            yield Idea(6.0, lambda: CreateVolumeStep(chronicle.guide.next_volume, zone))
        for _ in range(_ENOUGH if known else 0):
            volumes = self.dice.weigh(((50 * bool(made), made), (35 * bool(there), there), (15, known)))
            v = self.dice.pick(volumes[-100:])
            for step in self._steps(v, alive):
                yield self._idea(v, self._called(step))

    def _steps(self, v: Volume, alive: Sequence[Instance]) -> Iterator[VolumeStep]:
        chronicle = self.chronicle
        world = chronicle.guide.world
        holder = world.volume_record(v).holder
        if holder is not None and holder not in chronicle.lost and world.volume_state(v) is VolumeState.IN_USE:
            value = not world.delete_on_termination(v) if self.dice.chance(80) else self.dice.chance(50)
            yield ModifyStep(Named(holder), Attribute.BLOCK_DEVICE_MAPPINGS, value, v)
        if not world.root(v):
            if holder is not None or self.dice.chance(_UNHELD):
                yield DetachStep(v)
            near = [i for i in alive if world.zone(i) == world.volume_zone(v)]
            i = self.dice.pick(tuple(near or chronicle.instances)[:100])
            yield AttachStep(v, Named(i), chronicle.guide.next_device)
        yield DescribeVolumesStep((v,))

    def _called(self, step: VolumeStep) -> VolumeStep:
        """Return a step as it is, or now and then as a dry run, or by someone without permission."""
        how = self.dice.below(100)
        if how < _ODD_CALLS:
            return replace(step, dry_run=True)
        return replace(step, caller=Caller.NOBODY) if how < 2 * _ODD_CALLS and self.features.nobody else step

    def _idea(self, v: Volume, step: VolumeStep) -> Idea:
        chronicle = self.chronicle
        kind = variant_of(step)
        if kind is None or kind.operation in self.lacking or chronicle.is_worn(kind, v):
            return Idea(-1.0, lambda: step)
        holder = chronicle.guide.world.volume_record(v).holder
        keys = [*chronicle.keys(v), *(chronicle.keys(holder) if holder else ())]
        if isinstance(step, AttachStep):
            keys += chronicle.keys(Instance(step.id.name)) if isinstance(step.id, Named) else ()
        worth = worth_of(chronicle.coverage, kind, set(keys), keys[:1], refused=chronicle.guide.refuses(step))
        return Idea(worth * 0.3 if kind.reads else worth, lambda: step)


def concerns_volumes(step: Step) -> bool:
    """Tell whether something about volumes may be on its way after a step."""
    if isinstance(step, BatchStep):
        return step.operation is Operation.TERMINATE and step.in_earnest
    if isinstance(step, ModifyStep):
        return step.attribute is Attribute.BLOCK_DEVICE_MAPPINGS
    return isinstance(step, CreateVolumeStep | AttachStep | DetachStep)
