"""The records of one account in one region: instances, volumes, and the world that a request concerns."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ...model.states import InstanceState, Visibility, VolumeState
from ...model.world import IdForm, Instance, InstanceRecord, Volume, VolumeRecord, World, Zone

NO_VOLUME: Final = VolumeRecord(Zone(""), VolumeState.DELETED)
"""Stands for a volume that never existed: like EC2, the rules treat it as a deleted one (V-08)."""

_COMPLETIONS: Final = (
    (InstanceState.STOPPING, InstanceState.STOPPED),
    (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED),
)
"""These changes only complete an earlier one: the displayed reason keeps its time (T-05)."""

_SHORT: Final = re.compile(r"i-[0-9a-f]{8}")
_HEX: Final = re.compile(r"i-[0-9a-f]+")


def form_of(stranger: Instance) -> IdForm:
    """Return the form of an id that was never issued (E-01, E-04, E-05, E-06)."""
    if _SHORT.fullmatch(stranger):
        return IdForm.UNKNOWN
    return IdForm.UNCERTAIN if _HEX.fullmatch(stranger) else IdForm.MALFORMED


@dataclass(frozen=True, slots=True)
class Account:
    """All records, in mutable tables; `attached` lists the volumes of an instance in order of attachment.

    `since` is the time of the event that an instance shows as the reason of its state.
    """

    instances: dict[Instance, InstanceRecord] = field(default_factory=dict[Instance, InstanceRecord])
    volumes: dict[Volume, VolumeRecord] = field(default_factory=dict[Volume, VolumeRecord])
    attached: dict[Instance, dict[Volume, None]] = field(default_factory=dict[Instance, "dict[Volume, None]"])
    since: dict[Instance, float] = field(default_factory=dict[Instance, float])

    def world_of(self, instances: Iterable[Instance], volumes: Iterable[Volume] = ()) -> World:
        """Return the world of these instances and volumes, their attached volumes, and their holders.

        A rule reads nothing else, so its cost does not depend on the size of the account.
        """
        records = {v: self.volumes.get(v, NO_VOLUME) for v in volumes}
        holders = [record.holder for record in records.values() if record.holder is not None]
        issued: dict[Instance, InstanceRecord] = {}
        strangers: dict[Instance, IdForm] = {}
        for i in (*instances, *holders):
            record = self.instances.get(i)
            if record is None:
                strangers[i] = form_of(i)
            elif i not in issued:
                issued[i] = record
                for v in self.attached.get(i, ()):
                    records[v] = self.volumes[v]
        return World(issued, records, strangers)

    def store(
        self, instances: Mapping[Instance, InstanceRecord], volumes: Mapping[Volume, VolumeRecord], at: float
    ) -> tuple[list[Instance], list[Volume]]:
        """Store records as of time `at`; return what changed, including the volumes of changed instances."""
        changed = [i for i, record in instances.items() if self.instances.get(i) != record]
        touched = [v for v, record in volumes.items() if self.volumes.get(v) != record]
        for i in changed:
            self._store_instance(i, instances[i], at)
        for v in touched:
            self._store_volume(v, volumes[v])
        return changed, list(dict.fromkeys([*touched, *(v for i in changed for v in self.attached.get(i, ()))]))

    def is_visible(self, i: Instance) -> bool:
        """Tell whether an instance exists and is not forgotten."""
        return i in self.instances and self.instances[i].visibility is not Visibility.FORGOTTEN

    def has_volume(self, v: Volume) -> bool:
        """Tell whether a volume exists and is not deleted."""
        return v in self.volumes and self.volumes[v].state is not VolumeState.DELETED

    def _store_instance(self, i: Instance, record: InstanceRecord, at: float) -> None:
        before = self.instances.get(i)
        self.instances[i] = record
        if before is None or before.cause is not record.cause or _begins(before.state, record.state):
            self.since[i] = at

    def _store_volume(self, v: Volume, record: VolumeRecord) -> None:
        before = self.volumes.get(v)
        self.volumes[v] = record
        if before is not None and before.holder is not None and before.holder != record.holder:
            self.attached[before.holder].pop(v, None)
        if record.holder is not None:
            self.attached.setdefault(record.holder, {})[v] = None


def _begins(before: InstanceState, after: InstanceState) -> bool:
    return before is not after and (before, after) not in _COMPLETIONS
