"""Options that several commands take: clause ids and durations."""

import click

from ...model.ledger import CLAUSES, nearest
from ..user_input.durations import SECONDS
from .shell import WrongUsage


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
