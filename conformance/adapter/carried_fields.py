"""The fields of an instance that EC2 keeps and shows again: what a request gives, and what a reply shows."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from .observation import CarriedSeen
from .reply_parts import Reply

RESERVATION: Final = "ReservationId"
LAUNCHED: Final = "LaunchTime"
AS_SENT: Final = ("ImageId", "InstanceType", "KeyName")
"""The parameters of a launch that are shown again (fact L-06)."""
_WHEN: Final = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\b")


def carried_of(item: Reply, reservation: str, transition_reason: str) -> CarriedSeen:
    """Return what the description of an instance shows of the fields that EC2 keeps; what is no text is left out."""
    shown = ((key, item.get(key)) for key in AS_SENT)
    fields = [(key, value) for key, value in shown if isinstance(value, str) and value]
    if reservation:
        fields.append((RESERVATION, reservation))
    launched = item.get(LAUNCHED)
    return CarriedSeen(
        tuple(fields),
        launched.timestamp() if isinstance(launched, datetime) else None,
        _time_in(transition_reason) if transition_reason else None,
    )


def reservations_of(reservations: Iterable[Reply]) -> dict[str, str]:
    """Return the ReservationId of each listed instance; what is no text, or no list, is left out."""
    found: dict[str, str] = {}
    for reservation in reservations:
        own: Any = reservation.get(RESERVATION)
        listed: Any = reservation.get("Instances")
        if isinstance(own, str) and isinstance(listed, list | tuple):
            found.update((i, own) for i in map(_id_of, listed) if i)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return found


def values_sent(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return what a launch gives that replies must show again. An alias of an image is not the id that is shown."""
    given = {key: arguments.get(key) for key in AS_SENT}
    return {
        key: value
        for key, value in given.items()
        if isinstance(value, str) and value and (key != "ImageId" or value.startswith("ami-"))
    }


def _id_of(item: object) -> str:
    value = item.get("InstanceId") if isinstance(item, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value if isinstance(value, str) else ""


@lru_cache(1024)
def _time_in(transition_reason: str) -> float | None:
    """Return the time in a StateTransitionReason; None if it has none."""
    found = _WHEN.search(transition_reason)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
