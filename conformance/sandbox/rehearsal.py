"""What a run would do in a live account: the same run, with the same limits, on the model first.

The model takes as long for each transition and each call as EC2 usually does, on a clock of its own, so that the
rehearsal of hours takes seconds. Findings would add to it: each is made short by more scenarios.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ...model.background import StepName
from ...model.specification import EC2
from ...reports.events import ScenarioRun, TargetFinished
from ..adapter.arguments import Image
from ..adapter.clock import VirtualClock
from ..adapter.target import Target
from ..emulator.behaviour import DELAYS, Behaviour, Bounds, StepKind
from ..emulator.client import ModelClient
from ..emulator.images import EBS
from ..emulator.regions import DEFAULT_REGION
from .gate import Gate
from .gated_target import gated_target
from .journal import Notes
from .limits import Limits
from .meter import Meter

TRANSITION: Final = 30.0
"""Seconds that a transition takes in a rehearsal (no fact tells: facts §13)."""
CALL: Final = 0.25
"""Seconds that a call takes in a rehearsal."""
_SHORT: Final = 2.0
"""Seconds until EC2 has heard of something that changed."""

_DELAYS: Final[Mapping[StepKind, Bounds]] = {
    StepName.LAUNCH_COMPLETES: (TRANSITION, TRANSITION),
    StepName.STOP_COMPLETES: (TRANSITION, TRANSITION),
    StepName.SHUTDOWN_COMPLETES: (TRANSITION, TRANSITION),
    StepName.FORGOTTEN: DELAYS[StepName.FORGOTTEN],
}

Rehearsed: TypeAlias = Callable[[Target, Callable[[Any], None], Callable[[], bool]], None]
"""What is done with a target, as in its process."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would do and use."""

    scenarios: int
    left_out: dict[str, int]
    """How many scenarios cannot be played, by the reason."""
    calls: int
    launches: int
    most_alive: int
    seconds: float
    cost: float
    """In the currency of the sandbox file."""
    stopped: str
    """How the run would end."""


@dataclass(frozen=True, slots=True)
class _Distant:
    """A client whose every call takes its time."""

    client: ModelClient
    clock: VirtualClock

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self.client, name)

        def call(**arguments: object) -> object:
            self.clock.sleep(CALL)
            return method(**arguments)

        return call


def estimate(job: Rehearsed, limits: Limits, zones: int, time_budget: float | None = None) -> Estimate:
    """Rehearse a job in a region with so many zones; what it would do and use.

    Raises what the job does, such as `LimitReached` where its first launch would be too much.
    """
    clock = VirtualClock()
    slow = {step: _DELAYS.get(step, (_SHORT, _SHORT)) for step in DELAYS}
    client = ModelClient(EC2, Behaviour(delays=slow), clock)
    gate = Gate(_Distant(client, clock), limits, Notes(), clock)
    image = Image(EBS.id, EBS.root_device_name, instance_type=limits.instance_types[0])
    target = gated_target(gate, name="the rehearsal", zones=DEFAULT_REGION.zones[:zones], image=image)
    said: list[object] = []
    job(target, said.append, lambda: time_budget is not None and gate.meter.elapsed > time_budget)
    return _added_up(said, gate.calls, gate.meter)


def _added_up(said: list[object], calls: int, meter: Meter) -> Estimate:
    runs = [event for event in said if isinstance(event, ScenarioRun)]
    ends = [event.stopped for event in said if isinstance(event, TargetFinished)]
    return Estimate(
        scenarios=sum(run.skipped is None for run in runs),
        left_out=dict(Counter(run.skipped for run in runs if run.skipped is not None)),
        calls=calls,
        launches=meter.launches,
        most_alive=meter.most_alive,
        seconds=meter.elapsed,
        cost=meter.cost,
        stopped=next(iter(ends), "done"),
    )
