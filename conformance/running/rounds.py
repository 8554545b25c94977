"""Plays scenarios in rounds of a fixed size, so that the results do not depend on the number of threads."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from ...strategies.walking.coverage import Coverage
from ..execution.play import Outcome

WIDTH: Final = 4
"""Scenarios per round. None of them sees the coverage of the others, whether they run in parallel or not."""

PlayTask = Callable[[Coverage], Outcome]
"""Plays one scenario, and records what it covers."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Plays rounds that share one coverage; `pool`, if given, plays the scenarios of a round in parallel."""

    coverage: Coverage
    pool: Executor | None = None

    def play(self, tasks: Sequence[PlayTask]) -> Iterator[Outcome]:
        """Yield the outcomes in order; each task records on a fork of the coverage, and the forks are merged last."""
        if len(tasks) == 1:
            yield tasks[0](self.coverage)
            return
        forks = [self.coverage.fork() for _ in tasks]
        mapped = map if self.pool is None else self.pool.map
        yield from mapped(_run_task, tasks, forks)
        for fork in forks:
            self.coverage.join(fork)


def _run_task(task: PlayTask, coverage: Coverage) -> Outcome:
    return task(coverage)
