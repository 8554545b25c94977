"""What is known about EC2, and from where: facts with their grades, and sources that anyone can open.

In: the id of a fact, or a code and its operation. Out: the fact and its sources, or when the refusal is excused.
Clauses name facts by id. Read `fact.py` first; `documented_refusals.py` has the refusals that the oracle may excuse.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from ..clauses import Clause, Evidence, Part
from .batches import BATCHES
from .clients import CLIENTS
from .describe import DESCRIBE
from .errors import ERRORS
from .fact import Fact, Source, SourceKind
from .launches import LAUNCHES
from .networks import NETWORKS
from .protection import PROTECTION
from .refusals import REFUSALS
from .shape import SHAPE
from .sources import SOURCES
from .states import STATES
from .volumes import VOLUMES

__all__ = [
    "FACTS",
    "SOURCES",
    "TABLES",
    "Fact",
    "Source",
    "SourceKind",
    "Use",
    "cited",
    "facts_of",
    "sources_of",
    "uses",
]

TABLES: Final[Mapping[str, tuple[Fact, ...]]] = {
    "States and operations": STATES,
    "Errors": ERRORS,
    "Several instances in one request": BATCHES,
    "Protection": PROTECTION,
    "Volumes": VOLUMES,
    "What descriptions show": SHAPE,
    "Descriptions and lists": DESCRIBE,
    "Launches": LAUNCHES,
    "What surrounds a launch": NETWORKS,
    "CloudTrail and waiters": CLIENTS,
    "Documented refusals": REFUSALS,
}
"""The facts by topic, under the headings of the evidence page."""

FACTS: Final[Mapping[str, Fact]] = {fact.id: fact for fact in chain.from_iterable(TABLES.values())}
"""Every fact by its id, in reading order."""


@dataclass(frozen=True, slots=True)
class Use:
    """A part of a clause that rests on a fact."""

    clause: str
    part: Part


def facts_of(evidence: Evidence, part: Part) -> tuple[Fact, ...]:
    """Return the facts that a part of a clause rests on, those first that support its grade.

    A fact that this version does not know is left out: another revision of the specification may name one.
    """
    known = [FACTS[name] for name in evidence.facts if name in FACTS]
    return tuple(sorted(known, key=lambda fact: fact.grade_of(part) is not evidence.grade))


def sources_of(evidence: Evidence, part: Part) -> tuple[Source, ...]:
    """Return the sources of a part of a clause, each once, those of the facts that support its grade first."""
    return cited(key for fact in facts_of(evidence, part) for key in fact.sources)


def cited(keys: Iterable[str]) -> tuple[Source, ...]:
    """Return the sources with these keys, each address once: an issue may be known by name and by a kept copy."""
    sources = [SOURCES[key] for key in keys]
    return tuple({source.url or source.key: source for source in reversed(sources)}.values())[::-1]


def uses(fact: Fact, clauses: Iterable[Clause]) -> tuple[Use, ...]:
    """Return the parts of clauses that rest on a fact."""
    return tuple(
        Use(clause.id, part)
        for clause in clauses
        for part, evidence in clause.evidence.items()
        if fact.id in evidence.facts
    )
