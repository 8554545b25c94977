"""The ways in which the specification permits a reply to a request that names any number of instances."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from ...model.outcomes import Move, Rung
from ...model.requests import BatchRequest
from ...model.world import IdForm, Instance, InstanceRecord, Zone
from .belief import Records
from .engine import Engine, Option
from .explore import Setting, for_each_setting

Subjects = Records | IdForm
Fates = tuple[tuple[InstanceRecord, Move], ...]
"""What may have been, and what may have become of it, for one instance."""


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


def explanations(
    engine: Engine, request: BatchRequest, subjects: Mapping[Instance, Subjects], wanted: Wanted
) -> list[Explanation]:
    """Return every permitted way in which the request was answered, among the wanted ones."""
    question = _Question(engine, request, subjects, wanted)
    return [e for _, found in for_each_setting(question.answered) for e in found]


@dataclass(slots=True)
class _Group:
    """Named instances that nothing tells apart, and the ways in which each of them may be."""

    members: tuple[Instance, ...]
    options: tuple[Option, ...]

    @property
    def zone(self) -> Zone | None:
        record = self.options[0].subject
        return record.zone if isinstance(record, InstanceRecord) else None

    def without(self, rungs: frozenset[int]) -> "_Group":
        """Return the group in those ways that trip none of these rungs."""
        return _Group(self.members, tuple(o for o in self.options if not o.trips & rungs))

    def only(self, rungs: frozenset[int]) -> "_Group":
        """Return the group in those ways that trip one of these rungs."""
        return _Group(self.members, tuple(o for o in self.options if o.trips & rungs))

    def may(self, rungs: frozenset[int]) -> bool:
        return any(o.trips & rungs for o in self.options)

    def must(self, rungs: frozenset[int]) -> bool:
        return all(o.trips & rungs for o in self.options)


def _narrowed(groups: list[_Group], rungs: frozenset[int]) -> list[_Group]:
    """Where only one instance can be the one that trips these rungs, it does."""
    suspects = [n for n, group in enumerate(groups) if group.may(rungs)]
    if len(suspects) == 1 and len(groups[suspects[0]].members) == 1:
        groups = list(groups)
        groups[suspects[0]] = groups[suspects[0]].only(rungs)
    return groups


@dataclass(frozen=True, slots=True)
class _Question:
    engine: Engine
    request: BatchRequest
    subjects: Mapping[Instance, Subjects]
    wanted: Wanted

    def answered(self, setting: Setting) -> list[Explanation]:
        """Return the explanations under one setting of the request-level choices."""
        return list(self._answers(setting))

    def _answers(self, setting: Setting) -> Iterator[Explanation]:
        members: dict[Subjects, list[Instance]] = {}
        for i in dict.fromkeys(self.request.instances):
            members.setdefault(self.subjects[i], []).append(i)
        bare = replace(self.request, instances=())
        groups = [
            _Group(tuple(names), self.engine.options(bare, setting, subjects)) for subjects, names in members.items()
        ]
        holding = self.engine.holding(self.request, setting)
        ladder = self.engine.ladder(self.request)
        if self.wanted(None) and not holding:
            every = frozenset(range(len(ladder)))
            free = [group.without(every) for group in groups]
            if all(group.options for group in free):
                yield Explanation(None, self._moved(bare, setting, free, {}))
        for n, rung in enumerate(ladder):
            if self.wanted(rung):
                yield from self._refused(bare, setting, groups, holding, n)

    def _refused(
        self, bare: BatchRequest, setting: Setting, groups: list[_Group], holding: frozenset[int], n: int
    ) -> Iterator[Explanation]:
        ladder = self.engine.ladder(bare)
        rung = ladder[n]
        earlier = frozenset(m for m, other in enumerate(ladder) if other.refusal in rung.after)
        if holding & earlier or (rung.holds is not None and n not in holding):
            return
        groups = [group.without(earlier) for group in groups]
        if not all(group.options for group in groups):
            return
        mine = frozenset({n})
        if rung.trips is not None:
            if not any(group.may(mine) for group in groups):
                return
            groups = _narrowed(groups, mine)
        if not rung.by_zone:
            because = self._why_unchanged(rung)
            tripped = frozenset(m for group in groups for option in group.options for m in option.trips)
            outranks = any(rung.refusal in ladder[m].after for m in tripped)
            explained = self._explained(rung, mine, groups, self._unmoved(rung, mine, groups, because))
            if rung.names_kin:
                kin = frozenset(m for m, other in enumerate(ladder) if other.code is rung.code)
                named = frozenset(i for group in groups if group.may(kin) for i in group.members)
                explained = replace(explained, possible=explained.possible | named)
            yield replace(explained, outranks=outranks)
            return
        zonal = frozenset(m for m, other in enumerate(ladder) if other.by_zone)
        for shielded in _shields(groups, zonal):
            chosen = [group if group.zone in shielded else group.without(zonal) for group in groups]
            if not all(group.options for group in chosen) or not any(group.may(mine) for group in chosen):
                continue
            for zone in shielded:
                rest = [group for group in chosen if group.zone != zone]
                chosen = rest + _narrowed([group for group in chosen if group.zone == zone], zonal)
            witnesses = {
                zone: next(
                    option for group in chosen if group.zone == zone for option in group.options if option.trips & zonal
                )
                for zone in shielded
            }
            yield self._explained(rung, mine, chosen, self._moved(bare, setting, chosen, witnesses))

    def _why_unchanged(self, rung: Rung) -> str:
        """Return the clause by which a refusal changes nothing."""
        if self.request.dry_run and rung.clause_when_dry is not None:
            return rung.clause_when_dry
        return rung.unchanged or self.engine.spec.operations[self.request.operation].unchanged

    @staticmethod
    def _explained(
        rung: Rung, mine: frozenset[int], groups: list[_Group], fates: Mapping[Instance, Fates]
    ) -> Explanation:
        possible = frozenset(i for group in groups if group.may(mine) for i in group.members)
        certain = frozenset(i for group in groups if group.must(mine) for i in group.members)
        return Explanation(rung, fates, possible, certain if rung.trips is not None else frozenset())

    @staticmethod
    def _unmoved(rung: Rung, mine: frozenset[int], groups: list[_Group], because: str) -> dict[Instance, Fates]:
        """Return that nothing moves: what the refusal is about by its own clause, the others by `because`."""
        fates: dict[Instance, Fates] = {}
        for group in groups:
            why = rung.clause if rung.trips is not None and group.must(mine) else because
            records = dict.fromkeys(o.subject for o in group.options if isinstance(o.subject, InstanceRecord))
            unmoved = tuple((record, Move(record, why, why)) for record in records)
            fates.update(dict.fromkeys(group.members, unmoved))
        return fates

    def _moved(
        self,
        bare: BatchRequest,
        setting: Setting,
        groups: list[_Group],
        witnesses: Mapping[Zone | None, Option],
    ) -> dict[Instance, Fates]:
        fates: dict[Instance, Fates] = {}
        for group in groups:
            here = witnesses.get(group.zone)
            elsewhere = next((option for zone, option in witnesses.items() if zone != group.zone), None)
            moved = tuple(
                (option.subject, move)
                for option in group.options
                if isinstance(option.subject, InstanceRecord)
                for move in self.engine.moves(bare, setting, option, here, elsewhere)
            )
            fates.update(dict.fromkeys(group.members, moved))
        return fates


def _shields(groups: list[_Group], zonal: frozenset[int]) -> Iterator[frozenset[Zone | None]]:
    """Yield every set of zones that may be shielded: at least one."""
    ways: list[tuple[bool, ...]] = []
    zones = list(dict.fromkeys(group.zone for group in groups))
    for zone in zones:
        there = [group for group in groups if group.zone == zone]
        if any(group.must(zonal) for group in there):
            ways.append((True,))
        elif any(group.may(zonal) for group in there):
            ways.append((True, False))
        else:
            ways.append((False,))
    for way in product(*ways):
        if any(way):
            yield frozenset(zone for zone, shielded in zip(zones, way, strict=True) if shielded)
