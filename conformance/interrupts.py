"""Ctrl-C as a wish, not an exception: whoever works looks whether anyone wants it to end."""

import signal
import threading
import time
from math import inf
from types import FrameType, TracebackType
from typing import Any, Final, Self

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and what continuous integration sends to a job that is cancelled."""


_AT_ONCE: Final = 0.2
"""Seconds: who ends a job may signal the process and then its group, and means one thing."""


class Interrupts:
    """Counts how often the user asked for the end, from entering to leaving; outside, Python does as always."""

    def __init__(self) -> None:
        self.asked = 0
        self._last = -inf
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # Python lets no other thread have signals
            self._before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None, /) -> None:
        del number, frame
        now = time.monotonic()
        self.asked += now - self._last > _AT_ONCE
        self._last = now
