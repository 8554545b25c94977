"""Plays a walk on a target: the walk says what to do, the oracle judges, and the walk hears what came of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from ..model.requests import Operation
from ..strategies.dice import Dice
from ..strategies.features import Features
from ..strategies.guide import Guide
from ..strategies.scenario import Scenario
from ..strategies.steps import RequestStep
from ..strategies.titles import title_of
from ..strategies.walking.chronicle import Chronicle
from ..strategies.walking.coverage import Coverage, Mark
from ..strategies.walking.walk import Walk
from .observation import NoAnswer, Observation, Refused
from .oracle.divergence import SERVER_ERROR, Divergence, code_class
from .oracle.engine import Engine
from .oracle.settings import Settings
from .runner import Outcome, Play
from .targets.base import Broken, Capability, Target, Unsupported

_ENOUGH = 1_000_000


def features_of(target: Target) -> Features:
    """Return what scenarios made for a target may have."""
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
    """Makes walks on one target; each is the same for the same seed, number, coverage and replies."""

    target: Target
    engine: Engine
    settings: Settings = field(default_factory=Settings)
    lacking: frozenset[Operation] = frozenset()
    """The operations that the target does not implement."""
    seed: int = 0

    def play(
        self,
        number: int,
        coverage: Coverage,
        most_calls: int = _ENOUGH,
        stopped: Callable[[], bool] = lambda: False,
        seen: Callable[[tuple[Divergence, ...], int], bool] = lambda _found, _calls: False,
    ) -> Outcome:
        """Walk until the walk is over, its calls are spent, or someone says stop; coverage grows with it.

        `seen` hears what each step showed and how many calls were made so far; it says whether that is enough.
        """
        numbers = random.Random(f"{self.seed} {number}")
        dice = Dice(lambda n: int(numbers.random() * n))
        chronicle = Chronicle(coverage, Guide(self.engine.spec))
        walk = Walk(dice, chronicle, features_of(self.target), self.lacking)
        codes: list[str] = []

        def listen(_operation: Operation, observation: Observation) -> None:
            codes.append(_reply_class(observation))

        play = Play(self.target, self.engine, self.settings, watch_volumes=walk.with_volumes, listen=listen)
        found: list[Divergence] = []
        unfinished: str | None = None
        try:
            while not (walk.over or play.calls >= most_calls or play.broken is not None or stopped()):
                step = walk.next()
                codes.clear()
                new = play.perform(step)
                chronicle.take(step, codes[-1:] if isinstance(step, RequestStep) else None)
                self._tell(chronicle, play, new)
                found += new
                if seen(new, play.calls):
                    break
            if play.broken is None:
                new = play.finish()
                found += new
                self._tell(chronicle, play, new)
                seen(new, play.calls)
        except Unsupported as error:
            unfinished = str(error)
        except Broken as error:
            play.broken = play.broken or str(error)
        for clause in play.oracle.checks:
            coverage.mark(Mark.CLAUSES, clause)
        steps = tuple(chronicle.guide.steps)
        scenario = Scenario(title_of(steps), (), steps)
        return Outcome(scenario, play.calls, tuple(found), play.oracle.checks, unfinished, play.broken, play.passing)

    @staticmethod
    def _tell(chronicle: Chronicle, play: Play, found: tuple[Divergence, ...]) -> None:
        for divergence in found:
            chronicle.diverged(divergence.step, divergence.instance)
        belief = play.oracle.hypotheses[0]
        chronicle.believe(belief.instances, belief.volumes, play.oracle.doubted)


def _reply_class(observation: Observation) -> str:
    """Return what coverage tells apart in replies: success is empty."""
    if isinstance(observation, Refused):
        return code_class(observation.code, observation.status)
    return code_class("", SERVER_ERROR) if isinstance(observation, NoAnswer) else ""
