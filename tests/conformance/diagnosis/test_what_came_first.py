"""A reply that is right only if something happened unseen: the next reply tells whether the first was wrong."""

from typing import Final

import pytest
from rehearsed import judge

from ec2_lifecycle.conformance.execution.beliefs import beliefs
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK, fault_of
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.model.world import Instance
from ec2_lifecycle.strategies.files.format import read_scenario

A: Final = Instance("A")
LOOK: Final = "describe-attribute: {id: A, attribute: DisableApiTermination}"


def divergences_of(fault: Fault, *steps: str) -> tuple[Divergence, ...]:
    """Play steps on a target with a fault."""
    scenario = read_scenario("title: t\nsteps:\n" + "".join(f"  - {step}\n" for step in steps), "t.yaml")
    return Runner(fault.target(), judge()).run(scenario).divergences


def clauses_of(fault: Fault, *steps: str) -> list[str]:
    """Return the clauses that the target breaks when these steps are played."""
    return [divergence.clause for divergence in divergences_of(fault, *steps)]


@pytest.mark.parametrize("last", ["terminate: [A]", "stop: [A]", "start: [A]"])
def test_a_request_that_meets_it_alive_shows_that_an_instance_had_not_ended_by_itself(last: str) -> None:
    disregarded = fault_of("RUN-4", "DisableApiTermination is disregarded")
    assert clauses_of(disregarded, "run: {name: A, DisableApiTermination: true}", LOOK, last) == ["RUN-4"]


def test_a_refusal_shows_it_too() -> None:
    protected = fault_of("PROT-3", "instances are protected against termination unless told otherwise")
    assert clauses_of(protected, "run: {name: A}", LOOK, "terminate: [A]") == ["PROT-3"]


def test_a_look_shows_that_an_instance_had_not_been_forgotten() -> None:
    unknown = fault_of("TERM-2", "terminated instances are refused with InvalidInstanceID.NotFound")
    steps = ("run: {name: A}", "terminate: [A]", "wait: 61", "terminate: [A]")
    assert clauses_of(unknown, *steps, "describe: [A]") == ["TERM-2"]


def test_how_an_instance_looks_that_came_back_from_its_end_is_no_fault_of_its_own() -> None:
    revived = fault_of("REBOOT-2", "terminated goes to running")
    steps = ("run: {name: A}", "terminate: [A]", "settle", "reboot: [A]", "describe: [A]", "settle")
    assert clauses_of(revived, *steps) == ["REBOOT-2"]


def test_a_divergence_tells_the_volume_that_it_is_about() -> None:
    kept = fault_of("VOL-1", "they are kept by default")
    steps = ("run: {name: A, volumes: [{name: data}]}", "terminate: [A]", "settle", "describe-volumes: [data]")
    about = [divergence.about for divergence in divergences_of(kept, *steps)]
    assert about
    assert all(names & {"A.root", "data"} for names in about)


def test_a_finding_never_shows_an_end_that_the_next_look_refutes() -> None:
    disregarded = fault_of("RUN-4", "DisableApiTermination is disregarded")
    scenario = read_scenario(f"title: t\nsteps:\n  - run: {{name: A, DisableApiTermination: true}}\n  - {LOOK}\n", "t")
    outcome = Runner(disregarded.target(), judge()).run(scenario)
    [found] = outcome.divergences
    told = beliefs(judge(), outcome.notes, found.instance)
    assert [step.instances[A].states for step in told[:2]] == [("pending",), ("pending",)]


def test_a_look_that_shows_it_pending_tells_that_a_volume_was_attached_too_early() -> None:
    accepted = fault_of("VOL-8", "a pending instance takes a volume")
    attach = "attach: {volume: v, id: A, device: /dev/sdp}"
    found = divergences_of(accepted, "create-volume: {name: v}", "wait: 30", "run: {name: A}", attach, "describe: [A]")
    assert [(d.clause, d.observed_class) for d in found] == [("VOL-8", "success")]


BEHAVIOR: Final = "describe-attribute: {id: A, attribute: InstanceInitiatedShutdownBehavior}"


@pytest.mark.parametrize(
    ("name", "steps", "clause"),
    [
        (
            "a start clears the protection",
            ("run: {name: A, DisableApiTermination: true}", "stop: [A]", LOOK, "start: [A]", LOOK),
            "PROT-7",
        ),
        (
            "a stop resets the shutdown behavior",
            ("run: {name: A, InstanceInitiatedShutdownBehavior: terminate}", BEHAVIOR, "stop: [A]", BEHAVIOR),
            "PROT-10",
        ),
    ],
)
def test_an_attribute_is_blamed_on_the_only_request_since_it_was_read(
    name: str, steps: tuple[str, ...], clause: str
) -> None:
    [found] = divergences_of(next(fault for fault in BANK if fault.name == name), *steps)
    assert (found.clause, found.step) == (clause, len(steps) - 2)
