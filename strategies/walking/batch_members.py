"""Who is named together in a request: many at once, so that one call takes several instances further."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ...model.requests import Operation
from ...model.world import Instance
from ..building.dice import Dice
from .expectations import Expectations, Role
from .step_features import Variant
from .variants import topic
from .walk_history import Chronicle

_TOPICS: Final = 70
"""Percent of the kinds of steps that one instance takes part in.

To leave some out at random is known as swarm testing. Here each instance of a walk leaves out others,
so that a request for many takes each of them into a past of its own.
"""
_ALL_MOVED: Final = 70
"""Percent of the requests meant to change something that name all that they would change."""
_SHIELDED: Final = 60
"""Percent of the terminations meant to be refused that name nothing outside the shielded zones, so that none ends."""
_EACH_ZONE: Final = 85
"""Percent of the zones that a batch of a gathering names something in, where it goes by zones."""


@dataclass(slots=True)
class BatchMembers:
    """Chooses who is named, by what the model expects to come of it; `topics` are all that instances take part in."""

    dice: Dice
    chronicle: Chronicle
    topics: tuple[Hashable, ...]
    _tempers: dict[Instance, frozenset[Hashable]] = field(default_factory=dict[Instance, frozenset[Hashable]])

    @property
    def _expected(self) -> Expectations:
        return self.chronicle.expected

    def goes_along(self, kind: Variant, i: Instance) -> bool:
        """Tell whether an instance takes part in this kind of step."""
        temper = self._tempers.get(i)
        if temper is None:
            temper = self._tempers[i] = frozenset(each for each in self.topics if self.dice.chance(_TOPICS))
        return kind.reads or not kind.earnest or topic(kind) in temper

    # Who is named.

    def moved(self, kind: Variant, everyone: Iterable[Instance]) -> tuple[Instance, ...]:
        """Return those to which a request does something: as a rule all that take part."""
        roles, standings = self._expected.roles[kind], self.chronicle.standings
        moved = tuple([i for i in everyone if self.goes_along(kind, i) and roles[standings[i]] is Role.CHANGED])
        return moved if not moved or self.dice.chance(_ALL_MOVED) else self.dice.some(moved)

    def refusing(self, kind: Variant, everyone: Sequence[Instance]) -> tuple[Instance, ...]:
        """Return some on account of whom a request is refused, and some others; none where nobody is.

        One that is refused hides the next, so there is one only, or one in a zone where every zone counts for itself.
        """
        world = self.chronicle.guide.world
        roles, standings = self._expected.roles[kind], self.chronicle.standings
        refused = [i for i in everyone if roles[standings[i]] is Role.REFUSED]
        if not refused:
            return ()
        others = tuple(i for i in everyone if i not in refused)
        if kind.operation is Operation.TERMINATE:
            chosen = self.dice.some(self._one_in_each_zone((self.dice.pick(refused[:100]), *refused)))
            zones = {world.zone(i) for i in chosen}
            if self.dice.chance(_SHIELDED):
                others = tuple(i for i in others if world.zone(i) in zones)
        else:
            chosen = (self.dice.pick(refused[:100]),)
        moved = tuple(i for i in others if roles[standings[i]] is Role.CHANGED)
        return (*chosen, *self.dice.weigh(((1, others), (1, self.dice.some(others)), (1, moved), (1, ()))))

    def anyone(self, kind: Variant, focus: Instance, everyone: Sequence[Instance]) -> tuple[Instance, ...]:
        """Return any that could be named together with an instance, or only that one."""
        how = self.dice.below(5)
        if how == 0:
            return (focus,)
        if how == 1:
            return self._willing(kind, [i for i in everyone if self.goes_along(kind, i)]) or (focus,)
        if how == 2:  # noqa: PLR2004
            return self._one_in_each_zone((focus, *everyone))
        if how == 3:  # noqa: PLR2004
            return tuple(dict.fromkeys((focus, *self.dice.some(everyone))))
        return tuple(everyone)

    def most(self, kind: Variant, focus: Instance, everyone: Sequence[Instance]) -> tuple[Instance, ...]:
        """Return all of a crowd, or all for whom a request is not refused, or only one of them."""
        how = self.dice.below(5)
        if how == 0:
            return (focus,)
        willing = self._willing(kind, everyone) if how > 2 else ()  # noqa: PLR2004
        return willing or tuple(everyone)

    def gathered(self, kind: Variant) -> tuple[Instance, ...]:
        """Return any, or any in most of the zones; none on account of whom a request is refused, every other time."""
        everyone = self.chronicle.instances
        if self.dice.chance(60):
            zones = [zone for zone in self._by_zone(everyone).values() if self.dice.chance(_EACH_ZONE)]
            cast = tuple(i for zone in zones for i in self.dice.some(zone))
        else:
            cast = self.dice.some(everyone)
        return self._willing(kind, cast) if self.dice.chance(50) else cast

    def ending(self) -> tuple[Instance, ...]:
        """Return some of those that have not ended, one in each zone, all of them, or the others too."""
        alive = self.chronicle.alive
        one_each = self._one_in_each_zone((self.dice.pick(alive[:100]), *alive))
        return self.dice.weigh(
            ((1, self.dice.some(alive)), (1, one_each), (1, alive), (1, self.chronicle.instances)),
        )

    def _willing(self, kind: Variant, those: Iterable[Instance]) -> tuple[Instance, ...]:
        """Return those on account of whom a request is not refused."""
        roles, standings = self._expected.roles[kind], self.chronicle.standings
        return tuple([i for i in those if roles[standings[i]] is not Role.REFUSED])

    def _one_in_each_zone(self, instances: Iterable[Instance]) -> tuple[Instance, ...]:
        """Return one of each zone; the first of all is always among them."""
        first, *rest = self._by_zone(dict.fromkeys(instances)).values()
        return (first[0], *(self.dice.pick(each[:100]) for each in rest))

    def _by_zone(self, instances: Iterable[Instance]) -> dict[str, list[Instance]]:
        world = self.chronicle.guide.world
        zones: dict[str, list[Instance]] = {}
        for i in instances:
            zones.setdefault(world.zone(i), []).append(i)
        return zones
