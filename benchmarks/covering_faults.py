"""How many faults of the bank the covering suite finds, over HTTP, in the served model with the fault in it.

The target is a plain endpoint: one caller, EBS roots, no clock to put forward.
With `--halves` it prints what a suite finds of one half of the bank that was derived with the other half alone:
it leaves out the scenarios that the manifest names for faults of the first half and for nothing else.
"""

import argparse
from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.commands.scenario_files import covering_files
from ec2_lifecycle.conformance.covering.suite import Suite, load
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.emulator.regions import DEFAULT_REGION
from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.options import Settings
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK
from ec2_lifecycle.conformance.planted_faults.fault import BankFault
from ec2_lifecycle.conformance.planted_faults.handlers import FaultySimulation
from ec2_lifecycle.conformance.planted_faults.replies import InterceptedClient
from ec2_lifecycle.conformance.targets.endpoint import endpoint_target
from ec2_lifecycle.model.specification import EC2

SEED: Final = 20
"""Chooses the halves."""


@dataclass(frozen=True, slots=True)
class Played:
    """What the suite came to on one target: the scenarios that found something, and the calls to the first finding."""

    finding: frozenset[str]
    calls: int | None
    skipped: frozenset[str]


def plant(model: ServedModel, fault: BankFault, behaviour: Behaviour) -> None:
    """Put a fault into the account of a served model."""
    cloud = model.endpoint.cloud
    client: Any = cloud.region(DEFAULT_REGION.name)
    if fault.ec2.handler is not None:
        account = client.simulation.account
        clock: Any = cloud.clock
        client.simulation = FaultySimulation(EC2, behaviour, clock, account, fault.ec2.handler)
    intercepted: Any = InterceptedClient(fault.ec2.interceptors(), client, owner=client)
    cloud.regions[DEFAULT_REGION.name] = intercepted


@contextmanager
def served(fault: BankFault | None) -> Generator[Target]:
    """Serve the model with a fault in it, and give the endpoint as a target."""
    behaviour = BANK[0].ec2.behaviour
    model = ServedModel(Settings(behaviour))
    if fault is not None:
        plant(model, fault, behaviour)
    with serve_in_thread(model) as url:
        yield endpoint_target(url)


def played(suite: Suite, fault: BankFault | None, engine: Engine, *, to_the_end: bool) -> Played:
    """Play the suite in its order, to its end or to the first divergence."""
    finding: set[str] = set()
    skipped: set[str] = set()
    calls, first = 0, None
    with served(fault) as target:
        for name, scenario in suite.scenarios.items():
            if len(scenario.instance_names) > len(BANK):
                continue  # the thousand ids
            outcome = Runner(target, engine).run(scenario)
            calls += outcome.calls
            if outcome.skipped is not None:
                skipped.add(name)
            if outcome.divergences:
                finding.add(name)
                first = first or calls
                if not to_the_end:
                    break
    return Played(frozenset(finding), first, frozenset(skipped))


def derived_without(suite: Suite, faults: Collection[str]) -> frozenset[str]:
    """Return the scenarios of a suite that was derived without these faults."""
    needed = {name for verdict in suite.verdicts if verdict.mutant not in faults for name, _ in verdict.killed_by}
    return frozenset(needed | suite.patterns | suite.exercises.keys())


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--halves", action="store_true", help="measure on the half that was not used to derive")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    suite, engine = load(covering_files()[0].parent), Engine(EC2)
    clean = played(suite, None, engine, to_the_end=True)
    assert not clean.finding, clean.finding
    results = [(fault, played(suite, fault, engine, to_the_end=chosen.halves)) for fault in BANK]
    for fault, result in results:
        if not result.finding:
            print(f"not found: {fault}")
    found = [result.calls for _, result in results if result.calls is not None]
    print(
        f"{len(clean.skipped)} of {len(suite.scenarios)} scenarios skipped; "
        f"{len(found)} of {len(BANK)} faults found, half of them within {sorted(found)[len(found) // 2]} calls"
    )
    if not chosen.halves:
        return
    order = list(results)
    Random(chosen.seed).shuffle(order)  # noqa: S311 - no secret
    middle = len(order) // 2
    for measured in (order[:middle], order[middle:]):
        kept = derived_without(suite, {fault.id for fault, _ in measured})
        seen = sum(bool(result.finding & kept) for _, result in measured)
        print(
            f"derived with one half ({len(kept)} scenarios): {seen} of {len(measured)} faults of the other half found"
        )


if __name__ == "__main__":
    main()
