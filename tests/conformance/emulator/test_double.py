"""The double: boto3's EC2 and STS are the model inside its context, beside moto, for every client."""

import asyncio
import inspect
import os
import pydoc
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import boto3
import freezegun
import pytest
import time_machine
from botocore.client import BaseClient
from double_clients import REGION, client, launched, terminated

from ec2_lifecycle.conformance.emulator.double import Ec2Double, ec2_double
from ec2_lifecycle.conformance.emulator.server.options import WrongSetting


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("something opened a socket")

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the user's AWS settings out."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("_no_settings")
def test_clients_and_resources_talk_to_the_model_and_need_no_credentials() -> None:
    with ec2_double():
        make: Any = boto3.resource
        (instance,) = make("ec2", region_name=REGION).create_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
        instance.wait_until_running()
        instance.modify_attribute(DisableApiTermination={"Value": True})
        assert terminated(client(), instance.id) == "OperationNotPermitted"
        instance.modify_attribute(DisableApiTermination={"Value": False})
        instance.terminate()
        instance.wait_until_terminated()
        assert client("sts").get_caller_identity()["Account"] == "123456789012"
    assert not [name for name in os.environ if name.startswith("AWS_")]


def test_each_entry_has_an_account_of_its_own_and_the_innermost_answers() -> None:
    with ec2_double():
        launched(client())
        with ec2_double():
            assert client().describe_instances()["Reservations"] == []
        assert len(client().describe_instances()["Reservations"]) == 1


def test_beside_moto() -> None:
    # In a process of its own: moto is one for a whole process, and other tests have it too.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(Path(__file__).parents[2] / "helpers" / "beside_moto.py"),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    counted = pytest.RunResult.parse_summary_nouns(ran.stdout.splitlines())  # pyright: ignore[reportUnknownMemberType] - pytest leaves it open
    assert counted == {"passed": 4}


def test_a_caller_without_permission_is_refused() -> None:
    with ec2_double() as double:
        i = launched(client())
        assert terminated(client(**double.nobody), i) == "UnauthorizedOperation"


def test_what_ec2_does_by_itself_is_in_the_hands_of_the_test() -> None:
    with ec2_double(delays="10", delay={"stop-completes": "on-demand"}, clock="stands") as double:
        ec2 = client()
        i = launched(ec2)

        def state() -> str:
            return ec2.describe_instances(InstanceIds=[i])["Reservations"][0]["Instances"][0]["State"]["Name"]

        assert state() == "pending"
        double.advance(10)
        assert state() == "running"
        ec2.stop_instances(InstanceIds=[i])
        double.advance(3600)
        assert state() == "stopping"
        double.happen("stop-completes", i)
        assert state() == "stopped"
        world = double.dump()
        double.reset()
        assert ec2.describe_instances()["Reservations"] == []
        double.load(world)
        assert state() == "stopped"
    with ec2_double(world=world):
        assert len(client().describe_instances()["Reservations"]) == 1


def test_a_choice_is_settled_as_it_is_said() -> None:
    where = {f"{REGION}a": False, f"{REGION}b": True}
    for word, state in (("before-answer", "terminated"), ("after-answer", "running")):
        with ec2_double(choices={"free-zones": word}, delay={"fate-terminates": "on-demand"}):
            ec2 = client()
            ids = [
                launched(ec2, Placement={"AvailabilityZone": zone}, DisableApiTermination=protected)
                for zone, protected in where.items()
            ]
            assert terminated(ec2, *ids) == "OperationNotPermitted"
            shown = ec2.describe_instances(InstanceIds=ids[:1])["Reservations"][0]["Instances"][0]
            assert shown["State"]["Name"] == state


@ec2_double()
def count_after_a_launch() -> int:
    launched(client())
    return len(client().describe_instances()["Reservations"])


def test_it_decorates_functions_and_each_call_begins_anew() -> None:
    assert [count_after_a_launch(), count_after_a_launch()] == [1, 1]


@ec2_double()
async def count_later() -> int:
    launched(client())
    await asyncio.sleep(0)
    launched(client())
    return len(client().describe_instances()["Reservations"])


@ec2_double()
def counts_on_the_way() -> Iterator[int]:
    for _ in range(2):
        launched(client())
        yield len(client().describe_instances()["Reservations"])


@ec2_double()
async def counts_later() -> AsyncIterator[int]:
    for _ in range(2):
        launched(client())
        yield len(client().describe_instances()["Reservations"])


@ec2_double()
class Inside:
    """A class of tests."""

    def test_launch(self) -> int:
        """Launch, and count."""
        launched(client())
        return len(client().describe_instances()["Reservations"])

    def helper(self) -> str:
        """What is no test stays outside."""
        return state_outside()


def state_outside() -> str:
    try:
        ec2_double().advance(0)
    except RuntimeError:
        return "outside"
    return "inside"


def test_it_decorates_coroutines_generators_and_the_tests_of_a_class() -> None:
    async def collected() -> list[int]:
        return [each async for each in counts_later()]

    for _ in range(2):
        assert asyncio.run(count_later()) == 2
        assert list(counts_on_the_way()) == [1, 2]
        assert asyncio.run(collected()) == [1, 2]
        assert Inside().test_launch() == 1
    assert Inside().helper() == "outside"
    assert inspect.iscoroutinefunction(count_later)
    assert inspect.isgeneratorfunction(counts_on_the_way)
    assert inspect.isasyncgenfunction(counts_later)


