"""What a walk is about: a long past, the same again and again, volumes, a crowd, or batches of every make-up."""

from enum import Enum
from typing import Final

from ...model.requests import Operation


class Theme(Enum):
    """What a walk is about. Each finds what the others hardly meet."""

    PAST = "a few instances, each of which comes to have a past of its own"
    DRILL = "one thing done and undone to an instance again and again, and all kinds of requests tried each time"
    VOLUMES = "a few instances and their volumes: these cost a target more calls"
    CROWD = "more instances than the fifty after which some emulators cut off"
    GATHERING = "instances that differ, in all zones, named together in many ways, and ended early"


LENGTHS: Final = {Theme.PAST: 130, Theme.VOLUMES: 60, Theme.CROWD: 25, Theme.GATHERING: 26}
"""Steps of a walk: so many that what it is about can come to be, and so few that a reader can follow.

A drill ends by itself.
"""

_PART: Final = (
    Theme.GATHERING,
    Theme.DRILL,
    Theme.DRILL,
    Theme.GATHERING,
    Theme.CROWD,
    Theme.DRILL,
    Theme.GATHERING,
    Theme.DRILL,
    Theme.DRILL,
    Theme.GATHERING,
)
ROUND: Final = (Theme.PAST, *_PART, Theme.VOLUMES, *_PART)
"""One walk after the other, so that none is long in coming; nearly half of the calls go to drills."""


def theme_of(number: int, lacking: frozenset[Operation]) -> Theme:
    """Return what a walk is to be about, by its number, on a target that does not implement some operations."""
    theme = ROUND[number % len(ROUND)]
    return Theme.PAST if theme is Theme.VOLUMES and Operation.DESCRIBE_VOLUMES in lacking else theme
