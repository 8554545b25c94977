"""Repeats failed calls where that cannot change the verdict.

A request that was never sent, or was throttled, may be sent again, whatever it asks for.
A request that may have been executed is sent again only if it changes nothing.
A reply with an internal error is judged, and the request is not repeated.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from botocore import exceptions as wrong
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from .error_codes import THROTTLED
from .failures import code_and_status

_NOT_SENT: Final = (wrong.EndpointConnectionError, wrong.ConnectTimeoutError)
_CUT: Final = (wrong.ConnectionClosedError, wrong.ResponseStreamingError)
_LOST: Final = (*_CUT, wrong.ReadTimeoutError)

Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The total number of tries, and the bounds of the pauses between them in seconds; pauses are randomized."""

    tries: int = 3
    first_pause: float = 0.1
    longest_pause: float = 0.2


DEFAULT_RETRY_POLICY: Final = RetryPolicy()


def with_retries(
    call: Callable[..., Any],
    sleep: Sleep,
    *,
    changes_nothing: bool,
    policy: RetryPolicy = DEFAULT_RETRY_POLICY,
    also: Callable[[BaseException], bool] = lambda _: False,
) -> Callable[..., Any]:
    """Return a call that repeats itself after a failure that certainly changed nothing; the last answer counts.

    `also` says which other errors allow repeating a call that changes nothing.
    """

    def repeat(error: BaseException) -> bool:
        return may_repeat(error, changes_nothing=changes_nothing) or (changes_nothing and also(error))

    return _again(call, sleep, policy, repeat)


@dataclass(frozen=True, slots=True)
class RetryingClient:
    """A client for read-only questions; it repeats a call if the connection was cut or the call throttled.

    It does not repeat timeouts and refused connections.
    """

    client: Any

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return _again(getattr(self.client, name), time.sleep, DEFAULT_RETRY_POLICY, _was_cut_or_throttled)


def _again(
    call: Callable[..., Any], sleep: Sleep, policy: RetryPolicy, repeat: Callable[[BaseException], bool]
) -> Callable[..., Any]:
    def again(**arguments: object) -> object:
        retrying = Retrying(
            stop=stop_after_attempt(policy.tries),
            wait=wait_random_exponential(policy.first_pause, policy.longest_pause),
            retry=retry_if_exception(repeat),
            sleep=sleep,
            reraise=True,
        )
        return retrying(call, **arguments)

    return again


def may_repeat(error: BaseException, *, changes_nothing: bool) -> bool:
    """Tell whether a request that failed with this error may be sent again."""
    if isinstance(error, wrong.ClientError):
        return _is_throttled(error)
    return isinstance(error, _NOT_SENT) or (changes_nothing and isinstance(error, _LOST))


def _is_throttled(error: wrong.ClientError) -> bool:
    return code_and_status(error)[0] in THROTTLED


def _was_cut_or_throttled(error: BaseException) -> bool:
    return isinstance(error, _CUT) or (isinstance(error, wrong.ClientError) and _is_throttled(error))
