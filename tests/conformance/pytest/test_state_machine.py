"""The state machine that the specification comes as: it lets the model pass, and catches a target that lies."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, cast
from unittest import TestCase

import pytest
from hypothesis import HealthCheck, Phase, seed, settings, stateful
from hypothesis.stateful import RuleBasedStateMachine
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.clock import Clock
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Changes, NoAnswer, Observation
from ec2_lifecycle.conformance.adapter.target import Alive, Capability, Cleared, Patience, Target
from ec2_lifecycle.conformance.execution.play import Play
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.conformance.pytest.diverged import ScenarioDiverged
from ec2_lifecycle.conformance.pytest.state_machine import Lifecycle, state_machine
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.requests import Operation, Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.world import Instance
from ec2_lifecycle.strategies.files.format import read_scenario
from ec2_lifecycle.strategies.scenario.names import first_problem, letter_name
from ec2_lifecycle.strategies.scenario.step_removal import without_steps
from ec2_lifecycle.strategies.scenario.steps import (
    FLAGS,
    BatchStep,
    CreateVolumeStep,
    PushStep,
    RequestStep,
    RunAgainStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)


@dataclass(frozen=True)
class Double:
    """The model, behind replies that are changed on their way."""

    model: Target
    change: Callable[[Request, Observation], Observation]
    capabilities: frozenset[Capability]
    zones: tuple[str, ...]
    clock: Clock
    patience: Patience
    name: str = "double"
    version: str = ""

    def perform(self, request: Request, names: Names) -> Observation:
        """Return the model's reply, changed."""
        return self.change(request, self.model.perform(request, names))

    def push(self, step: str, instance: Instance, names: Names) -> None:
        """Have the model do it."""
        self.model.push(step, instance, names)

    def clear(self, alive: Alive) -> Cleared:
        """Let the model take away what a scenario made."""
        return self.model.clear(alive)

    def close(self) -> None:
        """Close the model."""
        self.model.close()


def double(change: Callable[[Request, Observation], Observation]) -> Double:
    model = model_target(seed=4)
    return Double(model, change, model.capabilities, model.zones, model.clock, model.patience)


def unmoved(_request: Request, observation: Observation) -> Observation:
    """Say of whatever is stopped, started or terminated that it stays in the state that it was in."""
    if isinstance(observation, Changes):
        return Changes(tuple(replace(item, current=item.previous) for item in observation.items))
    return observation


def silence(_request: Request, _observation: Observation) -> Observation:
    """Give no answer."""
    return NoAnswer("nobody is at home")


def walk(
    machine: type[RuleBasedStateMachine], examples: int = 25, *, shrinks: bool = False, seeded: bool = False
) -> None:
    stateful.run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType] - Hypothesis gives it no types
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            database=None,
            deadline=None,
            derandomize=not seeded,
            phases=[Phase.generate, *([Phase.shrink] if shrinks else [])],
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


def test_the_model_passes() -> None:
    walk(state_machine(lambda: model_target(seed=1)))


def poor() -> Target:
    """Return a target that can do no more than every target can, in a single zone."""
    rich = double(lambda _, observation: observation)
    return replace(rich, capabilities=frozenset({Capability.VIRTUAL_TIME}), zones=rich.zones[:1])


def test_a_target_with_one_zone_and_no_extras_is_asked_for_no_more() -> None:
    walk(state_machine(poor), examples=10)


def test_one_target_can_serve_every_example() -> None:
    target = model_target(seed=3)
    walk(state_machine(lambda: target), examples=10)


def test_a_target_that_lies_about_the_current_state_is_caught() -> None:
    with pytest.raises(ScenarioDiverged) as caught:
        walk(state_machine(lambda: double(unmoved)), examples=100)
    divergence = caught.value.divergences[0]
    assert divergence.clause in ("TERM-12", "TERM-13", "TERM-17", "STOP-1", "START-1")
    assert divergence.clause in str(caught.value)
    assert divergence.observed in str(caught.value)


def test_a_target_that_gives_no_answer_fails_in_so_many_words() -> None:
    with pytest.raises(AssertionError, match="nobody is at home"):
        walk(state_machine(lambda: double(silence)))


def test_a_machine_is_a_test_case_that_pytest_can_collect() -> None:
    machine = state_machine(lambda: model_target(seed=5))
    case = cast("type", machine.TestCase)  # pyright: ignore[reportUnknownMemberType] - a property without a type
    assert issubclass(case, TestCase)


# What is walked.


@cache
def steps_walked(number: int, examples: int) -> tuple[Step, ...]:
    """Return all steps that the machine takes on the model with this seed."""
    walked: list[Step] = []

    class Recorded(Lifecycle):
        """The machine, which notes down what it does."""

        def begin_play(self) -> Play:
            return Play(model_target(seed=1), judge(), watch_volumes=True)

        def perform(self, step: Step) -> None:
            walked.append(step)
            super().perform(step)

    walk(seed(number)(Recorded), examples, seeded=True)
    return tuple(walked)


