"""Recordings of real EC2, whatever form they were kept in: what was asked, and what came back as boto3 gives it.

A folder of recordings has an INDEX.md that tells where each file is from; the forms are
- what cloud-custodian's tests replay: `status_code` and boto3's reply, the operation in the name of the file;
- CloudTrail and EventBridge events, bare or inside an SNS notification;
- replies and errors quoted in transcripts and issues.

Where only the reply was kept, the request named what the reply lists, or what the error names.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore.model import ListShape, ServiceModel, Shape, StructureShape
from botocore.parsers import create_parser

from ec2_lifecycle.model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    LaunchRequest,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.states import CODES, InstanceState, RootDevice, ShutdownBehavior, Visibility
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, Zone

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its reply, an error as boto3 puts it into a `ClientError`.

    `at` is the time of the reply in seconds, None where the recording does not tell.
    """

    request: Request
    reply: Json
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The state in which an instance was seen, and nothing more of it."""

    instance: Instance
    state: str
    at: float | None = None


Event = Exchange | Glimpse

CHANGES: Final = {
    "StartingInstances": Operation.START,
    "StoppingInstances": Operation.STOP,
    "TerminatingInstances": Operation.TERMINATE,
}
"""The replies that list changes of state, by the name of the list."""

HIBERNATED: Final = "c7n__test_ec2_stop_hibernate__ec2.StopInstances_1.json"
"""The one stop with Hibernate: DescribeInstances_2 of the same test shows which instance is set up for it."""

_STATUS: Final = re.compile(r"(?:HTTP|status code:?) (\d{3})", re.IGNORECASE)
_MALFORMED: Final = re.compile(r'Invalid id: "([^"]*)"')
_INSTANCES: Final = re.compile(r"'(i-[^']*)'")
_VOLUMES: Final = re.compile(r"'(vol-[^']*)'")
_CUT_OFF: Final = "... "
_BEFORE_THE_CUT: Final = "The instance '"


def read(path: Path) -> tuple[Event, ...]:
    """Return what a recording tells, in order."""
    return tuple(_events(path.name, json.loads(path.read_text(encoding="utf-8"))))


def _events(name: str, whole: Json) -> Iterator[Event]:
    match whole:
        case {"Type": "Notification", "Message": str(message)}:
            yield from _events(name, json.loads(message))
        case {"detail-type": "AWS API Call via CloudTrail", "detail": event}:
            yield from _events(name, event)
        case {"detail-type": "EC2 Instance State-change Notification", "detail": detail}:
            yield Glimpse(Instance(detail["instance-id"]), detail["state"], _moment(whole["time"]))
        case {"eventName": str(operation)}:
            yield _from_trail(Operation(operation), whole)
        case {"status_code": _, "data": reply}:
            operation = Operation(name.partition("__ec2.")[2].partition("_")[0])
            yield _answered(operation, reply, _date(reply), hibernate=name == HIBERNATED)
        case {"steps": steps}:
            yield from _session(steps)
        case _:
            yield from _quoted(whole)


# CloudTrail.


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _from_trail(operation: Operation, event: Json) -> Exchange:
    sent, at = event["requestParameters"], _moment(event["eventTime"])
    shape = _service().operation_model(operation.value).output_shape
    reply: Json = {} if shape is None else as_boto3(shape, event["responseElements"])
    match operation:
        case Operation.RUN:
            return Exchange(_launch(sent, reply), reply, at)
        case Operation.ATTACH | Operation.DETACH:
            instances = (Instance(sent["instanceId"]),) if operation is Operation.ATTACH else ()
            request = VolumeRequest(
                operation, instances=instances, volumes=(Volume(sent["volumeId"]),), device=sent.get("device", "")
            )
            return Exchange(request, reply, at)
        case _:
            instances = tuple(Instance(item["instanceId"]) for item in sent["instancesSet"]["items"])
            return Exchange(BatchRequest(operation, instances=instances, force=sent.get("force", False)), reply, at)


def _launch(sent: Json, reply: Json) -> LaunchRequest:
    by_index = sorted(reply["Instances"], key=lambda item: item["AmiLaunchIndex"])
    behavior = sent.get("instanceInitiatedShutdownBehavior", ShutdownBehavior.STOP.value)
    return LaunchRequest(
        instances=tuple(Instance(item["InstanceId"]) for item in by_index),
        zone=Zone(sent.get("availabilityZone", "")),
        disable_api_termination=sent["disableApiTermination"],
        shutdown_behavior=ShutdownBehavior(behavior),
    )


@cache
def _service() -> ServiceModel:
    return botocore.session.get_session().get_service_model("ec2")


def as_boto3(shape: Shape, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return part of a CloudTrail event as boto3 would show it: named by the API's model, lists without `items`."""
    if isinstance(shape, StructureShape):
        wire = {member: part.serialization.get("name", member) for member, part in shape.members.items()}
        return {m: as_boto3(part, value[wire[m]]) for m, part in shape.members.items() if wire[m] in value}
    if isinstance(shape, ListShape):
        return [as_boto3(shape.member, item) for item in value.get("items", value.get("item", []))]
    return value


