"""How a walk begins: what it is about is told by its number."""

from typing import TypeAlias

from ...model.requests import Operation
from ..building.dice import Dice
from ..building.features import Features
from .drill import Drill
from .walk import Walk
from .walk_history import Chronicle
from .walk_themes import Theme, theme_of

AnyWalk: TypeAlias = Walk | Drill
"""What says what to do next until it is over."""


def walk_of(
    number: int, dice: Dice, chronicle: Chronicle, features: Features, lacking: frozenset[Operation] = frozenset()
) -> AnyWalk:
    """Return the walk with a number, on a target that does not implement some operations."""
    theme = theme_of(number, lacking)
    if theme is Theme.DRILL:
        return Drill(dice, chronicle, features, lacking)
    return Walk(dice, chronicle, features, lacking, theme)
