"""The specification played as an EC2: what its client answers and shows."""

from dataclasses import replace
from itertools import permutations

import botocore
import botocore.session
import pytest
from botocore.validate import ParamValidator
from model_clients import PROMPT, Error, Reply, client_of, launched, refused, shown, state

from ec2_lifecycle.conformance.emulator import request_parsing
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.emulator.images import INSTANCE_STORE
from ec2_lifecycle.conformance.emulator.regions import DEFAULT_REGION
from ec2_lifecycle.conformance.targets.model import VARIED
from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.choices import (
    FREE_ZONES,
    REPEATS,
    Effect,
    Repeats,
)

UNKNOWN = ["i-12345678", "i-0abcdef1234567890"]
NOT_FOUND = "InvalidInstanceID.NotFound"


def not_permitted(instance: str, what: str, attribute: str) -> Error:
    return Error(
        "OperationNotPermitted",
        f"The instance '{instance}' may not be {what}. Modify its '{attribute}' instance attribute and try again.",
    )


@pytest.mark.parametrize("order", list(permutations("ABCD")), ids="".join)
def test_a_protected_instance_shields_its_zone_and_no_other(order: tuple[str, ...]) -> None:
    ec2, _ = client_of()
    ids = {
        "A": launched(ec2, 1),
        "B": launched(ec2, 1),
        "C": launched(ec2, 2, DisableApiTermination=True),
        "D": launched(ec2, 2),
    }
    assert refused(ec2.terminate_instances, InstanceIds=[ids[name] for name in order]) == not_permitted(
        ids["C"], "terminated", "disableApiTermination"
    )
    assert [state(ec2, ids[name]) for name in "ABCD"] == ["terminated", "terminated", "running", "running"]


def test_the_free_zones_may_follow_only_after_the_answer() -> None:
    ec2, clock = client_of(
        Behaviour(
            picks={FREE_ZONES.id: Effect.AFTER_ANSWER},
            delays={**AT_ONCE, StepName.FATE_TERMINATES: (5, 5)},
        )
    )
    free, protected = launched(ec2, 1), launched(ec2, 2, DisableApiTermination=True)
    refused(ec2.terminate_instances, InstanceIds=[free, protected])
    assert state(ec2, free) == "running"
    clock.sleep(5)
    assert [state(ec2, free), state(ec2, protected)] == ["terminated", "running"]


def test_the_reply_shows_where_each_instance_was_and_goes() -> None:
    ec2, _ = client_of(replace(PROMPT, delays={**AT_ONCE, StepName.SHUTDOWN_COMPLETES: (20, 20)}))
    stopped, running, ended, ending = (launched(ec2) for _ in range(4))
    ec2.describe_instances()
    ec2.stop_instances(InstanceIds=[stopped, ended])
    ec2.describe_instances()
    ec2.terminate_instances(InstanceIds=[ended, ending])
    reply = ec2.terminate_instances(InstanceIds=[stopped, running, ended, ending])
    assert reply["TerminatingInstances"] == [
        {"InstanceId": i, "CurrentState": {"Code": c, "Name": current}, "PreviousState": {"Code": p, "Name": previous}}
        for i, p, previous, c, current in (
            (stopped, 80, "stopped", 48, "terminated"),
            (running, 16, "running", 32, "shutting-down"),
            (ended, 48, "terminated", 48, "terminated"),
            (ending, 32, "shutting-down", 32, "shutting-down"),
        )
    ]
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(("repeats", "items"), [(Repeats.DISTINCT, 1), (Repeats.OCCURRENCE, 2)])
def test_an_id_sent_twice_is_listed_as_the_choice_says_and_described_once(repeats: Repeats, items: int) -> None:
    ec2, _ = client_of(replace(PROMPT, picks={REPEATS.id: repeats}))
    instance = launched(ec2)
    assert len(ec2.start_instances(InstanceIds=[instance, instance])["StartingInstances"]) == items
    assert len(ec2.describe_instances(InstanceIds=[instance, instance])["Reservations"]) == 1


def test_a_terminated_instance_is_forgotten_after_its_delay_and_not_before() -> None:
    ec2, clock = client_of(replace(PROMPT, delays={**AT_ONCE, StepName.FORGOTTEN: (60, 60)}))
    instance = launched(ec2)
    clock.sleep(100)
    ec2.terminate_instances(InstanceIds=[instance])
    clock.sleep(59)
    assert state(ec2, instance) == "terminated"
    clock.sleep(1)
    gone = Error(NOT_FOUND, f"The instance ID '{instance}' does not exist")
    assert refused(ec2.describe_instances, InstanceIds=[instance]) == gone
    assert refused(ec2.terminate_instances, InstanceIds=[instance]) == gone
    assert ec2.describe_instances()["Reservations"] == []


def test_a_long_silence_ends_as_it_would_have_ended_while_someone_looked() -> None:
    ec2, clock = client_of(replace(PROMPT, delays={**AT_ONCE, StepName.SHUTDOWN_COMPLETES: (20, 20)}))
    instance = launched(ec2)
    ec2.terminate_instances(InstanceIds=[instance])
    clock.sleep(20 + 3600 - 1)
    assert state(ec2, instance) == "terminated"
    clock.sleep(1)
    assert refused(ec2.describe_instances, InstanceIds=[instance])[0] == NOT_FOUND


