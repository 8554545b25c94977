"""The delays that the oracle grants."""

import pytest

from ec2_lifecycle.conformance.adapter.observation import (
    AttributeValue,
    Changes,
    Done,
    Instances,
    InstanceSeen,
    NoAnswer,
    Refused,
    StateChange,
    StateSeen,
)
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.oracle import Oracle
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.model.requests import Attribute, AttributeRequest, BatchRequest, LaunchRequest, Operation
from ec2_lifecycle.model.rules.describe import Shown
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import CODES, InstanceState
from ec2_lifecycle.model.world import Instance

A = Instance("A")
PENDING, RUNNING, SHUTTING_DOWN = InstanceState.PENDING, InstanceState.RUNNING, InstanceState.SHUTTING_DOWN


def state(of: InstanceState) -> StateSeen:
    return StateSeen(CODES[of], of.value)


def shown(of: InstanceState) -> Instances:
    reason = {PENDING: "pending", RUNNING: ""}.get(of, "Client.UserInitiatedShutdown")
    fields = {Shown.PRIVATE_IP} if of is not SHUTTING_DOWN else set[Shown]()
    ended = "" if of is not SHUTTING_DOWN else "User initiated (2026-01-01 00:00:00 GMT)"
    return Instances((InstanceSeen(A, state(of), "1", "ebs", reason, ended, frozenset(fields), ()),))


class Scene:
    """An instance that runs, under an oracle with its own settings."""

    def __init__(self, **settings: float) -> None:
        self.oracle = Oracle(Engine(EC2), Settings(**settings))
        launched = self.oracle.judge(0, LaunchRequest(instances=(A,), volumes=((),)), shown(PENDING), 0, 0)
        assert launched == ()
        assert self.describe(RUNNING, at=1) == ()

    def terminate(self, at: float) -> tuple[Divergence, ...]:
        """End the instance, as EC2 does; return what the oracle finds wrong with the reply."""
        reply = Changes((StateChange(A, state(RUNNING), state(SHUTTING_DOWN)),))
        return self.oracle.judge(1, BatchRequest(Operation.TERMINATE, instances=(A,)), reply, at, at)

    def describe(self, as_: InstanceState, at: float) -> tuple[Divergence, ...]:
        """Show the instance in a state; return what the oracle finds wrong with that."""
        return self.oracle.judge(2, BatchRequest(Operation.DESCRIBE, instances=(A,)), shown(as_), at, at)

    def not_found(self, operation: Operation, at: float) -> tuple[Divergence, ...]:
        """Answer that nobody knows the id; return what the oracle finds wrong with that."""
        reply = Refused("InvalidInstanceID.NotFound", "The instance ID 'A' does not exist", 400)
        return self.oracle.judge(3, BatchRequest(operation, instances=(A,)), reply, at, at)


def test_a_read_that_is_late_may_show_a_state_held_since() -> None:
    scene = Scene(read_lag=10)
    assert scene.terminate(at=5) == ()
    assert scene.describe(RUNNING, at=14) == ()
    assert scene.describe(SHUTTING_DOWN, at=14) == ()
    assert [d.clause for d in scene.describe(RUNNING, at=16)] == ["STATE-3"]


@pytest.mark.parametrize(("seconds", "clauses"), [(14, []), (16, ["PROT-7"])])
def test_an_attribute_that_is_read_late_may_be_as_it_was(seconds: float, clauses: list[str]) -> None:
    oracle = Scene(read_lag=10).oracle
    change = AttributeRequest(Operation.MODIFY, instances=(A,), attribute=Attribute.DISABLE_API_STOP, value=True)
    assert oracle.judge(1, change, Done(), 5, 5) == ()
    read = AttributeRequest(Operation.DESCRIBE_ATTRIBUTE, instances=(A,), attribute=Attribute.DISABLE_API_STOP)
    seen = AttributeValue(value=False)
    assert [d.clause for d in oracle.judge(2, read, seen, seconds, seconds)] == clauses


def test_a_late_read_does_not_tell_whether_a_request_without_an_answer_was_carried_out() -> None:
    oracle = Scene(read_lag=10).oracle
    change = AttributeRequest(Operation.MODIFY, instances=(A,), attribute=Attribute.DISABLE_API_STOP, value=True)
    assert oracle.judge(1, change, NoAnswer("timeout"), 5, 5) == ()
    read = AttributeRequest(Operation.DESCRIBE_ATTRIBUTE, instances=(A,), attribute=Attribute.DISABLE_API_STOP)
    for seconds, value in ((6, False), (16, True), (17, True)):
        assert oracle.judge(2, read, AttributeValue(value=value), seconds, seconds) == ()
    assert [d.clause for d in oracle.judge(2, read, AttributeValue(value=False), 18, 18)] != []


def test_that_an_instance_was_seen_to_run_makes_no_read_of_an_attribute_late() -> None:
    oracle = Oracle(Engine(EC2), Settings(read_lag=10))
    assert oracle.judge(0, LaunchRequest(instances=(A,), volumes=((),)), shown(PENDING), 0, 0) == ()
    assert oracle.judge(1, BatchRequest(Operation.DESCRIBE, instances=(A,)), shown(RUNNING), 30, 30) == ()
    read = AttributeRequest(Operation.DESCRIBE_ATTRIBUTE, instances=(A,), attribute=Attribute.DISABLE_API_STOP)
    assert [d.clause for d in oracle.judge(2, read, AttributeValue(value=True), 31, 31)] == ["PROT-3"]


def test_a_read_is_not_late_unless_the_settings_say_so() -> None:
    scene = Scene()
    assert scene.terminate(at=5) == ()
    assert [d.clause for d in scene.describe(RUNNING, at=5)] == ["TERM-1"]


@pytest.mark.parametrize(("seconds", "clauses"), [(29, []), (31, ["VIS-1"])])
def test_an_operation_may_not_know_a_new_id_for_half_a_minute(seconds: float, clauses: list[str]) -> None:
    assert [d.clause for d in Scene().not_found(Operation.STOP, at=seconds)] == clauses


def test_an_operation_that_has_known_an_id_goes_on_knowing_it() -> None:
    assert [d.clause for d in Scene().not_found(Operation.DESCRIBE, at=2)] == ["VIS-1"]


@pytest.mark.parametrize(("seconds", "clauses"), [(64, ["TERM-7"]), (66, [])])
def test_a_terminated_instance_stays_in_sight_for_a_minute(seconds: float, clauses: list[str]) -> None:
    scene = Scene()
    assert scene.terminate(at=5) == ()
    assert [d.clause for d in scene.not_found(Operation.DESCRIBE, at=seconds)] == clauses
