"""Small scopes: a formula over a few instances, zones and volumes, in which every quantifier is written out.

There a solver always finds an answer: counterexamples and witnesses come from here, never a proof.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .sending import Stage
from .terms import Sort, Term, and_, apply, eq, integer, ite, member, not_, or_, plus, rebuilt, substituted, subterms
from .values import INSTANCE, VOLUME, ZONE


@dataclass(frozen=True, slots=True)
class Scope:
    """How many instances (never given out ones among them), zones and volumes there are."""

    instances: int
    zones: int
    volumes: int

    def sort(self, sort: Sort) -> Sort:
        """Return the sort with its members, or an enum as it is."""
        sizes = {INSTANCE: self.instances, ZONE: self.zones, VOLUME: self.volumes}
        if sort not in sizes:
            return sort
        return Sort(sort.name, tuple(f"{sort.name[0].lower()}{n + 1}" for n in range(sizes[sort])))

    def members(self, sort: Sort) -> tuple[Term, ...]:
        """Return the members of one of the opaque sorts."""
        sized = self.sort(sort)
        return tuple(member(sized, name) for name in sized.members)

    def __str__(self) -> str:
        counts = {"instance": self.instances, "zone": self.zones, "volume": self.volumes}
        return ", ".join(f"{count} {what}{'s' * (count != 1)}" for what, count in counts.items())


SCOPES: Final = tuple(
    Scope(instances, zones, volumes)
    for instances in range(1, 5)
    for zones in range(1, min(instances, 3) + 1)
    for volumes in range(4)
)
"""1 to 4 instances, 1 to 3 zones, 0 to 3 volumes: the fewest instances first, then zones, then volumes."""


def scopes_for(formulas: Iterable[Term]) -> Iterator[Scope]:
    """Yield the scopes that are worth a look: without volumes where nothing is about any, else with one at least."""
    constants = {part.sort for part in subterms(*formulas) if part.op == "apply"}
    bound = {part.sort for part in subterms(*formulas) if part.op == "variable"}
    for scope in SCOPES:
        if VOLUME in constants | bound:
            if scope.volumes or (VOLUME not in constants and scope.volumes == 0):
                yield scope
        elif scope.volumes == 0:
            yield scope


def expanded(formulas: Iterable[Term], scope: Scope) -> Iterator[Term]:
    """Yield formulas over the members of a scope, without quantifiers."""
    done: dict[Term, Term] = {}

    def put(term: Term) -> Term:
        if term in done:
            return done[term]
        if term.op in ("exists", "forall"):
            bound, body = term.args
            each = (put(substituted(body, {bound: one})) for one in scope.members(bound.sort))
            result = or_(*each) if term.op == "exists" else and_(*each)
        elif term.op == "apply":
            result = apply(str(term.what), scope.sort(term.sort), *map(put, term.args))
        else:
            result = rebuilt(term, tuple(map(put, term.args)))
        done[term] = result
        return result

    for formula in formulas:
        yield put(formula)


def counted(stage: Stage, scope: Scope) -> Iterator[Term]:
    """Yield how many ids each request has: as many different ones as it names, and whatever is repeated is the first.

    So a plain request can be made of it, which has its repeated ids in that part which names the first.
    """
    members = scope.members(INSTANCE)
    for request in stage.requests:
        if request.distinct.op == "integer":
            continue
        names = request.instances.has
        yield eq(request.distinct, plus(*(ite(names(one), integer(1), integer(0)) for one in members)))
        if request.whole is not None:
            whole = request.whole
            first = (
                and_(names(one), *(not_(whole.instances.has(other)) for other in members[:number]))
                for number, one in enumerate(members)
            )
            repeats = eq(plus(request.count, whole.distinct), plus(whole.count, request.distinct))
            yield ite(or_(*first), repeats, eq(request.count, request.distinct))
