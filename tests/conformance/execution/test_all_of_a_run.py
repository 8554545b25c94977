"""`{all: A}` names every instance of the run A wherever a scenario is played, and stays short where it is kept."""

import pytest

from ec2_lifecycle.conformance.adapter.target import Unsupported
from ec2_lifecycle.conformance.execution.play import Play
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.findings.minimize import minimised
from ec2_lifecycle.conformance.findings.repro import repro
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.world import Instance
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import (
    All,
    BatchStep,
    IdRef,
    Named,
    RequestStep,
    RunStep,
    SettleStep,
    SingleId,
    Step,
    Unknown,
)
from ec2_lifecycle.strategies.scenario.translate import Translator


def terminate(*ids: IdRef) -> BatchStep:
    return BatchStep(Operation.TERMINATE, ids)


def named_by_the_last(*steps: RequestStep) -> tuple[str, ...]:
    """Return the instances that the request of the last step names."""

    def identity(ref: SingleId) -> Instance:
        return Instance(ref.name if isinstance(ref, Named) else "another")

    translator = Translator(identity)
    return [request for step in steps for request in translator.requests(step)][-1].instances


def test_it_is_every_instance_of_the_run_in_reply_order() -> None:
    runs = (RunStep("A", count=3), RunStep("B", count=2))
    assert named_by_the_last(*runs, terminate(All("A"))) == ("A1", "A2", "A3")
    assert named_by_the_last(*runs, terminate(All("B"), Unknown(), All("A"), Named("A2"))) == (
        *("B1", "B2"),
        "another",
        *("A1", "A2", "A3"),
        "A2",
    )


def test_of_a_run_without_a_count_it_is_the_one_instance() -> None:
    assert named_by_the_last(RunStep("A"), terminate(All("A"))) == ("A",)


def test_of_two_runs_with_one_name_it_is_the_instances_of_both() -> None:
    assert named_by_the_last(RunStep("A", count=2), RunStep("A"), terminate(All("A"))) == ("A1", "A2", "A")


def test_a_dry_run_adds_nothing_to_it() -> None:
    runs = (RunStep("A", count=4, dry_run=True), RunStep("A", count=2))
    assert named_by_the_last(*runs, terminate(All("A"))) == ("A1", "A2")


def test_a_target_is_asked_for_each_of_them() -> None:
    scenario = Scenario("t", (), (RunStep("A", count=3), SettleStep(), terminate(All("A"))))
    outcome = Runner(model_target(seed=1), Engine(EC2)).run(scenario)
    assert (outcome.divergences, outcome.skipped, outcome.broken) == ((), None, None)
    assert outcome.scenario is scenario


def test_nothing_is_asked_for_when_one_of_them_was_never_launched() -> None:
    play = Play(model_target(seed=1), Engine(EC2))
    play.perform(RunStep("A", count=3))
    del play.names.ids["A2"]  # as if the reply had left it out
    with pytest.raises(Unsupported, match="A2 was never launched"):
        play.perform(terminate(All("A")))
    assert play.calls == 1


def test_a_run_that_there_never_was_is_not_asked_for() -> None:
    play = Play(model_target(seed=1), Engine(EC2))
    with pytest.raises(Unsupported, match="A was never launched"):
        play.perform(terminate(All("A")))
    assert play.calls == 0


def smallest(*steps: Step, least: int) -> tuple[Step, ...]:
    """Return what is left of the steps when a finding shows as long as one request names so many instances."""

    def shows_it(scenario: Scenario) -> bool:
        requests = [step for step in scenario.steps if isinstance(step, RequestStep)]
        return isinstance(scenario.steps[-1], BatchStep) and len(named_by_the_last(*requests)) >= least

    return minimised(Scenario("t", (), steps), shows_it, len(steps) - 1).steps


def test_a_smaller_count_shrinks_what_it_stands_for() -> None:
    steps = smallest(RunStep("A", count=16), SettleStep(), terminate(All("A")), least=3)
    assert steps == (RunStep("A", count=4), terminate(All("A")))


def test_it_goes_whole_or_with_its_run_and_not_with_a_run_that_only_shrinks() -> None:
    runs = (RunStep("A", count=2), RunStep("B", count=8))
    steps = smallest(*runs, terminate(All("A"), Unknown(), All("B")), least=2)
    assert steps == (RunStep("A", count=2), terminate(All("A")))
    steps = smallest(*runs, terminate(Unknown(), Named("A1"), All("B")), least=3)
    assert steps == (RunStep("B", count=4), terminate(All("B")))


def test_a_program_for_an_issue_does_as_if_each_were_named() -> None:
    run = RunStep("A", count=30)
    programs = {
        repro(Scenario("t", (), (run, SettleStep(), terminate(*ids))), "moto")
        for ids in ([All("A")], [*map(Named, run.instance_names)])
    }
    assert len(programs) == 1
    assert "A30" not in programs.pop()
