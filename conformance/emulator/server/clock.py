"""The clock of a served model: it runs or stands, follows a faked time, and can be advanced."""

import time
from datetime import UTC, datetime
from typing import Final

from .faked_time import mover

LATEST: Final = 1e9
"""The latest clock time, in seconds: thirty years, all of whose dates can be represented."""
_DIGITS: Final = 6
"""Differences of times are rounded to microseconds, because the float of a date is not more exact."""


class MovableClock:
    """A clock that shows `at` seconds when it is first read; nothing moves it back.

    It begins when it is first read, so a time that a test fakes after it made the clock is the time of its beginning.
    A frozen clock moves only when it is advanced. But while freezegun or time-machine fakes the time,
    every clock follows that time, and to advance the clock moves it.
    """

    def __init__(self, at: float = 0.0, *, is_frozen: bool = False) -> None:
        self._is_frozen = is_frozen
        self._now = at
        """The latest time that it showed, in seconds."""
        self._began: float | None = None
        self._ahead = at
        """What it shows beyond the time since it began."""

    @property
    def today(self) -> datetime:
        """The date at which it began."""
        return datetime.fromtimestamp(self._begin(), UTC)

    def now(self) -> float:
        """Return the time, in seconds."""
        began = self._begin()
        if not self._is_frozen or mover() is not None:
            self._now = max(self._now, round(time.time() - began, _DIGITS) + self._ahead)
        return self._now

    def _begin(self) -> float:
        if self._began is None:
            self._began = time.time()
        return self._began

    def sleep(self, seconds: float) -> None:
        """Wait, or advance a clock that does not run by itself."""
        if self._is_frozen or mover() is not None:
            self.advance(max(0.0, seconds))
        else:
            time.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Advance the clock; raises ValueError for a negative or invalid time."""
        if not 0 <= seconds <= LATEST - self.now():
            raise ValueError(
                f"The clock cannot move by {seconds} seconds; it only goes forward, up to {LATEST:,.0f} seconds in all."
            )
        move = mover()
        if move is not None:
            move(seconds)
        else:
            self._ahead += seconds
            self._now += seconds