def test_every_kind_of_step_comes() -> None:
    requests = {*RequestStep.__args__} - {RunAgainStep}  # no walk sends a launch again
    assert {type(step) for step in steps_walked(1, 200)} == {*requests, SettleStep, WaitStep, PushStep}


def test_every_kind_of_request_comes_with_instances_and_without() -> None:
    steps = [step for step in steps_walked(1, 200) if isinstance(step, BatchStep)]
    assert {step.operation for step in steps if step.ids} == {*FLAGS}
    assert {step.operation for step in steps if not step.ids} == {*FLAGS} - {Operation.DESCRIBE}


def test_hardly_an_example_is_thrown_away() -> None:
    made: list[Target] = []

    def factory() -> Target:
        made.append(model_target(seed=1))
        return made[-1]

    walk(seed(1)(state_machine(factory)), 60, seeded=True)
    assert 60 <= len(made) <= 72


def test_no_name_is_made_twice_however_many_there_are() -> None:
    class Modelled(Lifecycle):
        """The machine on the model."""

        def begin_play(self) -> Play:
            return Play(model_target(seed=1), judge())

    machine = Modelled()
    for number in range(60):
        machine.launch(zone=1, size=1 + number % 3, termination=None, stop=None, behavior=None, data=[None, False])
        machine.launch_from_instance_store(zone=1, termination=None)
        machine.create_volume(zone=1)
    assert {type(step) for step in machine.guide.steps} == {RunStep, CreateVolumeStep}
    assert first_problem(machine.guide.steps) is None


def test_no_name_that_is_given_in_order_ends_as_an_instance_of_a_launch_of_several_does() -> None:
    names = [letter_name(number) for number in range(1000)]
    assert names[:2] == ["A", "B"]
    assert names[25:28] == ["Z", "AA", "AB"]
    assert names[701:703] == ["ZZ", "AAA"]
    assert len({*names}) == 1000
    assert all(name.isalpha() and name.isupper() for name in names)


WALK: Final = """
import sys
from hashlib import sha256
sys.path[:0] = {paths!r}
from test_state_machine import steps_walked
print(sha256(repr(steps_walked(9, 8)).encode()).hexdigest())
"""


def test_what_is_walked_depends_on_the_seed_alone_not_on_the_process(tmp_path: Path) -> None:
    # Hypothesis reads the numbers in the modules of a project; here is one with many.
    (tmp_path / "numbers_of_a_project.py").write_text(f"NUMBERS = {list(range(2, 2000))}\n")
    program = WALK.format(paths=[str(Path(__file__).parent), str(Path(__file__).parents[2] / "helpers")])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", each],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed, each in {"0": program, "4242": "import numbers_of_a_project\n" + program}.items()
    ]
    first, second = [process.communicate()[0] for process in running]
    assert len(first) == 65
    assert first == second


# Shrinking.


@cache
def diverging(clause: str, sentence: str, number: int) -> ScenarioDiverged:
    """Return what a walk with a seed on a planted fault shrinks to; by its names, because a fault cannot be a key."""
    with pytest.raises(ScenarioDiverged) as caught:
        walk(seed(number)(state_machine(fault_of(clause, sentence).target)), 200, shrinks=True, seeded=True)
    return caught.value


def diverges(fault: Fault, steps: tuple[Step, ...]) -> bool:
    """Play steps as the machine does."""
    target = fault.target()
    play = Play(target, judge(), watch_volumes=True)
    try:
        return any(play.perform(step) for step in steps) or bool(play.finish())
    finally:
        target.close()


def chosen() -> Iterator[tuple[Fault, int]]:
    """Yield some of the faults, each with a seed from which Hypothesis' shrinking takes no more than seconds."""
    yield fault_of("TERM-7", "terminated instances are forgotten after ten seconds"), 1
    yield fault_of("TERM-10", "the current state stands as the previous one"), 1
    yield fault_of("PROT-1", "Force overrides it"), 3
    yield fault_of("PROT-4", "it cannot be changed of pending instances"), 1


@pytest.mark.parametrize(("fault", "number"), [*chosen()], ids=str)
def test_what_a_wrong_target_fails_shrinks_to_the_least_that_shows_it_or_two_steps_more(
    fault: Fault, number: int
) -> None:
    steps = diverging(fault.clause, fault.sentence, number).scenario.steps
    assert diverges(fault, steps)
    shorter = [without_steps(steps, [place]) for place in range(len(steps))]
    assert sum(diverges(fault, less) for less in shorter) <= 2, steps


def test_the_text_of_a_failure_holds_a_scenario_that_can_be_replayed() -> None:
    fault, number = next(chosen())
    failure = diverging(fault.clause, fault.sentence, number)
    _, title, rest = str(failure).partition("title: ")
    assert read_scenario(title + rest, "the text", EC2.clauses) == failure.scenario