def test_ids_that_lead_nowhere_are_refused_in_the_recorded_words() -> None:
    ec2, _ = client_of()
    instance = launched(ec2)
    one = refused(ec2.terminate_instances, InstanceIds=[instance, UNKNOWN[0]])
    assert one == Error(NOT_FOUND, "The instance ID 'i-12345678' does not exist")
    two = refused(ec2.terminate_instances, InstanceIds=[UNKNOWN[0], instance, UNKNOWN[1]])
    assert two == Error(NOT_FOUND, "The instance IDs 'i-12345678, i-0abcdef1234567890' do not exist")
    malformed = refused(ec2.stop_instances, InstanceIds=["ma1", instance])
    assert malformed == Error("InvalidInstanceID.Malformed", 'Invalid id: "ma1"')
    assert state(ec2, instance) == "running"


def test_no_ids_at_all_are_refused() -> None:
    ec2, _ = client_of()
    none = refused(ec2.terminate_instances, InstanceIds=[])
    assert none == Error("InvalidParameterCombination", "No instances specified")
    none = refused(ec2.stop_instances, InstanceIds=[])
    assert none == Error("MissingParameter", "The request must contain the parameter InstanceId")


def test_stop_protection_is_named_by_its_attribute() -> None:
    ec2, _ = client_of()
    instance = launched(ec2, DisableApiStop=True)
    state(ec2, instance)
    refusal = refused(ec2.terminate_instances, InstanceIds=[instance])
    assert refusal == not_permitted(instance, "terminated", "disableApiStop")
    assert refused(ec2.stop_instances, InstanceIds=[instance]) == not_permitted(instance, "stopped", "disableApiStop")


def test_a_wrong_state_is_refused_in_the_words_of_the_operation() -> None:
    ec2, _ = client_of()
    code = "IncorrectInstanceState"
    young = launched(ec2)
    ec2.push("fail-launch", young)
    dead, ids = young, [young]
    cannot = refused(ec2.stop_instances, InstanceIds=ids)
    assert cannot == Error(code, f"This instance '{dead}' is not in a state from which it can be stopped.")
    cannot = refused(ec2.start_instances, InstanceIds=ids)
    assert cannot == Error(code, f"The instance '{dead}' is not in a state from which it can be started.")
    cannot = refused(ec2.modify_instance_attribute, InstanceId=dead, DisableApiTermination={"Value": True})
    states = "'running', 'pending', 'stopping' or 'stopped'"
    assert cannot == Error(code, f"The instance '{dead}' must be in a {states} state for this operation.")


def test_an_instance_store_root_cannot_be_stopped() -> None:
    ec2, _ = client_of()
    store = launched(ec2, ImageId=INSTANCE_STORE.id)
    state(ec2, store)
    assert refused(ec2.stop_instances, InstanceIds=[store]) == Error(
        "UnsupportedOperation", f"The instance '{store}' does not have an 'ebs' root device type and cannot be stopped."
    )


def test_an_unknown_attribute_is_refused() -> None:
    ec2, _ = client_of()
    assert refused(ec2.describe_instance_attribute, InstanceId=launched(ec2), Attribute="colour") == Error(
        "InvalidParameterValue", "Value (colour) for parameter attribute is invalid. Unknown attribute."
    )


def test_a_dry_run_answers_412_and_changes_nothing() -> None:
    ec2, _ = client_of()
    instance = launched(ec2)
    would = Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    assert refused(ec2.terminate_instances, InstanceIds=[instance], DryRun=True) == would
    assert refused(ec2.run_instances, MaxCount=1, DryRun=True) == would
    assert state(ec2, instance) == "running"
    assert len(ec2.describe_instances()["Reservations"]) == 1


@pytest.mark.parametrize("seed", range(10))
def test_a_dry_run_that_a_protected_instance_answers_changes_nothing_either(seed: int) -> None:
    ec2, _ = client_of(replace(VARIED, seed=seed, delays=AT_ONCE))
    free, protected = launched(ec2, 1), launched(ec2, 2, DisableApiTermination=True)
    refused(ec2.terminate_instances, InstanceIds=[free, protected], DryRun=True)
    assert state(ec2, free) == "running"


def test_nobody_is_answered_403_whatever_the_ids_are() -> None:
    ec2, _ = client_of()
    nobody = ec2.for_nobody()
    instance = launched(ec2)
    for ids in ([instance], [], ["foo"], UNKNOWN):
        for dry_run in (False, True):
            error = refused(nobody.terminate_instances, InstanceIds=ids, DryRun=dry_run)
            assert (error.code, error.status) == ("UnauthorizedOperation", 403)
    assert refused(nobody.run_instances, MaxCount=1)[0] == "UnauthorizedOperation"
    assert state(ec2, instance) == "running"


