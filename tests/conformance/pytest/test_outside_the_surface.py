"""Where a request uses a parameter outside the specification, what that can affect is not judged, and the rest is."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from excusable import Fields
from watched import ZONE, Watched

from ec2_lifecycle.conformance.emulator import images
from ec2_lifecycle.conformance.emulator.wire.services import EC2, operation_of
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.surface import INPUTS, Effect, Entry, Standing

OUTSIDE: Final = [entry for entry in INPUTS[Operation.RUN] if entry.standing is Standing.OUTSIDE]
WITHOUT_REPEATS: Final = [entry for entry in OUTSIDE if Effect.REPEATED not in entry.effects]
LAUNCH: Final[Fields] = {
    "ImageId": images.EBS.id,
    "MinCount": 1,
    "MaxCount": 1,
    "Placement": {"AvailabilityZone": ZONE},
}


def sample(operation: Operation, path: str) -> Fields:
    """Return arguments that use a parameter, with a value of its type."""
    described: Any = operation_of(EC2, operation.value)
    return _sample(described.input_shape, path.split("."))


def _sample(shape: Any, path: list[str]) -> Any:  # noqa: ANN401 - a shape of botocore, and whatever it describes
    if shape.type_name == "list":
        return [_sample(shape.member, path)]
    if shape.type_name == "structure":
        return {path[0]: _sample(shape.members[path[0]], path[1:])}
    if shape.type_name == "boolean":
        return True
    return 1 if shape.type_name in ("integer", "long", "double", "float") else "something"


def launched_with(entry: Entry) -> tuple[Watched, str]:
    """Launch an instance with a parameter, of which the model itself knows nothing, and wait for it."""
    watched = Watched()
    sent = {**LAUNCH, **sample(Operation.RUN, entry.path)}
    if entry.path.startswith("Placement."):
        sent["Placement"] = {**sent["Placement"], **LAUNCH["Placement"]}
    reply = watched.model.run_instances(**LAUNCH)
    watched.happened("RunInstances", reply, **sent)
    [item] = reply["Instances"]
    watched.look(item["InstanceId"])
    return watched, item["InstanceId"]


def in_each_description(change: Callable[[Fields], None]) -> Callable[[str, Fields], None]:
    """Change the instances of each description."""

    def changed(_method: str, reply: Fields) -> None:
        for reservation in reply.get("Reservations", ()):
            for item in reservation["Instances"]:
                change(item)

    return changed


def stopped(item: Fields) -> None:
    """Show an instance as stopped."""
    item["State"] = {"Name": "stopped", "Code": 80}


def without_address(item: Fields) -> None:
    """Show no private address."""
    item.pop("PrivateIpAddress", None)


@pytest.mark.parametrize("entry", OUTSIDE, ids=lambda entry: entry.path)
def test_a_refusal_of_a_launch_that_uses_it_is_not_judged(entry: Entry) -> None:
    watched = Watched()
    sent = {**LAUNCH, **sample(Operation.RUN, entry.path)}
    for code in ("InvalidParameterValue", "InvalidParameterCombination", "UnsupportedOperation", "NewIn2027"):
        watched.refused("run_instances", code, **sent)
    assert not watched.found


@pytest.mark.parametrize("entry", WITHOUT_REPEATS, ids=lambda entry: entry.path)
def test_the_instances_are_judged_unless_it_can_affect_them(entry: Entry) -> None:
    watched, i = launched_with(entry)
    assert not watched.found
    watched.change = in_each_description(stopped)
    watched.look(i)
    assert bool(watched.found) is (Effect.INSTANCES not in entry.effects)


@pytest.mark.parametrize("entry", WITHOUT_REPEATS, ids=lambda entry: entry.path)
def test_an_address_that_a_stop_takes_away_is_judged_unless_it_can_affect_that(entry: Entry) -> None:
    watched, i = launched_with(entry)
    watched.ec2.stop_instances(InstanceIds=[i])
    watched.change = in_each_description(without_address)
    watched.look(i)
    assert watched.found == ({"SHAPE-7"} if not {Effect.INSTANCES, Effect.ADDRESSES} & {*entry.effects} else set())


def test_an_unknown_parameter_of_a_launch_leaves_its_instances_unjudged() -> None:
    watched = Watched()
    reply = watched.model.run_instances(**LAUNCH)
    watched.happened("RunInstances", reply, **LAUNCH, AddedIn2031="something")
    watched.change = in_each_description(stopped)
    watched.look(reply["Instances"][0]["InstanceId"])
    assert not watched.found


@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_parameter_of_a_stop_leaves_what_it_names_unjudged(*, known: bool) -> None:
    watched = Watched()
    i, other = watched.launch(), watched.launch()
    watched.happened("StopInstances", {}, InstanceIds=[i], **({} if known else {"AddedIn2031": True}))
    found = set(watched.found)
    assert bool(found) is known
    watched.look(i)
    assert watched.found == found
    watched.change = in_each_description(stopped)
    watched.look(other)
    assert watched.found > found


@pytest.mark.parametrize(
    "entry",
    [entry for entry in INPUTS[Operation.CREATE_VOLUME] if entry.standing is Standing.OUTSIDE],
    ids=lambda entry: entry.path,
)
def test_a_volume_is_judged_unless_the_parameter_can_affect_it(entry: Entry) -> None:
    watched = Watched()
    usual: Fields = {"AvailabilityZone": ZONE, "Size": 1}
    reply = watched.model.create_volume(**usual)
    watched.happened("CreateVolume", reply, **{**usual, **sample(Operation.CREATE_VOLUME, entry.path)})

    def elsewhere(_method: str, shown: Fields) -> None:
        for volume in shown.get("Volumes", ()):
            volume["State"] = "in-use"

    watched.clock.sleep(120)
    watched.change = elsewhere
    watched.ec2.describe_volumes(VolumeIds=[reply["VolumeId"]])
    assert bool(watched.found) is (Effect.VOLUMES not in entry.effects)
