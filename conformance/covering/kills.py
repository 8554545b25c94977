"""Finds candidates that kill a mutant: first where it may do something forbidden, then by playing it there."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice
from typing import Final

from ...model.choices import NEW_ID
from ...model.clauses import Clause, Part, recorded
from ...model.requests import ErrorCode
from ...model.rules.describe import Shape
from ...model.specification import Specification
from ...model.states import InstanceState
from ...model.world import InstanceRecord
from ...strategies.covering.candidates import Candidate
from ...strategies.covering.follow_ups import followed_up
from ...strategies.covering.layers import needs_of
from ...strategies.scenario.steps import Step
from ..oracle.engine import Engine
from .adversaries import Adversary, preferred, shown
from .background_steps import NO_PICKS, UNCAUSED, BackgroundSteps
from .possibilities import Outcome, Point, Way, covers, later, one_by_one, outcomes, permits, points
from .record_index import RecordIndex
from .relevance import Change, Relevance
from .simulation_relation import SimulationRelation

ENOUGH: Final = 6
"""Kills per mutant after which the search stops."""
_WAYS: Final = 3
"""Ways to a forbidden outcome to try per candidate."""
_PATIENCE: Final = 12
"""Candidates per operation and layer to try without a kill."""
_CLOSELY: Final = 4
"""Candidates to search exhaustively for a visible difference."""
_TRIES: Final = 150
"""Plays of a mutant in the exhaustive search."""
_BUSY: Final = 150
"""Large candidates to try last."""
_SEEDS: Final = 5
"""Random seeds to try for open points and wordings."""
_SHAPED: Final = 4
"""Candidates, cheapest first, at which to check the shape of an instance in a state."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Steps that a mutant does not survive when it is played so, and the clause it breaks; empty: it has no answer."""

    steps: tuple[Step, ...]
    playing: Adversary
    clause: str


@dataclass(frozen=True, slots=True)
class KillSearch:
    """The result of searching for ways to kill a mutant."""

    kills: tuple[Kill, ...] = ()
    assumed: str | None = None
    """The clause that it breaks, if that is only assumed."""
    extra: str = ""
    """A scenario in which it may do more than the specification; empty if there is none in any scope."""
    fewer: bool = False
    """Whether the specification may do something that the mutant may not."""
    beyond: bool = False
    """Whether it differs only in what no caller can cause."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A candidate, by number, at whose end a mutant may do something forbidden, and the ways to play it.

    `deep`: it leaves different records, so that later requests may show the difference.
    """

    number: int
    playings: tuple[Adversary, ...]
    deep: bool = False
    extra: bool = True
    """Whether it may do more there; otherwise it may just not come to rest."""


@dataclass(slots=True)
class _Search:
    """The search for one mutant, and its results so far."""

    mutant: Specification
    change: Change
    kills: list[Kill] = field(default_factory=list[Kill])
    suspects: list[Suspect] = field(default_factory=list[Suspect])
    fewer: bool = False


