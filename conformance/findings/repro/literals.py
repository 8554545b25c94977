"""Writes the values and calls of a program."""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from textwrap import indent
from typing import Final, Self, cast

from ....strategies.scenario.steps import Unknown
from ...adapter.arguments import Arguments

WIDTH: Final = 100
_IN_A_ROW: Final = 4
"""The least run of ids in a list that is written as an expression."""
BY_NAME: Final = 20
"""The most instances or ids for which the program lists states; above, it counts them."""


class Code(str):
    """A piece of code instead of a value: a variable or an expression."""

    __slots__ = ()


class Member(Code):
    """One of a numbered family; `together(first, after)` is the list of the numbers from `first` up to `after`."""

    __slots__ = ("number", "together")

    def __new__(cls, text: str, number: int, together: Callable[[int, int], str]) -> Self:
        """Return the piece `text`, of that number."""
        member = super().__new__(cls, text)
        member.number = number
        member.together = together
        return member

    number: int
    together: Callable[[int, int], str]


class Token(Code):
    """The expression of a client token: one that is new in each run of the program, with a `suffix` of its own."""

    __slots__ = ("suffix",)

    def __new__(cls, suffix: str) -> Self:
        """Return the token with a suffix."""
        token = super().__new__(cls, f'token + "-{suffix}"')
        token.suffix = suffix
        return token

    suffix: str


def as_literal(value: object) -> str:
    """Write a value as a Python literal."""
    match value:
        case Code():
            return value
        case str():
            return f'"{value}"' if value.isprintable() and not {'"', "\\"} & {*value} else repr(value)
        case dict():
            items = cast("dict[str, object]", value).items()
            return "{" + ", ".join(f"{as_literal(key)}: {as_literal(item)}" for key, item in items) + "}"
        case list():
            return _list_literal(cast("list[object]", value))
        case _:
            return repr(value)


def _list_literal(values: Sequence[object]) -> str:
    parts: list[str] = []
    while values:
        part, length = _together(values)
        parts.append(part)
        values = values[length:]
    if len(parts) == 1 and parts[0].startswith("*"):
        return parts[0][1:]
    return f"[{', '.join(parts)}]"


def _together(values: Sequence[object]) -> tuple[str, int]:
    """Write the longest run of related values at the start of a list; return the code and the length."""
    first = values[0]
    same = _length(value == first for value in values)
    if same >= _IN_A_ROW:
        return f"*[{as_literal(first)}] * {same}", same
    if isinstance(first, Member):
        row = _length(
            isinstance(value, Member) and value.together == first.together and value.number == number
            for number, value in enumerate(values, first.number)
        )
        if row >= _IN_A_ROW:
            return f"*{first.together(first.number, first.number + row)}", row
    return as_literal(first), 1


def _length(belongs: Iterable[bool]) -> int:
    return sum(takewhile(bool, belongs))


def keyword_arguments(arguments: Arguments) -> list[str]:
    """Write keyword arguments, one text each."""
    return [f"{key}={folded_literal(value)}" for key, value in arguments.items()]


def folded_literal(value: object) -> str:
    """Write a value; a list that is too long for one line has one item per line."""
    text = as_literal(value)
    if len(text) < WIDTH - 25 or not isinstance(value, list):
        return text
    items = cast("list[object]", value)
    return text if len(items) > BY_NAME else "[\n" + "".join(f"    {as_literal(item)},\n" for item in items) + "]"


def call_lines(start: str, *parts: str) -> list[str]:
    """Write a call that begins with `start`, on one line if it fits."""
    line = f"{start}({', '.join(parts)})"
    if len(line) <= WIDTH and "\n" not in line:
        return [line]
    return [f"{start}(", *indent(",\n".join(parts) + ",", "    ").split("\n"), ")"]


def unknown(reference: Unknown) -> Member:
    """Return a well-formed id that EC2 has not issued."""
    number = reference.number
    if reference.short:
        return Member(f'"i-{0xBAD00000 + number:08x}"', number, _short_unknowns)
    return Member(f'"i-0bad{number:013x}"', number, _unknowns)


def _short_unknowns(first: int, after: int) -> str:
    return f'[f"i-{{0xBAD00000 + n:08x}}" for n in range({first}, {after})]'


def _unknowns(first: int, after: int) -> str:
    return f'[f"i-0bad{{n:013x}}" for n in range({first}, {after})]'
