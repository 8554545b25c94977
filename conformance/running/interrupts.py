"""Ctrl-C as a wish, not an exception: whoever works looks whether anyone wants it to end."""

import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from math import inf
from types import FrameType, TracebackType
from typing import Any, Final, Self

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and what continuous integration sends to a job that is cancelled."""
_ONE_WISH: Final = 0.2
"""Seconds: who ends a job may signal the process and then its group, and means one thing."""


class Interrupts:
    """Counts how often the user asked for the end, from entering to leaving; outside, Python does as always."""

    def __init__(self) -> None:
        self.asked = 0
        self._last = -inf
        self._before: dict[signal.Signals, Any] = {}
        self._at_once = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # Python lets no other thread have signals
            self._before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def at_once(self) -> Generator[None]:
        """Let a wish for the end that is not the first end what is done here at once, by `KeyboardInterrupt`.

        It may come anywhere, as a signal that kills may: only for what can be taken up again after that.
        """
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def _ask(self, number: int, frame: FrameType | None, /) -> None:
        del number, frame
        now = time.monotonic()
        again = now - self._last > _ONE_WISH
        self._last = now
        self.asked += again
        if again and self._at_once and self.asked > 1:
            raise KeyboardInterrupt
