"""Faults in what becomes of EBS volumes."""

from copy import deepcopy
from dataclasses import replace
from typing import Final

from botocore.exceptions import ClientError

from ....model.background import VolumeStepName, becomes_available, is_released, leaves_ending_instance
from ....model.choices import Choices
from ....model.clauses import Part
from ....model.outcomes import Refusal
from ....model.requests import ErrorCode, LaunchRequest, Operation
from ....model.rules import launch
from ....model.states import InstanceState, VolumeState
from ....model.world import Volume, VolumeRecord, World
from ..fault import Fault
from ..faulty_ec2 import describing, intercepting, obeying, rewriting
from ..replies import Original, Reply, code_of, error, message_of
from ..rules import (
    accepting,
    in_state,
    never_of_volume,
    refusing,
    with_rules,
    with_volume_moves,
    with_volume_step,
)

RUN: Final = Operation.RUN
ATTACH: Final = Operation.ATTACH
DELETE: Final = Operation.DELETE_VOLUME
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


def _flag_unwritten(ec2: Original, sent: Reply) -> Reply:
    return {} if "BlockDeviceMappings" in sent else ec2.call(**sent)


def _flag_of_the_first_volume_only(ec2: Original, sent: Reply) -> Reply:
    changed = deepcopy(sent)
    mappings: list[Reply] = changed.get("BlockDeviceMappings", [])
    for mapping in mappings[1:]:
        ebs: Reply = mapping.get("Ebs", {})
        ebs.pop("DeleteOnTermination", None)
    return ec2.call(**changed)


def _keeping_roots(ec2: Original, sent: Reply) -> Reply:
    """Detach no root volume, whatever the state of its instance."""
    (volume,) = ec2.owner.describe_volumes(VolumeIds=[sent["VolumeId"]])["Volumes"]
    for attachment in volume["Attachments"]:
        (told,) = ec2.owner.describe_instances(InstanceIds=[attachment["InstanceId"]])["Reservations"]
        if told["Instances"][0]["RootDeviceName"] != attachment["Device"]:
            continue
        raise error("OperationNotPermitted", "A root volume cannot be detached.")
    return ec2.call(**sent)


def _naming_none(ec2: Original, sent: Reply) -> Reply:
    """Refuse a detachment that names an instance, as if the volume were attached to another one."""
    if "InstanceId" in sent:
        raise error("InvalidAttachment.NotFound", "The volume is not attached to that instance.")
    return ec2.call(**sent)


def _undeleted(ec2: Original, sent: Reply) -> Reply:
    """Answer a deletion as if the volume were deleted, and keep it."""
    return {} if _would_delete(ec2, sent) else ec2.call(**sent)


def _never_deleting(ec2: Original, sent: Reply) -> Reply:
    """Refuse to delete any available volume."""
    if _would_delete(ec2, sent):
        raise error("IncorrectState", "The volume is not available.")
    return ec2.call(**sent)


def _would_delete(ec2: Original, sent: Reply) -> bool:
    """Tell whether a deletion is of an available volume, and its caller means it and has permission."""
    (volume,) = ec2.owner.describe_volumes(VolumeIds=[sent["VolumeId"]])["Volumes"]
    try:
        ec2.call(**{**sent, "DryRun": True})
    except ClientError as refused:
        return code_of(refused) == "DryRunOperation" and volume["State"] == "available" and not sent.get("DryRun")
    return False


_FREE_DEVICE: Final = "/dev/sdp"
_OCCUPIED: Final = "unixDevice"
"""What EC2 says only of a device that is in use."""


def _at_any_device(ec2: Original, sent: Reply) -> Reply:
    """Attach a volume to a device that is in use as if it were free."""
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if _OCCUPIED not in message_of(refused):
            raise
        return ec2.call(**{**sent, "Device": _FREE_DEVICE})


def _at_the_root_too(ec2: Original, sent: Reply) -> Reply:
    """Attach a volume to the device of a root as if it were free."""
    return _at_any_device(ec2, sent) if sent["Device"].endswith("da") else ec2.call(**sent)


def _with_another_code(ec2: Original, sent: Reply) -> Reply:
    """Refuse a device that is in use with a code that EC2 has for volumes in use."""
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if _OCCUPIED not in message_of(refused):
            raise
        raise error("VolumeInUse", message_of(refused)) from None


def _without_root(ec2: Original, sent: Reply) -> Reply:
    """Answer a start that is refused for want of a root as if the instance started."""
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if "at root" not in message_of(refused):
            raise
        (i,) = sent["InstanceIds"]
        states = {"CurrentState": {"Code": 0, "Name": "pending"}, "PreviousState": {"Code": 80, "Name": "stopped"}}
        return {"StartingInstances": [{"InstanceId": i, **states}]}


