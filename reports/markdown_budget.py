"""What fits into a comment on GitHub, and the sentence about what does not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from .safe_text import count

MOST: Final = 60_000
"""Bytes: GitHub refuses a comment of more than 65,536 characters."""
_SPARE: Final = 1000
"""Bytes kept for the sentence about what was left out."""


@dataclass(slots=True)
class Budget:
    """The bytes that are left, and how much of what did not fit."""

    left: int = MOST - _SPARE
    out: dict[str, int] = field(default_factory=dict[str, int])

    def whole(self, text: str) -> str:
        """A text that must be there."""
        self.left -= len(text.encode()) + 2
        return text

    def fitting(self, lines: Iterable[str], what: str) -> list[str]:
        """As many of these as fit; the others are counted as `what`."""
        kept: list[str] = []
        for line in lines:
            size = len(line.encode()) + 2
            if size <= self.left:
                kept.append(line)
                self.left -= size
            else:
                self.out[what] = self.out.get(what, 0) + 1
        return kept

    def section(self, title: str, table: str, rows: Iterable[str], what: str) -> str:
        """A table below its title, or nothing where it has no rows."""
        rows = tuple(rows)
        if not rows:
            return ""
        start = self.whole("\n\n".join(part for part in (title, table) if part))
        return "\n".join((start, *self.fitting(rows, what)))

    def left_out(self, whole: str) -> str:
        """The sentence about what did not fit, if anything; `whole` says where all of it is."""
        if not self.out:
            return ""
        return f"Left out, so that it fits here: {', '.join(count(n, what) for what, n in self.out.items())}. {whole}"
