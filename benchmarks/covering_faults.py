"""How many faults of the bank the covering suite finds, over HTTP, in the served model with the fault in it.

The target is a plain endpoint: one caller, EBS roots, no clock to put forward.
With `--halves` it prints what a suite finds of one half of the bank that was derived with the other half alone:
it leaves out the scenarios that the manifest names for faults of the first half and for nothing else.
"""

import argparse
from collections.abc import Collection, Generator
from contextlib import contextmanager
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


def calls_to_find(suite: Suite, names: Collection[str], fault: BankFault, engine: Engine) -> int | None:
    """Play some scenarios of the suite in its order; return the calls until the first divergence, None without one."""
    calls = 0
    with served(fault) as target:
        for name, scenario in suite.scenarios.items():
            if name in names:
                outcome = Runner(target, engine).run(scenario)
                calls += outcome.calls
                if outcome.divergences:
                    return calls
    return None


def skipped_on_a_plain_endpoint(suite: Suite, engine: Engine) -> list[str]:
    """Play the suite on the model without a fault, which it finds nothing wrong with; return what was skipped."""
    skipped: list[str] = []
    with served(None) as target:
        for name, scenario in suite.scenarios.items():
            outcome = Runner(target, engine).run(scenario)
            assert not outcome.divergences, name
            if outcome.skipped is not None:
                skipped.append(name)
    return skipped


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
    skipped = skipped_on_a_plain_endpoint(suite, engine)
    print(f"{len(skipped)} of {len(suite.scenarios)} scenarios need more than a plain endpoint")
    order = list(BANK)
    if chosen.halves:
        Random(chosen.seed).shuffle(order)  # noqa: S311 - no secret
    middle = len(order) // 2 if chosen.halves else len(order)
    for measured in filter(None, (order[:middle], order[middle:])):
        known = frozenset({fault.id for fault in measured} if chosen.halves else ())
        kept = derived_without(suite, known)
        made = [(fault, calls_to_find(suite, kept, fault, engine)) for fault in measured]
        calls = sorted(made_calls for _, made_calls in made if made_calls is not None)
        for fault, made_calls in made:
            if made_calls is None:
                print(f"not found: {fault}")
        print(
            f"{len(kept)} scenarios find {len(calls)} of {len(measured)} faults"
            f"{' of the half that they were not derived from' if chosen.halves else ''}; "
            f"half of these within {calls[len(calls) // 2]} calls"
        )


if __name__ == "__main__":
    main()
