"""What was done with instances and volumes beyond what the specification holds: it may explain a refusal."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Final

from ...model.requests import LaunchRequest, Operation, Request, VolumeRequest
from ...model.states import InstanceState
from ...model.world import Instance, Volume
from ..adapter.devices import with_devices
from ..adapter.observation import Instances, NoAnswer, Observation, Refused, Volumes

SURELY_A_DEVICE: Final = re.compile(r"/dev/sd[f-p]")
"""The names that AWS recommends for EBS data volumes on every platform: each is valid, and none is that of a root."""
UNKNOWN_VOLUME: Final = "an unknown volume"
"""What stands for a parameter of an attachment whose volume was made elsewhere: it may be encrypted."""
_SHOWS_DEVICES: Final = frozenset(
    state.value for state in (InstanceState.RUNNING, InstanceState.STOPPING, InstanceState.STOPPED)
)
_MAKES_VOLUMES: Final = (Operation.RUN, Operation.CREATE_VOLUME)
_MAKES_OR_CHANGES: Final = (Operation.RUN, Operation.CREATE_VOLUME, Operation.MODIFY)


@dataclass(slots=True)
class DeviceNames:
    """The device names of an instance that may be in use.

    `shown` are those of its last description; None: none has shown any yet, and what its image brings is not known.
    `asked` are those that a launch or an attachment has named since then.
    """

    shown: frozenset[str] | None = None
    asked: set[str] = field(default_factory=set[str])
    changed: float = 0.0
    """When a request last named one, by the target's clock."""

    @property
    def known(self) -> frozenset[str]:
        """The devices that are known to be in use, or may be."""
        return (self.shown or frozenset()) | self.asked

    def may_be_in_use(self, device: str) -> bool:
        """Tell whether a device may be in use."""
        return self.shown is None or device_key(device) in self.known


