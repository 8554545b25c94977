"""The features of a target that decide which scenarios are worth generating."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Features:
    """What a scenario may use; scenarios for a target omit what it lacks.

    `nobody`: a caller without permission; `instance_store`: instances with an instance-store root;
    `pushes`: background steps on demand; `zones`: the number of Availability Zones;
    `waits`: time is virtual, so a scenario may wait, and name an instance that EC2 has forgotten.
    """

    nobody: bool = False
    instance_store: bool = False
    pushes: bool = False
    zones: int = 3
    waits: bool = False
