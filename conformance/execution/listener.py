"""Receives the events of a play, so that it can be judged again without its target."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from ...model.requests import Request
from ...model.world import Instance, Volume
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import Malformed, Push, Step, Unknown
from ..adapter.answer import Answer
from ..oracle.divergence import Divergence


class SettleResult(Enum):
    """How a settle ended."""

    RESTED = "rested"
    STUCK = "stuck"
    """Something was not at rest when the wait timed out."""
    BROKEN = "broken"
    """The target gave no answer, so the wait ended."""


class PlayListener:
    """Receives the events of a play; this one ignores them."""

    def step(self, number: int, step: Step) -> None:
        """A step begins; they are numbered from 0."""

    def made_up(self, name: Instance, ref: Unknown | Malformed, real_id: str) -> None:
        """The play made up an id that no instance has."""

    def received(self, answer: Answer) -> None:
        """The client returned an answer."""

    def exchange(self, step: int, request: Request, sent: float, answered: float, root: str) -> None:
        """The last answer received belongs to `request`; `root` is the root device that a launch asked for, if any."""

    def pushed(self, step: int, instance: Instance, push: Push) -> None:
        """The play triggered a background step."""

    def settled(self, step: int, rest: SettleResult, polls: int, volumes: Sequence[Volume]) -> None:
        """A settle ended; `volumes` are those that it waited for."""

    def ended(self, title: str, divergences: Sequence[Divergence], skipped: str | None, broken: str | None) -> None:
        """The play is over."""


NO_LISTENER: Final = PlayListener()
"""Ignores every event."""


def no_listener(scenario: Scenario | None = None) -> PlayListener:
    """Return the listener that ignores every event."""
    del scenario
    return NO_LISTENER
