"""The pages of docs/: what stands between their fences, and in their tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = ROOT / "docs"

_FENCED: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_LINK: Final = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_HEADING: Final = re.compile(r"^#+ (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """What stands between two fences of a page."""

    page: str
    line: int
    """Of the first line between the fences, from 1."""
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def text_of(page: str) -> str:
    """Return the text of a page."""
    return (PAGES / page).read_text(encoding="utf-8")


def examples(page: str, language: str) -> list[Example]:
    """Return the examples of a page that are in a language, in order."""
    text = text_of(page)
    return [
        Example(page, text.count("\n", 0, found.start("text")) + 1, language, found["text"])
        for found in _FENCED.finditer(text)
        if found["language"] == language
    ]


def first_cells(page: str, head: str) -> list[str]:
    """Return the code in the first cells of the tables of a page whose first column has this head, without backticks.

    A cell with several pieces of code gives each of them.
    """
    return [code for line in _rows(text_of(page), head) for code in re.findall(r"`([^`]+)`", line.split("|")[1])]


def _rows(text: str, head: str) -> Iterator[str]:
    inside = False
    for line in text.splitlines():
        if line.startswith(f"| {head} |"):
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|-"):
            yield line


def links(text: str) -> list[tuple[str, str]]:
    """Return the files that a page links to, empty for the page itself, each with its section or an empty text."""
    return _LINK.findall(text)


def sections(text: str) -> set[str]:
    """Return the names by which links reach the headings of a page, as GitHub makes them."""
    plain = _FENCED.sub("", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(plain)}
