"""Makes plain worlds, requests and choices from the values that a solver or a test gives to their symbols."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeVar, get_type_hints

from ..choices import Choice
from ..reach.branching import Picked
from ..requests import AttributeRequest, LaunchRequest, LaunchVolume, Request, VolumeRequest
from ..world import IdForm, Instance, InstanceRecord, Volume, VolumeRecord, World, Zone
from .evaluation import Interpretation, Plain, evaluated
from .expansion import Scope
from .solvers import untyped
from .terms import BOOL, INT, Sort, Term
from .values import INSTANCE, VOLUME, ZONE, Maybe, Structure, is_enum, nowhere, sort_of
from .worlds import SymbolicRequest, SymbolicWorld

A = TypeVar("A", bound=Enum)

_LETTERS: Final = "ABCDEFGHIJ"


def plain_name(member: str) -> str:
    """Return how an instance, zone or volume of a scope is called in a plain world: A, 1, v1."""
    number = int(member[1:])
    match member[0]:
        case "i":
            return _LETTERS[number - 1]
        case "z":
            return str(number)
        case _:
            return member


@dataclass(frozen=True)
class Found:
    """A scope, and what every symbol in it is."""

    scope: Scope
    interpretation: Interpretation

    def value(self, term: Term) -> Plain:
        """Return the value of any term."""
        return evaluated(term, self.scope, self.interpretation)

    def world(self, world: SymbolicWorld) -> World:
        """Return a world that was not known, as it is."""
        instances = {
            Instance(self._name(i)): self._record(InstanceRecord, world.instances.at(i))
            for i in self._members(INSTANCE)
            if self.value(world.instances.has(i))
        }
        volumes = {
            Volume(self._name(v)): self._record(VolumeRecord, world.volumes.at(v))
            for v in self._members(VOLUME)
            if self.value(world.volumes.has(v))
        }
        strangers = {
            Instance(self._name(i)): IdForm[str(self.value(world.strangers.at(i)))]
            for i in self._members(INSTANCE)
            if not self.value(world.instances.has(i))
        }
        return World(instances, volumes, strangers)

    def request(self, request: SymbolicRequest) -> Request:
        """Return a request that was not known, as it is; ids are repeated until there are as many as were sent."""
        fields: dict[str, Any] = {
            name: self._plain(kind, vars(request)[name])
            for name, kind in get_type_hints(request.cls).items()
            if sort_of(kind) is not None and name in vars(request)
        }
        named = [i for i in self._members(INSTANCE) if self.value(request.instances.has(i))]
        ids = [Instance(self._name(i)) for i in named]
        ids += ids[:1] * (int(self.value(request.count)) - len(ids))
        volumes = [v for v in self._members(VOLUME) if self.value(request.volumes.has(v))]
        fields |= {"operation": request.operation, "instances": tuple(ids)}
        if request.cls is LaunchRequest:
            fields["volumes"] = tuple(self._launched(request, i, volumes) for i in named)
        elif request.cls is VolumeRequest:
            fields["volumes"] = tuple(Volume(self._name(v)) for v in volumes)
        elif request.cls is AttributeRequest:
            fields["volume"] = Volume(self._name(volumes[0])) if volumes else None
        return request.cls(**fields)

    def _launched(self, request: SymbolicRequest, i: Term, volumes: list[Term]) -> tuple[LaunchVolume, ...]:
        about = vars(request)
        return tuple(
            LaunchVolume(
                Volume(self._name(v)),
                delete_on_termination=(
                    bool(self.value(about["delete_on_termination"](v)))
                    if self.value(about["says_what_becomes_of"](v))
                    else None
                ),
                root=bool(self.value(about["root"](v))),
            )
            for v in volumes
            if self.value(about["holder"](v)) == i.what
        )

    def choices(
        self,
        name: str,
        choices: tuple[Choice[Enum], ...],
        formulas: Iterator[Term],
        renamed: Mapping[str, str] | None = None,
    ) -> Picked:
        """Return the choices that formulas ask for; those that are `renamed` have a symbol of another name."""
        known = {f"{name}.{(renamed or {}).get(choice.id, choice.id)}": choice for choice in choices}
        picks: dict[tuple[str, Instance | None], Enum] = {}
        for part in formulas:
            if part.op == "apply" and part.what in known:
                choice = known[str(part.what)]
                for i in self._members(INSTANCE) if part.args else (None,):
                    value = self.interpretation(part, () if i is None else (str(i.what),))
                    place = None if i is None else Instance(self._name(i))
                    picks[choice.id, place] = type(choice.preferred)[str(value)]
        return Picked(picks)

    def identity(self, term: Term) -> str:
        """Return the plain name of an instance or volume."""
        return self._called(str(self.value(term)))

    def zones(self, has: Any) -> frozenset[Zone]:  # noqa: ANN401 - a predicate on zones
        """Return a set of zones."""
        return frozenset(Zone(self._name(z)) for z in self._members(ZONE) if self.value(has(z)))

    def _members(self, sort: Sort) -> tuple[Term, ...]:
        return self.scope.members(sort)

    def _name(self, member: Term) -> str:
        return self._called(str(member.what))

    def _called(self, member: str) -> str:
        """Return the plain name of a member; the one that stands for no instance has none."""
        return "" if member == self.interpretation(nowhere(INSTANCE), ()) else plain_name(member)

    def _record(self, cls: type, record: Structure) -> Any:  # noqa: ANN401 - one of two records
        hints = get_type_hints(cls)
        return cls(**{name: self._plain(hints[name], value) for name, value in record.fields.items()})

    def _plain(self, kind: object, value: object) -> object:
        match value:
            case Maybe():
                return self.identity(value.value) if self.value(value.present) else None
            case Term() if value.sort in (BOOL, INT):
                return self.value(value)
            case Term() if is_enum(kind):
                return kind[str(self.value(value))]
            case Term():
                return self.identity(value)
            case _:
                return value


def of_z3(model: Any) -> Interpretation:  # noqa: ANN401 - a model of Z3 has no types
    """Return what every symbol is in a model of Z3; one that it leaves open is the first that its sort has."""
    z3 = untyped("z3")
    symbols = {decl.name(): decl for decl in model.decls()}

    def interpretation(term: Term, args: tuple[Plain, ...]) -> Plain:
        decl = symbols.get(str(term.what))
        if decl is None:
            return "" if term.what == nowhere(INSTANCE).what else _first_of(term.sort)
        value: Any = model.eval(decl(*_arguments(decl, args)), model_completion=True)
        if z3.is_int_value(value):
            return int(value.as_long())
        if z3.is_true(value) or z3.is_false(value):
            return bool(z3.is_true(value))
        return str(value).rpartition(".")[2]

    return interpretation


def _first_of(sort: Sort) -> Plain:
    if sort == BOOL:
        return False
    if sort == INT:
        return 0
    return sort.members[0] if sort.members else f"{sort.name[0].lower()}1"


def _arguments(decl: Any, args: tuple[Plain, ...]) -> Iterator[Any]:  # noqa: ANN401 - as above
    for position, name in enumerate(args):
        domain = decl.domain(position)
        constructors = (domain.constructor(k) for k in range(domain.num_constructors()))
        yield next(c() for c in constructors if c.name().rpartition(".")[2] == name)
