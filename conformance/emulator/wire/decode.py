"""Decodes form fields into keyword arguments, by the input shape of an operation.

In the Query protocol a path of names and numbers leads to each value: `TagSpecification.1.Tag.2.Key=Name`.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, TypeAlias

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from .ec2_errors import Ec2Error
from .errors import WrongRequest, invalid, missing, unknown

Node: TypeAlias = "str | dict[str, Node]"
"""The content of a name: a value, or more names."""

ENVELOPE: Final = frozenset({"Action", "Version"})
"""The fields of every request."""
_SIGNATURE: Final = "X-Amz-"
"""The prefix of the signature fields in a query."""
_DEEPEST: Final = 12
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}


def arguments_of(operation: OperationModel, fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the arguments of a call, as boto3 takes them; raises `WrongRequest`.

    A missing required list becomes an empty one: the specification defines the answer (TERM-8).
    """
    shape = operation.input_shape
    tree = _tree(fields)
    if shape is None:
        for name in tree:
            raise unknown(name)
        return {}
    return _structure(shape, tree, "")


def wire_name(member: Shape, key: str) -> str:
    """Return the name of a member in a request, by the rules of EC2's variant of the protocol."""
    serialization: dict[str, str] = member.serialization
    if "queryName" in serialization:
        return serialization["queryName"]
    name = serialization.get("name")
    return f"{name[0].upper()}{name[1:]}" if name else key


def boolean_of(text: str) -> bool | None:
    """Return the boolean in a text, or None if it is not one."""
    return _BOOLEANS.get(text.lower())


def _tree(fields: Iterable[tuple[str, str]]) -> dict[str, Node]:
    root: dict[str, Node] = {}
    for path, value in fields:
        if path in ENVELOPE or path.startswith(_SIGNATURE):
            continue
        *steps, last = path.split(".", _DEEPEST)
        here = root
        for step in steps:
            below = here.setdefault(step, {})
            if isinstance(below, str):
                raise unknown(path)
            here = below
        if last in here:
            raise WrongRequest(Ec2Error.SENT_TWICE, name=path)
        here[last] = value
    return root


@cache
def _table(shape: StructureShape) -> tuple[dict[str, tuple[str, Shape]], tuple[tuple[str, Shape], ...]]:
    """Return the members of a structure by their names on the wire, and those that a request must have."""
    members = {wire_name(member, key): (key, member) for key, member in shape.members.items()}
    return members, tuple((key, shape.members[key]) for key in shape.required_members)


def _structure(shape: StructureShape, node: Node, path: str) -> dict[str, Any]:
    if isinstance(node, str):
        if node:
            raise unknown(path)
        node = {}
    members, required = _table(shape)
    values: dict[str, Any] = {}
    for name, below in node.items():
        if name not in members:
            raise unknown(f"{path}{name}")
        key, member = members[name]
        values[key] = _value(member, below, f"{path}{name}")
    for key, member in required:
        if key not in values:
            if not isinstance(member, ListShape):
                raise missing(f"{path}{wire_name(member, key)}")
            values[key] = []
    return values


def _value(shape: Shape, node: Node, path: str) -> Any:  # noqa: ANN401 - whatever the shape is
    if isinstance(shape, StructureShape):
        return _structure(shape, node, f"{path}.")
    if isinstance(shape, ListShape):
        return _list(shape, node, path)
    if not isinstance(node, str):
        raise unknown(f"{path}.{next(iter(node))}")
    return _scalar(shape.type_name, node, path)


def _list(shape: ListShape, node: Node, path: str) -> list[Any]:
    if isinstance(node, str):
        if node:
            raise unknown(path)
        return []  # an empty list in this protocol
    try:
        numbered = sorted((int(number), below) for number, below in node.items()) if _plain(node) else None
    except TypeError:  # two spellings of one number, 1 and 01
        numbered = None
    if numbered is None:
        raise unknown(f"{path}.{next((each for each in node if not _is_number(each)), next(iter(node)))}")
    return [_value(shape.member, below, f"{path}.{number}") for number, below in numbered]


def _plain(node: dict[str, Node]) -> bool:
    return all(map(_is_number, node))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and not text.startswith("0") and len(text) < 8  # noqa: PLR2004 - ten million


def _scalar(kind: str, text: str, path: str) -> Any:  # noqa: ANN401 - whatever the kind is
    match kind:
        case "boolean":
            if (value := boolean_of(text)) is None:
                raise invalid(path, text, "true or false")
            return value
        case "integer" | "long":
            if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()) or len(text) > 19:  # noqa: PLR2004 - 64 bits
                raise invalid(path, text, "a whole number")
            return int(text)
        case "float" | "double":
            try:
                return float(text)
            except ValueError:
                raise invalid(path, text, "a number") from None
        case "timestamp":
            try:
                return parse_timestamp(text)
            except ValueError:
                raise invalid(path, text, "a date as 2026-01-31T12:00:00Z") from None
        case "blob":
            try:
                return b64decode(text, validate=True)
            except (Base64Error, ValueError):
                raise invalid(path, text, "base64") from None
        case _:
            return text
