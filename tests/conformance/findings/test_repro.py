"""The program of a finding: it runs by itself, says what came back, and reads as if somebody had written it by hand."""

import ast
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from ec2_lifecycle.conformance.findings.repro import repro
from ec2_lifecycle.conformance.targets.moto import IMAGE
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.strategies.files.format import load_scenario, read_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import BatchStep, Malformed

CORPUS = Path(str(files("ec2_lifecycle.conformance.corpus")))
TARGETS = (
    "moto",
    "moto-server",
    "model",
    "endpoint:http://127.0.0.1:4566",
    "aws:sandbox",
    "python:doubles.ec2:make",
    "registered",
)

WORKED_EXAMPLE = """\
title: A protected instance shields its own zone and no other
clauses: [TERM-4, TERM-5, TERM-6]
steps:
  - run: {name: A, zone: 1}
  - run: {name: B, zone: 1}
  - run: {name: C, zone: 2, DisableApiTermination: true}
  - run: {name: D, zone: 2}
  - settle
  - terminate: [C, D, A, B]
  - settle
  - describe: [A, B, C, D]
"""

ITS_PROGRAM = '''\
"""A protected instance shields its own zone and no other (TERM-4, TERM-5, TERM-6)."""

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

mock_aws().start()
ec2 = boto3.client("ec2", region_name="us-east-1")
names = {}


def attempt(call, **parameters):
    """Make a call, and print what came back."""
    try:
        reply = call(**parameters)
    except ClientError as error:
        code, message = error.response["Error"].get("Code"), error.response["Error"].get("Message")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        print(f"{call.__name__}: HTTP {status} {code}: {message}")
        return {}
    said = []
    for r in reply.get("Reservations", [reply]):
        said += [(i["InstanceId"], i["State"]["Name"]) for i in r.get("Instances", [])]
    for i in reply.get("TerminatingInstances", []):
        states = [i[key]["Name"] for key in ("PreviousState", "CurrentState") if key in i]
        said.append((i["InstanceId"], " -> ".join(states)))
    print(f"{call.__name__}:", ", ".join(f"{names.get(i, i)} {what}" for i, what in said) or "done")
    return reply


def launch(name, zone, **options):
    print(name, end=" = ")
    reply = attempt(
        ec2.run_instances,
        ImageId="ami-1e749f67",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        Placement={"AvailabilityZone": zone},
        **options,
    )
    if not reply:
        raise SystemExit(1)
    i = reply["Instances"][0]["InstanceId"]
    names[i] = name
    return i


A = launch("A", zone="us-east-1a")
B = launch("B", zone="us-east-1a")
C = launch("C", zone="us-east-1b", DisableApiTermination=True)
D = launch("D", zone="us-east-1b")

attempt(ec2.describe_instances, InstanceIds=[A, B, C, D])
attempt(ec2.terminate_instances, InstanceIds=[C, D, A, B])
attempt(ec2.describe_instances, InstanceIds=[A, B, C, D])
'''.replace("ami-1e749f67", IMAGE)  # moto's image may become another one


def scenario_of(*steps: str, clauses: str = "") -> Scenario:
    """Return a scenario with these steps."""
    lines = "".join(f"  - {step}\n" for step in steps)
    return read_scenario(f"title: Some title\nclauses: [{clauses}]\nsteps:\n{lines}", "some.yaml")


def body_of(program: str) -> str:
    """Return what comes after the helpers of a program."""
    return program.rpartition("\n\n\n")[2]


def calls_of(scenario: Scenario, target: str = "moto") -> str:
    """Return what the program does, without its helpers."""
    return body_of(repro(scenario, target))


def test_the_program_of_the_documented_example_reads_like_this() -> None:
    assert repro(read_scenario(WORKED_EXAMPLE, "example.yaml"), "moto") == ITS_PROGRAM


