"""Texts of a target, made safe to show."""

from typing import Final

LONGEST: Final = 2000
"""Characters of one text of a target that a report shows; all of them are in the stream."""


def printable(text: str) -> str:
    """A text on one line whose every character can be seen.

    Line breaks, control characters, marks that turn the direction of writing, and blanks other than the space
    are written as escapes; so a hostile name can neither move the cursor nor look like another name.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def printable_lines(text: str) -> list[str]:
    """The lines of a program or a file, each `printable`; blank lines at the end are left out."""
    return [printable(line) for line in text.rstrip().split("\n")]


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text of any length, cut where it is longer than anyone reads; it says so, and how long it is."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters in all)"


def brief(text: str, longest: int = LONGEST) -> str:
    """A text on one line, `printable` and `shortened`."""
    return printable(shortened(text, longest))


def count(number: int, noun: str) -> str:
    """A number with what it counts."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
