"""What was done with instances and volumes beyond what the specification holds: it may explain a refusal."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ...model.requests import LaunchRequest, Operation, Request, VolumeRequest
from ...model.states import InstanceState
from ...model.world import Instance
from ..adapter.devices import with_devices
from ..adapter.observation import Instances, Observation

_SHOWS_DEVICES: Final = frozenset(
    state.value for state in (InstanceState.RUNNING, InstanceState.STOPPING, InstanceState.STOPPED)
)
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
    """The marks that requests left on what they named or made, and the device names of instances.

    A mark is an operation and the path of a parameter: `ModifyInstanceAttribute:InstanceType`.
    """

    marks: dict[str, set[str]] = field(default_factory=dict[str, "set[str]"])
    devices: dict[Instance, DeviceNames] = field(default_factory=dict[Instance, DeviceNames])

    def mark(self, names: Iterable[str], operation: Operation, paths: Iterable[str]) -> None:
        """Note that a request with these parameters made or changed something."""
        left = {f"{operation.value}:{path}" for path in paths}
        for name in names:
            self.marks.setdefault(name, set()).update(left)

    def of(self, names: Iterable[str]) -> frozenset[str]:
        """Return the marks on any of these."""
        return frozenset(mark for name in names for mark in self.marks.get(name, ()))

    def takes_device(self, instance: Instance, device: str, now: float) -> None:
        """Note that a device of an instance may be in use from now on."""
        names = self.devices.setdefault(instance, DeviceNames())
        names.asked.add(device_key(device))
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
        if request.operation in _MAKES_OR_CHANGES:
            self.mark((*request.instances, *request.volume_ids), request.operation, paths)
        elif request.operation is Operation.STOP:
            self.mark(request.instances, request.operation, paths & {"Hibernate"})
        if isinstance(request, LaunchRequest):
            for i, group in zip(request.instances, request.volumes, strict=False):
                for one, device in with_devices(group, ""):
                    if not one.root:
                        self.takes_device(i, device, received)
        elif isinstance(request, VolumeRequest) and request.operation is Operation.ATTACH:
            for i in request.instances:
                self.takes_device(i, request.device, received)

    def _described(self, observation: Instances, sent: float, read_lag: float) -> None:
        for seen in observation.items:
            if seen.state.name not in _SHOWS_DEVICES:
                continue
            names = self.devices.setdefault(seen.instance, DeviceNames())
            shown = frozenset(device_key(one.device) for one in seen.devices)
            if sent < names.changed + read_lag:  # it may show what was before
                names.shown = shown if names.shown is None else names.shown | shown
            else:
                names.shown = shown
                names.asked.clear()


def device_key(device: str) -> str:
    """Return what tells device names apart: /dev/sdf, sdf, /dev/xvdf and /dev/sdf1 get into each other's way."""
    name = device.rpartition("/")[2].rstrip("0123456789")
    for prefix in ("xvd", "sd", "hd"):
        if name.startswith(prefix) and len(name) > len(prefix):
            return name.removeprefix(prefix)
    return name
