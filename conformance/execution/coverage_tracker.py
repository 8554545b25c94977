"""Wraps a play: records what each step covers, and updates the walk's expectations from the replies."""

from dataclasses import dataclass, field

from ...model.requests import Operation
from ...strategies.scenario.steps import RequestStep, Step
from ...strategies.walking.walk_history import WalkHistory
from ..adapter.observation import NoAnswer, Observation, Refused
from ..oracle.divergence import SERVER_ERROR, Divergence, code_class
from .play import Play


@dataclass(slots=True)
class CoverageTracker:
    """Performs steps on a play, and reports the results to the walk history."""

    play: Play
    history: WalkHistory
    _codes: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.play.on_reply = self._on_reply

    def perform(self, step: Step) -> tuple[Divergence, ...]:
        """Play one step, and record what it covers."""
        self._codes.clear()
        opened = frozenset(self.play.oracle.opened)
        found = self.play.perform(step)
        self.history.take(step, self._codes[-1:] if isinstance(step, RequestStep) else None)
        self._report(found)
        blamed = {divergence.instance for divergence in found}
        for name in sorted(self.play.oracle.opened.keys() - opened):
            if name not in blamed:  # it broke an assumption only: no finding, and no reason to try it again
                self.history.blame_last_change(name)
        return found

    def finish(self) -> tuple[Divergence, ...]:
        """Describe everything once more."""
        found = self.play.finish()
        self._report(found)
        return found

    def _on_reply(self, _operation: Operation, observation: Observation) -> None:
        self._codes.append(_reply_class(observation))

    def _report(self, found: tuple[Divergence, ...]) -> None:
        for divergence in found:
            self.history.diverged(divergence.step, divergence.instance)
            if divergence.forgotten is not None:
                self.history.launch_forgot(divergence.forgotten)
        oracle = self.play.oracle
        belief = oracle.hypotheses[0]
        # What diverged once may be in many states: what a walk does with it tells little.
        self.history.adopt_beliefs(belief.instances, belief.volumes, oracle.unjudged | oracle.ever_opened)


def _reply_class(observation: Observation) -> str:
    """Return the class of a reply that coverage distinguishes; a success is empty."""
    if isinstance(observation, Refused):
        return code_class(observation.code, observation.status)
    return code_class("", SERVER_ERROR) if isinstance(observation, NoAnswer) else ""
