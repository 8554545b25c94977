"""Finds the candidates that kill a mutant: first where it may do what is forbidden, then by playing it there."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ...model.requests import Operation
from ...model.specification import Specification
from ...strategies.covering.candidates import Candidate
from ..oracle.engine import Engine
from .outcomes import Outcome, Point, Way, outcomes, points
from .playing import Playing, preferred, shown


@dataclass(frozen=True, slots=True)
class Kill:
    """A candidate (by its number) that a mutant does not survive when it is played so, and the clause it breaks."""

    candidate: int
    playing: Playing
    clause: str


@dataclass(slots=True)
class Hunter:
    """The candidates, and what the specification does at each; shared by all mutants."""

    spec: Specification
    candidates: Sequence[Candidate]
    engine: Engine = field(init=False)
    by_operation: dict[Operation, list[int]] = field(default_factory=dict[Operation, "list[int]"])
    _points: dict[int, tuple[Point, ...]] = field(default_factory=dict[int, "tuple[Point, ...]"])
    _permitted: dict[int, tuple[Collection[Outcome], ...]] = field(
        default_factory=dict[int, "tuple[Collection[Outcome], ...]"]
    )

    def __post_init__(self) -> None:
        self.engine = Engine(self.spec)
        for number, candidate in enumerate(self.candidates):
            if candidate.ask is not None:
                self.by_operation.setdefault(candidate.ask.operation, []).append(number)

    def extras(self, mutant: Specification, number: int) -> Iterator[Way]:
        """Yield ways to what a mutant may do at the end of a candidate, and the specification may not."""
        candidate = self.candidates[number]
        if candidate.ask is None:
            return
        if number not in self._points:
            self._points[number] = tuple(points(candidate.place, candidate.ask))
            self._permitted[number] = tuple(outcomes(self.spec, p).keys() for p in self._points[number])
        for point, permitted in zip(self._points[number], self._permitted[number], strict=True):
            try:
                found = outcomes(mutant, point)
            except Exception:  # noqa: BLE001 - a mutant may have no answer at all, in whatever way
                yield Way()
                return
            for outcome, way in found.items():
                if outcome not in permitted:
                    yield way

    def changed(self, mutant: Specification) -> tuple[Operation, ...]:
        """Return the operations whose rules a mutant changes."""
        return tuple(o for o, rules in self.spec.operations.items() if mutant.operations[o] != rules)

    def numbers(self, mutant: Specification) -> list[int]:
        """Return the candidates whose last request is of such an operation, in order."""
        return sorted(n for o in self.changed(mutant) for n in self.by_operation.get(o, ()))

    def kill(self, mutant: Specification, number: int, ways: Collection[Way]) -> Kill | None:
        """Play a mutant at the end of a candidate in these ways until it is found out."""
        candidate = self.candidates[number]
        for playing in dict.fromkeys(self._playings(candidate, ways)):
            divergences, broken = shown(mutant, self.engine, candidate.scenario, playing)
            if divergences or broken:
                return Kill(number, playing, divergences[0].clause if divergences else "")
        return None

    @staticmethod
    def _playings(candidate: Candidate, ways: Collection[Way]) -> Iterator[Playing]:
        for slow in (False, True) if candidate.racy else (False,):
            for way in ways:
                yield Playing(
                    slow=slow,
                    picks=preferred(way.picks),
                    refusal=None if way.refusal is None else way.refusal.name,
                )
