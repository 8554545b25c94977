"""The values in a scenario file, each read and written by the one codec that knows its form."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, TypeAlias, TypeVar
from unicodedata import category

from ...model.requests import Attribute, Caller
from ...model.states import InstanceState, RootDevice, ShutdownBehavior
from ..scenario.names import CLIENT_TOKEN, DEVICE, INSTANCE_ID, NAME, is_volume
from ..scenario.steps import MAX_COUNT, All, Gone, IdRef, Malformed, Named, SingleId, Unknown
from .yaml_nodes import Listing, Mapping, Node, Scalar, node_kind, quoted, suggestion

Data: TypeAlias = "str | int | bool | list[Data] | dict[str, Data]"
"""What a file holds, as plain data that JSON can hold too."""

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_CONTROLS: Final = frozenset({"Cc", "Zl", "Zp"})
"""The categories of control characters and line breaks, which would garble a report."""
_MAX_NUMBER: Final = 999_999_999
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """Reads a value from a node (the second argument is its key, for messages) and writes it as data."""

    read: Callable[[Node, str], T]
    write: Callable[[T], Data]


def keys_of(node: Mapping, what: str, known: Collection[str], required: Iterable[str] = ()) -> dict[str, Node]:
    """The values of a mapping by their keys; raises `ScenarioError` for an unknown key, and for a missing one."""
    for key, _ in node.entries:
        if key.text not in known:
            raise key.error(f"{what} has no key {quoted(key.text)}; {suggestion(key.text, known)}")
    values = {key.text: value for key, value in node.entries}
    for key in required:
        if key not in values:
            raise node.error(f"{what} has no {key}; write {key}: and its value")
    return values


def _read_text(node: Node, key: str) -> str:
    if not isinstance(node, Scalar):
        raise node.error(f"{key} must be a text, not {node_kind(node)}; write a text")
    if node.plain and not node.text:
        raise node.error(f'{key} has no value; write a text ("" for the empty one)')
    return node.text


def _read_line(node: Node, key: str) -> str:
    text = _read_text(node, key)
    if not text.strip() or any(category(character) in _CONTROLS for character in text):
        raise node.error(f"{key} must be one line of text, not {quoted(text)}; write words")
    return text


def _read_boolean(node: Node, key: str) -> bool:
    if isinstance(node, Scalar) and node.plain and node.text.lower() in {"true", "false"}:
        return node.text.lower() == "true"
    raise node.error(f"{key} must be a flag, not {node_kind(node)}; write true or false without quotes")


def _number(at_most: int) -> Codec[int]:
    def read(node: Node, key: str) -> int:
        if isinstance(node, Scalar) and node.plain and _NUMBER.fullmatch(node.text) and int(node.text) <= at_most:
            return int(node.text)
        raise node.error(f"{key} must be a whole number from 1 to {at_most}, not {node_kind(node)}")

    return Codec(read, int)


def _matching(form: Callable[[str], object], what: str, example: str) -> Codec[str]:
    def read(node: Node, key: str) -> str:
        if isinstance(node, Scalar) and form(node.text):
            return node.text
        raise node.error(f"{key} must be {what}, not {node_kind(node)}; write one like {example}")

    return Codec(read, str)


def member_of(members: type[E]) -> Codec[E]:
    """Reads and writes a member of an enum by its value."""
    words = {str(member.value): member for member in members}

    def read(node: Node, key: str) -> E:
        if isinstance(node, Scalar) and node.text in words:
            return words[node.text]
        word = node.text if isinstance(node, Scalar) else ""
        raise node.error(f"{key} cannot be {node_kind(node)}; {suggestion(word, words)}")

    return Codec(read, lambda member: str(member.value))


def list_of(of: Codec[T], example: str) -> Codec[tuple[T, ...]]:
    """Reads and writes a list; one value without brackets is an error."""

    def read(node: Node, key: str) -> tuple[T, ...]:
        if not isinstance(node, Listing):
            word = node.text if isinstance(node, Scalar) else ""
            write = f"[{word}]" if re.fullmatch(r"[\w-]+", word) else example
            raise node.error(f"{key} must be a list, not {node_kind(node)}; write {write}")
        return tuple(of.read(item, f"each of {key}") for item in node.items)

    return Codec(read, lambda values: [of.write(value) for value in values])


def _read_id(node: Node, key: str) -> IdRef:
    if isinstance(node, Scalar):
        return Named(NAMED.read(node, key))
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        raise node.error(f"{key} must be an id, not {node_kind(node)}; write a name, or one of {_ID_FORMS}")
    ((form, value),) = node.entries
    match form.text:
        case "unknown" | "unknown-short":
            return Unknown(NUMBER.read(value, form.text), short=form.text == "unknown-short")
        case "gone":
            return Gone(NAMED.read(value, form.text))
        case "all":
            return All(NAMED.read(value, form.text))
        case "malformed":
            text = _read_text(value, form.text)
            if INSTANCE_ID.fullmatch(text):
                raise value.error(f"{quoted(text)} is a well-formed id; write {{unknown: 1}} for one never issued")
            return Malformed(text)
        case word:
            raise form.error(f"{quoted(word)} is not a form of id; {suggestion(word, _ID_KEYS)}")


def _read_single_id(node: Node, key: str) -> SingleId:
    reference = _read_id(node, key)
    if isinstance(reference, All):
        raise node.error(f"{key} must be one id, and {{all: {reference.name}}} may be several; write a name")
    return reference


def _write_id(reference: IdRef) -> Data:
    match reference:
        case Named(name):
            return name
        case Unknown(number, short):
            return {"unknown-short" if short else "unknown": number}
        case Malformed(text):
            return {"malformed": text}
        case Gone(name):
            return {"gone": name}
        case All(name):
            return {"all": name}


_ID_KEYS: Final = ("unknown", "unknown-short", "malformed", "gone", "all")
_ID_FORMS: Final = '{unknown: 1}, {unknown-short: 1}, {malformed: "foo"}, {gone: A}; in a list also {all: A}'

LINE: Final = Codec(_read_line, str)
BOOLEAN: Final = Codec(_read_boolean, bool)
NUMBER: Final = _number(_MAX_NUMBER)
COUNT: Final = _number(MAX_COUNT)
TOKEN: Final = _matching(CLIENT_TOKEN.fullmatch, "a client token (at most 27 letters, digits, - and _)", "t1")
NAMED: Final = _matching(NAME.fullmatch, "a name (a letter, then letters, digits, - and _)", "A or web-1")
DEVICE_NAME: Final = _matching(DEVICE.fullmatch, "a device", "/dev/sdf")
VOLUME: Final = _matching(is_volume, "a volume", "d, A.root or A./dev/sdf")
ID: Final[Codec[SingleId]] = Codec(_read_single_id, _write_id)
IDS: Final = list_of(Codec(_read_id, _write_id), "[A, B]")
VOLUMES: Final = list_of(VOLUME, "[A.root, d]")
ATTRIBUTE: Final = member_of(Attribute)
CALLER: Final = member_of(Caller)
ROOT_DEVICE: Final = member_of(RootDevice)
SHUTDOWN_BEHAVIOR: Final = member_of(ShutdownBehavior)
STATES: Final = list_of(member_of(InstanceState), "[running, stopped]")
ZONES: Final = list_of(NUMBER, "[1, 2]")
