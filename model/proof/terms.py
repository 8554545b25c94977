"""Formulas: many-sorted first-order terms over enums, integers and the opaque sorts Instance, Zone and Volume.

Terms are built by the functions here, which simplify what is plain, and equal terms are one object.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sort:
    """What a term ranges over; `members` are those of an enum, empty where nothing is known of the elements."""

    name: str
    members: tuple[str, ...] = ()


BOOL: Final = Sort("Bool")
INT: Final = Sort("Int")


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """A formula or a value. `what` is the name of a symbol or a bound variable, the value of a literal, or empty."""

    op: str
    args: tuple["Term", ...]
    sort: Sort
    what: Hashable
    free: frozenset["Term"]
    """The bound variables that occur free in it."""
    depth: int
    """How deep quantifiers are nested in it."""


_QUANTIFIERS: Final = ("exists", "forall")
_TERMS: Final[dict[tuple[object, ...], Term]] = {}


def _term(op: str, args: tuple[Term, ...], sort: Sort, what: Hashable = "") -> Term:
    key = (op, args, sort, what)
    found = _TERMS.get(key)
    if found is None:
        free = frozenset[Term]().union(*(arg.free for arg in args))
        depth = max((arg.depth for arg in args), default=0)
        if op in _QUANTIFIERS:
            free -= {args[0]}
            depth += 1
        found = _TERMS[key] = Term(op, args, sort, what, free, depth)
    return found


def variable(name: str, sort: Sort) -> Term:
    """Return a variable that some quantifier is to bind."""
    key = ("variable", (), sort, name)
    found = _TERMS.get(key)
    if found is None:
        found = Term("variable", (), sort, name, frozenset(), 0)
        object.__setattr__(found, "free", frozenset({found}))
        _TERMS[key] = found
    return found


def apply(symbol: str, sort: Sort, *args: Term) -> Term:
    """Return a symbol without meaning of its own, applied; without arguments it is a constant."""
    return _term("apply", args, sort, symbol)


def member(sort: Sort, name: str) -> Term:
    """Return a member of an enum."""
    return _term("member", (), sort, name)


def integer(value: int) -> Term:
    """Return a number."""
    return _term("integer", (), INT, value)


TRUE: Final = _term("true", (), BOOL)
FALSE: Final = _term("false", (), BOOL)


def forget_terms() -> None:
    """Let go of every term but true and false; no term from before may be combined with one made later."""
    for key in [key for key, term in _TERMS.items() if term is not TRUE and term is not FALSE]:
        del _TERMS[key]


_LITERALS: Final = frozenset({"true", "false", "member", "integer"})


def truth(value: bool) -> Term:  # noqa: FBT001 - the value is the point
    """Return a truth value."""
    return TRUE if value else FALSE


def not_(a: Term) -> Term:
    """Return the negation."""
    if a is TRUE or a is FALSE:
        return truth(a is FALSE)
    return a.args[0] if a.op == "not" else _term("not", (a,), BOOL)


def and_(*all_of: Term) -> Term:
    """Return the conjunction; of nothing it is true."""
    return _junction("and", all_of, TRUE, FALSE)


def or_(*any_of: Term) -> Term:
    """Return the disjunction; of nothing it is false."""
    return _junction("or", any_of, FALSE, TRUE)


def _junction(op: str, parts: tuple[Term, ...], neutral: Term, absorbing: Term) -> Term:
    flat: dict[Term, None] = {}
    for part in parts:
        for one in part.args if part.op == op else (part,):
            if one is absorbing or not_(one) in flat:
                return absorbing
            if one is not neutral:
                flat[one] = None
    if not flat:
        return neutral
    return next(iter(flat)) if len(flat) == 1 else _term(op, tuple(flat), BOOL)


def implies(a: Term, b: Term) -> Term:
    """Return that b holds where a does."""
    return or_(not_(a), b)


def ite(condition: Term, then: Term, otherwise: Term) -> Term:
    """Return one of two terms of one sort."""
    if condition is TRUE or then is otherwise:
        return then
    if condition is FALSE:
        return otherwise
    if then.sort is BOOL:
        return and_(implies(condition, then), or_(condition, otherwise))
    return _term("ite", (condition, then, otherwise), then.sort)


def eq(a: Term, b: Term) -> Term:
    """Return that two terms of one sort are the same."""
    if a is b:
        return TRUE
    if a.op in _LITERALS and b.op in _LITERALS:
        return FALSE
    for one, other in ((a, b), (b, a)):
        if one is TRUE or one is FALSE:
            return other if one is TRUE else not_(other)
        if one.op in _LITERALS and other.op == "ite":
            condition, then, otherwise = other.args
            return ite(condition, eq(then, one), eq(otherwise, one))
    return _term("=", (b, a) if a.op in _LITERALS else (a, b), BOOL)


def less(a: Term, b: Term) -> Term:
    """Return that one number is below another."""
    if isinstance(a.what, int) and isinstance(b.what, int):
        return truth(a.what < b.what)
    return _term("<", (a, b), BOOL)


def plus(*numbers: Term) -> Term:
    """Return the sum of at least one number."""
    if all(isinstance(n.what, int) for n in numbers):
        return integer(sum(n.what for n in numbers if isinstance(n.what, int)))
    return numbers[0] if len(numbers) == 1 else _term("+", numbers, INT)


def exists(bound: Term, body: Term) -> Term:
    """Return that the body holds for some value of a variable."""
    return _quantified("exists", bound, body)


def forall(bound: Term, body: Term) -> Term:
    """Return that the body holds for every value of a variable."""
    return _quantified("forall", bound, body)


def _quantified(op: str, bound: Term, body: Term) -> Term:
    if bound not in body.free:
        return body
    # Named by its depth, a variable has one name in all formulas that say the same: these are then one object.
    named = variable(f"{bound.sort.name[0].lower()}{body.depth + 1}", bound.sort)
    return _term(op, (named, substituted(body, {bound: named})), BOOL)


def subterms(*roots: Term) -> Iterator[Term]:
    """Yield every term in these, each once, parts before the whole."""
    done: set[Term] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        term, ready = stack.pop()
        if ready:
            yield term
        elif term not in done:
            done.add(term)
            stack.append((term, True))
            stack.extend((arg, False) for arg in reversed(term.args) if arg not in done)


def rebuilt(term: Term, args: tuple[Term, ...]) -> Term:
    """Return a term with other parts in the place of its own, simplified again."""
    build: Callable[..., Term] | None = _BUILDERS.get(term.op)
    if build is not None:
        return build(*args)
    return _term(term.op, args, term.sort, term.what) if args else term


_BUILDERS: Final[dict[str, Callable[..., Term]]] = {
    "not": not_,
    "and": and_,
    "or": or_,
    "ite": ite,
    "=": eq,
    "<": less,
    "+": plus,
    "exists": exists,
    "forall": forall,
}


def substituted(term: Term, values: dict[Term, Term]) -> Term:
    """Return a term in which variables stand for other terms; no quantifier in it binds one that occurs in those."""
    done: dict[Term, Term] = {}

    def put(part: Term) -> Term:
        if part not in done:
            if part in values:
                done[part] = values[part]
            elif part.free.isdisjoint(values):
                done[part] = part
            else:
                done[part] = rebuilt(part, tuple(map(put, part.args)))
        return done[part]

    return put(term)
