"""Chooses the scenarios of the corpus that a quick run plays."""

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from ...model.specification import Specification
from ...strategies.files.format import load_scenario
from ...strategies.scenario.scenario import Scenario
from ..findings.search import is_slow

_TIMES: Final = 3
_TIMES_WANTED: Final = 10
"""Scenarios to play per clause, where there are as many: for all clauses, or for the wanted ones."""


def quick(spec: Specification, paths: Iterable[Path], wanted: Collection[str] = ()) -> tuple[Path, ...]:
    """Return a small set of files that cover every clause several times with few steps, in their order.

    Several times, because the situation of one scenario may not occur on a target, or may already be in doubt there.
    The choice is a greedy set cover: the next file is the one with the most missing clauses per step.
    If `wanted` names clauses, only those count. Slow scenarios are left out.
    """
    scenarios = {path: load_scenario(path, spec.clauses) for path in paths}
    waiting = {path: scenario for path, scenario in scenarios.items() if not is_slow(scenario)}
    chosen: set[Path] = set()
    named = Counter(clause for scenario in waiting.values() for clause in {*scenario.clauses})
    times = _TIMES_WANTED if wanted else _TIMES
    missing = {clause: min(times, often) for clause, often in named.items() if not wanted or clause in wanted}
    while missing:
        best = max(waiting, key=lambda path: len(missing.keys() & waiting[path].clauses) / _cost(waiting[path]))
        chosen.add(best)
        for clause in missing.keys() & waiting.pop(best).clauses:
            missing[clause] -= 1
            if not missing[clause]:
                del missing[clause]
    return tuple(path for path in scenarios if path in chosen)


def _cost(scenario: Scenario) -> int:
    """Return about how many calls a scenario takes: one per step, and one final description."""
    return len(scenario.steps) + 1
