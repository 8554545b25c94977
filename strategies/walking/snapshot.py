"""What can be told of a scenario between two steps: nothing changes meanwhile, so each is worked out once.

A walk thinks of many steps before it takes one, and asks the same of the same instances for each of them.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ...model.states import CODES
from ...model.world import Instance, InstanceRecord, Volume, Zone
from ..building.guide import Guide

K = TypeVar("K")
T = TypeVar("T")


class Remembered(dict[K, T]):
    """The answers to one question about many things, each worked out when it is asked for first."""

    def __init__(self, answer: Callable[[K], T]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, asked: K) -> T:
        """Work out the answer."""
        answer = self[asked] = self._answer(asked)
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """All that a walk tells apart in an instance that it names; those of a crowd share a few."""

    record: InstanceRecord
    """That of one of them: the zone and what decides about requests are those of all."""
    keys: tuple[int, ...]
    """The features of the instance."""
    named_keys: frozenset[int]
    """Those, and the features of the volumes that it holds."""
    zone: Zone
    look: int
    """The feature that decides about requests."""
    cell: int
    """The feature of its state and its protections."""
    state: int
    """Its state, as a bit."""
    protections: int
    """Which protections it has, as a bit; 1 is none."""


class Snapshot:
    """The instances and volumes as they are now; `lost` are left alone, `keys` are the features of each."""

    def __init__(self, guide: Guide, lost: set[str], keys: Callable[[str], tuple[int, ...]]) -> None:
        self._guide = guide
        self._lost = lost
        self.keys = Remembered(keys)
        self.standings = Remembered(self._standing)
        self._alike: dict[Hashable, Standing] = {}
        self.renew()

    def renew(self) -> None:
        """Look at everything again: something has changed."""
        lost = self._lost
        self.instances = tuple([i for i in self._guide.instances if i not in lost])
        """The instances that EC2 still knows, but for the lost ones."""
        self.alive = tuple([i for i in self._guide.alive if i not in lost])
        """Those that have not ended."""
        self._held = self._held_by()
        self.keys.clear()
        self.standings.clear()

    def _held_by(self) -> Mapping[Instance, Sequence[Volume]]:
        """Return the volumes that instances hold, as far as their ids were shown."""
        held: dict[Instance, list[Volume]] = {}
        volumes = self._guide.world.volumes
        for v in self._guide.shown:
            record = volumes.get(v)
            if record is not None and record.holder is not None:
                held.setdefault(record.holder, []).append(v)
        return held

    def _standing(self, i: Instance) -> Standing:
        record, keys = self._guide.world.record(i), self.keys[i]
        named_keys = frozenset(keys).union(*[self.keys[v] for v in self._held.get(i, ())])
        alike = record.zone, keys, named_keys
        standing = self._alike.get(alike)
        if standing is None:
            state = 1 << CODES[record.state]
            protections = 1 << (2 * record.disable_api_termination + record.disable_api_stop)
            standing = Standing(record, keys, named_keys, record.zone, keys[0], keys[1], state, protections)
            self._alike[alike] = standing
        return standing
