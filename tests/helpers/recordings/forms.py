"""Recognizes the form in which a recording was kept, and reads its events.

- placebo, which cloud-custodian's tests replay: `status_code` and boto3's reply, the operation in the file's name;
- replies as boto3 or the command-line tool prints them, and raw XML bodies;
- CloudTrail and EventBridge events, bare, in a log file, or inside an SNS notification;
- replies and errors quoted in transcripts and issues, and the texts of botocore's and Go's errors.
"""

import json
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final, cast

from botocore.model import Shape
from botocore.parsers import ResponseParserError, create_parser

from ec2_lifecycle.conformance.adapter.reply_parts import WrongPart
from ec2_lifecycle.model.requests import Attribute, Operation
from ec2_lifecycle.model.states import CODES, InstanceState
from ec2_lifecycle.model.world import Instance

from .ec2_api import METADATA, members, operations, reply_of
from .events import Call, Event, Glimpse, Json, UnknownForm
from .exchanges import asked_by
from .trail import call_of, moment

_BY_PART: Final = {
    "StartingInstances": Operation.START,
    "StoppingInstances": Operation.STOP,
    "TerminatingInstances": Operation.TERMINATE,
    "Reservations": Operation.DESCRIBE,
    "Instances": Operation.RUN,
    "Volumes": Operation.DESCRIBE_VOLUMES,
}
_BY_STATE: Final = {
    "creating": Operation.CREATE_VOLUME,
    "attaching": Operation.ATTACH,
    "attached": Operation.ATTACH,
    "detaching": Operation.DETACH,
    "detached": Operation.DETACH,
}
"""The operations whose reply is one volume or attachment, by its state."""
_OF_ATTRIBUTES: Final = {*(attribute.value for attribute in Attribute), "InstanceType", "UserData", "Groups"}

_ERRORS: Final = (
    re.compile(
        r"An error occurred \((?P<code>[\w.]+)\) when calling the (?P<name>\w+) operation(?: \([^)]*\))?: "
        r"(?P<message>.*)"
    ),
    re.compile(
        r"operation error EC2: (?P<name>\w+), .*?(?:StatusCode: (?P<status>\d{3}).*?)?"
        r"api error (?P<code>[\w.]+): (?P<message>.*)"
    ),
)
"""The texts of botocore's errors, and of those of Go's SDK."""
_STATUS: Final = re.compile(r"(?:HTTP|status code:?) (\d{3})", re.IGNORECASE)
_STATE_NAMED: Final = re.compile(rf"The ({'|'.join(s.value for s in InstanceState)}) instance '(i-[^']*)'")
_CUT_OFF: Final = "... "
_BEFORE_THE_CUT: Final = "The instance '"
_ROOT: Final = re.compile(r"<(\w+)[\s/>]")
"""The first tag of a body; its declaration begins with a question mark."""
_OK: Final = 200
_CLIENT_ERROR: Final = 400


def read(path: Path) -> tuple[Event, ...]:
    """Return what a recording says, in order; raises `UnknownForm`."""
    return events_of(path.name, path.read_text(encoding="utf-8"))


