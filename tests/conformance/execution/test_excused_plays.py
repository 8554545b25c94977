"""What a play makes of refusals that are not judged, and of a description of everything."""

from typing import Any

import pytest
from excusable import refusal
from rehearsed import corpus, judge

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.execution.smoke import smoke, unsupported
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.model import client_target
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.files.format import read_scenario


class Refusing:
    """A client of the model that refuses every call of some methods, from the first or a later one on."""

    def __init__(self, clock: VirtualClock, code: str, status: int, *methods: str, after: int = 0) -> None:
        self._client: Any = ModelClient(EC2, Behaviour(), clock)
        self._error = refusal(code, status)
        self._left = dict.fromkeys(methods, after)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the client has
        value = getattr(self._client, name)

        def called(**sent: Any) -> Any:  # noqa: ANN401
            if self._left[name] == 0:
                raise self._error
            self._left[name] -= 1
            return value(**sent)

        return called if name in self._left else value


def refusing(code: str, status: int, *methods: str, after: int = 0) -> Any:  # noqa: ANN401 - a target
    clock = VirtualClock()
    return client_target(Refusing(clock, code, status, *methods, after=after), clock, name="refusing")


def played(target: Any, steps: str) -> Any:  # noqa: ANN401
    scenario = read_scenario(f"title: t\nclauses: [TERM-1]\nsteps:\n{steps}", "t.yaml", EC2.clauses)
    return Runner(target, judge()).run(scenario)


def test_hibernate_and_look_conforms_whether_it_is_refused_or_stops() -> None:
    [scenario] = [each for each in corpus() if each.title.startswith("A stop that asks for hibernation may be")]
    for code in ("UnsupportedHibernationConfiguration", ""):
        clock = VirtualClock()
        client: Any = Refusing(clock, code, 400, "stop_instances") if code else ModelClient(EC2, Behaviour(), clock)
        outcome = Runner(client_target(client, clock, name="t"), judge()).run(scenario)
        assert (outcome.divergences, outcome.skipped, outcome.broken) == ((), None, None)


def test_a_description_without_ids_lists_what_others_made_too() -> None:
    clock = VirtualClock()
    client: Any = ModelClient(EC2, Behaviour(), clock)
    client.run_instances(MinCount=2, MaxCount=2)
    target = client_target(client, clock, name="t")
    outcome = played(target, "- run: {name: A}\n- settle\n- describe: []\n- terminate: [A]\n- describe: []\n")
    assert (outcome.divergences, outcome.skipped) == ((), None)
    assert outcome.checks["DESC-2"]


def test_a_server_fault_counts_as_no_check() -> None:
    outcome = played(
        refusing("InternalError", 500, "terminate_instances"), "- run: {name: A}\n- settle\n- terminate: [A]"
    )
    assert outcome.divergences == ()
    assert not outcome.checks["TERM-1"]
    assert sum(outcome.excusals.values()) == 1


def test_descriptions_that_never_answer_leave_nothing_stuck_and_end_the_play() -> None:
    outcome = played(refusing("RequestLimitExceeded", 503, "describe_instances"), "- run: {name: A}\n- settle")
    assert outcome.divergences == ()
    assert outcome.broken is not None


@pytest.mark.parametrize(("code", "status"), [("InternalError", 500), ("InsufficientInstanceCapacity", 500)])
def test_an_operation_that_always_says_so_is_unsupported(code: str, status: int) -> None:
    target = refusing(code, status, "start_instances")
    assert unsupported(smoke(target, judge())) == {Operation.START}


def test_a_target_that_always_says_so_later_is_not_said_to_hold_anything() -> None:
    target = refusing("InternalError", 500, "start_instances", after=1)
    done = run_here(target, "t", EC2, Plan(max_calls=300), lambda _: None)
    assert done.findings == ()
    start = done.clauses["START-1"]
    assert start.checks == 0
