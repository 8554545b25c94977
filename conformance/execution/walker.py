"""Plays a walk on a target: the walk chooses each step, the oracle judges the replies, and the walk adapts to them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ...model.requests import Operation
from ...strategies.building.dice import Dice
from ...strategies.building.features import Features
from ...strategies.building.guide import Guide
from ...strategies.scenario.steps import Step
from ...strategies.walking.coverage import Coverage, Mark
from ...strategies.walking.walk_factory import make_walk
from ...strategies.walking.walk_history import WalkHistory
from ..adapter.target import Capability, Target
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..oracle.settings import Settings
from .coverage_tracker import CoverageTracker
from .listener import PlayListener, no_listener
from .play import Outcome, Play, play_through
from .settle_timeouts import SettleTimeouts

_ENOUGH = 1_000_000
_VOLUMES_PER_REQUEST: Final = 4
"""Volumes per description. With more, a wrong reply would leave the oracle too many hypotheses."""


def features_of(target: Target) -> Features:
    """Return the features that generated scenarios may use on a target."""
    has = target.capabilities
    return Features(
        nobody=Capability.NOBODY in has,
        instance_store=Capability.INSTANCE_STORE in has,
        pushes=Capability.BACKGROUND in has,
        waits=Capability.VIRTUAL_TIME in has,
        zones=min(3, len(target.zones)),
    )


@dataclass(slots=True)
class Walker:
    """Makes walks on one target; the same seed, number, coverage and replies give the same walk."""

    target: Target
    engine: Engine
    settings: Settings = field(default_factory=Settings)
    unsupported: frozenset[Operation] = frozenset()
    """The operations to avoid: those that the target does not implement or answers unreadably."""
    seed: int = 0
    timeouts: SettleTimeouts = field(default_factory=SettleTimeouts)
    """The settles that timed out on this target."""
    listeners: Callable[[], PlayListener] = no_listener
    """Returns the listener for a play."""
    interrupted: Callable[[], bool] = lambda: False
    """Whether the user asked to stop; checked during a step, too."""

    def play(
        self,
        number: int,
        coverage: Coverage,
        most_calls: int = _ENOUGH,
        stopped: Callable[[], bool] = lambda: False,
        seen: Callable[[tuple[Divergence, ...], int], bool] = lambda _found, _calls: False,
        call_limit: int | None = None,
    ) -> Outcome:
        """Walk until the walk is over, `most_calls` is reached, or `stopped` returns true; coverage grows meanwhile.

        A last look follows, which also counts: with it the walk makes at most `call_limit` calls.

        `seen` is called after each step with its divergences and the calls so far; it returns whether to stop.
        """
        numbers = random.Random(f"{self.seed} {number}")
        dice = Dice(lambda n: int(numbers.random() * n))
        history = WalkHistory(coverage, Guide(self.engine.spec))
        walk = make_walk(number, dice, history, features_of(self.target), self.unsupported)
        play = Play(
            self.target,
            self.engine,
            self.settings,
            volumes_per_request=_VOLUMES_PER_REQUEST,
            short_waits=self.timeouts.short_waits(),
            call_limit=call_limit,
            listener=self.listeners(),
            interrupted=self.interrupted,
        )

        def steps() -> Iterator[Step]:
            while not (walk.over or play.calls >= most_calls or stopped()):
                step = walk.next()
                play.watch_volumes = walk.settle_shows_volumes
                yield step
            play.watch_volumes = walk.ends_with_volumes

        outcome = play_through(play, steps(), CoverageTracker(play, history), seen, stopped)
        coverage.mark_all(Mark.CLAUSES, outcome.checks)
        return outcome
