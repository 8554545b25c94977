"""Converts raw answers to JSON and back, so that a newer version can read them again.

Values without a JSON form become a mapping with one key that begins with `$`:
`$datetime`, `$bytes` (base64), `$mapping` (pairs, if a key is not a text or begins with `$`),
and `$other`, the type and text of anything else.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any, Final, TypeAlias, cast

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ..adapter.reply_parts import shown
from ..adapter.strict_replies import UnreadableBody

Json: TypeAlias = Any
"""Any JSON value."""

_DEEPEST: Final = 60
_KINDS: Final[dict[str, type[Exception]]] = {
    kind.__name__: kind for kind in (NotImplementedError, UnreadableBody, ResponseParserError, BotoCoreError, OSError)
}
"""The exceptions that reading an answer distinguishes, in addition to EC2's own errors."""


def as_json(value: object, deep: int = 0) -> Json:
    """Return a value of a reply as JSON."""
    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)
        case int() | float() if isfinite(value):
            return int(value) if isinstance(value, int) else float(value)
        case datetime():
            return {"$datetime": value.isoformat()}
        case bytes() | bytearray():
            return {"$bytes": base64.b64encode(value).decode("ascii")}
        case list() | tuple() if deep < _DEEPEST:
            return [as_json(item, deep + 1) for item in cast("list[object]", value)]
        case Mapping() if deep < _DEEPEST:
            return _mapping_as_json(cast("Mapping[object, object]", value), deep + 1)
        case _:
            return {"$other": [type(value).__name__, shown(value)]}


def _mapping_as_json(value: Mapping[object, object], deep: int) -> Json:
    pairs = [(key, as_json(item, deep)) for key, item in value.items()]
    if all(isinstance(key, str) and not key.startswith("$") for key, _ in pairs):
        return {str(key): item for key, item in pairs}
    return {"$mapping": [[as_json(key, deep), item] for key, item in pairs]}


def from_json(value: Json) -> Any:  # noqa: ANN401 - whatever it was
    """Return the value that was converted; raises ValueError for an unknown form."""
    if isinstance(value, list):
        return [from_json(item) for item in cast("list[Json]", value)]
    if not isinstance(value, dict):
        return value
    structure = cast("dict[str, Json]", value)
    match list(structure.items()):
        case [("$datetime" | "$bytes" as kind, str(text))]:
            return _scalar(kind, text)
        case [("$mapping", list())]:
            pairs = cast("list[tuple[Json, Json]]", structure["$mapping"])
            return {from_json(key): from_json(item) for key, item in pairs}
        case [("$other", [str(name), str(text)])]:
            return _thing(name, text)
        case [(str(key), _)] if key.startswith("$"):
            raise ValueError(f"nothing is written as {key}")
        case _:
            return {key: from_json(item) for key, item in structure.items()}


def _scalar(kind: str, text: str) -> datetime | bytes:
    try:
        return datetime.fromisoformat(text) if kind == "$datetime" else base64.b64decode(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is written nowhere as {kind}") from None


def error_as_json(error: Exception) -> Json:
    """Return an exception as JSON: the names of its class and base classes, its text, and EC2's reply if any."""
    classes = [kind.__name__ for kind in type(error).__mro__[:-2]]
    whole: dict[str, Json] = {"classes": classes, "text": str(error)}
    if isinstance(error, ClientError):
        return whole | {"operation": str(error.operation_name), "response": as_json(error.response)}
    return whole


def error_from_json(value: Json) -> Exception:
    """Return an exception that reads like the original one; raises ValueError, KeyError or TypeError."""
    classes, text = [str(name) for name in value["classes"]], str(value["text"])
    if ClientError.__name__ in classes:
        error = ClientError({}, str(value["operation"]))
        error.response = from_json(value["response"])
        return error
    base = next((_KINDS[name] for name in classes if name in _KINDS), Exception)

    def says(_self: object) -> str:
        return text

    made: Exception = type(classes[0], (base,), {"__init__": _nothing, "__str__": says})()
    return made


def _thing(name: str, text: str) -> object:
    """Return an object of an unknown type with the original `repr`."""

    def shows(_self: object) -> str:
        return text

    made: object = type(name, (), {"__repr__": shows})()
    return made


def _nothing(_self: object) -> None:
    """Construct an exception without the arguments of its class."""
