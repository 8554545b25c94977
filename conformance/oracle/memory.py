"""Answers that are worked out once."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .explore import NeedsChoice, Setting

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Memory:
    """What was asked, and the answers."""

    _known: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])

    def of(self, question: Hashable, answer: Callable[[], T]) -> T:
        """Return the answer to a question, asked once."""
        found: Any = self._known.get(question)
        if found is None:
            found = self._known[question] = answer()
        return found

    def under(self, setting: Setting, question: Hashable, answer: Callable[[Setting], T]) -> T:
        """Return the answer under a setting of choices, asked once for all settings of those that it reads.

        Where it reads a choice that is not settled, it says so each time.
        """
        read: Setting = ()
        while True:
            found: Any = self._known.get((question, read))
            if found is None:
                found = self._known[question, read] = _answer_or_choice(answer, read)
            if not isinstance(found, NeedsChoice):
                return found
            settled = [one for one in setting if one[0] == found.choice.id]
            if not settled:
                raise NeedsChoice(found.choice)  # a new one: it keeps everything that was under way
            read = (*read, *settled)


def _answer_or_choice(answer: Callable[[Setting], T], setting: Setting) -> T | NeedsChoice:
    try:
        return answer(setting)
    except NeedsChoice as need:
        return NeedsChoice(need.choice)
