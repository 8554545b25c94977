"""Finds the candidates that kill a mutant: first where it may do what is forbidden, then by playing it there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Final

from ...model.clauses import Evidence, EvidenceClass, Part, recorded
from ...model.outcomes import Refusal
from ...model.requests import Operation
from ...model.specification import Specification
from ...strategies.covering.candidates import Candidate
from ...strategies.covering.looks import followed_up
from ...strategies.steps import Step
from ..oracle.engine import Engine
from .alone import UNCAUSED, Alone
from .outcomes import Outcome, Point, Way, outcomes, permits, points
from .playing import Playing, preferred, shown
from .records import Index

ENOUGH: Final = 12
"""Kills of one mutant that are enough to choose from."""
_WAYS: Final = 3
"""Ways to a forbidden outcome that are tried at one candidate."""
_PATIENCE: Final = 40
"""Candidates without a kill after which a mutant is looked at more closely."""
_CLOSELY: Final = 10
"""Candidates at which everything is tried that may bring a difference to light."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Steps that a mutant does not survive when it is played so, and the clause it breaks; empty: it has no answer."""

    steps: tuple[Step, ...]
    playing: Playing
    clause: str


@dataclass(frozen=True, slots=True)
class Hunt:
    """What came of looking for ways to kill a mutant."""

    kills: tuple[Kill, ...] = ()
    assumed: str | None = None
    """The clause that it breaks, where that is only assumed."""
    extra: str = ""
    """Where it may do something that the specification may not; empty: nowhere in any scope."""
    fewer: bool = False
    """Whether the specification may do something that it may not."""
    beyond: bool = False
    """Whether it differs in what no caller can bring about."""


@dataclass(slots=True)
class _Search:
    """One mutant, and what was found so far."""

    mutant: Specification
    kills: list[Kill] = field(default_factory=list[Kill])
    suspects: list[tuple[int, tuple[Playing, ...]]] = field(default_factory=list["tuple[int, tuple[Playing, ...]]"])
    """Candidates at whose end it may do what is forbidden, with the ways to play it."""
    fewer: bool = False


