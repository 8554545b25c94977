"""The clock of a target: this machine's, or a virtual one that advances only when someone sleeps."""

import time
from typing import Protocol


class Clock(Protocol):
    """The clock of a target, in seconds since an arbitrary start."""

    def now(self) -> float:
        """Return the time, in seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class WallClock:
    """The time of this machine."""

    def now(self) -> float:
        """Return the seconds since an arbitrary start; the clock never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class VirtualClock:
    """A virtual clock that advances only when someone sleeps; sleeping costs no real time."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """Return the seconds slept so far."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advance the clock at once."""
        self._now += max(0.0, seconds)
