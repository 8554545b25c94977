"""Minimises the scenario of a finding, as long as a fresh run of it still shows the finding.

It is greedy: it drops long stretches, whole instances, then steps from the end, then ids and settings,
until nothing more can be dropped.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ...strategies.scenario.names import first_problem, ids_used, instances_made, volumes_made
from ...strategies.scenario.renaming import renamed, single_launch
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.step_removal import without_steps
from ...strategies.scenario.steps import (
    BatchStep,
    Gone,
    Named,
    RunAgainStep,
    RunStep,
    Step,
)

MOST_RUNS: Final = 60
"""The most runs on the target for one finding."""

_FEW: Final = 4
"""The most named instances of one launch that are tried alone."""

_SETTINGS: Final = ("disable_api_termination", "disable_api_stop", "shutdown_behavior")

Steps = tuple[Step, ...]


def minimised(
    scenario: Scenario,
    shows_it: Callable[[Scenario], bool],
    last: int,
    could_show: Callable[[Steps], bool] = lambda _: True,
) -> Scenario:
    """Return the smallest scenario found that still shows the finding; `shows_it` runs one on the target.

    `last` is the index of the blamed step; the steps after it are dropped first.
    Candidates for which `could_show` is False are not run.
    """
    search = _Search(scenario, shows_it, could_show)
    search.attempt(scenario.steps[: last + 1])
    search.drop_long_stretches()
    while (
        search.simplify(_without_creating_step)
        | search.simplify(_without_plain_step)
        | search.simplify(_with_simpler_steps)
    ):
        if not search.left:
            break
    return search.best


class _Search:
    """The smallest scenario so far, and the number of runs left."""

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

    def drop_long_stretches(self) -> None:
        """Drop long stretches first, then ever shorter ones; most of a long scenario is superfluous."""
        size = len(self.best.steps) // 2
        while size > 1:
            for end in range(len(self.best.steps) - 1, 0, -size):  # dropping steps moves no earlier ones
                self.attempt(without_steps(self.best.steps, range(max(end - size, 0), end)))
            size //= 2

    def simplify(self, candidates: Callable[[Steps, int], Iterator[Steps]]) -> bool:
        """Try to simplify each step in turn, from the end; return whether anything was dropped."""
        simplified = False
        at = len(self.best.steps) - 1
        while at >= 0 and self.left:
            if at < len(self.best.steps) and any(self.attempt(steps) for steps in candidates(self.best.steps, at)):
                simplified = True
                continue
            at -= 1
        return simplified


def _without_creating_step(steps: Steps, at: int) -> Iterator[Steps]:
    """Drop a step that creates something, and all references to it."""
    if instances_made(steps[at]) or volumes_made(steps[at]):
        yield without_steps(steps, (at,))


def _without_plain_step(steps: Steps, at: int) -> Iterator[Steps]:
    """Drop a step that creates nothing."""
    if not instances_made(steps[at]) and not volumes_made(steps[at]):
        yield steps[:at] + steps[at + 1 :]


def _with_simpler_steps(steps: Steps, at: int) -> Iterator[Steps]:
    """Replace a step by a simpler one, and drop references to what only the old one created."""
    step = steps[at]
    if isinstance(step, RunStep):
        yield from _with_one_of(step, steps, at)
    for simpler in _simplified(step):
        yield without_steps((*steps[:at], simpler, *steps[at + 1 :]), ())


def _with_one_of(step: RunStep, steps: Steps, at: int) -> Iterator[Steps]:
    """Launch only one of several instances: each of those that are named later."""
    named = {ref.name for later in steps[at + 1 :] for ref in ids_used(later) if isinstance(ref, Named | Gone)}
    places = [n for n, name in enumerate(step.instance_names) if name in named] or [0]
    for place in places if step.count > 1 and len(places) <= _FEW else ():
        one, names = single_launch(step, place)
        yield without_steps((*steps[:at], one, *(renamed(later, names) for later in steps[at + 1 :])), ())


def _simplified(step: Step) -> Iterator[Step]:
    """Yield simpler forms of a step."""
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
        yield from _simplified_run(step)
    if isinstance(step, RunAgainStep):
        for setting in ("zone", "count", *_SETTINGS):
            if getattr(step, setting) is not None:
                yield replace(step, **{setting: None})


def _simplified_run(step: RunStep) -> Iterator[Step]:
    """Yield simpler forms of a launch."""
    if step.count > 1:
        fewer = max(2, step.count // 2)
        yield replace(step, count=fewer, min_count=None if step.min_count is None else min(step.min_count, fewer))
    for unset in (replace(step, min_count=None), replace(step, token="")):
        if unset != step:
            yield unset
    for n in range(len(step.volumes)):
        yield replace(step, volumes=step.volumes[:n] + step.volumes[n + 1 :])
    for setting in (*_SETTINGS, "hibernation"):
        if getattr(step, setting) is not None:
            yield replace(step, **{setting: None})
    if step.zone > 1:
        yield replace(step, zone=1)
