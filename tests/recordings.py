"""Recordings of real EC2, whatever form they were kept in: what was asked, and what came back as boto3 gives it.

A folder of recordings has an INDEX.md that tells where each file is from; the forms are
- what cloud-custodian's tests replay: `status_code` and boto3's reply, the operation in the name of the file;
- CloudTrail and EventBridge events, bare or inside an SNS notification;
- replies and errors quoted in transcripts and issues.

Where only the reply was kept, the request named what the reply lists, or what the error names.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from ec2_lifecycle.model.states import CODES, InstanceState, ShutdownBehavior
from ec2_lifecycle.model.world import Instance, Volume, Zone

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
            yield _answered(next(CHANGES[key] for key in reply), reply)
        case {"output": output}:
            yield _answered(Operation.TERMINATE, {"TerminatingInstances": [_line_of_ec2_tools(output)]})
        case {"raw_xml": xml, "operation": operation}:
            reply = create_parser("ec2").parse({"body": xml.encode(), "status_code": 0, "headers": {}}, None)
            yield _answered(Operation(operation), reply)
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
