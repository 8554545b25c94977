"""Configures the emulator: how open points are settled, and how long background steps take."""

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
"""The minimum and maximum duration in seconds."""

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
"""The delay of each background step once it is possible, in seconds of the target's clock."""

AT_ONCE: Final[Mapping[StepKind, Bounds]] = {
    **dict.fromkeys(DELAYS, (0, 0)),
    StepName.FORGOTTEN: DELAYS[StepName.FORGOTTEN],
}
"""Every step happens at once, except that terminated instances stay visible."""

SLOW: Final[Mapping[StepKind, Bounds]] = {
    kind: bounds if kind is StepName.FORGOTTEN else (bounds[1], bounds[1]) for kind, bounds in DELAYS.items()
}
"""Every step takes its maximum time."""

FORGETFUL: Final[Mapping[StepKind, Bounds]] = {**DELAYS, StepName.FORGOTTEN: (61, 90)}
"""Terminated instances are forgotten as early as permitted."""


class ChoicePolicy(Enum):
    """How to settle open points that `picks` does not settle."""

    PREFERRED = "by the alternative that most speaks for"
    HARDEST = "by the one that asks most of clients"
    RANDOM = "by any, each time anew"


@dataclass(frozen=True)
class Behaviour:
    """One permitted behaviour of EC2, as long as the delays stay within what the oracle allows.

    `picks` settles choices by id for all requests; `choice_policy` settles the others.
    A step that `delays` omits happens at once; one with None happens only when it is pushed.
    `refusal` is used wherever it is among the permitted refusals.
    `failures` is the probability that a launch or a start fails.
    `read_lag`: descriptions show what was true so many seconds ago, and do not know newer ids (F-07, E-25);
    if choices are random, each is late by any time up to that.
    `scarce`: a launch may make fewer instances than its MaxCount, and leaves no capacity for a minute then (L-01).
    `idle`: whatever the specification calls at rest stays so, although a step could happen.
    `lavish`: shows everything that no shape forbids, and uses an arbitrary status where none is known.
    `sparse`: shows nothing that no shape promises.
    The other flags vary what clients must tolerate: the order of items, the high byte of state codes (STATE-2),
    and unknown fields.
    """

    seed: int = 0
    choice_policy: ChoicePolicy = ChoicePolicy.PREFERRED
    picks: Mapping[str, Enum] = field(default_factory=dict[str, Enum])
    delays: Mapping[StepKind, Bounds | None] = field(default_factory=lambda: DELAYS)
    refusal: Refusal | None = None
    failures: float = 0.0
    read_lag: float = 0.0
    scarce: bool = False
    idle: bool = False
    lavish: bool = False
    sparse: bool = False
    permute: bool = False
    high_byte: bool = False
    extra_fields: bool = False

    def stream(self, purpose: str) -> random.Random:
        """Return an independent random generator for one purpose."""
        return random.Random(f"{self.seed} {purpose}")


@dataclass(slots=True)
class DrawnChoices(Choices):
    """The choices of one request, each settled when a rule first asks for it, and then kept.

    `known` are the new instances that the operation knows, from this request or an earlier one:
    operations learn of a new id at different times (E-25), but never forget it again.
    """

    behaviour: Behaviour
    rng: random.Random
    known: set[Instance] = field(default_factory=set[Instance])
    settled: dict[tuple[str, Instance | None], Enum] = field(default_factory=dict[tuple[str, "Instance | None"], Enum])

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the alternative for the request (`instance` is None) or for one instance."""
        key = (choice.id, instance)
        if key not in self.settled:
            if choice.id == NEW_ID.id and instance is not None:
                self.settled[key] = self._recall(choice, instance)
            else:
                self.settled[key] = self._settle(choice)
        return cast("A", self.settled[key])

    def _recall(self, choice: Choice[A], instance: Instance) -> Enum:
        """Return whether the operation knows the id: once it does, it always does."""
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
