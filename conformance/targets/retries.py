"""Calls that are made once more, where that cannot change what is judged.

A request that never left may be sent again, whatever it asks for, and so may one that was refused for want of capacity.
One that may have been carried out is sent again only where it changes nothing.
An answer with an internal error is an answer: it is judged, and not asked for again.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any, Final

from botocore import exceptions as wrong

from .failures import code_and_status

TRIES: Final = 3
_FIRST_PAUSE: Final = 0.1
"""Seconds; the pauses double, and each is shortened by up to a half at random, so that callers do not keep step."""
_THROTTLED: Final = frozenset({"RequestLimitExceeded", "Throttling", "ThrottlingException"})
_NOT_SENT: Final = (wrong.EndpointConnectionError, wrong.ConnectTimeoutError)
_LOST: Final = (wrong.ConnectionClosedError, wrong.ReadTimeoutError)

Sleep = Callable[[float], None]


def retried(call: Callable[..., Any], sleep: Sleep, *, changes_nothing: bool) -> Callable[..., Any]:
    """Return a call that is made again, after a pause, where it surely changed nothing; its last answer stands."""

    def again(**arguments: object) -> object:
        for pause in _pauses():
            try:
                return call(**arguments)
            except Exception as error:
                if not may_repeat(error, changes_nothing=changes_nothing):
                    raise
            sleep(pause)
        return call(**arguments)

    return again


def may_repeat(error: Exception, *, changes_nothing: bool) -> bool:
    """Tell whether a request that failed so may be sent again."""
    if isinstance(error, wrong.ClientError):
        return code_and_status(error)[0] in _THROTTLED
    return isinstance(error, _NOT_SENT) or (changes_nothing and isinstance(error, _LOST))


def _pauses() -> Iterator[float]:
    for n in range(TRIES - 1):
        yield _FIRST_PAUSE * 2**n * random.uniform(0.5, 1.0)
