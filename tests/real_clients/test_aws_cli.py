"""The AWS CLI against the served model: what it asks, what it prints, and the code it ends with."""

from pathlib import Path

import pytest
from real_clients.programs import Place
from real_clients.worlds import launch, protections, states

from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.options import settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel

FAILED = 255
"""What the AWS CLI 1 ends with after an error of the service."""
ALL_IDS = "Reservations[].Instances[].InstanceId"


def test_an_instance_is_launched_with_its_tags_and_found_by_filters(place: Place) -> None:
    launch(place.boto3(), "other", "a")
    ran = place.aws(
        "ec2 run-instances --image-id ami-12345678 --instance-type m5.large --disable-api-termination "
        "--placement AvailabilityZone=us-east-1b --query Instances[].[InstanceId,InstanceType,State.Name]",
        "--tag-specifications",
        "ResourceType=instance,Tags=[{Key=Name,Value=web}]",
    )
    i, *shown = ran.words
    assert shown == ["m5.large", "pending"]
    found = place.aws(
        "ec2 describe-instances --filters Name=tag:Name,Values=w* Name=instance-state-name,Values=pending,running "
        "--query Reservations[].Instances[].[InstanceId,Placement.AvailabilityZone,Tags[0].Value]"
    )
    assert found.words == [i, "us-east-1b", "web"]


def test_descriptions_come_in_pages_of_the_size_asked_for_and_are_put_together(place: Place) -> None:
    ids = launch(place.boto3(), "many", "a", 12)
    ran = place.aws(f"ec2 describe-instances --page-size 5 --query {ALL_IDS} --debug")
    assert ran.words == ids
    assert ran.err.count("Making request for OperationModel(name=DescribeInstances)") == 3


def test_a_batch_with_a_protected_instance_fails_and_terminates_in_the_other_zone(place: Place) -> None:
    ec2 = place.boto3()
    [protected] = launch(ec2, "protected", "a", protected=True)
    [shielded] = launch(ec2, "shielded", "a")
    [other] = launch(ec2, "other", "b")
    ran = place.aws(f"ec2 terminate-instances --instance-ids {protected} {shielded} {other}")
    assert (ran.code, ran.out) == (FAILED, "")
    assert ran.err == (
        "An error occurred (OperationNotPermitted) when calling the TerminateInstances operation: "
        f"The instance '{protected}' may not be terminated. "
        "Modify its 'disableApiTermination' instance attribute and try again."
    )
    assert states(ec2) == {"protected": "running", "shielded": "running", "other": "terminated"}


def test_a_protection_is_set_and_cleared(place: Place) -> None:
    ec2 = place.boto3()
    [i] = launch(ec2, "web", "a")
    assert place.aws(f"ec2 modify-instance-attribute --instance-id {i} --disable-api-termination").code == 0
    assert protections(ec2, i) == (True, False)
    assert place.aws(f"ec2 modify-instance-attribute --instance-id {i} --no-disable-api-termination").code == 0
    assert protections(ec2, i) == (False, False)


def test_a_protection_is_shown(place: Place) -> None:
    [i] = launch(place.boto3(), "web", "a", protected=True)
    ran = place.aws(f"ec2 describe-instance-attribute --instance-id {i} --attribute disableApiTermination")
    assert ran.words == [i, "DISABLEAPITERMINATION", "True"]


def test_an_instance_is_stopped_started_and_terminated_and_every_wait_ends(place: Place) -> None:
    [i] = launch(place.boto3(), "web", "a")
    came: list[str] = []
    for action, listed, state in (
        ("stop", "StoppingInstances", "stopped"),
        ("start", "StartingInstances", "running"),
        ("terminate", "TerminatingInstances", "terminated"),
    ):
        query = f"{listed}[].[PreviousState.Name,CurrentState.Name]"
        came += place.aws(f"ec2 {action}-instances --instance-ids {i} --query {query}").words
        waited = place.aws(f"ec2 wait instance-{state} --instance-ids {i}")
        assert (waited.code, waited.err) == (0, "")
    assert came == ["running", "stopping", "stopped", "pending", "running", "shutting-down"]


def test_an_instance_is_resized_while_it_is_stopped_and_not_while_it_runs(place: Place) -> None:
    [i] = launch(place.boto3(), "web", "a")
    resize = f"ec2 modify-instance-attribute --instance-id {i} --instance-type Value=m5.xlarge"
    ran = place.aws(resize)
    message = f"The instance '{i}' is not in the 'stopped' state."
    assert (ran.code, ran.err) == error("IncorrectInstanceState", "ModifyInstanceAttribute", message)
    place.aws(f"ec2 stop-instances --instance-ids {i}")
    assert place.aws(resize).code == 0
    shown = place.aws(f"ec2 describe-instance-attribute --instance-id {i} --attribute instanceType")
    assert shown.words == [i, "INSTANCETYPE", "m5.xlarge"]


