"""What the model expects of one instance in a request, asked once for all that look the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from ...model.choices import PREFERRED
from ...model.requests import BatchRequest, Operation
from ...model.states import InstanceState
from ...model.step import execute, permitted_refusals
from ...model.world import Instance, World
from ..guide import Guide
from .present import Remembered
from .variants import Variant


class Role(Enum):
    """What a request comes to for one instance that it names."""

    REFUSED = "it is refused on account of this instance"
    CHANGED = "it does something to this instance"
    IDLE = "it does nothing to this instance"


@dataclass(slots=True)
class Expectations:
    """Asks the model about requests for one instance; `look` gives the number of all that decides about one."""

    guide: Guide
    look: Callable[[Instance], int]
    roles: Remembered[Variant, Remembered[Instance, Role]] = field(init=False)
    """What a request of a kind would come to for an instance; cleared where instances may look otherwise."""
    _roles: dict[tuple[int, int], Role] = field(default_factory=dict[tuple[int, int], Role])

    def __post_init__(self) -> None:
        self.roles = Remembered(lambda kind: Remembered(partial(self._role, kind)))

    def _role(self, kind: Variant, i: Instance) -> Role:
        case = kind.number, self.look(i)
        known = self._roles.get(case)
        if known is None:
            known = self._roles[case] = self._asked(kind, i)
        return known

    def _asked(self, kind: Variant, i: Instance) -> Role:
        spec = self.guide.spec
        world = World({i: self.guide.world.record(i)})  # one instance is no other's business where none else is named
        request = BatchRequest(kind.operation or Operation.DESCRIBE, instances=(i,), force=kind.detail == "force")
        if permitted_refusals(spec, world, request, PREFERRED):
            return Role.REFUSED
        after = execute(spec, world, request, PREFERRED, None).world
        reboots = kind.operation is Operation.REBOOT and world.state(i) is InstanceState.RUNNING
        return Role.CHANGED if reboots or after.record(i) != world.record(i) else Role.IDLE
