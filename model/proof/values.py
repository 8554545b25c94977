"""The values that a rule computes with if its arguments are unknown: formulas, and structures of formulas.

A known value stays a Python value: an enum's member, a text, a table, a function.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias, TypeGuard

from .terms import BOOL, FALSE, TRUE, Sort, Term, and_, apply, eq, integer, ite, member, not_, or_, truth

INSTANCE: Final = Sort("Instance")
ZONE: Final = Sort("Zone")
VOLUME: Final = Sort("Volume")

Value: TypeAlias = Any
"""A term, a structure of this module, or a plain Python value."""


class NoMeaning(Exception):
    """Values are combined in a way that has no meaning in a formula."""


@dataclass(frozen=True, eq=False, slots=True)
class Structure:
    """An object of a dataclass, some of whose fields are not known."""

    cls: type
    fields: Mapping[str, Value]

    def having(self, **changes: Value) -> "Structure":
        """Return the object with other values in some fields."""
        unheard_of = changes.keys() - self.fields.keys()
        if unheard_of:
            raise NoMeaning(f"{self.cls.__name__} has no field {min(unheard_of)}")
        return Structure(self.cls, {**self.fields, **changes})


@dataclass(frozen=True, eq=False, slots=True)
class Maybe:
    """A value, or None where `present` does not hold."""

    present: Term
    value: Term


@dataclass(frozen=True, eq=False, slots=True)
class Cases:
    """One of several plain values, each under its condition; exactly one condition holds."""

    cases: tuple[tuple[Term, Hashable], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Members:
    """A set of identities of one sort, known by what is in it; `only` is its one member where it has just one."""

    sort: Sort
    has: Callable[[Term], Term]
    only: Term | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A mapping from identities to objects: what is in it, and what stands there."""

    sort: Sort
    has: Callable[[Term], Term]
    at: Callable[[Term], Value]


def sort_of_enum(cls: type[Enum]) -> Sort:
    """Return the sort of an enum."""
    return Sort(cls.__name__, tuple(cls.__members__))


def is_enum(kind: object) -> TypeGuard[type[Enum]]:
    """Tell whether a type, by the annotation of a field, is an enum."""
    return isinstance(kind, type) and issubclass(kind, Enum)


def sort_of(kind: object) -> Sort | None:
    """Return the sort of a type, by the annotation of a field; None where it has none."""
    if kind is bool:
        return BOOL
    if is_enum(kind):
        return sort_of_enum(kind)
    return _IDENTITIES.get(getattr(kind, "__name__", ""))


_IDENTITIES: Final = {sort.name: sort for sort in (INSTANCE, ZONE, VOLUME)}


def as_term(value: Value) -> Term | None:
    """Return a plain value as a term, where it is one of a sort."""
    match value:
        case Term():
            return value
        case bool():
            return truth(value)
        case int():
            return integer(value)
        case Enum():
            return member(sort_of_enum(type(value)), value.name)
        case _:
            return None


def condition(value: Value) -> Term:
    """Return whether a value counts as true, as Python has it."""
    match value:
        case Maybe():
            return value.present
        case None:
            return FALSE
        case _:
            term = as_term(value)
            if term is None or term.sort is not BOOL:
                raise NoMeaning(f"{_said(value)} as a condition")
            return term


def chosen(test: Term, then: Value, otherwise: Value) -> Value:
    """Return one value where a test holds, else another."""
    if test is TRUE or then is otherwise:
        return then
    if test is FALSE:
        return otherwise
    match then, otherwise:
        case Structure(), Structure() if then.cls is otherwise.cls:
            return Structure(
                then.cls, {name: chosen(test, value, otherwise.fields[name]) for name, value in then.fields.items()}
            )
        case (Maybe(), _) | (_, Maybe()):
            one, other = _maybe(then, otherwise), _maybe(otherwise, then)
            return Maybe(ite(test, one.present, other.present), ite(test, one.value, other.value))
        case _:
            return _chosen_plain(test, then, otherwise)


def _chosen_plain(test: Term, then: Value, otherwise: Value) -> Value:
    a, b = as_term(then), as_term(otherwise)
    if a is not None and b is not None and a.sort == b.sort:
        return ite(test, a, b)
    # An identity stands beside None as in `holder=None`.
    for one, other, present in ((a, otherwise, test), (b, then, not_(test))):
        if one is not None and other is None and one.op not in ("member", "integer", "true", "false"):
            return Maybe(present, one)
    cases: dict[Hashable, Term] = {}
    for guard, value in ((test, then), (not_(test), otherwise)):
        for inner, plain in cases_of(value):
            cases[plain] = or_(cases.get(plain, FALSE), and_(guard, inner))
    left = tuple((guard, plain) for plain, guard in cases.items() if guard is not FALSE)
    return left[0][1] if len(left) == 1 else Cases(left)


def _maybe(value: Value, like: Value) -> Maybe:
    match value:
        case Maybe():
            return value
        case None:
            return Maybe(FALSE, like.value)
        case Term():
            return Maybe(TRUE, value)
        case _:
            raise NoMeaning(f"{_said(value)} beside what may be None")


def cases_of(value: Value) -> Iterator[tuple[Term, Hashable]]:
    """Yield the plain values that a value may be, each with its condition."""
    if isinstance(value, Cases):
        yield from value.cases
    elif isinstance(value, Structure | Maybe | Members | Table) or (
        isinstance(value, Term) and value.op not in ("member", "integer", "true", "false")
    ):
        raise NoMeaning(f"{_said(value)} beside a plain value")
    else:
        yield TRUE, value


def same(a: Value, b: Value) -> Term:
    """Return that two values are equal."""
    if a is b:
        return TRUE
    match a, b:
        case (Structure(), None) | (None, Structure()):
            return FALSE
        case Structure(), Structure() if a.cls is b.cls:
            return and_(*(same(value, b.fields[name]) for name, value in a.fields.items()))
        case (Maybe() as only, None) | (None, Maybe() as only):
            return not_(only.present)
        case (Maybe(), _) | (_, Maybe()):
            one, other = _maybe(a, b), _maybe(b, a)
            return or_(
                and_(not_(one.present), not_(other.present)),
                and_(one.present, other.present, eq(one.value, other.value)),
            )
        case _:
            x, y = as_term(a), as_term(b)
            if x is not None and y is not None:
                return eq(x, y) if x.sort == y.sort else FALSE
            if isinstance(a, Term) or isinstance(b, Term):
                return FALSE  # an unknown identity is never None or a text
            return or_(*(and_(p, q) for p, one in cases_of(a) for q, other in cases_of(b) if one == other))


def unknown(prefix: str, cls: type, hints: Mapping[str, object], *args: Term, **given: Value) -> Structure:
    """Return an arbitrary object of a dataclass: a symbol for each field, with the name of the field.

    `given` are the fields that are known, or of a kind that has no sort.
    """
    fields = {
        name: given[name] if name in given else apply(f"{prefix}{name}", _sorted(cls, name, kind), *args)
        for name, kind in hints.items()
    }
    return Structure(cls, fields)


def _sorted(cls: type, name: str, kind: object) -> Sort:
    sort = sort_of(kind)
    if sort is None:
        raise NoMeaning(f"{cls.__name__}.{name} of type {kind}")
    return sort


def nowhere(sort: Sort) -> Term:
    """Return the identity that stands where there is none (`world.holder` of a volume that is attached to nothing)."""
    return apply(f"no-{sort.name}", sort)


def _said(value: Value) -> str:
    return value.cls.__name__ if isinstance(value, Structure) else type(value).__name__