def test_a_wait_for_the_end_of_a_pending_instance_fails_at_once(tmp_path: Path) -> None:
    with serve_in_thread(ServedModel(settings_of(delays="on-demand"))) as url:
        place = Place(url, tmp_path)
        [i] = launch(place.boto3(), "web", "a")
        waited = place.aws(f"ec2 wait instance-terminated --instance-ids {i}")
    assert waited.code == FAILED
    assert waited.err.startswith("Waiter InstanceTerminated failed: Waiter encountered a terminal failure state")


def test_tags_are_made_listed_and_deleted(place: Place) -> None:
    [i] = launch(place.boto3(), "web", "a")
    assert place.aws(f"ec2 create-tags --resources {i} --tags Key=Name,Value=db Key=owner,Value=me").code == 0
    assert place.aws(f"ec2 delete-tags --resources {i} --tags Key=env").code == 0
    ran = place.aws(f"ec2 describe-tags --filters Name=resource-id,Values={i} --query Tags[].[Key,Value]")
    assert ran.words == ["Name", "db", "owner", "me"]


def test_only_running_instances_have_a_status_unless_all_are_asked_for(place: Place) -> None:
    ec2 = place.boto3()
    stopped, running = launch(ec2, "web", "a", 2)
    ec2.stop_instances(InstanceIds=[stopped])
    shown = "InstanceStatuses[].[InstanceId,InstanceStatus.Status]"
    assert place.aws(f"ec2 describe-instance-status --query {shown}").words == [running, "ok"]
    every = place.aws(f"ec2 describe-instance-status --include-all-instances --query {shown}")
    assert every.words == [stopped, "not-applicable", running, "ok"]


def test_sts_tells_who_asks(place: Place) -> None:
    ran = place.aws("sts get-caller-identity --query [Account,Arn]")
    assert ran.words == ["123456789012", "arn:aws:iam::123456789012:user/owner"]


def error(code: str, operation: str, message: str) -> tuple[int, str]:
    """Return the exit code and the text of an error, as the AWS CLI has it."""
    return FAILED, f"An error occurred ({code}) when calling the {operation} operation: {message}"


def test_a_dry_run_ends_as_an_error_and_changes_nothing(place: Place) -> None:
    ec2 = place.boto3()
    [i] = launch(ec2, "web", "a")
    ran = place.aws(f"ec2 terminate-instances --dry-run --instance-ids {i}")
    message = "Request would have succeeded, but DryRun flag is set."
    assert (ran.code, ran.err) == error("DryRunOperation", "TerminateInstances", message)
    assert states(ec2) == {"web": "running"}


def test_without_permission_a_termination_is_refused(place: Place) -> None:
    ec2 = place.boto3()
    [i] = launch(ec2, "web", "a")
    ran = place.aws(f"ec2 terminate-instances --instance-ids {i}", access_key="NOBODY")
    message = "You are not authorized to perform this operation."
    assert (ran.code, ran.err) == error("UnauthorizedOperation", "TerminateInstances", message)
    assert states(ec2) == {"web": "running"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "terminate-instances --instance-ids i-12345678",
            error("InvalidInstanceID.NotFound", "TerminateInstances", "The instance ID 'i-12345678' does not exist"),
        ),
        (
            "terminate-instances --instance-ids unknown",
            error("InvalidInstanceID.Malformed", "TerminateInstances", 'Invalid id: "unknown"'),
        ),
        (
            "describe-instances --filters Name=nonsense,Values=1",
            error("InvalidParameterValue", "DescribeInstances", "The filter 'nonsense' is invalid"),
        ),
        (
            "create-vpc --cidr-block 10.0.0.0/16",
            error(
                "UnsupportedOperation",
                "CreateVpc",
                "ec2-lifecycle does not answer CreateVpc. It models instances and volumes; "
                "docs/serve.md lists its operations.",
            ),
        ),
    ],
    ids=["unknown id", "malformed id", "unknown filter", "operation that is not held"],
)
def test_an_error_is_told_with_its_code_the_operation_and_its_message(
    place: Place, words: str, expected: tuple[int, str]
) -> None:
    ran = place.aws(f"ec2 {words}")
    assert (ran.code, ran.err) == expected


def test_another_region_has_instances_of_its_own(place: Place) -> None:
    launch(place.boto3(), "web", "a")
    assert place.aws(f"ec2 describe-instances --region eu-west-1 --query {ALL_IDS}").words == []
