"""Durations as users write them: a number and a unit."""

from typing import Final

SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}
"""The seconds of each unit."""
