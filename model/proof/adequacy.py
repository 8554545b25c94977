"""Measures the theorems: which of them a changed rule breaks, and which changes no theorem notices."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Final

from ..specification import Specification
from ..theorems.theorem import Theorem
from .counterexample import counterexample
from .naming import named
from .obligations import Obligation, Subjects, obligations
from .prover import Verdict, is_trivial
from .smtlib import Script
from .solvers import Answer, ask_z3
from .source import OutsideSubset
from .terms import Term

QUICK: Final = 1_000_000
"""Resources for one question: more than twice what the hardest proof needs."""


@dataclass
class Baseline:
    """A specification whose theorems are all proved: only what reads otherwise in a changed one is asked again."""

    spec: Specification
    theorems: tuple[Theorem, ...]
    subjects: Subjects = field(init=False)
    _proved: dict[tuple[str, Enum | None], frozenset[Term]] = field(
        default_factory=dict[tuple[str, "Enum | None"], "frozenset[Term]"]
    )

    def __post_init__(self) -> None:
        self.subjects = Subjects(self.spec)
        for theorem in self.theorems:
            for one in obligations(self.spec, theorem, self.subjects):
                self._proved[theorem.id, one.about] = frozenset(one.refutation)

    def verdicts(self, changed: Specification) -> Iterator[tuple[Theorem, Verdict]]:
        """Yield the theorems that are not proved of a changed specification, each broken or unknown."""
        only = _changed(self.spec, changed)
        shared = self.subjects
        subjects = Subjects(changed, shared.reader, shared.world, shared.choices, shared.requests)
        for theorem in self.theorems:
            try:
                found = [self._verdict(one) for one in obligations(changed, theorem, subjects, only)]
            except OutsideSubset:
                found = [Verdict.UNKNOWN]  # a rule in the place of one of another kind: it reads what is not there
            if Verdict.BROKEN in found:
                yield theorem, Verdict.BROKEN
            elif Verdict.UNKNOWN in found:
                yield theorem, Verdict.UNKNOWN

    def _verdict(self, obligation: Obligation) -> Verdict:
        as_before = self._proved.get((obligation.theorem.id, obligation.about))
        if frozenset(obligation.refutation) == as_before or is_trivial(obligation):
            return Verdict.PROVED
        question = Script(obligation.name, named(obligation.refutation, {}))
        if ask_z3(question, limit=QUICK).answer is Answer.UNSAT:
            return Verdict.PROVED
        return Verdict.UNKNOWN if counterexample(obligation, plain=False) is None else Verdict.BROKEN


def _changed(old: Specification, new: Specification) -> frozenset[Enum] | None:
    """Return the operations and background steps that two specifications do not share; None: more than those."""
    apart = {one.name for one in fields(Specification) if getattr(old, one.name) != getattr(new, one.name)}
    if not apart <= {"operations", "steps", "volume_steps"}:
        return None
    names: set[Enum] = {op for op, rules in old.operations.items() if new.operations[op] != rules}
    steps = (*old.steps, *old.volume_steps, *new.steps, *new.volume_steps)
    return frozenset(names | {step.name for step in steps if steps.count(step) == 1})
