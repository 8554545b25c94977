"""The sandbox file: in which accounts a run may work, and what it may use there."""

import re
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import msgspec

from ...reports.misfits import place_of_misfit
from ...reports.os_reasons import os_reason
from ...strategies.files.yaml_nodes import instead
from ..oracle.settings import Settings
from ..user_input.durations import SECONDS
from ..user_input.toml_text import BOM, TomlError, tables_in, text_of

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)([smh])")

AccountId: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^\d{12}$")]
_Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
_Price: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]
_LONGEST: Final = timedelta(days=7)
"""No run may launch for longer."""


_NAMES: Final = "a list of names, in quotes"
_COUNT_WANTED: Final = "a whole number above 0"
_PRICE_WANTED: Final = "a number above 0"
_WANTED: Final = {
    "accounts": "a list of account ids, 12 digits each, in quotes",
    "regions": _NAMES,
    "instance-types": _NAMES,
    "max-alive": _COUNT_WANTED,
    "max-launches": _COUNT_WANTED,
    "time-to-live": 'a time such as "90m"',
    "price-per-instance-hour": _PRICE_WANTED,
    "cost-ceiling": _PRICE_WANTED,
    "read-lag": 'a time such as "10s"',
}
"""What each key has, in words; the others have a text."""


class SandboxError(Exception):
    """A sandbox file that cannot be used: where, what was wrong, and what to write instead."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What the sandbox file allows; its keys are these names with dashes.

    Prices are in one currency, which is the user's: what an instance of the dearest type costs in an hour.
    """

    accounts: Annotated[tuple[AccountId, ...], msgspec.Meta(min_length=1)]
    """The ids of the accounts in which runs may work; no other is touched."""
    regions: Annotated[tuple[_Name, ...], msgspec.Meta(min_length=1)]
    instance_types: Annotated[tuple[_Name, ...], msgspec.Meta(min_length=1)]
    """The types that may be launched; the first one is."""
    max_alive: _Count
    """So many instances at a time that are not terminated."""
    max_launches: _Count
    """So many instances in one run."""
    time_to_live: Annotated[str, msgspec.Meta(pattern=rf"^{_DURATION.pattern}$")]
    """How long after its beginning a run may launch, as "90m"; its resources are tagged with the moment."""
    price_per_instance_hour: _Price
    cost_ceiling: _Price
    """What a run may cost; before it would, nothing is launched any more."""
    read_lag: Annotated[str, msgspec.Meta(pattern=rf"^{_DURATION.pattern}$")] = "10s"
    """A description may show what was so long ago (fact D-03 tells of no time; ours has a margin)."""
    image_id: str = ""
    """The image to launch; empty: the newest minimal Amazon Linux."""

    @property
    def lifetime(self) -> timedelta:
        """How long a run may launch."""
        return timedelta(seconds=_seconds(self.time_to_live))

    @property
    def settings(self) -> Settings:
        """How late the account may be."""
        return Settings(read_lag=_seconds(self.read_lag))


KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(Limits))
"""The keys of a sandbox file."""


def load_limits(path: Path) -> Limits:
    """Return what a sandbox file allows; raises `SandboxError`."""
    try:
        text = text_of(path)
    except OSError as error:
        raise SandboxError(f"{path} cannot be read ({os_reason(error)}); name a sandbox file.") from error
    except TomlError as error:
        raise SandboxError(f"{path}{error.where}: {error.what}; write the file in that encoding.") from error
    try:
        data = tables_in(text)
    except TomlError as error:
        raise SandboxError(f"{path}{error.where}: {error.what}.") from error
    for key in data:
        if key not in KEYS:
            raise SandboxError(f"{_where(path, text, key)}: {key} is no key of a sandbox file; {instead(key, KEYS)}.")
    missing = [field.encode_name for field in msgspec.structs.fields(Limits) if field.required]
    if absent := [key for key in missing if key not in data]:
        raise SandboxError(f"{path}: {absent[0]} is missing; a sandbox file has {', '.join(missing)}.")
    try:
        limits = msgspec.convert(data, Limits)
    except msgspec.ValidationError as error:
        raise SandboxError(_wrong(path, text, place_of_misfit(data, Limits))) from error
    for key, price in (
        ("price-per-instance-hour", limits.price_per_instance_hour),
        ("cost-ceiling", limits.cost_ceiling),
    ):
        if not isfinite(price):  # TOML knows inf and nan, and no cost is more than those
            raise SandboxError(_wrong(path, text, key))
    if not 0 < _seconds(limits.time_to_live) <= _LONGEST.total_seconds():
        where = _where(path, text, "time-to-live")
        raise SandboxError(f"{where}: time-to-live is nothing, or more than {_LONGEST.days} days; write one as 90m.")
    return limits


def _wrong(path: Path, text: str, key: str) -> str:
    """Say in the words of the file what does not fit its type."""
    wanted = _WANTED.get(key, "a text in quotes")
    return f"{_where(path, text, key)}: {key} has another value than it can; write {wanted}."


def _where(path: Path, text: str, key: str) -> str:
    lines = text.removeprefix(BOM).splitlines()
    at = next((n for n, line in enumerate(lines, 1) if re.match(rf'\s*\[?"?{re.escape(key)}"?\s*[\]=]', line)), None)
    return f"{path}:{at}" if at else f"{path}"


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text)
    return float(found[1]) * SECONDS[found[2]] if found else 0.0
