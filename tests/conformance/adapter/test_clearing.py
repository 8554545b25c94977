"""An endpoint does not keep what a run launched, and a run says what it could not terminate."""

from collections.abc import Generator
from typing import Final

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ec2_lifecycle.conformance.adapter.clearing import terminate_all
from ec2_lifecycle.conformance.adapter.ec2_target import Client
from ec2_lifecycle.conformance.adapter.sessions import ec2_client, isolated_session
from ec2_lifecycle.conformance.adapter.target import Cleared
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.options import Settings
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.endpoint import endpoint_target
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.labels import calls_of

DEAD: Final = {"shutting-down", "terminated"}


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    """An EC2."""
    with serve_in_thread(ServedModel(Settings(Behaviour(delays=AT_ONCE)))) as url:
        yield url


@pytest.fixture
def client(url: str) -> Client:
    """A client of it."""
    return ec2_client(isolated_session(), url)


def launched(client: Client, count: int = 1, **settings: object) -> list[str]:
    made = client.run_instances(ImageId="ami-12345678", MinCount=count, MaxCount=count, **settings)
    return [each["InstanceId"] for each in made["Instances"]]


def alive(client: Client) -> set[str]:
    """The ids of all instances that are not terminated."""
    pages = client.get_paginator("describe_instances").paginate()
    every = [each for page in pages for reservation in page["Reservations"] for each in reservation["Instances"]]
    return {each["InstanceId"] for each in every if each["State"]["Name"] not in DEAD}


def test_what_is_not_protected_takes_one_call(client: Client) -> None:
    ids = launched(client, 5)
    assert terminate_all(client, dict.fromkeys(ids, ())) == Cleared(calls=1)
    assert not alive(client) & {*ids}


def test_nothing_takes_no_call(client: Client) -> None:
    assert terminate_all(client, {}) == Cleared()


def test_stop_protection_is_removed_too(client: Client) -> None:
    ids = launched(client, DisableApiTermination=True, DisableApiStop=True)
    assert terminate_all(client, dict.fromkeys(ids, ())) == Cleared(calls=5)
    assert not alive(client) & {*ids}


def test_protections_that_are_known_are_removed_first(client: Client) -> None:
    ids = launched(client, 3, DisableApiTermination=True)
    assert terminate_all(client, dict.fromkeys(ids, ("DisableApiTermination",))) == Cleared(calls=4)
    assert not alive(client) & {*ids}


def test_one_protected_instance_and_an_unknown_id_keep_nothing_else_alive(client: Client) -> None:
    ids = launched(client, 6)
    ids[3:3] = launched(client, DisableApiTermination=True)
    cleared = terminate_all(client, dict.fromkeys([*ids, "i-00000000"], ()))
    assert cleared.left == 1
    assert not alive(client) & {*ids}


class Refuses:
    """An EC2 that always answers with an error, and counts the requests."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def terminate_instances(self, **_: object) -> None:
        """Refuse."""
        self.calls += 1
        raise self.error

    def modify_instance_attribute(self, **_: object) -> None:
        """Refuse."""
        self.calls += 1
        raise self.error


NO_ACTION: Final = ClientError({"Error": {"Code": "InvalidAction", "Message": ""}}, "TerminateInstances")
NOT_NOW: Final = ClientError({"Error": {"Code": "IncorrectInstanceState", "Message": ""}}, "TerminateInstances")


@pytest.mark.parametrize(
    ("error", "calls"), [(NO_ACTION, 1), (EndpointConnectionError(endpoint_url="http://x"), 1), (NOT_NOW, 15)]
)
def test_what_cannot_be_terminated_is_counted(error: Exception, calls: int) -> None:
    client = Refuses(error)
    assert terminate_all(client, dict.fromkeys(["i-1", "i-2", "i-3", "i-4"], ())) == Cleared(calls, left=4)
    assert client.calls == calls


def test_a_client_without_the_operation_is_asked_for_nothing() -> None:
    assert terminate_all(object(), {"i-1": (), "i-2": ()}) == Cleared(calls=0, left=2)


def test_a_run_leaves_nothing_alive_on_an_endpoint_and_counts_those_calls_apart() -> None:
    with serve_in_thread(ServedModel(Settings(Behaviour(delays=AT_ONCE)))) as url:
        done = run_here(endpoint_target(url), "endpoint", EC2, Plan(max_calls=150), lambda _: None)
        assert not alive(ec2_client(isolated_session(), url))
    assert done.findings == ()
    assert 0 < done.clearing_calls < done.calls
    assert calls_of(done) == f"{done.calls} calls and {done.clearing_calls} to clean up"
    assert not any("could not be terminated" in note for note in done.notes)