class KillFinder:
    """Finds kills among the candidates; caches what the specification does at each, for all mutants."""

    def __init__(self, spec: Specification, candidates: Sequence[Candidate]) -> None:
        self.spec = spec
        self.engine = Engine(spec)
        self.candidates = candidates
        self._known: dict[int, tuple[tuple[Point, dict[Outcome, Way]], ...]] = {}
        self._later: dict[int, tuple[tuple[Point, dict[Outcome, Way]], ...]] = {}
        self._background = BackgroundSteps(spec)
        self._relation = SimulationRelation(spec, self._background)

    @cached_property
    def strict(self) -> Engine:
        """Return an engine that treats assumptions as promises."""
        sure = {
            name: replace(clause, evidence=dict(clause.evidence) | dict.fromkeys(_not_judged(clause), recorded()))
            for name, clause in self.spec.clauses.items()
        }
        return Engine(replace(self.spec, clauses=sure))

    @cached_property
    def relevance(self) -> Relevance:
        """Return which candidates a change can matter to."""
        return Relevance(self.spec, self.candidates)

    @cached_property
    def index(self) -> RecordIndex:
        """Return the records that candidates bring about."""
        return RecordIndex.of(self.spec, self._background, self.candidates, self._outcomes)

    def find_kills(self, mutant: Specification, change: Change) -> KillSearch:
        """Look for candidates that kill a mutant: those that need the least of a target, the cheapest first."""
        search = _Search(mutant, change)
        tried: Counter[object] = Counter()
        for suspect in self._suspects(search):
            candidate = self.candidates[suspect.number]
            kind = (candidate.ask and candidate.ask.operation, needs_of(candidate.steps))
            tried[kind] += 1
            if tried[kind] > _PATIENCE and not search.kills:
                continue
            search.suspects.append(suspect)
            self._play(search, candidate, suspect.playings, self.engine)
            if len(search.kills) >= ENOUGH:
                break
        if not search.kills:
            self._look_closely(search, self.engine)
        if search.kills:
            return KillSearch(tuple(search.kills))
        more = [suspect for suspect in search.suspects if suspect.extra]
        where = self.candidates[more[0].number].scenario.title if more else ""
        return KillSearch(
            assumed=self._breaks_what_is_assumed(search) if more else None,
            extra=where,
            fewer=search.fewer,
            beyond=not more and self._differs_beyond(search),
        )

    def killing(self, mutant: Specification, change: Change, numbers: Iterable[int]) -> Iterator[tuple[int, Kill]]:
        """Yield those of some candidates that kill a mutant."""
        search = _Search(mutant, change)
        wanted = set(numbers)
        for suspect in self._suspects(search, wanted):
            found = len(search.kills)
            self._play(search, self.candidates[suspect.number], suspect.playings[:_WAYS], self.engine)
            if len(search.kills) > found:
                yield suspect.number, search.kills[-1]

    # Where a mutant may do what is forbidden.

    def _suspects(self, search: _Search, wanted: Collection[int] | None = None) -> Iterator[Suspect]:
        for number in self.relevance.numbers(search.mutant, search.change):
            if wanted is None or number in wanted:
                suspect = self._by_request(search, number)
                if suspect is not None:
                    yield suspect
        for suspect in (*self._by_itself(search), *self._by_shape(search)):
            if wanted is None or suspect.number in wanted:
                yield suspect

    def _by_request(self, search: _Search, number: int) -> Suspect | None:
        """Return how to play a mutant so that the last request of a candidate has a forbidden outcome, if it can."""
        candidate = self.candidates[number]
        if candidate.large:
            return Suspect(number, (Adversary(),), extra=False)
        playings: dict[Adversary, None] = {}
        deep = False
        for point, permitted in self._outcomes(number):
            found = outcomes(search.mutant, point)
            search.fewer = search.fewer or any(outcome not in found for outcome in permitted)
            for outcome, way in found.items():
                news = [
                    one
                    for one in one_by_one(outcome)
                    if not permits(permitted, one) and not self._late(number, point, permitted, one)
                ]
                if news and len(playings) < _WAYS * 2:
                    playings.update(dict.fromkeys(_ways_to_play(candidate, way, outcome)))
                deep = deep or (bool(news) and all(outcome.left != other.left for other in permitted))
        return Suspect(number, tuple(playings), deep) if playings else None

    def _late(self, number: int, point: Point, permitted: Collection[Outcome], outcome: Outcome) -> bool:
        """Tell whether what a mutant does looks like what is permitted once something has come to rest."""
        if covers(self._relation.passes, self._background, point, permitted, point, outcome):
            return True
        if not self.candidates[number].hasty:
            return False
        if number not in self._later:
            self._later[number] = tuple((p, outcomes(self.spec, p)) for p in later(self._background, point))
        return any(
            covers(self._relation.passes, self._background, met, there, point, outcome)
            for met, there in self._later[number]
        )

    def _outcomes(self, number: int) -> tuple[tuple[Point, dict[Outcome, Way]], ...]:
        """Return what a candidate's last request asks, and all that may come of it."""
        if number not in self._known:
            candidate = self.candidates[number]
            asked = () if candidate.ask is None else points(candidate.place, candidate.ask)
            self._known[number] = tuple((point, outcomes(self.spec, point)) for point in asked)
        return self._known[number]

    def _by_itself(self, search: _Search) -> Iterator[Suspect]:
        """Yield candidates after which a mutant may do by itself what is forbidden, or never come to rest."""
        if not differs_alone(self.spec, search.mutant):
            return
        mine, background = self._background, BackgroundSteps(search.mutant)
        found: dict[int, Suspect] = {}

        def suspect(nearest: Iterable[tuple[int, Way]], *, idle: bool, deep: bool, extra: bool) -> None:
            for number, way in nearest:
                playings = _ways_to_play(self.candidates[number], way, idle=idle, waiting=True)
                known = found.get(number, Suspect(number, ()))
                found[number] = Suspect(
                    number,
                    tuple(dict.fromkeys((*known.playings, *playings))),
                    deep=deep or known.deep,
                    extra=extra or (number in found and known.extra),
                )

        for record, nearest in self.index.instances.items():
            permitted, successors = mine.successors(record), background.successors(record)
            rests = (mine.rests(record), background.rests(record))
            lost = {name for name, _ in permitted} - {name for name, _ in successors} - set(UNCAUSED)
            made = any(n not in UNCAUSED and not self._passes(record, after) for n, after in successors - permitted)
            search.fewer = search.fewer or bool(permitted - successors) or rests == (True, False)
            if made or lost or rests == (False, True):
                idle = rests == (False, True)
                suspect(nearest, idle=idle, deep=made or bool(lost), extra=made or idle)
        for held, nearest in self.index.volumes.items():
            mine_of_it, its = mine.volume_successors(held), background.volume_successors(held)
            rests = (mine.volume_rests(held), background.volume_rests(held))
            new = [successor for successor in its if successor not in mine_of_it]
            lost = [successor for successor in mine_of_it if successor not in its]
            made = [one for one in new if one[1] is None or one[1] not in mine.volumes(held)]
            search.fewer = search.fewer or bool(lost) or rests == (True, False)
            idle = rests == (False, True)
            if new or lost or idle:
                picks = its[made[0]] if made else NO_PICKS
                ways = [(number, Way({**way.picks, **picks}, way.refusal)) for number, way in nearest]
                suspect(ways, idle=idle, deep=bool(made), extra=bool(made) or idle)
        yield from (found[number] for number in sorted(found))

    def _passes(self, record: InstanceRecord, after: InstanceRecord | None) -> bool:
        return after is not None and self._relation.passes(record, after)

    def _by_shape(self, search: _Search) -> Iterator[Suspect]:
        """Yield candidates at which instances are seen, where a mutant changes what may be seen of them."""
        if search.mutant.shapes == self.spec.shapes:
            return
        search.fewer = True
        playings = tuple(
            Adversary(slow, lavish=lavish, sparse=not lavish) for lavish in (True, False) for slow in (False, True)
        )
        for state in InstanceState:
            shown = (nearest for record, nearest in self.index.instances.items() if record.state is state)
            numbers = sorted({number for nearest in shown for number, _ in nearest})
            more = _allows_more(self.spec.shapes.get(state, ()), search.mutant.shapes.get(state, ()))
            yield from (Suspect(number, playings, extra=more) for number in numbers[:_SHAPED])

    def _differs_beyond(self, search: _Search) -> bool:
        """Tell whether a mutant differs in what no caller can bring about."""
        mine, background = self._background, BackgroundSteps(search.mutant)
        if any(background.successors(r) != mine.successors(r) for r in (*self.index.instances, *self.index.beyond)):
            return True
        if any(background.rests(record) != mine.rests(record) for record in self.index.beyond):
            return True
        for point, permitted in self.index.asked_beyond(self.relevance.operations(search.mutant)):
            found = outcomes(search.mutant, point)
            if not self._all_covered(point, found, permitted) or not self._all_covered(point, permitted, found):
                return True
        return False

    def _all_covered(self, point: Point, found: Iterable[Outcome], permitted: Collection[Outcome]) -> bool:
        """Tell whether every outcome looks like one of those permitted."""
        passes, background = self._relation.passes, self._background
        return all(permits(permitted, one) or covers(passes, background, point, permitted, point, one) for one in found)

    # Playing it there.

    @staticmethod
    def _play(search: _Search, candidate: Candidate, playings: Iterable[Adversary], engine: Engine) -> str | None:
        for playing in playings:
            clause = broken_by(search.mutant, engine, candidate, playing)
            if clause is not None:
                search.kills.append(Kill(candidate.steps, playing, clause))
                return clause
        return None

    def _look_closely(self, search: _Search, engine: Engine) -> str | None:
        """Try everything that may bring to light what a mutant did; return the clause that it breaks."""
        deep = [s for s in search.suspects if s.deep and not self.candidates[s.number].large]
        tries = islice(self._tries(deep[:_CLOSELY]), _TRIES)
        for candidate, playing in chain(tries, self._anywhere(search) if deep else ()):
            clause = self._play(search, candidate, (playing,), engine)
            if clause is not None:
                return clause
        return None

    def _anywhere(self, search: _Search) -> Iterator[tuple[Candidate, Adversary]]:
        """Yield candidates in which much goes on, for what comes to light only long after."""
        if not differs_alone(self.spec, search.mutant):
            return
        volumes = search.mutant.volume_steps != self.spec.volume_steps
        busy = [c for c in self.candidates if c.place.moves > 1 and c.scenario.mentions_volumes is volumes]
        busy.sort(key=lambda c: not c.hasty)
        yield from ((candidate, Adversary(slow)) for candidate in busy[:_BUSY] for slow in (True, False))

    def _tries(self, suspects: Iterable[Suspect]) -> Iterator[tuple[Candidate, Adversary]]:
        for suspect in suspects:
            playings: dict[Adversary, None] = {}
            for playing in suspect.playings[:2]:
                hard = replace(playing, hardest=True, picks=tuple(sorted({(NEW_ID.id, "KNOWN"), *playing.picks})))
                playings.update(dict.fromkeys((playing, replace(hard, slow=True), hard, replace(playing, slow=True))))
            playings[Adversary(slow=True, lavish=True)] = None
            playings.update(dict.fromkeys(Adversary(slow=True, seed=seed) for seed in range(2)))
            for candidate in followed_up(self.spec, self.candidates[suspect.number]):
                yield from ((candidate, playing) for playing in playings)

    def _breaks_what_is_assumed(self, search: _Search) -> str | None:
        """Return the clause that a mutant breaks in the eyes of a judge to whom nothing is only assumed."""
        again = _Search(search.mutant, search.change)
        for suspect in search.suspects:
            clause = self._play(again, self.candidates[suspect.number], suspect.playings, self.strict)
            if clause is not None:
                return clause
        again.suspects = search.suspects
        return self._look_closely(again, self.strict)


