"""Makes texts from a target safe to print."""

from typing import Final

LONGEST: Final = 2000
"""The most characters of one text in a report; the stream has all of them."""


def printable(text: str) -> str:
    """A text on one line in which every character is visible.

    Line breaks, control characters, bidirectional marks and blanks other than the space become escapes,
    so that a hostile name can neither move the cursor nor imitate another name.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def printable_lines(text: str) -> list[str]:
    """The `printable` lines of a program or a file, without blank lines at the end."""
    return [printable(line) for line in text.rstrip().split("\n")]


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text truncated to `longest` characters, with a note about its full length."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters in all)"


def brief(text: str, longest: int = LONGEST) -> str:
    """A text on one line, `printable` and `shortened`."""
    return printable(shortened(text, longest))


def count(number: int, noun: str) -> str:
    """A number with its noun, in singular or plural."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
