"""The ledger of the surface: how the specification treats every parameter and field of EC2's interface, and why.

In: nothing. Out: `INPUTS` and `OUTPUTS`, the entries of each operation by the paths of botocore's model.
The oracle asks it which parameters the specification holds, and what the others can affect.
`list surface` and docs/surface.md print it. A path that has no entry counts as outside.
Read `parts.py` first (what an entry says), then `inputs.py`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from ..requests import Operation
from .inputs import INPUTS
from .outputs import OUTPUTS
from .parts import Effect, Entry, Standing

__all__ = ["INPUTS", "OUTPUTS", "Effect", "Entry", "Standing", "by_path", "unclassified", "with_effect"]

_NEWER: Final = "Only a newer release of botocore has it, so that nothing is known of it."


def unclassified(path: str) -> Entry:
    """Return the entry of a path that the ledger does not know."""
    return Entry(path, Standing.OUTSIDE, _NEWER, effects=(Effect.REFUSALS,))


def with_effect(operation: Operation, effect: Effect) -> frozenset[str]:
    """Return the parameters of an operation that are outside the specification and can affect this."""
    return frozenset(entry.path for entry in INPUTS[operation] if effect in entry.effects)


def by_path(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    """Return entries by their paths."""
    return {entry.path: entry for entry in entries}
