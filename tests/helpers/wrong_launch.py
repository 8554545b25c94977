"""Wrong targets for launches, states, and what EC2 and the guest do without a request."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Final

from wrong_doubles import WrongTarget
from wrong_replies import Around, Ec2, Reply, changed, described, instances_of, wrapped
from wrong_rules import played, with_rules, with_step

from ec2_lifecycle.model.background import StepName, is_restarting, runs
from ec2_lifecycle.model.choices import NEW_ID, NewId
from ec2_lifecycle.model.requests import LaunchRequest, Operation
from ec2_lifecycle.model.rules import launch
from ec2_lifecycle.model.states import Cause, InstanceState, RootDevice, ShutdownBehavior
from ec2_lifecycle.model.world import Instance, InstanceRecord, World, Zone

RUN: Final = Operation.RUN


# States.


def _code_of_stopped(instance: Reply) -> None:
    instance["State"]["Code"] = 80


def _renamed(instance: Reply) -> None:
    instance["State"]["Name"] = "active"


def _codes_of_before(reply: Reply) -> None:
    for item in reply["TerminatingInstances"]:
        item["CurrentState"]["Code"] = item["PreviousState"]["Code"]


def _another_look(before: InstanceState, after: InstanceState, code: int) -> Mapping[Operation, Around]:
    """Show an instance that was seen in one state twice, in another from then on."""
    looks: dict[str, int] = {}

    def answer(ec2: Ec2, sent: Reply) -> Reply:
        reply = deepcopy(ec2.call(**sent))
        for instance in instances_of(reply):
            if instance["State"]["Name"] == before.value:
                looks[instance["InstanceId"]] = looks.get(instance["InstanceId"], 0) + 1
                if looks[instance["InstanceId"]] > 1:
                    instance["State"] = {"Code": code, "Name": after.value}
        return reply

    return {Operation.DESCRIBE: answer}


# Launches.


def _at_once(reply: Reply) -> None:
    for instance in reply["Instances"]:
        instance["State"] = {"Code": 16, "Name": "running"}


def _one_less(reply: Reply) -> None:
    del reply["Instances"][-1:]


def _elsewhere(instance: Reply) -> None:
    instance["Placement"]["AvailabilityZone"] = "us-east-1c"


def _in_the_first_zone(request: LaunchRequest, i: Instance) -> InstanceRecord:
    return launch.launched(replace(request, zone=Zone("us-east-1a")), i)


def _nowhere(instance: Reply) -> None:
    instance["Placement"]["AvailabilityZone"] = ""


def _unprotected(request: LaunchRequest, i: Instance) -> InstanceRecord:
    return replace(launch.launched(request, i), disable_api_termination=False)


def _not_stop_protected(request: LaunchRequest, i: Instance) -> InstanceRecord:
    return replace(launch.launched(request, i), disable_api_stop=False)


def _always_stopping(request: LaunchRequest, i: Instance) -> InstanceRecord:
    return replace(launch.launched(request, i), shutdown_behavior=ShutdownBehavior.STOP)


def _terminating_by_default(request: LaunchRequest, i: Instance) -> InstanceRecord:
    return replace(launch.launched(request, i), shutdown_behavior=ShutdownBehavior.TERMINATE)


def _fails_into_stopped(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), state=InstanceState.STOPPED, cause=Cause.SERVICE)


def _fails_like_a_users_end(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), state=InstanceState.TERMINATED, cause=Cause.USER_SHUTDOWN)


def _without_reason(instance: Reply) -> None:
    instance.pop("StateReason", None)


def _with_transition(instance: Reply) -> None:
    instance["StateTransitionReason"] = "User initiated (2026-01-01 00:00:00 GMT)"


def _launched(change: Reply) -> None:
    for instance in change["Instances"]:
        _without_reason(instance)


# Without a request.


def _stops(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), state=InstanceState.STOPPING, cause=Cause.GUEST_SHUTDOWN)


def _terminates(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), state=InstanceState.SHUTTING_DOWN, cause=Cause.GUEST_SHUTDOWN)


def _store_backed_stops(world: World, i: Instance) -> InstanceRecord:
    if world.root_device(i) is RootDevice.EBS and world.shutdown_behavior(i) is ShutdownBehavior.TERMINATE:
        return _terminates(world, i)
    return _stops(world, i)


def _as_if_by_a_user(world: World, i: Instance) -> InstanceRecord:
    if world.root_device(i) is RootDevice.INSTANCE_STORE or world.shutdown_behavior(i) is ShutdownBehavior.TERMINATE:
        return replace(_terminates(world, i), cause=Cause.USER_SHUTDOWN)
    return replace(_stops(world, i), cause=Cause.USER_SHUTDOWN)


def _retired_for_good(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), state=InstanceState.SHUTTING_DOWN, cause=Cause.SERVICE)


def _retired_to_stopping(world: World, i: Instance) -> InstanceRecord:
    return replace(world.record(i), state=InstanceState.STOPPING, cause=Cause.SERVICE)


WRONG_STATES: Final = (
    WrongTarget(
        "STATE-1",
        "a running instance has the code of a stopped one",
        described(_code_of_stopped, InstanceState.RUNNING),
    ),
    WrongTarget("STATE-1", "a running instance is called active", described(_renamed, InstanceState.RUNNING)),
    WrongTarget(
        "STATE-1", "the current state has the code of the previous one", changed(Operation.TERMINATE, _codes_of_before)
    ),
    WrongTarget(
        "STATE-3",
        "a terminated instance runs when it is looked at again",
        wrapped(lambda: _another_look(InstanceState.TERMINATED, InstanceState.RUNNING, 16)),
    ),
    WrongTarget(
        "STATE-3",
        "a stopped instance runs when it is looked at again",
        wrapped(lambda: _another_look(InstanceState.STOPPED, InstanceState.RUNNING, 16)),
    ),
    WrongTarget(
        "STATE-3", "what was shutting down runs again", played(with_step(StepName.SHUTDOWN_COMPLETES, after=runs))
    ),
    WrongTarget("STATE-3", "what was stopping runs again", played(with_step(StepName.STOP_COMPLETES, after=runs))),
)

WRONG_LAUNCH: Final = (
    WrongTarget("RUN-1", "it answers running", changed(RUN, _at_once)),
    WrongTarget("RUN-1", "an item is missing", changed(RUN, _one_less)),
    WrongTarget("RUN-2", "every instance is shown in one zone", described(_elsewhere)),
    WrongTarget(
        "RUN-2", "the zone asked for is disregarded", played(with_rules(RUN, created_instance=_in_the_first_zone))
    ),
    WrongTarget("RUN-2", "a terminated instance has no zone", described(_nowhere, InstanceState.TERMINATED)),
    WrongTarget(
        "RUN-3", "a new instance stays pending", played(with_step(StepName.LAUNCH_COMPLETES, enabled=is_restarting))
    ),
    WrongTarget(
        "RUN-3",
        "a launch that fails looks like a user's termination",
        played(with_step(StepName.LAUNCH_FAILS, after=_fails_like_a_users_end)),
    ),
    WrongTarget(
        "RUN-3",
        "a launch that fails leaves a stopped instance",
        played(with_step(StepName.LAUNCH_FAILS, after=_fails_into_stopped)),
    ),
    WrongTarget(
        "RUN-4", "DisableApiTermination is disregarded", played(with_rules(RUN, created_instance=_unprotected))
    ),
    WrongTarget(
        "RUN-4", "DisableApiStop is disregarded", played(with_rules(RUN, created_instance=_not_stop_protected))
    ),
    WrongTarget(
        "RUN-4",
        "InstanceInitiatedShutdownBehavior is disregarded",
        played(with_rules(RUN, created_instance=_always_stopping)),
    ),
    WrongTarget("RUN-5", "it answers without StateReason", changed(RUN, _launched)),
    WrongTarget("RUN-5", "a pending instance has no StateReason", described(_without_reason, InstanceState.PENDING)),
    WrongTarget(
        "RUN-5",
        "a pending instance has a StateTransitionReason",
        described(_with_transition, InstanceState.PENDING),
    ),
    WrongTarget(
        "VIS-1",
        "an id is unknown for five minutes",
        played(picks={NEW_ID.id: NewId.NOT_YET}, delays={StepName.BECOMES_VISIBLE: (300, 300)}),
    ),
)

WRONG_BACKGROUND: Final = (
    WrongTarget(
        "SHUT-1",
        "InstanceInitiatedShutdownBehavior terminate is disregarded",
        played(with_step(StepName.GUEST_SHUTDOWN, after=_stops)),
    ),
    WrongTarget(
        "SHUT-1",
        "InstanceInitiatedShutdownBehavior stop is disregarded",
        played(with_step(StepName.GUEST_SHUTDOWN, after=_terminates)),
    ),
    WrongTarget(
        "SHUT-2",
        "an instance store-backed instance stops",
        played(with_step(StepName.GUEST_SHUTDOWN, after=_store_backed_stops)),
    ),
    WrongTarget(
        "SHUT-2",
        "the behavior is terminate unless set",
        played(with_rules(RUN, created_instance=_terminating_by_default)),
    ),
    WrongTarget(
        "SHUT-3",
        "the reason is a user's",
        played(with_step(StepName.GUEST_SHUTDOWN, after=_as_if_by_a_user)),
    ),
    WrongTarget(
        "RETIRE-1",
        "an EBS-backed instance is terminated",
        played(with_step(StepName.RETIREMENT, after=_retired_for_good)),
    ),
    WrongTarget(
        "RETIRE-1",
        "an instance store-backed instance is stopped",
        played(with_step(StepName.RETIREMENT, after=_retired_to_stopping)),
    ),
)
