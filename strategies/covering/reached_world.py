"""A world, and the fewest steps that lead there."""

from dataclasses import dataclass, field

from ...model.specification import Specification
from ...model.world import Instance, Volume, World
from ..building.guide import Guide
from ..scenario.steps import RunStep, SettleStep, Step


@dataclass(frozen=True, slots=True)
class Place:
    """A world, the steps that lead there where every open point is settled as preferred, and how many are moves.

    `shown` are the volumes that a request can name there, because some reply has shown their ids.
    """

    steps: tuple[Step, ...] = ()
    world: World = field(default_factory=World)
    moves: int = 0
    shown: tuple[Volume, ...] = ()

    @property
    def settled(self) -> bool:
        """Nothing happened since everything came to rest."""
        return not self.steps or isinstance(self.steps[-1], SettleStep)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every instance, in the order of launch."""
        return tuple(self.world.instances)

    def after(self, spec: Specification, step: Step) -> "Place":
        """Return where a step leads from here."""
        guide = Guide(spec, self.world)
        guide.shown.update(dict.fromkeys(self.shown))
        guide.take(step)
        moved = not isinstance(step, SettleStep | RunStep)
        return Place((*self.steps, step), guide.world, self.moves + moved, tuple(guide.shown))
