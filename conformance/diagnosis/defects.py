"""The name of the defect that a divergence shows: the same in every run, whatever situation showed it.

It is made of closed vocabularies only: no ids, no counts, no message text.
"""

import hashlib
import re
from functools import cache
from typing import Final

from ...strategies.scenario.steps import READS
from ..oracle.divergence import ERROR_AS_SUCCESS, UNREADABLE, Divergence
from .catalogue import known_fault
from .deviations import Deviation, aspect_of, deviation_of, is_of_a_volume_in_use

FINDING_ID: Final = re.compile(r"f[0-9]+:[0-9a-z]+")
"""The ids of findings, in this and other versions."""
_ANYWHERE: Final = (Deviation.FIELD, Deviation.UNREADABLE, Deviation.NEVER)
"""Deviations whose id ignores the operation."""


def defect_id(divergence: Divergence) -> str:
    """Return `f2:` and ten hex digits, of the entry of the catalogue, or of clause, operation and kind of deviation."""
    return _id_of(divergence.generic)


@cache  # a play with hundreds of instances may show one defect thousands of times
def _id_of(divergence: Divergence) -> str:
    known = known_fault(divergence)
    if known is not None:
        operation = divergence.operation.value if known.per_operation else "-"
        return _named("f2:", known.id, operation, aspect_of(divergence) if known.per_attribute else "-")
    deviation = deviation_of(divergence)
    reads_volume = deviation is Deviation.VOLUME and divergence.operation in READS
    anywhere = deviation in _ANYWHERE or reads_volume or divergence.observed_class == ERROR_AS_SUCCESS
    operation = "-" if anywhere else divergence.operation.value
    any_clause = (
        deviation is Deviation.CRASH
        or divergence.observed_class.startswith(UNREADABLE)
        or is_of_a_volume_in_use(divergence)
        or (deviation is Deviation.STATUS and divergence.observed_class != ERROR_AS_SUCCESS)
    )
    clause = "-" if any_clause else divergence.clause
    return _named("f2:", clause, operation, deviation.name, aspect_of(divergence))


def former_id(divergence: Divergence) -> str:
    """Return `f1:` and ten hex digits: the id of schema 1, by which waivers of earlier releases know the divergence."""
    if divergence.observed_class.startswith(UNREADABLE):
        return _named("f1:", divergence.observed_class)
    operation = "-" if divergence.observed_class == ERROR_AS_SUCCESS else divergence.operation.value
    return _named(
        "f1:",
        divergence.clause,
        operation,
        divergence.state,
        divergence.expected_class,
        divergence.observed_class,
    )


def ids_of(divergence: Divergence) -> tuple[str, str]:
    """Return the id of a divergence, and its id in earlier releases, because a file may have either."""
    return defect_id(divergence), former_id(divergence)


def _named(prefix: str, *words: str) -> str:
    return prefix + hashlib.sha256("\0".join(words).encode()).hexdigest()[:10]
