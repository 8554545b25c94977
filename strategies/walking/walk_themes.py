"""The themes of walks: long histories, drills, volumes, many instances, or mixed batches."""

from enum import Enum
from typing import Final

from ...model.requests import Operation


class Theme(Enum):
    """The subject of a walk. Each theme finds faults that the others rarely meet."""

    LONG_HISTORIES = "a few instances, each with a long history of its own"
    DRILL = "one thing done and undone to an instance again and again, and all kinds of requests tried each time"
    VOLUMES = "a few instances and their volumes: these cost a target more calls"
    MANY_INSTANCES = "more instances than the fifty after which some emulators cut off"
    MIXED_BATCHES = "instances that differ, in all zones, named together in many ways, and ended early"


LENGTHS: Final = {Theme.LONG_HISTORIES: 130, Theme.VOLUMES: 60, Theme.MANY_INSTANCES: 25, Theme.MIXED_BATCHES: 26}
"""The number of steps of a walk: enough for its theme, and few enough to read.

A drill ends by itself.
"""

_PART: Final = (
    Theme.MIXED_BATCHES,
    Theme.DRILL,
    Theme.DRILL,
    Theme.MIXED_BATCHES,
    Theme.MANY_INSTANCES,
    Theme.DRILL,
    Theme.MIXED_BATCHES,
    Theme.DRILL,
    Theme.DRILL,
    Theme.MIXED_BATCHES,
)
ROUND: Final = (Theme.LONG_HISTORIES, *_PART, Theme.VOLUMES, *_PART)
"""The order of themes, so that each comes up soon; nearly half of the calls go to drills."""


def theme_of(number: int, unsupported: frozenset[Operation]) -> Theme:
    """Return the theme of the walk with a number, on a target that does not implement some operations."""
    theme = ROUND[number % len(ROUND)]
    return Theme.LONG_HISTORIES if theme is Theme.VOLUMES and Operation.DESCRIBE_VOLUMES in unsupported else theme