def broken_by(mutant: Specification, engine: Engine, candidate: Candidate, playing: Adversary) -> str | None:
    """Return the clause that a mutant breaks when it is played so, empty where it has no answer; None: it survives."""
    divergences, broken = shown(mutant, engine, candidate.scenario, playing)
    if divergences:
        return divergences[0].clause
    return None if broken is None else ""


def _ways_to_play(
    candidate: Candidate, way: Way, outcome: Outcome | None = None, *, idle: bool = False, waiting: bool = False
) -> Iterator[Adversary]:
    refusal = None if way.refusal is None else way.refusal.name
    for slow in (False, True) if candidate.hasty or waiting else (False,):
        playing = Adversary(slow, preferred(way.picks), refusal, idle=idle)
        yield playing
        if outcome is not None and outcome.header.code is not None:
            if outcome.header.status is None or outcome.header.code is ErrorCode.ANY:
                yield replace(playing, lavish=True)
            if len(outcome.header.wordings) > 1 and not slow:
                yield from (replace(playing, seed=seed) for seed in range(_SEEDS))


def differs_alone(spec: Specification, mutant: Specification) -> bool:
    """Tell whether a mutant differs in what happens without a request."""
    return (spec.steps, spec.volume_steps, spec.at_rest, spec.volume_at_rest) != (
        mutant.steps,
        mutant.volume_steps,
        mutant.at_rest,
        mutant.volume_at_rest,
    )


def _allows_more(shapes: Iterable[Shape], mutated: Iterable[Shape]) -> bool:
    """Tell whether an instance may look otherwise than it may by the shapes of the specification."""
    shapes, mutated = tuple(shapes), tuple(mutated)
    forbidden = {field for shape in shapes for field in shape.must_not}
    promised = {field for shape in shapes for field in shape.must}
    return not forbidden <= {field for shape in mutated for field in shape.must_not} or not promised <= {
        field for shape in mutated for field in shape.must
    }


def _not_judged(clause: Clause) -> list[Part]:
    """Return the parts that are too little known for a finding."""
    return [part for part in clause.evidence if clause.level_of(part) is None]
