"""The shortest programs for a finding: a pytest test that asserts what EC2 does, and commands of the AWS CLI."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import indent
from typing import Final, cast

from ....model.requests import LaunchRequest, Operation
from ....reports.events import Finding
from ....strategies.scenario.scenario import Scenario
from ...adapter.arguments import Arguments
from ...adapter.sessions import REGION
from .assertion import Assertion, assertion_of, blamed, described, one_of
from .calls import Call, Calls, CannotWrite, calls_of, common_launch
from .environment import IMAGE, Environment, environment_of
from .literals import Code, Token, as_literal, call_lines, keyword_arguments
from .preamble import definitions, standard_imports
from .templates import without_literals

LONGEST: Final = 25
"""The most lines of a test."""
_MOTO: Final = ("moto", "moto-server")
_ENDPOINT: Final = "endpoint"
_ACCESS: Final = 'access = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}'
_LAUNCH: Final = "**launch"
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME: Final = 90


def pytest_form(finding: Finding, scenario: Scenario, target: str, *, guarded: bool = False) -> str:
    """Return a test that fails on the target and passes once the defect is fixed; raises `CannotWrite`.

    A guarded one asserts only if the instance is in the state in which the defect was seen:
    other defects of the target may have brought it there, which EC2 does not.
    """
    environment = _environment(target)
    calls = calls_of(scenario, environment)
    assertion = assertion_of(finding, calls)
    blame = blamed(finding, calls)
    client = _client(target, environment)
    body: list[str] = [*client, *_shared_launch(calls)]
    for call in calls.calls:
        if call is assertion.at:
            body += assertion.before
        if call is blame and guarded:
            body += _guard(finding, calls)
            body += indent("\n".join([*_in_test(call, assertion, {}), *assertion.after]), "    ").split("\n")
            break
        if call is blame or call.request.operation is not Operation.DESCRIBE_ATTRIBUTE:
            body += _in_test(call, assertion if call is blame else None, common_launch(calls))
    else:
        if guarded:
            raise CannotWrite("only a description at the end of the scenario shows it.")
        body += assertion.after
    body[len(client) : len(client)] = "\n".join(definitions(without_literals("\n".join(body)))).splitlines()
    text = "\n".join(body)
    standard = standard_imports(without_literals(text))
    imports = _imports(target, environment, text)
    decorator = ["@mock_aws"] if target in _MOTO else []
    head = [*standard, *([""] if standard else []), *imports, "", "", *decorator]
    program = [*head, f"def test_{_name_of(finding)}():", *indent(text, "    ").split("\n")]
    if len(program) > LONGEST:
        raise CannotWrite(f"the test would have {len(program)} lines.")
    return "\n".join(program) + "\n"


def _guard(finding: Finding, calls: Calls) -> Iterator[str]:
    """Yield the lines that ask for the state in which the defect was seen; raises `CannotWrite`."""
    states = [state for state in finding.situation.get("states", ()) if state != "-"]
    if finding.instance is None or not states:
        raise CannotWrite("on EC2 its scenario takes another course.")
    yield from described(finding, calls)
    yield f'if instance["State"]["Name"] {one_of(states)}:  # only another defect leads here'


def _name_of(finding: Finding) -> str:
    """Return the title as the name of a function, of whole words."""
    words = _NO_WORD.split(_HUMP.sub("_", finding.title.partition(";")[0].replace("'s", "")).lower())
    name = words[0]
    for word in words[1:]:
        if not word or len(name) + len(word) > _LONGEST_NAME:
            break
        name = f"{name}_{word}"
    return name


def cli_form(finding: Finding, scenario: Scenario, target: str) -> str:
    """Return the calls as commands of the AWS CLI; raises `CannotWrite`."""
    environment = replace(_environment(target), image=IMAGE.id) if target == "model" else _environment(target)
    calls = calls_of(scenario, environment)
    lines = [*_endpoint(target)]
    if any("ClientToken" in call.arguments for call in calls.calls):
        lines.append("token=$(uuidgen)")
    for call in calls.calls:
        lines += _in_shell(call)
    instance = finding.instance
    if instance is not None and any(str(one) == instance for one in calls.launched):
        variable = _shell_value(Code(calls.variable(instance)))
        lines.append(f"aws ec2 describe-instances --instance-ids {variable}")
    lines += [f"# EC2: {one}" for one in finding.expected]
    lines.append(f"# {target}: {finding.observed}")
    return "\n".join(line for line in lines if line.isprintable()) + "\n"


def _environment(target: str) -> Environment:
    """Return the environment of a target, with an image that needs no look-up, and a client in few lines."""
    environment = environment_of(target)
    kind, _, url = target.partition(":")
    if kind == _ENDPOINT:
        client = [*keyword_arguments({"region_name": REGION, "endpoint_url": url}), "**access"]
        environment = replace(
            environment,
            imports=environment.imports[:2],
            client=(_ACCESS, *call_lines("ec2 = boto3.client", '"ec2"', *client)),
        )
    if isinstance(environment.image, Code):
        environment = replace(environment, image=IMAGE.id)
    return environment


def _imports(target: str, environment: Environment, text: str) -> Iterator[str]:
    """Yield the imports of a test, in the order of the alphabet."""
    if target in _MOTO:
        yield "import boto3"
    yield from ["import pytest"] if "pytest." in text else []
    for line in environment.imports:
        needs_error = "ClientError" in line and "ClientError" not in text
        if not needs_error and not (target in _MOTO and line.startswith("import boto3")):
            yield line


def _client(target: str, environment: Environment) -> Sequence[str]:
    return environment.client[1:] if target in _MOTO else environment.client


def _shared_launch(calls: Calls) -> Iterator[str]:
    """Yield the line with the arguments of all launches, if there are several."""
    if len([call for call in calls.calls if isinstance(call.request, LaunchRequest)]) > 1:
        yield f"launch = {as_literal(common_launch(calls))}"


def _in_test(call: Call, assertion: Assertion | None, shared: Arguments) -> Iterator[str]:
    """Yield a call, as its test makes it."""
    parts = keyword_arguments(call.arguments)
    if isinstance(call.request, LaunchRequest) and shared:
        own = {key: value for key, value in call.arguments.items() if key not in shared}
        parts = [_LAUNCH, *keyword_arguments(own)]
    lines = call_lines(f"ec2.{call.method}", *parts)
    if assertion is not None and assertion.keeps is not None:
        variable, part = assertion.keeps
        lines[0] = f"{variable} = {lines[0]}"
        lines[-1] += part
    elif assertion is None or not (assertion.refused or assertion.refused_as_well):
        lines = _bound(call, lines)
    if assertion is not None and assertion.refused:
        lines = ["with pytest.raises(ClientError) as refused:", *(f"    {line}" for line in lines)]
        if not assertion.after:
            lines[0] = "with pytest.raises(ClientError):"
    elif (assertion is not None and assertion.refused_as_well) or (assertion is None and _may_fail(call)):
        lines = ["with suppress(ClientError):", *(f"    {line}" for line in lines)]
    yield from lines


def _may_fail(call: Call) -> bool:
    """Tell whether a test goes on after EC2 refuses a call."""
    return call.refused and not call.binds


def _bound(call: Call, lines: list[str]) -> list[str]:
    """Return a call whose result is kept in its variables."""
    if not call.binds:
        return lines
    if call.kept:
        lines = [f"{call.binds[0]} = {lines[0]}", *lines[1:]]
        lines[-1] += "".join(f"[{as_literal(part)}]" for part in call.kept)
        return lines
    lines = [f"launched = {lines[0]}", *lines[1:]]
    lines[-1] += '["Instances"]'
    ids = '[i["InstanceId"] for i in launched]'
    return [*lines, f"{', '.join(call.binds)} = {ids}"]


# The AWS CLI.


def _endpoint(target: str) -> Iterator[str]:
    """Yield where the commands go."""
    kind, _, rest = target.partition(":")
    if kind in _MOTO:
        yield "moto_server -p 5000 &"
        yield "export AWS_ENDPOINT_URL=http://127.0.0.1:5000 AWS_DEFAULT_REGION=us-east-1"
        yield "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
    elif kind == _ENDPOINT:
        yield f"export AWS_ENDPOINT_URL={shlex.quote(rest)} AWS_DEFAULT_REGION=us-east-1"
        yield "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
    elif kind == "aws":
        yield f"export AWS_PROFILE={shlex.quote(rest)}"
    elif kind == "model":
        yield "ec2-lifecycle serve &"
        yield "export AWS_ENDPOINT_URL=http://127.0.0.1:5000 AWS_DEFAULT_REGION=us-east-1"
        yield "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
    else:
        raise CannotWrite("the AWS CLI cannot reach a client in a Python program.")


def _in_shell(call: Call) -> Iterator[str]:
    """Yield a call as a command; ids that it makes are kept in variables."""
    command = f"aws ec2 {call.method.replace('_', '-')}"
    options = [_option(key, value) for key, value in call.arguments.items() if key != "MinCount"]
    line = " ".join([command, *options])
    least, most = call.arguments.get("MinCount"), call.arguments.get("MaxCount")
    if least != most:
        line = line.replace(f"--count {most}", f"--count {least}:{most}")
    if call.whole or len(call.binds) > 1:
        raise CannotWrite("the scenario launches several instances in one call, and a shell mixes up their ids.")
    query = re.sub(r"\.(\d+)", r"[\1]", ".".join(map(str, call.kept)))
    kept = [f"{variable}=$({line} --query '{query}' --output text)" for variable in call.binds]
    yield from kept or [line]


def _option(key: str, value: object) -> str:
    name = "--count" if key == "MaxCount" else "--" + re.sub(r"(?<!^)(?=[A-Z])", "-", key).lower()
    match value:
        case bool():
            return name if value else f"--no-{name.removeprefix('--')}"
        case {"Value": bool() as flag}:
            return _option(key, flag)
        case list() if all(isinstance(one, str) for one in cast("list[object]", value)):
            return " ".join([name, *(_shell_value(one) for one in cast("list[str]", value))])
        case dict() | list():
            return f"{name} {shlex.quote(json.dumps(value))}"
        case _:
            return f"{name} {_shell_value(value)}"


def _shell_value(value: object) -> str:
    """Return a value as a word of a shell; a variable by its name."""
    if isinstance(value, Token):
        return f'"$token-{value.suffix}"'
    if isinstance(value, Code):
        if value.isidentifier():
            return f'"${value}"'
        literal: Mapping[str, str] = {value: value}
        return literal[value].strip('"')
    return shlex.quote(str(value))
