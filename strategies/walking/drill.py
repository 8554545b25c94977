"""A drill: a walk that repeats one pattern of steps on an instance, and tries other requests after each repetition.

Many faults show only the second time: a protection that is set again, a volume that is attached again.
A walk that seeks new situations rarely does the same thing twice and then tests the result.
Each drill takes the pattern drilled least so far, so that all patterns come up within as few calls as possible.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ...model.requests import Attribute, Operation
from ...model.rules.attributes import PROTECTIONS
from ...model.world import Instance, Volume
from ..building.dice import Dice
from ..building.features import Features
from ..scenario.steps import (
    FLAGS,
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    DescribeAttributeStep,
    DetachStep,
    ModifyStep,
    Named,
    RequestStep,
    RunStep,
    SettleStep,
    Step,
)
from .drill_patterns import ATTACH, DETACH, DRILL_PATTERNS, DROP, KEEP, START, STOP, TERMINATE, About, DrillPattern
from .expectations import Role
from .ideas import best
from .instance_ideas import COMPOSITION_WORTH, InstanceIdeas, batch_step, observing_step, starts_transition
from .step_features import Variant, variant
from .variants import Aim, batches, holds, singles
from .walk_history import WalkHistory

_STEPS: Final = 12
"""The steps of a drill's repetitions; the last repetition may be cut short."""
_TRIED: Final[tuple[BatchOperation, ...]] = (Operation.TERMINATE, Operation.STOP, Operation.START, Operation.REBOOT)
_PROTECTED: Final = 40
_PROTECTED_TO_BE_REFUSED: Final = 85
"""Percent of the launches with a protection; the second is for patterns with a refused termination."""
_ATTACHED: Final = 50
"""Percent of the drills about attaching that start with the volume attached."""
_TOGETHER: Final = 40
"""Percent of the trials that also name the other instances."""
_FLAGGED: Final = 10
"""Percent of the trials with a flag."""
_ODD: Final = 5
"""Percent of the trials with an unusual id."""
_IDLE: Final = 40
"""Percent of the trials that end with a request that has no effect."""
_STOP_OR_START: Final = 50
"""Percent of the drills that stop the instance at the end, and of those that start it."""
_IDEAS: Final = 12
"""Requests that are generated before one is taken."""
_REQUESTS_AFTER_TERMINATION: Final = 4
"""Requests to the instance after its termination."""
_ENDINGS: Final = tuple((attached, root) for attached in (None, False, True) for root in (False, True))
"""The final DeleteOnTermination of the attached volume (None: not attached) and of the root device."""
_DRILL: Final = variant(None, "drill")
_ENDING: Final = variant(None, "ending")


