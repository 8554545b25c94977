"""Measures what a run has used: launches, live instances, time and money."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from ..adapter.clock import Clock
from ..adapter.target import LimitReached, Unsupported
from .limits import Limits

_LEAST: Final = 60.0
"""Seconds that EC2 bills at least for each start."""
_HOUR: Final = 3600.0


@dataclass(slots=True)
class Meter:
    """Estimates upwards: a stopped instance counts as running, and each start as at least a minute."""

    limits: Limits
    clock: Clock
    launches: int = 0
    most_alive: int = 0
    _alive: dict[str, float] = field(default_factory=dict[str, float])
    """The start time of each instance that has not been seen to end."""
    _expected: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """The request times of launches without known ids, by token: one per instance."""
    _past: float = 0.0
    """Billed seconds of ended instances, and of starts."""
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock.now()

    @property
    def seconds(self) -> float:
        """The billable time of all instances together."""
        now = self.clock.now()
        begun = chain(self._alive.values(), *self._expected.values())
        return self._past + sum(max(_LEAST, now - since) for since in begun)

    @property
    def alive(self) -> int:
        """The number of instances that may be alive."""
        return len(self._alive) + sum(map(len, self._expected.values()))

    @property
    def cost(self) -> float:
        """The maximum cost so far, in the currency of the sandbox file."""
        return self.seconds * self.limits.price_per_instance_hour / _HOUR

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock.now() - self._began

    def check_launch(self, count: int) -> None:
        """Raise `LimitReached` if the run may launch no more, `Unsupported` if not so many at a time."""
        if self.alive + count > self.limits.max_alive:
            raise Unsupported(
                f"needs {self.alive + count} instances at a time, "
                f"and the sandbox file allows {self.limits.max_alive} (max-alive)"
            )
        if self.launches + count > self.limits.max_launches:
            raise LimitReached(f"the run has launched {self.launches} instances, and max-launches is the limit")
        self.check_time_and_money(count)

    def check_time_and_money(self, starts: int = 0) -> None:
        """Raise `LimitReached` if the time is up, or if the cost, with that of `starts` more, passes the ceiling."""
        if self.elapsed >= self.limits.lifetime.total_seconds():
            raise LimitReached(f"the run has reached its time-to-live of {self.limits.time_to_live}")
        cost = self.cost + starts * _LEAST * self.limits.price_per_instance_hour / _HOUR
        if cost > self.limits.cost_ceiling:
            ceiling = f"{self.limits.cost_ceiling:g}"
            raise LimitReached(f"the run may cost {cost:.4f} by now, and the cost-ceiling is {ceiling}")

    def asked(self, token: str, count: int) -> None:
        """Count the instances of a launch that is about to be sent."""
        self._expected[token] = [self.clock.now()] * count
        self.launches += count

    def refused(self, token: str) -> None:
        """Record that a launch made nothing."""
        self.launches -= len(self._expected.pop(token, ()))

    def launched(self, token: str, instances: Iterable[str]) -> None:
        """Record instances that a launch made."""
        expected = self._expected.get(token, [])
        for i in instances:
            if i not in self._alive:
                self._alive[i] = expected.pop() if expected else self.clock.now()
        self.most_alive = max(self.most_alive, self.alive)

    def given_up(self, token: str) -> None:
        """Record that the instances of a launch, if any, were never seen."""
        self._past += sum(max(_LEAST, self.clock.now() - since) for since in self._expected.pop(token, ()))

    def started(self, count: int) -> None:
        """Record that stopped instances were started."""
        self._past += count * _LEAST

    def ended(self, instances: Iterable[str]) -> None:
        """Record that instances no longer cost anything."""
        for i in instances:
            since = self._alive.pop(i, None)
            if since is not None:
                self._past += max(_LEAST, self.clock.now() - since)
