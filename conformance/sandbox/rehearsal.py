"""Estimates what a run would do in a live account: plays the same run, with the same limits, on the model.

On a virtual clock, each transition and call of the model takes as long as EC2 usually does, so rehearsing hours takes
seconds. Findings are not included: minimizing each one takes further scenarios.
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
from .journal import MemoryJournal
from .limits import Limits
from .meter import Meter

TRANSITION: Final = 30.0
"""Seconds per transition in a rehearsal (no fact gives them: facts §13)."""
CALL: Final = 0.25
"""Seconds per call in a rehearsal."""
_SHORT: Final = 2.0
"""Seconds until EC2 shows a change."""

_DELAYS: Final[Mapping[StepKind, Bounds]] = {
    StepName.LAUNCH_COMPLETES: (TRANSITION, TRANSITION),
    StepName.STOP_COMPLETES: (TRANSITION, TRANSITION),
    StepName.SHUTDOWN_COMPLETES: (TRANSITION, TRANSITION),
    StepName.FORGOTTEN: DELAYS[StepName.FORGOTTEN],
}

Rehearsed: TypeAlias = Callable[[Target, Callable[[Any], None], Callable[[], bool]], None]
"""The job to rehearse, as a target's process runs it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would do, and use."""

    scenarios: int
    left_out: dict[str, int]
    """The number of scenarios that cannot be played, by reason."""
    calls: int
    launches: int
    most_alive: int
    seconds: float
    cost: float
    """In the currency of the sandbox file."""
    stopped: str
    """How the run would end."""


@dataclass(frozen=True, slots=True)
class _SlowClient:
    """A client whose calls take time."""

    client: ModelClient
    clock: VirtualClock

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self.client, name)

        def call(**arguments: object) -> object:
            self.clock.sleep(CALL)
            return method(**arguments)

        return call


def estimate(job: Rehearsed, limits: Limits, zones: int, time_budget: float | None = None) -> Estimate:
    """Rehearse a job in a region with so many zones; return what it would do and use.

    Raises the errors of the job, such as `LimitReached` if its first launch would be too much.
    """
    clock = VirtualClock()
    slow = {step: _DELAYS.get(step, (_SHORT, _SHORT)) for step in DELAYS}
    client = ModelClient(EC2, Behaviour(delays=slow), clock)
    gate = Gate(_SlowClient(client, clock), limits, MemoryJournal(), clock)
    image = Image(EBS.id, EBS.root_device_name, instance_type=limits.instance_types[0])
    target = gated_target(gate, name="the rehearsal", zones=DEFAULT_REGION.zones[:zones], image=image)
    messages: list[object] = []
    job(target, messages.append, lambda: time_budget is not None and gate.meter.elapsed > time_budget)
    return _sum_up(messages, gate.calls, gate.meter)


def _sum_up(messages: list[object], calls: int, meter: Meter) -> Estimate:
    runs = [event for event in messages if isinstance(event, ScenarioRun)]
    ends = [event.stopped for event in messages if isinstance(event, TargetFinished)]
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
