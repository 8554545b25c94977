"""Options that several commands take: clause ids and durations."""

from dataclasses import replace
from typing import Final

import click

from ...model.ledger import CLAUSES, nearest
from ..oracle.settings import Settings
from ..user_input.durations import SECONDS
from .help_text import option
from .shell import WrongUsage

_NONE: Final = ("0", "0s")


def _seconds(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    """Return the seconds of a duration, which may be 0 too."""
    return 0.0 if text in _NONE else duration(context, parameter, text)


read_lag_option: Final = option("--read-lag", callback=_seconds, metavar="TIME", help="Descriptions may be this old.")
"""The option of a command that judges a target."""


def known_clauses(text: str | None, option: str = "--clauses") -> frozenset[str]:
    """Return the clauses that an option names; raises `WrongUsage` for an unknown one, and suggests the nearest."""
    if text is None:
        return frozenset()
    wanted = frozenset(part.strip().upper() for part in text.split(",") if part.strip())
    if not wanted:
        raise WrongUsage(f"{option} is empty; name clause ids, such as TERM-4,TERM-5.")
    for clause in sorted(wanted):
        if clause not in CLAUSES:
            raise WrongUsage(unknown_clause(clause))
    return wanted


def unknown_clause(clause: str) -> str:
    """Return the sentence for a clause that does not exist."""
    hint = nearest(clause)
    return f"there is no clause {clause!r}; " + (f"did you mean {hint}?" if hint else "see: ec2-lifecycle list clauses")


def late_by(settings: Settings, read_lag: float | None) -> Settings:
    """Return the settings with the lag of `--read-lag`, if the user gave one."""
    return settings if read_lag is None else replace(settings, read_lag=read_lag)


def duration(_context: click.Context, _parameter: click.Parameter, text: str | None) -> float | None:
    """Return the seconds of a duration such as 60s, 5m or 1h."""
    if text is None:
        return None
    number, unit = (text[:-1], text[-1]) if text[-1:] in SECONDS else (text, "s")
    try:
        seconds = float(number) * SECONDS[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise click.BadParameter(f"{text!r} is not a duration; write one such as 60s, 5m or 1h.")
    return seconds
