"""Client tokens and MinCount: what a launch that is sent again may answer, and how many instances one may make."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.planted_faults.replies import error
from ec2_lifecycle.conformance.targets.model import client_target
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.files.format import read_scenario

Sent = dict[str, Any]
Launch = Callable[[Sent], Mapping[str, Any]]
Instead = Mapping[int, Callable[[ModelClient, Sent], Mapping[str, Any]]]
NONE: Final = frozenset[str]()


@dataclass
class Launching:
    """The model, some of whose launches are answered by `instead`, by their number from 0."""

    model: ModelClient
    instead: Instead = field(default_factory=dict[int, Callable[[ModelClient, Sent], Mapping[str, Any]]])
    launches: list[Sent] = field(default_factory=list[Sent])

    def run_instances(self, **sent: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever is sent
        """Launch, or answer otherwise."""
        self.launches.append(sent)
        answer = self.instead.get(len(self.launches) - 1)
        return self.model.run_instances(**sent) if answer is None else answer(self.model, sent)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a method of the model
        return getattr(self.model, name)


def played(
    steps: str,
    instead: Instead | None = None,
    behaviour: Behaviour | None = None,
    settings: Settings | None = None,
) -> tuple[Outcome, Launching]:
    """Play steps on the model, with some launches answered otherwise."""
    clock = VirtualClock()
    client = Launching(ModelClient(EC2, behaviour or Behaviour(delays=AT_ONCE), clock), instead or {})
    runner = Runner(client_target(client, clock, name="launching"), judge(), settings or Settings())
    text = "title: t\nsteps:\n" + "\n".join(f"  - {step}" for step in steps.strip().split("\n"))
    return runner.run(read_scenario(text, "t.yaml")), client


def clauses(outcome: Outcome) -> set[str]:
    assert outcome.skipped is None, outcome.skipped
    return {divergence.clause for divergence in outcome.divergences}


def refuse(code: str) -> Callable[[ModelClient, Sent], Mapping[str, Any]]:
    def answer(_: ModelClient, _sent: Sent) -> Mapping[str, Any]:
        raise error(code, "No.")

    return answer


def without_token(model: ModelClient, sent: Sent) -> Mapping[str, Any]:
    return model.run_instances(**{key: value for key, value in sent.items() if key != "ClientToken"})


def exactly(count: int) -> Callable[[ModelClient, Sent], Mapping[str, Any]]:
    fixed: Any = {"MinCount": count, "MaxCount": count}
    return lambda model, sent: model.run_instances(**{**sent, **fixed})


AGAIN = "run: {name: A, ClientToken: t}\nsettle\nrun-again: {name: A}"
OTHERWISE = "run: {name: A, ClientToken: t}\nsettle\nrun-again: {name: A, DisableApiTermination: true}"


# Tokens.


def test_the_same_scenario_sends_one_token_again_and_another_scenario_another_one() -> None:
    _, first = played(AGAIN)
    _, second = played(AGAIN)
    tokens = [sent["ClientToken"] for sent in (*first.launches, *second.launches)]
    assert tokens[0] == tokens[1] != tokens[2] == tokens[3]
    assert all(len(token) <= 64 for token in tokens)
    assert first.launches[0] == first.launches[1]


def test_a_launch_without_a_token_in_the_scenario_sends_none() -> None:
    _, client = played("run: {name: A}")
    assert "ClientToken" not in client.launches[0]


def test_ec2_is_right_in_both() -> None:
    for steps in (AGAIN, OTHERWISE):
        outcome, _ = played(steps)
        assert not clauses(outcome)
    assert played(AGAIN)[0].checks["TOKEN-1"] == 1
    assert played(OTHERWISE)[0].checks["TOKEN-2"] == 1


@pytest.mark.parametrize("steps", [AGAIN, OTHERWISE])
def test_a_token_that_is_ignored_is_found_and_what_it_launched_is_removed(steps: str) -> None:
    outcome, client = played(steps, {1: without_token})
    assert clauses(outcome) == {"TOKEN-1" if steps == AGAIN else "TOKEN-2"}
    states = [record.state.value for record in client.model.simulation.account.instances.values()]
    assert len(states) == 2
    assert set(states) <= {"shutting-down", "terminated"}


@pytest.mark.parametrize(
    ("end", "code", "wrong"),
    [
        ("settle", "IdempotentInstanceTerminated", {"TOKEN-1"}),
        ("terminate: [A]", "IdempotentInstanceTerminated", NONE),
        ("stop: [A]", "IdempotentInstanceTerminated", {"TOKEN-1"}),
        ("settle", "IdempotentParameterMismatch", {"TOKEN-1"}),
        ("terminate: [A]", "IdempotentParameterMismatch", {"TOKEN-1"}),
        ("settle", "IncorrectState", {"TOKEN-1"}),
    ],
)
def test_only_the_token_of_an_instance_that_may_be_terminated_may_be_refused(
    end: str, code: str, wrong: AbstractSet[str]
) -> None:
    steps = f"run: {{name: A, ClientToken: t}}\nsettle\n{end}\nsettle\nrun-again: {{name: A}}"
    outcome, _ = played(steps, {1: refuse(code)})
    assert clauses(outcome) == wrong


def test_the_token_of_a_terminated_instance_may_answer_with_it() -> None:
    """Until 2025 EC2 answered so, and for a while in both ways (fact K-01)."""
    kept: list[Mapping[str, Any]] = []

    def first(model: ModelClient, sent: Sent) -> Mapping[str, Any]:
        kept.append(model.run_instances(**sent))
        return kept[0]

    def again(_: ModelClient, _sent: Sent) -> Mapping[str, Any]:
        return kept[0]

    steps = "run: {name: A, ClientToken: t}\nsettle\nterminate: [A]\nsettle\nrun-again: {name: A}"
    outcome, _ = played(steps, {0: first, 1: again})
    assert not clauses(outcome)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("IdempotentParameterMismatch", NONE),
        ("IncorrectState", {"TOKEN-2"}),
        ("IdempotentInstanceTerminated", {"TOKEN-2"}),
    ],
)
def test_other_parameters_have_a_code_of_their_own(code: str, wrong: AbstractSet[str]) -> None:
    outcome, _ = played(OTHERWISE, {1: refuse(code)})
    assert clauses(outcome) == wrong


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "InsufficientInstanceCapacity"])
def test_a_refusal_that_says_nothing_of_the_token_is_not_judged(code: str) -> None:
    outcome, _ = played(AGAIN, {1: refuse(code)})
    assert not outcome.divergences


def test_after_a_dry_run_nobody_knows_whether_the_token_was_used() -> None:
    steps = "run: {name: A, ClientToken: t, DryRun: true}\nrun: {name: A}"
    outcome, _ = played(steps)
    assert not outcome.divergences


def test_another_zone_is_a_new_launch() -> None:
    steps = "run: {name: A, ClientToken: t}\nrun-again: {name: A, zone: 2}\ndescribe: [A]"
    outcome, client = played(steps)
    assert not clauses(outcome)
    assert outcome.checks["TOKEN-3"] == 1
    assert len(client.model.simulation.account.instances) == 2
    outcome, _ = played(steps, {1: refuse("IdempotentParameterMismatch")})
    assert clauses(outcome) == {"TOKEN-3"}


def test_a_token_in_other_letters_is_another_token() -> None:
    steps = "run: {name: A, ClientToken: t}\nrun: {name: B, ClientToken: T}\nsettle\nstop: [B]\ndescribe: [A, B]"
    outcome, _ = played(steps)
    assert not clauses(outcome)
    assert outcome.checks["TOKEN-4"] == 1
    ignoring_case: Launch = lambda sent: {**sent, "ClientToken": sent["ClientToken"].lower()}  # noqa: E731
    outcome, _ = played(steps, {1: lambda model, sent: model.run_instances(**ignoring_case(sent))})
    assert {divergence.clause for divergence in outcome.divergences} == {"TOKEN-4"}


# Ranges.

RANGE = "run: {name: A, count: 3, MinCount: 2}"


@pytest.mark.parametrize(("made", "wrong"), [(1, {"RUN-8"}), (2, NONE), (3, NONE), (4, {"RUN-8"})])
def test_a_launch_makes_from_min_count_to_max_count(made: int, wrong: AbstractSet[str]) -> None:
    outcome, _ = played(f"{RANGE}\nsettle\nterminate: [{{all: A}}]", {0: exactly(made)})
    assert clauses(outcome) == wrong


def test_what_a_launch_did_not_make_is_not_asked_for() -> None:
    outcome, client = played(f"{RANGE}\nsettle\nstop: [{{all: A}}]\nsettle", {0: exactly(2)})
    assert not clauses(outcome)
    states = {record.state.value for record in client.model.simulation.account.instances.values()}
    assert states == {"terminated"} or "stopped" in states
    outcome, _ = played(f"{RANGE}\nsettle\nstop: [A3]", {0: exactly(2)})
    assert outcome.skipped is not None
    assert not outcome.divergences


@pytest.mark.parametrize(
    ("between", "wrong"),
    [
        ("", {"RUN-8"}),
        ("settle\n", {"RUN-8"}),
        ("run: {name: C, zone: 2}\n", {"RUN-8"}),
        ("terminate: [A1]\n", NONE),
        ("wait: 60\n", NONE),
    ],
)
def test_a_launch_right_after_shows_that_there_was_capacity(between: str, wrong: AbstractSet[str]) -> None:
    outcome, _ = played(f"{RANGE}\n{between}run: {{name: B}}", {0: exactly(2)})
    assert clauses(outcome) == wrong


@pytest.mark.parametrize("later", ["run: {name: B, zone: 2}", "run: {name: B, DryRun: true}", "settle"])
def test_nothing_else_shows_it(later: str) -> None:
    outcome, _ = played(f"{RANGE}\n{later}", {0: exactly(2)})
    assert not clauses(outcome)


def test_where_others_use_the_capacity_it_may_become_free_at_any_time() -> None:
    outcome, _ = played(f"{RANGE}\nrun: {{name: B}}", {0: exactly(2)}, settings=Settings(read_lag=10.0))
    assert not outcome.divergences


def test_a_model_whose_capacity_is_scarce_has_none_after_it_launched_fewer() -> None:
    counts: set[int] = set()
    refused = 0
    for seed in range(40):
        behaviour = Behaviour(seed=seed, scarce=True)
        outcome, client = played(f"{RANGE}\nrun: {{name: B}}", behaviour=behaviour)
        assert not outcome.divergences
        made = len(client.model.simulation.account.instances)
        refused += outcome.skipped is not None
        counts.add(made)
    assert counts == {2, 4}
    assert 0 < refused < 40
