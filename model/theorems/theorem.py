"""A theorem: a statement in English about the specification, above its formula in plain Python.

If the premise of a theorem does not hold, its formula returns `True`, written literally as `return True`.
So the prover recognizes the premise: it holds where another return is reached.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from inspect import cleandoc
from typing import Final

from ..background import StepName, VolumeStepName
from ..requests import Operation

Formula = Callable[..., bool]
EVERYTHING: Final[tuple[Enum, ...]] = (*Operation, *StepName, *VolumeStepName)
"""Whatever may happen: every request, and all that EC2 does by itself."""


@dataclass(frozen=True)
class Theorem:
    """A sentence and its formula, which holds for all values of its parameters.

    The first parameter is what happens, one of `over`; the others are instances, volumes, or sets of zones.
    """

    id: str
    formula: Formula
    over: tuple[Enum, ...]
    clauses: tuple[str, ...] = ()
    """The clauses that it speaks for."""
    broken_by: str | None = None
    """A mutant that breaks it, by its id: the theorem would notice (see `proof/mutants`)."""
    unbroken: str | None = None
    """Why no change of a rule can break it, where none can."""
    beyond_scopes: str | None = None
    """What shows that its premise can be met, where that takes more instances than small scopes have."""

    @property
    def sentence(self) -> str:
        """The promise in English."""
        return " ".join(cleandoc(self.formula.__doc__ or "").split())

    @property
    def name(self) -> str:
        """The id with the name of the formula."""
        return f"{self.id} {self.formula.__name__}"


def theorem(
    id: str,  # noqa: A002 - what it is
    *,
    over: Collection[Enum] = EVERYTHING,
    clauses: tuple[str, ...] = (),
    broken_by: str | None = None,
    unbroken: str | None = None,
    beyond_scopes: str | None = None,
) -> Callable[[Formula], Theorem]:
    """Make a theorem of a formula; its docstring is the sentence."""

    def made(formula: Formula) -> Theorem:
        return Theorem(id, formula, tuple(over), clauses, broken_by, unbroken, beyond_scopes)

    return made


def iff(one: bool, other: bool) -> bool:  # noqa: FBT001 - a connective
    """Say that two things hold together or not at all."""
    return one == other