# Replies and errors in boto3's form.


def _date(reply: Json) -> float | None:
    date = reply.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return None if date is None else parsedate_to_datetime(date).timestamp()


def _answered(operation: Operation, reply: Json, at: float | None = None, *, hibernate: bool = False) -> Exchange:
    instances, volumes = _named_by(operation, reply)
    match operation:
        case Operation.MODIFY | Operation.DESCRIBE_ATTRIBUTE:
            attribute = next((a for a in Attribute if a.value in reply), Attribute.DISABLE_API_TERMINATION)
            request: Request = AttributeRequest(operation, instances=instances, attribute=attribute)
        case Operation.ATTACH | Operation.DESCRIBE_VOLUMES:
            request = VolumeRequest(operation, instances=instances, volumes=volumes or (Volume("vol-untold"),))
        case _:
            request = BatchRequest(operation, instances=instances, hibernate=hibernate)
    return Exchange(request, reply, at)


def _named_by(operation: Operation, reply: Json) -> tuple[tuple[Instance, ...], tuple[Volume, ...]]:
    """Return the instances and volumes that a request must have named to be answered so."""
    if "Error" in reply:
        message = reply["Error"]["Message"]
        malformed = _MALFORMED.match(message)
        ids = [malformed[1]] if malformed else [i for ids in _INSTANCES.findall(message) for i in ids.split(", ")]
        return tuple(map(Instance, ids)), tuple(map(Volume, _VOLUMES.findall(message)))
    if operation is Operation.DESCRIBE:
        listed = [item for reservation in reply["Reservations"] for item in reservation["Instances"]]
    else:
        listed = next((reply[key] for key in CHANGES if key in reply), [reply])
    return tuple(Instance(item["InstanceId"]) for item in listed), ()


# Quotes.


def _session(steps: list[Json]) -> Iterator[Event]:
    """Yield the steps of a terminal session about one instance."""
    [instance, *_] = [event.request.instances[0] for step in steps for event in _quoted(step)]
    for step in steps:
        if "describe" in step:
            yield Glimpse(instance, step["describe"])
        else:
            yield from _quoted(step)


def _quoted(whole: Json) -> Iterator[Exchange]:
    match whole:
        case {"response": reply}:
            exchange = _answered(next(CHANGES[key] for key in reply), reply)
            sent = whole.get("request_ids_as_listed_by_previous_describe", exchange.request.instances)
            yield replace(exchange, request=replace(exchange.request, instances=tuple(map(Instance, sent))))
        case {"output": output}:
            yield _answered(Operation.TERMINATE, {"TerminatingInstances": [_line_of_ec2_tools(output)]})
        case {"raw_xml": xml, "operation": operation}:
            # The parser must be told that it is an error; of which status, the recording does not tell.
            answer: Json = {"body": xml.encode(), "status_code": 400, "headers": {}}
            parsed = create_parser("ec2").parse(answer, Shape("Any", {"type": "structure"}))
            yield _answered(Operation(operation), _refusal(parsed["Error"], whole))
        case {"error": error, "operation": operation}:
            yield _answered(Operation(operation.partition(" ")[0]), _refusal(error, whole))
        case _:
            pass
    match whole:
        case {"later_error": error, "operation": operation}:
            yield _answered(Operation(operation), _refusal(error, {}))
        case {"error_same_log": str(message)}:
            said = {"Code": "OperationNotPermitted", "Message": message.replace(_CUT_OFF, _BEFORE_THE_CUT, 1)}
            yield _answered(Operation.TERMINATE, _refusal(said, {}))
        case _:
            pass