@dataclass(slots=True)
class Past:
    """The marks that requests left on what they named or made, the device names of instances, and the age of volumes.

    A mark is an operation and the path of a parameter: `ModifyInstanceAttribute:InstanceType`.
    `device_of` has the known device of each volume. Times are the target's clock.
    """

    marks: dict[str, set[str]] = field(default_factory=dict[str, "set[str]"])
    devices: dict[Instance, DeviceNames] = field(default_factory=dict[Instance, DeviceNames])
    device_of: dict[Volume, str] = field(default_factory=dict[Volume, str])
    rootless: dict[Instance, Volume] = field(default_factory=dict[Instance, Volume])
    """The volume that may have been the root of an instance when it was detached, where none has come in its place."""
    _attached: set[Volume] = field(default_factory=set[Volume])
    """The volumes that a request attached, or may have."""
    _made: dict[Volume, float] = field(default_factory=dict[Volume, float])
    _known_to: set[tuple[Operation, Volume]] = field(default_factory=set[tuple[Operation, Volume]])
    """The volumes that each operation was seen to know."""

    def mark(self, names: Iterable[str], operation: Operation, paths: Iterable[str]) -> None:
        """Note that a request with these parameters made or changed something."""
        left = {f"{operation.value}:{path}" for path in paths}
        for name in names:
            self.marks.setdefault(name, set()).update(left)

    def of(self, names: Iterable[str]) -> frozenset[str]:
        """Return the marks on any of these."""
        return frozenset(mark for name in names for mark in self.marks.get(name, ()))

    def is_new(self, volume: Volume, operation: Operation, since: float) -> bool:
        """Tell whether an operation may not know a volume yet, because it was created since then (fact E-25)."""
        return self._made.get(volume, -inf) >= since and (operation, volume) not in self._known_to

    def may_be_root(self, volume: Volume) -> bool:
        """Tell whether a volume may have been attached as the root of an instance."""
        return volume in self._attached and SURELY_A_DEVICE.fullmatch(self.device_of.get(volume, "")) is None

    def loses_roots(self, request: Request, instances: Collection[Instance]) -> None:
        """Note that a detachment may have left these instances without a root."""
        self.mark(instances, Operation.DETACH, ("VolumeId",))
        self.rootless.update((i, v) for i in instances for v in request.volume_ids)

    def came_with(self, volume: Volume, instance: Instance, made: float) -> None:
        """Note that a description has shown a volume with which an instance was launched."""
        launched = f"{Operation.RUN.value}:"
        self.marks.setdefault(volume, set()).update(m for m in self.of((instance,)) if m.startswith(launched))
        self._made[volume] = made
        self._known_to.add((Operation.DESCRIBE_VOLUMES, volume))

    def takes_device(self, instance: Instance, device: str, now: float) -> None:
        """Note that a device of an instance may be in use from now on."""
        names = self.devices.setdefault(instance, DeviceNames())
        names.asked.add(device_key(device))
        if SURELY_A_DEVICE.fullmatch(device) is None:
            self.rootless.pop(instance, None)  # it may have a root again
        names.changed = now

    def take(
        self, request: Request, observation: Observation, paths: frozenset[str], times: tuple[float, float], lag: float
    ) -> None:
        """Take in a request that may have been carried out, and its reply; `lag`: how late a description may be.

        `times` are those at which it was sent and answered.
        """
        sent, received = times
        if request.dry_run:
            return
        if isinstance(observation, Instances) and request.operation is Operation.DESCRIBE:
            self._described(observation, sent, lag)
        if request.operation in _MAKES_VOLUMES:
            self._made.update(dict.fromkeys(request.volume_ids, received))
        if request.operation in _MAKES_OR_CHANGES:
            self.mark((*request.instances, *request.volume_ids), request.operation, paths)
        elif request.operation is Operation.STOP:
            self.mark(request.instances, request.operation, paths & {"Hibernate"})
        if isinstance(request, LaunchRequest):
            for i, group in zip(request.instances, request.volumes, strict=False):
                for one, device in with_devices(group, ""):
                    if not one.root:
                        self.takes_device(i, device, received)
        elif isinstance(request, VolumeRequest):
            self._of_volumes(request, observation, received)

    def _of_volumes(self, request: VolumeRequest, observation: Observation, received: float) -> None:
        """Take in a request about volumes."""
        succeeded = not isinstance(observation, NoAnswer | Refused)
        if succeeded and request.operation is not Operation.CREATE_VOLUME:
            listed = isinstance(observation, Volumes)
            known = (one.volume for one in observation.items) if listed else request.volumes
            self._known_to.update((request.operation, volume) for volume in known)
        if request.operation is Operation.ATTACH:
            self.mark(request.instances, request.operation, ("VolumeId",))
            for i in request.instances:
                self.takes_device(i, request.device, received)
            self._attached.update(request.volumes)
            for volume in request.volumes:
                self.device_of.pop(volume, None)
                if succeeded:
                    self.device_of[volume] = request.device

    def _described(self, observation: Instances, sent: float, read_lag: float) -> None:
        for seen in observation.items:
            if seen.state.name not in _SHOWS_DEVICES:
                continue
            names = self.devices.setdefault(seen.instance, DeviceNames())
            shown = frozenset(device_key(one.device) for one in seen.devices)
            self._known_to.update((Operation.DESCRIBE_VOLUMES, one.volume) for one in seen.devices)
            if sent < names.changed + read_lag:  # it may show what was before
                names.shown = shown if names.shown is None else names.shown | shown
            else:
                names.shown = shown
                names.asked.clear()
                self.device_of.update((one.volume, one.device) for one in seen.devices)


def device_key(device: str) -> str:
    """Return what tells device names apart: /dev/sdf, sdf, /dev/xvdf and /dev/sdf1 get into each other's way."""
    name = device.rpartition("/")[2].rstrip("0123456789")
    for prefix in ("xvd", "sd", "hd"):
        if name.startswith(prefix) and len(name) > len(prefix):
            return name.removeprefix(prefix)
    return name


def under(paths: Collection[str]) -> Callable[[str], bool]:
    """Return what tells whether a path is one of these, or lies under one."""
    upper = frozenset(paths)

    def is_under(path: str) -> bool:
        while path and path not in upper:
            path = path.rpartition(".")[0]
        return bool(path)

    return is_under
