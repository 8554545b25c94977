"""What formulas mean in a situation that is known: every symbol of them is something there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import Final
from zlib import crc32

from situations import Situation

from ec2_lifecycle.model.choices import CHOICES as ALL_CHOICES
from ec2_lifecycle.model.proof.evaluation import Plain, evaluated
from ec2_lifecycle.model.proof.expansion import Scope
from ec2_lifecycle.model.proof.terms import BOOL, INT, Sort, Term
from ec2_lifecycle.model.proof.values import INSTANCE, VOLUME, ZONE, Cases, Maybe, Structure, Value
from ec2_lifecycle.model.world import IdForm, Instance, Volume, Zone

NOBODY: Final = Instance("")
"""The identity that stands for none (`World.holder`)."""
UNUSED: Final = Zone("9")
_CHOICES: Final = {choice.id: choice for choice in ALL_CHOICES}


class _Untold(Exception):
    """Plain execution cannot tell."""


@dataclass(frozen=True)
class Known:
    """A situation, in which every symbol is something.

    Of what plain execution cannot tell (the state of an id that was never given out) a symbol may be anything:
    it is settled by chance.
    """

    situation: Situation
    others: Mapping[str, object] = field(default_factory=dict[str, object])
    """What symbols are that are not about the world, the request or the choices."""

    def having(self, **others: object) -> "Known":
        """Return the situation in which further symbols are known."""
        return replace(self, others={**self.others, **others})

    @cached_property
    def identities(self) -> dict[Sort, tuple[str, ...]]:
        """Everybody there is, by sort: also who is only named, nobody, and a zone in which nothing is."""
        world, request = self.situation.world, self.situation.request
        zones = [record.zone for record in chain(world.instances.values(), world.volumes.values())]
        everybody: dict[Sort, list[str]] = {
            INSTANCE: [*world.instances, *world.strangers, *request.instances, NOBODY],
            VOLUME: [*world.volumes, *request.volume_ids],
            ZONE: [*zones, getattr(request, "zone", UNUSED), UNUSED],
        }
        return {sort: tuple(dict.fromkeys(names)) for sort, names in everybody.items()}

    @cached_property
    def scope(self) -> Scope:
        """As many members of each sort as there are identities."""
        return Scope(*(len(self.identities[sort]) for sort in (INSTANCE, ZONE, VOLUME)))

    @cached_property
    def _evaluated(self) -> dict[Term, Plain]:
        return {}

    # Symbols.

    def interpretation(self, term: Term, args: tuple[Plain, ...]) -> Plain:
        """Return what a symbol is of these members of the scope."""
        try:
            return self.plain(self._symbol(str(term.what), [self._identity(str(arg)) for arg in args]), term.sort)
        except _Untold:
            return self._anything(term, args)

    def plain(self, value: object, sort: Sort) -> Plain:
        """Return a value of plain Python as formulas have it: a member of an enum or of the scope, by its name."""
        if isinstance(value, Enum):
            return value.name
        if sort in (BOOL, INT):
            assert isinstance(value, int), f"{value!r} as {sort.name}"
            return value
        opaque = Sort(sort.name)  # a scope's sort has members
        return self._members(opaque)[self.identities[opaque].index(str(value))]

    def _members(self, sort: Sort) -> tuple[str, ...]:
        return self.scope.sort(sort).members

    def _identity(self, member: str) -> str:
        sort = next(sort for sort in self.identities if member in self._members(sort))
        return self.identities[sort][self._members(sort).index(member)]

    def _symbol(self, name: str, about: list[str]) -> object:
        whose, _, what = name.partition(".")
        if name in self.others:
            return self.others[name]
        match whose:
            case "world":
                return self._of_world(what, about[0])
            case "request":
                return self._of_request(what, about)
            case "choices":
                return self.situation.choices.pick(_CHOICES[what], Instance(about[0]) if about else None)
            case _:
                assert name == "no-Instance", f"a symbol that nobody knows: {name}"
                return NOBODY

    def _of_world(self, what: str, about: str) -> object:
        world = self.situation.world
        i, v = Instance(about), Volume(about)
        match what:
            case "issued" | "made":
                return i in world.instances or v in world.volumes
            case "form":
                return world.strangers.get(i, IdForm.UNKNOWN)
            case "attached" | "holder":
                return _told(world.volumes.get(v), "holder", is_there=what == "attached")
            case _ if what.startswith("volume."):
                return _told(world.volumes.get(v), what.removeprefix("volume."))
            case _:
                return _told(world.instances.get(i), what)

    def _of_request(self, what: str, about: list[str]) -> object:
        request = self.situation.request
        match what, about:
            case "names", [i]:
                return i in request.instances
            case "names_volume", _:
                return bool(request.volume_ids) if not about else about[0] in request.volume_ids
            case "names_instance", []:
                return bool(request.instances)
            case "instance", []:
                return _first(request.instances)
            case "volume", []:
                return _first(request.volume_ids)
            case _, [v]:
                made: Callable[[Volume], object] = getattr(request, what.removeprefix("volume."))
                return made(Volume(v)) if v in request.volume_ids else _first(())
            case _:
                return getattr(request, what)

    def _anything(self, term: Term, args: tuple[Plain, ...]) -> Plain:
        chance = crc32(f"{term.what} {args} {self.situation.choices}".encode())
        if term.sort == BOOL:
            return chance % 2 == 1
        members = term.sort.members or self._members(term.sort)
        return members[chance % len(members)]

    # Values.

    def value(self, term: Term) -> Plain:
        """Return what a formula comes to, by its meaning."""
        return evaluated(term, self.scope, self.interpretation, self._evaluated)

    def agrees(self, value: Value, expected: object) -> bool:
        """Tell whether what was read is, in this situation, what plain execution gives."""
        match value:
            case Structure():
                return isinstance(expected, value.cls) and all(
                    self.agrees(one, getattr(expected, name)) for name, one in value.fields.items()
                )
            case Maybe():
                if not self.value(value.present):
                    return expected is None
                return expected is not None and self.agrees(value.value, expected)
            case Cases():
                return [plain for test, plain in value.cases if self.value(test)] == [expected]
            case Term():
                return expected is not None and self.value(value) == self.plain(expected, value.sort)
            case _:
                return value == expected


def _told(record: object, field_name: str, *, is_there: bool = False) -> object:
    """Return a field of a record, or whether it is there."""
    value = getattr(record, field_name, None)
    if record is None or (value is None and not is_there):
        raise _Untold
    return value is not None if is_there else value


def _first(names: tuple[str, ...]) -> str:
    if not names:
        raise _Untold
    return names[0]
