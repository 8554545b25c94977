"""A finding as an issue to file: a test that fails now, commands for a shell, and the text around them."""

import ast
import builtins
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from command_runs import Command
from report_samples import CLAUSE, FINDING, HOSTILE, MOTO
from stored_streams import stored

from ec2_lifecycle.conformance.commands.issue import checked_test, failure_of
from ec2_lifecycle.conformance.findings.repro import CannotWrite, cli_form, pytest_form
from ec2_lifecycle.conformance.findings.repro.short_programs import LONGEST
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.reports.events import Finding
from ec2_lifecycle.reports.issue import issue_text
from ec2_lifecycle.reports.stored_runs import read_runs
from ec2_lifecycle.strategies.files.format import read_scenario

SHIELD: Final = """\
title: A shielded instance is terminated
clauses: [TERM-4]
steps:
  - run: {name: A}
  - run: {name: B, DisableApiTermination: true}
  - terminate: [A, B]
"""
FOUND: Final = replace(
    FINDING,
    title="TerminateInstances terminates an instance; EC2 does not",
    scenario_text=SHIELD,
    step=2,
    instance="A",
    deviation="effect",
    expected_class="state:running",
    observed_class="state:terminated",
)


def form_of(finding: Finding, target: str = "moto") -> str:
    """Return the test of a finding."""
    return pytest_form(finding, read_scenario(finding.scenario_text, "a.yaml"), target)


def test_the_tests_of_motos_findings_fail_on_moto_and_pass_on_the_model(command: Command, tmp_path: Path) -> None:
    assert command("run moto --max-calls 700 --output out --json").code == 1
    [target] = read_runs([Path("out", "events.ndjson")]).targets
    tests: list[str] = []
    for finding in target.new[::2]:  # the others take as long again, and `nox -s bench` tries them all
        test = checked_test(finding, "moto")  # which the model passes
        assert len(test.splitlines()) <= LONGEST
        tests.append(test)
    assert len(tests) >= 4
    for number, test in enumerate(tests):
        (tmp_path / f"test_{number}.py").write_text(test, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", "."],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert f"{len(tests)} failed" in ran.stdout
    assert " passed" not in ran.stdout
    assert "NameError" not in ran.stdout


def test_a_test_reads_like_this() -> None:
    assert form_of(FOUND) == (
        "from contextlib import suppress\n"
        "\n"
        "import boto3\n"
        "from botocore.exceptions import ClientError\n"
        "from moto import mock_aws\n"
        "\n\n"
        "@mock_aws\n"
        "def test_terminate_instances_terminates_an_instance():\n"
        '    ec2 = boto3.client("ec2", region_name="us-east-1")\n'
        '    launch = {"ImageId": "ami-1e749f67", "MinCount": 1, "MaxCount": 1, '
        '"Placement": {"AvailabilityZone": "us-east-1a"}}\n'
        '    A = ec2.run_instances(**launch)["Instances"][0]["InstanceId"]\n'
        '    B = ec2.run_instances(**launch, DisableApiTermination=True)["Instances"][0]["InstanceId"]\n'
        "    with suppress(ClientError):\n"
        "        ec2.terminate_instances(InstanceIds=[A, B])\n"
        "    described = ec2.describe_instances(InstanceIds=[A])\n"
        '    instance = described["Reservations"][0]["Instances"][0]\n'
        '    assert instance["State"]["Name"] in ["pending", "running"]\n'
    )


def test_a_test_for_an_endpoint_names_its_address() -> None:
    test = form_of(FOUND, "endpoint:http://127.0.0.1:4566")
    assert 'endpoint_url="http://127.0.0.1:4566"' in test
    assert "moto" not in test
    assert len(test.splitlines()) <= LONGEST


@pytest.mark.parametrize("target", ["moto", "model", "endpoint:http://127.0.0.1:4566", "python:mine:make", "mine"])
def test_a_test_defines_every_name_that_it_uses(target: str) -> None:
    for found in (FOUND, replace(FOUND, scenario_text=SHIELD.replace("name: B", "zone: 2, name: B"))):
        names = [node for node in ast.walk(ast.parse(form_of(found, target))) if isinstance(node, ast.Name)]
        lines = re.findall(r"import ([\w, ]+)$", form_of(found, target), re.MULTILINE)
        imported = {name for line in lines for name in line.split(", ")}
        set_here = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        assert {node.id for node in names} <= {*imported, *set_here, *dir(builtins)}


def test_the_test_for_an_endpoint_passes_on_the_model() -> None:
    assert checked_test(FOUND, "endpoint:http://127.0.0.1:4566")


def test_a_test_that_ec2_would_fail_is_not_written() -> None:
    wrong = replace(FOUND, expected_class="state:stopped")
    with pytest.raises(CannotWrite, match="its scenario runs differently on EC2"):
        checked_test(wrong, "moto")


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("  - shutdown-in-guest: A\n", "no call of EC2's API causes"),
        ("  - terminate: {ids: [A], as: nobody}\n", "a caller without permission"),
    ],
)
def test_what_boto3_cannot_do_is_no_test(steps: str, why: str) -> None:
    text = f"title: a\nclauses: [TERM-4]\nsteps:\n  - run: {{name: A}}\n{steps}"
    with pytest.raises(CannotWrite, match=why):
        form_of(replace(FOUND, scenario_text=text, step=1))


