"""Reads TOML files of users, and locates syntax errors."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import ParseError

from ...reports.os_reasons import os_reason
from ...strategies.files.yaml_nodes import quoted

BOM: Final = "\ufeff"


class TomlError(Exception):
    """What is wrong with a text, and where: a colon and the line, or empty if unknown."""

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
    """Return the tables of a TOML text; raises `TomlError`."""
    try:
        return tomllib.loads(text.removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        lines = text.removeprefix(BOM).splitlines()
        number = _wrong_line(text.removeprefix(BOM))
        if number is None or not lines:
            raise TomlError("", "this is not TOML (a key or a value in it cannot be read)") from error
        number = min(number, len(lines))
        raise TomlError(
            f":{number}", f"this is not TOML ({quoted(lines[number - 1].strip())} cannot be read)"
        ) from error


def _wrong_line(text: str) -> int | None:
    """Return the line of a text that cannot be read.

    `tomllib` has it in its message only (before Python 3.14), and tomlkit, which takes much longer, as a number.
    """
    try:
        tomlkit.parse(text)
    except ParseError as error:
        return error.line
    except (ValueError, RecursionError):
        pass
    return None


def tables_of(path: Path, kind: str, wrong: Callable[[str], Exception]) -> tuple[str, dict[str, Any]]:
    """Return the text of a TOML file and its tables; raises `wrong` with a sentence that names the `kind` of file."""
    try:
        text = text_of(path)
    except OSError as error:
        raise wrong(f"{path} cannot be read ({os_reason(error)}); name a {kind} file.") from error
    except TomlError as error:
        raise wrong(f"{path}{error.where}: {error.what}; write the file in that encoding.") from error
    try:
        return text, tables_in(text)
    except TomlError as error:
        raise wrong(f"{path}{error.where}: {error.what}.") from error


def where_of(path: Path, text: str, key: str) -> str:
    """Return the place of a key in the text of a TOML file: the file, and the line if it can be found."""
    lines = text.removeprefix(BOM).splitlines()
    at = next((n for n, line in enumerate(lines, 1) if re.match(rf'\s*\[*"?{re.escape(key)}"?\s*[\]=]', line)), None)
    return f"{path}:{at}" if at else f"{path}"
