"""Leaves out of a reply what a parameter outside the specification can affect, so that it is not judged."""

from dataclasses import replace
from typing import Final

from ...model.requests import Operation
from ...model.rules.describe import Shown
from ...model.surface import Effect, with_effect
from ...model.surface.parts import ADDRESS_FIELD
from ..adapter.observation import Instances, InstanceSeen, Observation
from .past import Past, under

_MAY_HAVE_NO_ADDRESS: Final = under(
    frozenset(f"{Operation.RUN.value}:{path}" for path in with_effect(Operation.RUN, Effect.ADDRESSES))
)
_ADDRESS: Final = Shown(ADDRESS_FIELD)


def without_affected(observation: Observation, past: Past) -> Observation:
    """Return a reply in which nothing is said of the address of an instance that its network may give none."""
    if not isinstance(observation, Instances):
        return observation
    affected = {
        i for i in (seen.instance for seen in observation.items) if any(map(_MAY_HAVE_NO_ADDRESS, past.of((i,))))
    }
    if not affected:
        return observation
    return replace(
        observation, items=tuple(_silent(seen) if seen.instance in affected else seen for seen in observation.items)
    )


def _silent(seen: InstanceSeen) -> InstanceSeen:
    """Return an instance of whose address nothing is said, as if it could not be read."""
    if _ADDRESS in seen.shown:
        return seen
    return replace(seen, unread=seen.unread | {ADDRESS_FIELD})
