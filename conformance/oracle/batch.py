"""The ways in which the specification permits a reply to a request that names any number of instances."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

from ...model.clauses import Part
from ...model.outcomes import Rung
from ...model.requests import BatchRequest
from ...model.world import IdForm, Instance, Zone
from .asked import Asked, Place
from .belief import Records
from .engine import Engine
from .explore import Setting, for_each_setting
from .options import Fates, Option, Options, Rungs

Subjects = Records | IdForm


@dataclass(frozen=True, slots=True)
class Explanation:
    """One way in which a request may have been answered: by a refusal, or by success (None).

    `possible` and `certain` are the instances that the refusal may, or must, be about.
    """

    rung: Rung | None
    fates: Mapping[Instance, Fates]
    possible: frozenset[Instance] = frozenset()
    certain: frozenset[Instance] = frozenset()
    outranks: bool = False
    """Whether another refusal would have been due, had this one not come strictly earlier."""


Wanted = Callable[[Rung | None], bool]


class _Group(NamedTuple):
    """Named instances that nothing tells apart, and the ways in which each of them may be."""

    members: tuple[Instance, ...]
    options: Options

    def without(self, rungs: Rungs) -> "_Group":
        """Return the group in those ways that trip none of these rungs."""
        left = self.options.without(rungs)
        return self if left is self.options else _Group(self.members, left)


def _narrowed(groups: list[_Group], rungs: Rungs) -> list[_Group]:
    """Where only one instance can be the one that trips these rungs, it does."""
    suspects = [n for n, group in enumerate(groups) if group.options.may(rungs)]
    if len(suspects) == 1 and len(groups[suspects[0]].members) == 1:
        groups = list(groups)
        [suspect] = suspects
        groups[suspect] = _Group(groups[suspect].members, groups[suspect].options.only(rungs))
    return groups


@dataclass(slots=True)
class Question:
    """Which of the wanted ways of answering a request are permitted, for whatever the instances may be."""

    engine: Engine
    request: BatchRequest
    wanted: Wanted
    _asked: Asked = field(init=False)
    _wanted: tuple[Place, ...] = field(init=False)
    """The rungs that are wanted."""
    _known: dict[tuple[Subjects, ...], list[Explanation]] = field(
        default_factory=dict[tuple[Subjects, ...], list[Explanation]]
    )

    def __post_init__(self) -> None:
        self._asked = self.engine.asked(self.request)
        self._wanted = tuple(place for place in self._asked.ladder if self.wanted(place.rung))

    def explanations(self, subjects: Mapping[Instance, Subjects]) -> list[Explanation]:
        """Return every permitted way in which the request was answered, among the wanted ones."""
        # Hypotheses differ in few instances, and often in none that is named.
        case = tuple(subjects.values())
        if case not in self._known:
            members: dict[Subjects, list[Instance]] = {}
            for i, those in subjects.items():
                members.setdefault(those, []).append(i)
            self._known[case] = [
                e for _, found in for_each_setting(lambda setting: list(self._answers(setting, members))) for e in found
            ]
        return self._known[case]

    def _answers(self, setting: Setting, members: Mapping[Subjects, list[Instance]]) -> Iterator[Explanation]:
        groups = [_Group(tuple(names), self._asked.options(setting, those)) for those, names in members.items()]
        holding = self._asked.holding(setting, self.request)
        if self.wanted(None) and not holding:
            free = [group.without(self._asked.every) for group in groups]
            if all(group.options.all for group in free):
                yield Explanation(None, self._moved(setting, free, {}))
        for place in self._wanted:
            yield from self._refused(setting, groups, holding, place)

    def _refused(self, setting: Setting, groups: list[_Group], holding: Rungs, place: Place) -> Iterator[Explanation]:
        rung, mine, zonal = place.rung, place.mine, self._asked.zonal
        if holding & place.earlier or (rung.holds is not None and not holding & mine):
            return
        groups = [group.without(place.earlier) for group in groups]
        if not all(group.options.all for group in groups):
            return
        if rung.trips is not None:
            if not any(group.options.may(mine) for group in groups):
                return
            groups = _narrowed(groups, mine)
        if not rung.by_zone:
            explained = self._explained(place, groups, self._unmoved(place, groups))
            if rung.names_kin:
                named = frozenset(i for group in groups if group.options.may(place.kin) for i in group.members)
                explained = replace(explained, possible=explained.possible | named)
            yield replace(explained, outranks=any(group.options.may(place.later) for group in groups))
            return
        for shielded in _shields(groups, zonal):
            chosen = [group if group.options.zone in shielded else group.without(zonal) for group in groups]
            if not all(group.options.all for group in chosen) or not any(group.options.may(mine) for group in chosen):
                continue
            for zone in shielded:
                rest = [group for group in chosen if group.options.zone != zone]
                chosen = rest + _narrowed([group for group in chosen if group.options.zone == zone], zonal)
            witnesses = {
                zone: next(
                    option
                    for group in chosen
                    if group.options.zone == zone
                    for option in group.options.all
                    if option.trips & zonal
                )
                for zone in shielded
            }
            yield self._explained(place, chosen, self._moved(setting, chosen, witnesses))

    def _why_unchanged(self, rung: Rung) -> str:
        """Return the clause by which a refusal changes nothing."""
        if self.request.dry_run and rung.clause_when_dry is not None:
            return rung.clause_when_dry
        return rung.unchanged or self.engine.spec.operations[self.request.operation].unchanged

    @staticmethod
    def _explained(place: Place, groups: list[_Group], fates: Mapping[Instance, Fates]) -> Explanation:
        possible = frozenset(i for group in groups if group.options.may(place.mine) for i in group.members)
        certain = frozenset(i for group in groups if group.options.must(place.mine) for i in group.members)
        return Explanation(place.rung, fates, possible, certain if place.rung.trips is not None else frozenset())

    def _unmoved(self, place: Place, groups: list[_Group]) -> dict[Instance, Fates]:
        """Return that nothing moves: what the refusal is about by its own clause, the others by another."""
        because = self._why_unchanged(place.rung)
        # Where the refusal itself is only assumed, another clause promises that it changes nothing.
        surely = self.engine.spec.clauses[place.rung.clause].level_of(Part.OUTCOME) is not None
        own = place.rung.clause if surely else because
        fates: dict[Instance, Fates] = {}
        for group in groups:
            about = place.rung.trips is not None and group.options.must(place.mine)
            unmoved = group.options.unmoved(own if about else because)
            fates.update(dict.fromkeys(group.members, unmoved))
        return fates

    def _moved(
        self, setting: Setting, groups: list[_Group], witnesses: Mapping[Zone | None, Option]
    ) -> dict[Instance, Fates]:
        fates: dict[Instance, Fates] = {}
        for group in groups:
            here = witnesses.get(group.options.zone)
            elsewhere = next((option for zone, option in witnesses.items() if zone != group.options.zone), None)
            moved = self._asked.fates(setting, group.options, here, elsewhere)
            fates.update(dict.fromkeys(group.members, moved))
        return fates


def _shields(groups: list[_Group], zonal: Rungs) -> Iterator[frozenset[Zone | None]]:
    """Yield every set of zones that may be shielded: at least one."""
    ways: list[tuple[bool, ...]] = []
    zones = list(dict.fromkeys(group.options.zone for group in groups))
    for zone in zones:
        there = [group.options for group in groups if group.options.zone == zone]
        if any(options.must(zonal) for options in there):
            ways.append((True,))
        elif any(options.may(zonal) for options in there):
            ways.append((True, False))
        else:
            ways.append((False,))
    for way in product(*ways):
        if any(way):
            yield frozenset(zone for zone, shielded in zip(zones, way, strict=True) if shielded)
