"""Chooses the scenarios of the tier `smoke`, and writes `conformance/corpus/smoke.txt`; takes minutes.

Every fast scenario of the corpus is played on moto, on an endpoint that offers nothing but EC2's calls, and on the
model with several seeds. The choice is a greedy cover: the next scenario puts the most missing clauses to the test
for its calls, and what later ones make superfluous is left out. First come those for TERM-4 and TERM-5, until it is all
but sure that EC2 puts both to the test whatever it chooses; then those for every clause that moto or the endpoint can
be held to; last those for clauses that have a chance on the model alone.
Behind a name stand the clauses that it is there for. A run leaves it out where others have put all of them to the test.
"""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from plain_endpoint import plain_endpoint

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.findings.search import is_slow, sightings
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.running.tiers import SMOKE
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.conformance.targets.moto import moto_target
from ec2_lifecycle.model.clauses import EvidenceClass
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.building.racy_scenarios import is_racy
from ec2_lifecycle.strategies.files.format import load_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario

SEEDS: Final = 10
_ALWAYS: Final = ("TERM-4", "TERM-5")
_ALL_BUT_SURE: Final = 9.0
"""The negative logarithm of the chance that a clause of `_ALWAYS` is not put to the test: 1 in 8000."""
_FAIR: Final = 0.3
"""The same for clauses that only the model can be held to: 3 in 4, because it costs many calls to do better."""
_SUREST: Final = 0.95
"""The highest chance that a scenario is given, because a few seeds say no more."""

_ON_THEIR_OWN: Final = frozenset({"reboot/stopped.yaml", "start/sets-the-launch-time.yaml"})
"""Scenarios that no other replaces: others seem to put the same clauses to the test, where a machine is slow enough,
or where another defect shows in the same way.
"""
_OF_THE_MODEL: Final = 0.2
"""What a call of the model counts for: it has most of them, because it makes a settle wait."""

Wanted = Mapping[str, float]
"""What is to be put to the test, and how much of it is still missing."""


@dataclass(slots=True)
class Candidate:
    """A scenario, and what its plays came to."""

    name: str
    calls: float = 0.0
    gains: dict[str, float] = field(default_factory=dict[str, float])


def play(target: Target, scenarios: Mapping[str, Scenario]) -> dict[str, tuple[int, set[str], set[str]]]:
    """Return for each scenario all its calls, the clauses that it put to the test, and those that diverged."""
    runner = Runner(target, Engine(EC2))
    played: dict[str, tuple[int, set[str], set[str]]] = {}
    for name, scenario in scenarios.items():
        outcome = runner.run(scenario)
        in_vain = not outcome.saw_transitional and is_racy(scenario.steps, EC2)
        diverged = {seen.divergence.clause for seen in sightings(outcome) if seen.stands_first}
        checked = {c for c, n in outcome.checks.items() if n and not (in_vain and c in scenario.clauses)}
        played[name] = (
            outcome.calls + outcome.cleared.calls,
            checked & JUDGED,
            diverged & JUDGED,
        )
    return played


def candidates(scenarios: Mapping[str, Scenario]) -> list[Candidate]:
    """Play all scenarios, and return what each is good for."""
    on_model = [play(model_target(seed=seed), scenarios) for seed in range(SEEDS)]
    on_plain = play(plain_endpoint(), scenarios)
    moto = moto_target()
    on_moto = play(moto, scenarios)
    moto.close()
    found: list[Candidate] = []
    for name in scenarios:
        one = Candidate(name, on_moto[name][0] + _OF_THE_MODEL * sum(played[name][0] for played in on_model) / SEEDS)
        for clause in JUDGED:
            chance = sum(clause in played[name][1] for played in on_model) / SEEDS
            if chance:
                one.gains[f"model {clause}"] = -math.log(1 - min(chance, _SUREST))
        one.gains |= {f"moto {clause}": 1.0 for clause in on_moto[name][1] | on_moto[name][2]}
        one.gains |= {f"plain {clause}": 1.0 for clause in on_plain[name][1]}
        one.gains |= {f"moto breaks {clause}": 1.0 for clause in on_moto[name][2].intersection(_ALWAYS)}
        if one.calls:
            found.append(one)
    return found


