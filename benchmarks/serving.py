"""What the served model takes, as ratios of what is measured beside it in the same run.

Run by `nox -s bench`, or with the project and its extra `serve` installed: `python benchmarks/serving.py`.
Each ratio is the median of several turns, in which the two sides take turns.
"""

import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import boto3
from moto import mock_aws

from ec2_lifecycle.conformance.adapter.sessions import ec2_client, isolated_session
from ec2_lifecycle.conformance.emulator.double import ec2_double
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.emulator.wire.http import HttpRequest

TURNS = 5
CALLS = 300
MANY = 100_000
IMAGE = "ami-12c6146b"
SESSION = isolated_session()

NOTHING = """
import sys
import uvicorn
from ec2_lifecycle.conformance.emulator.server.http_server import listen, url_of
BODY = sys.argv[1].encode()
async def answer(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"text/xml;charset=UTF-8"), (b"content-length", str(len(BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})
config = uvicorn.Config(answer, http="httptools", loop="asyncio", ws="none", lifespan="off", log_config=None,
                        access_log=False, server_header=False, date_header=False)
with listen() as listening:
    print(url_of(listening), flush=True)
    uvicorn.Server(config).run(sockets=[listening])
"""
"""A server that gives the same reply whatever is asked: what is left is HTTP's, and boto3's."""

MOTO = "from ec2_lifecycle.conformance.targets.moto_server_process import main; main()"
SERVE = "from ec2_lifecycle.conformance.cli import main; main()"


@contextmanager
def started(program: str, *arguments: str) -> Generator[str]:
    """Run a program in a process of its own that tells its URL on its first line."""
    words = [sys.executable, "-c", program, *arguments]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=nowhere, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"(\d+)(?:, .*)?$", process.stdout.readline())
            assert found is not None
            yield f"http://127.0.0.1:{found[1]}"
        finally:
            process.kill()


class Raw:
    """A client that sends bytes made before, and reads a reply to its end; it connects anew where it must."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._open: socket.socket | None = None

    def request(self, **fields: str) -> bytes:
        """Return a request as bytes."""
        body = urlencode({"Version": "2016-11-15", **fields}).encode()
        signed = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=b"
        head = [
            "POST / HTTP/1.1",
            f"Host: {self._address[0]}:{self._address[1]}",
            f"Authorization: {signed}",
            "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*head, "", ""]).encode() + body

    def send(self, request: bytes) -> bytes:
        """Return the reply to a request."""
        if self._open is None:
            self._open = socket.create_connection(self._address, timeout=20)
            self._open.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.sendall(request)
        reply = b""
        while b"\r\n\r\n" not in reply:
            reply += self._received()
        head, _, body = reply.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        assert length is not None, head
        parts = [body]
        missing = int(length[1]) - len(body)
        while missing > 0:
            parts.append(self._received())
            missing -= len(parts[-1])
        if b"HTTP/1.0" in head or b"onnection: close" in head:
            self.forget()
        return b"".join(parts)

    def forget(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _received(self) -> bytes:
        assert self._open is not None
        part = self._open.recv(1 << 20)
        if not part:
            raise ConnectionError("the server ended the reply before its end")
        return part


def patiently(raw: Raw, request: bytes) -> bytes:
    """Send a request to moto's server, which now and then closes a connection without a reply."""
    try:
        return raw.send(request)
    except ConnectionError:
        raw.forget()
        return raw.send(request)


def seconds(work: Callable[[], object], times: int = CALLS) -> float:
    """Return the seconds that one of so many calls takes."""
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begin) / times


def ratio(ours: Callable[[], object], theirs: Callable[[], object], times: int = CALLS) -> tuple[float, float, float]:
    """Return the median of theirs over ours, and the seconds of both at their best."""
    turns = [(seconds(ours, times), seconds(theirs, times)) for _ in range(TURNS)]
    return (
        statistics.median(b / a for a, b in turns),
        min(a for a, _ in turns),
        min(b for _, b in turns),
    )


def say(what: str, figure: str, goal: str, *, met: bool) -> None:
    """Print one figure beside its goal."""
    print(f"{what}: {figure} (goal: {goal}) {'met' if met else 'MISSED'}")


def launched(ec2: Any, count: int = 1) -> list[str]:
    """Launch instances; return their ids."""
    made = ec2.run_instances(ImageId=IMAGE, MinCount=count, MaxCount=count)
    return [each["InstanceId"] for each in made["Instances"]]