def found(operation: Operation, steps: Sequence[str], **facts: Any) -> Finding:  # noqa: ANN401
    """Return a finding of a scenario, blamed on its last step."""
    text = "".join(["title: a\nclauses: [TERM-4]\nsteps:\n", *(f"  - {step}\n" for step in steps)])
    facts = {"instance": None, "step": len(steps) - 1, **facts}
    return replace(FINDING, scenario_text=text, operation=operation.value, **facts)


def test_a_test_looks_up_the_volume_of_a_launch_that_it_names() -> None:
    finding = found(
        Operation.DESCRIBE_VOLUMES,
        ["run: {name: A}", "terminate: [A]", "describe-volumes: [A.root]"],
        expected=("The volume '{volume}' does not exist.",),
        deviation="message",
        expected_class="message:known",
        observed_class="message:other",
    )
    test = checked_test(finding, "moto")
    filters = 'Filters=[{"Name": "attachment.instance-id", "Values": [A]}]'
    assert f'    A_root = ec2.describe_volumes({filters})["Volumes"][0]["VolumeId"]\n' in test
    assert "ec2.describe_volumes(VolumeIds=[A_root])" in test
    assert isinstance(failure_of(test), AssertionError), "moto quotes the id twice"
    commands = cli_form(finding, read_scenario(finding.scenario_text, "a.yaml"), "moto")
    assert "A_root=$(aws ec2 describe-volumes --filters " in commands
    assert "--query 'Volumes[0].VolumeId' --output text)" in commands


def test_one_of_several_volumes_of_a_launch_is_looked_up_by_its_device() -> None:
    finding = found(
        Operation.ATTACH,
        ["run: {name: A, volumes: [{name: data}]}", "attach: {volume: data, id: A, device: /dev/sdp}"],
        expected=("VolumeInUse (volume already attached: VOL-13)",),
        deviation="granted",
        expected_class="refusal:VolumeInUse",
        observed_class="success",
    )
    assert '{"Name": "attachment.device", "Values": ["/dev/sdf"]}' in checked_test(finding, "moto")


def test_a_test_looks_up_an_image_with_an_instance_store_root() -> None:
    finding = found(
        Operation.RUN,
        ["run: {name: A, root: instance-store}"],
        instance="A",
        deviation="field",
        expected_class="root:instance-store",
        observed_class="root:ebs",
    )
    test = checked_test(finding, "moto")
    assert 'Filters=[{"Name": "root-device-type", "Values": ["instance-store"]}]' in test
    assert "ImageId=instance_store_image" in test
    assert test.count("describe_images") == 1
    assert isinstance(failure_of(test), AssertionError)


def test_a_test_goes_on_after_a_call_that_ec2_refuses() -> None:
    finding = found(
        Operation.TERMINATE,
        [
            "run: {name: A}",
            "create-volume: {name: v}",
            "attach: {volume: v, id: A, device: /dev/sdp}",
            "attach: {volume: v, id: A, device: /dev/sdq}",
            "terminate: [A]",
        ],
        instance="A",
        deviation="refused",
        expected_class="success",
        observed_class="refusal:InvalidAttachment.NotFound",
    )
    test = checked_test(finding, "moto")
    assert test.count("with suppress(ClientError):") == 1
    assert (
        '    with suppress(ClientError):\n        ec2.attach_volume(VolumeId=v, InstanceId=A, Device="/dev/sdq")'
        in test
    )
    assert "InvalidAttachment.NotFound" in str(failure_of(test))


