"""What can be told of a scenario between two steps: nothing changes meanwhile, so each is worked out once.

A walk thinks of many steps before it takes one, and asks the same of the same instances for each of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ...model.world import Instance, Volume
from ..guide import Guide

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


class Present:
    """The instances and volumes as they are now; `lost` are left alone, `keys` are the features of each."""

    def __init__(self, guide: Guide, lost: set[str], keys: Callable[[str], tuple[int, ...]]) -> None:
        self._guide = guide
        self._lost = lost
        self.keys = Remembered(keys)
        self.named_keys = Remembered(self._named_keys)
        """The features of an instance, and of the volumes that it holds."""
        self.renew()

    def renew(self) -> None:
        """Look at everything again: something has changed."""
        self.instances = tuple(i for i in self._guide.instances if i not in self._lost)
        """The instances that EC2 still knows, but for the lost ones."""
        self.alive = tuple(i for i in self._guide.alive if i not in self._lost)
        """Those that have not ended."""
        self._held = self._held_by()
        self.keys.clear()
        self.named_keys.clear()

    def _held_by(self) -> Mapping[Instance, Sequence[Volume]]:
        """Return the volumes that instances hold, as far as their ids were shown."""
        held: dict[Instance, list[Volume]] = {}
        volumes = self._guide.world.volumes
        for v in self._guide.shown:
            record = volumes.get(v)
            if record is not None and record.holder is not None:
                held.setdefault(record.holder, []).append(v)
        return held

    def _named_keys(self, i: Instance) -> frozenset[int]:
        return frozenset(self.keys[i]).union(*[self.keys[v] for v in self._held.get(i, ())])
