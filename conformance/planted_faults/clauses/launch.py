"""Faults in launches, states, and what EC2 and the guest do without a request."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Final

from ....model.background import StepName, is_restarting, runs
from ....model.choices import NEW_ID, NewId
from ....model.requests import LaunchRequest, Operation
from ....model.rules import launch
from ....model.states import Cause, InstanceState, RootDevice, ShutdownBehavior
from ....model.world import Instance, InstanceRecord, World, Zone
from ..fault import Fault
from ..faulty_ec2 import describing, intercepting, obeying, rewriting
from ..replies import Interceptor, Original, Reply, instances_of
from ..rules import with_rules, with_step

RUN: Final = Operation.RUN


# States.


def _code_of_stopped(instance: Reply) -> None:
    instance["State"]["Code"] = 80


def _renamed(instance: Reply) -> None:
    instance["State"]["Name"] = "active"


def _codes_of_before(reply: Reply) -> None:
    for item in reply["TerminatingInstances"]:
        item["CurrentState"]["Code"] = item["PreviousState"]["Code"]


def _another_look(before: InstanceState, after: InstanceState, code: int) -> Mapping[Operation, Interceptor]:
    """Show an instance that was seen in one state twice, in another from then on."""
    looks: dict[str, int] = {}

    def answer(ec2: Original, sent: Reply) -> Reply:
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


def _on_ebs(request: LaunchRequest, i: Instance) -> InstanceRecord:
    return replace(launch.launched(request, i), root_device=RootDevice.EBS)


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


STATE_FAULTS: Final = (
    Fault(
        "STATE-1",
        "a running instance has the code of a stopped one",
        describing(_code_of_stopped, InstanceState.RUNNING),
    ),
    Fault("STATE-1", "a running instance is called active", describing(_renamed, InstanceState.RUNNING)),
    Fault(
        "STATE-1",
        "the current state has the code of the previous one",
        rewriting(Operation.TERMINATE, _codes_of_before),
    ),
    Fault(
        "STATE-3",
        "a terminated instance runs when it is looked at again",
        intercepting(lambda: _another_look(InstanceState.TERMINATED, InstanceState.RUNNING, 16)),
    ),
    Fault(
        "STATE-3",
        "a stopped instance runs when it is looked at again",
        intercepting(lambda: _another_look(InstanceState.STOPPED, InstanceState.RUNNING, 16)),
    ),
    Fault("STATE-3", "what was shutting down runs again", obeying(with_step(StepName.SHUTDOWN_COMPLETES, after=runs))),
    Fault("STATE-3", "what was stopping runs again", obeying(with_step(StepName.STOP_COMPLETES, after=runs))),
)

LAUNCH_FAULTS: Final = (
    Fault("KIND-3", "every image gives an EBS root", obeying(with_rules(RUN, created_instance=_on_ebs))),
    Fault("RUN-1", "it answers running", rewriting(RUN, _at_once)),
    Fault("RUN-1", "an item is missing", rewriting(RUN, _one_less)),
    Fault("RUN-2", "every instance is shown in one zone", describing(_elsewhere)),
    Fault("RUN-2", "the zone asked for is disregarded", obeying(with_rules(RUN, created_instance=_in_the_first_zone))),
    Fault("DESC-2", "a terminated instance has no zone", describing(_nowhere, InstanceState.TERMINATED)),
    Fault(
        "RUN-3", "a new instance stays pending", obeying(with_step(StepName.LAUNCH_COMPLETES, enabled=is_restarting))
    ),
    Fault(
        "RUN-3",
        "a launch that fails looks like a user's termination",
        obeying(with_step(StepName.LAUNCH_FAILS, after=_fails_like_a_users_end)),
    ),
    Fault(
        "RUN-3",
        "a launch that fails leaves a stopped instance",
        obeying(with_step(StepName.LAUNCH_FAILS, after=_fails_into_stopped)),
    ),
    Fault("RUN-4", "DisableApiTermination is disregarded", obeying(with_rules(RUN, created_instance=_unprotected))),
    Fault("RUN-4", "DisableApiStop is disregarded", obeying(with_rules(RUN, created_instance=_not_stop_protected))),
    Fault(
        "RUN-4",
        "InstanceInitiatedShutdownBehavior is disregarded",
        obeying(with_rules(RUN, created_instance=_always_stopping)),
    ),
    Fault("RUN-5", "it answers without StateReason", rewriting(RUN, _launched)),
    Fault("RUN-5", "a pending instance has no StateReason", describing(_without_reason, InstanceState.PENDING)),
    Fault(
        "RUN-5",
        "a pending instance has a StateTransitionReason",
        describing(_with_transition, InstanceState.PENDING),
    ),
    Fault(
        "VIS-1",
        "an id is unknown for five minutes",
        obeying(picks={NEW_ID.id: NewId.NOT_YET}, delays={StepName.BECOMES_VISIBLE: (300, 300)}),
    ),
)

BACKGROUND_FAULTS: Final = (
    Fault(
        "SHUT-1",
        "InstanceInitiatedShutdownBehavior terminate is disregarded",
        obeying(with_step(StepName.GUEST_SHUTDOWN, after=_stops)),
    ),
    Fault(
        "SHUT-1",
        "InstanceInitiatedShutdownBehavior stop is disregarded",
        obeying(with_step(StepName.GUEST_SHUTDOWN, after=_terminates)),
    ),
    Fault(
        "SHUT-2",
        "an instance store-backed instance stops",
        obeying(with_step(StepName.GUEST_SHUTDOWN, after=_store_backed_stops)),
    ),
    Fault(
        "SHUT-2",
        "the behavior is terminate unless set",
        obeying(with_rules(RUN, created_instance=_terminating_by_default)),
    ),
    Fault(
        "SHUT-3",
        "the reason is a user's",
        obeying(with_step(StepName.GUEST_SHUTDOWN, after=_as_if_by_a_user)),
    ),
    Fault(
        "RETIRE-1",
        "an EBS-backed instance is terminated",
        obeying(with_step(StepName.RETIREMENT, after=_retired_for_good)),
    ),
    Fault(
        "RETIRE-1",
        "an instance store-backed instance is stopped",
        obeying(with_step(StepName.RETIREMENT, after=_retired_to_stopping)),
    ),
)
