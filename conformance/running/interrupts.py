"""Turns Ctrl-C into a counter that running work polls, instead of an exception."""

import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from math import inf
from types import FrameType, TracebackType
from typing import Any, Final, Self

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and the signal that CI sends to a cancelled job."""
_SAME_REQUEST: Final = 0.2
"""Seconds within which two signals count as one: a CI system may signal the process and then its group."""


class Interrupts:
    """Counts the interrupts between entering and leaving the context."""

    def __init__(self) -> None:
        self.asked = 0
        self._last = -inf
        self._before: dict[signal.Signals, Any] = {}
        self._second_raises = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # only the main thread may set signal handlers
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def second_raises(self) -> Generator[None]:
        """Raise `KeyboardInterrupt` at once for a second interrupt inside this context.

        It may be raised anywhere, so use this only for work that can be resumed afterwards.
        """
        self._second_raises = True
        try:
            yield
        finally:
            self._second_raises = False

    def _handle(self, number: int, frame: FrameType | None, /) -> None:
        del number, frame
        now = time.monotonic()
        again = now - self._last > _SAME_REQUEST
        self._last = now
        self.asked += again
        if again and self._second_raises and self.asked > 1:
            raise KeyboardInterrupt
