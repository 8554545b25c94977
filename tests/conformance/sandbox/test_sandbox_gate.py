"""The gate: no request leaves that names what is not the run's own; what it makes is marked, counted and limited."""

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from botocore import exceptions as wrong
from botocore.exceptions import ClientError
from fake_ec2 import error
from sandboxes import (
    BEGAN,
    BROKE,
    LIMITS,
    LOST,
    MUTATIONS,
    RUN,
    THROTTLED,
    ZONE,
    Call,
    Sandbox,
    answering,
    first,
    foreign,
    launch,
    sandbox,
    tagged,
    volume,
)

from ec2_lifecycle.conformance.adapter.target import Broken, LimitReached, Unsupported
from ec2_lifecycle.conformance.sandbox.gate import Gate
from ec2_lifecycle.conformance.sandbox.ownership import EXPIRES, TOKEN
from ec2_lifecycle.conformance.sandbox.ownership import RUN as RUN_TAG

UNKNOWN = "i-0123456789abcdef0"
NOTHING: Final[dict[str, str]] = {}
BATCHES = ("terminate_instances", "stop_instances", "start_instances", "reboot_instances")


@pytest.fixture
def there(tmp_path: Path) -> Generator[Sandbox]:
    """A sandbox in an empty account."""
    with sandbox(tmp_path) as there:
        yield there


def foreign_volume(there: Sandbox) -> str:
    return there.ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]


# What is not the run's own.


def test_the_gate_has_all_that_changes_something_and_nothing_that_is_not_tested_here() -> None:
    offered = {name for name in vars(Gate) if not name.startswith("_") and callable(getattr(Gate, name))}
    assert {name for name in offered if not name.startswith("describe_")} == MUTATIONS | {"adopt"}


@pytest.mark.parametrize("method", BATCHES)
@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)], ids=["own-first", "foreign-first"])
def test_a_batch_with_one_foreign_id_is_not_sent(there: Sandbox, method: str, order: slice) -> None:
    theirs = foreign(there)
    ours = there.launch(2)
    before = there.states()
    there.wire.sent.clear()
    with pytest.raises(Broken, match=f"{theirs} was not made by this run, so a request that names it was not sent"):
        getattr(there.gate, method)(InstanceIds=[*ours, theirs, UNKNOWN][order])
    assert there.wire.changes == []
    assert there.states() == before


