"""Reads the plan file of a campaign: its targets with how to start them, its seeds and its tiers."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias, cast

import msgspec

from ...reports.misfits import place_of_misfit
from ...strategies.files.yaml_nodes import suggestion
from ..adapter.target import UnknownTarget
from ..targets.resolve import check, is_live
from ..user_input.durations import SECONDS
from ..user_input.toml_text import BOM, tables_of

PORT: Final = "{port}"
"""In a plan file, the free port of an emulator that the campaign starts."""
TIERS: Final = ("smoke", "covering", "full")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)([smh])")
_ENDPOINT: Final = "endpoint:http://127.0.0.1:{port}"
_TARGET: Final = "target"
_WANTED: Final = {
    "seeds": "a number of seeds, or a list such as [0, 1, 2]",
    "tiers": f"a list of {', '.join(TIERS)}, in quotes",
    "max-calls": "a whole number above 0",
    "hang-after": 'a time such as "60s"',
    "output": "a folder in quotes",
    _TARGET: "a [[target]] table for each target",
    "name": "letters, digits, dots and dashes, in quotes",
    "start": 'a list of words in quotes, such as ["moto_server", "-p", "{port}"]',
    "environment": 'a table of texts, such as { PORT = "{port}" }',
    "waivers": "a file in quotes",
}
"""The expected value of each key, in words."""

_Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
_Seed: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
_Seeds: TypeAlias = Annotated[tuple[_Seed, ...], msgspec.Meta(min_length=1)]


class PlanError(Exception):
    """The plan file cannot be used: where, what was wrong, and what to write instead."""


class TargetEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A target of a plan, as the file has it."""

    target: _Text
    """What `run` takes; `{port}` in it is the port of the started emulator."""
    name: str = ""
    """How reports call it; empty means as the target."""
    start: tuple[_Text, ...] = ()
    """The command that starts the emulator; it must keep running."""
    environment: dict[str, str] = {}
    """What the command has in its environment, besides what the campaign has."""
    waivers: str = ""
    """The file of known findings, from the folder of the plan."""

    @property
    def label(self) -> str:
        """The name in reports."""
        return self.name or self.target


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The keys of the file."""

    target: Annotated[tuple[TargetEntry, ...], msgspec.Meta(min_length=1)]
    seeds: _Count | _Seeds = (0,)
    tiers: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("full",)
    max_calls: _Count | None = None
    hang_after: Annotated[str, msgspec.Meta(pattern=rf"^{_DURATION.pattern}$")] = "60s"
    output: _Text = "campaigns"


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What a campaign runs, and where it stores what came of it."""

    targets: tuple[TargetEntry, ...]
    seeds: tuple[int, ...]
    tiers: tuple[str, ...]
    max_calls: int | None
    hang_after: float
    output: Path


KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(_File))
"""The keys of a plan file."""
TARGET_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(TargetEntry))
"""The keys of a target in it."""


