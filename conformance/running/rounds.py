"""Plays several scenarios side by side, so that what comes of it does not depend on how many run at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from ...strategies.walking.coverage import Coverage
from ..execution.play import Outcome

WIDTH: Final = 4
"""Scenarios of a round. None of them knows what the others cover, whether they run at a time or not."""

PlayTask = Callable[[Coverage], Outcome]
"""Plays one scenario, and counts what it covers."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds on one coverage, which grows with each; `pool` runs them at a time, if there is one."""

    coverage: Coverage
    pool: Executor | None = None

    def play(self, plays: Sequence[PlayTask]) -> Iterator[Outcome]:
        """Yield what came of each, in order; each counts on a fork of the coverage, and all are taken in at the end."""
        if len(plays) == 1:
            yield plays[0](self.coverage)
            return
        forks = [self.coverage.fork() for _ in plays]
        mapped = map if self.pool is None else self.pool.map
        yield from mapped(_play, plays, forks)
        for fork in forks:
            self.coverage.join(fork)


def _play(playing: PlayTask, coverage: Coverage) -> Outcome:
    return playing(coverage)
