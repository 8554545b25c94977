"""Makes walks: the number of a walk decides its theme."""

from typing import TypeAlias

from ...model.requests import Operation
from ..building.dice import Dice
from ..building.features import Features
from .drill import Drill
from .walk import Walk
from .walk_history import WalkHistory
from .walk_themes import Theme, theme_of

AnyWalk: TypeAlias = Walk | Drill
"""A walk or a drill: `next` returns steps until it is `over`."""


def make_walk(
    number: int, dice: Dice, history: WalkHistory, features: Features, unsupported: frozenset[Operation] = frozenset()
) -> AnyWalk:
    """Return the walk with this number, for a target that does not implement some operations."""
    theme = theme_of(number, unsupported)
    if theme is Theme.DRILL:
        return Drill(dice, history, features, unsupported)
    return Walk(dice, history, features, unsupported, theme)
