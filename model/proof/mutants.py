"""Mutants: the specification with one small change each, which a test or a theorem has to notice.

They are made from the syntax of rules and tables. `operators` has the changes, and `places` says what changes.
Ids of clauses, docstrings and type annotations stay as they are, because they have no effect on behaviour.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from typing import Any

from ..specification import Specification
from .edits import Edit, edited, told
from .operators import OPERATORS
from .places import Place, places
from .variants import MODEL, NO_RULES, VARYING, load, sources


@dataclass(frozen=True)
class Mutant:
    """The specification with one change.

    `id` is `MODULE/PLACE/OPERATOR/NUMBER`, counted within place and operator: changes elsewhere do not touch it.
    """

    id: str
    module: str
    place: str
    """The rule or the table that is changed."""
    line: int
    operator: str
    change: str
    """What it read before and what it reads now, in one line."""
    source: str
    """The text of the module, changed."""

    def specification(self) -> Specification:
        """Return the specification with the change; raises `DoesNotLoad`."""
        return load({**sources(), self.module: self.source}, f"{self.id}/model")


def mutants() -> tuple[Mutant, ...]:
    """Return every mutant of the rules and tables, in the order of the modules and of the text."""
    modules = [name for name in VARYING if name.partition(".")[0] not in (*NO_RULES, "specification")]
    return tuple(chain.from_iterable(mutants_of(m, sources()[m], vars(import_module(f"{MODEL}.{m}"))) for m in modules))


def mutants_of(module: str, text: str, scope: Mapping[str, Any]) -> Iterator[Mutant]:
    """Yield the mutants of one module's text; `scope` has the values of its names."""
    for place in places(module, text, scope):
        yield from _mutants_at(place)


def _mutants_at(place: Place) -> Iterator[Mutant]:
    text = place.text.text
    seen = {_said(place, None)}
    for operator, edits in OPERATORS.items():
        numbers = Counter[str]()
        for edit in edits(place):
            said = _said(place, edit)
            if said in seen:
                continue
            seen.add(said)
            numbers[operator] += 1
            yield Mutant(
                id=f"{place.module}/{place.name}/{operator}/{numbers[operator]}",
                module=place.module,
                place=place.name,
                line=place.text.line(max(edit.span.start, edit.shown.start)),
                operator=operator,
                change=told(text, edit),
                source=edited(text, edit),
            )


def _said(place: Place, edit: Edit | None) -> str:
    """Return the syntax of a place after an edit: two edits that give the same are one."""
    span = place.text.lines(place.statement)
    after = edited(place.text.text, edit) if edit else place.text.text
    return ast.dump(ast.parse(after[span.start : span.end + len(after) - len(place.text.text)]))
