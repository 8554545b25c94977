"""What a target can do, as far as it decides which scenarios are worth making."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Features:
    """The steps that a scenario may have; whatever a target lacks is left out of the scenarios made for it.

    `nobody`: a caller without permission; `instance_store`: instances with such a root;
    `pushes`: background steps on demand; `zones`: how many Availability Zones there are;
    `waits`: time costs nothing, so that a scenario may wait, and name an instance that EC2 has forgotten.
    """

    nobody: bool = False
    instance_store: bool = False
    pushes: bool = False
    zones: int = 3
    waits: bool = False
