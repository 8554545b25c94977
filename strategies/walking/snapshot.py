"""A view of a walk's instances and volumes between two steps, with cached features.

A walk generates many steps before it takes one, and needs the same features of the same instances for each.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ...model.states import CODES
from ...model.world import Instance, InstanceRecord, Volume, Zone
from ..building.guide import Guide

K = TypeVar("K")
T = TypeVar("T")


class Memo(dict[K, T]):
    """A cache of a function's results, each computed on first use."""

    def __init__(self, answer: Callable[[K], T]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, asked: K) -> T:
        """Compute the result."""
        answer = self[asked] = self._answer(asked)
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class InstanceProfile:
    """Everything that a walk distinguishes about an instance; similar instances share one profile."""

    record: InstanceRecord
    """The record of one of them; zone and request key are the same for all."""
    keys: tuple[int, ...]
    """The features of the instance."""
    named_keys: frozenset[int]
    """The same, with the features of its volumes."""
    zone: Zone
    request_key: int
    """The feature of everything that decides the effect of a request."""
    state_key: int
    """The feature of its state and its protections."""
    state_bit: int
    """The state, as a bit."""
    protection_bit: int
    """The set of protections, as a bit; 1 means none."""


class Snapshot:
    """The instances and volumes as they are now, without the `abandoned` ones; `keys` are the features of each."""

    def __init__(self, guide: Guide, abandoned: set[str], keys: Callable[[str], tuple[int, ...]]) -> None:
        self._guide = guide
        self._abandoned = abandoned
        self.keys = Memo(keys)
        self.profiles = Memo(self._profile_of)
        self._profiles: dict[Hashable, InstanceProfile] = {}
        self.renew()

    def renew(self) -> None:
        """Discard the cached values after a change."""
        abandoned = self._abandoned
        self.instances = tuple([i for i in self._guide.instances if i not in abandoned])
        """The instances that EC2 still knows, without the abandoned ones."""
        self.alive = tuple([i for i in self._guide.alive if i not in abandoned])
        """The instances that have not ended."""
        self._held = self._held_by()
        self.keys.clear()
        self.profiles.clear()

    def _held_by(self) -> Mapping[Instance, Sequence[Volume]]:
        """Return the volumes of each instance whose ids were shown."""
        held: dict[Instance, list[Volume]] = {}
        volumes = self._guide.world.volumes
        for v in self._guide.shown:
            record = volumes.get(v)
            if record is not None and record.holder is not None:
                held.setdefault(record.holder, []).append(v)
        return held

    def _profile_of(self, i: Instance) -> InstanceProfile:
        record, keys = self._guide.world.record(i), self.keys[i]
        named_keys = frozenset(keys).union(*[self.keys[v] for v in self._held.get(i, ())])
        distinct = record.zone, keys, named_keys
        profile = self._profiles.get(distinct)
        if profile is None:
            state_bit = 1 << CODES[record.state]
            protection_bit = 1 << (2 * record.disable_api_termination + record.disable_api_stop)
            profile = InstanceProfile(
                record, keys, named_keys, record.zone, keys[0], keys[1], state_bit, protection_bit
            )
            self._profiles[distinct] = profile
        return profile
