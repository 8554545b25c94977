"""Defines what a target is: a clock, patience, capabilities, and a way to perform one request."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import repeat
from typing import Protocol, Self, TypeAlias

from ...model.requests import Request
from ...model.world import Instance
from .clock import Clock
from .names import Names
from .observation import Observation


class TargetError(Exception):
    """The target cannot be used; the message is one sentence for the user."""


class UnknownTarget(TargetError):
    """The text of the user names no target: wrong usage (exit code 2)."""


class Unreachable(TargetError):
    """Nothing answers at the target's address (exit code 3)."""


class Broken(TargetError):
    """Something answers, but not as an EC2 endpoint or client does (exit code 3)."""


class Unsupported(TargetError):
    """The target lacks what a step needs; clauses that need it are not-exercised, for this reason."""


class LimitReached(TargetError):
    """A limit that the user set is reached, so the target must not be used any further."""


class Capability(Enum):
    """What only some targets can do; reasons use the value as text ("the target lacks …")."""

    NOBODY = "a caller without permission"
    INSTANCE_STORE = "instances with an instance-store root"
    BACKGROUND = "background steps on demand"
    VIRTUAL_TIME = "time that passes at no cost"
    PARALLEL = "several requests at a time"


Alive: TypeAlias = Mapping[str, Sequence[str]]
"""The ids of instances that were not seen terminated, each with the protections that it may have, by EC2's names."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """What it took to remove what a scenario made.

    `calls` are not among those of the scenario. `left` counts the instances that could not be terminated.
    """

    calls: int = 0
    left: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(self.calls + other.calls, self.left + other.left)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long `settle` waits for instances to come to rest before it calls them stuck.

    It polls `polls` times: at once, after `first_pause` seconds, and then after pauses that grow by `factor`
    up to `longest_pause`.
    """

    polls: int = 10
    first_pause: float = 0.05
    factor: float = 1.8
    longest_pause: float = 5.0

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to sleep before each poll; the first is 0."""
        pause = self.first_pause
        yield from repeat(0.0, min(self.polls, 1))
        for _ in range(self.polls - 1):
            yield min(pause, self.longest_pause)
            pause *= self.factor


class Target(Protocol):
    """The system under test."""

    @property
    def name(self) -> str:
        """The name that the user gave it."""
        ...

    @property
    def version(self) -> str:
        """Its release; empty if unknown."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Its optional capabilities."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock that drives its background steps."""
        ...

    @property
    def patience(self) -> Patience:
        """How long to wait for its background steps."""
        ...

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of its zones, in order: the scenario's zone n is `zones[n - 1]`."""
        ...

    def perform(self, request: Request, names: Names) -> Observation:
        """Send one request and return the observation; binds the names of what the reply shows for the first time.

        Raises `Unsupported` if the target lacks what the request needs. A failing target never raises.
        """
        ...

    def push(self, step: str, instance: Instance, names: Names) -> None:
        """Trigger one background step: "shutdown-in-guest", "retire" or "fail-launch".

        Raises `Unsupported` if the target cannot, `Broken` if it fails.
        """
        ...

    def clear(self, alive: Alive) -> Cleared:
        """Remove what the last scenario made; raises `Broken` if the target fails."""
        ...

    def close(self) -> None:
        """Release the resources of the target; nothing is sent afterwards."""
        ...


def notes_of(target: Target) -> tuple[str, ...]:
    """Return the `notes` of a target, if it has any: sentences for the summary of a run."""
    notes: tuple[str, ...] = getattr(target, "notes", ())
    return notes
