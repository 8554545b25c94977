"""The served models that answer boto3's calls in this process, and the clock that judges of these calls must use."""

import os
import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .server.served_model import ServedModel

ACTIVE: Final[list["ServedModel"]] = []
"""The models of the doubles whose contexts are open; the last one answers, for all threads."""

ENTERED: Final[deque["ServedModel"]] = deque(maxlen=8)
"""The models of the doubles that the present test entered last; the pytest plugin empties it before each test."""


def entered(model: "ServedModel") -> None:
    """Note that a double is entered. Only in a test is its model kept until later, for the report of a failure."""
    ACTIVE.append(model)
    if "PYTEST_CURRENT_TEST" in os.environ:
        ENTERED.append(model)


def answering_model() -> "ServedModel | None":
    """Return the model that answers now, or None outside every double."""
    return ACTIVE[-1] if ACTIVE else None


class UsualClock:
    """The clock of the double that answers now; outside every double, this machine's."""

    def now(self) -> float:
        """Return the time, in seconds; two times can be compared only if the same model answers, or none."""
        model = answering_model()
        return time.monotonic() if model is None else model.now

    def sleep(self, seconds: float) -> None:
        """Wait, or advance the double."""
        model = answering_model()
        if model is None:
            time.sleep(seconds)
        else:
            model.advance(seconds)