def load_plan(path: Path) -> CampaignPlan:
    """Return the plan in a file; raises `PlanError`."""
    text, data = tables_of(path, "plan", PlanError)
    return _Reader(path, text.removeprefix(BOM).splitlines()).plan(data)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the tables of a file, and knows where each key stands."""

    path: Path
    lines: list[str]

    def plan(self, data: Mapping[str, Any]) -> CampaignPlan:
        """Return the plan; raises `PlanError`."""
        for key in data:
            if key not in KEYS:
                raise self._wrong(key, f"{key} is not a key of a plan file; {suggestion(key, KEYS)}")
        if _TARGET not in data:
            raise PlanError(f"{self.path}: there is no target; write a [[target]] table for each.")
        for number, table in enumerate(self._tables(data[_TARGET])):
            self._check_keys(table, number)
        try:
            file = msgspec.convert(data, _File)
        except msgspec.ValidationError as error:
            raise self._misfit(place_of_misfit(data, _File)) from error
        self._check(file)
        seeds = file.seeds if isinstance(file.seeds, tuple) else tuple(range(file.seeds))
        return CampaignPlan(
            file.target,
            seeds,
            file.tiers,
            file.max_calls,
            _seconds(file.hang_after),
            self.path.parent / file.output,
        )

    def _check(self, file: _File) -> None:
        """Raise `PlanError` for what the types of the keys do not say."""
        for tier in file.tiers:
            if tier not in TIERS:
                raise self._wrong("tiers", f'there is no tier "{tier}"; write {_WANTED["tiers"]}')
        for key, values in (("tiers", file.tiers), ("seeds", file.seeds)):
            if isinstance(values, tuple) and (twice := _twice(map(str, values))) is not None:
                raise self._wrong(key, f"{key} has {twice} more than once; write each once")
        if _seconds(file.hang_after) <= 0:
            raise self._wrong("hang-after", f"hang-after has a wrong value; write {_WANTED['hang-after']}")
        for number, entry in enumerate(file.target):
            self._check_target(entry, number)
        if (twice := _twice(entry.label for entry in file.target)) is not None:
            number = max(at for at, entry in enumerate(file.target) if entry.label == twice)
            raise self._wrong("name", f'another target has the name "{twice}" too; write name = "…"', number)

    def _check_target(self, entry: TargetEntry, number: int) -> None:
        try:
            check(entry.target)
        except UnknownTarget as error:
            sentence = str(error).removesuffix(".")
            raise self._wrong(_TARGET, sentence[0].lower() + sentence[1:], number) from error
        if is_live(entry.target):
            raise self._wrong(
                _TARGET,
                f"{entry.target} cannot be in a campaign, which may repeat a run; use: ec2-lifecycle run",
                number,
            )
        if not _NAME.fullmatch(entry.label):
            key = "name" if entry.name else _TARGET
            raise self._wrong(key, f'"{entry.label}" cannot name files; write name = "…" of {_WANTED["name"]}', number)
        if PORT in entry.target and not entry.start:
            raise self._wrong(_TARGET, f"nothing takes the port of {entry.target}; write start = […], too", number)
        if entry.start and not entry.target.startswith("endpoint:"):
            raise self._wrong("start", f'{entry.target} needs no start; write target = "{_ENDPOINT}"', number)
        if entry.environment and not entry.start:
            raise self._wrong("environment", "environment is for a target with start = […]; delete it", number)

    def _tables(self, value: object) -> list[Mapping[str, Any]]:
        """Return the tables of the targets."""
        listed = cast("list[object]", value) if isinstance(value, list) else []
        tables = [cast("Mapping[str, Any]", each) for each in listed if isinstance(each, dict)]
        if not tables or len(tables) < len(listed):
            raise self._misfit(_TARGET)
        return tables

    def _check_keys(self, table: Mapping[str, Any], number: int) -> None:
        """Raise `PlanError` for a key of a target that there is not, lacks, or has a value of the wrong type."""
        for key in table:
            if key not in TARGET_KEYS:
                raise self._wrong(key, f"{key} is not a key of a target; {suggestion(key, TARGET_KEYS)}", number)
        if _TARGET not in table:
            raise self._wrong("", f'it names no target; write target = "moto" or target = "{_ENDPOINT}"', number)
        try:
            msgspec.convert(table, TargetEntry)
        except msgspec.ValidationError as error:
            key = place_of_misfit(table, TargetEntry)
            wanted = "a text in quotes" if key == _TARGET else _WANTED[key]
            raise self._wrong(key, f"{key} has a wrong value; write {wanted}", number) from error

    def _misfit(self, key: str) -> PlanError:
        """Return the error for a key of the file with a value of the wrong type."""
        return self._wrong(key, f"{key} has a wrong value; write {_WANTED[key]}")

    def _wrong(self, key: str, sentence: str, target: int | None = None) -> PlanError:
        """Return the error about a key, of the file or of the target with a number, with the line."""
        heads = [at for at, line in enumerate(self.lines) if re.match(r"\s*\[\[", line)]
        first, last = 0, heads[0] if heads else len(self.lines)
        if target is not None and target < len(heads):
            first, last = heads[target], (*heads, len(self.lines))[target + 1]
        named = rf'\s*"?{re.escape(key)}"?\s*[.=]'
        within = (at for at in range(first, last) if key and re.match(named, self.lines[at]))
        at = next(within, first if target is not None and heads else None)
        where = "" if at is None else f":{at + 1}"
        whose = "" if target is None else f" target {target + 1}:"
        return PlanError(f"{self.path}{where}:{whose} {sentence}.")


def _twice(values: Iterable[str]) -> str | None:
    """Return the first of some values that is there more than once, or None."""
    return next((value for value, times in Counter(values).items() if times > 1), None)


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text)
    return float(found[1]) * SECONDS[found[2]] if found else 0.0
