"""A situation that is known, as facts for a solver: whether a formula comes to what it means can be asked."""

from collections.abc import Iterable, Iterator
from itertools import product

from meanings import Known

from ec2_lifecycle.model.proof.evaluation import Plain
from ec2_lifecycle.model.proof.expansion import expanded
from ec2_lifecycle.model.proof.smtlib import Script
from ec2_lifecycle.model.proof.terms import (
    BOOL,
    INT,
    Sort,
    Term,
    apply,
    eq,
    integer,
    member,
    not_,
    or_,
    rebuilt,
    subterms,
    truth,
    variable,
)
from ec2_lifecycle.model.proof.values import Cases, Maybe, Structure, Value


def terms_in(value: Value) -> Iterator[Term]:
    """Yield the formulas of which a value is made."""
    match value:
        case Term():
            yield value
        case Structure():
            for field in value.fields.values():
                yield from terms_in(field)
        case Maybe():
            yield from (value.present, value.value)
        case Cases():
            yield from (test for test, _ in value.cases)
        case _:
            return


def of_scope(terms: Iterable[Term], known: Known) -> Iterator[Term]:
    """Yield formulas that speak of the members of the situation's scope, their quantifiers as they are."""
    done: dict[Term, Term] = {}

    def put(term: Term) -> Term:
        if term not in done:
            args = tuple(map(put, term.args))
            match term.op:
                case "variable":
                    done[term] = variable(str(term.what), known.scope.sort(term.sort))
                case "apply":
                    done[term] = apply(str(term.what), known.scope.sort(term.sort), *args)
                case _:
                    done[term] = rebuilt(term, args)
        return done[term]

    return map(put, terms)


def literal(value: Plain, sort: Sort) -> Term:
    """Return a plain value as a formula."""
    if sort == BOOL:
        return truth(bool(value))
    return integer(int(value)) if sort == INT else member(sort, str(value))


def questions(known: Known, terms: Iterable[Term], *, written_out: bool) -> tuple[Script, Script]:
    """Return two questions: can the facts of a situation hold at all, and can some formula not have its value then.

    `written_out`: the quantifiers are, as in a search for counterexamples.
    """
    asked = list(dict.fromkeys(terms))
    spoken = list(expanded(asked, known.scope) if written_out else of_scope(asked, known))
    apart = or_(
        *(
            not_(eq(term, literal(known.value(original), term.sort)))
            for original, term in zip(asked, spoken, strict=True)
        )
    )
    facts = tuple(dict.fromkeys(_facts(known, spoken)))
    return Script("the facts", facts), Script("the facts, and something has another value", (*facts, apart))


def _facts(known: Known, terms: Iterable[Term]) -> Iterator[Term]:
    for part in subterms(*terms):
        if part.op == "apply":
            for args in product(*(arg.sort.members for arg in part.args)):
                value = known.interpretation(part, args)
                members = (member(arg.sort, name) for arg, name in zip(part.args, args, strict=True))
                yield eq(apply(str(part.what), part.sort, *members), literal(value, part.sort))
