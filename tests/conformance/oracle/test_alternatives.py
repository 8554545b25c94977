"""What a divergence says where EC2 has more than one alternative."""

from typing import Unpack

import pytest
from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.diagnosis.titles import title_of
from ec2_lifecycle.conformance.emulator.call_arguments import BatchCall, DescribeCall, RunCall
from ec2_lifecycle.conformance.emulator.refusals import client_error
from ec2_lifecycle.conformance.emulator.variation import Fields
from ec2_lifecycle.conformance.planted_faults.families import FAMILIES
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies import read_scenario
from ec2_lifecycle.testing import Engine, ModelClient, Runner, VirtualClock, factory_target

SCENARIO = """
title: A termination of an instance that nobody has looked at since its launch
clauses: [TERM-10]
steps:
  - run: {name: A}
  - terminate: [A]
"""


class Timely(ModelClient):
    """An EC2 whose time passes only when the runner waits."""

    patience_polls = 40

    def __init__(self) -> None:
        self.clock = VirtualClock()
        super().__init__(clock=self.clock)


class SaysStopped(Timely):
    """An EC2 that says of all that it terminates that it was stopped."""

    def terminate_instances(self, **request: Unpack[BatchCall]) -> Fields:
        """Terminate, and say stopped."""
        reply = super().terminate_instances(**request)
        for item in reply["TerminatingInstances"]:
            item["PreviousState"] = {"Code": 80, "Name": "stopped"}
        return reply


class SkipsUnknown(Timely):
    """An EC2 that leaves unknown ids out of a stop."""

    def stop_instances(self, **request: Unpack[BatchCall]) -> Fields:
        """Stop the known ones."""
        known = {i["InstanceId"] for r in self.describe_instances()["Reservations"] for i in r["Instances"]}
        request["InstanceIds"] = [i for i in request.get("InstanceIds", []) if i in known]
        return super().stop_instances(**request)


def test_an_id_that_may_be_called_malformed_is_blamed_as_unknown() -> None:
    scenario = read_scenario(
        """
title: One unknown id
clauses: [ERR-1]
steps:
  - run: {name: A}
  - settle
  - stop: [A, {unknown: 1}]
""",
        "here.yaml",
    )
    [divergence] = Runner(factory_target("skips", SkipsUnknown), Engine(EC2)).run(scenario).divergences
    assert divergence.clause == "ERR-1"
    assert title_of(divergence) == "StopInstances: unknown ids are ignored"


class NamesAll(Timely):
    """An EC2 whose message for an unknown id names every id of the request."""

    def describe_instances(self, **request: Unpack[DescribeCall]) -> Fields:
        """Describe, and name all in a refusal."""
        try:
            return super().describe_instances(**request)
        except ClientError as error:
            ids = ", ".join(request.get("InstanceIds", []))
            message = f"The instance IDs '{ids}' do not exist"
            raise client_error(error.operation_name, "InvalidInstanceID.NotFound", message) from error


class OneTooFew(Timely):
    """An EC2 that launches one instance fewer than a launch of several asks for."""

    def run_instances(self, **request: Unpack[RunCall]) -> Fields:
        """Launch too few."""
        fewer = max(request.get("MaxCount", 1) - 1, 1)
        return super().run_instances(**(request | {"MinCount": fewer, "MaxCount": fewer}))


def test_an_instance_that_a_launch_did_not_make_is_not_missed_again() -> None:
    steps = "title: Two\nsteps:\n  - run: {name: A, count: 2}\n  - settle\n  - terminate: [A1, A2]\n  - settle\n"
    played = Runner(factory_target("too-few", OneTooFew), Engine(EC2)).run(read_scenario(steps, "here.yaml"))
    assert {divergence.clause for divergence in played.divergences} == {"RUN-1"}


@pytest.mark.parametrize(("bad", "clause"), [("unknown: 1", "ERR-6"), ('malformed: "foo"', "ERR-2")])
def test_a_message_that_names_too_many_ids_is_blamed_on_the_form_of_an_id_only_if_it_is_malformed(
    bad: str, clause: str
) -> None:
    steps = f"title: One bad id\nsteps:\n  - run: {{name: A}}\n  - settle\n  - describe: [A, {{{bad}}}]\n"
    played = Runner(factory_target("names-all", NamesAll), Engine(EC2)).run(read_scenario(steps, "here.yaml"))
    assert [divergence.clause for divergence in played.divergences] == [clause]


def test_a_title_names_each_state_that_may_have_come_before() -> None:
    target = factory_target("says-stopped", SaysStopped)
    [divergence] = Runner(target, Engine(EC2)).run(read_scenario(SCENARIO, "here.yaml")).divergences
    assert divergence.expected_class == "state:previous-running|state:previous-terminated"
    assert title_of(divergence).endswith("EC2 reports running or terminated")


def test_a_dry_run_that_changed_an_attribute_is_blamed_for_it() -> None:
    fault = next(one for one in FAMILIES if one.sentence == "a dry run that changes DisableApiStop is carried out")
    scenario = read_scenario(
        """
title: A dry run of a change
clauses: [DRY-1]
steps:
  - run: {name: A}
  - settle
  - modify: {id: A, DisableApiStop: true, DryRun: true}
  - modify: {id: A, DisableApiTermination: true}
  - describe-attribute: {id: A, attribute: DisableApiStop}
""",
        "here.yaml",
    )
    [divergence] = Runner(fault.target(), Engine(EC2)).run(scenario).divergences
    assert (divergence.clause, divergence.step) == ("DRY-1", 2)
    assert title_of(divergence) == "ModifyInstanceAttribute: DryRun is ignored"
