"""A finding as an issue to file: a test that fails now, commands for a shell, and the text around them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from command_runs import Command
from report_samples import CLAUSE, FINDING, HOSTILE, MOTO
from stored_streams import stored

from ec2_lifecycle.conformance.commands.issue import checked_test
from ec2_lifecycle.conformance.findings.issue import issue_text
from ec2_lifecycle.conformance.findings.repro import CannotWrite, cli_form, pytest_form
from ec2_lifecycle.conformance.findings.repro.short_programs import LONGEST
from ec2_lifecycle.reports.events import Finding
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
    for finding in target.new[::2]:  # the others take as long again, and `issue` tries each test before it writes it
        try:
            test = checked_test(finding, "moto")
        except CannotWrite:
            continue
        assert len(test.splitlines()) <= LONGEST
        tests.append(test)
    assert len(tests) >= 4, "most findings have a test"
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


def test_nothing_that_a_target_says_is_more_than_text_in_an_issue() -> None:
    nasty = replace(FOUND, title=HOSTILE, observed=HOSTILE, expected=(HOSTILE,), effect=HOSTILE)
    text = issue_text(nasty, CLAUSE, HOSTILE, {HOSTILE: HOSTILE}, HOSTILE, "python")
    assert all(character == "\n" or character.isprintable() for character in text)
    assert json.dumps(text)
