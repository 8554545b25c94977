"""Turns the steps of a scenario into requests."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ...model.requests import (
    AttributeRequest,
    BatchRequest,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
    VolumeRequest,
)
from ...model.states import Hibernation, RootDevice, ShutdownBehavior
from ...model.world import IdForm, Instance, Volume, Zone
from .steps import (
    All,
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DetachStep,
    IdRef,
    ModifyStep,
    Named,
    RequestStep,
    RunAgainStep,
    RunStep,
    SingleId,
)

_DEVICES: Final = tuple(f"/dev/sd{letter}" for letter in "fghijklmnop")
"""Device names for data volumes without one in the scenario; EC2 recommends these."""
_HEX_ID: Final = re.compile(r"\s*i-[0-9a-f]+\s*")


def form_of(text: str) -> IdForm:
    """Return the form of an invented id (facts E-04, E-05, E-06)."""
    return IdForm.UNCERTAIN if _HEX_ID.fullmatch(text) else IdForm.MALFORMED


@dataclass(slots=True)
class Translator:
    """Turns steps into requests; remembers what runs created and which volume each device name means."""

    identity: Callable[[SingleId], Instance]
    _aliases: dict[str, Volume] = field(default_factory=dict[str, Volume])
    _runs: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The names of the instances that each run made, in reply order."""
    _launches: dict[str, RunStep] = field(default_factory=dict[str, RunStep])
    """The last run with each name."""

    def requests(self, step: RequestStep) -> Iterator[Request]:
        """Yield the requests of a step: one, except that DescribeVolumes sends one for each volume."""
        call = (step.caller, step.dry_run)
        if isinstance(step, RunStep):
            if step.in_earnest:
                self._runs[step.name] = (*self._runs.get(step.name, ()), *step.instance_names)
                self._launches[step.name] = step
            yield self._launch(step)
        elif isinstance(step, RunAgainStep):
            yield self._launch(step.of(self._launches[step.name]))
        elif isinstance(step, BatchStep):
            yield BatchRequest(
                step.operation,
                *call,
                instances=tuple(map(self.identity, self.expand_ids(step.ids))),
                force=step.force,
                skip_os_shutdown=step.skip_os_shutdown,
                hibernate=step.hibernate,
                states=step.states,
                zones=tuple(Zone(str(zone)) for zone in step.zones),
            )
        elif isinstance(step, ModifyStep):
            yield AttributeRequest(
                Operation.MODIFY,
                *call,
                instances=(self.identity(step.id),),
                attribute=step.attribute,
                value=step.value is True,
                shutdown_behavior=step.value if isinstance(step.value, ShutdownBehavior) else ShutdownBehavior.STOP,
                volume=None if step.volume is None else self._volume(step.volume),
            )
        elif isinstance(step, DescribeAttributeStep):
            yield AttributeRequest(
                Operation.DESCRIBE_ATTRIBUTE, *call, instances=(self.identity(step.id),), attribute=step.attribute
            )
        elif isinstance(step, CreateVolumeStep):
            yield VolumeRequest(Operation.CREATE_VOLUME, *call, volumes=(Volume(step.name),), zone=Zone(str(step.zone)))
        elif isinstance(step, AttachStep):
            instance = self.identity(step.id)
            volume = self._volume(step.volume)
            self._aliases[f"{instance}.{step.device}"] = volume
            yield VolumeRequest(Operation.ATTACH, *call, volumes=(volume,), instances=(instance,), device=step.device)
        elif isinstance(step, DetachStep):
            named = () if step.id is None else (self.identity(step.id),)
            yield VolumeRequest(Operation.DETACH, *call, named, volumes=(self._volume(step.volume),))
        elif isinstance(step, DeleteVolumeStep):
            yield VolumeRequest(Operation.DELETE_VOLUME, *call, volumes=(self._volume(step.volume),))
        else:
            for name in step.volumes:
                yield VolumeRequest(Operation.DESCRIBE_VOLUMES, *call, volumes=(self._volume(name),))

    def expand_ids(self, ids: Iterable[IdRef]) -> Iterator[SingleId]:
        """Yield these ids with `All` replaced by the instances of the run, or by its name if there was no such run."""
        for ref in ids:
            if isinstance(ref, All):
                yield from map(Named, self._runs.get(ref.name, (ref.name,)))
            else:
                yield ref

    def without(self, instances: Iterable[Instance]) -> None:
        """Take in that a run did not make these instances, as one with a MinCount may."""
        missing = {*map(str, instances)}
        self._runs = {run: tuple(name for name in made if name not in missing) for run, made in self._runs.items()}

    def _volume(self, name: str) -> Volume:
        return self._aliases.get(name, Volume(name))

    def _launch(self, step: RunStep) -> LaunchRequest:
        groups: list[tuple[LaunchVolume, ...]] = []
        for instance, names in zip(step.instance_names, step.volume_names, strict=True):
            taken = {spec.device for spec in step.volumes}
            free = (device for device in _DEVICES if device not in taken)
            group: list[LaunchVolume] = []
            if step.root is RootDevice.EBS:
                group.append(LaunchVolume(Volume(f"{instance}.root"), root=True))
            for spec, name in zip(step.volumes, names, strict=True):
                device = spec.device or next(free)
                volume = Volume(name)
                self._aliases[f"{instance}.{device}"] = volume
                group.append(LaunchVolume(volume, device, spec.delete_on_termination))
            groups.append(tuple(group))
        return LaunchRequest(
            caller=step.caller,
            dry_run=step.dry_run,
            instances=tuple(Instance(name) for name in step.instance_names),
            zone=Zone(str(step.zone)),
            root_device=step.root,
            disable_api_termination=bool(step.disable_api_termination),
            disable_api_stop=bool(step.disable_api_stop),
            shutdown_behavior=step.shutdown_behavior or ShutdownBehavior.STOP,
            hibernation=Hibernation.CONFIGURED if step.hibernation else Hibernation.OFF,
            volumes=tuple(groups),
            min_count=step.min_count,
            token=step.token,
        )
