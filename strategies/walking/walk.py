"""A walk: a scenario written step by step, where each step is the least covered so far.

A walk keeps several instances. Each takes part in only some kinds of steps. So one request moves many of them
on, and one description judges them all. For each step the walk first draws an aim: a change, a refusal, or no effect.
It then generates a few steps with this aim and takes the one worth most.
Coverage measures the worth: how new the step is for the named instances, by their state, their last events,
how often each event has happened to them, and the composition of the batch.
At the end the walk reads every attribute that descriptions do not show, and terminates everything.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...model.requests import Attribute, Operation
from ...model.states import InstanceState
from ...model.world import Instance
from ..building.dice import Dice
from ..building.features import Features
from ..building.launches import launch, run_again, with_token
from ..building.scenario_builder import WAITS
from ..scenario.steps import (
    BatchStep,
    ModifyStep,
    Named,
    Push,
    PushStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)
from .batch_members import BatchMembers
from .ideas import Idea, best, worth_of
from .instance_ideas import COMPOSITION_WORTH, InstanceIdeas, observing_step, starts_transition
from .step_features import AGAIN, Variant, variant
from .variants import Aim, batches, holds, random_batch, singles, topic
from .volume_ideas import VolumeIdeas, concerns_volumes
from .walk_history import WalkHistory, launch_features
from .walk_themes import LENGTHS, Theme
from .zone_setups import ZoneSetups

IDEAS: Final = 12
"""Steps that are generated before one is taken."""
_MIXED_IDEAS: Final = 30
"""The same for mixed batches: generating a step is cheaper than a call."""
_LAUNCHES: Final = 3
"""Launches that are generated before one is taken, and ways to send each of them again."""
_FEW: Final = 3
_MANY: Final = 8
_MANY_WITH_VOLUMES: Final = 4
"""Living instances of a walk: with fewer than `_FEW` it launches, with `_MANY` it launches no more."""
_RUNS: Final = 3
"""Launches at the start of a walk, one fewer in a walk about volumes."""
_CLOSING_STEPS: Final = 20
"""The last steps of a walk, in which it reads and terminates everything."""
_ENDINGS: Final = 5
"""Terminations at the end of a walk, at most."""
_MANY_COUNT: Final = 60
"""Instances of a large launch: more than the fifty at which some emulators truncate."""
_WITH_TOKEN: Final = 50
"""Percent of the launches with a client token, so that both kinds of launches are common; a token costs no call."""
_LONGEST_HISTORY: Final = 40
"""Percent of the steps that are about the living instance with the longest history."""
_SETTLES: Final = 60
"""Percent of the steps followed by a settle when an instance is expected to be in transition."""
_IDLE_SETTLES: Final = 15
"""The same when nothing is expected to change."""
_VOLUME_SETTLES: Final = 15
"""Percent of the settles that describe the volumes although no step concerned them."""
_BATCHES: Final = 60
_SINGLE: Final = (10, 30, 90)
"""The weights of requests about several instances and, one of these per walk, of requests about one."""
_ODD: Final = 20
"""Percent of the batches with an unusual id."""
_ODD_ENDINGS: Final = 60
"""The same for the terminations at the end of a walk."""
_EXPENDABLE_COMPOSITION_WORTH: Final = 6.0
"""How much a new composition of a batch is worth in walks with expendable instances, in new cells."""
_TERMINATION_COST: Final = 10.0
"""What terminating an instance costs, in new cells; instances with the same history count once. Free at the end."""
_TERMINATION_COST_WITH_VOLUMES: Final = 3.0
"""The same in a walk about volumes, where the end of an instance shows most."""
_AIMS: Final = ((50, Aim.CHANGE), (25, Aim.REFUSAL), (13, Aim.ANY), (12, Aim.NOTHING))
_SINGLE_AIMS: Final = ((60, Aim.CHANGE), (20, Aim.LOOK), (10, Aim.ANY), (10, Aim.NOTHING))


@dataclass(slots=True)
class Walk:
    """One walk in progress. `next` returns the next step; the caller performs it and records it in the history.

    `unsupported` are the operations that the target does not implement.
    """

    dice: Dice
    history: WalkHistory
    features: Features
    unsupported: frozenset[Operation] = frozenset()
    theme: Theme = Theme.LONG_HISTORIES
    settle_shows_volumes: bool = False
    """Whether a settle now also describes the volumes, which costs calls."""
    _opening: Iterator[Step] = field(init=False)
    _closing: Iterator[Step] | None = None
    _batches: dict[Aim, tuple[Variant, ...]] = field(init=False)
    _single: dict[Aim, tuple[Variant, ...]] = field(init=False)
    _single_weight: int = field(init=False)
    _members: BatchMembers = field(init=False)
    _ideas: InstanceIdeas = field(init=False)
    _volumes: VolumeIdeas = field(init=False)
    _in_motion: bool = False
    _volumes_unseen: bool = False
    """Whether a step concerned volumes since a settle last described them."""

    def __post_init__(self) -> None:
        self._batches = {aim: self._able(batches(self.features, aim)) for aim in Aim}
        self._single = {aim: self._able(singles(self.features, aim)) for aim in Aim}
        self._single_weight = self.dice.pick(_SINGLE)
        topics = dict.fromkeys(topic(kind) for kind in (*self._batches[Aim.ANY], *self._single[Aim.ANY]))
        self._members = BatchMembers(self.dice, self.history, tuple(topics))
        composition_worth = _EXPENDABLE_COMPOSITION_WORTH if self.expendable else COMPOSITION_WORTH
        termination_cost = (
            0.0 if self.expendable else _TERMINATION_COST_WITH_VOLUMES if self.with_volumes else _TERMINATION_COST
        )
        self._ideas = InstanceIdeas(self.dice, self.history, self.features, composition_worth, termination_cost)
        self._volumes = VolumeIdeas(self.dice, self.history, self.features, self.unsupported)
        self._opening = iter(self._open())

    def _able(self, variants: Iterable[Variant]) -> tuple[Variant, ...]:
        return tuple(v for v in variants if v.operation not in self.unsupported)

    @property
    def length(self) -> int:
        """The number of steps of the walk."""
        return LENGTHS[self.theme]

    @property
    def with_volumes(self) -> bool:
        """Whether the walk is about volumes."""
        return self.theme is Theme.VOLUMES

    @property
    def ends_with_volumes(self) -> bool:
        """Whether the last settle also describes the volumes, which shows what the terminations did to them."""
        return not self.expendable and Operation.DESCRIBE_VOLUMES not in self.unsupported

    @property
    def expendable(self) -> bool:
        """Whether instances may be terminated early, because any other serves as well."""
        return self.theme is Theme.MANY_INSTANCES or self.theme is Theme.MIXED_BATCHES

    @property
    def over(self) -> bool:
        """Whether the walk has ended."""
        return len(self.history.guide.steps) >= self.length

    def next(self) -> Step:
        """Return the next step."""
        if self.history.may_hide_effect:  # otherwise a later step would be blamed for its effect
            step = observing_step(self.history.guide.steps[-1], self.unsupported)
        else:
            step = next(self._opening, None) or self._next()
        if isinstance(step, RunStep) and step.in_earnest and self.dice.chance(_WITH_TOKEN):
            step = with_token(self.dice, self.history.guide, step)
        if isinstance(step, SettleStep):
            last = len(self.history.guide.steps) + 1 >= self.length
            shows = self.with_volumes and (self._volumes_unseen or self.dice.chance(_VOLUME_SETTLES))
            self.settle_shows_volumes = self.ends_with_volumes if last else shows
            self._volumes_unseen = self._volumes_unseen and not self.settle_shows_volumes
        self._volumes_unseen |= concerns_volumes(step)
        self._in_motion = not isinstance(step, SettleStep) and (self._in_motion or starts_transition(step))
        return step

    def _open(self) -> Iterator[Step]:
        if self.expendable:
            yield from self._launches()
        else:
            zone = self.dice.below(self.features.zones)
            for n in range(_RUNS - self.with_volumes):
                yield replace(self._launch(), zone=1 + (zone + n) % self.features.zones)
            yield SettleStep()

    def _launches(self) -> Iterator[Step]:
        """Launch many instances, or one set per zone; also when none of the first ones is left."""
        if self.theme is Theme.MANY_INSTANCES:
            return self._launch_many()
        return ZoneSetups(self.dice, self.history, self.features, self.unsupported).steps()

    def _launch_many(self) -> Iterator[Step]:
        """Launch a crowd and one more instance, which is protected at its launch, or later, or not for long."""
        zone = 1 + self.dice.below(self.features.zones)
        guide = self.history.guide
        yield RunStep(guide.next_run, zone, count=_MANY_COUNT)
        one = guide.next_run
        at_launch = True if self.dice.chance(50) else None
        zone = 1 + self.dice.below(self.features.zones)
        yield self.history.without_forgotten_protections(RunStep(one, zone, disable_api_termination=at_launch))
        yield SettleStep()
        if Operation.MODIFY not in self.unsupported and self.dice.chance(50):
            yield ModifyStep(Named(one), Attribute.DISABLE_API_TERMINATION, at_launch is None)

    def _close(self) -> Iterator[Step]:
        """Read what no description shows, and terminate everything, unusual requests first."""
        if self._in_motion:
            yield SettleStep()
        looks = () if self.with_volumes else self._single[Aim.LOOK]
        for i in self.history.alive[:_MANY]:
            if looks:
                yield self._ideas.single_step(self.dice.pick(looks), i)
        kind = variant(Operation.TERMINATE)
        for _ in range(0 if kind.operation in self.unsupported else _ENDINGS):
            if not self.history.alive:
                return
            ideas = (
                self._ideas.batch(
                    kind, self._members.to_terminate(), odd=self.dice.chance(_ODD_ENDINGS), free_termination=True
                )
                for _ in range(IDEAS)
            )
            yield from best(ideas)
            yield SettleStep()

    def _next(self) -> Step:
        history = self.history
        last = history.guide.steps[-1]
        alive = history.alive
        if len(history.guide.steps) >= self.length - _CLOSING_STEPS and not self.expendable:
            self._closing = self._closing or self._close()
            step = next(self._closing, None)
            if step is not None:
                return step
        if len(alive) < _FEW:
            if self.expendable:
                self._opening = self._launches()
                return next(self._opening)
            return self._launch()
        if isinstance(last, BatchStep) and last.operation is Operation.REBOOT and last.in_earnest:
            return SettleStep()  # the effect on an instance that does not run is only assumed; blame no later step
        if self._in_motion and self.dice.chance(_SETTLES if self._in_transition() else _IDLE_SETTLES):
            return SettleStep()
        think = self.dice.weigh(
            (
                (_BATCHES // 2 if self.with_volumes else _BATCHES, self._batch_ideas),
                (5 if self.expendable else 15 if self.with_volumes else self._single_weight, self._single_ideas),
                (_BATCHES * self.with_volumes, self._volumes.ideas),
                (5, self._other_ideas),
            )
        )
        ideas = list(think(alive)) or list(self._batch_ideas(alive))
        return next(best(ideas), None) or SettleStep()

    def _in_transition(self) -> bool:
        """Tell whether an instance is expected to be in transition."""
        guide = self.history.guide
        return any(not guide.spec.at_rest(guide.world, i) for i in self.history.instances)

    # Launches.

    def _launch(self) -> RunStep:
        """Generate a few launches, and return the least covered one."""
        coverage = self.history.coverage
        kind = variant(Operation.RUN)
        steps = [launch(self.dice, self.history.guide, self.features) for _ in range(_LAUNCHES)]
        if self.with_volumes:
            steps = [replace(step, count=1, disable_api_termination=None, disable_api_stop=None) for step in steps]
        else:
            steps = [replace(step, volumes=(), count=2 + self.dice.below(2)) for step in steps]
        steps = [self.history.without_forgotten_protections(step) for step in steps]
        return max(steps, key=lambda s: coverage.worth(kind, map(coverage.key, launch_features(s)), refused=False))

    # Instances.

    def _batch_ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        if self.expendable:
            yield from self._many_ideas(alive)
            return
        everyone = self.history.instances
        odd = self.dice.chance(_ODD)
        aim = self.dice.weigh(_AIMS)
        for _ in range(IDEAS):
            focus = self._focus(alive, dead=15)
            kind = self.dice.pick(self._batches[aim])
            if named := self._members_for(aim, kind, focus, everyone):
                yield self._ideas.batch(kind, named, odd=odd)

    def _members_for(
        self, aim: Aim, kind: Variant, focus: Instance, everyone: Sequence[Instance]
    ) -> tuple[Instance, ...]:
        """Choose the instances to name so that the request meets its aim; none where that is impossible."""
        members = self._members
        if aim is Aim.CHANGE:
            return members.changed(kind, everyone)
        refusing = members.refused(kind, everyone) if aim is Aim.REFUSAL else ()
        return refusing or members.any_together(kind, focus, everyone)

    def _many_ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        """Yield requests of one kind for many instances, so that they compete by composition and not by kind."""
        kind = random_batch(self.dice, self.features)
        if kind.operation in self.unsupported:
            return
        many = self.theme is Theme.MANY_INSTANCES
        everyone = alive if many and self.dice.chance(80) else self.history.instances
        for _ in range(IDEAS if many else _MIXED_IDEAS):
            if many:
                named_instances = self._members.of_many(kind, self.dice.pick(alive[:100]), everyone)
            else:
                named_instances = self._members.mixed(kind)
            if named_instances:
                yield self._ideas.batch(kind, named_instances, odd=self.dice.chance(3 * _ODD if many else _ODD))

    def _single_ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        aim = self.dice.weigh(_SINGLE_AIMS)
        guide = self.history.guide
        kinds = self._single[aim]
        modified = guide.modified
        for _ in range(IDEAS if kinds else 0):
            focus = self._focus(alive, dead=10)
            if aim is Aim.LOOK and modified is not None and modified in alive and self.dice.chance(50):
                focus = modified
            kind = self.dice.pick(kinds)
            idle = aim is Aim.CHANGE and holds(guide.world.record(focus), kind)
            idle = idle or self.history.is_repeated_enough(kind, focus)
            if not idle and (self.expendable or self._members.takes_part(kind, focus)):
                yield self._ideas.single(kind, focus)

    def _focus(self, alive: Sequence[Instance], dead: int) -> Instance:
        """Choose an instance: often the one with the longest history, so that some histories become long."""
        if self.dice.chance(dead):
            return self.dice.pick(self.history.instances[:100])
        if self.dice.chance(_LONGEST_HISTORY):
            tracks = self.history.tracks
            return max(alive, key=lambda i: sum(tracks[i].tally.values()))
        return self.dice.pick(alive[:100])

    # Everything else.

    def _other_ideas(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        history = self.history
        if len(alive) < (_MANY_WITH_VOLUMES if self.with_volumes else _MANY) and not self.expendable:
            yield Idea(1.5, self._launch)
        for run in history.guide.repeatable_launches:
            for _ in range(_LAUNCHES):
                yield self._again_idea(run)
        if self.features.waits:
            kind = variant(None, "wait")
            worth = history.coverage.worth(kind, (history.coverage.key(("odd", None)),), refused=False)
            yield Idea(worth, lambda: WaitStep(self.dice.pick(WAITS)))
        if self.features.pushes:
            yield from self._pushes(alive)

    def _again_idea(self, run: RunStep) -> Idea:
        """Return an idea to send a launch again with its client token."""
        history, kind = self.history, variant(Operation.RUN, AGAIN)
        step = run_again(self.dice, self.features, run)
        keys = history.keys_of_repeat(step)
        refused = history.guide.refuses(step)
        return Idea(worth_of(history.coverage, kind, keys, keys[:1], refused=refused), lambda: step)

    def _pushes(self, alive: Sequence[Instance]) -> Iterator[Idea]:
        """Yield background steps on demand, where they are certain to be possible."""
        history = self.history
        guide = history.guide
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
        worth = 0.6 * self.history.coverage.worth(kind, self.history.keys(i), refused=False)
        return Idea(worth, lambda: PushStep(push, i))
