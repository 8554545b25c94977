"""Every planted fault: `FAULTS` for the clauses, `BANK`, and `FAMILIES` for the operations.

A clause that no target can be caught breaking stands in `UNBREAKABLE`, with the reason.
"""

from collections.abc import Mapping
from typing import Final

from .bank.attributes import ATTRIBUTES
from .bank.batches import BATCHES
from .bank.histories import HISTORIES
from .bank.requests import REQUESTS
from .bank.toggles import TOGGLES
from .bank.volumes import VOLUMES
from .clauses.descriptions import DESCRIPTION_FAULTS
from .clauses.kept_fields import KEPT_FAULTS
from .clauses.launch import BACKGROUND_FAULTS, LAUNCH_FAULTS, STATE_FAULTS
from .clauses.protection import PROTECTION_FAULTS
from .clauses.refusals import REFUSAL_FAULTS
from .clauses.repeated_launches import REPEATED_FAULTS
from .clauses.stop_start import KIND_FAULTS, REBOOT_FAULTS, START_FAULTS, STOP_FAULTS
from .clauses.terminate import TERMINATE_FAULTS
from .clauses.volumes import VOLUME_FAULTS
from .families import FAMILIES
from .fault import BankFault, Fault

FAULTS: Final[tuple[Fault, ...]] = (
    *STATE_FAULTS,
    *LAUNCH_FAULTS,
    *TERMINATE_FAULTS,
    *PROTECTION_FAULTS,
    *STOP_FAULTS,
    *START_FAULTS,
    *REBOOT_FAULTS,
    *KIND_FAULTS,
    *BACKGROUND_FAULTS,
    *VOLUME_FAULTS,
    *REFUSAL_FAULTS,
    *DESCRIPTION_FAULTS,
    *KEPT_FAULTS,
    *REPEATED_FAULTS,
)
"""At least one for each clause that a target can be caught breaking."""

BANK: Final[tuple[BankFault, ...]] = (*REQUESTS, *HISTORIES, *TOGGLES, *BATCHES, *VOLUMES, *ATTRIBUTES)
"""Each shows only under one condition, and has the shortest scenario that shows it."""

EVERY: Final[tuple[Fault, ...]] = (*BANK, *FAULTS, *FAMILIES)
"""Those that the derivation of the covering suite counts as mutants."""

EVERY_BY_ID: Final[Mapping[str, Fault]] = {fault.id: fault for fault in EVERY}

ASSUMED: Final = "only assumed: what breaks it makes no finding"

UNBREAKABLE: Final[Mapping[str, str]] = {
    "STATE-2": "it speaks to clients: the judge masks the code, and any high byte is permitted",
    "STOP-3": ASSUMED,
    "STOP-9": ASSUMED,
    "STOP-11": ASSUMED,
    "STOP-12": ASSUMED,
    "START-3": ASSUMED,
    "START-8": ASSUMED,
    "START-10": ASSUMED,
    "REBOOT-3": ASSUMED,
    "REBOOT-4": ASSUMED,
    "VOL-11": ASSUMED,
    "VOL-14": "a volume may have become available before the request came, so that success is always permitted",
    "ERR-7": ASSUMED,
    "DESC-3": ASSUMED,
}
"""The clauses that no target can be caught on, each with the reason."""


def fault_of(clause: str, sentence: str) -> Fault:
    """Return the fault of a clause with this sentence."""
    [found] = (fault for fault in FAULTS if (fault.clause, fault.sentence) == (clause, sentence))
    return found
