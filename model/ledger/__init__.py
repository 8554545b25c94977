"""Every clause, in reading order: one promise of EC2 each, with its evidence and its source.

In: the facts known about EC2, by their ids (`../evidence/`). Out: `CLAUSES`, by id.
The specification holds the table; the oracle, `explain` and the reports look clauses up in it.
Read `terminate.py` first, with `../clauses.py` beside it (what a clause is).
"""

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import chain
from typing import Final

from ..clauses import Clause
from .background import BACKGROUND
from .describe import DESCRIBE
from .errors import ERRORS
from .launch import LAUNCH
from .protection import PROTECTION
from .start_reboot import START_REBOOT
from .states import STATES
from .stop import STOP
from .terminate import TERMINATE
from .tokens import TOKENS
from .volumes import VOLUMES

TABLES: Final[tuple[tuple[Clause, ...], ...]] = (
    STATES,
    LAUNCH,
    TOKENS,
    TERMINATE,
    PROTECTION,
    STOP,
    START_REBOOT,
    BACKGROUND,
    VOLUMES,
    ERRORS,
    DESCRIBE,
)
"""The tables, one for each topic of the specification."""

CLAUSES: Final[Mapping[str, Clause]] = {entry.id: entry for entry in chain.from_iterable(TABLES)}
"""Every clause by its id, in reading order."""


def nearest(mistyped: str) -> str | None:
    """The clause id that most resembles a mistyped one, or `None` when nothing does."""
    return next(iter(get_close_matches(mistyped.upper(), CLAUSES, n=1)), None)
