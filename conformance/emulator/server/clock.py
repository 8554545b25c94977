"""The clock of a served model: real time, or a frozen clock; both can be advanced."""

from typing import Final

from ...adapter.clock import VirtualClock, WallClock

LATEST: Final = 1e9
"""The latest clock time, in seconds: thirty years, all of whose dates can be represented."""


class MovableClock:
    """A clock that starts at `at`; `advance` moves it forward, nothing moves it back."""

    def __init__(self, at: float = 0.0, *, is_frozen: bool = False) -> None:
        self._base = VirtualClock() if is_frozen else WallClock()
        self._start = self._base.now() - at

    def now(self) -> float:
        """Return the time, in seconds."""
        return self._base.now() - self._start

    def sleep(self, seconds: float) -> None:
        """Wait, or advance a frozen clock."""
        self._base.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Advance the clock; raises ValueError for a negative or invalid time."""
        if not 0 <= seconds <= LATEST - self.now():
            raise ValueError(
                f"The clock cannot move by {seconds} seconds; it only goes forward, up to {LATEST:g} seconds in all."
            )
        self._start -= seconds
