"""The page at `/`: what it shows, to whom, and that a text in it is never markup."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from served import ask, launch

from ec2_lifecycle.conformance.emulator.server import page
from ec2_lifecycle.conformance.emulator.server.options import settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply, HttpRequest

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "host": "127.0.0.1:5000"}
VOID = {"meta", "br"}


class Tree(HTMLParser):
    """Fails where an element is not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that begins."""
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        names = [name for name, _ in attrs]
        assert not any(name.startswith("on") or name in {"src", "href"} for name in names)

    def handle_endtag(self, tag: str) -> None:
        """Check an element that ends."""
        assert self.open.pop() == tag


def shown(model: ServedModel, **headers: str) -> HttpReply:
    return page.page(model, HttpRequest("GET", headers={**BROWSER, **headers}))


def logged(model: ServedModel, body: str) -> None:
    model.answer(HttpRequest(headers={}, body=f"Version=2016-11-15&{body}".encode()))


def test_it_shows_each_instance_in_its_zone_and_why_the_last_request_was_refused() -> None:
    model = ServedModel(settings_of(clock="stands"))
    [free] = launch(model, Placement__AvailabilityZone="us-east-1a")
    [guarded] = launch(model, Placement__AvailabilityZone="us-east-1b", DisableApiTermination="true")
    logged(model, f"Action=TerminateInstances&InstanceId.1={free}&InstanceId.2={guarded}")
    html = shown(model).body.decode()
    sections = dict(re.findall(r"<h3>(us-east-1.)</h3>(.*?)</section>", html))
    assert free in sections["us-east-1a"]
    assert "shutting-down" in sections["us-east-1a"] or "terminated" in sections["us-east-1a"]
    assert guarded in sections["us-east-1b"]
    assert "protected from termination" in sections["us-east-1b"]
    assert "No instances." in sections["us-east-1c"]
    assert "OperationNotPermitted" in html
    assert "Refused by TERM-6" in unescape(html)
    tree = Tree()
    tree.feed(html)
    assert tree.open == []
    assert "script" not in tree.seen


def test_an_empty_model_says_so() -> None:
    html = shown(ServedModel()).body.decode()
    assert "Nobody has called EC2 yet." in html
    assert "There are no requests yet." in html


def test_a_text_of_a_user_is_no_markup() -> None:
    model = ServedModel()
    tag = {"TagSpecification__1__ResourceType": "instance", "TagSpecification__1__Tag__1__Key": "Name"}
    launch(model, **tag, TagSpecification__1__Tag__1__Value="<script>x</script>", InstanceType="t3.micro")
    logged(model, "Action=%3Cscript%3E")
    html = shown(model).body.decode()
    assert "<script" not in html
    assert "&lt;script&gt;x" in html


def test_many_instances_and_many_requests_make_no_endless_page() -> None:
    model = ServedModel()
    ids = launch(model, 1000)
    named = "&".join(f"InstanceId.{number}={i}" for number, i in enumerate(ids, 1))
    for _ in range(page.MOST_CALLS + 20):
        logged(model, f"Action=DescribeInstances&{named}")
    html = shown(model).body.decode()
    assert html.count("<details>") == page.MOST_CALLS
    assert "And 900 older ones." in html
    assert len(html) < 500_000


@pytest.mark.parametrize(
    ("headers", "query", "asked"),
    [
        (BROWSER, "", True),
        (BROWSER, "Action=DescribeInstances", False),
        ({"accept": "*/*", "host": "127.0.0.1"}, "", False),
        ({}, "", False),
    ],
    ids=["browser", "action", "curl", "SDK"],
)
def test_only_a_browser_gets_it(headers: dict[str, str], query: str, asked: bool) -> None:  # noqa: FBT001
    assert page.is_asked_for(HttpRequest("GET", query=query, headers=headers)) is asked
    assert not page.is_asked_for(HttpRequest("POST", headers=headers))


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:5000", 200), ("[::1]:5000", 200), ("192.168.0.7:5000", 200), ("evil.example.org", 403), ("", 403)],
)
def test_a_name_that_may_be_rebound_to_this_machine_gets_no_page(host: str, status: int) -> None:
    model = ServedModel()
    [made] = launch(model)
    reply = shown(model, host=host)
    assert reply.status == status
    assert (made in reply.body.decode()) is (status == 200)
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


def test_a_request_is_still_answered_beside_it() -> None:
    model = ServedModel()
    launch(model)
    shown(model)
    assert ask(model, "DescribeInstances").status == 200
