"""What judging costs: the time of a run on moto over the time of the very same boto3 calls, replayed bare.

Start-up and minimisation are left out; but as a run does, the judged side lets little be looked through for garbage.
The bare calls are made as any program makes them, and once more with that done too.
moto's ids are seeded, so that the replayed calls name what they named before.
Each side has a process of its own; they take turns, and the median of the ratios is printed.
"""

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from moto.moto_api._internal import mock_random

from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.execution.walker import Walker
from ec2_lifecycle.conformance.findings.search import is_slow
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.running.garbage_collection import collect_less_often
from ec2_lifecycle.conformance.targets.moto import moto_target
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.files.format import load_scenario
from ec2_lifecycle.strategies.walking.coverage import Coverage

CALLS = 2000
TURNS = 3
SEED = 11

Call = tuple[str, dict[str, Any]]


class Recorder:
    """A client that notes down every call."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.calls: list[Call] = []
        self.failed = 0

    def __getattr__(self, method: str) -> Any:
        real = getattr(self.client, method)

        def call(**parameters: Any) -> Any:
            self.calls.append((method, parameters))
            try:
                return real(**parameters)
            except Exception:
                self.failed += 1
                raise

        return call


def seeded_moto(wrap: Callable[[Any], Any]) -> Ec2Target:
    """Start moto with ids that come out the same in every process."""
    target = moto_target(wrap)
    mock_random.seed(SEED)
    return target


def judged() -> tuple[float, list[Call], int]:
    """Run scenarios until enough calls were made; return the seconds, the calls, and how many of them failed."""
    recorders: list[Recorder] = []

    def wrap(client: Any) -> Any:
        recorders.append(Recorder(client))
        return recorders[0]

    target = seeded_moto(wrap)
    runner = Runner(target, Engine(EC2))
    scenarios = [s for s in (load_scenario(path) for path in corpus_files()) if not is_slow(s)]
    recorders[0].calls.clear()
    recorders[0].failed = 0
    collect_less_often()  # as a run does before it begins
    walker, coverage = Walker(target, runner.engine, seed=SEED), Coverage()
    made = walks = 0
    began = time.perf_counter()
    for scenario in scenarios[: len(scenarios) // 4]:
        made += runner.run(scenario, coverage).calls
    while made < CALLS:
        made += walker.play(walks, coverage, CALLS - made).calls
        walks += 1
    return time.perf_counter() - began, recorders[0].calls, recorders[0].failed


def bare(calls: list[Call], spared: bool) -> tuple[float, int]:  # noqa: FBT001
    """Make the same calls with nothing around them; return the seconds, and how many failed."""
    clients: list[Any] = []

    def wrap(client: Any) -> Any:
        clients.append(client)
        return client

    seeded_moto(wrap)
    failed = 0
    if spared:
        collect_less_often()
    began = time.perf_counter()
    for method, parameters in calls:
        try:
            getattr(clients[0], method)(**parameters)
        except Exception:  # noqa: BLE001 - moto also fails inside
            failed += 1
    return time.perf_counter() - began, failed


def main() -> None:
    """Print the median ratios."""
    ratios: dict[bool, list[float]] = {False: [], True: []}
    spawn = multiprocessing.get_context("spawn")
    for turn in range(TURNS):
        with spawn.Pool(1) as pool:
            with_judging, calls, failed = pool.apply(judged)
        for spared, those in ratios.items():
            with spawn.Pool(1) as pool:
                without, failed_bare = pool.apply(bare, (calls, spared))
            if failed != failed_bare:
                sys.exit(f"the replay is not the same: {failed} calls failed in the run, {failed_bare} in the replay")
            those.append(with_judging / without)
            times = f"{with_judging:.2f} s judged, {without:.2f} s bare{' and seldom collected' if spared else ''}"
            print(f"turn {turn + 1}: {len(calls)} calls, {times}, {those[-1]:.3f}")
    for spared, those in ratios.items():
        over = "the same calls where garbage is as seldom collected" if spared else "bare boto3 calls"
        print(f"overhead of a run on moto over {over}: {statistics.median(those):.3f} (goal: at most 1.15)")


if __name__ == "__main__":
    sys.exit(main())
