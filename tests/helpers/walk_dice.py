"""Dice for walks that no target plays, and what the richest target can do."""

import random
from typing import Final

from ec2_lifecycle.strategies.building.dice import Dice
from ec2_lifecycle.strategies.building.features import Features

RICH: Final = Features(nobody=True, instance_store=True, pushes=True, zones=3, waits=True)


def dice_of(seed: int) -> Dice:
    """Return dice that fall the same for the same seed."""
    numbers = random.Random(seed)  # noqa: S311 - for scenarios
    return Dice(lambda n: int(numbers.random() * n))
