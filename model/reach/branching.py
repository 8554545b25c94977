"""Runs a rule once for every setting of the open choices that it reads."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar, cast

from ..choices import Choice, Choices
from ..world import Instance

A = TypeVar("A", bound=Enum)
T = TypeVar("T")

Picks = Mapping[tuple[str, Instance | None], Enum]
"""What was picked: by the id of the choice and the instance it is picked for (None: the whole request)."""


@dataclass(frozen=True, slots=True)
class Picked(Choices):
    """The choices that were read settled one way; every other one by its preferred alternative."""

    picks: Picks

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the alternative that was picked, else the preferred one."""
        return cast("A", self.picks.get((choice.id, instance), choice.preferred))


@dataclass(slots=True)
class _Branch(Choices):
    """One path through the alternatives: what is picked, and in `untried` the paths that leave it."""

    open: frozenset[str] | None
    picks: dict[tuple[str, Instance | None], Enum]
    untried: list[dict[tuple[str, Instance | None], Enum]]

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the alternative of this path; an open choice that was not read before is settled each way in turn."""
        key = (choice.id, instance)
        if key in self.picks:
            return cast("A", self.picks[key])
        if self.open is not None and choice.id not in self.open:
            return choice.preferred
        first, *others = choice.alternatives
        self.untried.extend({**self.picks, key: other} for other in others)
        self.picks[key] = first
        return first


def every_way(rule: Callable[[Choices], T], choices: frozenset[str] | None = None) -> Iterator[tuple[Picks, T]]:
    """Yield what a rule says under every combination of alternatives that it reads, with what was picked.

    `choices` are the ids of those that are open (None: all); of the others only the preferred alternative is tried.
    """
    untried: list[dict[tuple[str, Instance | None], Enum]] = [{}]
    while untried:
        branch = _Branch(choices, untried.pop(), untried)
        result = rule(branch)
        yield branch.picks, result