def test_descriptions_have_the_shape_of_each_state() -> None:
    delays = {**AT_ONCE, StepName.SHUTDOWN_COMPLETES: (20, 20)}
    ec2, clock = client_of(replace(PROMPT, delays=delays))
    reply = ec2.run_instances(MaxCount=1)
    (item,) = reply["Instances"]
    instance = item["InstanceId"]
    assert item["State"] == {"Code": 0, "Name": "pending"}
    assert item["StateReason"] == {"Code": "pending", "Message": "pending"}
    assert (item["StateTransitionReason"], item["PublicDnsName"], item["BlockDeviceMappings"]) == ("", "", [])
    assert item["NetworkInterfaces"][0]["Attachment"]["Status"] == "attaching"

    running = shown(ec2, instance)
    assert running["State"] == {"Code": 16, "Name": "running"}
    assert "StateReason" not in running
    assert running["StateTransitionReason"] == ""

    clock.sleep(65)
    ec2.stop_instances(InstanceIds=[instance])
    clock.sleep(7)
    stopped = shown(ec2, instance)
    assert stopped["StateReason"] == {
        "Code": "Client.UserInitiatedShutdown",
        "Message": "Client.UserInitiatedShutdown: User initiated shutdown",
    }
    assert stopped["StateTransitionReason"] == "User initiated (2026-01-01 00:01:05 GMT)"
    assert stopped["PrivateIpAddress"] == running["PrivateIpAddress"]
    assert stopped["BlockDeviceMappings"] == running["BlockDeviceMappings"]
    assert "PublicIpAddress" not in stopped

    ec2.start_instances(InstanceIds=[instance])
    assert "StateReason" not in shown(ec2, instance)
    ec2.terminate_instances(InstanceIds=[instance])
    ending = shown(ec2, instance)
    assert ending["State"] == {"Code": 32, "Name": "shutting-down"}
    assert ending["BlockDeviceMappings"]
    clock.sleep(20)
    ended = shown(ec2, instance)
    assert ended["State"] == {"Code": 48, "Name": "terminated"}
    assert ended["BlockDeviceMappings"] == ended["NetworkInterfaces"] == []
    assert ended["StateTransitionReason"] == "User initiated (2026-01-01 00:01:12 GMT)"
    assert ended["Placement"]["AvailabilityZone"] == DEFAULT_REGION.zones[0]
    for ends in (ending, ended):
        assert not {"PrivateIpAddress", "PublicIpAddress", "VpcId", "SubnetId", "SourceDestCheck"} & set(ends)
        assert ends["PrivateDnsName"] == ends["PublicDnsName"] == ""
        assert ends["SecurityGroups"] == []


def test_descriptions_group_by_launch_and_filter() -> None:
    ec2, _ = client_of()
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "run", "Value": "r1"}]}]
    three = [i["InstanceId"] for i in ec2.run_instances(MaxCount=3, TagSpecifications=tags)["Instances"]]
    one = launched(ec2)
    reservations = ec2.describe_instances(InstanceIds=[*three, one])["Reservations"]
    assert [[i["InstanceId"] for i in r["Instances"]] for r in reservations] == [three, [one]]
    assert ec2.describe_instances(Filters=[{"Name": "instance-id", "Values": ["foo"]}])["Reservations"] == []
    for name, values in (("tag:run", ["r*"]), ("tag-key", ["run"]), ("instance-id", three)):
        (reservation,) = ec2.describe_instances(Filters=[{"Name": name, "Values": values}])["Reservations"]
        assert [i["InstanceId"] for i in reservation["Instances"]] == three
    assert (
        refused(ec2.describe_instances, Filters=[{"Name": "colour", "Values": ["red"]}]).code == "InvalidParameterValue"
    )


def test_every_reply_has_the_shape_of_ec2s_api_model() -> None:
    ec2, _ = client_of()
    api = botocore.session.get_session().get_service_model("ec2")
    operations = {botocore.xform_name(name): name for name in api.operation_names}

    def check(method: str, **arguments: object) -> Reply:
        reply: Reply = getattr(ec2, method)(**arguments)
        shape = api.operation_model(operations[method]).output_shape
        body = {key: value for key, value in reply.items() if key != "ResponseMetadata"}
        problems = ParamValidator().validate(body, shape) if shape is not None else None
        assert problems is None or not problems.has_errors(), problems.generate_report()
        return reply

    instance = check("run_instances", MaxCount=1)["Instances"][0]["InstanceId"]
    check("describe_instances")
    for attribute in request_parsing.ATTRIBUTES:
        check("describe_instance_attribute", InstanceId=instance, Attribute=attribute)
    check("modify_instance_attribute", InstanceId=instance, DisableApiStop={"Value": False})
    check("reboot_instances", InstanceIds=[instance])
    volume = check("create_volume", AvailabilityZone=DEFAULT_REGION.zones[0], Size=1)["VolumeId"]
    check("describe_volumes")
    check("attach_volume", VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    check("detach_volume", VolumeId=volume)
    for method in ("stop_instances", "start_instances", "terminate_instances"):
        check(method, InstanceIds=[instance])
        check("describe_instances", InstanceIds=[instance])
    check("describe_availability_zones")
    check("describe_images")
