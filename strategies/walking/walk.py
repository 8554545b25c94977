"""A walk: a scenario written step by step, where each step is the one that is least covered so far.

A few steps that make sense are thought of, and the one that is worth most is taken.
What it is worth is told by coverage: how new it is for the instances that it names, by their state, their last events,
how often each event has happened to them, and the make-up of the batch.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, cast

from ...model.choices import PREFERRED
from ...model.requests import Attribute, BatchRequest, Caller, Operation
from ...model.states import InstanceState, ShutdownBehavior, VolumeState
from ...model.step import permitted_refusals
from ...model.world import Instance, Volume
from ..author import WAITS
from ..batches import bad_id
from ..dice import Dice
from ..features import Features
from ..launches import launch
from ..steps import (
    FLAGS,
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    IdRef,
    ModifyStep,
    Named,
    Push,
    PushStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)
from .chronicle import Chronicle, launch_features
from .variants import Variant, variant, variant_of

LENGTH: Final = 80
"""Steps of a walk: so many that instances come to have a past, and so few that a reader can follow."""
IDEAS: Final = 12
"""Steps that are thought of before one is taken."""
_LAUNCHES: Final = 3
_FEW: Final = 3
_MANY: Final = 5
"""Instances of a walk that are alive: with fewer than `_FEW` it launches, with `_MANY` no more."""
_CROWD: Final = 60
"""Instances of a crowd: more than the fifty after which some emulators cut off."""
_CROWDS: Final = 10
"""Percent of the walks that have one."""
_WITH_VOLUMES: Final = 35
"""Percent of the walks that speak of volumes: these cost a target more calls."""
_PROTAGONIST: Final = 40
"""Percent of the steps that are about the living instance with the longest past."""
_SETTLES: Final = 80
"""Percent of the steps that are waited for when something is on its way."""
_UNHELD: Final = 40
"""Percent of the detachments thought of for a volume that is attached to nothing, or gone."""
_ODD_CALLS: Final = 6
"""Percent of the requests about volumes that are dry runs, and as many by someone without permission."""
_ODD: Final = 15
"""Percent of the batches that have something odd about their ids."""
_KINDS: Final = 70
"""Percent of the kinds of steps that one walk takes: to leave some out at random is known as swarm testing."""
_LETHAL: Final = 2.0
"""What it costs to end an instance, in new cells, for each of its events that nothing can follow any more."""
_NEW: Final = 2.0
"""What it is worth to meet a state and protections for the first time with a kind of step, in new cells."""
_KNOWN: Final = 0.1
"""How much is left to be learned where it diverged before."""

_ORDINARY: Final[tuple[tuple[int, BatchOperation], ...]] = (
    (8, Operation.TERMINATE),
    (7, Operation.STOP),
    (7, Operation.START),
    (3, Operation.REBOOT),
    (1, Operation.DESCRIBE),
)
VolumeStep: TypeAlias = ModifyStep | DetachStep | AttachStep | DescribeVolumesStep
"""What can be done with a volume that there is."""
_PROTECTIONS: Final = (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP)


@dataclass(frozen=True, slots=True)
class _Idea:
    """A step that could be taken, and what it is worth."""

    worth: float
    make: Callable[[], Step]


@dataclass(slots=True)
class Walk:
    """One walk under way. `next` says what to do; whoever does it tells the chronicle what came of it.

    `lacking` are the operations that the target does not implement.
    """

    dice: Dice
    chronicle: Chronicle
    features: Features
    lacking: frozenset[Operation] = frozenset()
    length: int = LENGTH
    crowded: bool = field(init=False)
    with_volumes: bool = field(init=False)
    _opening: Iterator[Step] = field(init=False)
    _batches: tuple[Variant, ...] = field(init=False)
    _single: tuple[Variant, ...] = field(init=False)
    _unsettled: bool = False
    _trips: dict[tuple[int, int], bool] = field(default_factory=dict[tuple[int, int], bool])

    def __post_init__(self) -> None:
        self.crowded = self.dice.chance(_CROWDS)
        wanted = not self.crowded and self.dice.chance(_WITH_VOLUMES)
        self.with_volumes = wanted and Operation.DESCRIBE_VOLUMES not in self.lacking
        self._batches = self._chosen(_batch_variants(self.features))
        self._single = self._chosen(_single_variants(self.features))
        self._opening = iter(self._open())

    def _chosen(self, variants: Iterable[Variant]) -> tuple[Variant, ...]:
        """Return some of the kinds of steps: with fewer of them a walk does each more often, in a row and in turn."""
        able = [v for v in variants if v.operation not in self.lacking]
        kept = {v for v in dict.fromkeys(able) if self.dice.chance(_KINDS)}
        return tuple(v for v in able if v in kept) or tuple(able)

    @property
    def over(self) -> bool:
        """Whether the walk has come to its end."""
        return len(self.chronicle.guide.steps) >= self.length

    def next(self) -> Step:
        """Return the next step."""
        step = next(self._opening, None) or self._next()
        self._unsettled = not isinstance(step, SettleStep) and (self._unsettled or _moves(step))
        return step

    def _open(self) -> Iterator[Step]:
        if self.crowded:
            yield RunStep("A", 1 + self.dice.below(self.features.zones), count=_CROWD)
            yield RunStep("B", 1 + self.dice.below(self.features.zones))
        else:
            for _ in range(2 + self.dice.below(2)):
                yield self._launch()
        yield SettleStep()

    def _next(self) -> Step:
        chronicle = self.chronicle
        alive = chronicle.alive
        if len(alive) < _FEW:
            return self._launch()
        if self._unsettled and self.dice.chance(_SETTLES):
            return SettleStep()
        think = self.dice.weigh(
            (
                (50, self._batch_ideas),
                (30, self._single_ideas),
                (20 * self.with_volumes, self._volume_ideas),
                (8, self._other_ideas),
            )
        )
        rest = _Idea(0.0, SettleStep)
        return max(think(alive), key=lambda idea: idea.worth, default=rest).make()

    # Launches.

    def _launch(self) -> RunStep:
        """Return the least covered of a few launches."""
        coverage = self.chronicle.coverage
        kind = variant(Operation.RUN)
        steps = [launch(self.dice, self.chronicle.guide, self.features) for _ in range(_LAUNCHES)]
        if not self.with_volumes:
            steps = [replace(step, volumes=()) for step in steps]
        return max(steps, key=lambda s: coverage.worth(kind, map(coverage.key, launch_features(s)), refused=False))

    # Instances.

    def _batch_ideas(self, alive: Sequence[Instance]) -> Iterator[_Idea]:
        everyone = self.chronicle.instances
        odd = self.dice.chance(_ODD)
        for _ in range(IDEAS):
            focus = self._focus(alive, dead=15)
            kind = self.dice.pick(self._batches)
            named = (focus,) if self.dice.chance(25) else self._cast(kind, focus, everyone)
            yield self._judged(kind, named, odd=odd)

    def _single_ideas(self, alive: Sequence[Instance]) -> Iterator[_Idea]:
        for _ in range(IDEAS):
            focus = self._focus(alive, dead=10)
            yield self._single_idea(self.dice.pick(self._single), focus)

    def _focus(self, alive: Sequence[Instance], dead: int) -> Instance:
        """Choose an instance: often the one with the longest past, so that some past comes to be long."""
        if self.dice.chance(dead):
            return self.dice.pick(self.chronicle.instances[:100])
        if self.dice.chance(_PROTAGONIST):
            tracks = self.chronicle.tracks
            return max(alive, key=lambda i: sum(tracks[i].tally.values()))
        return self.dice.pick(alive[:100])

    def _cast(self, kind: Variant, focus: Instance, everyone: Sequence[Instance]) -> tuple[Instance, ...]:
        """Choose who is named together with an instance."""
        how = self.dice.below(4)
        if how == 0:
            willing = tuple(i for i in everyone if not self._is_refused(kind, i))
            return willing or (focus,)
        if how == 1:
            other = self.dice.pick(everyone[:100])
            return (focus,) if other == focus else (focus, other)
        if how == 2:  # noqa: PLR2004
            return tuple(dict.fromkeys((focus, *self.dice.some(everyone))))
        return tuple(everyone)

    def _judged(self, kind: Variant, cast: Sequence[Instance], *, odd: bool) -> _Idea:
        """Return a batch as an idea, in any order; where it is `odd`, with a bad id or one sent twice."""
        chronicle = self.chronicle
        ids: list[IdRef] = [Named(i) for i in (self.dice.arrange(cast) if len(cast) <= _MANY else cast)]
        if odd:
            bad_one = self.dice.chance(60)
            ref = bad_id(self.dice, chronicle.guide, self.features) if bad_one else self.dice.pick(ids[:100])
            ids.insert(self.dice.below(len(ids) + 1), ref)
        bad = not all(isinstance(ref, Named) for ref in ids)
        trips = [self._is_refused(kind, i) for i in cast]
        refused = bad or any(trips) or not kind.earnest
        looks = [chronicle.keys(i)[0] for i in cast]
        worth = self._worth(kind, chronicle.batch_keys(ids), looks, refused=refused)
        worth += _NEW * chronicle.coverage.new(kind, {chronicle.keys(i)[1] for i in cast}, refused=refused)
        if kind.operation is Operation.TERMINATE and kind.earnest and not bad:
            worth -= self._loss(cast, trips)
        return _Idea(worth, lambda: _batch_step(kind, ids))

    def _worth(self, kind: Variant, keys: Collection[int], looks: Sequence[int], *, refused: bool) -> float:
        """Return how much of this is new; less where it diverged before for what looks the same."""
        coverage = self.chronicle.coverage
        worth = coverage.worth(kind, keys, refused=refused)
        return worth * _KNOWN if coverage.diverges(kind, looks, refused=refused) else worth

    def _loss(self, cast: Sequence[Instance], trip: Sequence[bool]) -> float:
        """Return what is lost when those that no protection shields are terminated."""
        world = self.chronicle.guide.world
        shielded = {world.zone(i) for i, trips in zip(cast, trip, strict=True) if trips}
        loss = 0.0
        for i in cast:
            if world.zone(i) not in shielded and world.state(i) is not InstanceState.TERMINATED:
                loss += _LETHAL * (3 - len(self.chronicle.tracks[i].events))
        return loss

    def _is_refused(self, kind: Variant, i: Instance) -> bool:
        """Tell whether a batch is refused on account of an instance, as far as the model expects."""
        keys = self.chronicle.keys(i)
        known = self._trips.get((kind.number, keys[0]))
        if known is None:
            request = BatchRequest(kind.operation or Operation.DESCRIBE, instances=(i,), force=kind.detail == "force")
            world = self.chronicle.guide.world
            known = bool(permitted_refusals(self.chronicle.guide.spec, world, request, PREFERRED))
            self._trips[kind.number, keys[0]] = known
        return known

    def _single_idea(self, kind: Variant, i: Instance) -> _Idea:
        chronicle = self.chronicle
        keys = [*chronicle.keys(i), chronicle.coverage.key(("odd", None))]
        worth = self._worth(kind, keys, keys[:1], refused=not kind.earnest)
        if kind.reads:
            worth *= 0.5
        worth += _NEW * chronicle.coverage.new(kind, keys[1:2], refused=not kind.earnest)
        return _Idea(worth, lambda: self._single_step(kind, i))

    def _single_step(self, kind: Variant, i: Instance) -> Step:
        ref = bad_id(self.dice, self.chronicle.guide, self.features) if self.dice.chance(4) else Named(i)
        if kind.operation is Operation.DESCRIBE_ATTRIBUTE and isinstance(kind.detail, Attribute):
            return DescribeAttributeStep(ref, kind.detail, dry_run=kind.dry_run, caller=kind.caller)
        attribute, value = cast("tuple[Attribute, bool | ShutdownBehavior]", kind.detail)
        return ModifyStep(ref, attribute, value, dry_run=kind.dry_run, caller=kind.caller)

    # Volumes.

    def _volume_ideas(self, alive: Sequence[Instance]) -> Iterator[_Idea]:
        """Yield what could be done with a volume: made, attached, detached, kept or not, described."""
        chronicle = self.chronicle
        world = chronicle.guide.world
        known = chronicle.volumes
        if sum(not world.root(v) for v in known) < _FEW:
            zone = int(world.zone(self.dice.pick(alive[:100])))
            yield _Idea(6.0, lambda: CreateVolumeStep(chronicle.guide.next_volume, zone))
        for _ in range(_FEW if known else 0):
            v = self.dice.pick(known[:100])
            for step in self._volume_steps(v, alive):
                yield self._volume_idea(v, self._called(step))

    def _volume_steps(self, v: Volume, alive: Sequence[Instance]) -> Iterator[VolumeStep]:
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

    def _volume_idea(self, v: Volume, step: VolumeStep) -> _Idea:
        chronicle = self.chronicle
        kind = variant_of(step)
        if kind is None or kind.operation in self.lacking:
            return _Idea(-1.0, lambda: step)
        holder = chronicle.guide.world.volume_record(v).holder
        keys = [*chronicle.keys(v), *(chronicle.keys(holder) if holder else ())]
        if isinstance(step, AttachStep):
            keys += chronicle.keys(Instance(step.id.name)) if isinstance(step.id, Named) else ()
        worth = self._worth(kind, set(keys), keys[:1], refused=not kind.earnest)
        return _Idea(worth * 0.3 if kind.reads else worth, lambda: step)

    # Everything else.

    def _other_ideas(self, alive: Sequence[Instance]) -> Iterator[_Idea]:
        chronicle = self.chronicle
        if len(alive) < _MANY:
            yield _Idea(1.5, self._launch)
        if self.features.waits:
            kind = variant(None, "wait")
            worth = chronicle.coverage.worth(kind, (chronicle.coverage.key(("odd", None)),), refused=False)
            yield _Idea(worth, lambda: WaitStep(self.dice.pick(WAITS)))
        if self.features.pushes:
            yield from self._pushes(alive)

    def _pushes(self, alive: Sequence[Instance]) -> Iterator[_Idea]:
        """Yield what EC2 does on demand, where it is sure to be possible."""
        chronicle = self.chronicle
        guide = chronicle.guide
        last = guide.steps[-1]
        if isinstance(last, RunStep) and last.in_earnest:
            i = Instance(last.instance_names[0])
            if i in alive:
                yield self._push_idea(Push.LAUNCH_FAILURE, i)
        sure = tuple(i for i in guide.in_state(InstanceState.RUNNING) if i in alive and i not in guide.disputed)
        if sure and guide.settled:
            i = self.dice.pick(sure[:100])
            yield self._push_idea(Push.GUEST_SHUTDOWN, i)
            yield self._push_idea(Push.RETIRE, i)

    def _push_idea(self, push: Push, i: Instance) -> _Idea:
        kind = variant(None, push)
        worth = 0.6 * self.chronicle.coverage.worth(kind, self.chronicle.keys(i), refused=False)
        return _Idea(worth, lambda: PushStep(push, i))


def _batch_step(kind: Variant, ids: Sequence[IdRef]) -> BatchStep:
    operation = kind.operation
    flags = {str(kind.detail): True} if kind.detail is not None else {}
    return BatchStep(operation, tuple(ids), dry_run=kind.dry_run, caller=kind.caller, **flags)  # type: ignore[arg-type]


def _batch_variants(features: Features) -> Iterator[Variant]:
    """Yield the kinds of batches, the ordinary ones often, what is odd once."""
    for often, operation in _ORDINARY:
        yield from [variant(operation)] * often
        yield variant(operation, dry_run=True)
        for flag in FLAGS[operation]:
            yield variant(operation, flag)
        if features.nobody:
            yield variant(operation, caller=Caller.NOBODY)
            yield variant(operation, dry_run=True, caller=Caller.NOBODY)


def _single_variants(features: Features) -> Iterator[Variant]:
    """Yield the kinds of requests about one instance, the ordinary ones often, what is odd once."""
    for attribute in _PROTECTIONS:
        for value in (True, False):
            yield from [variant(Operation.MODIFY, (attribute, value))] * (8 if value else 6)
            yield variant(Operation.MODIFY, (attribute, value), dry_run=True)
    for behavior in ShutdownBehavior:
        yield from [variant(Operation.MODIFY, (Attribute.SHUTDOWN_BEHAVIOR, behavior))] * (3 if features.pushes else 1)
    for attribute in (*_PROTECTIONS, Attribute.SHUTDOWN_BEHAVIOR, Attribute.BLOCK_DEVICE_MAPPINGS):
        yield from [variant(Operation.DESCRIBE_ATTRIBUTE, attribute)] * 3
    yield variant(Operation.DESCRIBE_ATTRIBUTE, Attribute.DISABLE_API_STOP, dry_run=True)
    if features.nobody:
        yield variant(Operation.MODIFY, (Attribute.DISABLE_API_TERMINATION, True), caller=Caller.NOBODY)
        yield variant(Operation.DESCRIBE_ATTRIBUTE, Attribute.DISABLE_API_STOP, caller=Caller.NOBODY)


def _moves(step: Step) -> bool:
    """Tell whether something may be on its way after a step."""
    if isinstance(step, BatchStep):
        return step.operation is not Operation.DESCRIBE and step.in_earnest
    return isinstance(step, RunStep | CreateVolumeStep | AttachStep | DetachStep | PushStep)
