"""The scenarios that tests play: those of the corpus, and as many generated ones as they want."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, cast

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.files.format import load_scenario
from ec2_lifecycle.strategies.generation.scenarios import Features, scenarios
from ec2_lifecycle.strategies.scenario.scenario import Scenario

CHECKS: Final = cast("list[HealthCheck]", list(HealthCheck))
LARGE: Final = 100
"""Instances from which on a scenario is a large one."""


@cache
def judge() -> Engine:
    """Return the judge of this process: what it has once worked out it remembers."""
    return Engine(EC2)


def corpus_files() -> tuple[Path, ...]:
    """Return the files of the corpus, in order."""
    folder = Path(str(files("ec2_lifecycle.conformance.corpus")))
    return tuple(sorted(folder.rglob("*.yaml")))


@cache
def corpus() -> tuple[Scenario, ...]:
    """Return the scenarios of the corpus, in the order of their files."""
    return tuple(map(load_scenario, corpus_files()))


@cache
def generated(count: int) -> tuple[Scenario, ...]:
    """Return drawn scenarios for a target that can do everything."""
    return tuple(drawn(Features(), 1, count))


def drawn(features: Features, seed: int, count: int) -> list[Scenario]:
    """Return scenarios that Hypothesis draws from a seed."""
    made: list[Scenario] = []

    @seeded(seed)
    @settings(database=None, phases=[Phase.generate], max_examples=count, deadline=None, suppress_health_check=CHECKS)
    @given(scenarios(features))
    def take(scenario: Scenario) -> None:
        made.append(scenario)

    take()
    return made


def is_large(scenario: Scenario) -> bool:
    """Tell whether a scenario launches so many instances that it is slow."""
    return len(scenario.instance_names) >= LARGE


def scenarios_for(fault: Fault) -> Iterator[Scenario]:
    """Yield the scenarios of the corpus, those that are most likely to show what is wrong first."""
    naming = [s for s in corpus() if fault.clause in s.clauses]
    yield from sorted(naming, key=is_large)
    yield from (s for s in corpus() if fault.clause not in s.clauses and not is_large(s))
