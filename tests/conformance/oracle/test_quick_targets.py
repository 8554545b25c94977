"""Targets that show at once the state that EC2 only passes into: told so once, and judged all the same."""

from collections.abc import Mapping
from typing import Any

import pytest
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.target import Patience, Target
from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.execution.settle_timeouts import TIMEOUTS_BEFORE_SHORT, SettleTimeouts
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.planted_faults.faulty_ec2 import rewriting
from ec2_lifecycle.conformance.planted_faults.replies import Reply
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.states import CODES, InstanceState
from ec2_lifecycle.strategies.files.format import read_scenario

RUNNING: Mapping[str, Any] = {"Code": CODES[InstanceState.RUNNING], "Name": "running"}


def found(target: Target, steps: str) -> tuple[Divergence, ...]:
    scenario = read_scenario(f"title: t\nsteps:\n{steps}", "t.yaml")
    return Runner(target, judge()).run(scenario).divergences


def runs_at_once(reply: Reply) -> None:
    for instance in reply["Instances"]:
        instance["State"] = RUNNING


def stops_dead(reply: Reply) -> None:
    for item in reply["StoppingInstances"]:
        item["CurrentState"] = {"Code": CODES[InstanceState.TERMINATED], "Name": "terminated"}


def is_stopped_at_once(reply: Reply) -> None:
    for item in reply["StoppingInstances"]:
        if item["CurrentState"]["Name"] == "stopping":
            item["CurrentState"] = {"Code": CODES[InstanceState.STOPPED], "Name": "stopped"}


STOPPED = "  - run: {name: A}\n  - settle\n  - stop: [A]\n  - settle\n  - start: [A]\n  - describe: [A]\n"


def test_an_instance_that_runs_at_once_is_told_under_its_launch_and_nothing_else_is_wrong() -> None:
    divergences = found(rewriting(Operation.RUN, runs_at_once).target(), STOPPED)
    assert {(d.clause, d.observed_class) for d in divergences} == {("RUN-1", "state:running")}


def test_what_is_wrong_later_with_such_an_instance_is_found_too() -> None:
    ec2 = rewriting(Operation.STOP, is_stopped_at_once)
    divergences = found(ec2.target(), STOPPED)
    assert [d.clause for d in divergences] == ["STOP-1"]
    later = found(ec2.target(), STOPPED + "  - stop: [A]\n")
    assert [d.clause for d in later][:1] == ["STOP-1"]


def test_a_state_that_does_not_come_next_throws_doubt_on_the_instance() -> None:
    divergences = found(rewriting(Operation.STOP, stops_dead).target(), STOPPED)
    assert len({defect_id(d) for d in divergences}) == 1


# Waits.


class NeverStops:
    """A client whose instance stops for ever; it counts how often it was looked at."""

    def __init__(self) -> None:
        self.state = dict(RUNNING)
        self.looks = 0

    def run_instances(self, **_: object) -> Reply:
        """Launch the instance."""
        self.state = {"Code": 0, "Name": "pending"}
        return {"Instances": [self.shown()]}

    def stop_instances(self, **_: object) -> Reply:
        """Let it stop, for ever."""
        before, self.state = self.state, {"Code": 64, "Name": "stopping"}
        return {"StoppingInstances": [{"InstanceId": "i-1", "PreviousState": before, "CurrentState": self.state}]}

    def describe_instances(self, **_: object) -> Reply:
        """Show it; a new one runs."""
        self.looks += 1
        if self.state["Name"] == "pending":
            self.state = dict(RUNNING)
        return {"Reservations": [{"Instances": [self.shown()]}]}

    def shown(self) -> Reply:
        """Return the instance as every reply shows it."""
        return {"InstanceId": "i-1", "State": self.state, "Placement": {"AvailabilityZone": "a"}}


@pytest.mark.parametrize("times", [TIMEOUTS_BEFORE_SHORT - 1, TIMEOUTS_BEFORE_SHORT])
def test_what_never_came_to_rest_before_is_not_waited_for_as_long(times: int) -> None:
    client = NeverStops()
    target = Ec2Target(client, name="fake", zones=("a",), patience=Patience(polls=9, first_pause=0.0))
    timeouts = SettleTimeouts()
    runner = Runner(target, judge(), timeouts=timeouts)
    scenario = read_scenario("title: t\nsteps:\n  - run: {name: A}\n  - settle\n  - stop: [A]\n  - settle\n", "t.yaml")
    for _ in range(times):
        timeouts.record(runner.run(scenario).timed_out)
    client.looks = 0
    outcome = runner.run(scenario)
    assert "STOP-7" in {d.clause for d in outcome.divergences}
    assert client.looks == 1 + (9 if times < TIMEOUTS_BEFORE_SHORT else 3)