def test_a_test_asserts_only_in_the_state_of_the_defect_where_ec2_takes_another_course() -> None:
    finding = found(
        Operation.STOP,
        ["run: {name: A, DisableApiStop: true}", "terminate: [A]", "stop: [A]"],
        instance="A",
        expected=("IncorrectInstanceState (shutting down or terminated: STOP-6)",),
        deviation="code",
        expected_class="refusal:IncorrectInstanceState",
        observed_class="refusal:OperationNotPermitted",
        situation={"states": ("terminated",)},
    )
    test = checked_test(finding, "moto")
    assert (
        '    if instance["State"]["Name"] == "terminated":  # only another defect leads here\n'
        "        with pytest.raises(ClientError) as refused:\n" in test
    )
    assert isinstance(failure_of(test), AssertionError), "moto terminates an instance with stop protection"


def a_launch(clause: str, steps: Sequence[str], expected_class: str, observed_class: str) -> Finding:
    """Return a finding about what its last launch made."""
    facts = {"deviation": "listed", "expected_class": expected_class, "observed_class": observed_class}
    return replace(found(Operation.RUN, steps, **facts), clause=clause)


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (
            a_launch("TOKEN-1", ["run: {name: A, ClientToken: t}", "run-again: {name: A}"], "items:again", "items:new"),
            'assert {i["InstanceId"] for i in launched} == {A}',
        ),
        (
            a_launch(
                "TOKEN-1",
                ["run: {name: A, count: 3, ClientToken: t}", "run-again: {name: A}"],
                "items:again",
                "items:missing",
            ),
            'assert {i["InstanceId"] for i in launched} == {A1, A2, A3}',
        ),
        (
            a_launch(
                "RUN-8",
                ["run: {name: A, count: 2, MinCount: 1}", "run: {name: B}"],
                "items:as-many-as-possible",
                "items:fewer",
            ),
            "assert len(A) == 2  # one more launch found capacity",
        ),
    ],
)
def test_a_test_of_a_launch_asserts_what_it_makes(finding: Finding, line: str) -> None:
    test = checked_test(finding, "moto")
    assert f"    {line}\n" in test
    assert isinstance(failure_of(test), AssertionError)


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (
            a_launch(
                "TOKEN-3",
                ["run: {name: A, ClientToken: t}", "run-again: {name: A, zone: 2}"],
                "items:new",
                "items:again",
            ),
            'assert {i["InstanceId"] for i in launched}.isdisjoint({A})',
        ),
        (
            a_launch(
                "TOKEN-4",
                ["run: {name: A, ClientToken: t}", "run: {name: B, ClientToken: T}"],
                "items:new",
                "items:again",
            ),
            'assert {i["InstanceId"] for i in launched}.isdisjoint({A})',
        ),
        (
            a_launch("RUN-8", ["run: {name: A, count: 4, MinCount: 2}"], "items:in-range", "items:out-of-range"),
            "assert 2 <= len(launched) <= 4",
        ),
    ],
)
def test_a_test_of_a_launch_that_moto_gets_right_passes_on_both(finding: Finding, line: str) -> None:
    test = checked_test(finding, "moto")
    assert f"    {line}\n" in test
    assert failure_of(test) is None


def test_a_test_compares_the_times_before_and_after_a_start() -> None:
    finding = found(
        Operation.DESCRIBE,
        ["run: {name: A}", "stop: [A]", "settle", "start: [A]"],
        step=4,
        instance="A",
        deviation="field",
        expected_class="renewed:LaunchTime",
        observed_class="stale:LaunchTime",
    )
    test = checked_test(finding, "moto")
    assert test.startswith("import time\n\nimport boto3\n")
    assert '    assert instance["LaunchTime"] > before["LaunchTime"]\n' in test
    assert isinstance(failure_of(test), AssertionError)


@pytest.mark.parametrize(
    ("observed_class", "line"),
    [
        ("items:missing", "assert A in ids"),
        ("items:listed", "assert A not in ids"),
        ("items:repeated", "assert ids.count(A) == 1"),
    ],
)
def test_a_test_of_a_description_asserts_what_it_lists(observed_class: str, line: str) -> None:
    finding = found(
        Operation.DESCRIBE,
        ["run: {name: A}", "describe: [A]"],
        instance="A",
        deviation="listed",
        expected_class="items:complete",
        observed_class=observed_class,
    )
    assert f"    {line}\n" in form_of(finding)


