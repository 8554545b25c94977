"""The opening of a gathering: each zone gets something else, and all of it is named in one request."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from ...model.requests import Operation
from ...model.states import InstanceState
from ...model.world import Instance
from ..building.dice import Dice
from ..building.features import Features
from ..scenario.steps import Named, RunStep, SettleStep, Step
from .instance_ideas import batch_step
from .step_features import variant
from .walk_history import Chronicle

_SPREADS: Final = 100
"""Spreads that are thought of before one is taken, of some hundreds: to think is cheaper than to call."""
_BOTH: Final = 33
"""Percent of the instances with DisableApiStop that have DisableApiTermination too."""
_ARRANGED: Final = 40
"""Percent of the requests for all that name them in any order, not zone by zone."""
_TERMINATED: Final = 25
"""Percent of the spreads in which all are soon terminated; else it is left to the walk when."""
SPREAD: Final = variant(None, "spread")
"""What coverage counts the pairs of lots under."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What one zone gets: an instance in some state or with a protection, alone or beside a plain one."""

    state: InstanceState = InstanceState.RUNNING
    terminable: bool = True
    stoppable: bool = True
    alone: bool = True


LOTS: Final = (
    Lot(),
    Lot(InstanceState.STOPPED),
    Lot(InstanceState.TERMINATED),
    Lot(InstanceState.TERMINATED, alone=False),
    Lot(terminable=False),
    Lot(terminable=False, alone=False),
    Lot(stoppable=False, alone=False),
)


@dataclass(frozen=True, slots=True)
class Spread:
    """Launches the lots that were least together so far; what zones do to each other shows in pairs of them."""

    dice: Dice
    chronicle: Chronicle
    features: Features
    lacking: frozenset[Operation]

    def steps(self) -> Iterator[Step]:
        """Yield what makes the lots, and then requests for all there is."""
        ends: dict[InstanceState, list[Instance]] = {}
        first = self.dice.below(self.features.zones)
        for n, lot in enumerate(self._lots()):
            step = self._launch(lot, 1 + (first + n) % self.features.zones)
            if not lot.alone:
                yield replace(step, disable_api_termination=None, disable_api_stop=None)
                step = replace(step, name=self.chronicle.guide.next_run)
            yield self.chronicle.kept(step)
            ends.setdefault(lot.state, []).append(Instance(step.name))
        for operation, state in (
            (Operation.TERMINATE, InstanceState.TERMINATED),
            (Operation.STOP, InstanceState.STOPPED),
        ):
            if state in ends and operation not in self.lacking:
                yield SettleStep()
                ended = [i for i in ends[state] if i in self.chronicle.alive]
                if ended:
                    yield batch_step(variant(operation), [Named(i) for i in ended])
        yield SettleStep()
        yield from self._everything()

    def _lots(self) -> tuple[Lot, ...]:
        coverage, below = self.chronicle.coverage, self.dice.below
        spreads = [tuple([below(len(LOTS)) for _ in range(self.features.zones)]) for _ in range(_SPREADS)]
        keys = {spread: [coverage.key(pair) for pair in combinations(enumerate(spread), 2)] for spread in spreads}
        newest = max(keys, key=lambda each: coverage.worth(SPREAD, keys[each], refused=False))
        coverage.meet(SPREAD, keys[newest], refused=False)
        return tuple(LOTS[number] for number in newest)

    def _launch(self, lot: Lot, zone: int) -> RunStep:
        protected = not lot.terminable or (not lot.stoppable and self.dice.chance(_BOTH))
        return RunStep(
            self.chronicle.guide.next_run,
            zone,
            disable_api_termination=True if protected else None,
            disable_api_stop=None if lot.stoppable else True,
        )

    def _everything(self) -> Iterator[Step]:
        """Name all in one request: zone by zone or in any order, and, where that is refused as a whole, in reverse."""
        operations = [Operation.STOP, Operation.START]
        if self.dice.chance(_TERMINATED):
            operations.append(Operation.TERMINATE)
        for operation in self.dice.arrange(operations):
            everyone = self.chronicle.instances
            if not everyone or operation in self.lacking:
                continue
            if self.dice.chance(_ARRANGED):
                everyone = self.dice.arrange(everyone)
            step = batch_step(variant(operation), [Named(i) for i in everyone])
            refused = self.chronicle.guide.refuses(step)
            yield step
            if refused and operation is not Operation.TERMINATE:  # it does what it can in the other zones
                yield replace(step, ids=step.ids[::-1])
            yield SettleStep()