def test_a_setting_that_there_is_not_is_told_with_the_nearest() -> None:
    misspelt: dict[str, Any] = {"behavior": "random"}
    with pytest.raises(TypeError, match=r'ec2_double has no setting "behavior"; write behaviour\.'):
        ec2_double(**misspelt)


def test_its_help_fits_on_two_screens() -> None:
    text = pydoc.plain(pydoc.render_doc(ec2_double))
    # Since Python 3.13 a long signature has a line for each parameter.
    on_one_line = re.sub(r"\(\n.*?\n \|  \)", "(…)", text, flags=re.DOTALL)
    assert len(on_one_line.splitlines()) < 80


def test_a_clock_that_stands_begins_today() -> None:
    with ec2_double(clock="stands"):
        launched(client())
        [instance] = client().describe_instances()["Reservations"][0]["Instances"]
    assert timedelta(0) <= datetime.now(UTC) - instance["LaunchTime"] < timedelta(minutes=10)


def shown(instance: str) -> dict[str, Any]:
    [reservation] = client().describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]


def state_of(instance: str) -> str:
    return shown(instance)["State"]["Name"]


def age(instance: str) -> timedelta:
    """The age of an instance as a tool computes it."""
    return datetime.now(UTC) - shown(instance)["LaunchTime"]


@pytest.mark.parametrize("clock", ["runs", "stands"])
@pytest.mark.parametrize("ticks", [False, True])
def test_ages_follow_freezegun(clock: Literal["runs", "stands"], ticks: bool) -> None:  # noqa: FBT001
    with freezegun.freeze_time("2030-05-01", tick=ticks) as frozen, ec2_double(delays=10, clock=clock) as double:
        made = launched(client())
        assert timedelta(0) <= age(made) < timedelta(seconds=10)
        assert datetime.now(UTC).year == 2030
        frozen.move_to("2030-05-04")
        assert timedelta(days=2, hours=23) < age(made) < timedelta(days=3, hours=1)
        before = datetime.now(UTC)
        double.advance(86_400)
        assert timedelta(days=1) <= datetime.now(UTC) - before < timedelta(days=1, hours=1)
        assert timedelta(days=3, hours=23) < age(made) < timedelta(days=4, hours=1)
        assert state_of(made) == "running"


@pytest.mark.parametrize("clock", ["runs", "stands"])
def test_ages_follow_time_machine(clock: Literal["runs", "stands"]) -> None:
    then = datetime(2031, 1, 1, tzinfo=UTC)
    with time_machine.travel(then, tick=False) as travelling, ec2_double(delays=10, clock=clock) as double:
        made = launched(client())
        assert age(made) == timedelta(0)
        assert state_of(made) == "pending"
        travelling.shift(10)
        assert state_of(made) == "running"
        double.advance(86_400)
        assert age(made) == timedelta(days=1, seconds=10)


def test_a_time_that_is_faked_later_moves_the_clock_and_nothing_moves_it_back() -> None:
    with ec2_double(clock="stands") as double:
        made = launched(client())
        with freezegun.freeze_time(datetime.now(UTC) + timedelta(days=30)):
            assert timedelta(days=29) < age(made) < timedelta(days=31)
            then = double.clock.now()
        assert double.clock.now() == then
        with freezegun.freeze_time("2020-01-01"):
            assert double.clock.now() == then


@pytest.mark.parametrize("clock", ["runs", "stands"])
def test_a_time_that_a_test_fakes_before_its_first_call_is_where_the_clock_begins(
    clock: Literal["runs", "stands"],
) -> None:
    with ec2_double(clock=clock), freezegun.freeze_time("2014-01-01 05:00:00"):
        made = launched(client())
        assert shown(made)["LaunchTime"] == datetime(2014, 1, 1, 5, tzinfo=UTC)


def test_doubles_may_be_left_in_any_order() -> None:
    before = dict(os.environ), BaseClient.__dict__["_make_api_call"]
    first, second = ec2_double(), ec2_double()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    launched(client())
    second.__exit__(None, None, None)
    assert (dict(os.environ), BaseClient.__dict__["_make_api_call"]) == before


def test_a_client_that_threads_share_asks_once() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            with ec2_double(), ThreadPoolExecutor(6) as pool:
                ec2 = client()
                for made in [pool.submit(ec2.create_volume, AvailabilityZone=f"{REGION}a", Size=1) for _ in range(6)]:
                    made.result()
                assert len(ec2.describe_volumes()["Volumes"]) == 6
    finally:
        sys.setswitchinterval(interval)


def test_outside_its_context_it_has_no_model() -> None:
    with pytest.raises(RuntimeError, match="only inside its context"):
        ec2_double().advance(1)
    kind: Any = "kind"
    with pytest.raises(WrongSetting, match=r'There is no behaviour "kind"'):
        ec2_double(behaviour=kind)


@pytest.mark.ec2_double(delays="on-demand")
def test_the_fixture_takes_settings_from_its_marker(ec2_double: Ec2Double) -> None:
    i = launched(client())
    assert client().describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"] == "pending"
    ec2_double.happen("launch-completes", i)
    assert client().describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"
