"""Chooses which instances a request names: several at once, so that one call moves many on."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ...model.requests import Operation
from ...model.world import Instance
from ..building.dice import Dice
from .expectations import Expectations, Role
from .step_features import Variant
from .variants import topic
from .walk_history import WalkHistory

_TOPICS: Final = 70
"""Percent of the kinds of steps that one instance takes part in.

Omitting some kinds at random is known as swarm testing. Here each instance omits different kinds,
so that requests for many give each instance a history of its own.
"""
_ALL_MOVED: Final = 70
"""Percent of the requests that aim at a change and name every instance that they would change."""
_SHIELDED: Final = 60
"""Percent of the terminations that aim at a refusal and name only shielded zones, so that no instance ends."""
_EACH_ZONE: Final = 85
"""Percent of the zones that a mixed batch chosen by zone includes."""


@dataclass(slots=True)
class BatchMembers:
    """Chooses the named instances by the expected effect; `topics` are all topics of a walk."""

    dice: Dice
    history: WalkHistory
    topics: tuple[Hashable, ...]
    _topics_of: dict[Instance, frozenset[Hashable]] = field(default_factory=dict[Instance, frozenset[Hashable]])

    @property
    def _expected(self) -> Expectations:
        return self.history.expected

    def takes_part(self, kind: Variant, i: Instance) -> bool:
        """Tell whether an instance takes part in this kind of step."""
        topics = self._topics_of.get(i)
        if topics is None:
            topics = self._topics_of[i] = frozenset(each for each in self.topics if self.dice.chance(_TOPICS))
        return kind.reads or not kind.earnest or topic(kind) in topics

    # The choices.

    def changed(self, kind: Variant, everyone: Iterable[Instance]) -> tuple[Instance, ...]:
        """Return instances that a request changes: usually all instances that take part."""
        roles, profiles = self._expected.roles[kind], self.history.profiles
        changed = tuple([i for i in everyone if self.takes_part(kind, i) and roles[profiles[i]] is Role.CHANGED])
        return changed if not changed or self.dice.chance(_ALL_MOVED) else self.dice.some(changed)

    def refused(self, kind: Variant, everyone: Sequence[Instance]) -> tuple[Instance, ...]:
        """Return instances that cause a refusal, and some others; empty if no instance causes one.

        One refusal hides the next, so there is only one, or one per zone for operations that decide zone by zone.
        """
        world = self.history.guide.world
        roles, profiles = self._expected.roles[kind], self.history.profiles
        refused = [i for i in everyone if roles[profiles[i]] is Role.REFUSED]
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
        changed = tuple(i for i in others if roles[profiles[i]] is Role.CHANGED)
        return (*chosen, *self.dice.weigh(((1, others), (1, self.dice.some(others)), (1, changed), (1, ()))))

    def any_together(self, kind: Variant, focus: Instance, everyone: Sequence[Instance]) -> tuple[Instance, ...]:
        """Return any instances together with `focus`, or `focus` alone."""
        how = self.dice.below(5)
        if how == 0:
            return (focus,)
        if how == 1:
            return self._not_refused(kind, [i for i in everyone if self.takes_part(kind, i)]) or (focus,)
        if how == 2:  # noqa: PLR2004
            return self._one_in_each_zone((focus, *everyone))
        if how == 3:  # noqa: PLR2004
            return tuple(dict.fromkeys((focus, *self.dice.some(everyone))))
        return tuple(everyone)

    def of_many(self, kind: Variant, focus: Instance, everyone: Sequence[Instance]) -> tuple[Instance, ...]:
        """Return all instances, or all instances that cause no refusal, or `focus` alone."""
        how = self.dice.below(5)
        if how == 0:
            return (focus,)
        not_refused = self._not_refused(kind, everyone) if how > 2 else ()  # noqa: PLR2004
        return not_refused or tuple(everyone)

    def mixed(self, kind: Variant) -> tuple[Instance, ...]:
        """Return any instances, or some in most zones; half of the time without those that cause a refusal."""
        everyone = self.history.instances
        if self.dice.chance(60):
            zones = [zone for zone in self._by_zone(everyone).values() if self.dice.chance(_EACH_ZONE)]
            named_instances = tuple(i for zone in zones for i in self.dice.some(zone))
        else:
            named_instances = self.dice.some(everyone)
        return self._not_refused(kind, named_instances) if self.dice.chance(50) else named_instances

    def to_terminate(self) -> tuple[Instance, ...]:
        """Return some living instances, one per zone, all of them, or the ended ones too."""
        alive = self.history.alive
        one_each = self._one_in_each_zone((self.dice.pick(alive[:100]), *alive))
        return self.dice.weigh(
            ((1, self.dice.some(alive)), (1, one_each), (1, alive), (1, self.history.instances)),
        )

    def _not_refused(self, kind: Variant, those: Iterable[Instance]) -> tuple[Instance, ...]:
        """Return the instances that cause no refusal."""
        roles, profiles = self._expected.roles[kind], self.history.profiles
        return tuple([i for i in those if roles[profiles[i]] is not Role.REFUSED])

    def _one_in_each_zone(self, instances: Iterable[Instance]) -> tuple[Instance, ...]:
        """Return one instance of each zone; the first of all is always included."""
        first, *rest = self._by_zone(dict.fromkeys(instances)).values()
        return (first[0], *(self.dice.pick(each[:100]) for each in rest))

    def _by_zone(self, instances: Iterable[Instance]) -> dict[str, list[Instance]]:
        world = self.history.guide.world
        zones: dict[str, list[Instance]] = {}
        for i in instances:
            zones.setdefault(world.zone(i), []).append(i)
        return zones
