"""The lanes that share one target, in the process of that target."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ...model.requests import Operation
from ...model.specification import Specification
from ..adapter.target import Target, notes_of
from ..execution.smoke import always_refused, broken, smoke, unsupported
from ..oracle.engine import Engine
from ..recording.recorder import Recorder
from .lane import Health, Lane, Turn, TurnResult
from .plan import Plan


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a target says of itself, and what it implements."""

    version: str
    capabilities: tuple[str, ...]
    zones: int
    notes: tuple[str, ...]
    unsupported: frozenset[Operation]
    broken: frozenset[Operation]
    always_refused: Mapping[Operation, str]


@dataclass(slots=True)
class LaneHost:
    """A target in this process, and lanes on it; several may play at a time, each one turn after the other."""

    target: Target
    label: str
    """The target as the user wrote it."""
    spec: Specification
    plan: Plan
    numbers: Iterable[int] | None = None
    """The lanes on this target; None means all."""
    stopped: Callable[[], bool] = lambda: False
    recorder: Recorder | None = None
    _lanes: dict[int, Lane] = field(init=False)

    def __post_init__(self) -> None:
        health = Health()
        numbers = range(self.plan.lanes) if self.numbers is None else self.numbers
        self._lanes = {
            number: Lane(
                self.target,
                self.label,
                self.spec,
                self.plan,
                number,
                self.stopped,
                self.recorder,
                health,
            )
            for number in numbers
        }

    def meet(self) -> Greeting:
        """Call every operation once; raises `Broken` if not even an instance can be launched."""
        answers = smoke(self.target, Engine(self.spec))
        return Greeting(
            self.target.version,
            tuple(sorted(capability.name for capability in self.target.capabilities)),
            len(self.target.zones),
            notes_of(self.target),
            unsupported(answers),
            broken(answers),
            always_refused(answers),
        )

    def play(self, lane: int, turn: Turn) -> TurnResult:
        """Play a turn of one of the lanes."""
        return self._lanes[lane].play(turn)

    def leave(self) -> None:
        """Terminate what outlived the scenarios, once the run is over."""
        for lane in self._lanes.values():
            lane.leave()
