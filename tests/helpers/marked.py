"""Parts of a page that a nox session writes, each between two comments that name it."""

from collections.abc import Callable, Mapping
from pathlib import Path


def marks(session: str, part: str) -> tuple[str, str]:
    """Return what stands before and after a part."""
    return f"<!-- {part}: written by `nox -s {session}` -->\n", f"<!-- end of {part} -->\n"


def written(page: Path, session: str, part: str) -> str:
    """Return a part as it stands in the page."""
    begin, end = marks(session, part)
    _, begun, rest = page.read_text(encoding="utf-8").partition(begin)
    there, ended, _ = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"{page.name} has no {begin.strip()} with {end.strip()} after it")
    return there


def write_parts(page: Path, session: str, parts: Mapping[str, Callable[[], str]]) -> None:
    """Write the parts into the page."""
    for part, made in parts.items():
        begin, end = marks(session, part)
        text = page.read_text(encoding="utf-8")
        page.write_text(
            text.replace(begin + written(page, session, part) + end, begin + made() + end), encoding="utf-8"
        )
