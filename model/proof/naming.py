"""Gives every quantified formula a name of its own, to keep the queries to a solver small and fast.

Otherwise a solver takes a quantified formula inside conditions and quantifiers apart again and again.
"""

from collections.abc import Mapping

from .terms import BOOL, Term, apply, forall, not_, or_, rebuilt


def named(formulas: tuple[Term, ...], names: Mapping[Term, str]) -> tuple[Term, ...]:
    """Return formulas that can hold together just where these can, in which no quantifier stands within another.

    `names` are the names of rules that a formula stands for, to be read by people.
    """
    definitions: list[Term] = []
    taken: dict[str, int] = {}
    done: dict[Term, Term] = {}

    def put(term: Term) -> Term:
        if term not in done:
            done[term] = term if not term.depth else define(term, rebuilt(term, tuple(map(put, term.args))))
        return done[term]

    def define(origin: Term, term: Term) -> Term:
        if term.op not in ("exists", "forall"):
            return term
        name = names.get(origin, "some" if term.op == "exists" else "every")
        taken[name] = taken.get(name, 0) + 1
        free = sorted(term.free, key=lambda bound: (len(str(bound.what)), str(bound.what)))
        symbol = apply(f"{name}#{taken[name]}" if taken[name] > 1 else name, BOOL, *free)
        # Two implications: solvers are quicker with them than with one equivalence.
        for half in (or_(not_(symbol), term), or_(symbol, not_(term))):
            definition = half
            for bound in free:
                definition = forall(bound, definition)
            definitions.append(definition)
        return symbol

    outer = tuple(
        rebuilt(formula, (formula.args[0], put(formula.args[1]))) if formula.op == "forall" else put(formula)
        for formula in formulas
    )
    return (*definitions, *outer)
