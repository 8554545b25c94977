"""CloudTrail events: the parameters and the reply in CloudTrail's spelling become those of boto3.

CloudTrail writes names in lowerCamelCase and lists as `{"items": […]}`, and puts `Client.` or `Server.` before a code.
"""

from datetime import UTC, datetime
from typing import Any, Final, cast

from .ec2_api import METADATA, as_boto3, operations, parameters_of, reply_of
from .events import Call, Json

_IDS: Final = {"instancesSet": ("InstanceIds", "InstanceId"), "volumeSet": ("VolumeIds", "VolumeId")}
_LAUNCH: Final = "RunInstances"
_PLACE: Final = {"availabilityZone": "AvailabilityZone", "tenancy": "Tenancy"}
_RENAMED: Final = {
    (_LAUNCH, "groupSet"): "SecurityGroupIds",
    ("ModifyInstanceAttribute", "groupSet"): "Groups",
    ("CreateVolume", "zone"): "AvailabilityZone",
}
_EMPTY: Final = ("requestId", "_return")
"""What a reply without parts holds in CloudTrail."""
_SERVER_FAULT: Final = 500
"""Stands for the status of a `Server.` code, which CloudTrail does not record."""
_BOOLEANS: Final = {"true": True, "false": False}


def call_of(event: Json) -> Call:
    """Return the call that an event of CloudTrail records; raises KeyError, TypeError or ValueError."""
    name, at = event["eventName"], moment(event["eventTime"])
    if event.get("eventSource", "ec2.amazonaws.com") != "ec2.amazonaws.com" or name not in operations():
        return Call(f"{event.get('eventSource')}:{name}", event.get("requestParameters"), {}, at)
    sent = event.get("requestParameters")
    return Call(name, None if sent is None else _sent(name, sent), _reply(name, event), at)


def moment(text: str) -> float:
    """Return a time in seconds; one without a zone is in UTC."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _reply(name: str, event: Json) -> Json | None:
    if event.get("errorCode"):
        side, _, code = event["errorCode"].partition(".")
        known = side in {"Client", "Server"}
        status = {"HTTPStatusCode": _SERVER_FAULT} if side == "Server" else {}
        error = {"Code": code if known else event["errorCode"], "Message": event.get("errorMessage") or ""}
        return {"Error": error, METADATA: status}
    elements = event.get("responseElements")
    if elements is None:
        return None
    shape = reply_of(name)
    if shape is None:
        return {key: value for key, value in elements.items() if key not in _EMPTY or value is False}
    if "zone" in elements:  # CreateVolume
        elements = {"availabilityZone": elements["zone"], **elements}
    return as_boto3(shape, elements)


def _sent(name: str, parameters: Json) -> Json:
    sent: Json = {}
    for key, value in parameters.items():
        plain = _plain(value)
        if name == _LAUNCH and key == "instancesSet":
            sent.update(plain[0])
        elif name == _LAUNCH and key in _PLACE:
            sent.setdefault("Placement", {})[_PLACE[key]] = plain
        elif key in _IDS:
            member, part = _IDS[key]
            sent[member] = [item[part] for item in plain or ()]
        elif (name, key) == (_LAUNCH, "groupSet"):
            sent["SecurityGroupIds"] = [item.get("GroupId", "") for item in plain or ()]
        else:
            sent[_RENAMED.get((name, key)) or _member(name, key)] = plain
    return sent


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value with its parts in boto3's spelling, and lists without `items`."""
    if isinstance(value, dict):
        whole = cast("Json", value)
        if whole and whole.keys() <= {"items", "item"}:
            return [_plain(item) for each in whole.values() for item in each]
        return {_capitalized(key): _plain(part) for key, part in whole.items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return _BOOLEANS.get(value, value) if isinstance(value, str) else value


def _member(name: str, key: str) -> str:
    """Return the parameter that CloudTrail calls so; one that botocore does not know keeps its name."""
    return next((member for member in parameters_of(name) if _stem(member) == _stem(key)), _capitalized(key))


def _stem(name: str) -> str:
    return name.lower().removesuffix("set").removesuffix("s")


def _capitalized(key: str) -> str:
    return key[:1].upper() + key[1:]
