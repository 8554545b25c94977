"""Plain worlds, requests and choices as formulas about their symbols: the way back from `model/proof/models`."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from ec2_lifecycle.model.choices import Choice
from ec2_lifecycle.model.proof.expansion import Scope
from ec2_lifecycle.model.proof.obligations import CHOICES
from ec2_lifecycle.model.proof.terms import BOOL, Sort, Term, and_, apply, eq, integer, member, not_
from ec2_lifecycle.model.proof.values import INSTANCE, VOLUME, ZONE, Maybe, Table, Value, as_term, same, sort_of_enum
from ec2_lifecycle.model.proof.worlds import SymbolicRequest, SymbolicWorld
from ec2_lifecycle.model.reach.branching import Picks
from ec2_lifecycle.model.requests import AttributeRequest, BatchRequest, LaunchRequest, Request, VolumeRequest
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, VolumeRecord, World, Zone

Record = InstanceRecord | VolumeRecord


@dataclass(frozen=True, eq=False)
class ScopeTerms:
    """Tells plain things of a small scope in formulas; its instances, zones and volumes are named in their order.

    What is told more than once (most worlds have most records in common) has a name, a symbol:
    `definitions` say what they mean, and belong to every question.
    """

    scope: Scope
    instances: tuple[Instance, ...]
    zones: tuple[Zone, ...]
    volumes: tuple[Volume, ...]
    definitions: list[Term] = field(default_factory=list[Term])
    _symbols: dict[Hashable, Term] = field(default_factory=dict[Hashable, Term])

    @cached_property
    def _members(self) -> dict[str, tuple[Term, ...]]:
        return {sort.name: self.scope.members(sort) for sort in (INSTANCE, ZONE, VOLUME)}

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        return {INSTANCE.name: self.instances, ZONE.name: self.zones, VOLUME.name: self.volumes}

    def _member(self, sort: Sort, name: str) -> Term:
        return self._members[sort.name][self._names[sort.name].index(name)]

    def instance(self, i: Instance) -> Term:
        """Return an instance."""
        return self._member(INSTANCE, i)

    def volume(self, v: Volume) -> Term:
        """Return a volume."""
        return self._member(VOLUME, v)

    def _named(self, key: Hashable, terms: Iterable[Term]) -> Term:
        if key not in self._symbols:
            self._symbols[key] = symbol = apply(f"told.{len(self._symbols)}", BOOL)
            self.definitions.append(eq(symbol, and_(*terms)))
        return self._symbols[key]

    # Worlds.

    def world(self, symbolic: SymbolicWorld, world: World) -> Term:
        """Return that a world is this one: what is in it, and every attribute."""
        tables = (symbolic.instances, world.instances), (symbolic.volumes, world.volumes)
        return and_(*(entry for table, records in tables for entry in self._entries(table, records)))

    def strangers(self, symbolic: SymbolicWorld, world: World) -> Term:
        """Return what can be told of ids that were never given out."""
        unissued = (i for i in self.instances if i not in world.instances)
        return and_(*(same(symbolic.strangers.at(self.instance(i)), world.id_form(i)) for i in unissued))

    def _entries(self, table: Table, records: Mapping[Any, Record]) -> Iterator[Term]:
        names = self._names[table.sort.name]
        for key, name in zip(self._members[table.sort.name], names, strict=True):
            record = records.get(name)
            yield self._named((table, key, record), self._entry(table, key, record))

    def _entry(self, table: Table, key: Term, record: Record | None) -> Iterator[Term]:
        yield table.has(key) if record is not None else not_(table.has(key))
        if record is not None:
            for name, value in table.at(key).fields.items():
                yield self._is(value, getattr(record, name))

    def _is(self, symbolic: Value, plain: Any) -> Term:  # noqa: ANN401 - whatever an object has in a field
        if isinstance(symbolic, Maybe):
            return not_(symbolic.present) if plain is None else and_(symbolic.present, self._is(symbolic.value, plain))
        term = as_term(symbolic)
        assert term is not None
        return eq(term, self._member(term.sort, plain)) if term.sort.name in self._names else same(term, plain)

    # Requests.

    def request(self, symbolic: SymbolicRequest, request: Request) -> Term:
        """Return that a request is this one."""
        return self._named((symbolic, request), self._request(symbolic, request))

    def _request(self, symbolic: SymbolicRequest, request: Request) -> Iterator[Term]:
        for i in self.instances:
            named = symbolic.instances.has(self.instance(i))
            yield named if i in request.instances else not_(named)
        for v in self.volumes:
            named = symbolic.volume_ids.has(self.volume(v))
            yield named if v in request.volume_ids else not_(named)
        yield eq(symbolic.count, integer(request.count))
        yield eq(symbolic.distinct, integer(request.distinct))
        about = vars(symbolic)
        for name in _plain_fields(request):
            yield self._is(about[name], getattr(request, name))
        if isinstance(request, LaunchRequest):
            for v in request.volume_ids:
                for name in ("holder", "root", "says_what_becomes_of", "delete_on_termination"):
                    yield self._is(about[name](self.volume(v)), getattr(request, name)(v))

    # Choices.

    def picks(self, choices: Mapping[str, Choice[Any]], picks: Picks) -> Term:
        """Return that choices, given by their ids, are settled so."""
        return self._named(tuple(picks.items()), (self._settled(choices[id_], i, a) for (id_, i), a in picks.items()))

    def preferred(self, choice: Choice[Any]) -> Term:
        """Return that a choice is settled as preferred, whatever it is asked about."""
        about = self.instances if choice.per_instance else (None,)
        return and_(*(self._settled(choice, i, choice.preferred) for i in about))

    def _settled(self, choice: Choice[Any], i: Instance | None, alternative: Enum) -> Term:
        sort = sort_of_enum(type(alternative))
        about = () if i is None else (self.instance(i),)
        return eq(apply(f"{CHOICES}.{choice.id}", sort, *about), member(sort, alternative.name))


def _plain_fields(request: Request) -> tuple[str, ...]:
    """Return the fields that a request has besides what it names."""
    match request:
        case BatchRequest():
            return "caller", "dry_run", "force", "hibernate", "skip_os_shutdown"
        case AttributeRequest():
            return "caller", "dry_run", "attribute", "value", "shutdown_behavior", "volume"
        case LaunchRequest():
            flags = "disable_api_termination", "disable_api_stop", "shutdown_behavior"
            return "caller", "dry_run", "zone", "root_device", "hibernation", *flags
        case VolumeRequest():
            return "caller", "dry_run", "zone"
        case _:
            raise AssertionError(f"a request of no known kind: {request}")
