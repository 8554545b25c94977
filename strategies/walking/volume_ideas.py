"""Candidate steps about volumes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from ...model.requests import Attribute, Caller, Operation
from ...model.states import GONE, InstanceState, VolumeState
from ...model.world import Instance, Volume
from ..building.dice import Dice
from ..building.features import Features
from ..scenario.steps import (
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeVolumesStep,
    DetachStep,
    ModifyStep,
    Named,
    Step,
)
from .ideas import Idea, worth_of
from .step_features import variant_of
from .walk_history import WalkHistory

VolumeStep: TypeAlias = ModifyStep | DetachStep | AttachStep | DeleteVolumeStep | DescribeVolumesStep
"""The steps about an existing volume."""

_ENOUGH: Final = 3
"""Created volumes, below which a walk considers creating another; also how many volumes it considers for a step."""
_DETACH_UNATTACHED: Final = 40
"""Percent of the unattached or deleted volumes for which a detachment is considered."""
_ODD_CALLS: Final = 6
"""Percent of the requests about volumes that are dry runs; as many come from a caller without permission."""


@dataclass(frozen=True, slots=True)
class VolumeIdeas:
    """Generates and rates steps about volumes."""

    dice: Dice
    history: WalkHistory
    features: Features
    unsupported: frozenset[Operation]

    def ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        """Yield ideas: create, attach, detach, delete or describe a volume, or change its DeleteOnTermination."""
        history = self.history
        world = history.guide.world
        known = history.volumes
        there = tuple(v for v in known if world.volume_state(v) not in GONE)
        made = tuple(v for v in there if not world.root(v))
        if len(made) < _ENOUGH and Operation.CREATE_VOLUME not in self.unsupported:
            zone = int(world.zone(self.dice.pick(alive[:100])))
            yield Idea(6.0, lambda: CreateVolumeStep(history.guide.next_volume, zone))
        for _ in range(_ENOUGH if known else 0):
            volumes = self.dice.weigh(((50 * bool(made), made), (35 * bool(there), there), (15, known)))
            v = self.dice.pick(volumes[-100:])
            for step in self._steps(v, alive):
                yield self._idea(v, self._as_sent(step))

    def _steps(self, v: Volume, alive: Sequence[Instance]) -> Iterator[VolumeStep]:
        history = self.history
        world = history.guide.world
        holder = world.volume_record(v).holder
        if holder is not None and holder not in history.abandoned and world.volume_state(v) is VolumeState.IN_USE:
            value = not world.delete_on_termination(v) if self.dice.chance(80) else self.dice.chance(50)
            yield ModifyStep(Named(holder), Attribute.BLOCK_DEVICE_MAPPINGS, value, v)
        if world.root(v):
            if holder is not None and world.state(holder) is InstanceState.RUNNING:
                yield DetachStep(v)
        else:
            if holder is not None or self.dice.chance(_DETACH_UNATTACHED):
                yield DetachStep(v)
            holders = () if holder is None else (holder,)
            yield DetachStep(v, Named(self.dice.pick((*holders, *alive[:100]))))
            near = [i for i in alive if world.zone(i) == world.volume_zone(v)]
            i = self.dice.pick(tuple(near or history.instances)[:100])
            yield AttachStep(v, Named(i), history.guide.next_device)
        if holder is not None or not world.root(v):
            yield DeleteVolumeStep(v)
        yield DescribeVolumesStep((v,))

    def _as_sent(self, step: VolumeStep) -> VolumeStep:
        """Return a step unchanged, or occasionally as a dry run or from a caller without permission."""
        how = self.dice.below(100)
        if how < _ODD_CALLS:
            return replace(step, dry_run=True)
        return replace(step, caller=Caller.NOBODY) if how < 2 * _ODD_CALLS and self.features.nobody else step

    def _idea(self, v: Volume, step: VolumeStep) -> Idea:
        history = self.history
        kind = variant_of(step)
        if kind is None or kind.operation in self.unsupported or history.is_repeated_enough(kind, v):
            return Idea(-1.0, lambda: step)
        holder = history.guide.world.volume_record(v).holder
        keys = [*history.keys(v), *(history.keys(holder) if holder else ())]
        if isinstance(step, AttachStep):
            keys += history.keys(Instance(step.id.name)) if isinstance(step.id, Named) else ()
        worth = worth_of(history.coverage, kind, set(keys), keys[:1], refused=history.guide.refuses(step))
        return Idea(worth * 0.3 if kind.reads else worth, lambda: step)


def concerns_volumes(step: Step) -> bool:
    """Tell whether a step may change a volume."""
    if isinstance(step, BatchStep):
        return step.operation is Operation.TERMINATE and step.in_earnest
    if isinstance(step, ModifyStep):
        return step.attribute is Attribute.BLOCK_DEVICE_MAPPINGS
    return isinstance(step, CreateVolumeStep | AttachStep | DetachStep | DeleteVolumeStep)
