"""Tracks which volume is at which device of which instance, to give the volumes of instances their names.

At launch EC2 identifies a volume by its device alone, and shows its id only later.
"""

from collections.abc import Collection, Iterator
from itertools import chain, product
from string import ascii_lowercase

from ...model.requests import LaunchVolume
from ...model.world import Volume
from .names import Names


class Devices:
    """The volumes known to be, or to have been, at the devices of the instances launched so far, by real id."""

    def __init__(self) -> None:
        self._at: dict[str, dict[str, Volume]] = {}

    def at(self, instance_id: str, device: str) -> Volume | None:
        """Return the volume last known at a device."""
        return self._at.get(instance_id, {}).get(device)

    def put(self, instance_id: str, device: str, volume: Volume) -> None:
        """Record that a volume is at a device, and so at no other device of that instance."""
        here = self._at.setdefault(instance_id, {})
        for left in [other for other, there in here.items() if there == volume and other != device]:
            del here[left]
        here[device] = volume

    def forget(self, instance_id: str) -> None:
        """Forget an instance that will never show a volume again."""
        self._at.pop(instance_id, None)

    def of(self, instance_id: str, volume: Volume, names: Names) -> str:
        """Return the device that stands for a volume of an instance.

        For a volume that is not attached to the instance, return a free device of it:
        ModifyInstanceAttribute has no other way to name a wrong volume.
        """
        here = self._at.get(instance_id, {})
        for device, present in here.items():
            if present == volume:
                return device
        device = names.devices.get(volume) or volume.partition(".")[2]
        return device if device.startswith("/") and device not in here else next(free_devices(here))


def free_devices(taken: Collection[str]) -> Iterator[str]:
    """Yield free device names for data volumes, from /dev/sdf on, as EC2 recommends."""
    singles = (f"/dev/sd{letter}" for letter in ascii_lowercase[5:])
    doubles = (f"/dev/xvd{first}{second}" for first, second in product("bc", ascii_lowercase))
    return (device for device in chain(singles, doubles) if device not in taken)


def with_devices(volumes: Collection[LaunchVolume], root_device: str) -> list[tuple[LaunchVolume, str]]:
    """Give each volume of one launched instance its device: its own, the image's for the root, or a free one."""
    free = free_devices({volume.device for volume in volumes})
    return [(volume, root_device if volume.root else volume.device or next(free)) for volume in volumes]
