"""Plays scenarios on a target, and skips those that it cannot support."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from ...model.requests import Caller, Operation
from ...model.states import RootDevice
from ...strategies.building.guide import Guide
from ...strategies.scenario.names import ids_used
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import Gone, Malformed, WaitStep
from ...strategies.walking.coverage import Coverage, Mark
from ...strategies.walking.walk_history import WalkHistory
from ..adapter.target import Capability, Target
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..oracle.settings import Settings
from .coverage_tracker import CoverageTracker
from .listener import PlayListener, no_listener
from .play import INTERRUPTED, Outcome, Play, play_through
from .settle_timeouts import SettleTimeouts

MAX_BROKEN_IN_A_ROW: Final = 3
"""Scenarios in a row without an answer after which a run stops."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Plays scenarios on one target, each on fresh instances."""

    target: Target
    engine: Engine
    settings: Settings = field(default_factory=Settings)
    longest_wait: float = 0.0
    """The longest `wait` to play in real time, in seconds."""
    unsupported: frozenset[Operation] = frozenset()
    """The operations that the target says it does not implement."""
    broken: frozenset[Operation] = frozenset()
    """The operations whose replies cannot be read."""
    timeouts: SettleTimeouts = field(default_factory=SettleTimeouts)
    """The settles that timed out; whoever runs many scenarios records them here."""
    listeners: Callable[[Scenario], PlayListener] = no_listener
    """Returns the listener for a play."""
    interrupted: Callable[[], bool] = lambda: False
    """Whether the user asked to stop."""

    def run(
        self,
        scenario: Scenario,
        coverage: Coverage | None = None,
        call_limit: int | None = None,
        enough: Callable[[tuple[Divergence, ...], int], bool] = lambda _found, _calls: False,
    ) -> Outcome:
        """Play a scenario to its end, or until the target gives no answer or the user interrupts.

        `coverage`, if given, records what the scenario covers. The play makes at most `call_limit` calls.
        `enough` is called after each step with its divergences and the calls so far; it returns whether to stop.
        """
        if self.interrupted():
            return Outcome(scenario, 0, (), Counter(), skipped=INTERRUPTED, cut_short=True)
        skipped = self.unplayable(scenario)
        if skipped is not None:
            return Outcome(scenario, 0, (), Counter(), skipped=skipped)
        play = Play(
            self.target,
            self.engine,
            self.settings,
            watch_volumes=scenario.mentions_volumes and Operation.DESCRIBE_VOLUMES not in self._unusable(),
            short_waits=self.timeouts.short_waits(),
            call_limit=call_limit,
            listener=self.listeners(scenario),
            interrupted=self.interrupted,
        )
        if coverage is None:
            return replace(play_through(play, scenario.steps, enough=enough), scenario=scenario)
        coverage_tracker = CoverageTracker(play, WalkHistory(coverage, Guide(self.engine.spec)))
        outcome = play_through(play, scenario.steps, coverage_tracker, enough)
        coverage.mark_all(Mark.CLAUSES, outcome.checks)
        return replace(outcome, scenario=scenario)

    def _unusable(self) -> frozenset[Operation]:
        return self.unsupported | self.broken

    def unplayable(self, scenario: Scenario) -> str | None:
        """Return why the target cannot play a scenario, or None."""
        has = self.target.capabilities
        unsupported = next((s.operation for s in scenario.requests if s.operation in self._unusable()), None)
        if unsupported is not None:
            problem = (
                "does not implement" if unsupported in self.unsupported else "answers with a body that is not EC2's XML"
            )
            return f"needs {unsupported.value}, which the target {problem}"
        if max(scenario.zones, default=0) > len(self.target.zones):
            return f"needs {max(scenario.zones)} Availability Zones, the target has {len(self.target.zones)}"
        if Caller.NOBODY in scenario.callers and Capability.NOBODY not in has:
            return "needs a caller without permission, which the target does not offer"
        if RootDevice.INSTANCE_STORE in scenario.root_devices and Capability.INSTANCE_STORE not in has:
            return "needs an instance with an instance-store root, which the target does not offer"
        if scenario.pushes and Capability.BACKGROUND not in has:
            return f"needs {scenario.pushes[0].value} on demand, which the target does not offer"
        if (outside := _outside_specification(scenario)) is not None:
            return outside
        if Capability.VIRTUAL_TIME not in has:
            longest = max((s.seconds for s in scenario.steps if isinstance(s, WaitStep)), default=0)
            if longest > self.longest_wait:
                return f"waits {longest} s, which costs nothing only on a target with virtual time"
            if any(isinstance(ref, Gone) for step in scenario.requests for ref in ids_used(step)):
                return "needs an instance that EC2 has forgotten, which takes an hour without virtual time"
        return None


def _outside_specification(scenario: Scenario) -> str | None:
    """Return what a scenario does that the specification does not define, or None."""
    for step in scenario.requests:
        if step.operation is Operation.DESCRIBE and Malformed("") in ids_used(step):
            return "describes an empty id, of which the specification says nothing"
    return None
