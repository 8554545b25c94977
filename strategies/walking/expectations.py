"""What the model expects of one instance in a request, computed once per profile."""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial

from ...model.choices import PREFERRED
from ...model.requests import BatchRequest, Operation
from ...model.states import InstanceState
from ...model.step import execute, permitted_refusals
from ...model.world import Instance, InstanceRecord, World
from ..building.guide import Guide
from .snapshot import InstanceProfile, Memo
from .step_features import Variant


class Role(IntEnum):
    """The expected effect of a request on one instance that it names; several roles combine as bits."""

    REFUSED = 1
    """This instance causes a refusal."""
    CHANGED = 2
    """The request changes this instance."""
    IDLE = 4
    """The request does not change this instance."""


@dataclass(slots=True)
class Expectations:
    """Asks the model what a request of a kind would do to one instance."""

    guide: Guide
    roles: Memo[Variant, Memo[InstanceProfile, Role]] = field(init=False)
    """The role of each profile in a request of each kind."""
    _roles: dict[tuple[Operation | None, bool, int], Role] = field(
        default_factory=dict["tuple[Operation | None, bool, int]", Role]
    )

    def __post_init__(self) -> None:
        self.roles = Memo(lambda kind: Memo(partial(self._role, kind)))

    def _role(self, kind: Variant, profile: InstanceProfile) -> Role:
        case = kind.operation, kind.detail == "force", profile.request_key
        role = self._roles.get(case)
        if role is None:
            role = self._roles[case] = self._asked(kind, profile.record)
        return role

    def _asked(self, kind: Variant, record: InstanceRecord) -> Role:
        spec, i = self.guide.spec, Instance("any")
        world = World({i: record})  # an instance that is named alone depends on no other
        request = BatchRequest(kind.operation or Operation.DESCRIBE, instances=(i,), force=kind.detail == "force")
        if permitted_refusals(spec, world, request, PREFERRED):
            return Role.REFUSED
        after = execute(spec, world, request, PREFERRED, None).world
        reboots = kind.operation is Operation.REBOOT and world.state(i) is InstanceState.RUNNING
        return Role.CHANGED if reboots or after.record(i) != world.record(i) else Role.IDLE
