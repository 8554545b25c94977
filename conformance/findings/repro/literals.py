"""How the values and the calls of a program are written."""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from textwrap import indent
from typing import Final, Self, cast

from ....strategies.scenario.steps import Unknown
from ...adapter.arguments import Arguments

WIDTH: Final = 100
_IN_A_ROW: Final = 4
"""So many ids of a list are written together, where they can be."""
BY_NAME: Final = 20
"""With more instances or ids than this the program counts states instead of listing them."""


class Code(str):
    """A piece of the program in the place of a value: a variable, or an expression."""

    __slots__ = ()


class Member(Code):
    """One of a numbered family; `together(first, after)` is the list of those from one number to before another."""

    __slots__ = ("number", "together")

    def __new__(cls, text: str, number: int, together: Callable[[int, int], str]) -> Self:
        """Return the piece `text`, of that number."""
        member = super().__new__(cls, text)
        member.number = number
        member.together = together
        return member

    number: int
    together: Callable[[int, int], str]


def written(value: object) -> str:
    """Write a value as Python has it."""
    match value:
        case Code():
            return value
        case str():
            return f'"{value}"' if value.isprintable() and not {'"', "\\"} & {*value} else repr(value)
        case dict():
            items = cast("dict[str, object]", value).items()
            return "{" + ", ".join(f"{written(key)}: {written(item)}" for key, item in items) + "}"
        case list():
            return _list_written(cast("list[object]", value))
        case _:
            return repr(value)


def _list_written(values: Sequence[object]) -> str:
    parts: list[str] = []
    while values:
        part, length = _together(values)
        parts.append(part)
        values = values[length:]
    if len(parts) == 1 and parts[0].startswith("*"):
        return parts[0][1:]
    return f"[{', '.join(parts)}]"


def _together(values: Sequence[object]) -> tuple[str, int]:
    """Write as many values from the beginning of a list as go together; return how many they are as well."""
    first = values[0]
    same = _length(value == first for value in values)
    if same >= _IN_A_ROW:
        return f"*[{written(first)}] * {same}", same
    if isinstance(first, Member):
        row = _length(
            isinstance(value, Member) and value.together == first.together and value.number == number
            for number, value in enumerate(values, first.number)
        )
        if row >= _IN_A_ROW:
            return f"*{first.together(first.number, first.number + row)}", row
    return written(first), 1


def _length(belongs: Iterable[bool]) -> int:
    return sum(takewhile(bool, belongs))


def named(arguments: Arguments) -> list[str]:
    """Write keyword arguments, a part of a call each."""
    return [f"{key}={folded(value)}" for key, value in arguments.items()]


def folded(value: object) -> str:
    """Write a value; a list that is too long for a line has one for each item."""
    text = written(value)
    if len(text) < WIDTH - 25 or not isinstance(value, list):
        return text
    items = cast("list[object]", value)
    return text if len(items) > BY_NAME else "[\n" + "".join(f"    {written(item)},\n" for item in items) + "]"


def call(start: str, *parts: str) -> list[str]:
    """Write a call that starts so, on one line if it fits."""
    line = f"{start}({', '.join(parts)})"
    if len(line) <= WIDTH and "\n" not in line:
        return [line]
    return [f"{start}(", *indent(",\n".join(parts) + ",", "    ").split("\n"), ")"]


def unknown(reference: Unknown) -> Member:
    """Return a well-formed id that nobody will have issued."""
    number = reference.number
    if reference.short:
        return Member(f'"i-{0xBAD00000 + number:08x}"', number, _short_unknowns)
    return Member(f'"i-0bad{number:013x}"', number, _unknowns)


def _short_unknowns(first: int, after: int) -> str:
    return f'[f"i-{{0xBAD00000 + n:08x}}" for n in range({first}, {after})]'


def _unknowns(first: int, after: int) -> str:
    return f'[f"i-0bad{{n:013x}}" for n in range({first}, {after})]'
