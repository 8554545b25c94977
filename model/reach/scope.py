"""A scope: the limits of an exhaustive exploration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..background import StepName, VolumeStepName
from ..requests import Request
from ..world import IdForm, Instance, World, Zone

STRANGERS: Final[Mapping[Instance, IdForm]] = {
    Instance("unknown"): IdForm.UNKNOWN,
    Instance("uncertain"): IdForm.UNCERTAIN,
    Instance("malformed"): IdForm.MALFORMED,
}
"""The ids that EC2 never gave out, one of each form; they can be named in every world."""
EACH: Final = Instance("each")
"""Stands for each instance of a world, in a request that may also name none."""


@dataclass(frozen=True)
class Scope:
    """What is on: how much there may be, what is asked, which choices are open, what EC2 does by itself.

    `requests` are forms. A form becomes requests by naming each selection of what is there:
    instances in every number of `batches` (one for requests about one instance), volumes, zones.
    Ids in a form that EC2 never gave out stay, after the selection (and alone, where a request takes one id).
    A launch or CreateVolume names what it makes, and is asked while there is room for it.
    """

    name: str
    about: str
    """One sentence on what is on."""
    requests: tuple[Request, ...]
    instances: int = 1
    volumes: int = 0
    zones: int = 1
    """How many alike Availability Zones there are."""
    batches: tuple[int, ...] = (1,)
    choices: frozenset[str] | None = None
    """The ids of the open choices; None: every one. The others stay as preferred."""
    steps: frozenset[StepName] = frozenset(StepName)
    volume_steps: frozenset[VolumeStepName] = frozenset(VolumeStepName)

    @property
    def zone_names(self) -> tuple[Zone, ...]:
        """The zones."""
        return tuple(Zone(str(n)) for n in range(1, self.zones + 1))

    @property
    def empty(self) -> World:
        """The world with which the exploration begins."""
        return World(strangers=STRANGERS)
