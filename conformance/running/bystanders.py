"""Instances that no request names for the whole length of a run: a target must leave them alone.

A scenario looks at what it launched itself. Only bystanders show a target that changes what others have.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...model.requests import Operation
from ...model.world import Instance
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import BatchStep, Named, RunStep, SettleStep, Step
from ..adapter.observation import Instances, Observation
from ..adapter.target import LimitReached, Target, TargetError
from ..execution.play import Play
from ..oracle.engine import Engine

NAMES: Final = ("Bystander", "ProtectedBystander")
"""The second one is protected, and in the last zone that the target has."""

Look: TypeAlias = dict[Instance, tuple[str, str, int]]
"""The state, the zone and the number of volumes of each bystander."""


@dataclass(slots=True)
class Bystanders:
    """The bystanders of one lane; the first look launches them."""

    target: Target
    engine: Engine
    calls: int = 0
    """The calls for them so far: they belong to no scenario."""
    _play: Play | None = None
    _over: bool = False
    """Whether a bystander has changed."""
    _at_first: Look = field(default_factory=Look)
    _seen: Look = field(default_factory=Look)

    def changed(self) -> bool:
        """Look at the bystanders, and tell whether one is not as it was.

        A target that does not answer has changed nothing. Raises `LimitReached`.
        After a change there are none any more: they have shown what they can, and would only be in the way of a search.
        """
        if self._over:
            return False
        if self._play is None:
            self._play = Play(self.target, self.engine)
            self._play.on_reply = self._note
            self._perform(*launches(len(self.target.zones)), SettleStep())
            self._at_first = dict(self._seen)
            return False
        self._seen.clear()
        answered = self._perform(_LOOK)
        changed = answered and self._seen != self._at_first
        if changed:
            self._over = True
            self.leave()
        return changed

    def leave(self) -> None:
        """Terminate the bystanders, as far as the target keeps instances after a run."""
        play, self._play = self._play, None
        self._seen.clear()
        if play is not None:
            self.calls += play.clear().calls

    def _perform(self, *steps: Step) -> bool:
        """Play steps, and tell whether the target answered them all."""
        play = self._play
        if play is None:
            return False
        before = play.calls
        try:
            for step in steps:
                play.perform(step)
        except LimitReached:
            raise
        except TargetError:
            self._play = None  # whoever plays scenarios meets this too, and says it
            return False
        finally:
            self.calls += play.calls - before
        if play.broken is not None or not self._seen:
            self._play = None
            return False
        return True

    def _note(self, operation: Operation, observation: Observation) -> None:
        if operation is Operation.DESCRIBE and isinstance(observation, Instances):
            self._seen = {seen.instance: (seen.state.name, seen.zone, len(seen.devices)) for seen in observation.items}


_LOOK: Final = BatchStep(Operation.DESCRIBE, tuple(map(Named, NAMES)))


def launches(zones: int) -> tuple[Step, ...]:
    """Return the steps that launch bystanders on a target with so many zones."""
    plain, protected = NAMES
    return RunStep(plain), RunStep(protected, zone=max(1, zones), disable_api_termination=True)


def with_bystanders(scenario: Scenario, zones: int) -> Scenario:
    """Return a scenario that has bystanders of its own, and looks at them at its end."""
    steps = (*launches(zones), SettleStep(), *scenario.steps, SettleStep(), _LOOK)
    return Scenario(scenario.title, scenario.clauses, steps)