@pytest.mark.parametrize(
    "change",
    [
        {"DisableApiTermination": {"Value": False}},
        {"BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"DeleteOnTermination": False}}]},
    ],
)
def test_no_attribute_of_a_foreign_instance_is_changed(there: Sandbox, change: dict[str, Any]) -> None:
    theirs = foreign(there)
    there.wire.sent.clear()
    with pytest.raises(Broken, match=theirs):
        there.gate.modify_instance_attribute(InstanceId=theirs, **change)
    assert there.wire.changes == []


@pytest.mark.parametrize("method", ["delete_volume", "detach_volume"])
def test_no_foreign_volume_is_deleted_or_detached(there: Sandbox, method: str) -> None:
    theirs = foreign_volume(there)
    with pytest.raises(Broken, match=theirs):
        getattr(there.gate, method)(VolumeId=theirs)
    assert there.wire.changes == []


@pytest.mark.parametrize("whose", ["volume", "instance"])
def test_nothing_foreign_is_attached_and_nothing_is_attached_to_it(there: Sandbox, whose: str) -> None:
    [ours], theirs = there.launch(), foreign(there)
    named = {"volume": (foreign_volume(there), ours), "instance": (volume(there), theirs)}[whose]
    there.wire.sent.clear()
    with pytest.raises(Broken, match="was not made by this run"):
        there.gate.attach_volume(VolumeId=named[0], InstanceId=named[1], Device="/dev/sdf")
    assert there.wire.changes == []


def test_an_instance_with_all_our_tags_is_foreign(there: Sandbox) -> None:
    ours = there.launch()
    tags = there.wire.of("run_instances")[0]["TagSpecifications"]
    theirs = foreign(there, TagSpecifications=tags)
    with pytest.raises(Broken, match=theirs):
        there.gate.terminate_instances(InstanceIds=[theirs])
    there.gate.terminate_instances(InstanceIds=ours)


@pytest.mark.parametrize("token", ["", "f" * 32])
def test_so_it_is_while_a_launch_of_ours_is_without_an_answer(there: Sandbox, token: str) -> None:
    there.wire.around["run_instances"] = first(99, LOST)
    with pytest.raises(wrong.ConnectionClosedError):
        there.launch()
    tags = there.wire.of("run_instances")[0]["TagSpecifications"]
    theirs = foreign(there, TagSpecifications=tags, ClientToken=token)
    with pytest.raises(Broken, match=theirs):
        there.gate.terminate_instances(InstanceIds=[theirs])
    assert there.states()[theirs] == "running"


def test_a_volume_with_the_tags_of_one_of_ours_is_foreign(there: Sandbox) -> None:
    volume(there)
    tags = there.wire.of("create_volume")[0]["TagSpecifications"]
    theirs = there.ec2.create_volume(AvailabilityZone=ZONE, Size=1, TagSpecifications=tags)["VolumeId"]
    with pytest.raises(Broken, match=theirs):
        there.gate.delete_volume(VolumeId=theirs)
    assert theirs in there.volumes()


def test_a_description_that_shows_something_else_keeps_the_request_back(there: Sandbox) -> None:
    theirs = foreign(there)

    def knows_no_ids(method: Call, **_: object) -> object:
        return method()

    there.wire.around["describe_instances"] = knows_no_ids
    with pytest.raises(Broken, match=theirs):
        there.gate.terminate_instances(InstanceIds=[UNKNOWN])
    assert there.wire.changes == []


def test_so_does_one_that_fails(there: Sandbox) -> None:
    there.wire.around["describe_instances"] = first(1, error("InternalFailure", "?", 400))
    with pytest.raises(Broken, match=f"The run could not check whether it created {UNKNOWN}"):
        there.gate.terminate_instances(InstanceIds=[UNKNOWN])
    assert there.wire.changes == []


# Ids that no resource has.


@pytest.mark.parametrize("unknown", [UNKNOWN, "i-12345678", "i-nothing", "x"])
def test_an_id_that_no_resource_has_is_sent_after_one_look(there: Sandbox, unknown: str) -> None:
    for _ in range(3):
        with pytest.raises(ClientError):
            there.gate.terminate_instances(InstanceIds=[unknown])
    assert [name for name, _ in there.wire.sent] == ["describe_instances", *["terminate_instances"] * 3]


def test_so_is_that_of_a_volume(there: Sandbox) -> None:
    with pytest.raises(ClientError):
        there.gate.delete_volume(VolumeId="vol-0123456789abcdef0")
    assert [name for name, _ in there.wire.sent] == ["describe_volumes", "delete_volume"]


def test_where_a_policy_goes_by_tags_an_id_that_is_unknown_or_new_is_no_reason_to_end(there: Sandbox) -> None:
    there.wire.around["terminate_instances"] = first(3, error("UnauthorizedOperation", "You are not", 403))
    with pytest.raises(Unsupported, match="ec2:AnyOperation names an id that does not exist"):
        there.gate.terminate_instances(InstanceIds=[UNKNOWN])
    ids = there.launch()
    with pytest.raises(Unsupported, match="ec2:AnyOperation names an id that is so new that a policy"):
        there.gate.terminate_instances(InstanceIds=ids)
    there.clock.sleep(31)
    with pytest.raises(Broken, match="does not allow ec2:AnyOperation"):
        there.gate.terminate_instances(InstanceIds=ids)


# What a run makes.


def test_all_that_is_made_carries_run_token_and_expiry_and_a_client_token(there: Sandbox) -> None:
    there.launch(2, TagSpecifications=[{"ResourceType": "instance", "Tags": []}], ClientToken="another")
    volume(there)
    for method, kinds in (("run_instances", ["instance", "volume"]), ("create_volume", ["volume"])):
        [sent] = there.wire.of(method)
        assert [each["ResourceType"] for each in sent["TagSpecifications"]] == kinds
        for each in sent["TagSpecifications"]:
            assert {tag["Key"]: tag["Value"] for tag in each["Tags"]} == {
                RUN_TAG: RUN,
                TOKEN: sent["ClientToken"],
                EXPIRES: BEGAN.expires.isoformat(),
            }
    [first_token], [second_token] = ({each["ClientToken"] for each in there.wire.of(m)} for m in _MAKING)
    assert first_token != second_token


_MAKING = ("run_instances", "create_volume")


@pytest.mark.parametrize("problem", [LOST, wrong.ReadTimeoutError(endpoint_url="there"), BROKE, THROTTLED])
def test_a_launch_without_an_answer_is_asked_for_again_by_the_same_token(there: Sandbox, problem: Exception) -> None:
    there.wire.around["run_instances"] = first(3, problem, carried_out=problem is not THROTTLED)
    ids = there.launch(2)
    assert len({each["ClientToken"] for each in there.wire.of("run_instances")}) == 1
    assert sorted(there.states()) == sorted(ids)
    assert there.journal.record.left("i-") == tuple(ids)
    assert there.journal.record.unanswered() == ()
    assert there.gate.meter.launches == there.gate.meter.alive == 2


def test_a_launch_that_is_lost_and_then_throttled_is_not_taken_for_refused(there: Sandbox) -> None:
    lost = first(1, LOST, carried_out=True)

    def around(method: Call, **arguments: object) -> object:
        if len(there.wire.of("run_instances")) == 1:
            return lost(method, **arguments)
        raise THROTTLED

    there.wire.around["run_instances"] = around
    with pytest.raises(ClientError):
        there.launch(2)
    [asked] = there.journal.record.unanswered()
    assert asked.instances == 2
    assert there.gate.meter.alive == 2


def test_one_that_is_refused_made_nothing(there: Sandbox) -> None:
    there.wire.around["run_instances"] = first(1, error("InsufficientInstanceCapacity", "?", 500))
    with pytest.raises(ClientError):
        there.launch(2)
    assert there.journal.record.unanswered() == ()
    assert (there.gate.meter.launches, there.gate.meter.alive, there.gate.meter.cost) == (0, 0, 0)


def test_so_is_one_that_is_not_allowed(there: Sandbox) -> None:
    there.wire.around["run_instances"] = first(1, error("UnauthorizedOperation", "You are not", 403))
    with pytest.raises(Broken, match=r"The account does not allow ec2:AnyOperation \(UnauthorizedOperation\)"):
        there.launch()
    assert there.journal.record.unanswered() == ()


def test_a_dry_run_makes_and_counts_nothing(there: Sandbox) -> None:
    with pytest.raises(ClientError, match="DryRunOperation"):
        there.launch(DryRun=True)
    assert there.journal.record.unanswered() == ()
    assert there.gate.meter.launches == 0


@pytest.mark.parametrize("reply", [{}, {"Instances": [NOTHING]}, {"Instances": "none"}, None])
def test_a_reply_without_ids_is_passed_on_and_its_launch_not_forgotten(there: Sandbox, reply: object) -> None:
    there.wire.around["run_instances"] = answering(reply)
    assert there.gate.run_instances(**launch(2)) == reply
    [asked] = there.journal.record.unanswered()
    assert asked.instances == 2
    assert there.gate.meter.alive == 2


def test_a_reply_with_too_few_ids_leaves_its_launch_without_an_answer(there: Sandbox) -> None:
    def around(method: Call, **arguments: object) -> object:
        return {"Instances": method(**arguments)["Instances"][:1]}

    there.wire.around["run_instances"] = around
    there.launch(2)
    assert len(there.journal.record.left("i-")) == 1
    assert len(there.journal.record.unanswered()) == 1


def test_what_a_lost_launch_made_may_be_named_once_it_was_seen(there: Sandbox) -> None:
    there.wire.around["run_instances"] = first(99, LOST, carried_out=True)
    with pytest.raises(wrong.ConnectionClosedError):
        there.launch(2)
    [one, _] = there.states()
    there.gate.terminate_instances(InstanceIds=[one])
    assert there.journal.record.made.keys() == {one}
    assert len(there.journal.record.unanswered()) == 1  # there is another one
    assert there.gate.meter.alive == 1


# Replies that are lost, refused or not readable.


@pytest.mark.parametrize("problem", [LOST, wrong.ReadTimeoutError(endpoint_url="there"), BROKE])
def test_a_change_without_an_answer_is_not_sent_again(there: Sandbox, problem: Exception) -> None:
    ids = there.launch()
    there.wire.around["stop_instances"] = first(1, problem, carried_out=True)
    with pytest.raises(Unsupported):
        there.gate.stop_instances(InstanceIds=ids)
    assert len(there.wire.of("stop_instances")) == 1


def test_a_change_that_is_throttled_is_sent_again(there: Sandbox) -> None:
    ids = there.launch()
    there.wire.around["stop_instances"] = first(8, THROTTLED)
    there.gate.stop_instances(InstanceIds=ids)
    assert len(there.wire.of("stop_instances")) == 9


@pytest.mark.parametrize("code", ["RequestExpired", "ExpiredToken", "AuthFailure"])
def test_credentials_that_expire_in_the_middle_end_the_run(there: Sandbox, code: str) -> None:
    there.wire.around["describe_instances"] = first(1, error(code, "Request has expired."))
    with pytest.raises(Broken, match=rf"AWS refuses the credentials at ec2:AnyOperation \({code}: Request has expired"):
        there.gate.describe_instances()


def test_so_do_those_that_cannot_be_renewed(there: Sandbox) -> None:
    problem = wrong.UnauthorizedSSOTokenError()
    there.wire.around["run_instances"] = first(1, problem)
    with pytest.raises(Broken, match=r"credentials no longer work for run_instances \(.*\); renew them\.$"):
        there.launch()


@pytest.mark.parametrize("reply", [{}, {"TerminatingInstances": [{"InstanceId": 1}]}, {"TerminatingInstances": 1}, []])
def test_a_reply_to_a_termination_that_cannot_be_read_is_passed_on(there: Sandbox, reply: object) -> None:
    ids = there.launch()
    there.wire.around["terminate_instances"] = answering(reply)
    assert there.gate.terminate_instances(InstanceIds=ids) == reply
    assert there.gate.meter.alive == 1


# Limits.


def test_a_type_that_the_file_does_not_have_is_not_launched(there: Sandbox) -> None:
    with pytest.raises(Broken, match=r"The instance type p5\.48xlarge is not in the sandbox file; nothing was"):
        there.launch(InstanceType="p5.48xlarge")
    assert there.wire.sent == []


def test_no_more_are_alive_than_the_file_allows(there: Sandbox) -> None:
    ids = there.launch(9)
    with pytest.raises(Unsupported, match=r"11 instances at a time, and the sandbox file allows 10 \(max-alive\)"):
        there.launch(2)
    there.gate.stop_instances(InstanceIds=ids[:1])
    with pytest.raises(Unsupported):  # what is stopped can start again
        there.launch(2)
    there.gate.terminate_instances(InstanceIds=ids[:1])
    there.launch(2)
    assert there.gate.meter.most_alive == 10


@pytest.mark.parametrize("problem", [LOST, BROKE])
def test_what_a_lost_launch_may_have_made_counts_as_alive(there: Sandbox, problem: Exception) -> None:
    there.wire.around["run_instances"] = first(9, problem)
    with pytest.raises((wrong.ConnectionClosedError, Unsupported)):
        there.launch(9)
    with pytest.raises(Unsupported, match="needs 11 instances"):
        there.launch(2)


def test_no_more_are_launched_than_the_file_allows(there: Sandbox) -> None:
    for _ in range(3):
        there.gate.terminate_instances(InstanceIds=there.launch(10))
    with pytest.raises(LimitReached, match="has launched 30 instances, and max-launches is the limit"):
        there.launch()
    assert len(there.wire.of("run_instances")) == 3


@pytest.mark.parametrize("what", ["launch", "volume", "start"])
def test_nothing_is_made_or_started_after_the_time_to_live(there: Sandbox, what: str) -> None:
    ids = there.launch()
    there.gate.stop_instances(InstanceIds=ids)
    there.clock.sleep(3600)
    there.wire.sent.clear()
    doing = {
        "launch": there.launch,
        "volume": lambda: volume(there),
        "start": lambda: there.gate.start_instances(InstanceIds=ids),
    }
    with pytest.raises(LimitReached, match="has reached its time-to-live of 1h"):
        doing[what]()
    assert there.wire.sent == []
    there.gate.terminate_instances(InstanceIds=ids)  # what takes away is always sent


def test_nor_once_it_would_cost_more_than_the_ceiling(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(LIMITS, cost_ceiling=0.5)  # one hour of one instance
    with sandbox(tmp_path, limits=limits) as there:
        ids = there.launch(10)
        there.clock.sleep(5 * 60)
        volume(there)
        there.clock.sleep(61)
        with pytest.raises(LimitReached, match=r"may cost 0\.\d+ by now, and the cost-ceiling is 0\.5"):
            there.gate.start_instances(InstanceIds=ids[:1])
        assert there.gate.meter.cost == pytest.approx(0.5 * 10 * 361 / 3600)


def test_each_start_costs_a_minute_at_least(there: Sandbox) -> None:
    ids = there.launch(2)
    there.gate.stop_instances(InstanceIds=ids)
    there.gate.start_instances(InstanceIds=ids)
    there.gate.terminate_instances(InstanceIds=ids)
    assert there.gate.meter.seconds == 2 * 60 + 2 * 60
    there.clock.sleep(1000)
    assert there.gate.meter.seconds == 240


def test_a_crash_forgets_no_resource(there: Sandbox) -> None:
    ids = there.launch(2)
    there.crash()
    there.wire.sent.clear()
    there.gate.terminate_instances(InstanceIds=ids)
    assert [name for name, _ in there.wire.sent] == ["terminate_instances"]


def test_what_reads_may_name_anything(there: Sandbox) -> None:
    theirs = foreign(there, TagSpecifications=[{"ResourceType": "instance", "Tags": tagged(Name="production")}])
    reply: Any = there.gate.describe_instances(InstanceIds=[theirs])
    assert reply["Reservations"][0]["Instances"][0]["InstanceId"] == theirs
