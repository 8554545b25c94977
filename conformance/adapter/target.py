"""What a target is: a clock, patience, what it can do, and a way to perform one request."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import repeat
from typing import Protocol

from ...model.requests import Request
from ...model.world import Instance
from .clock import Clock
from .names import Names
from .observation import Observation


class TargetError(Exception):
    """A target cannot be used; the message is one sentence for the user."""


class UnknownTarget(TargetError):
    """What the user wrote names no target: wrong usage (exit code 2)."""


class Unreachable(TargetError):
    """Nobody answers where the target should be (exit code 3)."""


class Broken(TargetError):
    """Something answers, but not as an EC2 endpoint or client does (exit code 3)."""


class Unsupported(TargetError):
    """The target lacks what a step needs; the clauses that need it are not-exercised, with this as the reason."""


class LimitReached(TargetError):
    """The target may not be used any further: the user's own limits are reached."""


class Capability(Enum):
    """What only some targets can do; the value is how a reason calls it ("the target lacks …")."""

    NOBODY = "a caller without permission"
    INSTANCE_STORE = "instances with an instance-store root"
    BACKGROUND = "background steps on demand"
    VIRTUAL_TIME = "time that passes at no cost"
    PARALLEL = "several requests at a time"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long `settle` waits for instances to come to rest before it calls them stuck.

    It looks `polls` times: at once, after `first_pause` seconds, and then after pauses that grow by `factor`
    up to `longest_pause`.
    """

    polls: int = 10
    first_pause: float = 0.05
    factor: float = 1.8
    longest_pause: float = 5.0

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to sleep before each poll: as many as there are polls, the first of them 0."""
        pause = self.first_pause
        yield from repeat(0.0, min(self.polls, 1))
        for _ in range(self.polls - 1):
            yield min(pause, self.longest_pause)
            pause *= self.factor


class Target(Protocol):
    """What is under test."""

    @property
    def name(self) -> str:
        """What the user calls it."""
        ...

    @property
    def version(self) -> str:
        """Which release of it answers; empty where nothing tells."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do beyond what every target can."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock that its background steps go by."""
        ...

    @property
    def patience(self) -> Patience:
        """How long to wait for its background steps."""
        ...

    @property
    def zones(self) -> tuple[str, ...]:
        """Its zones by their own names, in order: the scenario's zone n is `zones[n - 1]`."""
        ...

    def perform(self, request: Request, names: Names) -> Observation:
        """Send one request and return what came back; binds the names of what it made or showed first.

        Raises `Unsupported` where the target lacks what the request needs. A failing target never raises.
        """
        ...

    def push(self, step: str, instance: Instance, names: Names) -> None:
        """Make one background step happen: "shutdown-in-guest", "retire" or "fail-launch".

        Raises `Unsupported` where the target cannot, `Broken` where it failed to.
        """
        ...

    def clear(self) -> None:
        """Take away what the scenario made that has just been played, where the target is one that asks for it.

        Raises `Broken` where it cannot.
        """
        ...

    def close(self) -> None:
        """Give back what the target holds; nothing is sent afterwards."""
        ...
