"""The sweep: all that a run made is taken away, whatever happened to it meanwhile, and nothing that is another's."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from botocore import exceptions as wrong
from botocore.exceptions import ClientError
from fake_ec2 import error
from sandboxes import (
    BROKE,
    LIMITS,
    LOST,
    THROTTLED,
    ZONE,
    Call,
    Sandbox,
    answering,
    first,
    foreign,
    sandbox,
    volume,
)

from ec2_lifecycle.conformance.adapter.target import Broken
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, DELAYS, SLOW, Behaviour, ChoicePolicy
from ec2_lifecycle.conformance.emulator.images import EBS
from ec2_lifecycle.conformance.sandbox.journal import Journal, JournalError, read
from ec2_lifecycle.conformance.sandbox.sweep import Leftovers
from ec2_lifecycle.model.background import StepName

NOTHING: Final[dict[str, str]] = {}
PROTECTED = {"DisableApiTermination": True, "DisableApiStop": True}
KEPT: Final[dict[str, Any]] = {
    "BlockDeviceMappings": [{"DeviceName": EBS.root_device_name, "Ebs": {"DeleteOnTermination": False}}]
}


@pytest.fixture
def there(tmp_path: Path) -> Generator[Sandbox]:
    """A sandbox in an empty account."""
    with sandbox(tmp_path) as there:
        yield there


def lose_the_reply(there: Sandbox, *, carried_out: bool = True, **more: Any) -> None:  # noqa: ANN401
    """Launch, but hear of nothing any more."""
    there.wire.around["run_instances"] = first(99, LOST, carried_out=carried_out)
    with pytest.raises(wrong.ConnectionClosedError):
        there.launch(**more)
    there.wire.around.clear()


def hide(there: Sandbox, *hidden: str, until: float = float("inf")) -> None:
    """Let no description show some resources, until a time."""
    list_instances, list_volumes = there.wire.client.describe_instances, there.wire.client.describe_volumes

    def late(named: Any, kind: str) -> None:  # noqa: ANN401
        if there.clock.now() < until and set(named or ()) & set(hidden):
            raise error(f"Invalid{kind}.NotFound", "does not exist")

    def instances(_: object, **sent: Any) -> object:  # noqa: ANN401
        late(sent.get("InstanceIds"), "InstanceID")
        reply = list_instances(**sent)
        for each in reply["Reservations"]:
            each["Instances"] = [
                i for i in each["Instances"] if there.clock.now() >= until or i["InstanceId"] not in hidden
            ]
        return reply

    def volumes(_: object, **sent: Any) -> object:  # noqa: ANN401
        late(sent.get("VolumeIds"), "Volume")
        reply = list_volumes(**sent)
        reply["Volumes"] = [v for v in reply["Volumes"] if there.clock.now() >= until or v["VolumeId"] not in hidden]
        return reply

    there.wire.around |= {"describe_instances": instances, "describe_volumes": volumes}


def swept(there: Sandbox) -> None:
    """Sweep, as a new process does, and hold it to its end: nothing of the run's is left, and the journal says so."""
    there.crash()
    left = there.sweep().until_clean()
    assert left == Leftovers(foreign=left.foreign)
    assert there.journal.record.ended
    assert read(there.journal.path).left("") == ()


# What a run left.


def test_instances_in_every_state_and_volumes_are_taken_away(there: Sandbox) -> None:
    a, b, c, _ = there.launch(4)
    there.gate.stop_instances(InstanceIds=[a])
    there.gate.terminate_instances(InstanceIds=[b])
    v = volume(there)
    there.gate.attach_volume(VolumeId=v, InstanceId=c, Device="/dev/sdf")
    volume(there)
    swept(there)
    assert set(there.states().values()) == {"terminated"}
    assert there.volumes() == set()


def test_twice_is_as_good_as_once(there: Sandbox) -> None:
    there.launch(2)
    volume(there)
    swept(there)
    there.wire.sent.clear()
    swept(there)
    assert there.wire.changes == []


