"""All theorems, in reading order."""

from typing import Final

from . import effects, invariants, lifecycle, operations, protection, requests, successes, termination, volumes
from .theorem import Theorem

MODULES: Final = (termination, requests, operations, successes, effects, lifecycle, protection, volumes, invariants)


def _number(theorem: Theorem) -> tuple[int, str]:
    digits = "".join(letter for letter in theorem.id if letter.isdigit())
    return int(digits), theorem.id


THEOREMS: Final = tuple(
    sorted(
        (value for module in MODULES for value in vars(module).values() if isinstance(value, Theorem)),
        key=_number,
    )
)
"""Every theorem, by its number."""
