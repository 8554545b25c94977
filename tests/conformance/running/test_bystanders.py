"""Instances that no request names: a target that changes what others have is found, and EC2 never is."""

from typing import Final

import pytest

from ec2_lifecycle.conformance.adapter.sessions import ec2_client, isolated_session
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.options import Settings
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.emulator.simulation import Answer
from ec2_lifecycle.conformance.planted_faults.fault import bank_fault
from ec2_lifecycle.conformance.planted_faults.handlers import FaultySimulation
from ec2_lifecycle.conformance.running.bystanders import NAMES
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.endpoint import endpoint_target
from ec2_lifecycle.model.requests import Operation, Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState

STEPS: Final = """
- run: {name: A}
- run: {name: B}
- stop: [B]
- describe: [A]
"""


@bank_fault("FRAME-1", 4, on=Operation.STOP, steps=STEPS)
def the_oldest_instance_stops_too(ec2: FaultySimulation, request: Request) -> Answer:
    """StopInstances also stops the oldest instance that still runs."""
    answer = ec2.really(request)
    if answer.refusal is None:
        running = (i for i, record in ec2.account.instances.items() if record.state is InstanceState.RUNNING)
        for i in running:
            ec2.change(i, state=InstanceState.STOPPED)
            break
    return answer


@pytest.mark.parametrize(("calls", "status"), [(500, "unconfirmed"), (800, "confirmed")])
def test_a_target_that_stops_an_instance_of_another_scenario_is_found_within_500_calls(calls: int, status: str) -> None:
    target = the_oldest_instance_stops_too.target()
    done = run_here(target, "faulty", EC2, Plan(max_calls=calls), lambda _: None)
    assert done.calls <= calls
    [found, *_] = [finding for finding in done.findings if "FRAME-1" in finding.clauses]
    assert found.status in ("confirmed", status)


def test_a_run_terminates_its_bystanders_too() -> None:
    with serve_in_thread(ServedModel(Settings(Behaviour(delays=AT_ONCE)))) as url:
        done = run_here(endpoint_target(url), "endpoint", EC2, Plan(max_calls=200), lambda _: None)
        client = ec2_client(isolated_session(), url)
        shown = [i for r in client.describe_instances()["Reservations"] for i in r["Instances"]]
    assert len(shown) > len(NAMES)
    assert {instance["State"]["Name"] for instance in shown} == {"terminated"}
    assert done.findings == ()
    assert not any("no request named" in note for note in done.notes)
