"""Varies what clients must tolerate in replies: order of items, high byte of state codes, unknown fields."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ...model.states import CODES, InstanceState
from .behaviour import Behaviour

Fields = dict[str, Any]
"""A structure of a reply, as boto3 shows it."""

T = TypeVar("T")


def metadata(status: int) -> Fields:
    """Return the ResponseMetadata of a reply."""
    return {
        "RequestId": "00000000-0000-4000-8000-000000000000",
        "HTTPStatusCode": status,
        "HTTPHeaders": {},
        "RetryAttempts": 0,
    }


@dataclass(frozen=True, slots=True)
class Variation:
    """The variations that a behaviour asks for."""

    behaviour: Behaviour
    rng: random.Random

    def state(self, state: InstanceState) -> Fields:
        """Return a state with its code; clients may read only the low byte of the code (STATE-2)."""
        high = self.rng.randrange(1, 256) << 8 if self.behaviour.high_byte else 0
        return {"Code": CODES[state] | high, "Name": state.value}

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in an arbitrary order (B-10, D-03)."""
        return self.rng.sample(items, len(items)) if self.behaviour.permute else list(items)

    def with_unknown_fields(self, fields: Fields) -> Fields:
        """Return a structure with additional fields that clients do not know yet (D-07)."""
        if not self.behaviour.extra_fields:
            return fields
        return {"Operator": {"Managed": False}, **fields, "AddedLater": [{"Since": "2031-01-01"}]}
