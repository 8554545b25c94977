"""Replies over the wire of which a part cannot be read: one finding about that part, and no guess."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from edited_replies import EVERY, answered, both, edited, errors_as_successes, successes_as_errors
from strange_servers import Asked, Change, strange_replies, strange_server

from ec2_lifecycle.conformance.adapter.target import Patience
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.running.tiers import quick
from ec2_lifecycle.conformance.targets.endpoint import endpoint_target
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import TargetFinished, Verdict

SOON = Patience(polls=4, first_pause=0.0)
SCENARIO = """title: Everything that a reply may show
steps:
  - run: {name: A, zone: 1, DisableApiTermination: true, volumes: [{name: d, DeleteOnTermination: false}]}
  - run: {name: B, zone: 1}
  - settle
  - describe-attribute: {id: A, attribute: DisableApiTermination}
  - describe-attribute: {id: A, attribute: DisableApiStop}
  - describe-attribute: {id: A, attribute: InstanceInitiatedShutdownBehavior}
  - terminate: [A]
  - modify: {id: A, DisableApiTermination: false}
  - describe-attribute: {id: A, attribute: DisableApiTermination}
  - create-volume: {name: v, zone: 1}
  - settle
  - describe-volumes: [v, d]
  - attach: {volume: v, id: B, device: /dev/sdg}
  - settle
  - describe-volumes: [v]
  - reboot: [B]
  - stop: [B]
  - settle
  - start: [B]
  - settle
  - terminate: [A, B]
  - settle
