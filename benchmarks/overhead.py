"""What judging costs: the time of a run on moto over the time of the very same boto3 calls, replayed bare.

Start-up and minimisation are left out; but as a run does, the judged side lets little be looked through for garbage.
The bare calls are made as any program makes them, and once more with that done too.
Each side has a process of its own, and the processor's time counts, so that other processes on the machine change
little. The sides take turns, and the median of the ratios is printed.
"""

import multiprocessing
import statistics
import sys

from bare_calls import Recorded, Recording, check_same, made_again, recorded

from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.execution.walker import Walker
from ec2_lifecycle.conformance.findings.search import is_slow
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.files.format import load_scenario
from ec2_lifecycle.strategies.walking.coverage import Coverage

CALLS = 2000
TURNS = 3
SEED = 11


def judged() -> Recording:
    """Run scenarios and walks until enough calls were made."""
    scenarios = [s for s in (load_scenario(path) for path in corpus_files()) if not is_slow(s)]

    def play(target: Recorded) -> None:
        runner = Runner(target, Engine(EC2))
        walker, coverage = Walker(target, runner.engine, seed=SEED), Coverage()
        made = walks = 0
        for scenario in scenarios[: len(scenarios) // 4]:
            made += runner.run(scenario, coverage).calls
        while made < CALLS:
            made += walker.play(walks, coverage, CALLS - made).calls
            walks += 1

    return recorded(play)


def main() -> None:
    """Print the median ratios."""
    ratios: dict[bool, list[float]] = {False: [], True: []}
    spawn = multiprocessing.get_context("spawn")
    for turn in range(TURNS):
        with spawn.Pool(1) as pool:
            run = pool.apply(judged)
        for spared, those in ratios.items():
            with spawn.Pool(1) as pool:
                bare = pool.apply(made_again, (run.calls,), {"spared": spared})
            check_same(run, bare)
            those.append(run.seconds / bare.seconds)
            times = f"{run.seconds:.2f} s judged, {bare.seconds:.2f} s bare{' and seldom collected' if spared else ''}"
            print(f"turn {turn + 1}: {len(run.failed)} calls, {times}, {those[-1]:.3f}")
    for spared, those in ratios.items():
        over = "the same calls where garbage is as seldom collected" if spared else "bare boto3 calls"
        print(f"overhead of a run on moto over {over}: {statistics.median(those):.3f} (goal: at most 1.15)")


if __name__ == "__main__":
    sys.exit(main())
