"""Chooses the scenarios of the corpus that a tier plays, and how a run plays them."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Final

from ...model.specification import Specification
from ...strategies.files.format import load_scenario
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
    """Return the shortest files that name each wanted clause; the shortest of every clause come first.

    Each clause gets the files that it gets alone. So a run for more clauses finds no less.
    """
    loaded = {path: load_scenario(path, spec.clauses) for path in paths}
    scenarios = {path: scenario for path, scenario in loaded.items() if not is_slow(scenario)}
    shortest = sorted(scenarios, key=lambda path: len(scenarios[path].steps))
    ranks: dict[Path, int] = {}
    for clause in wanted:
        about = [path for path in shortest if clause in scenarios[path].clauses]
        for rank, path in enumerate(about[:_TIMES_WANTED]):
            ranks[path] = min(rank, ranks.get(path, rank))
    return tuple(sorted((path for path in scenarios if path in ranks), key=lambda path: ranks[path]))
