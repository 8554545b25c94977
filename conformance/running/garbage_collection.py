"""What the garbage collector is spared while a run goes on."""

import gc
from typing import Final

_YOUNG: Final = 20_000
"""Objects made, less those gone, after which the collector looks through the young ones; Python's own is 700 or 2,000.

A reply of a client is some thousand objects, which go by themselves once it is read; and what the oracle remembers
stays. To look through that after every few calls is a large part of what judging costs, and finds little.
"""
_SELDOM: Final = 20
"""Rounds after which it also looks through those that outlived one; and once more so, through all."""


def collect_less_often() -> None:
    """Leave what is loaded to itself, since it stays to the end; look through the rest more seldom."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _SELDOM, _SELDOM)
