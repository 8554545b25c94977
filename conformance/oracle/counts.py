"""Judges how many instances a launch with a range makes: from MinCount to MaxCount, as EC2 has capacity (fact L-01)."""

from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from ...model.requests import Caller, LaunchRequest, Operation, Request
from ...model.states import RootDevice
from ...model.world import Zone
from ...reports.safe_text import count
from ..adapter.observation import Changes, Instances, Observation
from .fault import Fault
from .items import DEAD, left_out

IN_RANGE: Final = "RUN-8"
_RIGHT_AFTER: Final = 10.0
"""The seconds in which no capacity becomes free, unless an instance ends or stops."""
_ENDING: Final = frozenset({*(state.value for state in DEAD), "stopping", "stopped"})


class Counted(NamedTuple):
    """What is wrong with the number of instances, and the clauses that it could have broken."""

    faults: tuple[Fault, ...] = ()
    checked: tuple[str, ...] = ()


class _Kind(NamedTuple):
    """What capacity is for: instances of one type in one zone."""

    zone: Zone
    root_device: RootDevice
    instance_type: str


class _Short(NamedTuple):
    """A launch that made fewer instances than its MaxCount: how many of how many, and when the reply came."""

    made: int
    asked: int
    received: float


@dataclass(slots=True)
class Counts:
    """Launches that made fewer instances than they might, as if there were no capacity.

    `shared`: others use the same capacity, so that it may become free at any time.
    """

    shared: bool = False
    _short: dict[_Kind, _Short] = field(default_factory=dict[_Kind, _Short])

    def judge(
        self, request: Request, observation: Observation, instance_type: str, sent: float, received: float
    ) -> Counted:
        """Judge the number of launched instances, and what it tells of an earlier launch."""
        if _may_free_capacity(request, observation):
            self._short.clear()
        if not isinstance(request, LaunchRequest) or not isinstance(observation, Instances):
            return Counted()
        if request.dry_run or request.caller is not Caller.OWNER:
            return Counted()
        kind = _Kind(request.zone, request.root_device, instance_type)
        made = _number_of(observation)
        short = self._short.pop(kind, None)
        faults: list[Fault] = []
        checked: list[str] = []
        if short is not None and made and sent - short.received <= _RIGHT_AFTER:
            more = f"up to {short.asked} instances, since a launch right after found capacity for {made} more"
            faults.append(_fault("items:as-many-as-possible", "items:fewer", more, count(short.made, "instance")))
        if request.min_count is not None:
            checked.append(IN_RANGE)
            asked = len(request.instances)
            if not request.min_count <= made <= asked:
                wanted = f"{request.min_count} to {asked} instances"
                faults.append(_fault("items:in-range", "items:out-of-range", wanted, count(made, "instance")))
            elif made < asked and not self.shared:
                self._short[kind] = _Short(made, asked, received)
        return Counted(tuple(faults), tuple(checked))


def as_made(request: Request, observation: Observation) -> Request:
    """Return a launch with a MinCount as a launch of the instances that it made; any other request unchanged."""
    if not isinstance(request, LaunchRequest) or request.min_count is None or not isinstance(observation, Instances):
        return request
    return only_made(request, observation)


def only_made(request: LaunchRequest, observation: Instances) -> LaunchRequest:
    """Return a launch without the instances that its reply does not have: nobody knows their ids."""
    made = _number_of(observation)
    return replace(request, instances=request.instances[:made], volumes=request.volumes[:made])


def _number_of(observation: Instances) -> int:
    return len(observation.items) + len(left_out(observation))


def _may_free_capacity(request: Request, observation: Observation) -> bool:
    """Tell whether an instance may have ended or stopped."""
    if request.operation in (Operation.TERMINATE, Operation.STOP) and not request.dry_run:
        return True
    states: set[str] = set()
    if isinstance(observation, Instances):
        states = {seen.state.name for seen in observation.items}
    elif isinstance(observation, Changes):
        states = {seen.current.name for seen in observation.items}
    return not states.isdisjoint(_ENDING)


def _fault(expected_class: str, observed_class: str, expected: str, observed: str) -> Fault:
    return Fault(IN_RANGE, Operation.RUN, "-", expected_class, observed_class, (expected,), observed)