"""


Connected = Callable[[Change], AbstractContextManager[str]]
"""A way to such replies: over a connection or without one."""


def run(change: Change, *scenarios: Path, connected: Connected = strange_replies) -> TargetFinished:
    """Run scenarios against an endpoint with such replies; a few of the corpus by default."""
    with connected(change) as url:
        target = endpoint_target(url, patience=SOON)
        plan = Plan(corpus=scenarios or quick(EC2, corpus_files()), generate=False)
        done = run_here(target, target.name, EC2, plan, lambda _: None)
        target.close()
    assert done.broken is None
    return done


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenarios") / "everything.yaml"
    path.write_text(SCENARIO)
    return path


def titles(done: TargetFinished) -> list[str]:
    return [finding.title for finding in done.findings]


ATTRIBUTE = "DescribeInstanceAttribute"
PROTECTION = f"{ATTRIBUTE}: DisableApiTermination.Value cannot be read"
PLACES: list[tuple[Change, str]] = [
    *(
        (edited(ATTRIBUTE, "(<disableApiTermination>)<value>[a-z]*</value>", rf"\1{value}"), PROTECTION)
        for value in (
            "",
            "<Value>true</Value>",
            "<val>true</val>",
            "<value/>",
            "<value>True</value>",
            "<value>1</value>",
            "<value>yes</value>",
            "<value> true </value>",
            "<value>true</value><value>true</value>",
            "<value><true/></value>",
        )
    ),
    (
        edited(ATTRIBUTE, "disableApiStop>", "disableApiSop>"),
        f"{ATTRIBUTE}: DisableApiStop.Value cannot be read",
    ),
    (
        edited(ATTRIBUTE, "<value>stop</value>", "<value>hibernate</value>"),
        f"{ATTRIBUTE}: InstanceInitiatedShutdownBehavior.Value cannot be read",
    ),
    (
        edited("DescribeInstances", "<deleteOnTermination>[a-z]*<", "<deleteOnTermination>True<"),
        "DescribeInstances: Instance.BlockDeviceMappings.Ebs.DeleteOnTermination cannot be read",
    ),
    (
        edited("DescribeInstances", "<rootDeviceType>ebs<", "<rootDeviceType>EBS<"),
        "DescribeInstances: Instance.RootDeviceType cannot be read",
    ),
    (
        edited("DescribeInstances", "<sourceDestCheck>true<", "<sourceDestCheck>yes<"),
        "DescribeInstances: Instance.SourceDestCheck cannot be read",
    ),
    (
        edited("DescribeInstances", r"<stateReason>.*?</stateReason>", "<stateReason>none</stateReason>"),
        "DescribeInstances: Instance.StateReason cannot be read",
    ),
    (
        edited("DescribeInstances", r"<placement>.*?</placement>", "<placement>here</placement>"),
        "DescribeInstances: Instance.Placement cannot be read",
    ),
    (
        edited("DescribeInstances", "<status>attached<", "<status>Attached<"),
        "DescribeInstances: Instance.BlockDeviceMappings.Ebs.Status cannot be read",
    ),
    (
        edited("DescribeInstances", "(<ebs>.*?<attachTime>)[^<]*<", r"\1noon<"),
        "DescribeInstances: Instance.BlockDeviceMappings.Ebs.AttachTime cannot be read",
    ),
    (
        edited("AttachVolume", "<status>[^<]*</status>", ""),
        "AttachVolume: VolumeAttachment.State cannot be read",
    ),
    (
        edited("AttachVolume", "<status>attaching<", "<status>Attaching<"),
        "AttachVolume: VolumeAttachment.State cannot be read",
    ),
    (edited("CreateVolume", "<size>[^<]*<", "<size>big<"), "CreateVolume: Volume.Size cannot be read"),
    (
        edited("DescribeInstances", r"(<instanceState><code>)\d+", r"\1abc"),
        "DescribeInstances: Instance.State.Code cannot be read",
    ),
    (
        edited("DescribeInstances", r"reservationSet>", "reservationsSet>"),
        "DescribeInstances: Reservations cannot be read",
    ),
    (
        edited("RunInstances", r"<instanceState>.*?</instanceState>", ""),
        "RunInstances: Instance.State cannot be read",
    ),
    (
        edited("RunInstances", r"<amiLaunchIndex>0<", "<amiLaunchIndex>first<"),
        "RunInstances: Instance.AmiLaunchIndex cannot be read",
    ),
    *(
        (edited(f"{action}Instances", before, after), f"{action}Instances: {place or listed} cannot be read")
        for action, listed in (
            ("Start", "StartingInstances"),
            ("Stop", "StoppingInstances"),
            ("Terminate", "TerminatingInstances"),
        )
        for before, after, place in (
            ("instancesSet>", "instanceSet>", ""),
            ("item>", "member>", ""),
            (r"<previousState>.*?</previousState>", "", "InstanceStateChange.PreviousState"),
            (r"(<currentState><code>)\d+", r"\1", "InstanceStateChange.CurrentState.Code"),
            ("instanceId>", "instanceID>", "InstanceStateChange.InstanceId"),
        )
    ),
    *(
        (edited(action, "<return>true<", "<return>yes<"), f"{action}: Return cannot be read")
        for action in ("RebootInstances", "ModifyInstanceAttribute")
    ),
    (edited("RebootInstances", "<return>true<", "<return>false<"), "RebootInstances: Return cannot be read"),
    (edited("CreateVolume", "<status>creating<", "<status>made<"), "CreateVolume: Volume.State cannot be read"),
    (edited("CreateVolume", "volumeId>", "volumeID>"), "CreateVolume: Volume.VolumeId cannot be read"),
    (
        edited("DescribeVolumes", "(<volumeId>[^<]*</volumeId>.*?)<status>(available|in-use)<", r"\1<status>busy<"),
        "DescribeVolumes: Volume.State cannot be read",
    ),
    (
        edited("DescribeVolumes", "<deleteOnTermination>[a-z]*<", "<deleteOnTermination>0<"),
        "DescribeVolumes: Volume.Attachments.DeleteOnTermination cannot be read",
    ),
]


@pytest.mark.parametrize(("change", "title"), PLACES)
def test_a_part_that_cannot_be_read_is_one_finding_about_its_place(change: Change, title: str, scenario: Path) -> None:
    assert titles(run(change, scenario)) == [title]


EVERYWHERE: list[tuple[str, str, str]] = [
    *(
        (r"<placement>.*?</placement>", after, "Instance.Placement.AvailabilityZone")
        for after in (
            "",
            "<placement/>",
            "<placement><availabilityZone/></placement>",
            "<placement><a>b</a></placement>",
        )
    ),
    (r"<placement>.*?</placement>", "<placement>us-east-1a</placement>", "Instance.Placement"),
    (r"<instanceState>.*?</instanceState>", "<instanceState>running</instanceState>", "Instance.State"),
    ("<rootDeviceType>ebs<", "<rootDeviceType>disk<", "Instance.RootDeviceType"),
    ("<rootDeviceType>ebs</rootDeviceType>", "", "Instance.RootDeviceType"),
    (r"<launchTime>[^<]*<", "<launchTime>yesterday<", "Instance.LaunchTime"),
    ("(</?)previousState>", r"\1previousstate>", "InstanceStateChange.PreviousState"),
    ("<return>true<", "<return>yes<", "Return"),
]


@pytest.mark.parametrize(("before", "after", "place"), EVERYWHERE)
def test_a_part_that_no_operation_and_no_state_shows_readably_is_one_finding(
    before: str, after: str, place: str, scenario: Path
) -> None:
    [title] = titles(run(edited(EVERY, before, after), scenario))
    assert title.endswith(f": {place} cannot be read")


@pytest.mark.parametrize("body", ["", "{}", "<html><p>x</p></html>", "<html>", "<DescribeInstancesResponse>"])
def test_some_bodies_that_no_client_can_read_are_one_finding(body: str, scenario: Path) -> None:
    bodies = edited("DescribeInstances", "(?s)^.*<name>stopped<.*$", body)
    assert titles(run(bodies, scenario)) == ["DescribeInstances: the reply cannot be read"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<Code>[^<]*</Code>", ""),
        ("<Code>[^<]*<", "<Code><"),
        ("<Code>[^<]*<", "<Code> <"),
        ("(</?)Code>", r"\1code>"),
        ("(</?)Errors>", r"\1Error>"),
    ],
)
def test_errors_whose_code_cannot_be_read_are_one_finding(before: str, after: str) -> None:
    def change(_: Asked, reply: HttpReply) -> HttpReply:
        body = re.sub(before.encode(), after.encode(), reply.body)
        return reply if reply.status < 400 else HttpReply(reply.status, reply.headers, body)

    done = run(change)
    [finding] = done.findings
    assert (finding.clause, finding.title.partition(": ")[2]) == ("ERR-4", "Error.Code cannot be read")


@pytest.mark.parametrize("connected", [strange_replies, strange_server])
def test_nothing_is_unreadable_in_the_replies_of_the_model(scenario: Path, connected: Connected) -> None:
    assert not titles(run(edited(EVERY, "(?!)", ""), scenario, connected=connected))


@pytest.mark.parametrize("connected", [strange_replies, strange_server])
def test_it_does_not_matter_whether_there_is_a_server(scenario: Path, connected: Connected) -> None:
    change, title = PLACES[-1]
    assert titles(run(change, scenario, connected=connected)) == [title]


def test_a_reply_without_return_is_read_as_clients_of_ec2_read_it(scenario: Path) -> None:
    assert not titles(run(edited(EVERY, "<return>true</return>", ""), scenario))


def test_what_can_be_read_beside_an_unreadable_part_is_judged() -> None:
    broken = edited("DescribeInstances", "<deleteOnTermination>[a-z]*<", "<deleteOnTermination>True<")
    done = run(both(broken, edited("DescribeInstances", "<name>stopped<", "<name>stopping<")))
    assert {"DESC-2", "STATE-1"} <= {finding.clause for finding in done.findings}
    assert done.clauses["TERM-1"].verdict is Verdict.HELD


# Errors under the status of a success, and the reverse.


def test_errors_with_the_status_of_a_success_are_one_finding() -> None:
    done = run(errors_as_successes)
    assert [finding.clause for finding in done.findings] == ["ERR-4"]
    assert titles(done) == ["Error replies have the HTTP status 200 of a success"]
    assert {"TERM-3", "PROT-1", "DRY-1", "ERR-1"} <= {
        clause for clause, result in done.clauses.items() if result.verdict is Verdict.HELD
    }


def test_an_error_with_the_status_of_a_success_is_judged_as_that_error() -> None:
    other = edited(EVERY, "OperationNotPermitted", "IncorrectInstanceState")
    clauses = {finding.clause for finding in run(both(errors_as_successes, other)).findings}
    assert "ERR-4" in clauses
    assert clauses >= {"TERM-6", "TERM-11"}


@pytest.mark.parametrize(
    "action",
    [
        *("StartInstances", "StopInstances", "RebootInstances", "TerminateInstances", "ModifyInstanceAttribute"),
        *("DescribeInstances", "DescribeInstanceAttribute", "CreateVolume", "AttachVolume", "DescribeVolumes"),
    ],
)
def test_an_error_body_of_any_operation_is_never_a_success(action: str, scenario: Path) -> None:
    error = "<Code>OperationNotPermitted</Code><Message>No.</Message>"
    body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>r</RequestID></Response>"
    done = run(answered(action, body), scenario)
    assert sum(finding.clause == "ERR-4" for finding in done.findings) == 1
    assert not any("cannot be read" in title for title in titles(done))
    assert any(finding.clause != "ERR-4" for finding in done.findings)


def test_a_success_with_the_status_of_an_error_is_a_refusal_without_a_code(scenario: Path) -> None:
    done = run(successes_as_errors("StopInstances"), scenario)
    assert {finding.operation for finding in done.findings} == {"StopInstances"}
    assert "(no error code) (the body is a StopInstancesResponse)" in done.findings[0].observed


# Lists that are asked for before a run.

ZONES = "DescribeAvailabilityZones"
ERROR = "<Response><Errors><Error><Code>Oops</Code><Message>m</Message></Error></Errors></Response>"


def lists() -> Iterator[tuple[Change, str]]:
    one_zone = "so the run names no zone, and all its instances count as in one."
    yield edited(ZONES, "<item>.*</item>", ""), f"{ZONES} lists none that can be used, {one_zone}"
    unread = "(the reply has no AvailabilityZones)"
    yield edited(ZONES, "availabilityZoneInfo>", "zones>"), f"{ZONES} cannot be read {unread}, {one_zone}"
    yield edited(ZONES, "zoneName>", "name>"), f"{ZONES} cannot be read (a zone has no ZoneName), {one_zone}"
    yield answered(ZONES, ERROR, 400), f"{ZONES} is refused (Oops: m), {one_zone}"
    yield answered(ZONES, ERROR), f"{ZONES} is refused (Oops: m), {one_zone}"
    yield answered(ZONES, ERROR, 500), f"{ZONES} is refused (Oops: m), {one_zone}"
    yield answered(ZONES, "{}"), f"{ZONES} is answered with a body that is not EC2's XML, {one_zone}"
    first = "so the run uses the zones us-east-1b, us-east-1c."
    yield (
        edited(ZONES, "<zoneName>us-east-1a</zoneName>", ""),
        f"{ZONES} cannot be read (a zone has no ZoneName), {first}",
    )


@pytest.mark.parametrize(("change", "note"), list(lists()))
def test_a_list_of_zones_that_cannot_be_read_is_noted_once(change: Change, note: str) -> None:
    with strange_replies(without_subnets(change)) as url:
        target = endpoint_target(url, patience=SOON)
        target.close()
    assert [one for one in target.notes if one.startswith(ZONES)] == [note]


def without_subnets(change: Change) -> Change:
    """Return a change that also refuses to list subnets, which would show the zones."""
    return both(change, answered("DescribeSubnets", ERROR, 400))


@pytest.mark.parametrize(
    ("action", "element", "so"),
    [
        ("DescribeImages", "imageId", "so the run launches ami-12345678."),
        ("DescribeInstanceTypes", "instanceType", "so the run launches t3.micro."),
    ],
)
def test_images_and_types_that_cannot_be_read_are_noted_once(action: str, element: str, so: str) -> None:
    with strange_replies(edited(action, f"{element}>", "id>")) as url:
        target = endpoint_target(url, patience=SOON)
        target.close()
    [note] = [one for one in target.notes if one.startswith(action)]
    assert note.endswith(so)


def test_a_list_that_can_be_read_is_not_noted() -> None:
    with strange_replies(edited(EVERY, "(?!)", "")) as url:
        target = endpoint_target(url, patience=SOON)
        target.close()
    assert not [note for note in target.notes if note.startswith((ZONES, "DescribeImages"))]


def test_a_note_is_in_the_result_of_the_run(scenario: Path) -> None:
    done = run(without_subnets(answered(ZONES, "{}")), scenario)
    assert sum(note.startswith(ZONES) for note in done.notes) == 1
