"""Checks that `run moto` finds the same with two seeds, and that no step of a finding's scenario is superfluous.

Run by `nox -s bench`, or with the project and moto installed: `python benchmarks/saturation.py`.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from textwrap import indent
from typing import Final

from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.findings.search import is_slow
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.moto import moto_target
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import Finding, TargetFinished
from ec2_lifecycle.strategies.files.format import read_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.step_removal import without_steps

SEEDS: Final = (0, 1)


def finished(seed: int) -> TargetFinished:
    """Run everything on moto."""
    plan = Plan(seed=seed, corpus=corpus_files())
    return run_here(moto_target(), "moto", EC2, plan, lambda _: None)


def smaller(scenario: Scenario) -> Iterator[Scenario]:
    """Yield the scenario without each of its steps and what only that step creates."""
    for place in range(len(scenario.steps)):
        steps = without_steps(scenario.steps, (place,))
        if steps:
            yield Scenario(scenario.title, scenario.clauses, steps)


def superfluous(runner: Runner, finding: Finding) -> bool:
    """Tell whether a smaller scenario shows the same finding."""
    scenario = read_scenario(finding.scenario_text, finding.id)
    return any(finding.id in map(defect_id, runner.run(candidate).divergences) for candidate in smaller(scenario))


def main() -> None:
    """Run moto with each seed, and print findings that differ or are not minimal."""
    with ProcessPoolExecutor() as pool:
        runs = list(pool.map(finished, SEEDS))
    for run in runs:
        print(
            f"seed {run.seed}: {len(run.findings)} findings, {run.calls:,} calls, {run.seconds:.0f} s, "
            f"stopped: {run.stopped}, {dict(run.coverage)}"
        )
    found = [{finding.id: finding for finding in run.findings} for run in runs]
    everything = {name: finding for each in found for name, finding in each.items()}
    differing = [name for name in everything if not all(name in each for each in found)]
    print(f"goal: two seeds list the same findings: {_met(not differing)} ({len(differing)} differ)")
    for name in differing:
        seeds = [run.seed for run, each in zip(runs, found, strict=True) if name in each]
        print(f"  only with seed {seeds}: {name} {everything[name].clause} {everything[name].title}")
        print(indent(everything[name].scenario_text.partition("steps:\n")[2].partition("finding:")[0], "    "), end="")
    runner = Runner(moto_target(), Engine(EC2))
    # Launches of a thousand instances were minimised by hand, and take too long to replay for each step.
    quick = [f for f in everything.values() if not is_slow(read_scenario(f.scenario_text, f.id))]
    larger = [finding for finding in quick if superfluous(runner, finding)]
    print(f"goal: no step of a finding's scenario can go: {_met(not larger)} ({len(larger)} of {len(quick)})")
    for finding in larger:
        print(f"  {finding.id} {finding.clause} {finding.title}")


def _met(met: bool) -> str:  # noqa: FBT001
    return "met" if met else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
