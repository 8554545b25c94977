"""The proof obligations of a theorem: one query to a solver for each operation and background step."""

import ast
import linecache
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from inspect import signature
from types import FunctionType
from typing import Any, Final

from ..requests import Operation
from ..specification import Specification
from ..theorems.happenings import Sent, Zones
from ..theorems.theorem import Theorem
from ..world import Instance, Volume
from .reading import Reader
from .sending import Stage, SymbolicSent, SymbolicStanding, SymbolicStep
from .source import source_of
from .terms import BOOL, Term, apply, not_
from .values import INSTANCE, VOLUME, ZONE, Members, NoMeaning, Value, condition
from .worlds import (
    SymbolicChoices,
    SymbolicRequest,
    SymbolicWorld,
    any_world,
    facts_of_nowhere,
    facts_of_request,
    facts_of_world,
)

WORLD: Final = "world"
REQUEST: Final = "request"
CHOICES: Final = "choices"
"""What the names of the symbols begin with."""


@dataclass(frozen=True, eq=False)
class Obligation:
    """A theorem about one thing that may happen: wherever the facts hold, the claim does.

    `premise` is where the theorem says anything at all.
    """

    theorem: Theorem
    about: Enum | None
    stage: Stage
    arguments: dict[str, Value]
    facts: tuple[Term, ...]
    claim: Term
    premise: Term

    @property
    def name(self) -> str:
        """The theorem, and what happens."""
        return self.theorem.id if self.about is None else f"{self.theorem.id} of {self.about.value}"

    @property
    def refutation(self) -> tuple[Term, ...]:
        """What cannot hold together where the theorem is true."""
        return (*self.facts, not_(self.claim))

    @property
    def witness(self) -> tuple[Term, ...]:
        """What holds together where the premise can be met."""
        return (*self.facts, self.premise)


@dataclass(frozen=True, eq=False)
class Subjects:
    """Arbitrary worlds, requests and choices, and one reader, which reads each rule once for all theorems."""

    spec: Specification
    reader: Reader = field(default_factory=Reader)
    world: SymbolicWorld = field(default_factory=lambda: any_world(WORLD))
    choices: SymbolicChoices = field(default_factory=lambda: SymbolicChoices(CHOICES))
    requests: dict[Operation, SymbolicRequest] = field(
        default_factory=lambda: {operation: SymbolicRequest(REQUEST, operation) for operation in Operation}
    )

    def obligation(self, theorem: Theorem, about: Enum | None) -> Obligation:
        """Return what has to be proved for one thing that may happen; raises `OutsideSubset`."""
        stage = Stage(self.spec, self.reader)
        arguments = self._arguments(stage, theorem, about)
        claim = condition(self.reader.call(theorem.formula, **arguments))
        premise = condition(self.reader.call(premise_of(theorem.formula), **arguments))
        facts = tuple(
            dict.fromkeys((*stage.facts, *facts_of_nowhere(self.world, stage.requests, (*stage.facts, claim, premise))))
        )
        return Obligation(theorem, about, stage, arguments, facts, claim, premise)

    def _arguments(self, stage: Stage, theorem: Theorem, about: Enum | None) -> dict[str, Value]:
        first, *others = signature(theorem.formula).parameters.values()
        stage.facts.extend(facts_of_world(self.world))
        arguments: dict[str, Value] = {}
        if about is None:
            arguments[first.name] = SymbolicStanding(stage, self.world, self.choices)
        elif isinstance(about, Operation):
            arguments[first.name] = self._sent(stage, about)
        else:
            step = next(step for step in (*stage.spec.steps, *stage.spec.volume_steps) if step.name is about)
            arguments[first.name] = SymbolicStep(stage, self.world, step, self.choices)
        for parameter in others:
            is_sent = parameter.annotation is Sent
            arguments[parameter.name] = (
                self._sent(stage, Operation.TERMINATE) if is_sent else _argument(parameter.name, parameter.annotation)
            )
        return arguments

    def _sent(self, stage: Stage, operation: Operation) -> SymbolicSent:
        request = self.requests[operation]
        stage.requests.append(request)
        stage.facts.extend(facts_of_request(self.world, request))
        return SymbolicSent(stage, self.world, request, self.choices)


def obligations(
    spec: Specification,
    theorem: Theorem,
    subjects: Subjects | None = None,
    only: Collection[Enum] | None = None,
) -> Iterator[Obligation]:
    """Yield what has to be proved of a specification; raises `OutsideSubset` for what cannot be read.

    Where a background step of that name is not there, nothing is to be proved about it.
    `only` says which of the things that may happen are of interest; None: all of them.
    """
    subjects = subjects or Subjects(spec)
    there = {*spec.operations, *(s.name for s in spec.steps), *(s.name for s in spec.volume_steps)}
    for about in theorem.over or (None,):
        if about is None or (about in there and (only is None or about in only)):
            yield subjects.obligation(theorem, about)


def _argument(name: str, kind: object) -> Value:
    # No symbol but a parameter's begins so: it is not to be taken for a bound variable, or for a rule.
    symbol = f"theorem.{name}"
    if kind is Instance:
        return apply(symbol, INSTANCE)
    if kind is Volume:
        return apply(symbol, VOLUME)
    if kind is Zones:
        return Members(ZONE, lambda zone: apply(symbol, BOOL, zone))
    raise NoMeaning(f"the parameter {name} of a theorem, which is {kind}")


@lru_cache(maxsize=256)
def premise_of(formula: FunctionType) -> FunctionType:
    """Return the premise of a formula: the same function, true where that says more than `return True`."""
    definition = _Premise().visit(ast.parse(ast.unparse(source_of(formula).definition)))
    definition.body[0].decorator_list = []
    text = ast.unparse(definition)
    file = f"premise of {formula.__name__}"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    made: dict[str, Any] = {}
    exec(compile(text, file, "exec"), formula.__globals__, made)  # noqa: S102 - our own text, changed by ourselves
    return made[formula.__name__]


class _Premise(ast.NodeTransformer):
    def visit_Return(self, node: ast.Return) -> ast.Return:
        says_nothing = isinstance(node.value, ast.Constant) and node.value.value is True
        return ast.Return(ast.Constant(not says_nothing))
