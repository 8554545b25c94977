"""Escapes texts for GitHub's Markdown, so that every character is shown literally."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from .safe_text import brief, printable

LONGEST: Final = 400
"""The most characters of one text."""

_MARKS: Final = re.compile(
    r"""[\\`*_{}\[\]<>|~&$#]    # signs of Markdown, of HTML, of GitHub's mathematics
    | [@:](?=\S) | (?<=www)\.   # mentions, addresses, pictures
    | ^[-+=] | ^\d(?=\d*[.)](?:\s|$))   # what begins a list, or underlines a heading
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CALLS: Final = "@#:"
"""What GitHub turns into mentions, issue links and emoji even if written as an entity."""
_QUIET: Final = "<!-- -->"
"""An empty comment after such a mark prevents that."""


def prose(text: str) -> str:
    """A text for a line or a cell, with all markup characters as entities."""
    return _MARKS.sub(_entity, brief(text, LONGEST))


def code(text: str) -> str:
    """A text as code in a line or a cell."""
    shown = brief(text, LONGEST)
    if not shown.strip():
        return ""
    if re.search(r"[`|\\]", shown):
        return f"<code>{''.join(c if c.isalnum() or c == ' ' else f'&#{ord(c)};' for c in shown)}</code>"
    return f"`{shown.strip()}`"


def linked(address: str) -> str:
    """An address as the target of a link: what could end it is percent-encoded."""
    return quote(address, safe=":/?#&=%@+,;~!*-._")


def fenced(lines: Iterable[str], language: str = "") -> str:
    """Lines as a fenced code block, whatever they contain."""
    shown = [printable(line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((fence + language, *shown, fence))


def folded(summary: str, body: str) -> str:
    """A collapsible section; both arguments are Markdown."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def row(cells: Iterable[str]) -> str:
    """A row of a table; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def head(*names: str) -> str:
    """The first two rows of a table."""
    return f"{row(names)}\n{row('---' for _ in names)}"


def _entity(found: re.Match[str]) -> str:
    mark = found[0]
    followed = found.end() < len(found.string) and not found.string[found.end()].isspace()
    return f"&#{ord(mark)};" + (_QUIET if mark in _CALLS and followed else "")
