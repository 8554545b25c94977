"""Which scenarios of the corpus a quick run plays."""

from collections.abc import Collection, Iterable
from pathlib import Path

from ..model.specification import Specification
from ..strategies.format import load_scenario
from ..strategies.scenario import Scenario
from .collecting import is_slow


def quick(spec: Specification, paths: Iterable[Path], wanted: Collection[str] = ()) -> tuple[Path, ...]:
    """Return few files that together have every clause that any has, with few steps, in their order.

    Greedy, as is usual for set covers: next comes whatever has most clauses not yet had for its steps.
    Where `wanted` has clauses, only those count. Scenarios that take seconds are left out.
    """
    scenarios = {path: load_scenario(path, spec.clauses) for path in paths}
    waiting = {path: scenario for path, scenario in scenarios.items() if not is_slow(scenario)}
    chosen: set[Path] = set()
    missing = {clause for scenario in waiting.values() for clause in scenario.clauses if not wanted or clause in wanted}
    while missing:
        best = max(waiting, key=lambda path: len(missing & set(waiting[path].clauses)) / _cost(waiting[path]))
        chosen.add(best)
        missing -= set(waiting.pop(best).clauses)
    return tuple(path for path in scenarios if path in chosen)


def _cost(scenario: Scenario) -> int:
    """Return about how many calls a scenario takes: one for each step and one to look at the end."""
    return len(scenario.steps) + 1
