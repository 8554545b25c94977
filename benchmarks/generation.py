"""How fast walks are made: steps and calls a second, and where the time goes.

Twice, because what a step costs depends on what is counted. **Thought out** is what the model's side of a walk costs:
ideas, the world that the guide believes in, where each open point is settled as preferred, and coverage; nothing is
called, so there is nothing to judge. **Played**: the target `model` answers each call, about two for each step, and the
oracle judges the answers by every world that may be; the time that goes to the answers can be taken off.
Each seed walks a whole round of themes, as a run does, with one coverage.
Nothing is started: no process, no server. Run by `nox -s bench`, or with the project installed:
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
from ec2_lifecycle.strategies.walking.walk_factory import walk_of
from ec2_lifecycle.strategies.walking.walk_history import Chronicle
from ec2_lifecycle.strategies.walking.walk_themes import ROUND

SEEDS: Final = 3
WALKS: Final = len(ROUND)
"""Walks of each seed, one after the other with one coverage."""
GOAL: Final = 5000
"""Steps a second, thought out with belief and coverage."""

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
    ("chronicle and coverage", Chronicle, ("take", "believe", "diverged", "went_astray")),
)
"""Where the time goes: what each part is called, and the methods in which it is spent. The rest is the play's own."""


@dataclass(slots=True)
class Watch:
    """Tells the time of each part; what a part spends in another is the other's."""

    spent: dict[str, float] = field(default_factory=dict[str, float])
    _running: list[str] = field(default_factory=lambda: ["the rest"])
    _since: float = field(default_factory=process_time)

    def switch(self) -> None:
        """Book the time since the last switch."""
        now = process_time()
        part = self._running[-1]
        self.spent[part] = self.spent.get(part, 0.0) + now - self._since
        self._since = now

    def timed(self, part: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method whose time is booked on a part."""

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
    """What was made of one seed, and in how many seconds."""

    steps: int
    calls: int
    seconds: float

    def __str__(self) -> str:
        """Return how much that is in a second."""
        calls = f" and {self.calls / self.seconds:,.0f} calls" if self.calls else ""
        return f"{self.steps / self.seconds:,.0f} steps{calls} a second"


def played(engine: Engine, seed: int) -> Made:
    """Walk on the target `model`, whose answers the oracle judges; raises `AssertionError` where one diverges."""
    walker, coverage = Walker(model_target(seed=seed), engine, seed=seed), Coverage()
    began = process_time()
    outcomes = [walker.play(number, coverage) for number in range(WALKS)]
    seconds = process_time() - began
    for outcome in outcomes:
        if outcome.divergences:
            raise AssertionError(outcome.divergences[0].title)
    return Made(sum(len(o.scenario.steps) for o in outcomes), sum(o.calls for o in outcomes), seconds)


def thought_out(seed: int) -> Made:
    """Walk where everything goes as the model expects."""
    features, coverage = features_of(model_target()), Coverage()
    steps = 0
    began = process_time()
    for number in range(WALKS):
        numbers = Random(f"{seed} {number}")  # noqa: S311 - walks need no secrets
        chronicle = Chronicle(coverage)
        dice = Dice(lambda n, numbers=numbers: int(numbers.random() * n))
        walk = walk_of(number, dice, chronicle, features)
        while not walk.over:
            chronicle.take(walk.next())
            steps += 1
    return Made(steps, 0, process_time() - began)


def together(made: list[Made]) -> Made:
    """Return what was made of all seeds."""
    return Made(sum(each.steps for each in made), sum(each.calls for each in made), sum(each.seconds for each in made))


def main() -> None:
    """Measure without a watch, then once more with it, for the parts."""
    engine = Engine(EC2)
    collect_less_often()  # as a run does before it begins
    print(f"{SEEDS} seeds, {WALKS} walks each")
    thought_out(SEEDS)  # so that the first seed is as quick as the others
    thought = together([thought_out(seed) for seed in range(SEEDS)])
    verdict = "met" if thought.steps / thought.seconds >= GOAL else "MISSED"
    print(f"  thought out, with belief and coverage: {thought} (goal {GOAL:,}: {verdict})")
    played(engine, SEEDS)  # what the rules say is asked once, and then remembered
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
