"""Runs a rule once for every setting of the choices that it really reads."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar, cast

from ...model.choices import Choice, Choices
from ...model.world import Instance

A = TypeVar("A", bound=Enum)
T = TypeVar("T")

Setting = tuple[tuple[str, Enum], ...]
"""Request-level choices that are settled, by id, in the order in which they were met."""
Picks = tuple[tuple[tuple[str, Instance], Enum], ...]
"""Choices of single instances that are settled."""


class NeedsChoice(Exception):
    """A rule read a request-level choice that is not settled yet."""

    def __init__(self, choice: Choice[Enum]) -> None:
        super().__init__(choice.id)
        self.choice = choice


@dataclass(slots=True)
class _Branch(Choices):
    """One path through the alternatives: settled choices, and the alternatives still to be tried."""

    setting: Mapping[str, Enum]
    picks: dict[tuple[str, Instance], Enum]
    untried: list[dict[tuple[str, Instance], Enum]]

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the settled alternative; an unsettled one of an instance is settled here, each way in turn."""
        if instance is None:
            if choice.id not in self.setting:
                raise NeedsChoice(cast("Choice[Enum]", choice))
            return cast("A", self.setting[choice.id])
        key = (choice.id, instance)
        if key not in self.picks:
            first, *others = choice.alternatives
            self.untried.extend({**self.picks, key: other} for other in others)
            self.picks[key] = first
        return cast("A", self.picks[key])


def for_each_pick(setting: Setting, rule: Callable[[Choices], T], given: Picks = ()) -> Iterator[tuple[Picks, T]]:
    """Yield what a rule says under every combination of the instance-level choices that it reads."""
    untried = [dict(given)]
    while untried:
        branch = _Branch(dict(setting), untried.pop(), untried)
        result = rule(branch)
        yield tuple(branch.picks.items()), result


def for_each_setting(evaluate: Callable[[Setting], T]) -> Iterator[tuple[Setting, T]]:
    """Yield what an evaluation gives under every combination of the request-level choices that it reads."""
    untried: list[Setting] = [()]
    while untried:
        setting = untried.pop()
        try:
            yield setting, evaluate(setting)
        except NeedsChoice as need:
            untried.extend((*setting, (need.choice.id, a)) for a in reversed(need.choice.alternatives))
