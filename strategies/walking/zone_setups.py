"""How a walk with mixed batches begins: each zone gets a different setup, and one request names all instances."""

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
from .walk_history import WalkHistory

_TRIED_SETUPS: Final = 100
"""Combinations that are generated before one is taken; generating is cheaper than a call."""
_BOTH_PROTECTIONS: Final = 33
"""Percent of the instances with DisableApiStop that also have DisableApiTermination."""
_ARRANGED: Final = 40
"""Percent of the requests for all instances that shuffle them instead of going zone by zone."""
_TERMINATED: Final = 25
"""Percent of the openings that terminate everything at once; otherwise the walk decides."""
ZONE_PAIRS: Final = variant(None, "spread")
"""The kind under which coverage counts pairs of setups."""


@dataclass(frozen=True, slots=True)
class ZoneSetup:
    """What one zone contains: an instance in some state or with a protection, alone or beside a plain one."""

    state: InstanceState = InstanceState.RUNNING
    terminable: bool = True
    stoppable: bool = True
    alone: bool = True


ZONE_SETUPS: Final = (
    ZoneSetup(),
    ZoneSetup(InstanceState.STOPPED),
    ZoneSetup(InstanceState.TERMINATED),
    ZoneSetup(InstanceState.TERMINATED, alone=False),
    ZoneSetup(terminable=False),
    ZoneSetup(terminable=False, alone=False),
    ZoneSetup(stoppable=False, alone=False),
)


@dataclass(frozen=True, slots=True)
class ZoneSetups:
    """Launches the least covered combination of setups; pairs of zones show how they affect each other."""

    dice: Dice
    history: WalkHistory
    features: Features
    unsupported: frozenset[Operation]

    def steps(self) -> Iterator[Step]:
        """Yield the steps that create the setups, and then requests for all instances."""
        ends: dict[InstanceState, list[Instance]] = {}
        first = self.dice.below(self.features.zones)
        for n, setup in enumerate(self._least_tried()):
            step = self._launch(setup, 1 + (first + n) % self.features.zones)
            if not setup.alone:
                yield replace(step, disable_api_termination=None, disable_api_stop=None)
                step = replace(step, name=self.history.guide.next_run)
            yield self.history.without_forgotten_protections(step)
            ends.setdefault(setup.state, []).append(Instance(step.name))
        for operation, state in (
            (Operation.TERMINATE, InstanceState.TERMINATED),
            (Operation.STOP, InstanceState.STOPPED),
        ):
            if state in ends and operation not in self.unsupported:
                yield SettleStep()
                ended = [i for i in ends[state] if i in self.history.alive]
                if ended:
                    yield batch_step(variant(operation), [Named(i) for i in ended])
        yield SettleStep()
        yield from self._everything()

    def _least_tried(self) -> tuple[ZoneSetup, ...]:
        coverage, below = self.history.coverage, self.dice.below
        tried = [tuple([below(len(ZONE_SETUPS)) for _ in range(self.features.zones)]) for _ in range(_TRIED_SETUPS)]
        keys = {setups: [coverage.key(pair) for pair in combinations(enumerate(setups), 2)] for setups in tried}
        newest = max(keys, key=lambda each: coverage.worth(ZONE_PAIRS, keys[each], refused=False))
        coverage.meet(ZONE_PAIRS, keys[newest], refused=False)
        return tuple(ZONE_SETUPS[number] for number in newest)

    def _launch(self, setup: ZoneSetup, zone: int) -> RunStep:
        protected = not setup.terminable or (not setup.stoppable and self.dice.chance(_BOTH_PROTECTIONS))
        return RunStep(
            self.history.guide.next_run,
            zone,
            disable_api_termination=True if protected else None,
            disable_api_stop=None if setup.stoppable else True,
        )

    def _everything(self) -> Iterator[Step]:
        """Name all instances in one request, zone by zone or shuffled; if it is refused, send it again in reverse."""
        operations = [Operation.STOP, Operation.START]
        if self.dice.chance(_TERMINATED):
            operations.append(Operation.TERMINATE)
        for operation in self.dice.arrange(operations):
            everyone = self.history.instances
            if not everyone or operation in self.unsupported:
                continue
            if self.dice.chance(_ARRANGED):
                everyone = self.dice.arrange(everyone)
            step = batch_step(variant(operation), [Named(i) for i in everyone])
            refused = self.history.guide.refuses(step)
            yield step
            if refused and operation is not Operation.TERMINATE:  # terminations go through in the other zones
                yield replace(step, ids=step.ids[::-1])
            yield SettleStep()
