"""The size budget of a GitHub comment, and the sentence about what was omitted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from .safe_text import count

MOST: Final = 60_000
"""Bytes: GitHub refuses a comment of more than 65,536 characters."""
_SPARE: Final = 1000
"""Bytes reserved for the sentence about what was omitted."""


@dataclass(slots=True)
class Budget:
    """The remaining bytes, and the number of omitted items by kind."""

    left: int = MOST - _SPARE
    omitted: dict[str, int] = field(default_factory=dict[str, int])

    def required(self, text: str) -> str:
        """Count a text that must be included, and return it."""
        self.left -= len(text.encode()) + 2
        return text

    def add_fitting(self, lines: Iterable[str], what: str) -> list[str]:
        """Return as many lines as fit, and count the others as omitted `what`."""
        kept: list[str] = []
        for line in lines:
            size = len(line.encode()) + 2
            if size <= self.left:
                kept.append(line)
                self.left -= size
            else:
                self.omitted[what] = self.omitted.get(what, 0) + 1
        return kept

    def section(self, title: str, table: str, rows: Iterable[str], what: str) -> str:
        """A table below its title, or nothing if it has no rows."""
        rows = tuple(rows)
        if not rows:
            return ""
        start = self.required("\n\n".join(part for part in (title, table) if part))
        return "\n".join((start, *self.add_fitting(rows, what)))

    def omission_note(self, where: str) -> str:
        """The sentence about what was omitted, if anything; `where` says where to find it."""
        if not self.omitted:
            return ""
        return (
            f"Left out, so that it fits here: {', '.join(count(n, what) for what, n in self.omitted.items())}. {where}"
        )