def cover(waiting: Sequence[Candidate], chosen: list[Candidate], wanted: Wanted) -> None:
    """Add candidates until nothing more of what is wanted can be had, without those that are not needed for it."""
    kept = len(chosen)
    missing = still_missing(chosen, wanted)

    def gain(one: Candidate) -> float:
        useful = ((min(left, one.gains.get(what, 0.0)), wanted[what]) for what, left in missing.items() if left > 0)
        return sum(part / whole for part, whole in useful) / one.calls

    while True:
        best = max((one for one in waiting if one not in chosen), key=gain)
        if gain(best) <= 0:
            break
        chosen.append(best)
        missing = {what: left - best.gains.get(what, 0.0) for what, left in missing.items()}

    for one in sorted(chosen[kept:], key=lambda one: -one.calls):
        others = [other for other in chosen if other is not one]
        if all(left <= max(missing[what], 0.0) for what, left in still_missing(others, wanted).items()):
            chosen.remove(one)


def still_missing(chosen: Sequence[Candidate], wanted: Wanted) -> dict[str, float]:
    """Return how much of what is wanted some candidates lack; negative where they have more than enough."""
    return {what: amount - sum(one.gains.get(what, 0.0) for one in chosen) for what, amount in wanted.items()}


def purposes(chosen: Sequence[Candidate], of_the_model: Wanted) -> Iterator[tuple[Candidate, list[str]]]:
    """Yield each candidate with the clauses that it puts to the test and no earlier one does, on one of the targets."""
    missing = dict(of_the_model)
    met: set[str] = set()
    for one in chosen:
        elsewhere = {what for what in one.gains if not what.startswith("model ")}
        new = {what for what in one.gains if missing.get(what, 0.0) > 0} | (elsewhere - met)
        yield one, [] if one.name in _ON_THEIR_OWN else sorted({what.rpartition(" ")[2] for what in new})
        met |= new
        missing = {what: left - one.gains.get(what, 0.0) for what, left in missing.items()}


def main() -> int:
    """Write the list."""
    scenarios = {
        f"{path.parent.name}/{path.name}": scenario
        for path in corpus_files()
        if not is_slow(scenario := load_scenario(path, EC2.clauses))
    }
    waiting = candidates(scenarios)
    chosen: list[Candidate] = []
    always = {f"moto breaks {clause}": 1.0 for clause in _ALWAYS}
    cover(waiting, chosen, always | {f"model {clause}": _ALL_BUT_SURE for clause in _ALWAYS})
    chosen += [one for one in waiting if one.name in _ON_THEIR_OWN and one not in chosen]
    possible = sorted({what for one in waiting for what in one.gains})
    elsewhere = [what for what in possible if not what.startswith("model ")]
    cover(waiting, chosen, dict.fromkeys(elsewhere, 1.0))
    held = {what.rpartition(" ")[2] for what in elsewhere}
    only = [what for what in possible if what.startswith("model ") and what.rpartition(" ")[2] not in held]
    cover(waiting, chosen, dict.fromkeys(only, _FAIR))
    missing = {f"model {clause}": _ALL_BUT_SURE for clause in _ALWAYS} | dict.fromkeys(only, _FAIR)
    lines = [" ".join([one.name, *purpose]) for one, purpose in purposes(chosen, missing)]
    Path("conformance", "corpus", SMOKE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return 0


JUDGED: Final = {clause.id for clause in EC2.clauses.values() if clause.evidence_class is not EvidenceClass.ASSUMED}


if __name__ == "__main__":
    sys.exit(main())
