"""The state machine that the specification comes as: it lets the model pass, and catches a target that lies."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast
from unittest import TestCase

import pytest
from hypothesis import HealthCheck, Phase, settings, stateful
from hypothesis.stateful import RuleBasedStateMachine

from ec2_lifecycle.conformance.machine import Diverged, state_machine
from ec2_lifecycle.conformance.names import Names
from ec2_lifecycle.conformance.observation import Changes, NoAnswer, Observation
from ec2_lifecycle.conformance.targets.base import Capability, Clock, Patience, Target
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.requests import Request
from ec2_lifecycle.model.world import Instance


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


def walk(machine: type[RuleBasedStateMachine], examples: int = 25) -> None:
    stateful.run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType] - Hypothesis gives it no types
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
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
    with pytest.raises(Diverged) as caught:
        walk(state_machine(lambda: double(unmoved)))
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
