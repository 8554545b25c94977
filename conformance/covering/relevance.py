"""Selects the candidates that a change of the specification can affect."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from ...model.outcomes import OperationRules, Refusal, Rung
from ...model.requests import Operation
from ...model.specification import Specification
from ...strategies.covering.candidates import Candidate
from .possibilities import points, touched

_MODEL: Final = Specification.__module__.rpartition(".")[0]
_SHOWING: Final = (Operation.TERMINATE, Operation.STOP, Operation.START)


class Change(Protocol):
    """The rule or table of a module in which a mutant differs from the specification."""

    @property
    def module(self) -> str: ...  # noqa: D102 - an attribute of every mutant
    @property
    def place(self) -> str: ...  # noqa: D102


@dataclass(slots=True)
class Relevance:
    """The rules that each candidate evaluates, cached."""

    spec: Specification
    candidates: Sequence[Candidate]
    _by_operation: dict[Operation, list[int]] = field(default_factory=dict[Operation, "list[int]"])
    _touched: dict[int, frozenset[Hashable]] = field(default_factory=dict[int, frozenset[Hashable]])

    def __post_init__(self) -> None:
        for number, candidate in enumerate(self.candidates):
            if candidate.ask is not None:
                self._by_operation.setdefault(candidate.ask.operation, []).append(number)

    def operations(self, mutant: Specification) -> tuple[Operation, ...]:
        """Return the operations whose rules a mutant changes."""
        shows_else = (
            mutant.previous_state != self.spec.previous_state or mutant.current_state != self.spec.current_state
        )
        return tuple(
            operation
            for operation, rules in self.spec.operations.items()
            if mutant.operations[operation] != rules or (shows_else and operation in _SHOWING)
        )

    def numbers(self, mutant: Specification, change: Change) -> list[int]:
        """Return the candidates whose last request a mutant may answer differently, in order."""
        found: list[int] = []
        for operation in self.operations(mutant):
            rules, mutated = self.spec.operations[operation], mutant.operations[operation]
            wanted = self._wanted(change, rules, mutated)
            large = _limit(rules) != _limit(mutated) and change.module == "rules.common"
            for number in self._by_operation.get(operation, ()):
                if self.candidates[number].large:
                    found.extend([number] * large)
                elif wanted is None or not wanted.isdisjoint(self._touches(number)):
                    found.append(number)
        return sorted(found)

    def _wanted(self, change: Change, rules: OperationRules, mutated: OperationRules) -> frozenset[Hashable] | None:
        """Return what a candidate must evaluate for the change to affect it; None means anything."""
        rule = self.rule_of(change)
        if rule is not None:
            return frozenset({rule})
        if _without_ladder(rules) != _without_ladder(mutated):
            return None
        return _changed(rules.ladder, mutated.ladder)

    def rule_of(self, change: Change) -> Hashable | None:
        """Return the rule that a change is in, as `touched` names it; None for a table, or for what is unused."""
        rule = (f"{_MODEL}.{change.module}", change.place)
        return rule if rule in self._rules else None

    @property
    def _rules(self) -> frozenset[Hashable]:
        """Return every rule that some candidate evaluates."""
        if not self._every:
            for number in range(len(self.candidates)):
                self._every |= self._touches(number)
        return frozenset(self._every)

    _every: set[Hashable] = field(default_factory=set[Hashable])

    def _touches(self, number: int) -> frozenset[Hashable]:
        if number not in self._touched:
            candidate = self.candidates[number]
            asked = () if candidate.ask is None or candidate.large else points(candidate.place, candidate.ask)
            self._touched[number] = frozenset(one for point in asked for one in touched(self.spec, point))
        return self._touched[number]


def _without_ladder(rules: OperationRules) -> tuple[object, ...]:
    return (rules.instance, rules.volume, rules.created_instance, rules.created_volume)


def _changed(ladder: Sequence[Rung], mutated: Sequence[Rung]) -> frozenset[Hashable] | None:
    """Return the refusals that differ; None if the effect is not limited to where they apply."""
    if len(ladder) > len(mutated):
        return frozenset(rung.refusal for rung in ladder if rung not in mutated)
    pairs = [(old, new) for old, new in zip(ladder, mutated, strict=True) if old != new]
    if any((old.holds, old.trips) != (new.holds, new.trips) for old, new in pairs):
        return None
    return frozenset(old.refusal for old, _ in pairs)


def _limit(rules: OperationRules) -> list[Rung]:
    return [rung for rung in rules.ladder if rung.refusal is Refusal.TOO_MANY]
