"""What a target was waited for in vain: after some times it is no longer given all of the target's patience.

A wait that ends in vain takes many seconds in real time, and tells nothing new where the same was told before.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

TIMEOUTS_BEFORE_SHORT: Final = 2
"""So often the whole wait is made for one kind of thing."""
SHORT_POLLS: Final = 3
"""Looks that are taken all the same, of a kind that never came to rest."""
UNSEEN: Final = "unseen"
"""The kind of what no description shows."""


@dataclass(slots=True)
class SettleTimeouts:
    """How often each kind of thing was waited for in vain, on one target."""

    _in_vain: Counter[str] = field(default_factory=Counter[str])

    def record(self, kinds: Iterable[str]) -> None:
        """Take in what a scenario waited for in vain."""
        self._in_vain.update(kinds)

    def short_waits(self) -> frozenset[str]:
        """Return the kinds for which it is not worth while to wait long."""
        return frozenset(kind for kind, times in self._in_vain.items() if times >= TIMEOUTS_BEFORE_SHORT)
