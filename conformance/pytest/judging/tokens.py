"""Client tokens: whether a reply may show what somebody made before with the same token (facts K-05, K-06)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ...adapter.reply_parts import Reply
from .calls import Call

_GRAIN: Final = 1.0
"""Replies tell times in whole seconds."""


@dataclass(slots=True)
class ClientTokens:
    """The tokens that calls have sent so far, each with EC2's name of the operation.

    A token that a client makes for one call alone is not among its parameters.
    """

    _used: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def take(self, call: Call) -> bool:
        """Record the token of a call, and tell whether something may have been made with it before."""
        token = call.sent.get("ClientToken")
        if not token:
            return False
        key = call.name, str(token)
        used = key in self._used
        if not call.changed_nothing:
            self._used.add(key)
        return used


def looks_old(call: Call, made: Iterable[Reply], key: str, sent: float, *, later: bool) -> bool:
    """Tell whether a reply shows that its token, or an attempt without a reply, had made something before.

    It shows a `later` state than that of new things, or a time, under a `key`, before the call was sent.
    """
    if not call.sent.get("ClientToken") and not call.retries:
        return False
    times = (item.get(key) for item in made)
    is_older = any(isinstance(time, datetime) and time.timestamp() < sent - _GRAIN for time in times)
    return later or is_older
