"""Makes the scenario of a finding smaller, as long as a fresh run of it still shows the finding.

Greedy: it leaves out long stretches, whole instances, then steps from the end, then ids and settings,
until nothing more can go.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ...strategies.scenario.names import first_problem, ids_used, instances_made, volumes_made
from ...strategies.scenario.renaming import alone, renamed
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.step_removal import left
from ...strategies.scenario.steps import (
    BatchStep,
    Gone,
    Named,
    RunStep,
    Step,
)

MOST_RUNS: Final = 60
"""Runs on the target that one finding may cost."""

_FEW: Final = 4
"""Instances of one launch of which each is tried alone."""

Steps = tuple[Step, ...]


def minimised(
    scenario: Scenario,
    shows_it: Callable[[Scenario], bool],
    last: int,
    could_show: Callable[[Steps], bool] = lambda _: True,
) -> Scenario:
    """Return the smallest scenario found that still shows it; `shows_it` runs one on the target.

    `last` is the index of the step to blame: what comes after it is left out first.
    What could not show it in the first place, as far as can be foreseen, is not run.
    """
    search = _Search(scenario, shows_it, could_show)
    search.attempt(scenario.steps[: last + 1])
    search.halved()
    while search.passed(_without_makers) | search.passed(_without_steps) | search.passed(_with_simpler_steps):
        if not search.left:
            break
    return search.best


class _Search:
    """The smallest scenario so far, and how many runs may still be spent on it."""

    def __init__(
        self, scenario: Scenario, shows_it: Callable[[Scenario], bool], could_show: Callable[[Steps], bool]
    ) -> None:
        self.best = scenario
        self.left = MOST_RUNS
        self._shows_it = shows_it
        self._could_show = could_show
        self._tried: set[Steps] = {scenario.steps}

    def attempt(self, steps: Steps) -> bool:
        """Keep these steps if they are new, valid, and still show the finding."""
        if not self.left or not steps or steps in self._tried or first_problem(steps) is not None:
            return False
        self._tried.add(steps)
        if not self._could_show(steps):
            return False
        self.left -= 1
        candidate = replace(self.best, steps=steps)
        if not self._shows_it(candidate):
            return False
        self.best = candidate
        return True

    def halved(self) -> None:
        """Leave out long stretches first, then ever shorter ones: of a long scenario most can go."""
        size = len(self.best.steps) // 2
        while size > 1:
            for end in range(len(self.best.steps) - 1, 0, -size):  # what is left out moves nothing before it
                self.attempt(left(self.best.steps, range(max(end - size, 0), end)))
            size //= 2

    def passed(self, simpler: Callable[[Steps, int], Iterator[Steps]]) -> bool:
        """Try to simplify at each step in turn, from the end; return whether anything went."""
        went = False
        at = len(self.best.steps) - 1
        while at >= 0 and self.left:
            if at < len(self.best.steps) and any(self.attempt(steps) for steps in simpler(self.best.steps, at)):
                went = True
                continue
            at -= 1
        return went


def _without_makers(steps: Steps, at: int) -> Iterator[Steps]:
    """Leave out a step that makes something, and all that names what it makes."""
    if instances_made(steps[at]) or volumes_made(steps[at]):
        yield left(steps, (at,))


def _without_steps(steps: Steps, at: int) -> Iterator[Steps]:
    """Leave out a step that makes nothing."""
    if not instances_made(steps[at]) and not volumes_made(steps[at]):
        yield steps[:at] + steps[at + 1 :]


def _with_simpler_steps(steps: Steps, at: int) -> Iterator[Steps]:
    """Put a simpler step in the place of one, and leave out what only the old one made."""
    step = steps[at]
    if isinstance(step, RunStep):
        yield from _with_one_of(step, steps, at)
    for simpler in _simpler(step):
        yield left((*steps[:at], simpler, *steps[at + 1 :]), ())


def _with_one_of(step: RunStep, steps: Steps, at: int) -> Iterator[Steps]:
    """Launch only one of several, which then has the name of the launch: any of those that are named later."""
    named = {ref.name for later in steps[at + 1 :] for ref in ids_used(later) if isinstance(ref, Named | Gone)}
    places = [n for n, name in enumerate(step.instance_names) if name in named] or [0]
    for place in places if step.count > 1 and len(places) <= _FEW else ():
        one, names = alone(step, place)
        yield left((*steps[:at], one, *(renamed(later, names) for later in steps[at + 1 :])), ())


def _simpler(step: Step) -> Iterator[Step]:
    """Yield a step in simpler forms."""
    if isinstance(step, BatchStep):
        if len(step.ids) > 4:  # noqa: PLR2004
            yield replace(step, ids=step.ids[: len(step.ids) // 2])
            yield replace(step, ids=step.ids[len(step.ids) // 2 :])
        if 1 < len(step.ids) <= 50:  # noqa: PLR2004
            for n in range(len(step.ids)):
                yield replace(step, ids=step.ids[:n] + step.ids[n + 1 :])
        for flag in ("force", "skip_os_shutdown", "hibernate", "dry_run"):
            if getattr(step, flag):
                yield replace(step, **{flag: False})
    if isinstance(step, RunStep):
        if step.count > 1:
            yield replace(step, count=max(2, step.count // 2))
        for n in range(len(step.volumes)):
            yield replace(step, volumes=step.volumes[:n] + step.volumes[n + 1 :])
        for setting in ("disable_api_termination", "disable_api_stop", "shutdown_behavior"):
            if getattr(step, setting) is not None:
                yield replace(step, **{setting: None})
        if step.zone > 1:
            yield replace(step, zone=1)