def test_a_run_that_made_nothing_is_swept_by_looking(there: Sandbox) -> None:
    swept(there)
    assert there.wire.changes == []


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_both_protections_are_cleared(there: Sandbox, state: str) -> None:
    there.launch(2)
    protected = there.launch(**PROTECTED)
    if state == "stopped":
        there.gate.modify_instance_attribute(InstanceId=protected[0], DisableApiStop={"Value": False})
        there.gate.stop_instances(InstanceIds=protected)
        there.gate.modify_instance_attribute(InstanceId=protected[0], DisableApiStop={"Value": True})
    there.crash()
    sweep = there.sweep()
    assert not sweep.until_clean()
    assert set(there.states().values()) == {"terminated"}
    assert sweep.unprotected == set(protected)


def test_so_they_are_where_the_account_only_hears_of_it_a_minute_later(tmp_path: Path) -> None:
    lag = {**AT_ONCE, StepName.TERMINATION_CLEARS: (60, 60), StepName.STOP_CLEARS: (60, 60)}
    with sandbox(tmp_path, Behaviour(delays=lag, choice_policy=ChoicePolicy.HARDEST)) as there:
        there.launch(**PROTECTED)
        there.clock.sleep(61)
        swept(there)
        assert set(there.states().values()) == {"terminated"}


def test_a_volume_that_outlives_its_instance_is_deleted(there: Sandbox) -> None:
    there.launch(2, **KEPT)
    kept = there.volumes()
    assert len(kept) == 2
    swept(there)
    assert there.volumes() == set()
    assert {each["VolumeId"] for each in there.wire.of("delete_volume")} == kept


def test_a_volume_that_a_terminated_instance_still_holds_is_taken_from_it(there: Sandbox) -> None:
    (i,) = there.launch()
    v = volume(there)
    there.gate.attach_volume(VolumeId=v, InstanceId=i, Device="/dev/sdf")
    there.gate.terminate_instances(InstanceIds=[i])
    list_volumes, held = there.wire.client.describe_volumes, [{"VolumeId": v, "InstanceId": i, "State": "attached"}]

    def never_lets_go(_: object, **sent: Any) -> object:  # noqa: ANN401
        reply = list_volumes(**sent)
        if "detach_volume" not in [name for name, _ in there.wire.sent]:
            for each in reply["Volumes"]:
                each.update({"State": "in-use", "Attachments": held} if each["VolumeId"] == v else {})
        return reply

    there.wire.around["describe_volumes"] = never_lets_go
    swept(there)


def test_a_volume_that_another_has_attached_stays_and_it_is_said_who(there: Sandbox) -> None:
    v, theirs = volume(there), foreign(there)
    there.ec2.attach_volume(VolumeId=v, InstanceId=theirs, Device="/dev/sdf")
    sweep = there.sweep()
    assert sweep.until_clean() == Leftovers(volumes=(v,))
    assert sweep.problem == f"{v} is attached to {theirs}, which is not the run's"
    assert there.wire.changes == ["create_volume"]
    assert not there.journal.record.ended
    there.ec2.detach_volume(VolumeId=v)
    swept(there)
    assert v not in there.volumes()


@pytest.mark.parametrize("behaviour", [DELAYS, SLOW], ids=["usual", "slow"])
@pytest.mark.parametrize("seed", range(10))
def test_an_account_that_does_all_that_it_may_is_left_clean(tmp_path: Path, behaviour: Any, seed: int) -> None:  # noqa: ANN401
    played = Behaviour(seed=seed, choice_policy=ChoicePolicy.RANDOM, delays=behaviour, permute=True, high_byte=True)
    with sandbox(tmp_path, played) as there:
        theirs = foreign(there)
        there.clock.sleep(60)
        there.launch(2, zone=0)
        there.launch(1, zone=0, **PROTECTED)
        there.launch(1, zone=1, **KEPT)
        volume(there)
        swept(there)
        states = there.states()
        assert {i for i, state in states.items() if state != "terminated"} == {theirs}
        kept_by_others = {
            mapping["Ebs"]["VolumeId"]
            for each in there.ec2.describe_instances(InstanceIds=[theirs])["Reservations"][0]["Instances"]
            for mapping in each.get("BlockDeviceMappings", [])
        }
        assert there.volumes() - kept_by_others == set()


