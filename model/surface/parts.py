"""What the specification makes of one parameter or one field of EC2's interface."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Standing(Enum):
    """The five ways to treat a parameter or a field."""

    JUDGED = "judged"
    """Clauses say what it must be."""
    MODELLED = "modelled"
    """It changes what the specification permits."""
    CARRIED = "carried"
    """It is kept and shown again: as it was sent, or as it was before."""
    FREE = "free"
    """EC2 may answer anything there."""
    OUTSIDE = "outside"
    """Where it is used, the oracle stops judging what it can affect."""


class Effect(Enum):
    """What something outside the specification can affect: the oracle stops judging that, and nothing else."""

    REFUSALS = "refusals of the request, and of later ones about what it made or changed"
    INSTANCES = "the instances"
    VOLUMES = "the volumes"
    SHUTDOWN = "when the instance shuts down by itself"
    ADDRESSES = "whether the instance has a private IPv4 address"
    TYPE = "the InstanceType"
    LISTING = "what the reply leaves out"
    REPEATED = "the reply to a request that was sent before"


ADDRESS_FIELD: Final = "PrivateIpAddress"
"""The field that `Effect.ADDRESSES` is about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter or field by its path, its standing and the reason.

    `clauses` judge it, or say what a modelled one changes. `effects` are those of one outside.
    """

    path: str
    standing: Standing
    reason: str
    clauses: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()


def judged(reason: str, clauses: str, paths: str) -> Iterator[Entry]:
    """Yield fields that clauses judge; both are names between spaces."""
    return _entries(paths, Standing.JUDGED, reason, clauses)


def modelled(reason: str, clauses: str, paths: str) -> Iterator[Entry]:
    """Yield parameters and fields that change what the specification permits."""
    return _entries(paths, Standing.MODELLED, reason, clauses)


def carried(reason: str, clauses: str, paths: str) -> Iterator[Entry]:
    """Yield parameters and fields that are kept and shown again."""
    return _entries(paths, Standing.CARRIED, reason, clauses)


def free(reason: str, paths: str) -> Iterator[Entry]:
    """Yield fields in which EC2 may answer anything."""
    return _entries(paths, Standing.FREE, reason)


def outside(reason: str, effects: tuple[Effect, ...], paths: str) -> Iterator[Entry]:
    """Yield what the specification leaves out, with what it can affect."""
    return _entries(paths, Standing.OUTSIDE, reason, effects=effects)


def _entries(
    paths: str, standing: Standing, reason: str, clauses: str = "", effects: tuple[Effect, ...] = ()
) -> Iterator[Entry]:
    for path in paths.split():
        yield Entry(path, standing, reason, tuple(clauses.split()), effects)
