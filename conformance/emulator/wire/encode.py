"""Encodes replies as XML, by the output shape of an operation, and errors in the envelopes of the two services."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeAlias
from xml.sax.saxutils import escape

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from .services import EC2, service

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PLAIN: Final = re.compile(r"[\w ./:-]*", re.ASCII)
"""A text that needs no escaping in XML, as nearly all do not."""
_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot represent, not even escaped."""


def reply(operation: OperationModel, fields: Mapping[str, Any], request_id: str) -> bytes:
    """Return the body of a reply; fields outside the output shape are dropped.

    An operation without output returns `<return>true</return>` (S-21, P-10).
    """
    shape = operation.output_shape
    parts: list[str] = []
    if shape is None:
        parts.append("<return>true</return>")
    else:
        _structure(shape)(fields, parts)
    name, namespace = operation.name, operation.service_model.metadata["xmlNamespace"]
    inside = "".join(parts)
    if operation.service_model.service_name == EC2:
        inside = f"<requestId>{request_id}</requestId>{inside}"
    else:
        wrapper = shape.serialization.get("resultWrapper", f"{name}Result") if shape is not None else f"{name}Result"
        metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        inside = f"<{wrapper}>{inside}</{wrapper}>{metadata}"
    return f'{_HEAD}<{name}Response xmlns="{namespace}">{inside}</{name}Response>'.encode()


def error(service_name: str, code: str, message: str, request_id: str) -> bytes:
    """Return the body of an error, in the envelope of the service."""
    content = f"<Code>{_text(code)}</Code><Message>{_text(message)}</Message>"
    if service_name == EC2:
        body = f"<Response><Errors><Error>{content}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    else:
        namespace = service(service_name).metadata["xmlNamespace"]
        content = f"<Error><Type>Sender</Type>{content}</Error><RequestId>{request_id}</RequestId>"
        body = f'<ErrorResponse xmlns="{namespace}">{content}</ErrorResponse>'
    return f"{_HEAD}{body}".encode()


Write: TypeAlias = Callable[[Any, list[str]], None]
"""Appends the parts of a value to those of a reply: with a generator per structure, encoding took twice as long."""


@cache
def _structure(shape: StructureShape) -> Write:
    """Return the function that writes a structure: its shape is read once, not for every reply."""
    named = {key: (member.serialization.get("name", key), member) for key, member in shape.members.items()}
    table = {key: (f"<{name}>", f"</{name}>", _writer(member)) for key, (name, member) in named.items()}

    def write(fields: Mapping[str, Any], parts: list[str]) -> None:
        for key, value in fields.items():
            if value is not None and key in table:
                begin, end, write_member = table[key]
                parts.append(begin)
                write_member(value, parts)
                parts.append(end)

    return write


def _list(shape: ListShape) -> Write:
    """Return the function that writes the items of a list."""
    name = shape.member.serialization.get("name", "member")
    begin, end, write_item = f"<{name}>", f"</{name}>", _writer(shape.member)

    def write(items: Iterable[Any], parts: list[str]) -> None:
        for item in items:
            parts.append(begin)
            write_item(item, parts)
            parts.append(end)

    return write


def _writer(shape: Shape) -> Write:
    """Return the function that writes a value of a shape."""
    if isinstance(shape, StructureShape):
        return _structure(shape)
    if isinstance(shape, ListShape):
        return _list(shape)
    text_of = _SCALARS.get(shape.type_name, str)
    return lambda value, parts: parts.append(text_of(value))


def _timestamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else escape(_NOT_IN_XML.sub("\ufffd", text), {"\r": "&#13;"})


_SCALARS: Final[Mapping[str, Callable[[Any], str]]] = {
    "boolean": lambda value: "true" if value else "false",
    "timestamp": _timestamp,
    "blob": lambda value: b64encode(value).decode(),
    "string": _text,
}
"""How the kinds of scalars are written; all others as Python writes them."""
