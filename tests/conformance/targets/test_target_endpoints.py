"""The target `endpoint:URL`: the first contact with a server, and all that can be wrong with it."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fake_ec2 import (
    TERMINATE,
    named,
)

from ec2_lifecycle.conformance.adapter.observation import (
    Refused,
)
from ec2_lifecycle.conformance.adapter.target import (
    Broken,
    TargetError,
    UnknownTarget,
    Unreachable,
)
from ec2_lifecycle.conformance.targets.endpoint import endpoint_target
from ec2_lifecycle.conformance.targets.resolve import resolve


class Stub:
    """An HTTP server on 127.0.0.1 that gives every connection the same answer: bytes, "hang" or "reset"."""

    def __init__(self, answer: bytes | str) -> None:
        self._answer = answer
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._closing:
                connection.close()
                return
            if self._answer == "hang":
                self._open.append(connection)
                continue
            with connection:
                connection.recv(65536)
                if isinstance(self._answer, bytes):
                    connection.sendall(self._answer)
                else:  # the other side sees a reset
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        """End the server and what hangs on it."""
        self._closing = True
        socket.create_connection(self._listener.getsockname()).close()  # wakes it up
        self._thread.join()
        self._listener.close()
        for connection in self._open:
            connection.close()


def page(status: str, body: str, kind: str = "text/html") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (head + body).encode()


def refusal(code: str) -> bytes:
    body = f"<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error></Errors></Response>"
    return page("401 No", body, "text/xml")


HTML = "<!doctype html><html><body><br>It works!</body></html>"
XHTML = "<html><body>It works!</body></html>"


@pytest.fixture
def stub(request: pytest.FixtureRequest) -> Iterator[Stub]:
    server = Stub(request.param)
    yield server
    server.close()


@pytest.mark.parametrize(
    ("stub", "expected", "message"),
    [
        pytest.param(page("200 OK", HTML), Broken, "but not with EC2's XML", id="html"),
        pytest.param(page("200 OK", XHTML), Broken, "but not with EC2's XML", id="xhtml"),
        pytest.param(page("200 OK", "{}", "application/json"), Broken, "but not with EC2's XML", id="json"),
        pytest.param(page("404 Not Found", HTML), Broken, "HTTP 404 and nothing that EC2 would say", id="html-404"),
        pytest.param(page("500 Oops", HTML), Broken, "answers with HTTP 500", id="html-500"),
        pytest.param(page("500 Oops", ""), Broken, "answers with HTTP 500", id="empty-500"),
        pytest.param(refusal("AuthFailure"), Broken, "refuses the AWS credentials in use (AuthFailure", id="refused"),
        pytest.param("hang", Unreachable, "has not answered within 0.2 seconds", id="hangs"),
        pytest.param("reset", Unreachable, "Nobody answers at", id="resets"),
    ],
    indirect=["stub"],
)
def test_the_first_contact_tells_what_is_wrong_at_a_url(stub: Stub, expected: type[TargetError], message: str) -> None:
    with pytest.raises(expected) as caught:
        endpoint_target(stub.url, timeout=0.2)
    assert stub.url in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nobody_at_a_url_is_said_in_a_sentence() -> None:
    with pytest.raises(Unreachable) as caught:
        resolve("endpoint:http://127.0.0.1:1")
    assert str(caught.value) == (
        "Nobody answers at http://127.0.0.1:1 (connection refused); start the emulator, or correct the URL."
    )


@pytest.mark.parametrize("stub", [refusal("InvalidAction")], indirect=True)
def test_an_endpoint_that_tells_no_zones_and_no_images_is_used_all_the_same(stub: Stub) -> None:
    target = endpoint_target(stub.url, timeout=5)
    answer = target.perform(TERMINATE, named())
    target.close()
    assert target.zones == ("",)
    assert answer == Refused("InvalidAction", "m", 401)


@pytest.mark.parametrize("stub", [refusal("InvalidAction")], indirect=True)
def test_no_proxy_stands_between_us_and_this_machine(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    endpoint_target(stub.url, timeout=5).close()


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:5000", "ftp://host", "http://", "http://host:99999", "http://[::1", "http://a b"]
)
def test_what_is_no_url_is_wrong_usage(url: str) -> None:
    with pytest.raises(UnknownTarget, match="is not a URL"):
        resolve(f"endpoint:{url}")


@pytest.fixture
def nothing_of_aws_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.mark.usefixtures("nothing_of_aws_is_set")
def test_an_endpoint_of_aws_needs_a_region_and_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownTarget, match=r"No AWS region is set for https://ec2\.us-east-1\.amazonaws\.com"):
        resolve("endpoint:https://ec2.us-east-1.amazonaws.com")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(UnknownTarget, match=r"No AWS credentials are set for https://ec2\.us-east-1\.amazonaws\.com"):
        resolve("endpoint:https://ec2.us-east-1.amazonaws.com")


@pytest.mark.usefixtures("nothing_of_aws_is_set")
@pytest.mark.parametrize("stub", [refusal("InvalidAction")], indirect=True)
def test_a_private_endpoint_needs_neither(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    named_elsewhere = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        return named_elsewhere("127.0.0.1" if host == "emulator" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    target = resolve(f"endpoint:{stub.url.replace('127.0.0.1', 'emulator')}")
    assert target.perform(TERMINATE, named()) == Refused("InvalidAction", "m", 401)
    target.close()


def test_a_profile_that_does_not_exist_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    with pytest.raises(UnknownTarget, match="no-such-profile"):
        resolve("endpoint:http://127.0.0.1:1")
