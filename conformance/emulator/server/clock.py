"""The time of a served model: this machine's, or one that stands still; either way it can be put forward."""

from typing import Final

from ...adapter.clock import VirtualClock, WallClock

LATEST: Final = 1e9
"""The latest time of a clock, in seconds: thirty years, of which every date can be written."""


class MovableClock:
    """Shows `at` when it is made; `advance` puts it forward, and nothing puts it back."""

    def __init__(self, at: float = 0.0, *, is_frozen: bool = False) -> None:
        self._base = VirtualClock() if is_frozen else WallClock()
        self._start = self._base.now() - at

    def now(self) -> float:
        """Return the time, in seconds."""
        return self._base.now() - self._start

    def sleep(self, seconds: float) -> None:
        """Wait, or where the clock stands put it forward."""
        self._base.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Put the clock forward; ValueError for a time that is none, or negative."""
        if not 0 <= seconds <= LATEST - self.now():
            raise ValueError(f"The clock goes forward, up to {LATEST:g} seconds in all, and not by {seconds}.")
        self._start -= seconds
