"""Counts the settles that timed out, so that later settles stop waiting for the same kinds of things.

A settle that times out takes many seconds in real time, and a repeated timeout shows nothing new.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

TIMEOUTS_BEFORE_SHORT: Final = 2
"""Full waits that one kind of thing gets before waits become short."""
SHORT_POLLS: Final = 3
"""Polls of a short wait."""
UNSEEN: Final = "unseen"
"""The kind of thing that no description shows."""


@dataclass(slots=True)
class SettleTimeouts:
    """How often a settle timed out waiting for each kind of thing, on one target."""

    _timeouts: Counter[str] = field(default_factory=Counter[str])

    def record(self, kinds: Iterable[str]) -> None:
        """Count the kinds of things that a scenario timed out on."""
        self._timeouts.update(kinds)

    def short_waits(self) -> frozenset[str]:
        """Return the kinds that are not worth a long wait."""
        return frozenset(kind for kind, times in self._timeouts.items() if times >= TIMEOUTS_BEFORE_SHORT)
