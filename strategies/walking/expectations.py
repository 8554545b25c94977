"""What the model expects of one instance in a request, asked once for all that look the same."""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial

from ...model.choices import PREFERRED
from ...model.requests import BatchRequest, Operation
from ...model.states import InstanceState
from ...model.step import execute, permitted_refusals
from ...model.world import Instance, InstanceRecord, World
from ..building.guide import Guide
from .snapshot import Remembered, Standing
from .step_features import Variant


class Role(IntEnum):
    """What a request comes to for one instance that it names; the roles of several are a number with a bit for each."""

    REFUSED = 1
    """It is refused on account of this instance."""
    CHANGED = 2
    """It does something to this instance."""
    IDLE = 4
    """It does nothing to this instance."""


@dataclass(slots=True)
class Expectations:
    """Asks the model about requests for one instance: what a request of a kind would come to for it."""

    guide: Guide
    roles: Remembered[Variant, Remembered[Standing, Role]] = field(init=False)
    """What a request of a kind would come to for an instance of a standing."""
    _roles: dict[tuple[Operation | None, bool, int], Role] = field(
        default_factory=dict["tuple[Operation | None, bool, int]", Role]
    )

    def __post_init__(self) -> None:
        self.roles = Remembered(lambda kind: Remembered(partial(self._role, kind)))

    def _role(self, kind: Variant, standing: Standing) -> Role:
        case = kind.operation, kind.detail == "force", standing.look
        role = self._roles.get(case)
        if role is None:
            role = self._roles[case] = self._asked(kind, standing.record)
        return role

    def _asked(self, kind: Variant, record: InstanceRecord) -> Role:
        spec, i = self.guide.spec, Instance("any")
        world = World({i: record})  # one instance is no other's business where none else is named
        request = BatchRequest(kind.operation or Operation.DESCRIBE, instances=(i,), force=kind.detail == "force")
        if permitted_refusals(spec, world, request, PREFERRED):
            return Role.REFUSED
        after = execute(spec, world, request, PREFERRED, None).world
        reboots = kind.operation is Operation.REBOOT and world.state(i) is InstanceState.RUNNING
        return Role.CHANGED if reboots or after.record(i) != world.record(i) else Role.IDLE
