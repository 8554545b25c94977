"""Builds a scenario step by step, and chooses each step by the state that the guide expects."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from ...model.requests import Attribute, Caller, Operation
from ...model.states import InstanceState, ShutdownBehavior, VolumeState
from ...model.world import Instance, Volume
from ..scenario.steps import (
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    ModifyStep,
    Named,
    Push,
    PushStep,
    RequestStep,
    RunAgainStep,
    RunStep,
    SettleStep,
    SingleId,
    Step,
    WaitStep,
)
from .batches import bad_id, batch
from .dice import Dice
from .features import Features
from .guide import Guide
from .launches import launch, open_scenario, repeatable, run_again

MOST_INSTANCES: Final = 8
"""The most instances of a scenario; the last launch may exceed it."""
WAITS: Final = (10, 40, 100)
"""Seconds: within a transition, after it, and after every delay that EC2 may have."""

StepMaker: TypeAlias = Callable[[], Step]


@dataclass(frozen=True, slots=True)
class ScenarioBuilder:
    """Chooses steps, and passes each to the guide."""

    dice: Dice
    guide: Guide
    features: Features

    def build(self, length: int) -> tuple[Step, ...]:
        """Return a scenario of about `length` steps, at least three: launches, then other requests."""
        open_scenario(self.dice, self.guide, self.features, length)
        while len(self.guide.steps) < length:
            step = self._next()
            self.guide.take(step)
            if _changes(step) and len(self.guide.steps) < length and self.dice.chance(70):
                self.guide.take(SettleStep())
        return tuple(self.guide.steps)

    def _next(self) -> Step:
        """Choose the next step; steps that can show more faults are more likely."""
        guide = self.guide
        alive = guide.alive
        running = guide.in_state(InstanceState.RUNNING)
        stopped = guide.in_state(InstanceState.STOPPED)
        if not guide.instances:
            return launch(self.dice, guide, self.features)
        make = self.dice.weigh(
            (
                (32 + 16 * self._has_shield() if alive else 24, lambda: self._batch(Operation.TERMINATE)),
                (14 if running else 6, lambda: self._batch(Operation.STOP)),
                (16 if stopped else 5, lambda: self._batch(Operation.START)),
                (5, lambda: self._batch(Operation.REBOOT)),
                (5, lambda: self._batch(Operation.DESCRIBE)),
                (18 + 8 * bool(guide.modified) if alive else 5, self._modify),
                (4, self._describe_attribute),
                (5, self._create_volume),
                *self._volume_steps(),
                (4 * (len(guide.instances) < MOST_INSTANCES), lambda: repeatable(self.dice, guide, self.features)),
                (8 * bool(guide.repeatable_launches), self._run_again),
                *self._pushes(),
                (3 * self.features.waits, lambda: WaitStep(self.dice.pick(WAITS))),
            )
        )
        return make()

    def _has_shield(self) -> bool:
        """Whether one zone has a protected instance and another a living one."""
        world = self.guide.world
        alive = self.guide.alive
        protected = any(world.disable_api_termination(i) or world.disable_api_stop(i) for i in alive)
        return protected and len({world.zone(i) for i in alive}) > 1

    def _run_again(self) -> RunAgainStep:
        return run_again(self.dice, self.features, self.dice.pick(self.guide.repeatable_launches))

    def _batch(self, operation: BatchOperation) -> BatchStep:
        return batch(self.dice, self.guide, self.features, operation)

    # Attributes.

    def _modify(self) -> RequestStep:
        i = self._subject()
        record = self.guide.world.record(i)
        devices = self._volumes_of(i)
        attribute = self.dice.weigh(
            (
                (45, Attribute.DISABLE_API_TERMINATION),
                (27, Attribute.DISABLE_API_STOP),
                (8 + 12 * self.features.pushes, Attribute.SHUTDOWN_BEHAVIOR),
                (20 * bool(devices), Attribute.BLOCK_DEVICE_MAPPINGS),
            )
        )
        flip = not self.dice.chance(25)
        ref = self._single_id(i)
        match attribute:
            case Attribute.SHUTDOWN_BEHAVIOR:
                stops = (record.shutdown_behavior is ShutdownBehavior.STOP) != flip
                behavior = ShutdownBehavior.STOP if stops else ShutdownBehavior.TERMINATE
                step = ModifyStep(ref, attribute, behavior)
            case Attribute.BLOCK_DEVICE_MAPPINGS:
                volume = self.dice.pick(devices)
                value = self.guide.world.delete_on_termination(volume) != flip
                step = ModifyStep(Named(i), attribute, value, volume)
            case Attribute.DISABLE_API_TERMINATION:
                step = ModifyStep(ref, attribute, record.disable_api_termination != flip)
            case Attribute.DISABLE_API_STOP:
                step = ModifyStep(ref, attribute, record.disable_api_stop != flip)
        return self._maybe_unusual(step)

    def _describe_attribute(self) -> RequestStep:
        attribute = self.dice.pick(tuple(Attribute))
        return self._maybe_unusual(DescribeAttributeStep(self._single_id(self._subject()), attribute))

    def _subject(self) -> Instance:
        """Choose an instance to modify or describe: often the one modified last, rarely a terminated one."""
        guide = self.guide
        last = guide.modified if guide.modified in guide.instances else None
        alive = guide.alive
        candidates = self.dice.weigh(((40 * bool(last), (last,)), (48 * bool(alive), alive), (12, guide.instances)))
        return self.dice.pick([i for i in candidates if i is not None])

    def _single_id(self, i: Instance) -> SingleId:
        return bad_id(self.dice, self.guide, self.features) if self.dice.chance(4) else Named(i)

    def _maybe_unusual(self, step: RequestStep) -> RequestStep:
        return self.dice.weigh(
            (
                (93, step),
                (4, replace(step, dry_run=True)),
                (2 * self.features.nobody, replace(step, caller=Caller.NOBODY)),
                (1 * self.features.nobody, replace(step, caller=Caller.NOBODY, dry_run=True)),
            )
        )

    # Volumes.

    def _create_volume(self) -> RequestStep:
        zone = int(self.guide.world.zone(self.dice.pick(self.guide.instances)))
        return self._maybe_unusual(CreateVolumeStep(self.guide.next_volume, zone))

    def _volume_steps(self) -> tuple[tuple[int, StepMaker], ...]:
        world = self.guide.world
        known = tuple(self.guide.shown)
        free = tuple(v for v in known if world.volume_state(v) is VolumeState.AVAILABLE and not world.root(v))
        used = tuple(v for v in known if world.attached(v) and not world.root(v))
        new = tuple(v for v in known if world.volume_state(v) is VolumeState.CREATING)
        roots = tuple(
            v
            for v in known
            if world.root(v) and world.attached(v) and world.state(world.holder(v)) is InstanceState.RUNNING
        )
        return (
            (36 * bool(free), lambda: self._attach(free)),
            (1 * bool(used), lambda: self._attach(used)),
            (5 * bool(new), lambda: self._attach(new)),
            (8 * bool(used), lambda: self._maybe_unusual(DetachStep(self.dice.pick(used)))),
            (2 * bool(used), lambda: self._maybe_unusual(self._detach_from(self.dice.pick(used)))),
            (1 * bool(roots), lambda: self._maybe_unusual(DetachStep(self.dice.pick(roots)))),
            (1 * bool(free), lambda: self._maybe_unusual(DetachStep(self.dice.pick(free)))),
            (2 * bool(free), lambda: self._maybe_unusual(DeleteVolumeStep(self.dice.pick(free)))),
            (2 * bool(used), lambda: self._maybe_unusual(DeleteVolumeStep(self.dice.pick(used)))),
            (1 * bool(new), lambda: self._maybe_unusual(DeleteVolumeStep(self.dice.pick(new)))),
            (3 * bool(known), lambda: self._maybe_unusual(DescribeVolumesStep(self.dice.some(known)))),
        )

    def _attach(self, volumes: tuple[Volume, ...]) -> RequestStep:
        guide = self.guide
        volume = self.dice.pick(volumes)
        zone = guide.world.volume_zone(volume)
        near = tuple(i for i in guide.alive if guide.world.zone(i) == zone)
        restless = tuple(i for i in near if not self.guide.spec.at_rest(guide.world, i))
        instances = self.dice.weigh(((60 * bool(near), near), (40 * bool(restless), restless), (20, guide.instances)))
        return self._maybe_unusual(AttachStep(volume, self._single_id(self.dice.pick(instances)), guide.next_device))

    def _detach_from(self, v: Volume) -> RequestStep:
        """Return a detachment that names an instance, mostly the one that has the volume."""
        holder = (Named(self.guide.world.holder(v)),)
        others = tuple(map(Named, self.guide.instances))
        return DetachStep(v, self.dice.pick(self.dice.weigh(((60, holder), (40, others)))))

    def _volumes_of(self, i: Instance) -> tuple[Volume, ...]:
        return tuple(v for v in self.guide.shown if self.guide.world.volume_record(v).holder == i)

    # Background steps on demand.

    def _pushes(self) -> tuple[tuple[int, StepMaker], ...]:
        """Offer the background steps that are certain to be possible on any target."""
        if not self.features.pushes:
            return ()
        guide = self.guide
        sure = tuple(i for i in guide.in_state(InstanceState.RUNNING) if i not in guide.disputed and guide.settled)
        last = guide.steps[-1]
        launched = tuple(Instance(name) for name in last.instance_names) if isinstance(last, RunStep) else ()
        new = tuple(i for i in launched if i in guide.instances)
        return (
            (5 * bool(sure), lambda: PushStep(Push.GUEST_SHUTDOWN, self.dice.pick(sure))),
            (2 * bool(sure), lambda: PushStep(Push.RETIRE, self.dice.pick(sure))),
            (12 * bool(new), lambda: PushStep(Push.LAUNCH_FAILURE, self.dice.pick(new))),
        )


def _changes(step: Step) -> bool:
    """Whether an instance or volume may be in transition after the step."""
    if isinstance(step, BatchStep):
        return step.operation is not Operation.DESCRIBE
    return isinstance(step, RunStep | CreateVolumeStep | AttachStep | DetachStep | DeleteVolumeStep | PushStep)
