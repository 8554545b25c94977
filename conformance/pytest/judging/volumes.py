"""The volumes of observed launches, adopted as the first description shows them.

No call shows the volumes of an image and their DeleteOnTermination,
so only what the launch itself requested is known before (VOL-3).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ....model.requests import LaunchRequest, Operation
from ....model.states import InstanceState, VolumeState
from ....model.world import Instance, Volume, VolumeRecord, Zone
from ...adapter.devices import Devices
from ...adapter.reply_parts import Reply, items, part, structure_or_nothing, text
from ...adapter.reply_reader import zone_of
from ...oracle.history import Touch
from ...oracle.oracle import Oracle
from ...oracle.past import device_key
from .calls import Fields

_AT_HAND: Final = frozenset(
    state.value
    for state in (InstanceState.PENDING, InstanceState.RUNNING, InstanceState.STOPPING, InstanceState.STOPPED)
)


@dataclass(slots=True)
class Adoption:
    """The requested DeleteOnTermination of volumes with unknown ids, by instance and device, with the launch's step."""

    oracle: Oracle
    devices: Devices
    wanted: dict[tuple[str, str], tuple[bool, int]] = field(default_factory=dict[tuple[str, str], tuple[bool, int]])

    def launched(self, step: int, request: LaunchRequest, sent: Fields) -> None:
        """Record the DeleteOnTermination that a launch requests."""
        for mapping in items(sent, "BlockDeviceMappings", "the launch"):
            flag: Any = structure_or_nothing(mapping.get("Ebs")).get("DeleteOnTermination")
            if isinstance(flag, bool):
                for i in request.instances:
                    self.wanted[i, text(mapping, "DeviceName", "a mapping")] = (flag, step)

    def forget(self, i: Instance, device: str = "") -> None:
        """Forget what was requested for a device, where another volume may be by now; without one, for all devices."""
        there = [key for key in self.wanted if key[0] == i and device_key(device) in ("", device_key(key[1]))]
        for key in there:
            del self.wanted[key]

    def described(self, item: Reply) -> None:
        """Adopt the volumes that a description of an instance shows for the first time; raises `WrongPart`."""
        i = Instance(text(item, "InstanceId", "an instance"))
        if text(part(item, "State", "an instance"), "Name", "State") not in _AT_HAND:
            return
        zone = Zone(zone_of(item))
        root = text(item, "RootDeviceName", "an instance")
        for device, v, shown in _attached(item):
            if v in self.oracle.hypotheses[0].volumes:
                continue
            flag, step = self.wanted.pop((i, device), (shown, None))
            if flag is None:
                continue
            record = VolumeRecord(zone, VolumeState.IN_USE, i, flag, root=device == root)
            self.oracle.hypotheses = tuple(h.having(volumes={v: frozenset({record})}) for h in self.oracle.hypotheses)
            self.devices.put(i, device, v)
            self.oracle.past.came_with(v, i, self.oracle.history.launched[i])
            if step is not None:
                self.oracle.history.touch(v, Touch(step, Operation.RUN, "VOL-3", "-"), lasting=True)
            if i in self.oracle.unjudged:
                self.oracle.leave_unjudged((v,))


def _attached(item: Reply) -> Iterator[tuple[str, Volume, bool | None]]:
    """Yield device, volume and DeleteOnTermination of each attached volume in a description of an instance."""
    for mapping in items(item, "BlockDeviceMappings", "an instance"):
        ebs = part(mapping, "Ebs", "a block device mapping")
        v = text(ebs, "VolumeId", "Ebs")
        flag: Any = ebs.get("DeleteOnTermination")
        if v and text(ebs, "Status", "Ebs") in {"", "attached"}:
            yield text(mapping, "DeviceName", "a mapping"), Volume(v), flag if isinstance(flag, bool) else None