@dataclass(slots=True)
class Drill:
    """One drill in progress, with the same interface as a walk."""

    dice: Dice
    history: WalkHistory
    features: Features
    unsupported: frozenset[Operation] = frozenset()
    settle_shows_volumes: bool = False
    """Whether a settle now also describes the volumes."""
    pattern: DrillPattern = field(init=False)
    """The steps that the drill repeats."""
    _ideas: InstanceIdeas = field(init=False)
    _subject: Instance = field(init=False)
    _volume: Volume = field(init=False)
    _steps: Iterator[Step] = field(init=False)
    _due: Step | None = None
    _ending: bool = False

    def __post_init__(self) -> None:
        self._ideas = InstanceIdeas(self.dice, self.history, self.features, COMPOSITION_WORTH, termination_cost=0.0)
        self.pattern = self._least_repeated()
        guide = self.history.guide
        self._subject, self._volume = Instance(guide.next_run), Volume(guide.next_volume)
        self._steps = self._all()

    def _least_repeated(self) -> DrillPattern:
        coverage = self.history.coverage
        able = [each for each in DRILL_PATTERNS if self.unsupported.isdisjoint(each.operations)]
        able = able or [each for each in DRILL_PATTERNS if not each.with_volumes]
        times = {each: coverage.times(_DRILL, coverage.key(each)) for each in able}
        pattern = self.dice.pick([each for each in able if times[each] == min(times.values())])
        coverage.meet(_DRILL, [coverage.key(pattern)], refused=False)
        return pattern

    @property
    def with_volumes(self) -> bool:
        """Whether the drill is about volumes."""
        return self.pattern.with_volumes

    @property
    def ends_with_volumes(self) -> bool:
        """Whether the last settle also describes the volumes."""
        return self.with_volumes

    @property
    def over(self) -> bool:
        """Whether the drill has ended, or its instance diverged."""
        there = self.history.instances if self._ending else self.history.alive
        if self.history.guide.steps and self._subject not in there:
            return True
        if self.history.may_hide_effect:  # the observing step comes first
            return False
        self._due = self._due or next(self._steps, None)
        return self._due is None

    def next(self) -> Step:
        """Return the next step; there is one unless the drill is `over`."""
        if self.history.may_hide_effect:
            step = observing_step(self.history.guide.steps[-1], self.unsupported)
        else:
            step, self._due = (None if self.over else self._due) or SettleStep(), None
        self.settle_shows_volumes = self.with_volumes and isinstance(step, SettleStep)
        return step

    def _all(self) -> Iterator[Step]:
        yield from self._launches()
        yield SettleStep()
        yield from self._read_attributes(
            [a for a in PROTECTIONS if not self._holds(a, value=False)]
        )  # a launch may forget them
        if self.pattern.about is About.ATTACHED and (ATTACH not in self.pattern.kinds or self.dice.chance(_ATTACHED)):
            yield from self._perform(ATTACH)
        first = self.dice.below(len(self.pattern.kinds))
        kinds = (*self.pattern.kinds[first:], *self.pattern.kinds[:first])
        tried = self.dice.below(2)  # after the steps of one pair, or after those of the other
        last = len(kinds) - self.dice.below(4)
        turns = _STEPS // len(kinds)
        for turn in range(turns):
            for n, kind in enumerate(kinds[: last if turn == turns - 1 else None]):
                yield from self._perform(kind)
                if turn and n % 2 == tried:
                    yield from self._trial()
            if turn:
                if self.with_volumes or not self.history.guide.settled:
                    yield SettleStep()
                yield from self._read_attributes(
                    () if self.with_volumes else (*PROTECTIONS, Attribute.SHUTDOWN_BEHAVIOR)
                )
        yield from self._end()

    def _launches(self) -> Iterator[Step]:
        """Launch the subject, a plain instance in its zone, and one in another zone; or create a volume."""
        guide = self.history.guide
        zone = self.dice.below(self.features.zones)
        plain = RunStep(guide.next_run, 1 + zone)
        if self.with_volumes:
            yield plain
            yield replace(plain, name=guide.next_run)
            yield CreateVolumeStep(self._volume, 1 + zone)
            return
        to_be_refused = TERMINATE in self.pattern.kinds and not self.pattern.writes(Attribute.DISABLE_API_TERMINATION)
        termination = self.dice.chance(_PROTECTED_TO_BE_REFUSED if to_be_refused else _PROTECTED)
        stop = self.dice.chance(_PROTECTED) and STOP not in self.pattern.kinds
        protected = replace(plain, disable_api_termination=termination or None, disable_api_stop=stop or None)
        yield self.history.without_forgotten_protections(protected)
        yield replace(plain, name=guide.next_run)
        yield RunStep(guide.next_run, 1 + (zone + 1) % self.features.zones)

    # The pattern.

    def _perform(self, kind: Variant) -> Iterator[Step]:
        step = self._step(kind)
        if step is None or step.operation in self.unsupported or self.history.is_known_to_diverge(step):
            return
        settles = starts_transition(step) and not self.history.guide.refuses(step)
        yield step
        if settles:
            yield SettleStep()

    def _step(self, kind: Variant) -> RequestStep | None:
        """Return the step for a part of the pattern, or None if it is impossible now."""
        world = self.history.guide.world
        if kind in (KEEP, DROP):
            held = [v for v in self._held() if world.root(v) is (self.pattern.about is About.ROOT)]
            return _set_delete_on_termination(self._subject, held[0], deleted=kind is DROP) if held else None
        if kind is ATTACH:
            unattached = self._is_known and world.volume_record(self._volume).holder is None
            device = self.history.guide.next_device
            return AttachStep(self._volume, Named(self._subject), device) if unattached else None
        if kind is DETACH:
            return DetachStep(self._volume) if self._is_known else None
        if kind.operation is Operation.MODIFY:
            return self._ideas.single_step(kind, self._subject)
        return self._batch(kind)

    @property
    def _is_known(self) -> bool:
        """Whether the volume exists and is as expected."""
        return self._volume in self.history.volumes

    def _held(self) -> list[Volume]:
        world = self.history.guide.world
        return [v for v in self.history.volumes if world.volume_record(v).holder == self._subject]

    def _batch(self, kind: Variant) -> BatchStep | None:
        named_instances = [self._subject]
        if kind is not TERMINATE:
            named_instances += [i for i in self._neighbors() if self.history.role(kind, i) is not Role.REFUSED]
        elif self.history.role(kind, self._subject) is not Role.REFUSED:
            return None
        elif self.dice.chance(50):
            named_instances += self._neighbors(near=True)
        return batch_step(kind, [Named(i) for i in named_instances])

    def _neighbors(self, *, near: bool = False) -> list[Instance]:
        """Return the other instances; with `near`, only those in the subject's zone."""
        world = self.history.guide.world
        others = [i for i in self.history.alive if i != self._subject]
        return [i for i in others if world.zone(i) == world.zone(self._subject)] if near else others

    # Trials.

    def _trial(self) -> Iterator[Step]:
        """Try each operation that should not change the instance, usually without flags."""
        for operation in self.dice.arrange(_TRIED):
            flags = FLAGS[operation]
            kind = variant(operation, self.dice.pick(flags) if flags and self.dice.chance(_FLAGGED) else None)
            role = self.history.role(kind, self._subject)
            if operation in self.unsupported or (role is Role.CHANGED and operation is not Operation.REBOOT):
                continue
            named_instances = [self._subject]
            if self.dice.chance(_TOGETHER) and (operation is not Operation.TERMINATE or role is Role.REFUSED):
                named_instances += self._neighbors(near=operation is Operation.TERMINATE)
            step = self._ideas.batch(kind, named_instances, odd=self.dice.chance(_ODD)).make()
            if self.history.is_known_to_diverge(step):
                continue  # it teaches little, and spoils the instance
            assumed = operation is Operation.REBOOT and any(
                self.history.role(kind, i) is not Role.CHANGED for i in named_instances
            )
            yield step
            if assumed:
                yield SettleStep()  # the effect on an instance that does not run is only assumed; blame no later step
        if self.dice.chance(_IDLE):
            kinds = [k for k in batches(self.features, Aim.NOTHING) if k.operation in _TRIED]
            yield from self._best([k for k in kinds if k.operation not in self.unsupported])
            yield SettleStep()  # an effect that it should not have must not be blamed on the next step

    def _best(self, kinds: list[Variant]) -> Iterator[Step]:
        """Yield the least covered of some requests of these kinds that name only the subject."""
        number = _IDEAS if kinds else 0
        yield from best(self._ideas.batch(self.dice.pick(kinds), [self._subject]) for _ in range(number))

    def _read_attributes(self, attributes: Iterable[Attribute]) -> Iterator[Step]:
        """Read attributes that descriptions do not show."""
        if Operation.DESCRIBE_ATTRIBUTE not in self.unsupported:
            for attribute in attributes:
                yield DescribeAttributeStep(Named(self._subject), attribute)

    def _holds(self, attribute: Attribute, *, value: bool) -> bool:
        record = self.history.guide.world.record(self._subject)
        return holds(record, variant(Operation.MODIFY, (attribute, value)))

    # The end.

    def _end(self) -> Iterator[Step]:
        """Terminate the instance, protected or not, alone or with others, and send it more requests."""
        for kind in (STOP, START):
            if self.dice.chance(_STOP_OR_START):
                yield from self._perform(kind)
        if self.with_volumes:
            yield from self._prepare_volumes()
        if Operation.TERMINATE in self.unsupported:
            return
        named_instances = (self._subject,) if self.dice.chance(50) else self.dice.arrange(self.history.alive)
        self._ending = True
        yield batch_step(TERMINATE, [Named(i) for i in named_instances])
        yield SettleStep()
        if self._subject in self.history.alive:
            yield from self._clear_protections()
            yield batch_step(TERMINATE, [Named(self._subject)])
            yield SettleStep()
        for _ in range(_REQUESTS_AFTER_TERMINATION):
            yield from self._request_after_termination()
        yield SettleStep()

    def _prepare_volumes(self) -> Iterator[Step]:
        """Prepare the volumes for the least covered combination of DeleteOnTermination."""
        coverage = self.history.coverage
        ending = min(self.dice.arrange(_ENDINGS), key=lambda each: coverage.times(_ENDING, coverage.key(each)))
        coverage.meet(_ENDING, [coverage.key(ending)], refused=False)
        attached, root = ending
        if (self._volume in self._held()) is not (attached is not None):
            yield from self._perform(DETACH if attached is None else ATTACH)
        for v in self._held():
            world = self.history.guide.world
            deleted = root if world.root(v) else bool(attached)
            if world.delete_on_termination(v) is not deleted and Operation.MODIFY not in self.unsupported:
                yield _set_delete_on_termination(self._subject, v, deleted=deleted)

    def _clear_protections(self) -> Iterator[Step]:
        """Clear the instance's protections."""
        for attribute in PROTECTIONS:
            if not self._holds(attribute, value=False) and Operation.MODIFY not in self.unsupported:
                yield ModifyStep(Named(self._subject), attribute, value=False)

    def _request_after_termination(self) -> Iterator[Step]:
        """Send a request to the terminated instance."""
        if self.dice.chance(75):
            yield from self._best([k for k in batches(self.features, Aim.ANY) if k.operation not in self.unsupported])
            return
        kinds = [k for k in singles(self.features, Aim.ANY) if k.operation not in self.unsupported]
        number = _IDEAS if kinds else 0
        yield from best(self._ideas.single(self.dice.pick(kinds), self._subject) for _ in range(number))


def _set_delete_on_termination(i: Instance, v: Volume, *, deleted: bool) -> ModifyStep:
    return ModifyStep(Named(i), Attribute.BLOCK_DEVICE_MAPPINGS, deleted, v)
