"""Measures how fast walks are generated: steps and calls per second, and where the time goes.

It measures twice. **Thought out** is the cost of generating steps: ideas, the world expected by the guide, and
coverage; there are no calls, so there is nothing to judge. **Played**: the target `model` answers each call, about two
for each step, and the oracle judges the answers; the time for the answers can be subtracted.
Each seed walks a whole round of themes, as a run does, with one coverage.
It starts no process and no server. Run by `nox -s bench`, or with the project installed:
`python benchmarks/generation.py`.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from random import Random
from time import process_time
from typing import Any, Final

from ec2_lifecycle.conformance.adapter.arguments import METHODS
from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.execution.walker import Walker, features_of
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.oracle import Oracle
from ec2_lifecycle.conformance.running.garbage_collection import collect_less_often
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.building.dice import Dice
from ec2_lifecycle.strategies.walking.coverage import Coverage
from ec2_lifecycle.strategies.walking.drill import Drill
from ec2_lifecycle.strategies.walking.walk import Walk
from ec2_lifecycle.strategies.walking.walk_factory import make_walk
from ec2_lifecycle.strategies.walking.walk_history import WalkHistory
from ec2_lifecycle.strategies.walking.walk_themes import ROUND

SEEDS: Final = 3
WALKS: Final = len(ROUND)
"""Walks per seed, in sequence with one coverage."""
GOAL: Final = 5000
"""The goal for steps per second, thought out."""

ANSWERING: Final = "the model's answers"
PARTS: Final[tuple[tuple[str, type, tuple[str, ...]], ...]] = (
    ("thinking of the next step", Walk, ("next",)),
    ("thinking of the next step", Drill, ("next",)),
    (
        ANSWERING,
        ModelClient,
        (*METHODS.values(), "push"),
    ),
    ("names put in, replies read", Ec2Target, ("perform", "push")),
    (
        "judging",
        Oracle,
        ("judge", "restless", "waited_for", "stuck", "push", "rested", "is_plain", "is_gone"),
    ),
    ("history and coverage", WalkHistory, ("take", "adopt_beliefs", "diverged", "blame_last_change")),
)
"""The parts of the time: a label, and the methods that it is spent in. The rest belongs to the play."""


@dataclass(slots=True)
class Watch:
    """Measures the time of each part, without the parts called from it."""

    spent: dict[str, float] = field(default_factory=dict[str, float])
    _running: list[str] = field(default_factory=lambda: ["the rest"])
    _since: float = field(default_factory=process_time)

    def switch(self) -> None:
        """Add the time since the last switch to the current part."""
        now = process_time()
        part = self._running[-1]
        self.spent[part] = self.spent.get(part, 0.0) + now - self._since
        self._since = now

    def timed(self, part: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method whose time is added to a part."""

        @wraps(method)
        def timed(*args: Any, **named: Any) -> Any:
            self.switch()
            self._running.append(part)
            try:
                return method(*args, **named)
            finally:
                self.switch()
                self._running.pop()

        return timed


@dataclass(frozen=True, slots=True)
class Made:
    """The steps and calls of one seed, and the seconds."""

    steps: int
    calls: int
    seconds: float

    def __str__(self) -> str:
        """Return the rates per second."""
        calls = f" and {self.calls / self.seconds:,.0f} calls" if self.calls else ""
        return f"{self.steps / self.seconds:,.0f} steps{calls} a second"


def played(engine: Engine, seed: int) -> Made:
    """Walk on the target `model` with the oracle; raises `AssertionError` for a divergence."""
    walker, coverage = Walker(model_target(seed=seed), engine, seed=seed), Coverage()
    began = process_time()
    outcomes = [walker.play(number, coverage) for number in range(WALKS)]
    seconds = process_time() - began
    for outcome in outcomes:
        if outcome.divergences:
            raise AssertionError(outcome.divergences[0].title)
    return Made(sum(len(o.scenario.steps) for o in outcomes), sum(o.calls for o in outcomes), seconds)


def thought_out(seed: int) -> Made:
    """Walk without a target, as the model expects."""
    features, coverage = features_of(model_target()), Coverage()
    steps = 0
    began = process_time()
    for number in range(WALKS):
        numbers = Random(f"{seed} {number}")  # noqa: S311 - walks need no secrets
        history = WalkHistory(coverage)
        dice = Dice(lambda n, numbers=numbers: int(numbers.random() * n))
        walk = make_walk(number, dice, history, features)
        while not walk.over:
            history.take(walk.next())
            steps += 1
    return Made(steps, 0, process_time() - began)


def together(made: list[Made]) -> Made:
    """Return the totals of all seeds."""
    return Made(sum(each.steps for each in made), sum(each.calls for each in made), sum(each.seconds for each in made))


def main() -> None:
    """Measure the totals first, then the parts with a watch."""
    engine = Engine(EC2)
    collect_less_often()  # as a run does
    print(f"{SEEDS} seeds, {WALKS} walks each")
    thought_out(SEEDS)  # warm-up
    thought = together([thought_out(seed) for seed in range(SEEDS)])
    verdict = "met" if thought.steps / thought.seconds >= GOAL else "MISSED"
    print(f"  thought out, with belief and coverage: {thought} (goal {GOAL:,}: {verdict})")
    played(engine, SEEDS)  # warm-up: the engine caches the rules' results
    print(f"  played on the model, and judged: {together([played(engine, seed) for seed in range(SEEDS)])}")
    watch = Watch()
    for part, owner, methods in PARTS:
        for method in methods:
            setattr(owner, method, watch.timed(part, getattr(owner, method)))
    watch.switch()
    watch.spent.clear()
    everything = together([played(engine, seed) for seed in range(SEEDS)])
    watch.switch()
    total = sum(watch.spent.values())
    print("where the time of a played step goes:")
    for part, seconds in sorted(watch.spent.items(), key=lambda item: -item[1]):
        print(f"  {seconds / total:4.0%}  {part}")
    print(f"played without the model's answers: {replace(everything, seconds=total - watch.spent[ANSWERING])}")


if __name__ == "__main__":
    sys.exit(main())
