"""Reads the sandbox file: the accounts in which a run may work, and its limits there."""

import re
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import msgspec

from ...reports.misfits import place_of_misfit
from ...strategies.files.yaml_nodes import suggestion
from ..oracle.settings import Settings
from ..user_input.durations import SECONDS
from ..user_input.toml_text import tables_of, where_of

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)([smh])")

AccountId: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^\d{12}$")]
_Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
_Price: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]
_LONGEST: Final = timedelta(days=7)
"""The longest permitted time-to-live."""


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
"""The expected value of each key, in words; other keys hold a text."""


class SandboxError(Exception):
    """The sandbox file cannot be used: where, what was wrong, and what to write instead."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The limits of a sandbox file; its keys are these names with dashes.

    Prices are in a currency of the user's choice, for an hour of an instance of the most expensive type.
    """

    accounts: Annotated[tuple[AccountId, ...], msgspec.Meta(min_length=1)]
    """The ids of the accounts in which runs may work; no other is touched."""
    regions: Annotated[tuple[_Name, ...], msgspec.Meta(min_length=1)]
    instance_types: Annotated[tuple[_Name, ...], msgspec.Meta(min_length=1)]
    """The permitted types; the first is the default."""
    max_alive: _Count
    """Maximum instances that are not terminated, at any time."""
    max_launches: _Count
    """Maximum launched instances in one run."""
    time_to_live: Annotated[str, msgspec.Meta(pattern=rf"^{_DURATION.pattern}$")]
    """How long after its start a run may launch, as "90m"; its resources are tagged with the expiry time."""
    price_per_instance_hour: _Price
    cost_ceiling: _Price
    """Maximum cost of a run; a launch that would exceed it is not made."""
    read_lag: Annotated[str, msgspec.Meta(pattern=rf"^{_DURATION.pattern}$")] = "10s"
    """How stale a description may be (fact D-03 gives no duration; this one has a margin)."""
    image_id: str = ""
    """The image to launch; empty means the newest minimal Amazon Linux."""

    @property
    def lifetime(self) -> timedelta:
        """How long a run may launch."""
        return timedelta(seconds=_seconds(self.time_to_live))

    @property
    def settings(self) -> Settings:
        """The oracle's settings for the account's delays."""
        return Settings(read_lag=_seconds(self.read_lag))


KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(Limits))
"""The keys of a sandbox file."""


def load_limits(path: Path) -> Limits:
    """Return the limits of a sandbox file; raises `SandboxError`."""
    text, data = tables_of(path, "sandbox", SandboxError)
    for key in data:
        if key not in KEYS:
            raise SandboxError(
                f"{where_of(path, text, key)}: {key} is not a key of a sandbox file; {suggestion(key, KEYS)}."
            )
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
        if not isfinite(price):  # TOML allows inf and nan, which no cost exceeds
            raise SandboxError(_wrong(path, text, key))
    if not 0 < _seconds(limits.time_to_live) <= _LONGEST.total_seconds():
        where = where_of(path, text, "time-to-live")
        raise SandboxError(
            f"{where}: time-to-live must be over zero, and at most {_LONGEST.days} days; write 90m, say."
        )
    return limits


def _wrong(path: Path, text: str, key: str) -> str:
    """Return the error message for a value of the wrong type."""
    wanted = _WANTED.get(key, "a text in quotes")
    return f"{where_of(path, text, key)}: {key} has a wrong value; write {wanted}."


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text)
    return float(found[1]) * SECONDS[found[2]] if found else 0.0