def events_of(name: str, text: str) -> tuple[Event, ...]:
    """Return what the text of a recording says, in order; raises `UnknownForm`.

    `name` is the name of its file: that of a reply may hold the operation.
    """
    try:
        whole: object = {"raw_xml": text} if text.lstrip().startswith("<") else json.loads(text)
    except ValueError:
        whole = text
    return tuple(_Reader(name).events(whole, "the document"))


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file

    def events(self, whole: object, place: str) -> Iterator[Event]:
        """Yield what a document says, or a part of it at this place."""
        try:
            match whole:
                case list():
                    items = enumerate(cast("list[object]", whole))
                    yield from _in_order([e for n, item in items for e in self.events(item, f"{place}[{n}]")])
                case str():
                    yield from self._texts(whole, place)
                case dict():
                    yield from self._document(cast("Json", whole), place)
                case _:
                    raise self._unknown(place, "is in no form that the reader knows")
        except (AttributeError, KeyError, IndexError, TypeError, ValueError, WrongPart) as error:
            said = f"{type(error).__name__} {error}"
            raise self._unknown(place, f"is a known form with an unexpected part ({said})") from error

    def _document(self, whole: Json, place: str) -> Iterator[Event]:
        inside = _inside(whole)
        if inside is not None:
            yield from self.events(inside[0], f"{place}.{inside[1]}")
            return
        match whole:
            case {"detail-type": "EC2 Instance State-change Notification", "detail": detail}:
                at = moment(whole["time"]) if "time" in whole else None
                yield Glimpse(Instance(detail["instance-id"]), detail["state"], at)
            case {"detail-type": str(kind)}:
                raise self._unknown(place, f"is an event of EventBridge that the reader does not know: {kind!r}")
            case {"eventName": str()}:
                yield from _with_glimpse(call_of(whole))
            case {"status_code": int(status), "data": data}:
                reply = {**data, METADATA: {"HTTPStatusCode": status, **data.get(METADATA, {})}}
                yield from self.answered(reply, "", place)
            case {"steps": steps}:
                yield from self._session(steps, place)
            case _:
                yield from self._quoted(whole, place)

    def answered(
        self, reply: Json, name: str, place: str = "the document", sent: Json | None = None
    ) -> Iterator[Event]:
        """Yield a reply in boto3's form, and the state that it names."""
        name = name or self._operation(reply, place)
        if name not in operations():
            raise self._unknown(place, f"has the operation {name!r}, which EC2 does not have")
        if "Error" not in reply:
            strange = sorted(reply.keys() - members(reply_of(name)).keys() - {METADATA})
            if strange:
                raise self._unknown(place, f"has {', '.join(strange)}, which EC2's reply to {name} does not have")
        yield from _with_glimpse(Call(name, sent, reply, _date(reply)))

    def _operation(self, reply: Json, place: str) -> str:
        """Return the operation of a reply, by the name of the file or by its parts."""
        named = operations().intersection(re.split(r"[^A-Za-z]+", self._file))
        if len(named) == 1:
            return min(named)
        found = {operation for key, operation in _BY_PART.items() if key in reply}
        if "VolumeId" in reply and reply.get("State") in _BY_STATE:
            found = {_BY_STATE[reply["State"]]}
        elif "InstanceId" in reply and _OF_ATTRIBUTES & reply.keys():
            found = {Operation.DESCRIBE_ATTRIBUTE}
        if len(found) != 1:
            raise self._unknown(
                place, "is in no form that the reader knows, and neither it nor the file names its operation"
            )
        return min(operation.value for operation in found)

    def xml(self, body: str, name: str) -> tuple[str, Json]:
        """Return a raw body as boto3 would show it, and its operation: the first tag of a success names it."""
        root = _ROOT.search(body)
        tag = root[1] if root else ""
        if tag in {"Response", "ErrorResponse"}:
            # Of which status it was, the body does not say; the parser must know that it is an error.
            error = self._parsed(body, _CLIENT_ERROR, Shape("Any", {"type": "structure"}))["Error"]
            return name, {"Error": {key: error.get(key, "") for key in ("Code", "Message")}}
        name = name or tag.removesuffix("Response")
        if not tag.endswith("Response") or name not in operations():
            raise self._unknown("the body", f"begins with <{tag}>, which is no reply of EC2's")
        shape = reply_of(name)
        return name, {} if shape is None else self._parsed(body, _OK, shape)

    def _parsed(self, body: str, status: int, shape: Shape) -> Json:
        try:
            return create_parser("ec2").parse({"body": body.encode(), "status_code": status, "headers": {}}, shape)
        except ResponseParserError as error:
            raise self._unknown("the body", "is not XML") from error

    def _texts(self, text: str, place: str) -> Iterator[Event]:
        """Yield the errors that a text quotes."""
        found = [match for pattern in _ERRORS for match in pattern.finditer(text)]
        if not found:
            raise self._unknown(place, "is neither JSON nor XML, nor does it quote an error of EC2's")
        for match in sorted(found, key=lambda match: match.start()):
            status = match.groupdict().get("status")
            error = {"Code": match["code"], "Message": match["message"].strip()}
            reply: Json = {"Error": error, METADATA: {"HTTPStatusCode": int(status)} if status else {}}
            yield from self.answered(reply, match["name"], place)

    # Quotes.

    def _session(self, steps: list[Json], place: str) -> Iterator[Event]:
        """Yield the steps of a terminal session about one instance."""
        calls = [event for step in steps if "describe" not in step for event in self.events(step, place)]
        instance = next(Instance(i) for event in calls if isinstance(event, Call) for i in event.ids)
        for number, step in enumerate(steps):
            if "describe" in step:
                yield Glimpse(instance, step["describe"])
            else:
                yield from self.events(step, f"{place}.steps[{number}]")

    def _quoted(self, whole: Json, place: str) -> Iterator[Event]:
        stated, _, attribute = whole.get("operation", "").partition(" ")
        sent: Json | None = whole.get("request")
        match whole:
            case {"response": reply}:
                if "request_ids_as_listed_by_previous_describe" in whole:
                    sent = {"InstanceIds": whole["request_ids_as_listed_by_previous_describe"]}
                yield from self.answered(reply, stated, place, sent)
            case {"output": str(line)}:
                reply = {"TerminatingInstances": [_line_of_ec2_tools(line)]}
                yield from self.answered(reply, Operation.TERMINATE.value, place)
            case {"raw_xml": str(body)}:
                name, reply = self.xml(body, stated)
                yield from self.answered(_with_status(reply, whole), name, place, sent)
            case {"error": str(text)}:
                yield from self.events(text, f"{place}.error")
            case {"error": error} | {"Error": error}:
                if attribute and sent is None:
                    sent = {"Attribute": attribute.strip("()")}
                yield from self.answered(_with_status({"Error": error}, whole), stated, place, sent)
            case _:
                yield from self.answered(whole, stated, place)
        match whole:
            case {"later_error": error}:
                yield from self.answered({"Error": error}, stated, place)
            case {"error_same_log": str(message)}:
                said = {"Code": "OperationNotPermitted", "Message": message.replace(_CUT_OFF, _BEFORE_THE_CUT, 1)}
                yield from self.answered({"Error": said}, Operation.TERMINATE.value, place)
            case _:
                pass

    def _unknown(self, place: str, problem: str) -> UnknownForm:
        return UnknownForm(f"{self._file}: {place} {problem}.")


