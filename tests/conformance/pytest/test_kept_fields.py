"""What the judge of clients makes of fields that EC2 keeps, and of descriptions that name no instance."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from excusable import Fields
from watched import Watched

Change = Callable[[Fields], None]
STATE: Final = "instance-state-name"
ZONE: Final = "availability-zone"


def each_instance(change: Change) -> Callable[[str, Fields], None]:
    """Change each instance of each description."""

    def changed(_method: str, reply: Fields) -> None:
        for reservation in reply.get("Reservations", ()):
            for item in reservation["Instances"]:
                change(item)

    return changed


def later(item: Fields) -> None:
    """Show a LaunchTime of an hour later."""
    item["LaunchTime"] += timedelta(hours=1)


def setting(field: str, value: object) -> Change:
    """Show a field with this value."""

    def change(item: Fields) -> None:
        item[field] = value

    return change


@pytest.mark.parametrize(
    ("field", "shown"), [("KeyName", "mine"), ("KeyName", "other"), ("InstanceType", "t3.micro"), ("InstanceType", "m")]
)
def test_what_a_launch_gave_must_come_back(field: str, shown: str) -> None:
    watched = Watched()
    watched.change = each_instance(setting(field, shown))
    watched.launch(KeyName="mine", InstanceType="t3.micro")
    assert watched.found == (set() if shown in ("mine", "t3.micro") else {"RUN-6"})


def test_what_a_launch_left_out_must_stay_as_it_was_shown_first() -> None:
    watched = Watched()
    i = watched.launch()
    watched.look(i)
    assert not watched.found
    watched.change = each_instance(setting("InstanceType", "m1.small"))
    watched.look(i)
    assert watched.found == {"RUN-6"}


def test_an_alias_of_an_image_is_not_the_id_that_is_shown() -> None:
    watched = Watched()
    reply = watched.model.run_instances(MinCount=1, MaxCount=1)
    watched.happened("RunInstances", reply, ImageId="resolve:ssm:/images/newest", MinCount=1, MaxCount=1)
    watched.look(reply["Instances"][0]["InstanceId"])
    assert not watched.found


@pytest.mark.parametrize("sent", [{"InstanceType": {"Value": "m5.large"}}, {"Attribute": "instanceType", "Value": "m"}])
def test_the_type_is_judged_no_more_once_it_was_modified(sent: Fields) -> None:
    watched = Watched()
    i = watched.launch(InstanceType="t3.micro", KeyName="mine")
    watched.happened("ModifyInstanceAttribute", {}, InstanceId=i, **sent)
    watched.change = each_instance(setting("InstanceType", "m5.large"))
    watched.look(i)
    assert not watched.found
    watched.change = each_instance(setting("KeyName", "other"))
    watched.look(i)
    assert watched.found == {"RUN-6"}


def test_a_new_reservation_at_a_look_is_told_also_where_the_look_has_a_filter() -> None:
    for filters in ([], [{"Name": "tenancy", "Values": ["default"]}]):
        watched = Watched()
        watched.launch()
        watched.ec2.describe_instances(Filters=filters)
        assert not watched.found
        watched.change = lambda _, reply: [one.update(ReservationId="r-1") for one in reply.get("Reservations", ())]
        watched.ec2.describe_instances(Filters=filters)
        assert watched.found == {"RUN-7"}


def test_the_launch_time_stays_and_a_start_or_a_reboot_may_change_it() -> None:
    watched = Watched()
    i = watched.launch()
    watched.ec2.reboot_instances(InstanceIds=[i])
    watched.change = each_instance(later)
    watched.look(i)
    assert not watched.found
    watched.look(i)
    assert not watched.found
    watched.change = lambda _method, _reply: None
    watched.look(i)
    assert watched.found == {"DESC-4"}


def test_a_start_has_to_set_the_launch_time() -> None:
    for kept in (False, True):
        watched = Watched()
        i = watched.launch()
        first = watched.model.describe_instances(InstanceIds=[i])["Reservations"][0]["Instances"][0]["LaunchTime"]
        watched.ec2.stop_instances(InstanceIds=[i])
        watched.look(i)
        watched.ec2.start_instances(InstanceIds=[i])
        watched.change = each_instance(setting("LaunchTime", first)) if kept else watched.change
        watched.look(i)
        assert watched.found == ({"START-11"} if kept else set())


def test_a_start_that_was_refused_sets_nothing() -> None:
    watched = Watched()
    i = watched.launch()
    watched.ec2.stop_instances(InstanceIds=[i])
    watched.look(i)
    watched.refused("start_instances", "InsufficientInstanceCapacity", InstanceIds=[i])
    watched.look(i)
    assert not watched.found


@pytest.mark.parametrize("pause", [5, 60])
def test_a_late_look_after_a_start_may_still_show_the_old_launch_time(pause: int) -> None:
    watched = Watched(read_lag=10)
    i = watched.launch()
    first = watched.model.describe_instances(InstanceIds=[i])["Reservations"][0]["Instances"][0]["LaunchTime"]
    watched.ec2.stop_instances(InstanceIds=[i])
    watched.look(i)
    watched.ec2.start_instances(InstanceIds=[i])
    watched.change = each_instance(setting("LaunchTime", first))
    watched.clock.sleep(pause)
    watched.ec2.describe_instances(InstanceIds=[i])
    assert watched.found == ({"START-11"} if pause > 10 else set())


def without(states: tuple[str, ...]) -> Callable[[str, Fields], None]:
    """Leave the instances in these states out of each description."""

    def changed(_method: str, reply: Fields) -> None:
        for reservation in reply.get("Reservations", ()):
            kept = [one for one in reservation["Instances"] if one["State"]["Name"] not in states]
            reservation["Instances"] = kept

    return changed


def test_a_description_of_everything_leaves_out_nothing_that_was_launched() -> None:
    for states in ((), ("running",), ("terminated",)):
        watched = Watched()
        watched.launch()
        ended = watched.launch()
        watched.ec2.terminate_instances(InstanceIds=[ended])
        watched.clock.sleep(25)
        watched.ec2.describe_instances(InstanceIds=[ended])
        watched.change = without(states)
        watched.ec2.describe_instances()
        assert watched.found == ({"LIST-1"} if states else set())


def test_a_page_or_another_filter_may_leave_out_anything() -> None:
    watched = Watched()
    watched.launch()
    watched.change = without(("running",))
    watched.ec2.describe_instances(MaxResults=5)
    watched.ec2.describe_instances(Filters=[{"Name": "tag:owner", "Values": ["nobody"]}])
    watched.ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["run*"]}])
    assert not watched.found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({STATE: ["running"]}, set[str]()),
        ({STATE: ["stopped"]}, {"LIST-2"}),
        ({ZONE: ["us-east-1a", "us-east-1b"]}, set[str]()),
        ({ZONE: ["us-east-1b"]}, {"LIST-2"}),
        ({ZONE: ["us-east-1a"], STATE: ["stopped"]}, {"LIST-2"}),
        ({ZONE: ["us-east-1?"]}, set[str]()),
    ],
)
def test_a_filter_by_state_or_zone_must_act(asked: dict[str, list[str]], found: set[str]) -> None:
    watched = Watched()
    watched.launch()
    filters = [{"Name": name, "Values": values} for name, values in asked.items()]
    reply = watched.model.describe_instances()
    watched.happened("DescribeInstances", reply, Filters=filters)
    assert watched.found == found


def test_a_listing_may_miss_what_is_new() -> None:
    watched = Watched()
    watched.ec2.run_instances(MinCount=1, MaxCount=1)
    watched.change = without(("pending", "running"))
    watched.ec2.describe_instances()
    assert not watched.found
    watched.clock.sleep(45)
    watched.ec2.describe_instances()
    assert watched.found == {"LIST-1"}
