"""Every fault of the bank."""

from typing import Final

from bank.batches import BATCHES
from bank.fault import Fault
from bank.histories import HISTORIES
from bank.requests import REQUESTS
from bank.toggles import TOGGLES
from bank.volumes import VOLUMES

BANK: Final[tuple[Fault, ...]] = (*REQUESTS, *HISTORIES, *TOGGLES, *BATCHES, *VOLUMES)
