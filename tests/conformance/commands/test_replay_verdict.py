"""What a replay concludes from replies that say nothing."""

from collections import Counter
from dataclasses import replace

from ec2_lifecycle.conformance.commands.replay_verdict import verdict_of
from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.oracle.excuses import Excused
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.strategies.files.format import read_scenario

SCENARIO = read_scenario(
    "title: t\nclauses: [VOL-10]\nfinding: {id: f2:0000000000}\nsteps:\n  - run: {name: A}\n", "here.yaml"
)
PLAYED = Outcome(SCENARIO, 2, (), Counter({"VOL-10": 1}))


def test_a_finding_is_not_fixed_by_a_server_that_fails() -> None:
    assert verdict_of(SCENARIO, PLAYED).word == "FIXED"
    failed = replace(PLAYED, excusals=Counter({Excused(Operation.DETACH, "500"): 1}))
    verdict = verdict_of(SCENARIO, failed)
    assert verdict.word == "SKIPPED"
    assert verdict.why == "DetachVolume was answered with 500, which says nothing of the lifecycle"
