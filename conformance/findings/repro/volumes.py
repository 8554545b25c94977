"""How a program comes by the ids of volumes that a launch makes: it looks up what is at a device of an instance."""

from collections.abc import Iterator, Sequence

from ....model.requests import LaunchRequest
from ....model.world import Instance, Volume
from ....strategies.scenario.names import ROOT, split_volume
from ...adapter.arguments import TargetContext
from .environment import Setting
from .literals import Code, call, written
from .variables import Variables


class Volumes:
    """The volumes to look at, `wanted`, while the program is written."""

    def __init__(
        self, wanted: Sequence[Volume], setting: Setting, variables: Variables, context: TargetContext
    ) -> None:
        self._wanted = wanted
        self._setting = setting
        self._variables = variables
        self._names = variables.names
        self._context = context
        self._homes: dict[Volume, tuple[Instance, str]] = {}
        """At which device of which instance a volume can be found."""

    @property
    def watched(self) -> tuple[Volume, ...]:
        """Those that the program has an id for."""
        return tuple(volume for volume in self._wanted if self._names.knows(volume))

    def launched(self, request: LaunchRequest) -> None:
        """Note where the volumes of a launch are."""
        for i, volumes in zip(request.instances, request.volumes, strict=True):
            for volume in volumes:
                device = self._root_device(i) if volume.root else self._names.devices[volume.volume]
                self._homes[volume.volume] = (i, device)
                self._context.devices.put(self._names.id_of(i), device, volume.volume)

    def found(self, launched: Sequence[Instance]) -> Iterator[str]:
        """Look up the volumes of the launched instances: late, and yet before anything happens to them."""
        for volume in self._wanted:
            i, device = self._home(volume, launched)
            if i in launched and not self._names.knows(volume):
                variable = self._variables.new(volume)
                self._names.bind(volume, variable)
                parts = (written(str(volume)), self._names.id_of(i), written(device))
                yield from call(f"{variable} = find_volume", *parts)

    def _home(self, volume: Volume, launched: Sequence[Instance]) -> tuple[Instance, str]:
        """Return the instance and the device at which a volume can be found; none for a volume without an instance."""
        instance, device = split_volume(volume) or ("", "")
        i = Instance(instance)
        known = self._homes.get(volume)
        if known is not None or i not in launched:
            return known or (Instance(""), "")
        return i, self._root_device(i) if device == ROOT else device

    def _root_device(self, i: Instance) -> str:
        return self._setting.root_device or Code(f"root_device({self._names.id_of(i)})")
