"""In what way a reply differs from EC2's: a few kinds, whatever instance, state and moment showed it."""

from enum import Enum
from typing import Final

from ...model.requests import ErrorCode, Operation
from ..oracle.divergence import ABOUT_ANOTHER, ERROR_AS_SUCCESS, NEVER_AT_REST, SERVER_ERRED, UNREADABLE, Divergence

_IN_USE: Final = "volume:in-use"
_VOLUME_UNKNOWN: Final = f"refusal:{ErrorCode.VOLUME_NOT_FOUND.value}"

_CARRIED: Final = ("changed:", "reused:", "stale:")
"""How the classes begin of fields that EC2 keeps: each field is a defect of its own."""


class Deviation(Enum):
    """The kinds of deviations."""

    GRANTED = "succeeds instead of being refused"
    REFUSED = "is refused instead of succeeding"
    CODE = "is refused with another code"
    CRASH = "fails with an error of the server"
    STATUS = "has another HTTP status"
    MESSAGE = "has another message"
    EFFECT = "leaves something in another state"
    CURRENT = "shows another current state"
    PREVIOUS = "shows another previous state"
    LISTED = "lists other things"
    ATTRIBUTE = "leaves an attribute at another value"
    FIELD = "shows other fields"
    VOLUME = "leaves a volume in another state"
    NEVER = "never ends"
    UNREADABLE = "cannot be read"


_BY_TOPIC: Final = {
    "status": Deviation.STATUS,
    "message": Deviation.MESSAGE,
    "state": Deviation.EFFECT,
    "items": Deviation.LISTED,
    "volume": Deviation.VOLUME,
    "device": Deviation.VOLUME,
    "DeleteOnTermination": Deviation.VOLUME,
    "DisableApiTermination": Deviation.ATTRIBUTE,
    "DisableApiStop": Deviation.ATTRIBUTE,
    "InstanceInitiatedShutdownBehavior": Deviation.ATTRIBUTE,
}
"""The deviation by what an observation is about; anything else is FIELD."""


def deviation_of(divergence: Divergence) -> Deviation:
    """Return the kind of a divergence."""
    expected, observed = divergence.expected_class, divergence.observed_class
    if observed.startswith((UNREADABLE, "items:unreadable")):
        return Deviation.UNREADABLE
    if observed == NEVER_AT_REST:
        return Deviation.NEVER
    if observed == "success":
        return Deviation.GRANTED
    if observed == SERVER_ERRED:
        return Deviation.CRASH
    if is_of_an_unknown_volume(divergence):
        return Deviation.VOLUME
    if observed.startswith("refusal:"):
        return Deviation.CODE if expected.startswith("refusal:") else Deviation.REFUSED
    if observed.startswith("state:current-"):
        return Deviation.CURRENT
    if observed.startswith("state:previous-"):
        return Deviation.PREVIOUS
    return _BY_TOPIC.get(observed.partition(":")[0], Deviation.FIELD)


def aspect_of(divergence: Divergence) -> str:
    """Return what tells apart two defects of one kind that break one clause: the attribute, fields, place or status."""
    deviation, observed = deviation_of(divergence), divergence.observed_class
    if deviation is Deviation.ATTRIBUTE and divergence.clause != "FRAME-1":
        return observed.partition(":")[0]
    if deviation is Deviation.LISTED or observed == ABOUT_ANOTHER:
        return observed
    if deviation is Deviation.FIELD:
        if observed.startswith(_CARRIED):
            return observed
        return observed.partition(":")[0] if observed.startswith(("zone:", "root:", "transition-reason:")) else ""
    if is_of_a_volume_in_use(divergence):
        return "volume:available" if observed.startswith("device:") else observed.replace("False", "True")
    if deviation is Deviation.UNREADABLE or observed == ERROR_AS_SUCCESS:
        return observed
    if deviation is Deviation.STATUS:
        return divergence.expected_class
    return ""


def is_of_an_unknown_volume(divergence: Divergence) -> bool:
    """Tell whether a description does not know a volume that must exist.

    At first a target shows such a volume as deleted, and later it does not know it. Both are one defect.
    """
    is_due = divergence.expected_class == "success" and divergence.operation is Operation.DESCRIBE_VOLUMES
    return is_due and divergence.observed_class == _VOLUME_UNKNOWN


def is_of_a_volume_in_use(divergence: Divergence) -> bool:
    """Tell whether a volume should be attached, so that the end of its instance cannot explain this."""
    if divergence.observed_class.startswith(("device:not attached", "DeleteOnTermination:")):
        return True
    return divergence.observed_class.startswith("volume:") and divergence.expected_class == _IN_USE
