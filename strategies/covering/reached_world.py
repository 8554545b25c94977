"""A world, and the fewest steps that reach it."""

from dataclasses import dataclass, field

from ...model.specification import Specification
from ...model.world import Instance, Volume, World
from ..building.guide import Guide
from ..scenario.steps import RunStep, SettleStep, Step


@dataclass(frozen=True, slots=True)
class ReachedWorld:
    """A world, the steps that reach it if open points are settled as preferred, and the number of moves among them.

    `shown` are the volumes that a request can name, because some reply has shown their ids.
    """

    steps: tuple[Step, ...] = ()
    world: World = field(default_factory=World)
    moves: int = 0
    shown: tuple[Volume, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing happened since the last settle."""
        return not self.steps or isinstance(self.steps[-1], SettleStep)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every instance, in the order of launch."""
        return tuple(self.world.instances)

    def after(self, spec: Specification, step: Step) -> "ReachedWorld":
        """Return the world after a step."""
        guide = Guide(spec, self.world)
        guide.shown.update(dict.fromkeys(self.shown))
        guide.take(step)
        moved = not isinstance(step, SettleStep | RunStep)
        return ReachedWorld((*self.steps, step), guide.world, self.moves + moved, tuple(guide.shown))
