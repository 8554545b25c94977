"""The suite against its own endpoint: over HTTP and through boto3, whatever EC2 may do raises nothing."""

import os
from dataclasses import replace

import pytest
from conforming_targets import BEHAVIOURS
from over_the_wire import served_target
from rehearsed import corpus, is_large, judge

from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.strategies.files.format import dump_scenario

EVERY = os.environ.get("EC2_LIFECYCLE_EVERY_SCENARIO") == "1"
SHARE = 1 if EVERY else 6
"""Of so many scenarios one is played, another one for each behaviour; `nox -s bench` plays all for each."""
LAGS = (0.0, 5.0) if EVERY else (0.0,)
"""How many seconds late the reads are. Without a server, test_late_reads.py tests late ones."""


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize(("number", "behaviour"), list(enumerate(BEHAVIOURS.values())), ids=BEHAVIOURS)
def test_the_served_model_conforms(number: int, behaviour: Behaviour, lag: float) -> None:
    found: list[str] = []
    calls = 0
    with served_target(replace(behaviour, read_lag=lag)) as target:
        runner = Runner(target, judge(), Settings(read_lag=lag))
        for scenario in [each for each in corpus() if not is_large(each)][number % SHARE :: SHARE]:
            outcome = runner.run(scenario)
            calls += outcome.calls
            found += [f"{each}\n{dump_scenario(scenario)}" for each in outcome.divergences]
            if outcome.broken is not None or (outcome.skipped is not None and behaviour.failures == 0):
                found.append(f"{outcome.broken or outcome.skipped}\n{dump_scenario(scenario)}")
    assert found == []
    assert calls > 500
