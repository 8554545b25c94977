"""What a second process brings: the speed-up of a run of moto by two jobs, over that of bare processes.

A machine rarely gives two processes twice the speed of one. So the yardstick is measured on the same machine, in turns
with the runs: two processes that make the same bare boto3 calls, over one process that makes them.
Start-up is left out on both sides. With `--full`, the default run is timed with both numbers of jobs.
"""

import multiprocessing
import statistics
import sys
import time
from typing import Final

from bare_calls import Calls, made_again
from overhead import judged

from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.running.campaign_process import CampaignProcess
from ec2_lifecycle.conformance.running.interrupts import Interrupts
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.reports.events import TargetFinished

CALLS: Final = 3000
TURNS: Final = 3
HANG_AFTER: Final = 120.0


def run(jobs: int, max_calls: int | None) -> TargetFinished:
    """Run moto with a number of jobs."""
    plan = Plan(jobs=jobs, corpus=corpus_files(), max_calls=max_calls)
    with Interrupts() as interrupts, CampaignProcess("moto", plan, interrupts, HANG_AFTER) as process:
        process.ready()
        return process.run(lambda _: None)


def bare_seconds(calls: Calls, processes: int) -> float:
    """Return how long so many processes take on average that all make these calls at the same time."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        took = [pool.apply_async(made_again, (calls, time.perf_counter)) for _ in range(processes)]
        return statistics.mean(result.get().seconds for result in took)


def check_found(one: TargetFinished, two: TargetFinished) -> None:
    """End with an error if two runs did not find the same."""
    if (one.findings, one.clauses, one.calls) != (two.findings, two.clauses, two.calls):
        sys.exit("the findings or the verdicts depend on the number of jobs")


def main() -> None:
    """Print the ratios, and with `--full` the seconds of the default run."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        calls = pool.apply(judged).calls
    shares: list[float] = []
    for turn in range(TURNS):
        one, two = run(1, CALLS), run(2, CALLS)
        check_found(one, two)
        of_bare = 2 * bare_seconds(calls, 1) / bare_seconds(calls, 2)
        of_run = one.seconds / two.seconds
        shares.append(of_run / of_bare)
        print(
            f"turn {turn + 1}: {one.calls} calls, {one.seconds:.1f} s with one job, {two.seconds:.1f} s with two: "
            f"{of_run:.2f} times as fast; bare processes: {of_bare:.2f} times; {shares[-1]:.3f} of that"
        )
    print(f"speed-up of two jobs over that of bare processes: {statistics.median(shares):.3f} (goal: at least 0.85)")
    if "--full" in sys.argv:
        one, two = run(1, None), run(2, None)
        check_found(one, two)
        print(f"the default run of moto: {one.seconds:.0f} s with one job, {two.seconds:.0f} s with two")


if __name__ == "__main__":
    main()
