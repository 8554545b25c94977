"""Unknown worlds, requests and choices: any number of instances, zones and volumes.

A predicate says which instances a request names. A field of a record is a function of the identity.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Final, get_type_hints

from ..choices import Choice
from ..requests import REQUEST_TYPES, AttributeRequest, LaunchRequest, Operation
from ..world import IdForm, InstanceRecord, VolumeRecord, World
from .reading import Symbolic
from .terms import (
    BOOL,
    FALSE,
    INT,
    TRUE,
    Sort,
    Term,
    and_,
    apply,
    eq,
    exists,
    forall,
    implies,
    integer,
    ite,
    less,
    member,
    not_,
    or_,
    subterms,
    variable,
)
from .values import (
    INSTANCE,
    VOLUME,
    Maybe,
    Members,
    Structure,
    Table,
    Value,
    nowhere,
    sort_of,
    sort_of_enum,
    unknown,
)

_INSTANCE_FIELDS: Final = get_type_hints(InstanceRecord)
_VOLUME_FIELDS: Final = get_type_hints(VolumeRecord)
FORMS: Final = sort_of_enum(IdForm)
ANY_INSTANCE: Final = variable("instance", INSTANCE)
ANY_VOLUME: Final = variable("volume", VOLUME)


class SymbolicWorld(Symbolic):
    """A world, known by its tables."""

    cls = World

    def __init__(self, instances: Table, volumes: Table, strangers: Table) -> None:
        self.instances = instances
        self.volumes = volumes
        self.strangers = strangers

    def having(self, instances: Table | None = None, volumes: Table | None = None) -> "SymbolicWorld":
        """Return the world with other tables."""
        return SymbolicWorld(instances or self.instances, volumes or self.volumes, self.strangers)


def any_world(name: str) -> SymbolicWorld:
    """Return an arbitrary world; the names of its symbols begin with `name`."""

    def volume(v: Term) -> Structure:
        holder = Maybe(apply(f"{name}.attached", BOOL, v), apply(f"{name}.holder", INSTANCE, v))
        return unknown(f"{name}.volume.", VolumeRecord, _VOLUME_FIELDS, v, holder=holder)

    return SymbolicWorld(
        Table(
            INSTANCE,
            lambda i: apply(f"{name}.issued", BOOL, i),
            lambda i: unknown(f"{name}.", InstanceRecord, _INSTANCE_FIELDS, i),
        ),
        Table(VOLUME, lambda v: apply(f"{name}.made", BOOL, v), volume),
        Table(INSTANCE, lambda _: TRUE, lambda i: apply(f"{name}.form", FORMS, i)),
    )


def facts_of_world(world: SymbolicWorld) -> Iterator[Term]:
    """Yield what holds of every world as Python has it: an id that was never given out is not called issued."""
    yield forall(ANY_INSTANCE, not_(eq(world.strangers.at(ANY_INSTANCE), member(FORMS, IdForm.ISSUED.name))))


class SymbolicChoices(Symbolic):
    """A setting of every choice: one symbol each, a function of the instance where each has its own.

    `renamed` are choices, by id, that have a symbol of another name.
    """

    def __init__(self, name: str, renamed: Mapping[str, str] | None = None) -> None:
        def pick(choice: Choice[Enum], *i: Term) -> Term:
            own = (renamed or {}).get(choice.id, choice.id)
            return apply(f"{name}.{own}", sort_of_enum(type(choice.preferred)), *i)

        def of(choice: Choice[Enum]) -> Term:
            return pick(choice)

        def at(choice: Choice[Enum], i: Term) -> Term:
            return pick(choice, i)

        self.of = _symbolic(of)
        self.at = _symbolic(at)


def _symbolic(function: Callable[..., Value]) -> Callable[..., Value]:
    """Mark a function that gives terms by itself, and is not to be read."""
    vars(function)["symbolic"] = True
    return function


ONE_INSTANCE: Final = frozenset({Operation.MODIFY, Operation.DESCRIBE_ATTRIBUTE, Operation.ATTACH})
"""The operations whose request names just one instance."""
ONE_VOLUME: Final = frozenset({Operation.ATTACH, Operation.DETACH, Operation.DELETE_VOLUME, Operation.CREATE_VOLUME})
NO_INSTANCE: Final = frozenset({Operation.CREATE_VOLUME, Operation.DELETE_VOLUME, Operation.DESCRIBE_VOLUMES})
MAY_NAME_ONE: Final = frozenset({Operation.DETACH})
"""The operations whose request names one instance or none."""


class SymbolicRequest(Symbolic):
    """An arbitrary request of one operation; it names any number of instances."""

    def __init__(self, name: str, operation: Operation) -> None:
        self.cls = REQUEST_TYPES[operation]
        self.name = name
        self.operation = operation
        self.whole: SymbolicRequest | None = None
        """The request that this one is a part of."""
        for field, kind in get_type_hints(self.cls).items():
            sort = sort_of(kind)
            if sort is not None and field != "operation":
                vars(self)[field] = apply(f"{name}.{field}", sort)
        self.count: Term = apply(f"{name}.count", INT)
        self.distinct: Term = apply(f"{name}.distinct", INT)
        self.instances = self._instances()
        self.volumes = self._volumes()
        self.volume_ids = self.volumes
        first = "instance" if operation in MAY_NAME_ONE else "first"
        self.instance: Term = self.instances.only or apply(f"{name}.{first}", INSTANCE)
        if operation in ONE_INSTANCE:
            self.count = self.distinct = integer(1)
        elif operation in NO_INSTANCE:
            self.count = self.distinct = integer(0)
        elif operation in MAY_NAME_ONE:
            self.count = self.distinct = ite(apply(f"{name}.names_instance", BOOL), integer(1), integer(0))
        if self.cls is AttributeRequest:
            changes = apply(f"{name}.names_volume", BOOL) if operation is Operation.MODIFY else FALSE
            self.volume = Maybe(changes, apply(f"{name}.volume", VOLUME))
        if self.cls is LaunchRequest:
            self.holder = self._of_volume("holder", INSTANCE)
            for about in ("root", "says_what_becomes_of", "delete_on_termination"):
                vars(self)[about] = self._of_volume(about, BOOL)

    def _instances(self) -> Members:
        if self.operation in ONE_INSTANCE:
            only = apply(f"{self.name}.instance", INSTANCE)
            return Members(INSTANCE, lambda i: eq(i, only), only)
        if self.operation in MAY_NAME_ONE:
            one, is_there = apply(f"{self.name}.instance", INSTANCE), apply(f"{self.name}.names_instance", BOOL)
            return Members(INSTANCE, lambda i: and_(is_there, eq(i, one)))
        if self.operation in NO_INSTANCE:
            return Members(INSTANCE, lambda _: FALSE)
        return Members(INSTANCE, lambda i: apply(f"{self.name}.names", BOOL, i))

    def _volumes(self) -> Members:
        if self.operation in ONE_VOLUME:
            only = apply(f"{self.name}.volume", VOLUME)
            return Members(VOLUME, lambda v: eq(v, only), only)
        if self.operation in (Operation.RUN, Operation.DESCRIBE_VOLUMES):
            return Members(VOLUME, lambda v: apply(f"{self.name}.names_volume", BOOL, v))
        if self.operation is Operation.MODIFY:
            only, is_there = apply(f"{self.name}.volume", VOLUME), apply(f"{self.name}.names_volume", BOOL)
            return Members(VOLUME, lambda v: and_(is_there, eq(v, only)))
        return Members(VOLUME, lambda _: FALSE)

    def _of_volume(self, field: str, sort: Sort) -> Callable[..., Value]:
        def about(v: Term) -> Term:
            return apply(f"{self.name}.volume.{field}", sort, v)

        return _symbolic(about)

    def restricted(self, name: str, keep: Callable[[Term], Term]) -> "SymbolicRequest":
        """Return the request that names only those instances, in whatever number they are."""
        part = SymbolicRequest(self.name, self.operation)
        part.whole = self
        part.instances = Members(INSTANCE, lambda i: and_(self.instances.has(i), keep(i)))
        part.count, part.distinct = apply(f"{name}.count", INT), apply(f"{name}.distinct", INT)
        return part


def facts_of_request(world: SymbolicWorld, request: SymbolicRequest) -> Iterator[Term]:
    """Yield what holds of every request of its kind, in the world that it meets."""
    yield from facts_of_counts(request)
    names, names_volume = request.instances.has(ANY_INSTANCE), request.volumes.has(ANY_VOLUME)
    is_new = request.operation in (Operation.RUN, Operation.CREATE_VOLUME)
    made = world.volumes.has(ANY_VOLUME)
    yield forall(ANY_VOLUME, implies(names_volume, not_(made) if is_new else made))
    if request.operation is Operation.RUN:
        yield exists(ANY_INSTANCE, names)
        yield forall(ANY_INSTANCE, implies(names, not_(world.instances.has(ANY_INSTANCE))))
        holder: Callable[[Term], Term] = request.holder
        yield forall(ANY_VOLUME, implies(names_volume, request.instances.has(holder(ANY_VOLUME))))
    if isinstance(getattr(request, "volume", None), Maybe):
        attribute: Term = vars(request)["attribute"]
        maps_devices = eq(attribute, member(attribute.sort, "BLOCK_DEVICE_MAPPINGS"))
        if request.operation is Operation.MODIFY:
            yield eq(request.volume.present, maps_devices)


def facts_of_counts(request: SymbolicRequest) -> Iterator[Term]:
    """Yield how the numbers of ids go with what a request names: zero exactly when it names nothing."""
    if request.count.op != "integer":
        named = exists(ANY_INSTANCE, request.instances.has(ANY_INSTANCE))
        yield eq(less(integer(0), request.distinct), named)
        yield not_(less(request.distinct, integer(0)))
        yield not_(less(request.count, request.distinct))
        yield or_(less(integer(0), request.distinct), eq(request.count, integer(0)))


def facts_of_nowhere(
    world: SymbolicWorld, requests: Iterable[SymbolicRequest], formulas: Iterable[Term]
) -> Iterator[Term]:
    """Yield the facts about the id of no instance, if formulas use it: nothing has this id, and no request names it."""
    none = nowhere(INSTANCE)
    if none in subterms(*formulas):
        yield not_(world.instances.has(none))
        yield from (not_(request.instances.has(none)) for request in requests)
        holder: Maybe = world.volumes.at(ANY_VOLUME).fields["holder"]
        yield forall(ANY_VOLUME, not_(and_(holder.present, eq(holder.value, none))))
