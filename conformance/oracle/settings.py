"""How late EC2 may be, in seconds of the target's clock; nothing else may be stale."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The delays that the oracle grants.

    `forget_after`: a terminated instance is visible at least so long (seen visible after 103 s: fact T-02).
    `launch_visibility`: so long after its launch an id may be unknown to an operation (fact E-25).
    `protection_lag`: so long a cleared protection may still be enforced (fact P-06).
    `read_lag`: a description may show any state held in so many seconds; 0 by default, and 10 on AWS (fact D-03).
    If it is not 0, a new volume may be unknown to an operation for `launch_visibility` seconds too.
    """

    forget_after: float = 60.0
    launch_visibility: float = 30.0
    protection_lag: float = 60.0
    read_lag: float = 0.0
