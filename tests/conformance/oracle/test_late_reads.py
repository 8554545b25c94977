"""Reads that may be late: what a settle waits for because of them, and that what is wrong is found all the same."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from clients import Client
from rehearsed import corpus, judge

from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour, Bounds, StepKind
from ec2_lifecycle.conformance.execution.play import Play
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.conformance.targets.python import factory_target
from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.strategies.files.format import read_scenario
from ec2_lifecycle.strategies.scenario.steps import SettleStep

LAG: Final = 10.0
LATE: Final = Settings(read_lag=LAG)
TAKES_ITS_TIME: Final = {**AT_ONCE, StepName.LAUNCH_COMPLETES: (30.0, 30.0), StepName.STOP_COMPLETES: (30.0, 30.0)}


class Variation:
    """The steps of a scenario, played one by one, and when each step asked for something."""

    def __init__(self, delays: Mapping[StepKind, Bounds], *steps: str) -> None:
        target = model_target(behaviour=Behaviour(delays=delays))
        play = Play(target, judge(), LATE)
        self.asked: list[list[float]] = []
        self.ended: list[float] = []
        play.on_reply = lambda _operation, _observation: self.asked[-1].append(target.clock.now())
        text = "\n".join(f"  - {step}" for step in steps)
        for step in read_scenario(f"title: t\nsteps:\n{text}\n", "t.yaml").steps:
            self.asked.append([])
            assert play.perform(step) == ()
            self.ended.append(target.clock.now())


def test_what_took_longer_than_a_read_may_be_late_is_looked_at_no_more_once_it_rests() -> None:
    looks = Variation(TAKES_ITS_TIME, "run: {name: A}", "settle", "stop: [A]", "settle")
    for launch, settle in ((0, 1), (2, 3)):
        began = looks.ended[launch]
        *before, last = looks.asked[settle]
        assert max(before) < began + 30 <= last
        assert looks.ended[settle] == last


def test_what_rests_at_once_is_looked_at_once_more_when_no_read_can_be_late_any_more() -> None:
    looks = Variation(AT_ONCE, "run: {name: A}", "settle", "wait: 5", "stop: [A]", "settle")
    for launch, settle in ((0, 1), (3, 4)):
        *_, before, last = looks.asked[settle]
        assert before <= looks.ended[launch] + LAG < last <= looks.ended[launch] + LAG + 1


def test_where_nothing_has_changed_for_so_long_there_is_one_look() -> None:
    looks = Variation(AT_ONCE, "run: {name: A}", "settle", "wait: 20", "settle", "describe: [A]", "settle")
    assert looks.asked[3] == [looks.ended[2]]
    assert looks.asked[5] == [looks.ended[2]]


def test_the_time_that_has_passed_since_is_not_waited_for_again() -> None:
    looks = Variation(AT_ONCE, "run: {name: A}", "describe: [A]", "wait: 8", "settle")
    assert len(looks.asked[3]) == 2
    assert looks.ended[3] == pytest.approx(LAG, abs=0.1)


def test_what_only_a_late_read_showed_at_rest_is_waited_for() -> None:
    client = Client(after=lambda method, reply: runs_on(reply) if method == "describe_instances" and late() else reply)

    def late() -> bool:
        return stopped is not None and client.clock.now() < stopped + LAG / 2

    stopped: float | None = None
    play = Play(factory_target("t", lambda: client), judge(), LATE)
    for step in read_scenario("title: t\nsteps: [{run: {name: A}}, settle, {wait: 20}, {stop: [A]}]\n", "t.yaml").steps:
        assert play.perform(step) == ()
    stopped = client.clock.now()
    assert play.perform(SettleStep()) == ()
    shown: Any = client.describe_instances()
    assert shown["Reservations"][0]["Instances"][0]["State"]["Name"] == "stopped"


def runs_on(reply: Any) -> object:  # noqa: ANN401 - as boto3 has it
    """Show instances as they were before they were stopped."""
    for instance in reply["Reservations"][0]["Instances"]:
        instance["State"] = {"Code": 16, "Name": "running"}
        instance["StateTransitionReason"] = ""
        instance.pop("StateReason", None)
    return reply


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        ("TERM-1", "the last one named is said to shut down, and runs on"),
        ("VOL-1", "they are kept by default"),
        ("VOL-3", "a changed DeleteOnTermination is disregarded"),
        ("VOL-4", "a stop detaches data volumes"),
        # An attribute changes only when somebody asks for it: that an instance runs by now makes no read of it late.
        ("RUN-4", "InstanceInitiatedShutdownBehavior is disregarded"),
        ("DRY-1", "DescribeInstanceAttribute, dry run: another code"),
    ],
)
def test_what_is_wrong_is_found_although_any_read_may_be_late(clause: str, sentence: str) -> None:
    target = fault_of(clause, sentence).target()
    runner = Runner(target, judge(), LATE)
    scenarios = [scenario for scenario in corpus() if clause in scenario.clauses and len(scenario.steps) < 12]
    assert any(runner.run(scenario).divergences for scenario in scenarios)
