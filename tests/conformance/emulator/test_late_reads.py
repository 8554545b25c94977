"""Reads that come late on purpose: what they show, what they do not know, and that the oracle permits it."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from double_clients import REGION, client, launched
from rehearsed import corpus, is_large, judge

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour, ChoicePolicy
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.emulator.double import Ec2Double, ec2_double
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.targets.model import VARIED, model_target

LAG = 5.0


def late() -> Ec2Double:
    return ec2_double(clock="stands", read_lag=LAG)


def listed(**asked: Any) -> dict[str, str]:  # noqa: ANN401 - as boto3 takes them
    pages = client().describe_instances(**asked)["Reservations"]
    return {each["InstanceId"]: each["State"]["Name"] for page in pages for each in page["Instances"]}


def test_a_new_instance_is_not_known_and_not_listed_until_the_reads_have_caught_up() -> None:
    with late() as double:
        made = launched(client())
        assert listed() == {}
        for asked in (client().describe_instances, client().describe_instance_status):
            with pytest.raises(ClientError, match=r"InvalidInstanceID\.NotFound"):
                asked(InstanceIds=[made])
        double.advance(LAG)
        assert listed() == listed(InstanceIds=[made]) == {made: "running"}


def test_descriptions_show_the_state_before_a_change_and_replies_show_the_present_one() -> None:
    with late() as double:
        made = launched(client())
        double.advance(LAG)
        stopped = client().stop_instances(InstanceIds=[made])["StoppingInstances"][0]
        assert stopped["CurrentState"]["Name"] == "stopping"
        assert listed(InstanceIds=[made]) == {made: "running"}
        running = [{"Name": "instance-state-name", "Values": ["running"]}]
        assert listed(Filters=running) == {made: "running"}
        assert client().describe_instance_status()["InstanceStatuses"] != []
        client().terminate_instances(InstanceIds=[made])
        double.advance(LAG - 0.5)
        assert listed() == {made: "running"}
        double.advance(0.5)
        assert listed() == {made: "terminated"}
        assert listed(Filters=running) == {}


def test_attributes_tags_and_volumes_are_late_too() -> None:
    with late() as double:
        ec2 = client()
        made = launched(ec2)
        double.advance(LAG)
        ec2.create_tags(Resources=[made], Tags=[{"Key": "a", "Value": "1"}])
        ec2.modify_instance_attribute(InstanceId=made, DisableApiTermination={"Value": True})
        volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
        ec2.attach_volume(VolumeId=volume, InstanceId=made, Device="/dev/sdf")

        def seen() -> tuple[int, bool, int, int]:
            [shown] = ec2.describe_instances()["Reservations"][0]["Instances"]
            protected = ec2.describe_instance_attribute(InstanceId=made, Attribute="disableApiTermination")
            return (
                len(shown.get("Tags", ())),
                protected["DisableApiTermination"]["Value"],
                len(shown["BlockDeviceMappings"]),
                len(ec2.describe_volumes()["Volumes"]),
            )

        assert seen() == (0, False, 1, 1)
        double.advance(LAG)
        assert seen() == (1, True, 2, 2)


def test_an_operation_that_knew_an_id_does_not_forget_it_however_late_the_next_read_is() -> None:
    behaviour = Behaviour(choice_policy=ChoicePolicy.RANDOM, delays=AT_ONCE, read_lag=LAG)
    clock = VirtualClock()
    ec2 = ModelClient(behaviour=replace(behaviour, picks={}), clock=clock)
    made = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    known = [False]
    for _ in range(200):
        clock.sleep(LAG / 100)
        try:
            ec2.describe_instances(InstanceIds=[made])
            known.append(True)
        except ClientError:
            known.append(False)
    assert known == sorted(known)
    assert {True, False} == set(known)


def test_adversarial_alone_is_never_late() -> None:
    with ec2_double(behaviour="adversarial", clock="stands") as double:
        made = launched(client())
        double.happen("becomes-visible", made) if made not in listed() else None
        assert double.model.settings.behaviour.read_lag == 0.0


@pytest.mark.parametrize("lag", [LAG, 40.0])
@pytest.mark.parametrize(
    "behaviour",
    [Behaviour(delays=AT_ONCE), VARIED, Behaviour(choice_policy=ChoicePolicy.HARDEST)],
    ids=["at once", "varied", "hardest"],
)
def test_late_reads_raise_nothing_where_the_oracle_grants_the_lag(behaviour: Behaviour, lag: float) -> None:
    runner = Runner(model_target(behaviour=replace(behaviour, read_lag=lag)), judge(), Settings(read_lag=lag))
    scenarios = [each for each in corpus() if not is_large(each)]
    found = [each for scenario in scenarios[int(lag) % 7 :: 7] for each in runner.run(scenario).divergences]
    assert found == []


def test_late_reads_are_findings_where_the_oracle_grants_no_lag() -> None:
    runner = Runner(model_target(behaviour=Behaviour(delays=AT_ONCE, read_lag=LAG)), judge())
    scenarios = [each for each in corpus() if not is_large(each)]
    assert any(runner.run(scenario).divergences for scenario in scenarios[:60])


def test_what_a_step_on_demand_changed_may_be_shown_late() -> None:
    """A shutdown from inside the guest is no request, and descriptions may lag behind it all the same."""
    ended = [each for each in corpus() if any("shutdown" in f"{step}".lower() for step in each.steps)]
    runner = Runner(model_target(behaviour=replace(VARIED, read_lag=LAG)), judge(), Settings(read_lag=LAG))
    assert ended
    assert [each for scenario in ended[:8] for each in runner.run(scenario).divergences] == []
