"""How a program finds the ids of volumes from a launch: by the device of the instance."""

from collections.abc import Iterator, Sequence

from ....model.requests import LaunchRequest
from ....model.world import Instance, Volume
from ....strategies.scenario.names import ROOT, split_volume
from ...adapter.arguments import TargetContext
from .environment import Environment
from .literals import Code, as_literal, call_lines
from .variables import Variables


class Volumes:
    """The volumes that the program describes."""

    def __init__(
        self, wanted: Sequence[Volume], environment: Environment, variables: Variables, context: TargetContext
    ) -> None:
        self._wanted = wanted
        self._environment = environment
        self._variables = variables
        self._names = variables.names
        self._context = context
        self._homes: dict[Volume, tuple[Instance, str]] = {}
        """The instance and device of each volume."""

    @property
    def watched(self) -> tuple[Volume, ...]:
        """The volumes whose id the program has."""
        return tuple(volume for volume in self._wanted if self._names.knows(volume))

    def launched(self, request: LaunchRequest) -> None:
        """Record the devices of a launch's volumes."""
        for i, volumes in zip(request.instances, request.volumes, strict=True):
            for volume in volumes:
                device = self._root_device(i) if volume.root else self._names.devices[volume.volume]
                self._homes[volume.volume] = (i, device)
                self._context.devices.put(self._names.id_of(i), device, volume.volume)

    def found(self, launched: Sequence[Instance]) -> Iterator[str]:
        """Yield the look-ups of launched volumes, as late as possible before something happens to them."""
        for volume in self._wanted:
            i, device = self._home(volume, launched)
            if i in launched and not self._names.knows(volume):
                variable = self._variables.new(volume)
                self._names.bind(volume, variable)
                parts = (as_literal(str(volume)), self._names.id_of(i), as_literal(device))
                yield from call_lines(f"{variable} = find_volume", *parts)

    def _home(self, volume: Volume, launched: Sequence[Instance]) -> tuple[Instance, str]:
        """Return the instance and device of a volume; empty for a volume without an instance."""
        instance, device = split_volume(volume) or ("", "")
        i = Instance(instance)
        known = self._homes.get(volume)
        if known is not None or i not in launched:
            return known or (Instance(""), "")
        return i, self._root_device(i) if device == ROOT else device

    def _root_device(self, i: Instance) -> str:
        return self._environment.root_device or Code(f"root_device({self._names.id_of(i)})")
