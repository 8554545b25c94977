"""Whole runs of moto with one defect repaired: exactly that finding must disappear.

It prints for each repair what disappeared and what came up besides.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rehearsed import corpus_files
from repaired_moto import REPAIRS, Repaired

from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.moto import moto_target
from ec2_lifecycle.model.specification import EC2

CALLS = 8_000


def found(calls: int, name: str | None) -> dict[str, str]:
    """Return what a run finds of moto with one repair, or as it is: the titles by id."""
    repairs = REPAIRS.get(name or "", {})
    plan = Plan(seed=0, corpus=corpus_files(), max_calls=calls)
    target = moto_target(lambda client: Repaired(client, repairs))
    done = run_here(target, "moto", EC2, plan, lambda _: None)
    return {finding.id: f"{finding.clause}: {finding.title}" for finding in done.findings}


def main() -> None:
    """Print a line for each repair, and how many were exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    runs = [None, *REPAIRS]
    # moto keeps what it holds for the whole process, so each run has its own.
    with ProcessPoolExecutor(max_tasks_per_child=1) as pool:
        before, *after = pool.map(partial(found, parser.parse_args().calls), runs)
    exact = 0
    for name, now in zip(REPAIRS, after, strict=True):
        gone, new = sorted(before.keys() - now.keys()), sorted(now.keys() - before.keys())
        exact += gone == [name] and not new
        print(f"{name} repaired ({before.get(name, 'not found before')})")
        for other in gone:
            if other != name:
                print(f"  gone too: {other} {before[other]}")
        for other in new:
            print(f"  new: {other} {now[other]}")
        if name in now:
            print("  still there")
    print(f"{len(before)} findings of moto; of {len(REPAIRS)} repairs {exact} took away exactly their own")


if __name__ == "__main__":
    main()
