"""A drill: one exercise done to an instance again and again, and all kinds of requests tried each time.

Much of what goes wrong goes wrong the second time: a protection that is set again, a volume that is attached again.
A walk that takes what is new seldom comes to do the same thing twice, and then to try what it is like.
A drill takes the exercise that was drilled least so far, so that all have had their turn after as few calls as can be.
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
from .drill_patterns import ATTACH, DETACH, DROP, EXERCISES, KEEP, START, STOP, TERMINATE, About, Exercise
from .expectations import Role
from .ideas import best
from .instance_ideas import MADE_UP, InstanceIdeas, batch_step, look_after, moves
from .step_features import Variant, variant
from .variants import Aim, batches, holds, singles
from .walk_history import Chronicle

_STEPS: Final = 12
"""Steps of an exercise, the last time it is done perhaps fewer: what counts is often the second time, or the third."""
_TRIED: Final[tuple[BatchOperation, ...]] = (Operation.TERMINATE, Operation.STOP, Operation.START, Operation.REBOOT)
_PROTECTED: Final = 40
_PROTECTED_TO_BE_REFUSED: Final = 85
"""Percent of the launches with a protection; and where a termination that is refused is part of the exercise."""
_ATTACHED: Final = 50
"""Percent of the drills about attaching that begin with the volume attached."""
_TOGETHER: Final = 40
"""Percent of what is tried that names the neighbors too."""
_FLAGGED: Final = 10
"""Percent of what is tried that has a flag."""
_ODD: Final = 5
"""Percent of what is tried that has something odd about its ids."""
_IDLE: Final = 40
"""Percent of the trials that end with a request that has no effect."""
_ONCE_MORE: Final = 50
"""Percent of the drills at whose end the instance is stopped, and of those at whose end it is started."""
_IDEAS: Final = 12
"""Requests that are thought of before one is taken."""
_AFTERWARDS: Final = 4
"""Requests to the instance when it is terminated."""
_ENDINGS: Final = tuple((attached, root) for attached in (None, False, True) for root in (False, True))
"""DeleteOnTermination of the volume that was attached (None: it is not), and of the root device, at the end."""
_DRILL: Final = variant(None, "drill")
_ENDING: Final = variant(None, "ending")


@dataclass(slots=True)
class Drill:
    """One drill under way, as a walk is."""

    dice: Dice
    chronicle: Chronicle
    features: Features
    lacking: frozenset[Operation] = frozenset()
    watches: bool = False
    """Whether a settle that comes now is to look at the volumes too."""
    exercise: Exercise = field(init=False)
    """What is done again and again."""
    _ideas: InstanceIdeas = field(init=False)
    _subject: Instance = field(init=False)
    _volume: Volume = field(init=False)
    _steps: Iterator[Step] = field(init=False)
    _due: Step | None = None
    _ending: bool = False

    def __post_init__(self) -> None:
        self._ideas = InstanceIdeas(self.dice, self.chronicle, self.features, MADE_UP, lethal=0.0)
        self.exercise = self._least_drilled()
        guide = self.chronicle.guide
        self._subject, self._volume = Instance(guide.next_run), Volume(guide.next_volume)
        self._steps = self._all()

    def _least_drilled(self) -> Exercise:
        coverage = self.chronicle.coverage
        able = [each for each in EXERCISES if self.lacking.isdisjoint(each.operations)]
        able = able or [each for each in EXERCISES if not each.with_volumes]
        times = {each: coverage.times(_DRILL, coverage.key(each)) for each in able}
        exercise = self.dice.pick([each for each in able if times[each] == min(times.values())])
        coverage.meet(_DRILL, [coverage.key(exercise)], refused=False)
        return exercise

    @property
    def with_volumes(self) -> bool:
        """Whether the drill speaks of volumes."""
        return self.exercise.with_volumes

    @property
    def ends_with_volumes(self) -> bool:
        """Whether the last look is at the volumes too."""
        return self.with_volumes

    @property
    def over(self) -> bool:
        """Whether there is nothing more to do: the end was reached, or the instance is not what it should be."""
        there = self.chronicle.instances if self._ending else self.chronicle.alive
        if self.chronicle.guide.steps and self._subject not in there:
            return True
        if self.chronicle.is_suspect:  # what comes after the look is decided after it
            return False
        self._due = self._due or next(self._steps, None)
        return self._due is None

    def next(self) -> Step:
        """Return the next step; there is one unless the drill is `over`."""
        if self.chronicle.is_suspect:
            step = look_after(self.chronicle.guide.steps[-1], self.lacking)
        else:
            step, self._due = (None if self.over else self._due) or SettleStep(), None
        self.watches = self.with_volumes and isinstance(step, SettleStep)
        return step

    def _all(self) -> Iterator[Step]:
        yield from self._launches()
        yield SettleStep()
        yield from self._looks([a for a in PROTECTIONS if not self._holds(a, value=False)])  # a launch may forget them
        if self.exercise.about is About.ATTACHED and (ATTACH not in self.exercise.kinds or self.dice.chance(_ATTACHED)):
            yield from self._do(ATTACH)
        first = self.dice.below(len(self.exercise.kinds))
        kinds = (*self.exercise.kinds[first:], *self.exercise.kinds[:first])
        tried = self.dice.below(2)  # after the steps of one pair, or after those of the other
        last = len(kinds) - self.dice.below(4)
        turns = _STEPS // len(kinds)
        for turn in range(turns):
            for n, kind in enumerate(kinds[: last if turn == turns - 1 else None]):
                yield from self._do(kind)
                if turn and n % 2 == tried:
                    yield from self._trial()
            if turn:
                if self.with_volumes or not self.chronicle.guide.settled:
                    yield SettleStep()
                yield from self._looks(() if self.with_volumes else (*PROTECTIONS, Attribute.SHUTDOWN_BEHAVIOR))
        yield from self._end()

    def _launches(self) -> Iterator[Step]:
        """Launch the instance that it is about, a plain one in its zone, and one in another zone; or make a volume."""
        guide = self.chronicle.guide
        zone = self.dice.below(self.features.zones)
        plain = RunStep(guide.next_run, 1 + zone)
        if self.with_volumes:
            yield plain
            yield replace(plain, name=guide.next_run)
            yield CreateVolumeStep(self._volume, 1 + zone)
            return
        to_be_refused = TERMINATE in self.exercise.kinds and not self.exercise.writes(Attribute.DISABLE_API_TERMINATION)
        termination = self.dice.chance(_PROTECTED_TO_BE_REFUSED if to_be_refused else _PROTECTED)
        stop = self.dice.chance(_PROTECTED) and STOP not in self.exercise.kinds
        protected = replace(plain, disable_api_termination=termination or None, disable_api_stop=stop or None)
        yield self.chronicle.kept(protected)
        yield replace(plain, name=guide.next_run)
        yield RunStep(guide.next_run, 1 + (zone + 1) % self.features.zones)

    # The exercise.

    def _do(self, kind: Variant) -> Iterator[Step]:
        step = self._step(kind)
        if step is None or step.operation in self.lacking or self.chronicle.is_known_to_diverge(step):
            return
        settles = moves(step) and not self.chronicle.guide.refuses(step)
        yield step
        if settles:
            yield SettleStep()

    def _step(self, kind: Variant) -> RequestStep | None:
        """Return the step of the exercise, if it can be done."""
        world = self.chronicle.guide.world
        if kind in (KEEP, DROP):
            held = [v for v in self._held() if world.root(v) is (self.exercise.about is About.ROOT)]
            return _kept(self._subject, held[0], deleted=kind is DROP) if held else None
        if kind is ATTACH:
            free = self._is_known and world.volume_record(self._volume).holder is None
            device = self.chronicle.guide.next_device
            return AttachStep(self._volume, Named(self._subject), device) if free else None
        if kind is DETACH:
            return DetachStep(self._volume) if self._is_known else None
        if kind.operation is Operation.MODIFY:
            return self._ideas.single_step(kind, self._subject)
        return self._batch(kind)

    @property
    def _is_known(self) -> bool:
        """Whether the volume was made, and is what it should be."""
        return self._volume in self.chronicle.volumes

    def _held(self) -> list[Volume]:
        world = self.chronicle.guide.world
        return [v for v in self.chronicle.volumes if world.volume_record(v).holder == self._subject]

    def _batch(self, kind: Variant) -> BatchStep | None:
        cast = [self._subject]
        if kind is not TERMINATE:
            cast += [i for i in self._neighbors() if self.chronicle.role(kind, i) is not Role.REFUSED]
        elif self.chronicle.role(kind, self._subject) is not Role.REFUSED:
            return None
        elif self.dice.chance(50):
            cast += self._neighbors(near=True)
        return batch_step(kind, [Named(i) for i in cast])

    def _neighbors(self, *, near: bool = False) -> list[Instance]:
        """Return the others; or only those `near` it, in its zone."""
        world = self.chronicle.guide.world
        others = [i for i in self.chronicle.alive if i != self._subject]
        return [i for i in others if world.zone(i) == world.zone(self._subject)] if near else others

    # What is tried.

    def _trial(self) -> Iterator[Step]:
        """Try what should not change what the instance has come to be, each in its plain form as a rule."""
        for operation in self.dice.arrange(_TRIED):
            flags = FLAGS[operation]
            kind = variant(operation, self.dice.pick(flags) if flags and self.dice.chance(_FLAGGED) else None)
            role = self.chronicle.role(kind, self._subject)
            if operation in self.lacking or (role is Role.CHANGED and operation is not Operation.REBOOT):
                continue
            cast = [self._subject]
            if self.dice.chance(_TOGETHER) and (operation is not Operation.TERMINATE or role is Role.REFUSED):
                cast += self._neighbors(near=operation is Operation.TERMINATE)
            step = self._ideas.batch(kind, cast, odd=self.dice.chance(_ODD)).make()
            if self.chronicle.is_known_to_diverge(step):
                continue  # it would teach little, and the instance would be of no more use
            assumed = operation is Operation.REBOOT and any(
                self.chronicle.role(kind, i) is not Role.CHANGED for i in cast
            )
            yield step
            if assumed:
                yield SettleStep()  # what it does to one that does not run is not to be blamed on anything later
        if self.dice.chance(_IDLE):
            kinds = [k for k in batches(self.features, Aim.NOTHING) if k.operation in _TRIED]
            yield from self._best([k for k in kinds if k.operation not in self.lacking])
            yield SettleStep()  # if it has an effect after all, that is not to be blamed on the next step

    def _best(self, kinds: list[Variant]) -> Iterator[Step]:
        """Yield the least covered of some requests of these kinds that name this instance alone."""
        number = _IDEAS if kinds else 0
        yield from best(self._ideas.batch(self.dice.pick(kinds), [self._subject]) for _ in range(number))

    def _looks(self, attributes: Iterable[Attribute]) -> Iterator[Step]:
        """Look at what no description shows."""
        if Operation.DESCRIBE_ATTRIBUTE not in self.lacking:
            for attribute in attributes:
                yield DescribeAttributeStep(Named(self._subject), attribute)

    def _holds(self, attribute: Attribute, *, value: bool) -> bool:
        record = self.chronicle.guide.world.record(self._subject)
        return holds(record, variant(Operation.MODIFY, (attribute, value)))

    # The end.

    def _end(self) -> Iterator[Step]:
        """End the instance, protected or not, alone or with the others, and ask it for more then."""
        for kind in (STOP, START):
            if self.dice.chance(_ONCE_MORE):
                yield from self._do(kind)
        if self.with_volumes:
            yield from self._prepared()
        if Operation.TERMINATE in self.lacking:
            return
        cast = (self._subject,) if self.dice.chance(50) else self.dice.arrange(self.chronicle.alive)
        self._ending = True
        yield batch_step(TERMINATE, [Named(i) for i in cast])
        yield SettleStep()
        if self._subject in self.chronicle.alive:
            yield from self._unprotected()
            yield batch_step(TERMINATE, [Named(self._subject)])
            yield SettleStep()
        for _ in range(_AFTERWARDS):
            yield from self._afterwards()
        yield SettleStep()

    def _prepared(self) -> Iterator[Step]:
        """Bring the volumes to the ending that was least met so far."""
        coverage = self.chronicle.coverage
        ending = min(self.dice.arrange(_ENDINGS), key=lambda each: coverage.times(_ENDING, coverage.key(each)))
        coverage.meet(_ENDING, [coverage.key(ending)], refused=False)
        attached, root = ending
        if (self._volume in self._held()) is not (attached is not None):
            yield from self._do(DETACH if attached is None else ATTACH)
        for v in self._held():
            world = self.chronicle.guide.world
            deleted = root if world.root(v) else bool(attached)
            if world.delete_on_termination(v) is not deleted and Operation.MODIFY not in self.lacking:
                yield _kept(self._subject, v, deleted=deleted)

    def _unprotected(self) -> Iterator[Step]:
        """Clear the protections that are set."""
        for attribute in PROTECTIONS:
            if not self._holds(attribute, value=False) and Operation.MODIFY not in self.lacking:
                yield ModifyStep(Named(self._subject), attribute, value=False)

    def _afterwards(self) -> Iterator[Step]:
        """Ask something of the terminated instance."""
        if self.dice.chance(75):
            yield from self._best([k for k in batches(self.features, Aim.ANY) if k.operation not in self.lacking])
            return
        kinds = [k for k in singles(self.features, Aim.ANY) if k.operation not in self.lacking]
        number = _IDEAS if kinds else 0
        yield from best(self._ideas.single(self.dice.pick(kinds), self._subject) for _ in range(number))


def _kept(i: Instance, v: Volume, *, deleted: bool) -> ModifyStep:
    return ModifyStep(Named(i), Attribute.BLOCK_DEVICE_MAPPINGS, deleted, v)
