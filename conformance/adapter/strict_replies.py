"""Reads the XML of a successful reply as it is written, where botocore guesses.

botocore takes every text that is not `true` for false, and fails on a number with a letter in it.
Here a text that is not of its type stays a text, so that whoever reads the reply finds it at its place.
Each structure also lists the numbers and times in it that are none, because boto3 fails on the whole reply for one.

A boolean is `true` or `false`, as EC2 sends it. XML Schema also allows `1` and `0`, but clients disagree on every other
spelling: boto3 takes `1` and `True` for false, and the SDK for Go takes them for true. So nobody can say what it means.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, cast
from xml.etree import ElementTree as ET

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.parsers import ResponseParserError
from botocore.utils import parse_timestamp

ERROR: Final = "Error"
"""The key of the error in a reply whose body is one; no successful reply of EC2 has it."""
RETURN: Final = "Return"
"""The key of the element `return`, which EC2 sends for operations without output and botocore drops."""

UNTYPED: Final = "Untyped"
"""The key of what is wrong with the numbers and times in a structure that are none, by path; absent if all are."""

_KEPT: Final = 4096
"""More structures than EC2's replies have, and times enough: the same few instances are described again and again."""

_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_NUMBERS: Final[Mapping[str, Callable[[str], object]]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "timestamp": lru_cache(_KEPT)(parse_timestamp),
}
_ERRORS: Final = frozenset({"Errors", ERROR})


class UnreadableBody(ResponseParserError):
    """The body of a success is not EC2's XML, so that no client of EC2 can read it."""


def parsed(body: bytes) -> ET.Element:
    """Return the root of a body; raises `UnreadableBody` if it is not EC2's XML."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - botocore reads it with the same parser
    except ET.ParseError as error:
        raise UnreadableBody(f"the body is not XML ({error})") from None
    if _tag(root).lower() == "html":
        raise UnreadableBody("the body is a web page")
    return root


def strict_reply(operation: OperationModel, root: ET.Element) -> dict[str, Any]:
    """Return a reply in boto3's form, with the text of each value that is not of its type.

    The body of an error becomes code and message under `ERROR`.
    """
    if _tag(root) == ERROR or any(_tag(child) in _ERRORS for child in root):
        return {ERROR: _error(root)}
    shape = operation.output_shape
    if isinstance(shape, StructureShape):
        value = _structure(shape, root)
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    returned = [child for child in root if _tag(child) == "return"]
    return {RETURN: _scalar("boolean", returned[0])} if returned else {}


def is_cut_off(headers: Mapping[str, Any], body: bytes) -> bool:
    """Tell whether a body ends before the length that its headers announce, because the connection broke."""
    length = str(headers.get("content-length", ""))
    return length.isdecimal() and len(body) < int(length) and "content-encoding" not in headers


def request_id(root: ET.Element) -> str:
    """Return the id that EC2 gave the request; empty if the reply has none."""
    found = (child.text for child in root if _tag(child) == "requestId")
    return next(found, None) or ""


def _error(root: ET.Element) -> dict[str, str]:
    """Return code and message of the first error; empty where it has none."""
    first = next((element for element in root.iter() if _tag(element) == ERROR), root)
    said = {_tag(child): child.text or "" for child in first}
    return {"Code": said.get("Code", ""), "Message": said.get("Message", "")}


def _tag(element: ET.Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


@lru_cache(_KEPT)
def _members(shape: StructureShape) -> Mapping[str, tuple[str, Shape]]:
    """Return the members of a structure by the names of their elements."""
    return {member.serialization.get("name", key): (key, member) for key, member in shape.members.items()}


def _value(shape: Shape, element: ET.Element) -> object:
    if isinstance(shape, StructureShape):
        return _structure(shape, element)
    if isinstance(shape, ListShape):
        return _list(shape, element)
    return _scalar(shape.type_name, element)


def _structure(shape: StructureShape, element: ET.Element) -> object:
    if not len(element) and (element.text or "").strip():
        return element.text
    members = _members(shape)
    found: dict[str, object] = {}
    repeated: dict[str, list[str]] = {}
    untyped: dict[str, str] = {}
    for child in element:
        name = _tag(child)
        if name not in members:
            continue
        key, member = members[name]
        value = _value(member, child)
        if key in found:
            repeated.setdefault(key, [_shown(found[key])]).append(_shown(value))
        else:
            found[key] = value
        untyped.update((f"{key}{path}", wrong) for path, wrong in _untyped(member, repeated.get(key, value)))
    if untyped:
        found[UNTYPED] = untyped
    return found | repeated


def _untyped(shape: Shape, value: object) -> Iterator[tuple[str, str]]:
    """Yield the paths of the numbers and times in a value that are none, each with what is there instead."""
    if shape.type_name in _NUMBERS:
        if not isinstance(value, int | float | datetime):
            kind = "time" if shape.type_name == "timestamp" else "number"
            yield "", f"{_shown(value)!r}, not a {kind}"
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _untyped(shape.member, item)
    elif isinstance(shape, StructureShape) and isinstance(value, dict):
        inside = cast("dict[str, dict[str, str]]", value).get(UNTYPED, {})
        yield from ((f".{path}", wrong) for path, wrong in inside.items())


def _list(shape: ListShape, element: ET.Element) -> object:
    """Return the items, or what is there instead of them."""
    if not len(element):
        return element.text if (element.text or "").strip() else []
    name = shape.member.serialization.get("name", "member")
    if any(_tag(child) != name for child in element):
        return _shown_elements(element)
    return [_value(shape.member, child) for child in element]


def _scalar(kind: str, element: ET.Element) -> object:
    if len(element):
        return _shown_elements(element)
    text = element.text or ""
    if kind == "boolean":
        return _BOOLEANS.get(text, text)
    if kind not in _NUMBERS:
        return text
    try:
        return _NUMBERS[kind](text)
    except (ValueError, OverflowError):
        return text


def _shown_elements(element: ET.Element) -> dict[str, str]:
    return {f"<{_tag(child)}>": child.text or "" for child in element}


def _shown(value: object) -> str:
    return value if isinstance(value, str) else repr(value)
