"""The ways in which a mutant is played: it permits what the specification forbids, and must be made to do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ...model.background import StepName, VolumeStepName
from ...model.choices import CHOICES
from ...model.outcomes import Refusal
from ...model.specification import Specification
from ...strategies.scenario.scenario import Scenario
from ..emulator.behaviour import AT_ONCE, Behaviour, Bounds, ChoicePolicy, StepKind
from ..execution.runner import Runner
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..targets.model import model_target

SLOW: Final[Mapping[StepKind, Bounds]] = {
    **dict.fromkeys(StepName, (5, 5)),
    **dict.fromkeys(VolumeStepName, (3, 3)),  # while their instances are still on their way
    StepName.FATE_TERMINATES: (2, 2),  # before a launch is complete
    StepName.FATE_STOPS: (1, 1),
    StepName.BECOMES_VISIBLE: (20, 20),
    StepName.TERMINATION_CLEARS: (40, 40),
    StepName.STOP_CLEARS: (40, 40),
    StepName.FORGOTTEN: (3600, 3600),
}
"""Every step takes some seconds, so that requests and descriptions meet transitional states."""

_ALTERNATIVES: Final[Mapping[str, Mapping[str, Enum]]] = {
    choice.id: {alternative.name: alternative for alternative in choice.alternatives} for choice in CHOICES
}


@dataclass(frozen=True, slots=True, order=True)
class Adversary:
    """One way to play a specification; the default takes the preferred alternatives, without delays."""

    slow: bool = False
    picks: tuple[tuple[str, str], ...] = ()
    """Alternatives by choice id, where they are not the preferred ones."""
    refusal: str | None = None
    """The refusal to give wherever it is permitted."""
    hardest: bool = False
    failing: bool = False
    """Whether every launch and start fails."""
    idle: bool = False
    """Whether things at rest stay so."""
    lavish: bool = False
    """Whether replies show everything that is not forbidden, with an arbitrary status where none is known."""
    sparse: bool = False
    """Whether replies show nothing that is not promised."""
    seed: int | None = None
    """With a seed, open points are settled randomly."""

    def behaviour(self) -> Behaviour:
        """Return the behaviour of the target."""
        return Behaviour(
            seed=self.seed or 0,
            choice_policy=self._choice_policy,
            picks={choice: _ALTERNATIVES[choice][name] for choice, name in self.picks},
            delays=SLOW if self.slow else AT_ONCE,
            refusal=None if self.refusal is None else Refusal[self.refusal],
            failures=1.0 if self.failing else 0.0,
            idle=self.idle,
            lavish=self.lavish,
            sparse=self.sparse,
        )

    @property
    def _choice_policy(self) -> ChoicePolicy:
        if self.seed is not None:
            return ChoicePolicy.RANDOM
        return ChoicePolicy.HARDEST if self.hardest else ChoicePolicy.PREFERRED


PLAINEST: Final = Adversary()


def preferred(picks: Mapping[str, Enum]) -> tuple[tuple[str, str], ...]:
    """Return those picks that are not preferred anyway, in the form that a playing has them."""
    plain = {choice.id: choice.preferred for choice in CHOICES}
    return tuple(sorted((choice, one.name) for choice, one in picks.items() if one is not plain[choice]))


def shown(
    spec: Specification, engine: Engine, scenario: Scenario, playing: Adversary
) -> tuple[tuple[Divergence, ...], str | None]:
    """Play a specification; return what the judge finds, and why no answer came, where none did."""
    outcome = Runner(model_target(spec, playing.behaviour()), engine).run(scenario)
    return outcome.divergences, outcome.broken
