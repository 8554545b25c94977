"""The raw answer of a client to one request, before it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answer:
    """The pages of a client's reply (one, unless it is paginated), and the exception that ended them, if any."""

    pages: tuple[object, ...] = ()
    error: Exception | None = None
    sent: frozenset[str] | None = None
    """The parameters of the call by their paths, where whoever made it tells."""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    """The values of those that replies must show again."""


AnswerCallback = Callable[[Answer], None]
"""Called with every answer of a play, before it is read."""


def ignore_answer(answer: Answer) -> None:
    """Ignore an answer."""
    del answer
