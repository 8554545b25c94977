"""Which scenarios of the corpus a quick run plays."""

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from ...model.specification import Specification
from ...strategies.files.format import load_scenario
from ...strategies.scenario.scenario import Scenario
from ..findings.collector import is_slow

_TIMES: Final = 3
_TIMES_WANTED: Final = 10
"""So many scenarios of each clause are played, where there are so many: of all clauses, or of some that are wanted."""


def quick(spec: Specification, paths: Iterable[Path], wanted: Collection[str] = ()) -> tuple[Path, ...]:
    """Return few files that have every clause that any has a few times, with few steps, in their order.

    A few times, since what one scenario is about may not come about on a target, or be in doubt there already.
    Greedy, as is usual for set covers: next comes whatever has most clauses still wanted for its steps.
    Where `wanted` has clauses, only those count. Scenarios that take seconds are left out.
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
    """Return about how many calls a scenario takes: one for each step and one to look at the end."""
    return len(scenario.steps) + 1
