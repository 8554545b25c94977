"""How many faults of the bank the covering suite finds, over HTTP, in the served model with the fault in it.

The target is a plain endpoint: one caller, EBS roots, no clock to put forward.
With `--halves` it cuts the bank into halves by the seed, derives a suite that knows only one of them,
and prints what that suite finds of the other. It does so both ways, for each seed; that takes as long as `derive`.
Those who wrote the patterns knew the whole bank, so that these figures are an upper estimate.
"""

import argparse
import os
import pickle
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.commands.derive import examiner
from ec2_lifecycle.conformance.commands.scenario_files import covering_files
from ec2_lifecycle.conformance.covering.derive import choose
from ec2_lifecycle.conformance.covering.gathering import Gathered, Material, gather
from ec2_lifecycle.conformance.covering.suite import Kind, Suite, load, stored_verdicts
from ec2_lifecycle.conformance.covering.worker_pool import WorkerPool
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
from ec2_lifecycle.model.proof.mutants import mutants
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.covering.candidates import candidates

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


def calls_to_find(suite: Suite, fault: BankFault, engine: Engine) -> int | None:
    """Play the suite in its order; return the calls until the first divergence, None without one."""
    calls = 0
    with served(fault) as target:
        for scenario in suite.scenarios.values():
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


def measure(suite: Suite, faults: Sequence[BankFault], engine: Engine) -> None:
    """Print how many of some faults a suite finds, and which it does not find."""
    made = [(fault, calls_to_find(suite, fault, engine)) for fault in faults]
    calls = sorted(made_calls for _, made_calls in made if made_calls is not None)
    for fault, made_calls in made:
        if made_calls is None:
            print(f"not found: {fault}")
    print(
        f"{len(suite.scenarios)} scenarios of {sum(suite.calls.values())} calls find "
        f"{len(calls)} of {len(made)} faults; half of these within {calls[len(calls) // 2]} calls",
        flush=True,
    )


def gathered_once(path: Path | None) -> Gathered:
    """Return what a suite can be chosen from: from a file of an earlier run, or else gathered now and stored there."""
    _, verdicts = stored_verdicts(covering_files()[0].parent)
    material = Material(known={one.mutant: one for one in verdicts if one.kind is not Kind.KILLABLE})
    if path is not None and path.exists():
        examined, matrix = pickle.loads(path.read_bytes())  # noqa: S301 - written by this benchmark
        return Gathered(EC2, material, candidates(EC2, material.scopes), examined, matrix)
    with WorkerPool(examiner, os.cpu_count() or 1) as workers:
        gathered = gather(workers, EC2, mutants(), _silent, material)
    if path is not None:
        path.write_bytes(pickle.dumps((gathered.examined, gathered.matrix)))
    return gathered


def measure_halves(gathered: Gathered, seed: int, engine: Engine) -> None:
    """Derive a suite with each half of the bank, and print what it finds of the other."""
    order = list(BANK)
    Random(seed).shuffle(order)  # noqa: S311 - no secret
    middle = len(order) // 2
    for unknown in (order[:middle], order[middle:]):
        with WorkerPool(examiner, os.cpu_count() or 1) as workers:
            suite = choose(workers, gathered.without_faults(frozenset(fault.id for fault in unknown)), "", _silent)
        print(f"seed {seed}, derived with {len(order) - len(unknown)} faults of the bank, measured on the others:")
        measure(suite, unknown, engine)


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--halves", action="store_true", help="measure on the half that was not used to derive")
    parser.add_argument("--seed", type=int, nargs="+", default=[SEED], help="how to cut the bank; several are measured")
    parser.add_argument("--gathered", type=Path, help="a file that keeps what takes long, for another run")
    chosen = parser.parse_args()
    engine = Engine(EC2)
    if chosen.halves:
        gathered = gathered_once(chosen.gathered)
        for seed in chosen.seed:
            measure_halves(gathered, seed, engine)
        return
    suite = load(covering_files()[0].parent)
    skipped = skipped_on_a_plain_endpoint(suite, engine)
    print(f"{len(skipped)} of {len(suite.scenarios)} scenarios need more than a plain endpoint")
    measure(suite, BANK, engine)


if __name__ == "__main__":
    main()
