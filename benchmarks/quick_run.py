"""What the tiers `smoke` and `covering` cost on moto: their calls, and their time over that of the same calls, bare.

Start-up is left out, but not what shows which operations moto supports. Each side has a process of its own, and the
processor's time counts, so that other processes on the machine change little.
"""

import multiprocessing
import statistics
import sys
import time
from contextlib import suppress
from typing import Any

from overhead import Call, Recorder, seeded_moto

from ec2_lifecycle.conformance.commands.scenario_files import corpus_files, covering_files
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.garbage_collection import collect_less_often
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.running.tiers import SMOKE_CALLS, purposes, quick, without_slow
from ec2_lifecycle.model.specification import EC2

TURNS = 3


def plan_of(tier: str) -> Plan:
    """Return what `run --tier` plays."""
    if tier == "covering":
        return Plan(corpus=without_slow(EC2, covering_files()), generate=False)
    files = quick(EC2, corpus_files())
    return Plan(corpus=files, purposes=purposes(), generate=False, confirm_last=True, max_calls=SMOKE_CALLS)


def judged(tier: str) -> tuple[float, list[Call]]:
    """Play a tier; return the seconds, and the calls."""
    recorders: list[Recorder] = []

    def wrap(client: Any) -> Any:
        recorders.append(Recorder(client))
        return recorders[0]

    target = seeded_moto(wrap)
    plan = plan_of(tier)
    collect_less_often()
    began = time.process_time()
    run_here(target, "moto", EC2, plan, lambda _: None)
    return time.process_time() - began, recorders[0].calls


def bare(calls: list[Call]) -> float:
    """Make the same calls with nothing around them; return the seconds."""
    clients: list[Any] = []

    def wrap(client: Any) -> Any:
        clients.append(client)
        return client

    seeded_moto(wrap)
    collect_less_often()
    began = time.process_time()
    for method, parameters in calls:
        with suppress(Exception):  # moto refuses what it refused in the run
            getattr(clients[0], method)(**parameters)
    return time.process_time() - began


def main() -> None:
    """Print the calls and the ratio of each tier."""
    spawn = multiprocessing.get_context("spawn")
    for tier in ("smoke", "covering"):
        ratios: list[float] = []
        for turn in range(TURNS):
            with spawn.Pool(1) as pool:
                with_judging, calls = pool.apply(judged, (tier,))
            with spawn.Pool(1) as pool:
                without = pool.apply(bare, (calls,))
            ratios.append(with_judging / without)
            times = f"{with_judging:.2f} s judged, {without:.2f} s bare"
            print(f"{tier}, turn {turn + 1}: {len(calls)} calls, {times}, {ratios[-1]:.2f}")
        print(f"the tier {tier} on moto over its bare calls: {statistics.median(ratios):.2f} (goal: at most 1.5)")


if __name__ == "__main__":
    sys.exit(main())
