"""TOML files as users write them, with the place of what is no TOML."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

BOM: Final = "\ufeff"
_LINE: Final = re.compile(r"line (\d+)")


class TomlError(Exception):
    """What is wrong with a text, and where: a colon and the line, or nothing where nobody can tell."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where = where
        self.what = what


def text_of(path: Path) -> str:
    """Return the text of a file; raises OSError and `TomlError`."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TomlError(f":{line}", "a byte is not UTF-8") from error


def tables_in(text: str) -> dict[str, Any]:
    """Return what a text says; raises `TomlError`."""
    try:
        return tomllib.loads(text.removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        message, _, place = str(error).partition(" (at ")
        line = _LINE.match(place)
        where = f":{line[1] if line else len(text.splitlines())}" if place else ""
        raise TomlError(where, f"this is not TOML ({message[:1].lower()}{message[1:]})") from error