def _in_order(events: list[Event]) -> list[Event]:
    """Return events in the order of their times: a log file is in none, and a search begins with the newest."""
    times = [event.at for event in events if event.at is not None]
    if len(times) < len(events):
        return events
    newest_first = times != sorted(times) and times == sorted(times, reverse=True)
    return sorted(reversed(events) if newest_first else events, key=lambda event: event.at or 0.0)


def _inside(whole: Json) -> tuple[object, str] | None:
    """Return what a document wraps, and where it is."""
    match whole:
        case {"Type": "Notification", "Message": str(message)}:
            return json.loads(message), "Message"
        case {"Sns": {"Message": str(message)}}:
            return json.loads(message), "Sns.Message"
        case {"CloudTrailEvent": str(event)}:
            return json.loads(event), "CloudTrailEvent"
        case {"detail-type": "AWS API Call via CloudTrail", "detail": event}:
            return event, "detail"
        case _:
            return next(((whole[key], key) for key in ("Records", "Events") if key in whole), None)


def _with_glimpse(call: Call) -> Iterator[Event]:
    """Yield a call; and what a refusal by an operation outside the specification says of an instance's state.

    Raises `WrongPart`, or another error, for a call of which nothing can be judged for lack of a part.
    """
    asked_by(call, lambda _instance, _device: None)
    yield call
    if call.name not in {operation.value for operation in Operation}:
        for state, instance in _STATE_NAMED.findall(call.message):
            yield Glimpse(Instance(instance), state, call.at)


def _date(reply: Json) -> float | None:
    date = reply.get(METADATA, {}).get("HTTPHeaders", {}).get("date")
    return None if date is None else parsedate_to_datetime(date).timestamp()


def _with_status(reply: Json, whole: Mapping[str, Any]) -> Json:
    told = _STATUS.search(whole.get("what", ""))
    metadata: Json = whole.get(METADATA) or ({"HTTPStatusCode": int(told[1])} if told else {})
    return {**reply, METADATA: metadata}


def _line_of_ec2_tools(line: str) -> Json:
    """Return a line of the old command-line tools as an item: they printed names without codes, the previous first."""
    _, instance, previous, current = line.split("\t")
    state = {name.value: {"Code": CODES[name], "Name": name.value} for name in InstanceState}
    return {"InstanceId": instance, "PreviousState": state[previous], "CurrentState": state[current]}
