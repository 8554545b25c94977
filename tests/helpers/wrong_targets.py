"""Wrong targets: for every clause that can be broken from outside, at least one target that breaks it.

A clause that no target can be caught on stands in `UNBREAKABLE`, with the reason.
"""

from collections.abc import Mapping
from typing import Final

from wrong_descriptions import WRONG_DESCRIPTIONS
from wrong_doubles import WrongTarget
from wrong_errors import WRONG_ERRORS
from wrong_launch import WRONG_BACKGROUND, WRONG_LAUNCH, WRONG_STATES
from wrong_protection import WRONG_PROTECTION
from wrong_stop_start import WRONG_KINDS, WRONG_REBOOT, WRONG_START, WRONG_STOP
from wrong_terminate import WRONG_TERMINATE
from wrong_volumes import WRONG_VOLUMES

WRONG: Final[tuple[WrongTarget, ...]] = (
    *WRONG_STATES,
    *WRONG_LAUNCH,
    *WRONG_TERMINATE,
    *WRONG_PROTECTION,
    *WRONG_STOP,
    *WRONG_START,
    *WRONG_REBOOT,
    *WRONG_KINDS,
    *WRONG_BACKGROUND,
    *WRONG_VOLUMES,
    *WRONG_ERRORS,
    *WRONG_DESCRIPTIONS,
)

ASSUMED: Final = "only assumed: what breaks it makes no finding"

UNBREAKABLE: Final[Mapping[str, str]] = {
    "STATE-2": "it speaks to clients: the judge masks the code, and any high byte is permitted",
    "STOP-9": ASSUMED,
    "STOP-11": ASSUMED,
    "STOP-12": ASSUMED,
    "START-3": ASSUMED,
    "START-8": ASSUMED,
    "START-10": ASSUMED,
    "REBOOT-3": ASSUMED,
    "REBOOT-4": ASSUMED,
    "VOL-11": ASSUMED,
    "ERR-7": ASSUMED,
}
"""The clauses that no target can be caught on, each with the reason."""
