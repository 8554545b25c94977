"""A walk: a scenario written step by step, where each step is the one that is least covered so far.

Several instances live side by side, each taking part in some kinds of steps only, so that one request takes many
of them further and one description judges all. What a step is to bring about is drawn first: a change, a refusal, or
nothing. Then a few steps that would are thought of, and the one that is worth most is taken.
What it is worth is told by coverage: how new it is for the instances that it names, by their state, their last events,
how often each event has happened to them, and the make-up of the batch.
At the end all is looked at that no description shows, and everything is terminated: each past ends in one more case.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...model.requests import Operation
from ...model.states import InstanceState
from ...model.world import Instance
from ..building.dice import Dice
from ..building.features import Features
from ..building.launches import launch
from ..building.scenario_builder import WAITS
from ..scenario.steps import (
    BatchStep,
    Push,
    PushStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)
from .batch_members import BatchMembers
from .ideas import Idea, best
from .instance_ideas import MADE_UP, InstanceIdeas, look_after, moves
from .step_features import Variant, variant
from .variants import Aim, batches, gathered, holds, singles, topic
from .volume_ideas import VolumeIdeas, concerns_volumes
from .walk_history import Chronicle, launch_features
from .walk_themes import LENGTHS, Theme
from .zone_setups import Spread

IDEAS: Final = 12
"""Steps that are thought of before one is taken."""
_GATHERED_IDEAS: Final = 30
"""The same for the batches of a gathering: to think is cheaper than to call."""
_LAUNCHES: Final = 3
_FEW: Final = 3
_MANY: Final = 8
_MANY_WITH_VOLUMES: Final = 4
"""Instances of a walk that are alive: with fewer than `_FEW` it launches, with so many no more."""
_RUNS: Final = 3
"""Launches that a walk opens with, one less where it speaks of volumes."""
_CLOSING: Final = 20
"""Steps that a walk has left when it begins to look at everything and to end it."""
_ENDINGS: Final = 5
"""Terminations with which a walk closes, at most."""
_CROWD: Final = 60
"""Instances of a crowd: more than the fifty after which some emulators cut off."""
_PROTAGONIST: Final = 40
"""Percent of the steps that are about the living instance with the longest past."""
_SETTLES: Final = 60
"""Percent of the steps that are waited for when something is expected to be on its way."""
_CHECKS: Final = 15
"""Percent of the steps after which everything is looked at although nothing is expected to have changed."""
_GLANCES: Final = 15
"""Percent of the settles that look at the volumes although nothing was done that concerns them."""
_BATCHES: Final = 60
_SINGLE: Final = (10, 30, 90)
"""How much of a walk is about several instances at a time, and, one of these, how much about one."""
_ODD: Final = 20
"""Percent of the batches that have something odd about their ids."""
_ODD_ENDINGS: Final = 60
"""The same of the terminations that a walk thinks of when it closes."""
_MADE_UP_LAVISH: Final = 6.0
"""What a new make-up of a batch is worth in walks that have batches more than pasts, in new cells."""
_LETHAL: Final = 10.0
"""What it costs to end an instance, in new cells; instances with the same past count once. At the end it is free."""
_LETHAL_WITH_VOLUMES: Final = 3.0
"""The same in a walk about volumes, of which most is told by how instances end."""
_AIMS: Final = ((50, Aim.CHANGE), (25, Aim.REFUSAL), (13, Aim.ANY), (12, Aim.NOTHING))
_SINGLE_AIMS: Final = ((60, Aim.CHANGE), (20, Aim.LOOK), (10, Aim.ANY), (10, Aim.NOTHING))


@dataclass(slots=True)
class Walk:
    """One walk under way. `next` says what to do; whoever does it tells the chronicle what came of it.

    `lacking` are the operations that the target does not implement.
    """

    dice: Dice
    chronicle: Chronicle
    features: Features
    lacking: frozenset[Operation] = frozenset()
    theme: Theme = Theme.PAST
    watches: bool = False
    """Whether a settle that comes now is to look at the volumes too: each look costs calls."""
    _opening: Iterator[Step] = field(init=False)
    _closing: Iterator[Step] | None = None
    _batches: dict[Aim, tuple[Variant, ...]] = field(init=False)
    _single: dict[Aim, tuple[Variant, ...]] = field(init=False)
    _mood: int = field(init=False)
    _casting: BatchMembers = field(init=False)
    _ideas: InstanceIdeas = field(init=False)
    _volumes: VolumeIdeas = field(init=False)
    _unsettled: bool = False
    _unwatched: bool = False
    """Whether something was done that concerns volumes since a settle looked at them."""

    def __post_init__(self) -> None:
        self._batches = {aim: self._able(batches(self.features, aim)) for aim in Aim}
        self._single = {aim: self._able(singles(self.features, aim)) for aim in Aim}
        self._mood = self.dice.pick(_SINGLE)
        topics = dict.fromkeys(topic(kind) for kind in (*self._batches[Aim.ANY], *self._single[Aim.ANY]))
        self._casting = BatchMembers(self.dice, self.chronicle, tuple(topics))
        made_up = _MADE_UP_LAVISH if self.lavish else MADE_UP
        lethal = 0.0 if self.lavish else _LETHAL_WITH_VOLUMES if self.with_volumes else _LETHAL
        self._ideas = InstanceIdeas(self.dice, self.chronicle, self.features, made_up, lethal)
        self._volumes = VolumeIdeas(self.dice, self.chronicle, self.features, self.lacking)
        self._opening = iter(self._open())

    def _able(self, variants: Iterable[Variant]) -> tuple[Variant, ...]:
        return tuple(v for v in variants if v.operation not in self.lacking)

    @property
    def length(self) -> int:
        """How many steps the walk takes."""
        return LENGTHS[self.theme]

    @property
    def with_volumes(self) -> bool:
        """Whether the walk speaks of volumes."""
        return self.theme is Theme.VOLUMES

    @property
    def ends_with_volumes(self) -> bool:
        """Whether the last look is at the volumes too, which shows what the terminations did to them."""
        return not self.lavish and Operation.DESCRIBE_VOLUMES not in self.lacking

    @property
    def lavish(self) -> bool:
        """Whether instances are there to be ended, since others are as good."""
        return self.theme is Theme.CROWD or self.theme is Theme.GATHERING

    @property
    def over(self) -> bool:
        """Whether the walk has come to its end."""
        return len(self.chronicle.guide.steps) >= self.length

    def next(self) -> Step:
        """Return the next step."""
        if self.chronicle.is_suspect:  # else what it did besides would be taken for the doing of something later
            step = look_after(self.chronicle.guide.steps[-1], self.lacking)
        else:
            step = next(self._opening, None) or self._next()
        if isinstance(step, SettleStep):
            last = len(self.chronicle.guide.steps) + 1 >= self.length
            glances = self.with_volumes and (self._unwatched or self.dice.chance(_GLANCES))
            self.watches = self.ends_with_volumes if last else glances
            self._unwatched = self._unwatched and not self.watches
        self._unwatched |= concerns_volumes(step)
        self._unsettled = not isinstance(step, SettleStep) and (self._unsettled or moves(step))
        return step

    def _open(self) -> Iterator[Step]:
        if self.lavish:
            yield from self._launches()
        else:
            zone = self.dice.below(self.features.zones)
            for n in range(_RUNS - self.with_volumes):
                yield replace(self._launch(), zone=1 + (zone + n) % self.features.zones)
            yield SettleStep()

    def _launches(self) -> Iterator[Step]:
        """Launch a crowd, or a gathering; also when none of the first is left."""
        if self.theme is Theme.CROWD:
            return self._crowd()
        return Spread(self.dice, self.chronicle, self.features, self.lacking).steps()

    def _crowd(self) -> Iterator[Step]:
        zone = 1 + self.dice.below(self.features.zones)
        guide = self.chronicle.guide
        yield RunStep(guide.next_run, zone, count=_CROWD)
        protected = True if self.dice.chance(50) else None
        zone = 1 + self.dice.below(self.features.zones)
        yield self.chronicle.kept(RunStep(guide.next_run, zone, disable_api_termination=protected))
        yield SettleStep()

    def _close(self) -> Iterator[Step]:
        """Look at what no description shows, and end what there is, odd requests first: no past is needed any more."""
        if self._unsettled:
            yield SettleStep()
        looks = () if self.with_volumes else self._single[Aim.LOOK]
        for i in self.chronicle.alive[:_MANY]:
            if looks:
                yield self._ideas.single_step(self.dice.pick(looks), i)
        kind = variant(Operation.TERMINATE)
        for _ in range(0 if kind.operation in self.lacking else _ENDINGS):
            if not self.chronicle.alive:
                return
            ideas = (
                self._ideas.batch(kind, self._casting.ending(), odd=self.dice.chance(_ODD_ENDINGS), free=True)
                for _ in range(IDEAS)
            )
            yield from best(ideas)
            yield SettleStep()

    def _next(self) -> Step:
        chronicle = self.chronicle
        last = chronicle.guide.steps[-1]
        alive = chronicle.alive
        if len(chronicle.guide.steps) >= self.length - _CLOSING and not self.lavish:
            self._closing = self._closing or self._close()
            step = next(self._closing, None)
            if step is not None:
                return step
        if len(alive) < _FEW:
            if self.lavish:
                self._opening = self._launches()
                return next(self._opening)
            return self._launch()
        if isinstance(last, BatchStep) and last.operation is Operation.REBOOT and last.in_earnest:
            return SettleStep()  # what it does to one that does not run is only assumed: nothing later is to be blamed
        if self._unsettled and self.dice.chance(_SETTLES if self._restless() else _CHECKS):
            return SettleStep()
        think = self.dice.weigh(
            (
                (_BATCHES // 2 if self.with_volumes else _BATCHES, self._batch_ideas),
                (5 if self.lavish else 15 if self.with_volumes else self._mood, self._single_ideas),
                (_BATCHES * self.with_volumes, self._volumes.ideas),
                (5, self._other_ideas),
            )
        )
        ideas = list(think(alive)) or list(self._batch_ideas(alive))
        return next(best(ideas), None) or SettleStep()

    def _restless(self) -> bool:
        """Tell whether something is expected to be on its way."""
        guide = self.chronicle.guide
        return any(not guide.spec.at_rest(guide.world, i) for i in self.chronicle.instances)

    # Launches.

    def _launch(self) -> RunStep:
        """Return the least covered of a few launches."""
        coverage = self.chronicle.coverage
        kind = variant(Operation.RUN)
        steps = [launch(self.dice, self.chronicle.guide, self.features) for _ in range(_LAUNCHES)]
        if self.with_volumes:
            steps = [replace(step, count=1, disable_api_termination=None, disable_api_stop=None) for step in steps]
        else:
            steps = [replace(step, volumes=(), count=2 + self.dice.below(2)) for step in steps]
        steps = [self.chronicle.kept(step) for step in steps]
        return max(steps, key=lambda s: coverage.worth(kind, map(coverage.key, launch_features(s)), refused=False))

    # Instances.

    def _batch_ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        if self.lavish:
            yield from self._lavish_ideas(alive)
            return
        everyone = self.chronicle.instances
        odd = self.dice.chance(_ODD)
        aim = self.dice.weigh(_AIMS)
        for _ in range(IDEAS):
            focus = self._focus(alive, dead=15)
            kind = self.dice.pick(self._batches[aim])
            if named := self._cast(aim, kind, focus, everyone):
                yield self._ideas.batch(kind, named, odd=odd)

    def _cast(self, aim: Aim, kind: Variant, focus: Instance, everyone: Sequence[Instance]) -> tuple[Instance, ...]:
        """Choose who is named, if there are any that would make of a request what it is meant for."""
        casting = self._casting
        if aim is Aim.CHANGE:
            return casting.moved(kind, everyone)
        refusing = casting.refusing(kind, everyone) if aim is Aim.REFUSAL else ()
        return refusing or casting.anyone(kind, focus, everyone)

    def _lavish_ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        """Yield requests of one kind for many, so that the newest make-up is taken and not the newest kind."""
        kind = gathered(self.dice, self.features)
        if kind.operation in self.lacking:
            return
        crowded = self.theme is Theme.CROWD
        everyone = alive if crowded and self.dice.chance(80) else self.chronicle.instances
        for _ in range(IDEAS if crowded else _GATHERED_IDEAS):
            if crowded:
                cast = self._casting.most(kind, self.dice.pick(alive[:100]), everyone)
            else:
                cast = self._casting.gathered(kind)
            if cast:
                yield self._ideas.batch(kind, cast, odd=self.dice.chance(3 * _ODD if crowded else _ODD))

    def _single_ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        aim = self.dice.weigh(_SINGLE_AIMS)
        guide = self.chronicle.guide
        kinds = self._single[aim]
        modified = guide.modified
        for _ in range(IDEAS if kinds else 0):
            focus = self._focus(alive, dead=10)
            if aim is Aim.LOOK and modified is not None and modified in alive and self.dice.chance(50):
                focus = modified
            kind = self.dice.pick(kinds)
            idle = aim is Aim.CHANGE and holds(guide.world.record(focus), kind)
            idle = idle or self.chronicle.is_worn(kind, focus)
            if not idle and (self.lavish or self._casting.goes_along(kind, focus)):
                yield self._ideas.single(kind, focus)

    def _focus(self, alive: Sequence[Instance], dead: int) -> Instance:
        """Choose an instance: often the one with the longest past, so that some past comes to be long."""
        if self.dice.chance(dead):
            return self.dice.pick(self.chronicle.instances[:100])
        if self.dice.chance(_PROTAGONIST):
            tracks = self.chronicle.tracks
            return max(alive, key=lambda i: sum(tracks[i].tally.values()))
        return self.dice.pick(alive[:100])

    # Everything else.

    def _other_ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        chronicle = self.chronicle
        if len(alive) < (_MANY_WITH_VOLUMES if self.with_volumes else _MANY) and not self.lavish:
            yield Idea(1.5, self._launch)
        if self.features.waits:
            kind = variant(None, "wait")
            worth = chronicle.coverage.worth(kind, (chronicle.coverage.key(("odd", None)),), refused=False)
            yield Idea(worth, lambda: WaitStep(self.dice.pick(WAITS)))
        if self.features.pushes:
            yield from self._pushes(alive)

    def _pushes(self, alive: Sequence[Instance]) -> Iterator[Idea]:
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

    def _push_idea(self, push: Push, i: Instance) -> Idea:
        kind = variant(None, push)
        worth = 0.6 * self.chronicle.coverage.worth(kind, self.chronicle.keys(i), refused=False)
        return Idea(worth, lambda: PushStep(push, i))
