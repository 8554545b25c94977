"""What a suite has to reach: mutants to kill, planted faults to find, and clauses to put to the test."""

from enum import IntEnum
from typing import NamedTuple


class Sort(IntEnum):
    """The sorts of goals."""

    MUTANT = 0
    FAULT = 1
    CLAUSE = 2


class Goal(NamedTuple):
    """A mutant, a planted fault or a clause, by its number among those of its sort."""

    sort: Sort
    number: int