VOLUME_FAULTS: Final = (
    Fault("VOL-1", "they are kept by default", obeying(with_rules(RUN, created_volume=_kept_by_default))),
    Fault(
        "VOL-1",
        "none is ever deleted",
        obeying(with_volume_step(VolumeStepName.RELEASED, after=_none_deleted)),
    ),
    Fault(
        "VOL-2",
        "all are deleted with the instance",
        obeying(with_volume_step(VolumeStepName.RELEASED, after=_all_deleted)),
    ),
    Fault(
        "VOL-3",
        "DeleteOnTermination of a launch is disregarded",
        obeying(with_rules(RUN, created_volume=_deleted_in_any_case)),
    ),
    Fault(
        "VOL-3",
        "DeleteOnTermination of a launch counts for its first volume only",
        intercepting(lambda: {RUN: _flag_of_the_first_volume_only}),
    ),
    Fault(
        "VOL-3",
        "a changed DeleteOnTermination is disregarded",
        intercepting(lambda: {Operation.MODIFY: _flag_unwritten}),
    ),
    Fault(
        "VOL-3",
        "all are deleted with the instance",
        obeying(with_volume_step(VolumeStepName.RELEASED, after=_all_deleted)),
    ),
    Fault(
        "VOL-4",
        "a stop detaches data volumes",
        obeying(with_volume_step(VolumeStepName.RELEASED, enabled=_lost_by_a_stop, after=becomes_available)),
    ),
    Fault(
        "VOL-4",
        "a stop deletes what a termination would",
        obeying(with_volume_step(VolumeStepName.RELEASED, enabled=_root_lost_by_a_stop)),
    ),
    Fault("VOL-5", "it is true after AttachVolume", obeying(with_volume_moves(ATTACH, delete_on_termination=True))),
    Fault(
        "VOL-6",
        "volumes stay attached to the terminated instance",
        obeying(with_volume_step(VolumeStepName.RELEASED, enabled=never_of_volume)),
    ),
    Fault(
        "VOL-6",
        "volumes are for ever about to be deleted",
        obeying(with_volume_step(VolumeStepName.DELETED, enabled=never_of_volume)),
    ),
    Fault(
        "VOL-7",
        "deleted volumes are still described",
        obeying(accepting(Operation.DESCRIBE_VOLUMES, Refusal.VOLUME_NOT_FOUND)),
    ),
    Fault("VOL-8", "a pending instance takes a volume", obeying(accepting(ATTACH, Refusal.WRONG_STATE))),
    Fault("VOL-8", "a dead instance takes a volume", obeying(accepting(ATTACH, Refusal.DEAD))),
    Fault(
        "VOL-8",
        "a running instance takes none",
        obeying(refusing(ATTACH, in_state(RUNNING), ErrorCode.INCORRECT_STATE)),
    ),
    Fault(
        "VOL-8",
        "a stopped instance takes none",
        obeying(refusing(ATTACH, in_state(STOPPED), ErrorCode.INCORRECT_STATE, "Instance '{id}' is not 'running'.")),
    ),
    Fault("VOL-9", "a running instance shows none", describing(_nothing_attached, RUNNING)),
    Fault("VOL-1", "the flags are shown the other way round", describing(_flags_turned, RUNNING)),
    Fault("VOL-9", "the flags are not shown", describing(_flags_left_out, RUNNING)),
    Fault(
        "VOL-10",
        "a new volume is never available",
        obeying(with_volume_step(VolumeStepName.CREATED, enabled=never_of_volume)),
    ),
    Fault(
        "VOL-10",
        "a detached volume is never available",
        obeying(with_volume_step(VolumeStepName.DETACHED, enabled=never_of_volume)),
    ),
    Fault(
        "VOL-10",
        "an attached volume is available",
        rewriting(Operation.DESCRIBE_VOLUMES, _available_while_attached),
    ),
    Fault("VOL-10", "no volume is shown", rewriting(Operation.DESCRIBE_VOLUMES, _no_volumes)),
    Fault(
        "VOL-12",
        "an instance takes a volume of another zone",
        obeying(accepting(ATTACH, Refusal.VOLUME_ELSEWHERE)),
    ),
    Fault("VOL-13", "a volume is attached twice", obeying(accepting(ATTACH, Refusal.VOLUME_ATTACHED))),
    Fault(
        "VOL-15",
        "what is attached to nothing is detached",
        obeying(accepting(Operation.DETACH, Refusal.NOT_ATTACHED)),
    ),
    Fault("VOL-17", "a running instance loses its root", obeying(accepting(Operation.DETACH, Refusal.ROOT_IN_USE))),
    Fault(
        "VOL-17",
        "a stopped instance keeps its root",
        intercepting(lambda: {Operation.DETACH: _keeping_roots}),
    ),
    Fault(
        "VOL-18",
        "a volume is detached from another instance than the named one",
        obeying(accepting(Operation.DETACH, Refusal.HELD_ELSEWHERE)),
    ),
    Fault(
        "VOL-18",
        "a detachment that names an instance is refused",
        intercepting(lambda: {Operation.DETACH: _naming_none}),
    ),
    Fault("VOL-19", "a device takes a second volume", intercepting(lambda: {ATTACH: _at_any_device})),
    Fault("VOL-19", "the device of a root takes a second volume", intercepting(lambda: {ATTACH: _at_the_root_too})),
    Fault(
        "VOL-19",
        "a device in use has a code of its own",
        intercepting(lambda: {ATTACH: _with_another_code}),
        part=Part.CODE,
    ),
    Fault("VOL-20", "a deletion keeps the volume", intercepting(lambda: {DELETE: _undeleted})),
    Fault("VOL-20", "no volume can be deleted", intercepting(lambda: {DELETE: _never_deleting})),
    Fault(
        "VOL-20",
        "a deleted volume is for ever about to be deleted",
        obeying(with_volume_step(VolumeStepName.DELETED, enabled=never_of_volume)),
    ),
    Fault("VOL-21", "a volume in use is deleted", obeying(accepting(DELETE, Refusal.VOLUME_ATTACHED))),
    Fault("VOL-7", "a deleted volume is deleted again", obeying(accepting(DELETE, Refusal.VOLUME_NOT_FOUND))),
    Fault("START-12", "an instance without root starts", intercepting(lambda: {Operation.START: _without_root})),
    Fault(
        "VOL-16",
        "any device is taken for an attached one",
        intercepting(lambda: {Operation.MODIFY: _flag_unwritten}),
    ),
)