@pytest.mark.parametrize("path", sorted(CORPUS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_program_of_every_scenario_of_the_corpus_compiles_for_every_target(path: Path) -> None:
    scenario = load_scenario(path)
    for target in TARGETS:
        compile(repro(scenario, target), f"{path.stem} on {target}", "exec")


@pytest.mark.parametrize("target", TARGETS)
def test_a_filter_may_name_a_zone_without_a_launch(target: str) -> None:
    text = repro(scenario_of("run: {name: A}", "describe: {ids: [A], availability-zone: [2]}"), target)
    compile(text, target, "exec")
    assert "availability-zone" in text


# What the programs print.


@dataclass(frozen=True)
class Sample:
    """A scenario, and what its program prints on a target; a line that ends in a space goes on."""

    target: str
    scenario: Scenario
    printed: tuple[str, ...]


SAMPLES = {
    "the documented example": Sample(
        "moto",
        read_scenario(WORKED_EXAMPLE, "example.yaml"),
        (
            "A = run_instances: i-… pending",
            "B = run_instances: i-… pending",
            "C = run_instances: i-… pending",
            "D = run_instances: i-… pending",
            "describe_instances: A running, B running, C running, D running",
            (
                "terminate_instances: "
                "C running -> shutting-down, D running -> shutting-down, "
                "A running -> shutting-down, B running -> shutting-down"
            ),
            "describe_instances: A terminated, B terminated, C terminated, D terminated",
        ),
    ),
    "errors": Sample(
        "moto-server",
        scenario_of(
            "run: {name: A}",
            "stop: {ids: [A], DryRun: true}",
            "terminate: [A, {unknown: 7}]",
            "start: [{unknown-short: 7}]",
            "reboot: [{malformed: 'a\"\\b'}]",
        ),
        (
            "A = run_instances: i-… pending",
            "stop_instances: HTTP 412 DryRunOperation: Request would have succeeded, but DryRun flag is set.",
            (
                "terminate_instances: HTTP 400 InvalidInstanceID.NotFound: "
                "The instance ID 'i-0bad0000000000007' does not exist"
            ),
            "start_instances: HTTP 400 InvalidInstanceID.NotFound: The instance ID 'i-bad00007' does not exist",
            "reboot_instances: HTTP 400 InvalidInstanceID.NotFound: The instance ID 'a\"\\b' does not exist",
            "describe_instances: A running",
        ),
    ),
    "attributes": Sample(
        "moto",
        scenario_of(
            "run: {name: A}",
            "modify: {id: A, DisableApiTermination: true}",
            "describe-attribute: {id: A, attribute: DisableApiTermination}",
            "terminate: [A]",
        ),
        (
            "A = run_instances: i-… pending",
            "modify_instance_attribute: done",
            "describe_instance_attribute: A {'DisableApiTermination': {'Value': True}}",
            (
                "terminate_instances: HTTP 400 OperationNotPermitted: The instance 'i-…' may not be terminated. "
                "Modify its 'disableApiTermination' instance attribute and try again."
            ),
            "describe_instances: A running",
        ),
    ),
    "volumes": Sample(
        "moto",
        scenario_of(
            "run: {name: A}",
            "create-volume: {name: V}",
            "settle",
            "attach: {volume: V, id: A, device: /dev/sdk}",
            "modify: {id: A, BlockDeviceMappings: {volume: A./dev/sdk, DeleteOnTermination: true}}",
            "describe-volumes: [A.root]",
            clauses="VOL-3",
        ),
        (
            "A = run_instances: i-… pending",
            "create_volume: vol-… available",
            "describe_instances: A running",
            "describe_volumes: V available",
            "attach_volume: V attaching",
            "modify_instance_attribute: done",
            "describe_volumes: A.root in-use, A has it with DeleteOnTermination=None",
            "describe_instances: A running",
            "describe_volumes: A.root in-use, A has it with DeleteOnTermination=None",
            "describe_volumes: V in-use, A has it with DeleteOnTermination=None",
        ),
    ),
    "several operations": Sample(
        "moto",
        scenario_of("run: {name: A, count: 2}", "settle", "stop: [A2, A1]", "start: [A1]", "reboot: [A2]"),
        (
            "A1, A2 = run_instances: i-… pending, i-… pending",
            "describe_instances: A1 running, A2 running",
            "stop_instances: A2 running -> stopping, A1 running -> stopping",
            "start_instances: A1 stopped -> pending",
            "reboot_instances: done",
            "describe_instances: A1 running, A2 running",
        ),
    ),
    "many instances": Sample(
        "moto",
        scenario_of("run: {name: A, count: 30}", "stop: [A7, A8]", "terminate: [{all: A}]"),
        (
            "A1 ... = run_instances: {'pending': 30}",
            "stop_instances: {'running -> stopping': 2}",
            "terminate_instances: {'running -> shutting-down': 28, 'stopped -> shutting-down': 2}",
            "describe_instances: {'terminated': 30}",
        ),
    ),
    "fields": Sample(
        "moto",
        scenario_of("run: {name: A}", "settle", clauses="KIND-1, STATE-1"),
        (
            "A = run_instances: i-… {'Code': 0, 'Name': 'pending'} (RootDeviceType=ebs)",
            "describe_instances: A {'Code': 16, 'Name': 'running'} (RootDeviceType=ebs)",
        ),
    ),
    "a launch that is refused": Sample(
        "model",
        scenario_of("run: {name: A, root: instance-store, DisableApiStop: true}", "terminate: [A]"),
        ("A = run_instances: HTTP 400 UnsupportedOperation: ",),
    ),
    "what boto3 cannot do": Sample(
        "model",
        scenario_of(
            "run: {name: A}",
            "settle",
            "stop: {ids: [A], as: nobody}",
            "retire: A",
            "settle",
            "terminate: [A]",
            "start: [{gone: A}]",
        ),
        (
            "A = run_instances: i-… pending",
            "describe_instances: A running",
            "stop_instances: HTTP 403 UnauthorizedOperation: ",
            "describe_instances: A stopped",
            "terminate_instances: A stopped -> terminated",
            "start_instances: HTTP 400 InvalidInstanceID.NotFound: ",
        ),
    ),
}
"""By what each shows."""

PLAYER = """\
import contextlib, io, json, sys
printed = {}
for name, program in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        exec(compile(program, name, "exec"), {})
    printed[name] = out.getvalue()
json.dump(printed, sys.stdout)
"""


@pytest.fixture(name="printed", scope="module")
def printed_by_each_program() -> dict[str, list[str]]:
    """The lines that each sample prints, with its ids cut; one process for all, as moto takes a second to load."""
    programs = {name: repro(sample.scenario, sample.target) for name, sample in SAMPLES.items()}
    run = subprocess.run(
        [sys.executable, "-c", PLAYER],
        input=json.dumps(programs),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    )
    printed: dict[str, str] = json.loads(run.stdout)
    return {name: _last_looks(_without_ids(text).splitlines()) for name, text in printed.items()}


def _without_ids(text: str) -> str:
    return re.sub(r"\b(i|vol)-(?!0bad0{6})[0-9a-f]{17}\b", r"\1-…", text)


def _last_looks(lines: list[str]) -> list[str]:
    """Return the lines without the looks that came before things were at rest."""
    looks = [line.startswith("describe_instances: ") for line in [*lines, ""]]
    return [line for line, look, another in zip(lines, looks, looks[1:], strict=False) if not (look and another)]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_program_prints_what_came_back_with_names_for_ids(name: str, printed: dict[str, list[str]]) -> None:
    said, expected = printed[name], SAMPLES[name].printed
    assert len(said) == len(expected), "\n".join(said)
    for line, start in zip(said, expected, strict=True):
        assert line == start or (start.endswith(" ") and line.startswith(start))


# What the programs look like.


def test_only_the_helpers_that_a_scenario_needs_are_in_its_program() -> None:
    program = repro(scenario_of("terminate: [{unknown: 1}]"), "moto")
    assert "def attempt(" in program
    assert not re.search(r"def (launch|settle|find_volume|root_device)\(", program)
    assert not re.search(r"StoppingInstances|Volumes|Counter|^import (os|time)", program, re.MULTILINE)


def test_a_thousand_and_one_instances_stay_a_short_program() -> None:
    scenario = scenario_of(
        "run: {name: A, count: 1001}", "settle", "terminate: [{all: A}]", "stop: [A3, A4, A5, A6, A9]"
    )
    assert calls_of(scenario) == (
        'A = launch(*[f"A{n}" for n in range(1, 1002)])\n'
        "\n"
        "attempt(ec2.describe_instances, InstanceIds=A)\n"
        "attempt(ec2.terminate_instances, InstanceIds=A)\n"
        "attempt(ec2.stop_instances, InstanceIds=[*A[2:6], A[8]])\n"
        "attempt(ec2.describe_instances, InstanceIds=A)\n"
    )


def test_many_unknown_ids_and_many_times_the_same_id_stay_short() -> None:
    unknown = ", ".join(f"{{unknown: {number}}}" for number in range(1, 1002))
    scenario = scenario_of("run: {name: A}", f"stop: [{unknown}]", f"stop: [{', '.join(['A'] * 1001)}]")
    calls = calls_of(scenario)
    assert 'InstanceIds=[f"i-0bad{n:013x}" for n in range(1, 1002)])' in calls
    assert "attempt(ec2.stop_instances, InstanceIds=[A] * 1001)" in calls


def test_unknown_ids_are_well_formed_and_the_same_for_the_same_number() -> None:
    calls = calls_of(scenario_of("stop: [{unknown: 12}, {unknown-short: 999999999}]", "start: [{unknown: 12}]"))
    ids = re.findall(r'"(.+?)"', calls)
    assert ids[0] == ids[2]
    assert re.fullmatch(r"i-[0-9a-f]{17}", ids[0])
    assert re.fullmatch(r"i-[0-9a-f]{8}", ids[1])


def test_variables_never_hide_what_the_program_needs_nor_each_other() -> None:
    names = ("print", "class", "ec2", "FIELDS", "launch", "a-b", "a_b", "i")
    program = repro(scenario_of(*(f"run: {{name: {name}}}" for name in names)), "moto")
    found = re.findall(r'^(\w+) = launch\("(.+)"\)$', program, re.MULTILINE)
    assert found == [
        ("print_", "print"),
        ("class_", "class"),
        ("ec2_", "ec2"),
        ("FIELDS_", "FIELDS"),
        ("launch_", "launch"),
        ("a_b", "a-b"),
        ("a_b_", "a_b"),
        ("i", "i"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\"); import os; os._exit(1)  # '",
        '"""',
        'ends with "',
        "ends with \\",
        "a\nb\r\u2028c\x0c",
        "\u202eright to left",
        "\ud800",
        "coding: utf-7",
        "{names}",
        "[{}}, {]",
    ],
    ids=repr,
)
def test_text_from_outside_is_data_in_the_program_and_never_code(text: str) -> None:
    scenario, harmless = (Scenario(t, (), (BatchStep(Operation.TERMINATE, (Malformed(t),)),)) for t in (text, "x"))
    for target in TARGETS:
        program = repro(scenario, target)
        program.encode()
        assert text in constants_of(program)
        assert len(constants_of(program)) == len(constants_of(repro(harmless, target)))
    for target in (f"endpoint:{text}", f"aws:{text}"):
        assert constants_of(repro(scenario, target)).count(text) == 2
    for target in (f"python:{text}:{text}", f"x{text}"):
        assert target.removeprefix("python:") in constants_of(repro(scenario, target))


def constants_of(program: str) -> list[object]:
    """Return the values of all literals of a program."""
    return [node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant)]


def test_what_boto3_cannot_do_is_a_comment() -> None:
    steps = ("run: {name: A}", "stop: {ids: [A], as: nobody}", "retire: A", "start: [{gone: A}]")
    assert calls_of(scenario_of(*steps)) == (
        'A = launch("A")\n'
        "\n"
        "# By a caller without permission, which takes credentials of its own:\n"
        "# attempt(ec2.stop_instances, InstanceIds=[A])\n"
        "# Here EC2 retires A, for which boto3 has no call.\n"
        "# EC2 forgets the terminated A after about an hour, which boto3 cannot hasten.\n"
        "attempt(ec2.start_instances, InstanceIds=[A])\n"
    )


def test_a_volume_is_looked_up_after_the_launch_came_to_rest_and_before_it_can_change() -> None:
    volumes = "volumes: [{name: d, DeleteOnTermination: false}, {name: e, device: /dev/sdh}]"
    steps = (f"run: {{name: A, {volumes}}}", "settle", "terminate: [A]", "describe-volumes: [d]")
    assert calls_of(scenario_of(*steps), "endpoint:http://127.0.0.1:5000") == (
        "A = launch(\n"
        '    "A",\n'
        "    BlockDeviceMappings=[\n"
        '        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1, "DeleteOnTermination": False}},\n'
        '        {"DeviceName": "/dev/sdh", "Ebs": {"VolumeSize": 1}},\n'
        "    ],\n"
        ")\n"
        "\n"
        "settle([A])\n"
        'd = find_volume("d", A, "/dev/sdf")\n'
        'e = find_volume("e", A, "/dev/sdh")\n'
        "attempt(ec2.terminate_instances, InstanceIds=[A])\n"
        "attempt(ec2.describe_volumes, VolumeIds=[d])\n"
        "settle([A])\n"
        "for volume in [d, e]:\n"
        "    attempt(ec2.describe_volumes, VolumeIds=[volume])\n"
    )


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("endpoint:http://127.0.0.1:4566", '    endpoint_url="http://127.0.0.1:4566",'),
        ("endpoint:http://127.0.0.1:4566", 'os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")'),
        ("aws:sandbox", 'ec2 = boto3.Session(profile_name="sandbox").client("ec2")'),
        ("python:doubles.ec2:Fake.make", "from doubles.ec2 import Fake"),
        ("python:doubles.ec2:Fake.make", "ec2 = Fake.make()"),
        ("registered", '(entry,) = entry_points(group="ec2_lifecycle.targets", name="registered")'),
        ("moto-server", "mock_aws().start()"),
        ("model", "ec2 = ModelClient(clock=virtual_time)"),
    ],
)
def test_a_program_reaches_its_target_by_itself(target: str, line: str) -> None:
    assert line in repro(scenario_of("run: {name: A}"), target).splitlines()
