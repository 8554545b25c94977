"""Time as a target has it: this machine's, or one that passes only when someone sleeps."""

import time
from typing import Protocol


class Clock(Protocol):
    """Time as the target has it, in seconds from any beginning."""

    def now(self) -> float:
        """Return the time, in seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class WallClock:
    """The time of this machine."""

    def now(self) -> float:
        """Return the seconds since some moment; the clock never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class VirtualClock:
    """A time of its own, which passes only when someone sleeps: sleeping costs nothing."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the seconds slept so far, after `start`."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Go on to the time after the sleep, at once."""
        self._now += max(0.0, seconds)
