"""What the model foresees of shorter scenarios, and that a search plays only those that could show a divergence."""

from dataclasses import replace

import pytest
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.findings.candidate_prediction import promising
from ec2_lifecycle.conformance.findings.minimize import minimised
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.world import Instance
from ec2_lifecycle.strategies.files.format import dump_scenario, read_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario

ENDED = """
  - run: {name: A}
  - run: {name: B}
  - settle
  - reboot: [B]
  - terminate: [A]
  - settle
  - start: [A]
"""


def scenario_of(steps: str) -> Scenario:
    return read_scenario(f"title: t\nsteps:\n{steps}", "t.yaml")


@pytest.fixture
def target() -> Target:
    return fault_of("START-5", "a terminated instance is accepted, and the instance is then pending").target()


def shown(target: Target, scenario: Scenario) -> Divergence:
    return next(d for d in Runner(target, judge()).run(scenario).divergences if d.clause == "START-5")


@pytest.mark.parametrize(
    ("shorter", "could"),
    [
        ("  - run: {name: A}\n  - settle\n  - terminate: [A]\n  - settle\n  - start: [A]\n", True),
        ("  - run: {name: A}\n  - settle\n  - terminate: [A]\n  - start: [A]\n", True),  # it may be
        ("  - run: {name: A}\n  - settle\n  - start: [A]\n", False),  # nothing is to be refused
        ("  - run: {name: A}\n  - stop: [A]\n  - settle\n  - start: [A]\n", False),
        ("  - run: {name: A}\n  - settle\n  - terminate: [A]\n  - settle\n  - reboot: [A]\n", False),
    ],
)
def test_what_never_comes_about_cannot_be_shown(target: Target, shorter: str, could: bool) -> None:  # noqa: FBT001
    scenario = scenario_of(ENDED)
    could_show = promising(EC2, scenario.steps, shown(target, scenario))
    assert could_show(scenario.steps)
    assert could_show(scenario_of(shorter).steps) is could


def test_where_the_target_goes_its_own_way_nothing_is_ruled_out(target: Target) -> None:
    divergence = shown(target, scenario_of(ENDED))
    elsewhere = scenario_of("  - run: {name: A}\n").steps  # the model foresees no start of a terminated instance here
    assert promising(EC2, elsewhere, divergence)(elsewhere)


@pytest.mark.parametrize(
    ("steps", "blamed", "shorter"),
    [
        pytest.param(
            "  - run: {name: A}\n  - settle\n  - stop: [A]\n  - start: [A]\n",
            (Operation.START, "stopping", 3, "A", "refusal:IncorrectInstanceState"),
            "  - run: {name: A}\n  - stop: [A]\n  - start: [A]\n",
            id="a launch may have arrived when a stop has not",
        ),
        pytest.param(
            "  - run: {name: A}\n  - run: {name: B, count: 2}\n  - settle\n  - reboot: [A, {all: B}]\n",
            (Operation.REBOOT, "running", 3, "B1", "success"),
            "  - run: {name: B, count: 2}\n  - settle\n  - reboot: [{all: B}]\n",
            id="all of a launch are named",
        ),
        pytest.param(
            "  - create-volume: {name: v1, zone: 1}\n"
            "  - run: {name: A, volumes: [{name: a-data, DeleteOnTermination: true}]}\n"
            "  - settle\n  - terminate: [A]\n  - settle\n  - describe-volumes: [v1, a-data]\n",
            (Operation.DESCRIBE_VOLUMES, "-", 5, None, "items:listed"),
            "  - create-volume: {name: v1, zone: 1}\n  - describe-volumes: [v1]\n",
            id="one of several volumes is asked for",
        ),
        pytest.param(
            "  - run: {name: A}\n  - run: {name: B}\n  - settle\n  - stop: [A]\n  - settle\n  - start: [A]\n",
            (Operation.START, "-", 5, "B", "state:running"),
            "  - run: {name: B}\n  - start: [{unknown: 1}]\n",
            id="what happens to others may happen whatever a request comes to",
        ),
        pytest.param(
            "  - run: {name: A}\n  - run: {name: B, DisableApiStop: true}\n"
            "  - settle\n  - terminate: [A]\n  - stop: [A, B]\n",
            (Operation.STOP, "-", 4, None, "message:known"),
            "  - run: {name: B, DisableApiStop: true}\n  - settle\n  - stop: [B]\n",
            id="a wrong message may come with another refusal",
        ),
        pytest.param(
            "  - run: {name: A}\n  - run: {name: B}\n  - settle\n  - stop: [A]\n  - settle\n  - stop: [A, B]\n",
            (Operation.STOP, "stopped", 5, "B", "success"),
            "  - run: {name: B}\n  - settle\n  - stop: [B]\n",
            id="that another is in the state of the blamed one says nothing",
        ),
    ],
)
def test_what_may_show_it_is_not_ruled_out(
    target: Target, steps: str, blamed: tuple[Operation, str, int, str | None, str], shorter: str
) -> None:
    operation, state, step, name, expected = blamed
    instance = None if name is None else Instance(name)
    divergence = shown(target, scenario_of(ENDED))
    divergence = replace(
        divergence, operation=operation, state=state, step=step, instance=instance, expected_class=expected
    )
    assert promising(EC2, scenario_of(steps).steps, divergence)(scenario_of(shorter).steps)


@pytest.mark.parametrize("expected", ["refusal:IncorrectInstanceState", "message:known"])
def test_where_the_model_foresees_no_refusal_that_was_due_nothing_is_ruled_out(target: Target, expected: str) -> None:
    steps = scenario_of("  - run: {name: A}\n  - settle\n  - reboot: [A]\n").steps
    divergence = shown(target, scenario_of(ENDED))
    divergence = replace(divergence, operation=Operation.REBOOT, state="running", step=2, expected_class=expected)
    assert promising(EC2, steps, divergence)(steps[:1])


def test_a_search_asks_the_target_little(target: Target) -> None:
    scenario = scenario_of(ENDED)
    divergence = shown(target, scenario)
    asked: list[Scenario] = []

    def shows(candidate: Scenario) -> bool:
        asked.append(candidate)
        found = Runner(target, judge()).run(candidate).divergences
        return defect_id(divergence) in map(defect_id, found)

    everything = minimised(scenario, shows, divergence.step)
    of_all = len(asked)
    asked.clear()
    least = minimised(scenario, shows, divergence.step, promising(EC2, scenario.steps, divergence))
    assert least.steps == everything.steps
    assert len(asked) <= of_all // 2


def test_of_several_that_are_launched_one_alone_is_kept() -> None:
    scenario = scenario_of("""
  - run: {name: A, count: 3}
  - settle
  - describe-attribute: {id: A2, attribute: DisableApiStop}
""")
    least = minimised(scenario, lambda candidate: "describe-attribute" in dump_scenario(candidate), 2)
    assert (
        least.steps
        == scenario_of("  - run: {name: A}\n  - describe-attribute: {id: A, attribute: DisableApiStop}\n").steps
    )
