"""What the tiers `smoke` and `covering` cost on moto: their calls, and their time over that of the same calls, bare.

Start-up is left out, but not what shows which operations moto supports. Each side has a process of its own, and the
processor's time counts, so that other processes on the machine change little.
"""

import multiprocessing
import statistics
import sys

from bare_calls import Recording, check_same, made_again, recorded

from ec2_lifecycle.conformance.commands.scenario_files import corpus_files, covering_files
from ec2_lifecycle.conformance.running.campaign import run_here
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


def judged(tier: str) -> Recording:
    """Play a tier."""
    plan = plan_of(tier)
    return recorded(lambda target: run_here(target, "moto", EC2, plan, lambda _: None))


def main() -> None:
    """Print the calls and the ratio of each tier."""
    spawn = multiprocessing.get_context("spawn")
    for tier in ("smoke", "covering"):
        ratios: list[float] = []
        for turn in range(TURNS):
            with spawn.Pool(1) as pool:
                run = pool.apply(judged, (tier,))
            with spawn.Pool(1) as pool:
                bare = pool.apply(made_again, (run.calls,))
            check_same(run, bare)
            ratios.append(run.seconds / bare.seconds)
            times = f"{run.seconds:.2f} s judged, {bare.seconds:.2f} s bare"
            print(f"{tier}, turn {turn + 1}: {len(run.failed)} calls, {times}, {ratios[-1]:.2f}")
        print(f"the tier {tier} on moto over its bare calls: {statistics.median(ratios):.2f} (goal: at most 1.5)")


if __name__ == "__main__":
    sys.exit(main())
