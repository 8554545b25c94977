"""Makes the garbage collector run less often during a run."""

import gc
from typing import Final

_THRESHOLD: Final = 20_000
"""New objects, minus freed ones, that trigger a collection of the youngest generation; the default is 700 or 2,000.

A client's reply is about a thousand objects, which are freed by reference counting; what the oracle remembers stays.
Scanning these after every few calls is a large part of the cost of judging, and frees little.
"""
_ROUNDS: Final = 20
"""Collections of one generation that trigger a collection of the next older one."""


def collect_less_often() -> None:
    """Exclude what is loaded already from collection, because it stays to the end; collect the rest less often."""
    gc.freeze()
    gc.set_threshold(_THRESHOLD, _ROUNDS, _ROUNDS)