def start_up() -> None:
    """Measure how long it takes from the command to the first answer."""
    taken: list[float] = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        with started(SERVE, "serve", "--port", "0") as url:
            raw = Raw(url)
            raw.send(raw.request(Action="DescribeAvailabilityZones"))
            taken.append(time.perf_counter() - begin)
    median = statistics.median(taken)
    say("start-up, to the first answer", f"{median:.2f} s", "under 1 s", met=median < 1)


def over_http() -> None:
    """Measure calls through boto3 and raw ones, beside a server that does nothing and moto's."""
    with started(SERVE, "serve", "--port", "0") as url, started(MOTO) as moto_url:
        ec2 = ec2_client(SESSION, url)
        (i,) = launched(ec2)
        raw, raw_moto = Raw(url), Raw(moto_url)
        reply = raw.send(raw.request(Action="TerminateInstances", **{"InstanceId.1": i})).decode()
        with started(NOTHING, reply) as nothing_url:
            nothing = ec2_client(SESSION, nothing_url)
            share, ours, floor = ratio(
                lambda: ec2.terminate_instances(InstanceIds=[i]), lambda: nothing.terminate_instances(InstanceIds=[i])
            )
        say(
            "a terminate through boto3, over one of a server that does nothing",
            f"{1 / share:.2f} ({ours * 1e3:.2f} ms over {floor * 1e3:.2f} ms)",
            "at most 1.15",
            met=1 / share <= 1.15,  # noqa: PLR2004
        )
        (j,) = launched(ec2_client(SESSION, moto_url))
        for action in ("DescribeInstances", "TerminateInstances"):
            a, b = (
                raw.request(Action=action, **{"InstanceId.1": i}),
                raw_moto.request(Action=action, **{"InstanceId.1": j}),
            )
            share, ours, theirs = ratio(lambda a=a: raw.send(a), lambda b=b: patiently(raw_moto, b))
            say(
                f"raw {action} of one id a second, over moto's server",
                f"{share:.1f} ({1 / ours:,.0f} over {1 / theirs:,.0f})",
                "at least 5",
                met=share >= 5,  # noqa: PLR2004
            )
        thousand = {f"InstanceId.{number}": each for number, each in enumerate(launched(ec2, 1000), 1)}
        request = raw.request(Action="TerminateInstances", **thousand)
        raw.send(request)
        taken = statistics.median(seconds(lambda: raw.send(request), 1) for _ in range(TURNS))
        say("a terminate of 1000 ids", f"{taken * 1e3:.0f} ms", "under 50 ms", met=taken < 0.05)  # noqa: PLR2004


def in_process() -> None:
    """Measure the double beside moto in process."""
    share = statistics.median(taken_in(mock_aws()) / taken_in(ec2_double()) for _ in range(TURNS))
    say("calls a second in process, over moto's", f"{share:.1f}", "at least 3", met=share >= 3)  # noqa: PLR2004


def taken_in(context: AbstractContextManager[object]) -> float:
    """Return the seconds that describing and terminating an instance takes in some EC2 of this process."""
    make: Any = boto3.client
    with context:
        ec2 = make("ec2", region_name="us-east-1")
        ids = launched(ec2)

        def both() -> None:
            ec2.describe_instances(InstanceIds=ids)
            ec2.terminate_instances(InstanceIds=ids)

        return seconds(both)


def many() -> None:
    """Measure a describe by id among few instances and among very many."""
    few, full = ServedModel(), ServedModel()
    requests: list[HttpRequest] = []
    for model, count in ((few, 100), (full, MANY)):
        last = b""
        for _ in range(max(1, count // 1000)):
            size = min(count, 1000)
            body = f"Action=RunInstances&ImageId={IMAGE}&MinCount={size}&MaxCount={size}".encode()
            last = model.endpoint.answer(HttpRequest(body=body)).body
        found = re.search(rb"<instanceId>([^<]*)", last)
        assert found is not None
        requests.append(HttpRequest(body=b"Action=DescribeInstances&InstanceId.1=" + found[1]))
    share, _, _ = ratio(lambda: few.endpoint.answer(requests[0]), lambda: full.endpoint.answer(requests[1]), times=2000)
    say(f"a describe by id among {MANY:,} instances, over one among 100", f"{share:.2f}", "about 1", met=share < 1.2)  # noqa: PLR2004


def main() -> None:
    """Measure all of it."""
    start_up()
    over_http()
    in_process()
    many()


if __name__ == "__main__":
    main()
