"""What users may write for a target, and what each kind of target offers."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_ec2 import (
    DESCRIBE,
    ID_A,
    LAUNCH,
    A,
    B,
    Client,
    D,
    V,
    batch,
    named,
    target_of,
)

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import (
    DeviceSeen,
    Instances,
    NoAnswer,
    Refused,
)
from ec2_lifecycle.conformance.adapter.target import (
    Broken,
    Capability,
    Patience,
    Target,
    TargetError,
    UnknownTarget,
    Unsupported,
)
from ec2_lifecycle.conformance.targets.resolve import KNOWN, resolve
from ec2_lifecycle.model.requests import (
    LaunchRequest,
    Operation,
    VolumeRequest,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mto", 'There is no target "mto"; did you mean moto?'),
        ("endpoint", 'There is no target "endpoint"; write endpoint:URL.'),
        ("moto:5", 'There is no target "moto:5"; write moto.'),
        ("endpiont:http://x", "did you mean endpoint:URL?"),
        ("http://127.0.0.1:5000", "write endpoint:http://127.0.0.1:5000"),
        ("", "the targets are model, moto, moto-server, endpoint:URL"),
        ("quux", "the targets are model, moto, moto-server, endpoint:URL"),
        ("aws:sandbox", "works only with run, smoke and replay, and needs --sandbox FILE"),
    ],
)
def test_what_names_no_target_is_wrong_usage(text: str, message: str) -> None:
    with pytest.raises(UnknownTarget) as caught:
        resolve(text)
    assert message in str(caught.value)


def test_every_kind_of_target_is_listed_with_what_it_is() -> None:
    assert [form.partition(":")[0] for form, _ in KNOWN] == [
        *("model", "moto", "moto-server", "endpoint", "aws", "python")
    ]
    assert all(description for _, description in KNOWN)


def test_a_package_can_register_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "registered_of_a_user.py").write_text(DOUBLE, encoding="utf-8")
    metadata = tmp_path / "registered_of_a_user-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: registered\nVersion: 1\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(
        "[ec2_lifecycle.targets]\nmy-double = registered_of_a_user:Double\nlost = registered_of_a_user:Lost\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert resolve("my-double").name == "my-double"
    with pytest.raises(UnknownTarget, match="entry point lost = registered_of_a_user:Lost cannot be loaded"):
        resolve("lost")
    with pytest.raises(UnknownTarget, match="did you mean my-double"):
        resolve("my-duble")


# A user's own client.


DOUBLE = """
import types

class Double:
    version = "7"
    capabilities = ["virtual-time", "instance-store"]
    patience_polls = 3
    class clock:
        now = staticmethod(lambda: 42.0)
        sleep = staticmethod(lambda seconds: None)
    def describe_instances(self, **arguments):
        raise ValueError("never")
    def describe_availability_zones(self):
        return {"AvailabilityZones": [{"ZoneName": "b"}, {"ZoneName": "a"}]}
    def describe_images(self, **arguments):
        return {"Images": [{"ImageId": "ami-ebs"}, {"ImageId": "ami-is", "RootDeviceType": "instance-store"}]}
    def for_nobody(self):
        return self
    def push(self, step, instance_id):
        pass

class Bare:
    describe_instances = None

class Clockless(Bare):
    clock = 5

class Impatient(Bare):
    patience_polls = 0

class Boastful(Bare):
    capabilities = ["everything"]

namespace = types.SimpleNamespace(make=Double)
nothing = lambda: None
number = 5

def fails():
    raise RuntimeError("no double today")
