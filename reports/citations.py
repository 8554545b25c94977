"""The sources of a promise, as every view shows them: an address that opens, or what a kept recording says."""

from collections.abc import Sequence
from typing import Final

from .events import SourceInfo

FEW: Final = 4
"""So many sources of a finding are shown, the best ones first; `explain` lists the rest."""


def address(source: SourceInfo) -> str:
    """Return the address of a source, empty where a view must not link to it: a stream may be anybody's."""
    return (
        source.url if source.url.startswith("https://") and source.url.isprintable() and " " not in source.url else ""
    )


def lines(sources: Sequence[SourceInfo], most: int = FEW) -> list[str]:
    """Return the first sources in words, and how many more there are."""
    told = [_line(source) for source in sources[:most]]
    left = len(sources) - len(told)
    return [*told, *([f"and {left} more"] if left > 0 else [])]


def _line(source: SourceInfo) -> str:
    return ": ".join(filter(None, (source.label, source.says or source.url)))
