"""Wrong targets for what becomes of EBS volumes."""

from dataclasses import replace
from typing import Final

from wrong_doubles import WrongTarget
from wrong_replies import Ec2, Reply, changed, described, wrapped
from wrong_rules import (
    accepting,
    in_state,
    never_of_volume,
    played,
    refusing,
    with_rules,
    with_volume_moves,
    with_volume_step,
)

from ec2_lifecycle.model.background import VolumeStepName, becomes_available, is_released, leaves_ending_instance
from ec2_lifecycle.model.choices import Choices
from ec2_lifecycle.model.outcomes import Refusal
from ec2_lifecycle.model.requests import ErrorCode, LaunchRequest, Operation
from ec2_lifecycle.model.rules import launch
from ec2_lifecycle.model.states import InstanceState, VolumeState
from ec2_lifecycle.model.world import Volume, VolumeRecord, World

RUN: Final = Operation.RUN
ATTACH: Final = Operation.ATTACH
STOPPED: Final = InstanceState.STOPPED
RUNNING: Final = InstanceState.RUNNING


def _asked(request: LaunchRequest, v: Volume) -> bool | None:
    return next(volume.delete_on_termination for group in request.volumes for volume in group if volume.volume == v)


def _kept_by_default(request: LaunchRequest, v: Volume) -> VolumeRecord:
    made = launch.launched_volume(request, v)
    return replace(made, delete_on_termination=False) if _asked(request, v) is None else made


def _deleted_in_any_case(request: LaunchRequest, v: Volume) -> VolumeRecord:
    return replace(launch.launched_volume(request, v), delete_on_termination=True)


def _all_deleted(world: World, v: Volume) -> VolumeRecord:
    return replace(leaves_ending_instance(world, v), state=VolumeState.DELETING)


def _none_deleted(world: World, v: Volume) -> VolumeRecord:
    return replace(leaves_ending_instance(world, v), state=VolumeState.AVAILABLE)


def _lost_by_a_stop(world: World, choices: Choices, v: Volume) -> bool:
    if world.attached(v) and not world.root(v) and world.state(world.holder(v)) is STOPPED:
        return True
    return is_released(world, choices, v)


def _root_lost_by_a_stop(world: World, choices: Choices, v: Volume) -> bool:
    if world.attached(v) and world.state(world.holder(v)) is STOPPED:
        return True
    return is_released(world, choices, v)


def _nothing_attached(instance: Reply) -> None:
    instance["BlockDeviceMappings"] = []


def _flags_turned(instance: Reply) -> None:
    for mapping in instance["BlockDeviceMappings"]:
        mapping["Ebs"]["DeleteOnTermination"] = not mapping["Ebs"]["DeleteOnTermination"]


def _flags_left_out(instance: Reply) -> None:
    for mapping in instance["BlockDeviceMappings"]:
        del mapping["Ebs"]["DeleteOnTermination"]


def _available_while_attached(reply: Reply) -> None:
    for volume in reply["Volumes"]:
        if volume["State"] == "in-use":
            volume["State"] = "available"


def _no_volumes(reply: Reply) -> None:
    reply["Volumes"] = []


def _flag_unwritten(ec2: Ec2, sent: Reply) -> Reply:
    return {} if "BlockDeviceMappings" in sent else ec2.call(**sent)


WRONG_VOLUMES: Final = (
    WrongTarget("VOL-1", "they are kept by default", played(with_rules(RUN, created_volume=_kept_by_default))),
    WrongTarget(
        "VOL-1",
        "none is ever deleted",
        played(with_volume_step(VolumeStepName.RELEASED, after=_none_deleted)),
    ),
    WrongTarget(
        "VOL-2",
        "all are deleted with the instance",
        played(with_volume_step(VolumeStepName.RELEASED, after=_all_deleted)),
    ),
    WrongTarget(
        "VOL-3",
        "DeleteOnTermination of a launch is disregarded",
        played(with_rules(RUN, created_volume=_deleted_in_any_case)),
    ),
    WrongTarget(
        "VOL-3", "a changed DeleteOnTermination is disregarded", wrapped(lambda: {Operation.MODIFY: _flag_unwritten})
    ),
    WrongTarget(
        "VOL-3",
        "all are deleted with the instance",
        played(with_volume_step(VolumeStepName.RELEASED, after=_all_deleted)),
    ),
    WrongTarget(
        "VOL-4",
        "a stop detaches data volumes",
        played(with_volume_step(VolumeStepName.RELEASED, enabled=_lost_by_a_stop, after=becomes_available)),
    ),
    WrongTarget(
        "VOL-4",
        "a stop deletes what a termination would",
        played(with_volume_step(VolumeStepName.RELEASED, enabled=_root_lost_by_a_stop)),
    ),
    WrongTarget(
        "VOL-5", "it is true after AttachVolume", played(with_volume_moves(ATTACH, delete_on_termination=True))
    ),
    WrongTarget(
        "VOL-6",
        "volumes stay attached to the terminated instance",
        played(with_volume_step(VolumeStepName.RELEASED, enabled=never_of_volume)),
    ),
    WrongTarget(
        "VOL-6",
        "volumes are for ever about to be deleted",
        played(with_volume_step(VolumeStepName.DELETED, enabled=never_of_volume)),
    ),
    WrongTarget(
        "VOL-7",
        "deleted volumes are still described",
        played(accepting(Operation.DESCRIBE_VOLUMES, Refusal.VOLUME_NOT_FOUND)),
    ),
    WrongTarget("VOL-8", "a pending instance takes a volume", played(accepting(ATTACH, Refusal.WRONG_STATE))),
    WrongTarget("VOL-8", "a dead instance takes a volume", played(accepting(ATTACH, Refusal.DEAD))),
    WrongTarget(
        "VOL-8",
        "a running instance takes none",
        played(refusing(ATTACH, in_state(RUNNING), ErrorCode.INCORRECT_STATE)),
    ),
    WrongTarget(
        "VOL-8",
        "a stopped instance takes none",
        played(refusing(ATTACH, in_state(STOPPED), ErrorCode.INCORRECT_STATE, "Instance '{id}' is not 'running'.")),
    ),
    WrongTarget("VOL-9", "a running instance shows none", described(_nothing_attached, RUNNING)),
    WrongTarget("VOL-1", "the flags are shown the other way round", described(_flags_turned, RUNNING)),
    WrongTarget("VOL-9", "the flags are not shown", described(_flags_left_out, RUNNING)),
    WrongTarget(
        "VOL-10",
        "a new volume is never available",
        played(with_volume_step(VolumeStepName.CREATED, enabled=never_of_volume)),
    ),
    WrongTarget(
        "VOL-10",
        "a detached volume is never available",
        played(with_volume_step(VolumeStepName.DETACHED, enabled=never_of_volume)),
    ),
    WrongTarget(
        "VOL-10",
        "an attached volume is available",
        changed(Operation.DESCRIBE_VOLUMES, _available_while_attached),
    ),
    WrongTarget("VOL-10", "no volume is shown", changed(Operation.DESCRIBE_VOLUMES, _no_volumes)),
)
