"""How many findings a run makes of a target with one planted fault, or with two.

It prints how many faults were found, under which clause, and how many findings there are for each fault.
A pair is a fault of the bank beside one of the others; only such pairs count in which each shows by itself.
"""

import argparse
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Final

from rehearsed import corpus, is_large

from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK, FAULTS
from ec2_lifecycle.conformance.planted_faults.fault import BankFault, Fault
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.model.specification import EC2

CALLS: Final = 3_000
"""The calls to each target."""
SEED: Final = 19
"""Chooses the pairs."""
EVERY: Final[Sequence[Fault]] = (*BANK, *FAULTS)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a run found of a target with one fault."""

    fault: str
    findings: tuple[tuple[tuple[str, ...], str, str], ...]
    """The clauses, the status and the title of each."""
    named: bool
    """Whether each fault has a clause that it breaks among the clauses of a finding."""


def pair_of(bank: BankFault, other: Fault) -> Fault | None:
    """Return both faults in one target; None where one of them does not show beside the other."""
    if other.ec2.handler is not None:
        return None
    both = replace(other.ec2, handler=bank.ec2.handler, behaviour=bank.ec2.behaviour, patience=bank.ec2.patience)
    pair = replace(other, sentence=f"{other.sentence}; {bank}", ec2=both)
    named = [scenario for scenario in corpus() if other.clause in scenario.clauses and not is_large(scenario)]
    judge = Engine(EC2)
    for clause, scenarios in ((bank.clause, [bank.scenario]), (other.clause, named)):
        shown = (Runner(pair.target(), judge).run(scenario).divergences for scenario in scenarios)
        if not any(divergence.clause == clause for found in shown for divergence in found):
            return None
    return pair


def pairs(number: int) -> list[tuple[Fault, tuple[frozenset[str], ...]]]:
    """Choose pairs by chance, each with the clauses that its faults break."""
    chance = Random(SEED)  # noqa: S311 - no secret
    possible = [(bank, other) for bank in BANK for other in FAULTS if bank.clauses.isdisjoint(other.clauses)]
    chance.shuffle(possible)
    found: list[tuple[Fault, tuple[frozenset[str], ...]]] = []
    for bank, other in possible:
        if len(found) == number:
            break
        pair = pair_of(bank, other)
        if pair is not None:
            found.append((pair, (bank.clauses, other.clauses)))
    return found


def diagnosed(fault: Fault, clauses: Collection[frozenset[str]], calls: int) -> Diagnosis:
    """Run a target. Each of its faults breaks the clauses of one of these sets."""
    corpus = tuple(sorted(Path(str(files("ec2_lifecycle.conformance.corpus"))).rglob("*.yaml")))
    plan = Plan(seed=0, corpus=corpus, max_calls=calls)
    done = run_here(fault.target(), "planted", EC2, plan, lambda _: None)
    findings = tuple((finding.clauses, finding.status, finding.title) for finding in done.findings)
    named = {clause for finding in done.findings for clause in finding.clauses}
    return Diagnosis(str(fault), findings, not any(map(named.isdisjoint, clauses)))


def _diagnosed_single(number: int, calls: int) -> Diagnosis:
    return diagnosed(EVERY[number], (EVERY[number].clauses,), calls)


def _diagnosed_pair(pairs_in_all: int, number: int, calls: int) -> Diagnosis:
    fault, clauses = _chosen(pairs_in_all)[number]
    return diagnosed(fault, clauses, calls)


_chosen = cache(pairs)
"""Each process chooses the pairs once."""


def main() -> None:
    """Print the figures, and each target that has no finding or several."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=8, help="take only one of so many faults")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--pairs", type=int, default=0, help="take so many pairs of faults instead")
    chosen = parser.parse_args()
    # A fault holds functions that cannot travel, so each process gets only the number of its own.
    chosen_of = partial(_diagnosed_pair, chosen.pairs) if chosen.pairs else _diagnosed_single
    numbers = range(chosen.pairs) if chosen.pairs else range(0, len(EVERY), chosen.every)
    with ProcessPoolExecutor() as pool:
        diagnoses = list(pool.map(chosen_of, numbers, [chosen.calls] * len(numbers)))
    for each in diagnoses:
        if len(each.findings) != (2 if chosen.pairs else 1) or not each.named:
            print(f"{each.fault}: {len(each.findings)} findings")
            for clauses, status, title in each.findings:
                print(f"  {', '.join(clauses)} {status}: {title}")
    found = [each for each in diagnoses if each.findings]
    findings = sum(len(each.findings) for each in found)
    kind = "pairs" if chosen.pairs else "faults"
    print(
        f"{len(diagnoses)} {kind}: {len(found)} found, {sum(each.named for each in found)} under their clause, "
        f"{findings} findings, {findings / max(1, len(found)):.2f} for each one found"
    )


if __name__ == "__main__":
    main()
