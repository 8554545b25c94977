"""What a cluster costs: the same work on a local Dask cluster of two workers and in two processes, and how both grow.

First `run moto`, a part of `derive` and a part of `adequacy`, each with the same results on both, and the ratio of the
wall clocks (goal: at most 1.2). Then campaigns of 1, 2, 4 and 8 seeds of moto on one and two workers: their throughput,
the processor time of all processes, and how much of it the scheduler takes. `--calls N` is for shorter runs.
Processor time hardly depends on what else the machine does; the wall clocks do.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from adequacy import all_mutants, here, on

from ec2_lifecycle.conformance.cluster.connection import Cluster, connected
from ec2_lifecycle.conformance.commands.derive import examiner
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.covering.examiner import Examiner
from ec2_lifecycle.conformance.covering.worker_pool import WorkerPool
from ec2_lifecycle.conformance.many_runs.one_run import in_order, ran
from ec2_lifecycle.conformance.many_runs.plan_file import CampaignPlan, TargetEntry
from ec2_lifecycle.conformance.running.campaign_process import CampaignProcess
from ec2_lifecycle.conformance.running.interrupts import Interrupts
from ec2_lifecycle.conformance.running.plan import LANES, Plan
from ec2_lifecycle.reports.events import TargetFinished

T = TypeVar("T")

WORKERS: Final = 2
CALLS: Final = 2000
SEEDS: Final = (1, 2, 4, 8)
HANG_AFTER: Final = 300.0
EXAMINED: Final = 60
"""One mutant in so many is examined."""
NOTICED: Final = 80
"""So many mutants are shown to the theorems."""


def run(calls: int, cluster: Cluster | None) -> TargetFinished:
    """Run moto; the result has no times."""
    plan = Plan(jobs=WORKERS if cluster is None else LANES, corpus=corpus_files(), max_calls=calls)
    with Interrupts() as interrupts, CampaignProcess("moto", plan, interrupts, HANG_AFTER, cluster=cluster) as process:
        process.ready()
        return replace(process.run(lambda _: None), seconds=0.0)


def derived(cluster: Cluster | None) -> list[object]:
    """Examine some mutants, which is most of the work of `derive`."""
    numbers = range(0, len(all_mutants()), EXAMINED)
    executor = None if cluster is None else cluster.executor()
    with WorkerPool(examiner, WORKERS, executor) as workers:
        return [*workers.map(Examiner.examine, numbers, lambda _: None)]


def noticed(cluster: Cluster | None) -> list[object]:
    """Show some mutants to the theorems, as `adequacy` does with all."""
    names = list(all_mutants())[:NOTICED]
    return [each for part in (here(names) if cluster is None else on(cluster, names)) for each in part]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return how long something takes, and its result."""
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def compare(name: str, work: Callable[[Cluster | None], object], cluster: Cluster) -> None:
    """Print both times; end with an error if the results differ."""
    alone, expected = timed(lambda: work(None))
    there, result = timed(lambda: work(cluster))
    if result != expected:
        sys.exit(f"{name}: the cluster has other results")
    print(
        f"{name}: {alone:.1f} s in two processes, {there:.1f} s on two workers: {there / alone:.2f} times", flush=True
    )


def campaign(cluster: Cluster, seeds: int, calls: int) -> tuple[int, float, float, float]:
    """Run moto with some seeds; return the calls, the seconds, and the processor time of the scheduler and of all."""
    plan = CampaignPlan((TargetEntry("moto"),), tuple(range(seeds)), ("full",), calls, HANG_AFTER, Path())
    orders = in_order(plan, {"full": corpus_files()})
    before, of_workers = time.process_time(), computed_by_workers(cluster)
    took, results = timed(lambda: [each.result() for each in [cluster.executor().submit(ran, one) for one in orders]])
    of_scheduler = time.process_time() - before
    every = of_scheduler + computed_by_workers(cluster) - of_workers
    ends = [event for runs in results for events in runs for event in events if isinstance(event, TargetFinished)]
    return sum(end.calls for end in ends), took, of_scheduler, every


def computed_by_workers(cluster: Cluster) -> float:
    """Return the processor time of the workers, and of the processes that they started and that are over."""
    times: dict[str, float] = cluster.client.run(computed)
    return sum(times.values())


def computed() -> float:
    """Return the processor time of this process and of those that it started."""
    return sum(os.times()[:4])


def grow(workers: Sequence[int], calls: int) -> None:
    """Print the table of throughput."""
    print("| workers | seeds | calls | seconds | calls per second | processor seconds | of these the scheduler |")
    print("|---|---|---|---|---|---|---|")
    for number in workers:
        with connected("local", number) as cluster:
            for seeds in SEEDS:
                made, took, of_scheduler, every = campaign(cluster, seeds, calls)
                share = f"{100 * of_scheduler / every:.1f} %"
                row = (number, seeds, f"{made:,}", f"{took:.0f}", f"{made / took:.1f}", f"{every:.0f}", share)
                print(f"| {' | '.join(map(str, row))} |", flush=True)


def main() -> None:
    """Print the ratios and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, metavar="N")
    parser.add_argument("--only", choices=("same", "growth"))
    given = parser.parse_args()
    if given.only != "growth":
        with connected("local", WORKERS) as cluster:
            compare("run moto", lambda where: run(given.calls, where), cluster)
            compare("derive, one mutant in 60", derived, cluster)
            compare(f"adequacy, {NOTICED} mutants", noticed, cluster)
    if given.only != "same":
        grow((1, WORKERS), given.calls)


if __name__ == "__main__":
    main()