def _refusal(error: Json, whole: Mapping[str, Any]) -> Json:
    status = _STATUS.search(whole.get("what", ""))
    return {"Error": error, "ResponseMetadata": {"HTTPStatusCode": int(status[1])} if status else {}}


def _line_of_ec2_tools(line: str) -> Json:
    """Return a line of the old command-line tools as an item: they printed names without codes, the previous first."""
    _, instance, previous, current = line.split("\t")
    state = {name.value: {"Code": CODES[name], "Name": name.value} for name in InstanceState}
    return {"InstanceId": instance, "PreviousState": state[previous], "CurrentState": state[current]}


# What is known of each recording (INDEX.md and facts.md), beyond what it holds.

_EMPTY: Final = "an empty success, whose request was not recorded: nothing in it can be wrong"
_HAND_EDITED: Final = "hand-edited (A*)"
_OTHER_OPERATION: Final = "an operation that the specification does not cover"

OUTSIDE: Final[Mapping[str, str]] = {
    "c7n__ec2_stop_protection_disabled__ec2.ModifyInstanceAttribute_1.json": (
        f"{_HAND_EDITED}: the operation has no such reply (P-10)"
    ),
    "c7n__test_asg_suspend_force__ec2.ModifyInstanceAttribute_1.json": _EMPTY,
    "c7n__test_ec2_costhub_resize__ec2.ModifyInstanceAttribute_1.json": _EMPTY,
    "c7n__test_ec2_reboot__ec2.RebootInstances_1.json": _EMPTY,
    "c7n__test_ec2_reboot__ec2.RebootInstances_2.json": _EMPTY,
    "c7n__test_ec2_resize__ec2.ModifyInstanceAttribute_1.json": _EMPTY,
    "c7n__test_ec2_resize__ec2.ModifyInstanceAttribute_2.json": _EMPTY,
    "c7n__test_ec2_stop_with_protection_enabled__ec2.ModifyInstanceAttribute_1.json": _EMPTY,
    "c7n__test_ec2_stop_with_protection_enabled_ephemeral__ec2.ModifyInstanceAttribute_1.json": _EMPTY,
    "c7n__test_ec2_stop_with_protection_enabled_ephemeral__ec2.ModifyInstanceAttribute_2.json": _EMPTY,
    "c7n__test_ec2_terminate_with_protection_enabled__ec2.ModifyInstanceAttribute_1.json": _EMPTY,
    "c7n__test_ec2_terminate_with_protection_enabled__ec2.ModifyInstanceAttribute_2.json": _EMPTY,
    "cloudtrail__manageiq__CreateTags.json": _OTHER_OPERATION,
    "cloudtrail__manageiq__DeleteTags.json": _OTHER_OPERATION,
    "cloudtrail__manageiq__DeleteVolume.json": _OTHER_OPERATION,
    "issue__associate_eip_terminated_2021.json": f"{_OTHER_OPERATION} (E-16)",
    "issue__describe_empty_string_list.json": "an empty id, of which the specification says nothing (E-08)",
    "issue__describe_status_notfound_rawxml_2021.json": f"{_OTHER_OPERATION} (D-04)",
    "issue__modify_protection_spot_2018.json": "a Spot instance, of which the specification says nothing (P-03)",
    "issue__modify_type_while_running.json": "an attribute that the specification does not cover (E-14)",
    "issue__start_no_root_volume_2021.json": "a detached root, of which the specification says nothing (E-19)",
    "issue__stop_onetime_spot.json": "a Spot instance, of which the specification says nothing (E-18)",
}
"""The recordings that the specification says nothing about, each with the reason."""

