"""Chooses the scenarios of the corpus that a tier plays, and how a run plays them."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Final

from ...model.specification import Specification
from ...strategies.files.format import load_scenario
from ...strategies.scenario.scenario import Scenario
from ..findings.search import is_slow
from .plan import Plan

SMOKE: Final = "smoke.txt"
"""The file of the corpus that lists the scenarios of a quick run; `nox -s smoke` chooses them by what they do."""
SMOKE_CALLS: Final = 380
"""The most calls of a quick run: with the 20 or so that show what a target supports, it makes at most 400."""
_TIMES_WANTED: Final = 10
"""Scenarios to play for each wanted clause, where there are as many."""


def quick(spec: Specification, paths: Iterable[Path], wanted: Collection[str] = ()) -> tuple[Path, ...]:
    """Return the files of a quick run: those that the corpus lists, the ones for the worst defects first.

    `purposes` says which of them a run leaves out.

    If `wanted` names clauses, the files are those about them instead, several for each clause,
    because the situation of one scenario may not occur on a target. Slow scenarios are left out.
    """
    if wanted:
        return _about(spec, paths, wanted)
    by_name = {f"{path.parent.name}/{path.name}": path for path in paths}
    return tuple(by_name[name] for name in _listed())


def purposes() -> dict[str, frozenset[str]]:
    """Return the clauses that a file of a quick run is there for, by `folder/name`, for those that a run may leave out.

    It does so once the target was put to the test for all of them. A target that answers more than others needs fewer.
    """
    return {name: frozenset(clauses) for name, clauses in _listed().items() if clauses}


def as_tier(plan: Plan, tier: str) -> Plan:
    """Return a plan that plays its files as a tier does: only `full` adds walks, and `smoke` makes few calls."""
    is_quick = tier == "smoke" and not plan.clauses
    few = SMOKE_CALLS if tier == "smoke" and plan.time_budget is None else None
    return replace(
        plan,
        generate=tier == "full",
        purposes=purposes() if is_quick else {},
        confirm_last=is_quick,
        max_calls=plan.max_calls or few,
    )


def without_slow(spec: Specification, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files without those that launch or name about a thousand instances."""
    return tuple(path for path in paths if not is_slow(load_scenario(path, spec.clauses)))


def _listed() -> dict[str, list[str]]:
    """Return the files of a quick run with the clauses behind their names."""
    lines = files("ec2_lifecycle.conformance.corpus").joinpath(SMOKE).read_text(encoding="utf-8").splitlines()
    return {name: clauses for name, *clauses in map(str.split, lines)}


def _about(spec: Specification, paths: Iterable[Path], wanted: Collection[str]) -> tuple[Path, ...]:
    """Return a small set of files that name each wanted clause several times with few steps, in their order.

    The choice is a greedy set cover: the next file is the one with the most missing clauses per step.
    """
    scenarios = {path: load_scenario(path, spec.clauses) for path in paths}
    waiting = {path: scenario for path, scenario in scenarios.items() if not is_slow(scenario)}
    chosen: set[Path] = set()
    named = Counter(clause for scenario in waiting.values() for clause in {*scenario.clauses})
    missing = {clause: min(_TIMES_WANTED, often) for clause, often in named.items() if clause in wanted}
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
