"""The time of a served model: this machine's, or one that stands still; either way it can be put forward."""

from ..targets.base import VirtualClock, WallClock


class MovableClock:
    """Shows `at` when it is made; `advance` puts it forward, and nothing puts it back."""

    def __init__(self, at: float = 0.0, *, stands: bool = False) -> None:
        self._base = VirtualClock() if stands else WallClock()
        self._start = self._base.now() - at

    def now(self) -> float:
        """Return the time, in seconds."""
        return self._base.now() - self._start

    def sleep(self, seconds: float) -> None:
        """Wait, or where the clock stands put it forward."""
        self._base.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Put the clock forward; ValueError for a time that is none, or negative."""
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"a clock goes forward by a number of seconds, and not by {seconds}")
        self._start -= seconds