EXEMPT: Final[Mapping[str, frozenset[str]]] = {
    # Terminated, yet with VpcId, SubnetId and no StateReason: T-03 and T-05 found that of no other.
    "c7n__test_ec2_has_specific_managed_policy__ec2.DescribeInstances_1.json": frozenset({"i-0601af9ef35fc5c20"}),
    # H-02 calls it a hand edit: the code 0 of pending beside the name running.
    "c7n__test_ec2_resize__ec2.DescribeInstances_3.json": frozenset({"i-0fd6bd23de18b49b0", "i-0e2a65fcc30f05c39"}),
    # Against V-06 it has no private address: the shutting-down instance that V-05 cites, with the name of its state,
    # its id and the dates changed (the same request id, volume and network interface).
    "c7n__test_ec2_stop_with_protection_enabled__ec2.DescribeInstances_2.json": frozenset({"i-000b2f5125402eb55"}),
}
"""The instances that were edited by hand (A* in INDEX.md) into something that is not EC2's."""

LaunchOptions = Callable[[InstanceRecord], bool]


def ebs_backed(record: InstanceRecord) -> bool:
    """Every instance recorded is, but for one."""
    return record.root_device is RootDevice.EBS


def in_state(state: InstanceState) -> LaunchOptions:
    return lambda record: ebs_backed(record) and record.state is state


def protected(record: InstanceRecord) -> bool:
    return ebs_backed(record) and record.disable_api_termination


def stop_protected(record: InstanceRecord) -> bool:
    return ebs_backed(record) and record.disable_api_stop and not record.disable_api_termination


TOLD: Final[Mapping[str, LaunchOptions]] = {
    "c7n__test_ec2_stop_with_protection_enabled__ec2.StopInstances_1.json": stop_protected,
    "c7n__test_ec2_stop_with_protection_enabled_ephemeral__ec2.TerminateInstances_1.json": stop_protected,
    "c7n__test_ec2_terminate_with_protection_enabled__ec2.TerminateInstances_1.json": protected,
    "issue__attach_volume_pending_2021.json": in_state(InstanceState.PENDING),
    "issue__describe_notfound_after_run_rawxml_2020.json": lambda r: r.visibility is Visibility.SETTLING,
    "issue__modify_protection_on_terminated_2019.json": in_state(InstanceState.TERMINATED),
    "issue__start_terminated_batch_2021.json": in_state(InstanceState.TERMINATED),
    "issue__stop_instance_store.json": lambda r: not ebs_backed(r),
    "issue__stop_protected_2022.json": stop_protected,
    "issue__stop_terminated.json": in_state(InstanceState.TERMINATED),
    "issue__terminate_protected_2018.json": protected,
}
"""What INDEX.md tells of the instances in a recording; of all others only that they are EBS-backed."""

STORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "two running instances are stopped to be resized": (
        "c7n__test_ec2_resize__ec2.DescribeInstances_1.json",
        "c7n__test_ec2_resize__ec2.StopInstances_1.json",
        "c7n__test_ec2_resize__ec2.StartInstances_1.json",
    ),
    "a running instance is terminated": (
        "c7n__test_ec2_terminate__ec2.DescribeInstances_1.json",
        "c7n__test_ec2_terminate__ec2.TerminateInstances_1.json",
        "c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
    ),
    "one of four running instances is stopped": (
        "c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        "c7n__test_action_filter_call__ec2.StopInstances_1.json",
        "c7n__test_action_filter_call__ec2.DescribeInstances_2.json",
    ),
    "one instance hibernates and another stops": (
        "c7n__test_ec2_stop_hibernate__ec2.StopInstances_1.json",
        "c7n__test_ec2_stop_hibernate__ec2.StopInstances_2.json",
        "c7n__test_ec2_stop_hibernate__ec2.DescribeInstances_2.json",
    ),
    "an instance is stopped and started again": (
        "c7n__test_encrypt_volumes__ec2.StopInstances_1.json",
        "c7n__test_encrypt_volumes__ec2.DescribeInstances_2.json",
        "c7n__test_encrypt_volumes__ec2.StartInstances_1.json",
    ),
    "an instance is stopped and started in the console": (
        "cloudtrail__manageiq__StopInstances.json",
        "eventbridge__manageiq__state_change_stopped.json",
        "cloudtrail__manageiq__StartInstances.json",
        "eventbridge__manageiq__state_change_pending.json",
        "eventbridge__manageiq__state_change_running.json",
    ),
    "Auto Scaling terminates an instance": (
        "cloudtrail__manageiq__TerminateInstances.json",
        "eventbridge__manageiq__state_change_shutting-down.json",
        "eventbridge__manageiq__state_change_terminated.json",
    ),
}
"""Recordings that were made one after the other, of the same instances."""
