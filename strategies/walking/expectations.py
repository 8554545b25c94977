"""What the model expects of one instance in a request, asked once for all that look the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from ...model.choices import PREFERRED
from ...model.requests import BatchRequest, Operation
from ...model.states import InstanceState
from ...model.step import execute, permitted_refusals
from ...model.world import Instance
from ..guide import Guide
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
    _roles: dict[tuple[int, int], Role] = field(default_factory=dict[tuple[int, int], Role])

    def role(self, kind: Variant, i: Instance) -> Role:
        """Return what a request of this kind would come to for an instance, as far as the model expects."""
        case = kind.number, self.look(i)
        known = self._roles.get(case)
        if known is None:
            known = self._roles[case] = self._asked(kind, i)
        return known

    def is_refused(self, kind: Variant, i: Instance) -> bool:
        """Tell whether a request is refused on account of an instance."""
        return self.role(kind, i) is Role.REFUSED

    def has_effect(self, kind: Variant, i: Instance) -> bool:
        """Tell whether a request does something to an instance."""
        return self.role(kind, i) is Role.CHANGED

    def _asked(self, kind: Variant, i: Instance) -> Role:
        spec, world = self.guide.spec, self.guide.world
        request = BatchRequest(kind.operation or Operation.DESCRIBE, instances=(i,), force=kind.detail == "force")
        if permitted_refusals(spec, world, request, PREFERRED):
            return Role.REFUSED
        after = execute(spec, world, request, PREFERRED, None).world
        reboots = kind.operation is Operation.REBOOT and world.state(i) is InstanceState.RUNNING
        return Role.CHANGED if reboots or after.record(i) != world.record(i) else Role.IDLE
