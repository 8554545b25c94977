"""What a play tells of itself as it goes, so that it can be judged again without its target."""

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
    """Something had not come to rest when it was no longer waited for."""
    BROKEN = "broken"
    """The target gave no answer, so that nobody waited any longer."""


class PlayListener:
    """Hears of a play; this one keeps nothing."""

    def step(self, number: int, step: Step) -> None:
        """A step begins; they are numbered from 0."""

    def made_up(self, name: Instance, ref: Unknown | Malformed, real_id: str) -> None:
        """An id was made up that no instance has."""

    def hear(self, answer: Answer) -> None:
        """The client gave an answer."""

    def exchange(self, step: int, request: Request, sent: float, answered: float, root: str) -> None:
        """The answer heard last belonged to a request; `root` is the root device that its launch asked for, if any."""

    def pushed(self, step: int, instance: Instance, push: Push) -> None:
        """A background step was made to happen."""

    def settled(self, step: int, rest: SettleResult, looks: int, volumes: Sequence[Volume]) -> None:
        """Something was waited for, and the volumes named were among it."""

    def ended(self, title: str, divergences: Sequence[Divergence], skipped: str | None, broken: str | None) -> None:
        """The play is over."""


NO_LISTENER: Final = PlayListener()
"""Keeps nothing."""


def no_listener(scenario: Scenario | None = None) -> PlayListener:
    """Return what keeps nothing of a play."""
    del scenario
    return NO_LISTENER