def test_a_volume_that_is_never_released_is_attached_to_no_terminated_instance() -> None:
    finding = found(
        Operation.DESCRIBE_VOLUMES,
        [
            "run: {name: A}",
            "create-volume: {name: v}",
            "terminate: [A]",
            "attach: {volume: v, id: A, device: /dev/sdp}",
        ],
        step=4,
        deviation="never",
        expected_class="rest:reached",
        observed_class="rest:never",
    )
    test = checked_test(finding, "moto")
    assert 'assert not ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [A]}])' in test
    assert isinstance(failure_of(test), AssertionError)


def test_commands_for_a_shell_read_like_this() -> None:
    text = cli_form(FOUND, read_scenario(SHIELD, "a.yaml"), "endpoint:http://127.0.0.1:4566")
    place = '--placement \'{"AvailabilityZone": "us-east-1a"}\''
    keep = "--query 'Instances[0].InstanceId' --output text)"
    assert text.splitlines() == [
        "export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_DEFAULT_REGION=us-east-1",
        "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test",
        f"A=$(aws ec2 run-instances --image-id ami-12345678 --count 1 {place} {keep}",
        f"B=$(aws ec2 run-instances --image-id ami-12345678 --count 1 {place} --disable-api-termination {keep}",
        'aws ec2 terminate-instances --instance-ids "$A" "$B"',
        'aws ec2 describe-instances --instance-ids "$A"',
        "# EC2: A is running, shielded by C (TERM-4)",
        "# EC2: A is pending, shielded by C (TERM-4)",
        "# endpoint:http://127.0.0.1:4566: A is shutting-down",
    ]


def test_an_issue_has_the_promise_the_program_what_happens_and_the_versions(command: Command) -> None:
    Path("out").mkdir()
    stored(Path("out", "events.ndjson"), [replace(MOTO, findings=(FOUND,))])
    ran = command("issue f1:abcd")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"# {FOUND.title}\n\nWhy it matters: instances that the protected one ")
    for part in (CLAUSE.sentence, "```python\n", "@mock_aws", "Observed: `A is shutting-down`", "- moto 5.2.5\n"):
        assert part in ran.out
    assert command("issue f1:abcd --for cli").out.count("aws ec2 ") == 4
    assert command("issue f1:abcd --for pytest").out == form_of(FOUND)


def test_a_finding_without_a_test_says_so_in_one_sentence_and_its_issue_has_the_longer_program(
    command: Command,
) -> None:
    stored(Path("events.ndjson"), [replace(MOTO, findings=(replace(FOUND, deviation="unreadable"),))])
    ran = command("issue f1:abcd1234 --for pytest")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence == (
        "f1:abcd1234 has no pytest form: there is no short test for this kind of finding. See: --for generic"
    )
    assert FOUND.repro.splitlines()[0] in command("issue f1:abcd1234").out


def test_an_issue_names_all_operations_that_have_the_defect_and_no_id_that_only_this_project_uses() -> None:
    expected = ("A running (TERM-4)", "InvalidInstanceID.Malformed (malformed id: ERR-2)")
    several = replace(FINDING, expected=expected, situation={"operations": ("StartInstances", "StopInstances")})
    text = issue_text(several, CLAUSE, "moto", {}, "", "python")
    assert "Expected: A running; or InvalidInstanceID.Malformed (malformed id)\n" in text
    assert "These operations do so: StartInstances, StopInstances." in text
    one = replace(several, situation={"operations": ("StartInstances",)})
    assert "These operations" not in issue_text(one, CLAUSE, "moto", {}, "", "python")


def test_nothing_that_a_target_says_is_more_than_text_in_an_issue() -> None:
    nasty = replace(FOUND, title=HOSTILE, observed=HOSTILE, expected=(HOSTILE,), effect=HOSTILE)
    text = issue_text(nasty, CLAUSE, HOSTILE, {HOSTILE: HOSTILE}, HOSTILE, "python")
    assert all(character == "\n" or character.isprintable() for character in text)
    assert json.dumps(text)
