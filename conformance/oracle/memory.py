"""Answers that are worked out once."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .explore import NeedsChoice

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Memory:
    """What was asked, and the answers."""

    _known: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])

    def of(self, question: Hashable, answer: Callable[[], T]) -> T:
        """Return the answer to a question, asked once; a question that needs a choice first says so each time."""
        found: Any = self._known.get(question)
        if found is None:
            try:
                found = answer()
            except NeedsChoice as need:
                found = NeedsChoice(need.choice)  # a new one: this one keeps everything that was under way
            self._known[question] = found
        if isinstance(found, NeedsChoice):
            raise NeedsChoice(found.choice)
        return found
