"""How many findings a run makes of a target with one planted fault.

It prints how many faults were found, under which clause, and how many findings there are for each fault.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from planted_faults.catalogue import BANK, FAULTS
from planted_faults.fault import Fault

from ec2_lifecycle.conformance.running.campaign import Campaign, Plan
from ec2_lifecycle.model.specification import EC2

CALLS: Final = 3_000
"""The calls to each target."""
EVERY: Final[Sequence[Fault]] = (*BANK, *FAULTS)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a run found of a target with one fault."""

    fault: str
    findings: tuple[tuple[tuple[str, ...], str, str], ...]
    """The clauses, the status and the title of each."""
    named: bool
    """Whether the clause that the fault breaks is among the clauses of a finding."""


def diagnosed(number: int, calls: int) -> Diagnosis:
    """Run a target with one fault, by its number."""
    fault = EVERY[number]
    corpus = tuple(sorted(Path(str(files("ec2_lifecycle.conformance.corpus"))).rglob("*.yaml")))
    plan = Plan(seed=0, corpus=corpus, max_calls=calls)
    done = Campaign(fault.target(), "planted", EC2, plan, lambda _: None).run()
    findings = tuple((finding.clauses, finding.status, finding.title) for finding in done.findings)
    return Diagnosis(str(fault), findings, any(fault.clause in clauses for clauses, _, _ in findings))


def main() -> None:
    """Print the figures, and each target that has no finding or several."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=8, help="take only one of so many faults")
    parser.add_argument("--calls", type=int, default=CALLS)
    chosen = parser.parse_args()
    numbers = range(0, len(EVERY), chosen.every)
    with ProcessPoolExecutor() as pool:
        diagnoses = list(pool.map(diagnosed, numbers, [chosen.calls] * len(numbers)))
    for each in diagnoses:
        if len(each.findings) != 1 or not each.named:
            print(f"{each.fault}: {len(each.findings)} findings")
            for clauses, status, title in each.findings:
                print(f"  {', '.join(clauses)} {status}: {title}")
    found = [each for each in diagnoses if each.findings]
    findings = sum(len(each.findings) for each in found)
    print(
        f"{len(diagnoses)} faults: {len(found)} found, {sum(each.named for each in found)} under their clause, "
        f"{findings} findings, {findings / max(1, len(found)):.2f} for each fault found"
    )


if __name__ == "__main__":
    main()