def test_more_than_a_page_is_taken_away(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(LIMITS, max_alive=1000, max_launches=1000, cost_ceiling=1e6)
    with sandbox(tmp_path, limits=limits) as there:
        there.launch(600)
        lose_the_reply(there, count=50)
        there.crash(limits)
        assert not there.sweep().until_clean()
        assert set(there.states().values()) == {"terminated"}
        assert there.volumes() == set()
        assert any("NextToken" in sent for sent in there.wire.of("describe_instances"))


def test_pages_that_lead_round_in_a_circle_end(there: Sandbox) -> None:
    there.launch()
    pages = iter("abab" * 3)

    def circle(method: Call, **sent: Any) -> object:  # noqa: ANN401
        return {**method(Filters=sent["Filters"]), "NextToken": next(pages)}

    there.wire.around["describe_instances"] = circle
    there.sweep().once()
    assert len(there.wire.of("describe_instances")) == 3


# What nobody has told the run of.


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_lost_launch_made_is_found_by_its_tags(there: Sandbox, count: int) -> None:
    lose_the_reply(there, count=count)
    swept(there)
    assert list(there.states().values()) == ["terminated"] * count
    assert there.volumes() == set()


@pytest.mark.parametrize("late", [1.0, 29.0])
def test_so_it_is_when_it_shows_late(there: Sandbox, late: float) -> None:
    lose_the_reply(there, count=2)
    hide(there, *there.states(), until=there.clock.now() + late)
    swept(there)
    assert set(there.states().values()) == {"terminated"}


def test_or_when_only_some_of_it_shows_at_first(there: Sandbox) -> None:
    lose_the_reply(there, count=3)
    hide(there, *list(there.states())[1:], *there.volumes(), until=there.clock.now() + 25)
    swept(there)
    assert list(there.states().values()) == ["terminated"] * 3


def test_or_when_its_volume_shows_before_it_does(there: Sandbox) -> None:
    lose_the_reply(there, count=1)
    hide(there, *there.states(), until=there.clock.now() + 25)
    swept(there)
    assert list(there.states().values()) == ["terminated"]


def test_a_launch_that_was_throttled_for_minutes_is_young_when_it_is_sent(there: Sandbox) -> None:
    tries = [*[THROTTLED] * 8]

    def around(method: Callable[..., object], **arguments: object) -> object:
        if tries:
            there.clock.sleep(30)
            raise tries.pop()
        method(**arguments)
        raise LOST

    there.wire.around["run_instances"] = around
    with pytest.raises(wrong.ConnectionClosedError):
        there.launch()
    there.wire.around.clear()
    hide(there, *there.states(), until=there.clock.now() + 25)
    swept(there)
    assert list(there.states().values()) == ["terminated"]


def test_a_launch_that_made_nothing_is_given_up_after_a_minute(there: Sandbox) -> None:
    lose_the_reply(there, carried_out=False)
    there.crash()
    sweep = there.sweep()
    assert sweep.until_clean(budget=10.0) == Leftovers(unknown=1)
    swept(there)
    assert there.states() == {}


def test_a_volume_whose_reply_was_lost_is_found(there: Sandbox) -> None:
    there.wire.around["create_volume"] = first(99, LOST, carried_out=True)
    with pytest.raises(wrong.ConnectionClosedError):
        volume(there)
    there.wire.around.clear()
    hide(there, *there.volumes(), until=there.clock.now() + 25)
    swept(there)
    assert there.volumes() == set()


@pytest.mark.parametrize("late", [1.0, 29.0])
def test_a_new_instance_that_is_not_found_is_waited_for_and_not_named(there: Sandbox, late: float) -> None:
    """A policy by tags refuses what it cannot see, and that would end the sweep."""
    [i] = there.launch()
    shows = there.clock.now() + late
    hide(there, i, until=shows)

    def around(method: Callable[..., object], **arguments: object) -> object:
        if there.clock.now() < shows:
            raise error("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)
        return method(**arguments)

    there.wire.around["terminate_instances"] = around
    swept(there)
    assert there.states() == {i: "terminated"}


def test_one_that_was_shown_and_is_not_any_more_is_gone_only_after_the_read_lag(there: Sandbox) -> None:
    [i] = there.launch()
    there.wire.around["terminate_instances"] = first(99, BROKE)
    there.crash()
    sweep = there.sweep()
    assert sweep.once() == Leftovers(instances=(i,), volumes=tuple(there.volumes()))
    hide(there, i)
    there.clock.sleep(9)
    assert sweep.once().instances == (i,)
    there.clock.sleep(2)
    assert sweep.once().instances == ()


def test_one_that_was_forgotten_is_gone(there: Sandbox) -> None:
    ids = there.launch()
    there.gate.terminate_instances(InstanceIds=ids)
    there.clock.sleep(7200)
    assert there.states() == {}
    swept(there)
    assert there.journal.record.gone >= set(ids)


# What is others'.


def others(there: Sandbox) -> dict[str, str]:
    """Let others have instances of every kind, and return their states."""
    tags = there.wire.of("run_instances")[0]["TagSpecifications"]
    alike = [{"ResourceType": "instance", "Tags": tags[0]["Tags"][:1]}]
    for number, more in enumerate(({}, {"DisableApiTermination": True})):
        foreign(there, **more)
        foreign(there, TagSpecifications=tags, **more)
        foreign(there, TagSpecifications=tags, ClientToken=f"theirs-{number}", **more)
        foreign(there, TagSpecifications=alike, **more)
    return there.states()


@pytest.mark.parametrize("lost", [False, True])
def test_what_is_others_is_named_in_no_request_that_changes_anything(there: Sandbox, *, lost: bool) -> None:
    if lost:
        lose_the_reply(there, count=2)
    else:
        there.launch(2)
    ours = set(there.states())
    theirs = {i: state for i, state in others(there).items() if i not in ours}
    mine = there.ec2.create_volume(
        AvailabilityZone=ZONE,
        Size=1,
        TagSpecifications=[
            {"ResourceType": "volume", "Tags": [{"Key": "ec2-lifecycle:run", "Value": there.journal.record.began.run}]}
        ],
    )["VolumeId"]
    there.crash()
    there.wire.sent.clear()
    left = there.sweep().until_clean()
    assert not left
    assert mine in left.foreign
    assert {i for i in left.foreign if i.startswith("i-")} < theirs.keys()
    assert len([i for i in left.foreign if i.startswith("i-")]) == 6
    named = {i for name, sent in there.wire.sent if not name.startswith("describe") for i in _ids(sent)}
    assert named & ours == ours
    assert not named & {*theirs, mine}
    states = there.states()
    assert {i: states[i] for i in theirs} == theirs
    assert {states[i] for i in ours} == {"terminated"}


def _ids(sent: dict[str, Any]) -> list[str]:
    return [*sent.get("InstanceIds", ()), *(sent[key] for key in ("InstanceId", "VolumeId") if key in sent)]


# What goes wrong on the way.


@pytest.mark.parametrize("problem", [LOST, BROKE, THROTTLED, OSError("no route"), error("IncorrectState", "?")])
@pytest.mark.parametrize("method", ["describe_instances", "describe_volumes", "terminate_instances", "delete_volume"])
def test_what_fails_is_done_again(there: Sandbox, method: str, problem: Exception) -> None:
    there.launch(2)
    volume(there)
    there.wire.around[method] = first(12, problem)
    swept(there)
    assert set(there.states().values()) == {"terminated"}
    assert there.volumes() == set()


@pytest.mark.parametrize("reply", [None, [], {"Reservations": 1}, {"Reservations": [{"Instances": [NOTHING]}]}])
def test_a_description_that_cannot_be_read_shows_nothing_to_be_gone(there: Sandbox, reply: object) -> None:
    there.launch()
    there.wire.around["describe_instances"] = answering(reply)
    sweep = there.sweep()
    assert sweep.until_clean(budget=30.0)
    assert not there.journal.record.gone
    there.wire.around.clear()
    swept(there)


@pytest.mark.parametrize("code", ["RequestExpired", "UnauthorizedOperation"])
def test_an_account_that_refuses_the_caller_ends_it_and_the_next_one_goes_on(there: Sandbox, code: str) -> None:
    there.launch()
    there.clock.sleep(31)
    there.wire.around["terminate_instances"] = first(1, error(code, "?", 403))
    with pytest.raises(Broken, match=code):
        there.sweep().until_clean()
    assert not there.journal.record.ended
    swept(there)


def test_ctrl_c_ends_it_and_the_next_one_goes_on(there: Sandbox) -> None:
    there.launch(**PROTECTED)
    there.wire.around["modify_instance_attribute"] = first(99, BROKE)
    left = there.sweep().until_clean(enough=lambda: True)
    assert left.instances
    assert not there.journal.record.ended
    there.wire.around.clear()
    swept(there)


class Killed(BaseException):
    """The end of a process, between any two requests."""


def test_a_sweep_may_be_killed_before_and_after_every_request(there: Sandbox) -> None:
    def work() -> None:
        there.launch(2)
        there.launch(**PROTECTED)
        there.launch(zone=1, **KEPT)
        there.gate.terminate_instances(InstanceIds=there.launch())
        volume(there)
        assert not there.sweep().until_clean()

    def dying(at: int, *, carried_out: bool) -> Callable[..., object]:
        left = at

        def around(method: Callable[..., object], **arguments: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                if carried_out:
                    try:
                        method(**arguments)
                    except ClientError as refused:
                        raise Killed from refused
                raise Killed
            return method(**arguments)

        return around

    theirs = foreign(there)
    methods = [name for name in dir(there.gate) if name.endswith(("_instances", "_volume", "_volumes", "_attribute"))]
    at, done = 0, False
    while not done:
        at += 1
        for carried_out in (False, True):
            there.crash()
            dies = dying(at, carried_out=carried_out)
            there.wire.around.update(dict.fromkeys(methods, dies))
            try:
                work()
                done = True
            except Killed:
                there.wire.around.clear()
                swept(there)
            alive = {i for i, state in there.states().items() if state != "terminated"}
            assert alive == {theirs}
            assert len(there.volumes()) == 1
    assert at > 15


# Another sandbox file, another process.


def test_the_file_may_have_changed_since(there: Sandbox) -> None:
    there.launch(2)
    changed = msgspec.structs.replace(
        LIMITS,
        instance_types=("p5.48xlarge",),
        price_per_instance_hour=1e9,
        cost_ceiling=1e-9,
        max_alive=1,
        max_launches=1,
        time_to_live="1s",
    )
    there.clock.sleep(10)
    there.crash(changed)
    assert not there.sweep().until_clean()
    assert set(there.states().values()) == {"terminated"}


def test_of_two_reaps_at_once_one_works(there: Sandbox) -> None:
    there.launch()
    with pytest.raises(JournalError, match="still uses this journal"):
        Journal(there.journal.path)
    swept(there)


def test_looking_changes_nothing_in_the_account(there: Sandbox) -> None:
    ids = there.launch(2)
    lose_the_reply(there, carried_out=False)
    there.crash()
    there.wire.sent.clear()
    left = there.sweep().look()
    assert sorted(left.instances) == sorted(ids)
    assert sorted(left.volumes) == sorted(there.volumes())
    assert left.unknown == 1
    assert there.wire.changes == []
    there.wire.around["describe_volumes"] = first(99, LOST)
    with pytest.raises(Broken, match="The resources of the account could not be listed"):
        there.sweep().look()
