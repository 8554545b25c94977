"""What came back of one request, as the client gave it and before anyone has read it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """The replies of a client: one, or several where it gave its reply in pages; and the exception that ended them."""

    pages: tuple[object, ...] = ()
    error: Exception | None = None
    sent: frozenset[str] | None = None
    """The parameters of the call by their paths, where whoever made it tells."""


AnswerCallback = Callable[[Answer], None]
"""Hears every answer of a play, before it is read."""


def ignore_answer(answer: Answer) -> None:
    """Let an answer pass."""
    del answer
