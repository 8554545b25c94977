"""Reads that come late on purpose: descriptions show what was true some seconds ago (F-07), and lists lag (D-03, E-25).

Every table of an account remembers for a while what it held before. A read builds its descriptions from what the
tables held at an earlier time. Requests that change something always meet the present.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from ...model.background import StepName
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord
from .account import Account
from .behaviour import DELAYS, Behaviour, ChoicePolicy
from .descriptions import Descriptions

K = TypeVar("K")
V = TypeVar("V")

_UNKNOWN: Final = DELAYS[StepName.BECOMES_VISIBLE][1]
"""The seconds for which a new id may be unknown, however late reads are."""


class Remembered(dict[K, V]):
    """A table that also knows what it held in the last `keep` seconds. Nothing is removed from it."""

    def __init__(self, keep: float, time: Callable[[], float]) -> None:
        super().__init__()
        self._keep = keep
        self._time = time
        """Returns when a change happens."""
        self._versions: dict[K, list[tuple[float, V]]] = {}

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        now, versions = self._time(), self._versions.setdefault(key, [])
        versions.append((now, value))
        while len(versions) > 1 and versions[1][0] <= now - self._keep:
            del versions[0]

    def is_older(self, key: K, time: float) -> bool:
        """Tell whether a key was in the table at a time."""
        return key in self and (key not in self._versions or self._versions[key][0][0] <= time)

    def as_of(self, time: float) -> dict[K, V]:
        """Return what the table held at a time; a key that came later has its first value."""
        table = dict(self)
        for key, versions in self._versions.items():
            table[key] = next((value for at, value in reversed(versions) if at <= time), versions[0][1])
        return table


@dataclass(frozen=True, slots=True)
class Seen:
    """What a read sees: the descriptions, and the new instances and volumes that it does not know yet."""

    descriptions: Descriptions
    unknown: frozenset[str] = frozenset()


@dataclass(slots=True)
class LateReads:
    """How late the reads of one account are: exactly `lag` seconds, or any time up to it if choices are random."""

    lag: float
    rng: random.Random | None
    now: Callable[[], float]
    age: float = 0.0
    """How many seconds old the last description was."""
    happens: float | None = None
    """When the change happens that is being stored, if not now."""
    _known: dict[str, set[Instance]] = field(default_factory=dict[str, "set[Instance]"])
    """The new instances that each operation has shown: it does not forget them again (E-25)."""

    @classmethod
    def of(cls, behaviour: Behaviour, now: Callable[[], float]) -> "LateReads":
        """Return the late reads that a behaviour asks for."""
        is_random = behaviour.choice_policy is ChoicePolicy.RANDOM
        return cls(behaviour.read_lag, behaviour.stream("late reads") if is_random else None, now)

    def account(self) -> Account:
        """Return an empty account, whose tables remember what a late read may show."""
        if not self.lag:
            return Account()
        return Account(
            Remembered[Instance, InstanceRecord](self.lag, self._time),
            Remembered[Volume, VolumeRecord](self.lag, self._time),
            since=Remembered[Instance, float](self.lag, self._time),
        )

    def table(self, kind: type[dict[K, V]]) -> dict[K, V]:
        """Return an empty table for one more thing that a late read may show."""
        return Remembered[K, V](self.lag, self._time) if self.lag else kind()

    def seen_by(self, operation: str, descriptions: Descriptions) -> Seen:
        """Return what a read sees now."""
        if not self.lag:
            return Seen(descriptions)
        age = self.rng.uniform(0.0, self.lag) if self.rng else self.lag
        self.age = age
        now, account = self.now(), descriptions.account
        then, known = now - age, self._known.setdefault(operation, set())
        instances = self._unknown(account.instances, max(then, now - _UNKNOWN)) - known
        known |= account.instances.keys() - instances
        volumes = _as_of(account.volumes, then)
        attached: dict[Instance, dict[Volume, None]] = {}
        for v, record in volumes.items():
            if record.holder is not None:
                attached.setdefault(record.holder, {})[v] = None
        earlier = Account(_as_of(account.instances, then), volumes, attached, _as_of(account.since, then))
        shown = replace(
            descriptions,
            account=earlier,
            extra_fields=_as_of(descriptions.extra_fields, then),
            volume_extra_fields=_as_of(descriptions.volume_extra_fields, then),
        )
        return Seen(shown, frozenset(instances) | self._unknown(account.volumes, then))

    def _unknown(self, table: dict[K, V], time: float) -> frozenset[K]:
        return frozenset(key for key in table if isinstance(table, Remembered) and not table.is_older(key, time))

    def _time(self) -> float:
        return self.now() if self.happens is None else self.happens


def _as_of(table: dict[K, V], time: float) -> dict[K, V]:
    return table.as_of(time) if isinstance(table, Remembered) else table