"""


@pytest.fixture
def doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "doubles_of_a_user.py").write_text(DOUBLE, encoding="utf-8")
    (tmp_path / "broken_of_a_user.py").write_text("def (:\n", encoding="utf-8")
    (tmp_path / "needy_of_a_user.py").write_text("import no_such_library\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("doubles_of_a_user", None)


@pytest.mark.usefixtures("doubles")
@pytest.mark.parametrize("factory", ["Double", "namespace.make"])
def test_a_users_client_is_a_target_with_what_it_offers(factory: str) -> None:
    target = resolve(f"python:doubles_of_a_user:{factory}")
    assert (target.name, target.version) == (f"python:doubles_of_a_user:{factory}", "7")
    assert target.capabilities == set(Capability) - {Capability.PARALLEL}
    assert target.zones == ("a", "b")
    assert target.clock.now() == 42.0
    assert target.patience.polls == 3
    assert target.perform(DESCRIBE, named()) == Refused("ValueError", "never", 500)


@pytest.mark.usefixtures("doubles")
def test_a_bare_client_has_one_zone_and_nothing_special() -> None:
    target = resolve("python:doubles_of_a_user:Bare")
    assert (target.version, target.zones, target.capabilities) == ("", ("",), frozenset())


@pytest.mark.usefixtures("doubles")
@pytest.mark.parametrize(
    ("text", "expected", "message"),
    [
        ("doubles_of_a_user", UnknownTarget, "names no factory; write python:MODULE:FACTORY"),
        (":make", UnknownTarget, "names no factory; write python:MODULE:FACTORY"),
        ("no_such_module:make", UnknownTarget, "there is no module no_such_module, neither installed nor in"),
        ("doubles_of_a_user.inner:make", UnknownTarget, "there is no module doubles_of_a_user.inner"),
        ("needy_of_a_user:make", UnknownTarget, "the module needy_of_a_user needs no_such_library"),
        ("broken_of_a_user:make", UnknownTarget, "the module cannot be imported (SyntaxError"),
        ("doubles_of_a_user:Duble", UnknownTarget, "the module has no Duble; write Double"),
        ("doubles_of_a_user:number", UnknownTarget, "is an int, which cannot be called"),
        ("doubles_of_a_user:nothing", UnknownTarget, "returned nothing, which has no describe_instances"),
        ("doubles_of_a_user:Clockless", UnknownTarget, "its clock is an int; give one with now() and sleep(seconds)"),
        ("doubles_of_a_user:Impatient", UnknownTarget, "its patience_polls is 0; give a whole number of at least 1"),
        ("doubles_of_a_user:Boastful", UnknownTarget, 'no capability "everything"; give some of nobody, instance-st'),
        ("doubles_of_a_user:fails", Broken, "raised RuntimeError: no double today"),
    ],
)
def test_a_users_client_that_is_none_is_said_in_a_sentence(
    text: str, expected: type[TargetError], message: str
) -> None:
    with pytest.raises(expected) as caught:
        resolve(f"python:{text}")
    assert message in str(caught.value)


# moto.


@pytest.fixture(scope="module")
def moto() -> Iterator[Target]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_PROFILE", "no-such-profile")
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        patch.setenv("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:1")
        target = resolve("moto")
        yield target
        target.close()
        assert os.environ["AWS_PROFILE"] == "no-such-profile"


def test_moto_answers_in_process_whatever_the_environment_says(moto: Target) -> None:
    names = Names()
    assert isinstance(moto.perform(LAUNCH, names), Instances)
    assert names.zones["2"] == moto.zones[1]
    answer = moto.perform(DESCRIBE, names)
    assert isinstance(answer, Instances)
    [instance] = answer.items
    assert (instance.instance, instance.zone, instance.root_device) == (A, "2", "ebs")
    assert instance.devices == (DeviceSeen("/dev/sdf", D, delete_on_termination=False),)
    assert names.knows(D)


def test_moto_can_do_what_every_target_can_and_no_more(moto: Target) -> None:
    assert moto.name == "moto"
    assert moto.version.count(".") == 2
    assert moto.capabilities == {Capability.INSTANCE_STORE, Capability.VIRTUAL_TIME}


def test_motos_refusals_come_with_their_status(moto: Target) -> None:
    names = Names()
    unknown = batch(Operation.TERMINATE, "i-12345678")
    not_found = "The instance ID 'i-12345678' does not exist"
    assert moto.perform(unknown, names) == Refused("InvalidInstanceID.NotFound", not_found, 400)
    moto.perform(LaunchRequest(instances=(B,)), names)
    answer = moto.perform(batch(Operation.TERMINATE, "B", dry_run=True), names)
    assert isinstance(answer, Refused)
    assert (answer.code, answer.status) == ("DryRunOperation", 412)


def test_moto_forgets_what_a_cleared_scenario_ended_and_nothing_from_before_it(moto: Target) -> None:
    bystander, scenario = Names(), Names()
    moto.perform(LaunchRequest(instances=(B,)), bystander)
    moto.clear({})
    moto.perform(LaunchRequest(instances=(A,)), scenario)
    moto.perform(LaunchRequest(instances=(B,)), scenario)
    moto.perform(batch(Operation.TERMINATE, "B"), scenario)
    moto.perform(batch(Operation.TERMINATE, "B"), bystander)
    moto.clear({scenario.ids[A]: ()})
    for name in "AB":
        gone = moto.perform(batch(Operation.DESCRIBE, name), scenario)
        assert isinstance(gone, Refused)
        assert gone.code == "InvalidInstanceID.NotFound"
    seen = moto.perform(batch(Operation.DESCRIBE, "B"), bystander)
    assert isinstance(seen, Instances)
    assert [item.state.name for item in seen.items] == ["terminated"]


def test_an_operation_that_fails_inside_moto_is_its_servers_failure(moto: Target) -> None:
    names = Names()
    moto.perform(VolumeRequest(Operation.CREATE_VOLUME, volumes=(V,)), names)
    answer = moto.perform(VolumeRequest(Operation.DETACH, volumes=(V,)), names)
    assert isinstance(answer, Refused)
    assert answer.status == 500


def test_motos_server_is_started_and_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    target = resolve("moto-server")
    names = Names()
    assert isinstance(target.perform(LAUNCH, names), Instances)
    target.perform(DESCRIBE, names)
    failed = target.perform(VolumeRequest(Operation.DETACH, volumes=(D,)), names)
    target.close()
    assert isinstance(failed, Refused)
    assert failed.status == 500
    assert isinstance(target.perform(DESCRIBE, names), NoAnswer)


# Background steps, clocks, patience.


def test_a_background_step_is_pushed_by_the_real_id() -> None:
    pushed: list[tuple[str, str]] = []
    target = Ec2Target(Client({}), name="fake", push=lambda step, i: pushed.append((step, i)))
    target.push("retire", A, named())
    assert pushed == [("retire", ID_A)]
    assert target.capabilities == {Capability.BACKGROUND}


@pytest.mark.parametrize(("raised", "expected"), [(NotImplementedError, Unsupported), (ValueError, Broken)])
def test_a_background_step_that_fails_says_which(raised: type[Exception], expected: type[TargetError]) -> None:
    def push(step: str, instance_id: str) -> None:
        raise raised(step, instance_id)

    with pytest.raises(expected, match="retire"):
        Ec2Target(Client({}), name="fake", push=push).push("retire", A, named())


def test_a_target_without_background_steps_says_so() -> None:
    with pytest.raises(Unsupported, match="fake lacks background steps on demand"):
        target_of(Client({})).push("retire", A, named())


def test_sleeping_on_a_virtual_clock_only_moves_it() -> None:
    clock = VirtualClock()
    clock.sleep(3600)
    clock.sleep(-5)
    assert clock.now() == 3600


def test_patience_looks_at_once_and_then_ever_more_rarely() -> None:
    assert list(Patience(5, 1.0, 2.0, 3.0).pauses()) == [0.0, 1.0, 2.0, 3.0, 3.0]
    assert list(Patience(1).pauses()) == [0.0]


def test_closing_twice_gives_back_once_and_never_fails() -> None:
    closed: list[str] = []

    def close() -> None:
        closed.append("closed")
        raise OSError

    target = Ec2Target(Client({}), name="fake", on_close=close)
    target.close()
    target.close()
    assert closed == ["closed"]
