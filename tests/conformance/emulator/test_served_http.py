"""The served model over HTTP: boto3 against a server, many at a time, and the command that starts one."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from command_runs import Command

from ec2_lifecycle.conformance.adapter.sessions import ec2_client, isolated_session
from ec2_lifecycle.conformance.emulator.server.asgi import application
from ec2_lifecycle.conformance.emulator.server.control import PREFIX
from ec2_lifecycle.conformance.emulator.server.endpoint import MOST_BYTES
from ec2_lifecycle.conformance.emulator.server.http_server import listen, serve_in_thread
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel

SESSION = isolated_session()
"""One for all clients: it keeps what it has read of botocore's data."""


@pytest.fixture
def url() -> Iterator[str]:
    with serve_in_thread(ServedModel()) as url:
        yield url


def client(url: str) -> Any:  # noqa: ANN401 - a boto3 client
    return ec2_client(SESSION, url)


def test_waiters_and_paginators_of_boto3_work(url: str) -> None:
    ec2 = client(url)
    ids = [each["InstanceId"] for each in ec2.run_instances(ImageId="ami-1", MinCount=7, MaxCount=7)["Instances"]]
    ec2.get_waiter("instance_running").wait(InstanceIds=ids)
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=ids)
    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Reservations"][0]["Instances"]) for page in pages] == [5, 2]
    ec2.terminate_instances(InstanceIds=ids)
    ec2.get_waiter("instance_terminated").wait(InstanceIds=ids)


def test_failures_are_planned_over_http_and_a_lost_reply_ends_the_connection(url: str) -> None:
    def control(method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        connection = HTTPConnection(urlsplit(url).netloc)
        sent = None if body is None else json.dumps(body).encode()
        with closing(connection):
            connection.request(method, f"{PREFIX}{path}", sent, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())

    eager: Any = isolated_session().client(
        "ec2", endpoint_url=url, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1})
    )
    made = eager.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    for failure, expected, after in (
        ("lost-request", ConnectionClosedError, "running"),
        ("throttled", ClientError, "running"),
        ("lost-reply", ConnectionClosedError, "stopped"),
    ):
        assert "now" in control("POST", "failures", {"operation": "StopInstances", "failure": failure})
        with pytest.raises(expected):
            eager.stop_instances(InstanceIds=[made])
        assert eager.describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"] == after
    assert "There is no failure" in control("POST", "failures", {"operation": "StopInstances", "failure": "x"})["error"]
    calls = control("GET", "calls")
    assert [call["failure"] for call in calls if call["operation"] == "StopInstances"] == [
        *("lost-request", "throttled", "lost-reply")
    ]
    assert any(made in sentence for sentence in calls[0]["why"])


def test_requests_at_the_same_time_are_answered_one_after_the_other(url: str) -> None:
    def launch_and_terminate(_: int) -> str:
        ec2 = client(url)
        (made,) = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"]
        (ended,) = ec2.terminate_instances(InstanceIds=[made["InstanceId"]])["TerminatingInstances"]
        return ended["InstanceId"]

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(launch_and_terminate, range(12)))
    assert len(set(ended)) == 12
    shown = client(url).describe_instances()["Reservations"]
    assert {each["Instances"][0]["State"]["Name"] for each in shown} == {"terminated"}
    assert {each["Instances"][0]["InstanceId"] for each in shown} == set(ended)


def test_a_body_that_is_too_long_is_refused_and_the_server_goes_on(url: str) -> None:
    parts = urlsplit(url)
    for _ in range(2):
        connection = HTTPConnection(parts.hostname or "", parts.port)
        connection.request("POST", "/", b"A" * (3 * MOST_BYTES))
        assert connection.getresponse().status == 413
        connection.close()
    assert client(url).describe_instances()["Reservations"] == []


def test_the_query_of_a_url_is_a_request_too(url: str) -> None:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", "/?Action=DescribeAvailabilityZones&Version=2016-11-15")
    reply = connection.getresponse()
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/xml;charset=UTF-8"
    assert b"<zoneName>us-east-1c</zoneName>" in reply.read()
    connection.close()


def test_the_control_endpoint_is_beside_it(url: str) -> None:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.request("POST", "/_ec2-lifecycle/clock", b'{"advance": 60}', {"Content-Type": "application/json"})
    reply = connection.getresponse()
    assert reply.status == 200
    assert b'"name":"ec2-lifecycle"' in reply.read()
    connection.close()


@pytest.mark.parametrize(
    ("host", "more", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("localhost:5000", {"X-Forwarded-For": "garbage"}, 200),
        ("evil.example", {}, 403),
        ("", {}, 403),
    ],
)
def test_only_a_request_to_this_machine_controls(url: str, host: str, more: dict[str, str], status: int) -> None:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", "/_ec2-lifecycle", headers={"Host": host, **more})
    assert connection.getresponse().status == status
    connection.close()


@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.1", 403)]
)
def test_only_this_machine_controls(address: str, status: int) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"x-forwarded-for", b"127.0.0.1")]
    scope = {"method": "GET", "path": PREFIX, "query_string": b"", "headers": headers, "client": (address, 1)}
    asyncio.run(application(ServedModel())(scope, receive, send))
    assert sent[0]["status"] == status


@pytest.fixture
def started() -> Iterator[subprocess.Popen[str]]:
    program = "from ec2_lifecycle.conformance.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_tells_its_url_and_ends_when_it_is_told_to(
    started: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert started.stdout is not None
    line = started.stdout.readline()
    url = line.removeprefix("EC2 at ").partition(",")[0]
    assert client(url).describe_instances()["Reservations"] == []
    started.send_signal(number)
    out, err = started.communicate(timeout=20)
    assert (started.returncode, out, err) == (0, "", "")


def test_a_port_in_use_is_told_in_a_sentence(command: Command) -> None:
    with listen() as taken:
        port = taken.getsockname()[1]
        ran = command(f"serve --port {port}")
    assert ran.code == 3
    assert (
        ran.sentence == f"Nothing can listen on 127.0.0.1, port {port} (address already in use); name another --port."
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "--host 0.0.0.0",
            "other machines can reach 0.0.0.0 without credentials; add --allow-remote if you want that.",
        ),
        ("--host here", '"here" is not an address of this machine; write one such as 127.0.0.1.'),
        ("--choice free-zones", '--choice is "free-zones"; write it as free-zones=after-answer.'),
        ("--choice free-zones=later", 'There is no alternative of free-zones "later"; write'),
        ("--delay stops=1", 'There is no background step "stops"; write'),
        ("--delays eternal", '"eternal" is not a delay; write 5 (seconds)'),
        ("--failures 7", "The share of failures is 7.0; write one from 0 to 1."),
        ("--world nowhere.json", "nowhere.json: cannot be read (no such file or directory)"),
        ("--port 70000", "--port must be a whole number from 0 to 65535."),
    ],
)
def test_wrong_usage_is_a_sentence(command: Command, words: str, sentence: str) -> None:
    ran = command(f"serve {words}")
    assert ran.code in {2, 3}
    assert sentence in ran.sentence


def test_a_file_that_holds_no_world_is_told_with_its_place(command: Command) -> None:
    Path("world.json").write_text('{"format": 1, "regions": {"us-east-1": {"instances": 7}}}', encoding="utf-8")
    ran = command("serve --world world.json")
    assert ran.code == 2
    assert ran.sentence == (
        "world.json: This is not a dumped world: regions.us-east-1.instances must be an object, not 7."
    )


def test_a_socket_waits_for_no_acknowledgement() -> None:
    with listen() as listening:
        assert listening.proto == socket.IPPROTO_TCP