class Hunter:
    """The candidates, and what the specification does at each; shared by all mutants."""

    def __init__(self, spec: Specification, candidates: Sequence[Candidate]) -> None:
        self.spec = spec
        self.engine = Engine(spec)
        self.candidates = candidates
        self._by_operation: dict[Operation, list[int]] = {}
        for number, candidate in enumerate(candidates):
            if candidate.ask is not None:
                self._by_operation.setdefault(candidate.ask.operation, []).append(number)
        self._known: dict[int, tuple[tuple[Point, dict[Outcome, Way]], ...]] = {}
        self._alone = Alone(spec)

    @cached_property
    def strict(self) -> Engine:
        """Return a judge to whom nothing is only assumed."""
        sure = {
            name: replace(clause, evidence={**clause.evidence, **dict.fromkeys(_assumed(clause.evidence), recorded(""))})
            for name, clause in self.spec.clauses.items()
        }
        return Engine(replace(self.spec, clauses=sure))

    @cached_property
    def index(self) -> Index:
        """Return the records that candidates bring about."""
        return Index.of(self.spec, self._alone, self.candidates, self._outcomes)

    def hunt(self, mutant: Specification, enough: int = ENOUGH) -> Hunt:
        """Look for candidates that kill a mutant, the cheapest first."""
        search = _Search(mutant)
        for number, playings in self._suspects(search):
            search.suspects.append((number, playings))
            self._play(search, self.candidates[number], playings)
            if len(search.kills) >= enough or (not search.kills and len(search.suspects) >= _PATIENCE):
                break
        if not search.kills:
            self._look_closely(search)
        if search.kills:
            return Hunt(tuple(search.kills))
        where = self.candidates[search.suspects[0][0]].scenario.title if search.suspects else ""
        return Hunt(
            assumed=self._breaks_what_is_assumed(search),
            extra=where,
            fewer=search.fewer,
            beyond=not search.suspects and self._differs_beyond(mutant),
        )

    # Where a mutant may do what is forbidden.

    def _suspects(self, search: _Search) -> Iterator[tuple[int, tuple[Playing, ...]]]:
        for number in sorted(n for o in self._changed(search.mutant) for n in self._by_operation.get(o, ())):
            playings = self._by_request(search, number)
            if playings:
                yield number, playings
        yield from self._by_itself(search)

    def _changed(self, mutant: Specification) -> tuple[Operation, ...]:
        """Return the operations whose rules a mutant changes."""
        return tuple(o for o, rules in self.spec.operations.items() if mutant.operations[o] != rules)

    def _by_request(self, search: _Search, number: int) -> tuple[Playing, ...]:
        """Return how to play a mutant so that the last request of a candidate has a forbidden outcome, if it can."""
        candidate = self.candidates[number]
        if candidate.large:
            return (Playing(),) if _counts_otherwise(self.spec, search.mutant) else ()
        ways: list[Way] = []
        for point, permitted in self._outcomes(number):
            try:
                found = outcomes(search.mutant, point)
            except Exception:  # noqa: BLE001 - a mutant may have no answer at all, in whatever way
                ways.append(Way())
                continue
            ways.extend(way for outcome, way in found.items() if not permits(permitted, outcome))
            search.fewer = search.fewer or any(outcome not in found for outcome in permitted)
        return tuple(dict.fromkeys(p for way in islice(ways, _WAYS) for p in _ways_to_play(candidate, way)))

    def _outcomes(self, number: int) -> tuple[tuple[Point, dict[Outcome, Way]], ...]:
        """Return what a candidate's last request asks, and all that may come of it."""
        if number not in self._known:
            candidate = self.candidates[number]
            asked = () if candidate.ask is None else points(candidate.place, candidate.ask)
            self._known[number] = tuple((point, outcomes(self.spec, point)) for point in asked)
        return self._known[number]

    def _by_itself(self, search: _Search) -> Iterator[tuple[int, tuple[Playing, ...]]]:
        """Yield candidates after which a mutant may do by itself what is forbidden, or never come to rest."""
        if not _differs_alone(self.spec, search.mutant):
            return
        alone = Alone(search.mutant)
        found: dict[int, dict[Playing, None]] = {}
        for record, nearest in self.index.instances.items():
            permitted, followers = self._alone.followers(record), alone.followers(record)
            caused = {f for f in followers - permitted if f[0] not in UNCAUSED}
            lost = {f for f in permitted - followers if f[0] not in UNCAUSED}
            idle = alone.rests(record) and not self._alone.rests(record)
            search.fewer = search.fewer or bool(lost) or alone.rests(record) != self._alone.rests(record)
            if caused or lost or idle:
                for number, way in nearest:
                    playings = _ways_to_play(self.candidates[number], way, idle=idle, waiting=True)
                    found.setdefault(number, {}).update(dict.fromkeys(playings))
        for held, nearest in self.index.volumes.items():
            permitted_of_volume, followers_of_volume = self._alone.volume_followers(held), alone.volume_followers(held)
            idle = alone.volume_rests(held) and not self._alone.volume_rests(held)
            search.fewer = search.fewer or alone.volume_rests(held) != self._alone.volume_rests(held)
            if permitted_of_volume != followers_of_volume or idle:
                search.fewer = search.fewer or bool(permitted_of_volume - followers_of_volume)
                for number, way in nearest:
                    playings = _ways_to_play(self.candidates[number], way, idle=idle, waiting=True)
                    found.setdefault(number, {}).update(dict.fromkeys(playings))
        for number in sorted(found):
            yield number, tuple(found[number])

    def _differs_beyond(self, mutant: Specification) -> bool:
        """Tell whether a mutant differs in what no caller can bring about."""
        alone = Alone(mutant)
        if any(alone.followers(r) != self._alone.followers(r) for r in (*self.index.instances, *self.index.beyond)):
            return True
        if any(alone.rests(record) != self._alone.rests(record) for record in self.index.beyond):
            return True
        for point, permitted in self.index.asked_beyond(self._changed(mutant)):
            try:
                if outcomes(mutant, point).keys() != permitted.keys():
                    return True
            except Exception:  # noqa: BLE001 - a mutant may have no answer at all, in whatever way
                return True
        return False

    # Playing it there.

    def _play(self, search: _Search, candidate: Candidate, playings: Collection[Playing]) -> bool:
        for playing in playings:
            clause = kills(search.mutant, self.engine, candidate, playing)
            if clause is not None:
                search.kills.append(Kill(candidate.steps, playing, clause))
                return True
        return False

    def _look_closely(self, search: _Search) -> None:
        """Try everything that may bring to light what a mutant did."""
        for number, playings in search.suspects[:_CLOSELY]:
            if self.candidates[number].large:
                continue
            plain = tuple(dict.fromkeys((*playings, *(replace(p, hardest=True) for p in playings))))
            for candidate in followed_up(self.spec, self.candidates[number]):
                slow = tuple(replace(p, slow=True) for p in plain)
                if self._play(search, candidate, dict.fromkeys((*plain, *slow))):
                    return

    def _breaks_what_is_assumed(self, search: _Search) -> str | None:
        """Return the clause that a mutant breaks in the eyes of a judge to whom nothing is only assumed."""
        for number, playings in search.suspects:
            for playing in playings:
                clause = kills(search.mutant, self.strict, self.candidates[number], playing)
                if clause is not None:
                    return clause
        for number, playings in search.suspects[:_CLOSELY]:
            for candidate in followed_up(self.spec, self.candidates[number]):
                for playing in playings:
                    clause = kills(search.mutant, self.strict, candidate, playing)
                    if clause is not None:
                        return clause
        return None


def kills(mutant: Specification, engine: Engine, candidate: Candidate, playing: Playing) -> str | None:
    """Return the clause that a mutant breaks when it is played so, empty where it has no answer; None: it survives."""
    divergences, broken = shown(mutant, engine, candidate.scenario, playing)
    if divergences:
        return divergences[0].clause
    return None if broken is None else ""


def _ways_to_play(
    candidate: Candidate, way: Way, *, idle: bool = False, waiting: bool = False
) -> Iterator[Playing]:
    refusal = None if way.refusal is None else way.refusal.name
    for slow in (False, True) if candidate.racy or waiting else (False,):
        yield Playing(slow=slow, picks=preferred(way.picks), refusal=refusal)
        if idle:
            yield Playing(slow=slow, picks=preferred(way.picks), refusal=refusal, idle=True)


def _differs_alone(spec: Specification, mutant: Specification) -> bool:
    """Tell whether a mutant differs in what happens without a request."""
    return (spec.steps, spec.volume_steps, spec.at_rest, spec.volume_at_rest) != (
        mutant.steps,
        mutant.volume_steps,
        mutant.at_rest,
        mutant.volume_at_rest,
    )


def _counts_otherwise(spec: Specification, mutant: Specification) -> bool:
    """Tell whether a mutant changes how many ids a request may name."""
    return any(
        rungs != [rung for rung in mutant.operations[operation].ladder if rung.refusal is Refusal.TOO_MANY]
        for operation, rules in spec.operations.items()
        if (rungs := [rung for rung in rules.ladder if rung.refusal is Refusal.TOO_MANY])
    )


def _assumed(evidence: Mapping[Part, Evidence]) -> list[Part]:
    return [part for part, one in evidence.items() if one.grade is EvidenceClass.ASSUMED]
