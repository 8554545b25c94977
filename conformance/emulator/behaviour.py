"""How the specification behaves when it is played: how open points are settled, and how long EC2 takes."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeVar, cast

from ...model.background import StepName, VolumeStepName
from ...model.choices import NEW_ID, Choice, Choices, NewId
from ...model.outcomes import Refusal
from ...model.world import Instance

A = TypeVar("A", bound=Enum)

StepKind = StepName | VolumeStepName
Bounds = tuple[float, float]
"""The least and the most seconds that something takes."""

DELAYS: Final[Mapping[StepKind, Bounds]] = {
    StepName.LAUNCH_COMPLETES: (0, 20),
    StepName.LAUNCH_FAILS: (0, 20),
    StepName.START_FAILS: (0, 20),
    StepName.STOP_COMPLETES: (0, 20),
    StepName.SHUTDOWN_COMPLETES: (0, 20),
    StepName.FATE_TERMINATES: (0, 10),
    StepName.FATE_STOPS: (0, 10),
    StepName.BECOMES_VISIBLE: (0, 30),  # the oracle's `launch_visibility`
    StepName.TERMINATION_CLEARS: (0, 60),  # its `protection_lag`
    StepName.STOP_CLEARS: (0, 60),
    StepName.FORGOTTEN: (3600, 3600),  # about an hour (T-01); its `forget_after` needs at least 60 s
    VolumeStepName.CREATED: (0, 10),
    VolumeStepName.DETACHED: (0, 10),
    VolumeStepName.RELEASED: (0, 10),
    VolumeStepName.DELETED: (0, 10),
}
"""How long each background step lets wait for itself once it can come, in seconds of the target's clock."""

AT_ONCE: Final[Mapping[StepKind, Bounds]] = {
    **dict.fromkeys(DELAYS, (0, 0)),
    StepName.FORGOTTEN: DELAYS[StepName.FORGOTTEN],
}
"""Nothing takes any time, but that terminated instances stay visible."""

SLOW: Final[Mapping[StepKind, Bounds]] = {
    kind: bounds if kind is StepName.FORGOTTEN else (bounds[1], bounds[1]) for kind, bounds in DELAYS.items()
}
"""Everything takes as long as it may."""

FORGETFUL: Final[Mapping[StepKind, Bounds]] = {**DELAYS, StepName.FORGOTTEN: (61, 90)}
"""Terminated instances are forgotten as early as they may be."""


class ChoicePolicy(Enum):
    """How an open point is settled that `picks` does not settle."""

    PREFERRED = "by the alternative that most speaks for"
    HARDEST = "by the one that asks most of clients"
    RANDOM = "by any, each time anew"


@dataclass(frozen=True)
class Behaviour:
    """One way for EC2 to be: legal, as long as the delays keep to what the oracle grants.

    `picks` settles choices by id, once and for all; the others are settled in their manner.
    A step that `delays` leaves out comes at once, one that it gives None only when it is pushed.
    `refusal` is given wherever it is among those permitted.
    `failures` is the probability that a launch or a start fails.
    `idle`: what the specification calls at rest stays so, though a step could come.
    `lavish`: shows whatever no shape forbids, and refuses with any status where none is known;
    `sparse`: shows nothing that no shape promises.
    The rest is what no client may mind: items in any order, a high byte in state codes (STATE-2),
    and fields that nobody knows.
    """

    seed: int = 0
    choice_policy: ChoicePolicy = ChoicePolicy.PREFERRED
    picks: Mapping[str, Enum] = field(default_factory=dict[str, Enum])
    delays: Mapping[StepKind, Bounds | None] = field(default_factory=lambda: DELAYS)
    refusal: Refusal | None = None
    failures: float = 0.0
    idle: bool = False
    lavish: bool = False
    sparse: bool = False
    permute: bool = False
    high_byte: bool = False
    extra_fields: bool = False

    def stream(self, purpose: str) -> random.Random:
        """Return the random numbers for one purpose; what one purpose draws changes nothing for another."""
        return random.Random(f"{self.seed} {purpose}")


@dataclass(slots=True)
class DrawnChoices(Choices):
    """The open points of one request, each settled when a rule first asks for it and then kept.

    `known` are the instances whose new id the operation was seen to know, by this request or an earlier one:
    different operations hear of a new id at different times (E-25), but none forgets it again.
    """

    behaviour: Behaviour
    rng: random.Random
    known: set[Instance] = field(default_factory=set[Instance])
    settled: dict[tuple[str, Instance | None], Enum] = field(default_factory=dict[tuple[str, "Instance | None"], Enum])

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the alternative that holds: for the request (`instance` None) or for one instance."""
        key = (choice.id, instance)
        if key not in self.settled:
            if choice.id == NEW_ID.id and instance is not None:
                self.settled[key] = self._recall(choice, instance)
            else:
                self.settled[key] = self._settle(choice)
        return cast("A", self.settled[key])

    def _recall(self, choice: Choice[A], instance: Instance) -> Enum:
        """Return whether the operation knows the id: it does if it ever did."""
        known = type(choice.preferred)[NewId.KNOWN.name]  # by name: another revision has an enum of its own
        answer = known if instance in self.known else self._settle(choice)
        if answer is known:
            self.known.add(instance)
        return answer

    def _settle(self, choice: Choice[A]) -> Enum:
        if choice.id in self.behaviour.picks:
            return self.behaviour.picks[choice.id]
        match self.behaviour.choice_policy:
            case ChoicePolicy.PREFERRED:
                return choice.preferred
            case ChoicePolicy.HARDEST:
                return choice.hardest
            case ChoicePolicy.RANDOM:
                return self.rng.choice(choice.alternatives)
