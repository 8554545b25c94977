"""The waiver file: TOML, read strictly, and extended without changing its content."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Final, cast

import tomlkit
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ...model.requests import Operation
from ...reports.os_reasons import os_reason
from ...strategies.files.yaml_nodes import quoted, suggestion
from ..diagnosis.defects import FINDING_ID
from ..user_input.toml_text import TomlError, tables_in, text_of
from .waivers import Waiver

_TABLE: Final = "waiver"
_FLAKY: Final = "flaky"
_KEYS: Final = tuple(field.name for field in fields(Waiver) if field.name != "flaky")
_REQUIRED: Final = ("finding", "target", "reason")
_EXAMPLES: Final = {
    "finding": '"f2:0123abcd"',
    "target": '"moto"',
    "reason": '"moto issue #123: …"',
    "versions": '">=5.2,<6"',
    "link": '"https://…"',
    "operations": '["StopInstances"]',
}


class WaiverError(Exception):
    """A waiver file that cannot be used: `FILE: waiver N: what was wrong, and what to write suggestion`."""

    def __init__(self, path: Path, where: str, message: str) -> None:
        super().__init__(path, where, message)
        self.path = path
        self.where = where
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}{self.where}: {self.message}"


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers in a file in order, flaky ones last; raises `WaiverError`."""
    return _parse(path, _read(path))


def add_waiver(path: Path, waiver: Waiver) -> None:
    """Append a waiver to a file, which is created if missing; the existing content does not change.

    Raises `WaiverError` if the file would not load with the waiver.
    """
    old = _read(path) if path.exists() else ""
    given = {key: _written(value) for key in _KEYS if (value := getattr(waiver, key)) is not None}
    table = tomlkit.dumps({_FLAKY if waiver.flaky else _TABLE: [given]})  # pyright: ignore[reportUnknownMemberType] — tomlkit leaves its dicts open
    gap = "" if not old else "\n" if old.endswith("\n") else "\n\n"
    added = gap + table
    if "\r\n" in old:
        added = added.replace("\n", "\r\n")
    _parse(path, old + added)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(added.encode())
    except OSError as error:
        raise WaiverError(path, "", f"cannot be written ({os_reason(error)}); name another file") from error


def _read(path: Path) -> str:
    try:
        return text_of(path)
    except OSError as error:
        raise WaiverError(path, "", f"cannot be read ({os_reason(error)}); name a waiver file") from error
    except TomlError as error:
        raise WaiverError(path, error.where, f"{error.what}; write the file in that encoding") from error


def _parse(path: Path, text: str) -> tuple[Waiver, ...]:
    try:
        data = tables_in(text)
    except TomlError as error:
        wrong = f"{error.what}; write a [[{_TABLE}]] table for each waiver"
        raise WaiverError(path, error.where, wrong) from error
    known = (_TABLE, _FLAKY)
    for key in data:
        if key not in known:
            raise WaiverError(
                path, "", f"{quoted(key)} is not a key of a waiver file; {suggestion(key, (_TABLE, _FLAKY))}"
            )
    waivers: dict[str, Waiver] = {}
    for kind in (_TABLE, _FLAKY):
        tables = data.get(kind, [])
        if not isinstance(tables, list):
            raise WaiverError(path, "", f"[{kind}] is one table, not a list of them; write [[{kind}]]")
        for number, table in enumerate(cast("list[object]", tables), 1):
            try:
                waivers[f"{kind} {number}"] = _waiver(table, kind, waivers)
            except _Wrong as error:
                raise WaiverError(path, f": {kind} {number}", str(error)) from error
    return tuple(waivers.values())


class _Wrong(Exception):
    """A problem of one waiver, and what to write instead."""


def _waiver(table: object, kind: str, before: Mapping[str, Waiver]) -> Waiver:
    """Read one table of a kind; `before` are the earlier waivers by label."""
    if not isinstance(table, dict):
        raise _Wrong(f"it is not a table; write [[{kind}]] and its keys on lines below")
    given = cast("dict[str, object]", table)
    for key in given:
        if key not in _KEYS:
            raise _Wrong(f"{quoted(key)} is not a key of a waiver; {suggestion(key, _KEYS)}")
    for key in _REQUIRED:
        if key not in given:
            raise _Wrong(f"it has no {key}; write {key} = {_EXAMPLES[key]}")
    texts = {key: _text(key, given[key]) for key in given if key not in ("expires", "operations")}
    waiver = Waiver(
        **texts,
        expires=_day(given["expires"]) if "expires" in given else None,
        operations=_operations(given["operations"]) if "operations" in given else None,
        flaky=kind == _FLAKY,
    )
    _check_finding(waiver.finding)
    _check_versions(waiver.versions)
    for name, other in before.items():
        if _overlap(waiver, other):
            raise _Wrong(f"{name} already covers {waiver.finding} on {quoted(waiver.target)}; delete one")
    return waiver


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"{key} must be a text in quotes; write {key} = {_EXAMPLES[key]}")
    if not value.strip():
        raise _Wrong(f"{key} is empty; write {key} = {_EXAMPLES[key]}")
    return value


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _Wrong("expires must be a day without quotes and without a time; write expires = 2027-01-31")
    return value


def _operations(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _Wrong(f"operations must be a list of names; write operations = {_EXAMPLES['operations']}")
    names = [operation.value for operation in Operation]
    for name in cast("list[object]", value):
        if name not in names:
            raise _Wrong(f"operations: {quoted(str(name))} is not an operation; {suggestion(str(name), names)}")
    return tuple(cast("list[str]", value))


def _written(value: object) -> object:
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def _check_finding(finding: str) -> None:
    if not FINDING_ID.fullmatch(finding):
        as_file = finding.removesuffix(".yaml").replace("-", ":", 1)
        right = as_file if FINDING_ID.fullmatch(as_file) else "its id, such as f2:0123abcd"
        raise _Wrong(f"{quoted(finding)} is not a finding; write {right}")


def _check_versions(versions: str | None) -> None:
    try:
        SpecifierSet(versions or "")
    except InvalidSpecifier as error:
        raise _Wrong(f"{quoted(versions or '')} is not a range of versions; write {_EXAMPLES['versions']}") from error


def _overlap(one: Waiver, other: Waiver) -> bool:
    """Whether two waivers may cover the same finding of the same version."""
    same = (one.finding, one.target) == (other.finding, other.target)
    return same and (one.versions == other.versions or None in (one.versions, other.versions))
