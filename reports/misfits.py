"""What is wrong with JSON that does not fit a type: the place, what has to be there, and what is there.

msgspec finds out whether a value fits, and is fast. Its words for what does not fit change from release to release,
so they are neither shown nor read: once it has refused a value, the place is looked for here, part by part.
"""

import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, is_dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Final, Literal, NoReturn, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from .safe_text import printable, shortened

_SHOWN: Final = 40
_MOST_WORDS: Final = 12
_SAME: Final = "it is not as this version writes it"
_WORDS: Final[Mapping[Any, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    bytes: "bytes in base64",
    types.NoneType: "null",
    datetime: "a date and a time",
    date: "a date",
    list: "a list",
    dict: "an object",
}


def mistake_in(text: bytes, kind: Any) -> str:  # noqa: ANN401 - any type that msgspec knows
    """Return what is wrong with a JSON text that msgspec does not take for a value of a type."""
    try:
        data = json.loads(text.decode(), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} is not UTF-8"
    except json.JSONDecodeError as error:
        return f"it is not JSON from character {error.pos + 1} on"
    except RecursionError:
        return "it is nested too deeply"
    except ValueError:  # a number that no JSON has, or one with more digits than Python reads
        return "it has a number that cannot be read"
    return misfit(data, kind)


def misfit(data: object, kind: Any) -> str:  # noqa: ANN401 - as above
    """Return which part of a value, as `json` reads it, does not fit a type."""
    try:
        return _misfit(data, kind, "") or _SAME
    except RecursionError:
        return "it is nested too deeply"


def place_of_misfit(data: Mapping[str, object], kind: type[msgspec.Struct]) -> str:
    """Return the key of the first value that does not fit its field of a Struct, or an empty text."""
    fields = msgspec.structs.fields(kind)
    return next((f.encode_name for f in fields if f.encode_name in data and not _fits(data[f.encode_name], f.type)), "")


def _misfit(value: object, kind: Any, place: str) -> str | None:  # noqa: ANN401
    if _fits(value, kind):
        return None
    bare = _bare(kind, value)
    for name, part, part_kind in _parts(value, bare):
        found = _misfit(part, part_kind, _key(place, name))
        if found:
            return found
    if isinstance(value, dict):
        known = cast("dict[str, object]", value)
        lacks = [name for name, required, _ in _fields(bare) if required and name not in known]
        if lacks:
            return f"{_key(place, lacks[0])} is missing"
    return _misfit_itself(cast("object", value), kind, bare, place)


def _misfit_itself(value: object, kind: Any, bare: Any, place: str) -> str:  # noqa: ANN401
    """Return what of a value does not fit where its parts do."""
    match value:
        case dict() if tagged := _tags(bare):
            key = str(tagged[0].tag_field)
            words = ", ".join(str(config.tag) for config in tagged)
            return f"{_key(place, key)} must be one of {words}, not {_shown(cast('dict[str, object]', value).get(key))}"
        case list() if get_origin(bare) is tuple and ... not in get_args(bare):
            items = cast("list[object]", value)
            return f"{place or 'it'} must be a list of {len(get_args(bare))}, not of {len(items)}"
        case _:
            pass
    if _fits(value, bare):  # so that only a bound, a length or a pattern stands against it
        bounds = " and ".join(_bounds(kind))
        return f"{place or 'it'} " + (f"must be {bounds}, not " if bounds else "cannot be ") + _shown(value)
    return f"{place or 'it'} must be {_wanted(bare)}, not {_shown(value)}"


def _fits(value: object, kind: Any) -> bool:  # noqa: ANN401
    try:
        msgspec.convert(value, kind)
    except ValueError:  # msgspec's own, and what the makers of a value raise
        return False
    return True


def _bounds(kind: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield in words how small and how large a number of an annotated type may be."""
    for meta in get_args(kind)[1:] if get_origin(kind) is Annotated else ():
        for name, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than")):
            if (bound := getattr(meta, name, None)) is not None:
                yield f"{words} {bound:,.15g}"


def _bare(kind: Any, value: object) -> Any:  # noqa: ANN401
    """Return a type without its bounds; of several, the one that a value seems to be meant for."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif hasattr(kind, "__supertype__"):  # typing.NewType
            kind = kind.__supertype__
        elif get_origin(kind) in (Union, types.UnionType):
            members = [one for one in get_args(kind) if one is not types.NoneType]
            meant = members if len(members) == 1 else [one for one in members if _is_tagged(one, value)]
            if len(meant) != 1 or value is None:
                return kind
            kind = meant[0]
        else:
            return kind


def _tags(kind: Any) -> list[Any]:  # noqa: ANN401
    """Return the settings of the tagged Structs that a type accepts."""
    members = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else ()
    return [one.__struct_config__ for one in members if getattr(one, "__struct_config__", None)]


def _is_tagged(kind: Any, value: object) -> bool:  # noqa: ANN401
    config = getattr(kind, "__struct_config__", None)
    if config is None or not isinstance(value, dict):
        return False
    return cast("dict[str, object]", value).get(config.tag_field) == config.tag


def _fields(kind: Any) -> Iterator[tuple[str, bool, Any]]:  # noqa: ANN401
    """Yield the fields of a record: the key in JSON, whether it must be there, and the type."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield field.encode_name, field.required, field.type
    elif isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        for each in dataclass_fields(kind):
            yield each.name, each.default is MISSING and each.default_factory is MISSING, hints[each.name]


def _parts(value: object, kind: Any) -> Iterator[tuple[str, object, Any]]:  # noqa: ANN401
    """Yield the parts of a value that a type says something of: how each is called, the part, and its type."""
    if isinstance(value, dict):
        given = cast("dict[str, object]", value)
        yield from ((name, given[name], part) for name, _, part in _fields(kind) if name in given)
        if len(arguments := get_args(kind)) == 2 and _is_mapping(kind):  # noqa: PLR2004 - keys and values
            yield from ((key, part, arguments[1]) for key, part in given.items())
    elif isinstance(value, list):
        items = cast("list[object]", value)
        arguments = get_args(kind)
        if get_origin(kind) is tuple and arguments[-1:] != (...,):
            yield from ((f"[{n}]", part, one) for n, (part, one) in enumerate(zip(items, arguments, strict=False)))
        elif arguments and not _is_mapping(kind):
            yield from ((f"[{n}]", part, arguments[0]) for n, part in enumerate(items))


def _is_mapping(kind: Any) -> bool:  # noqa: ANN401
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _key(place: str, name: str) -> str:
    """Return the place of a part, on one line whatever its key is."""
    named = printable(shortened(name, _SHOWN))
    return f"{place}{named}" if named.startswith("[") else f"{place}.{named}".removeprefix(".")


def _wanted(kind: Any) -> str:  # noqa: ANN401
    """Return in words what a type takes."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_wanted(_bare(one, None)) for one in get_args(kind)))
    words: list[object] = []
    if origin is Literal:
        words = list(get_args(kind))
    elif isinstance(kind, type) and issubclass(kind, Enum):
        words = [one.value for one in kind]
    if words:
        return f"one of {', '.join(map(str, words))}" if len(words) <= _MOST_WORDS else "a word that this version knows"
    if _is_mapping(kind) or any(True for _ in _fields(kind)):
        return _WORDS[dict]
    return _WORDS.get(origin or kind, _WORDS[list])


def _shown(value: object) -> str:
    """Return a value as the text has it, where that is short."""
    match value:
        case dict():
            return _WORDS[dict]
        case list():
            return _WORDS[list]
        case _:
            return printable(shortened(json.dumps(value, ensure_ascii=False), _SHOWN))


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
