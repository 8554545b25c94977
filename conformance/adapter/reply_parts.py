"""Reads the parts of a reply, and checks the type of each.

A part that is missing or has a wrong type raises `WrongPart`, which says what is wrong where.
Where EC2 may leave out a text, list or structure, an absent one counts as empty; no fact distinguishes them.
In each function, `what` describes the structure that the part belongs to.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

Reply: TypeAlias = Mapping[str, Any]
"""A structure as boto3 gives it."""

NOTHING: Final[Reply] = {}

_STRUCTURES: Final = (dict, Mapping)
"""`dict` comes first: most are dictionaries, and that check takes a tenth of the time."""

_LONGEST: Final = 60


class WrongPart(Exception):
    """A part of a reply is missing or has a wrong type; the message is the end of a sentence.

    `path` is the place of the part in the reply, in boto3's names; empty if the reply as a whole is wrong.
    """

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path

    def put_within(self, place: str) -> None:
        """Put a place before the path."""
        self.path = ".".join(filter(None, (place, self.path)))


class within:  # noqa: N801 - it is used as a function; `contextmanager` takes longer, which counts for each part
    """Puts a place before the paths of the wrong parts that are found inside it."""

    __slots__ = ("_place",)

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, wrong: BaseException | None, trace: object, /) -> None:
        if isinstance(wrong, WrongPart):
            wrong.put_within(self._place)


def structure(value: object, what: str) -> Reply:
    """Return the value, which must be a structure."""
    if isinstance(value, _STRUCTURES):
        return cast("Reply", value)
    raise WrongPart(f"{what} is {shown(value)}, not a structure")


def structure_or_nothing(value: object) -> Reply:
    """Return the value if it is a structure, else an empty one; for error replies, which are read leniently."""
    return cast("Reply", value) if isinstance(value, Mapping) else NOTHING


def part(whole: Reply, key: str, what: str) -> Reply:
    """Return a structure in a structure."""
    value = whole.get(key)
    if value is None or isinstance(value, _STRUCTURES):
        return NOTHING if value is None else cast("Reply", value)
    raise WrongPart(f"{key} of {what} is {shown(value)}, not a structure", key)


def items(whole: Reply, key: str, what: str) -> Sequence[Reply]:
    """Return a list of structures."""
    value = whole.get(key)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise WrongPart(f"{key} of {what} is {shown(value)}, not a list", key)
    for item in cast("Sequence[object]", value):
        if not isinstance(item, _STRUCTURES):
            raise WrongPart(f"an item in {key} of {what} is {shown(item)}, not a structure", key)
    return cast("Sequence[Reply]", value)


def required_items(whole: Reply, key: str, what: str) -> Sequence[Reply]:
    """Return a list of structures that must be there; it may be empty."""
    if whole.get(key) is None:
        raise WrongPart(f"{what} has no {key}", key)
    return items(whole, key, what)


def text(whole: Reply, key: str, what: str) -> str:
    """Return a text."""
    value = whole.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise WrongPart(f"{key} of {what} is {shown(value)}, not a text", key)


def required(whole: Reply, key: str, what: str) -> str:
    """Return a text that must be there."""
    value = text(whole, key, what)
    if value:
        return value
    raise WrongPart(f"{what} has no {key}", key)


def one_of(known: Collection[str], whole: Reply, key: str, what: str) -> str:
    """Return a text that must be there, and must be a known one."""
    value = required(whole, key, what)
    if value in known:
        return value
    raise WrongPart(f"{key} of {what} is {shown(value)}, not one of {', '.join(known)}", key)


def flag(whole: Reply, key: str, what: str) -> bool | None:
    """Return true or false, or None if it is absent."""
    value = whole.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise WrongPart(f"{key} of {what} is {shown(value)}, neither true nor false", key)


def required_flag(whole: Reply, key: str, what: str) -> bool:
    """Return true or false; one of them must be there."""
    value = flag(whole, key, what)
    if value is None:
        raise WrongPart(f"{what} has no {key}", key)
    return value


def number(whole: Reply, key: str, what: str) -> int:
    """Return a whole number that must be there."""
    value = whole.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    problem = f"{what} has no {key}" if value is None else f"{key} of {what} is {shown(value)}, not a number"
    raise WrongPart(problem, key)


def shown(value: object) -> str:
    """Quote a value of any type, shortened; its own `repr` may fail."""
    try:
        quoted = repr(value)
    except Exception:  # noqa: BLE001 - a client may put anything into its replies
        quoted = f"a {type(value).__name__}"
    return quoted if len(quoted) <= _LONGEST else f"{quoted[:_LONGEST]}…"
