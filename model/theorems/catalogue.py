"""All theorems, in reading order."""

from typing import Final

from . import invariants, lifecycle, operations, protection, requests, termination, volumes
from .theorem import Theorem


def _number(theorem: Theorem) -> tuple[int, str]:
    digits = "".join(letter for letter in theorem.id if letter.isdigit())
    return int(digits), theorem.id


THEOREMS: Final = tuple(
    sorted(
        (
            value
            for module in (termination, requests, operations, lifecycle, protection, volumes, invariants)
            for value in vars(module).values()
            if isinstance(value, Theorem)
        ),
        key=_number,
    )
)
"""Every theorem, by its number."""
