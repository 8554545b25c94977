"""Runs the corpus and then generated walks against one target, and lists each divergence once.

The work is dealt to lanes as turns, so many ahead of what is merged. Turns are merged in the order in which they were
dealt, and after each merge the next is dealt. So what is dealt does not depend on which lane is faster, and a long turn
keeps others waiting only once all that was dealt after it is done.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Final

from ...model.specification import Specification
from ...reports.events import CoverageGrew, Event, ScenarioRun, TargetFinished, TargetStarted, TransitionSeen
from ...reports.safe_text import count
from ...strategies.files.format import load_scenario
from ...strategies.scenario.scenario import Scenario
from ...strategies.walking.coverage import Coverage
from ..adapter.target import Cleared, Target
from ..diagnosis.defects import defect_id
from ..execution.play import Outcome
from ..execution.transitions import Transition
from ..findings.collector import Collector, Suspicion, look_into_all
from ..findings.search import Inquirer, is_slow, sightings
from ..recording.recorder import Recorder
from .crew import Crew, InlineExecutor
from .lane import CALLS_OF_A_TURN, Learnt, Played, Turn, TurnResult
from .lane_host import Greeting, LaneHost
from .plan import Plan
from .verdicts import Tally

SATURATED: Final = 1000
"""Calls of generated scenarios without new coverage or findings after which a run ends."""
AHEAD: Final = 2
"""Turns of each lane that are dealt and not merged yet.

In a whole run of moto, counted in calls, two workers are then 1.83 times as fast as one, and four 2.67 times.
With a limit of 3,000 calls it is 1.73 and 2.24 times; one turn ahead, 1.67 and 2.09; three ahead, 1.73 and 2.34,
but what is learnt comes later.
"""
_DEALT: Final = 4
"""Scenarios of the corpus in a turn."""
_ANYTHING: Final = frozenset({"anything"})
"""The purpose of a scenario that is never left out."""
_FOR_A_SEARCH: Final = 200
"""Calls that nearly every search can do with."""
_FOR_A_CONFIRMATION: Final = 6
"""Calls of one more play of a quick scenario: on moto 19 of them take 120."""
_MOST_FOR_CONFIRMATIONS: Final = 0.2
"""The share of the calls that is kept for these at most, so that a target with many defects is held to every clause.

On moto 290 of 380 calls play all scenarios that are not left out, and the other 90 confirm the 21 worst findings.
"""


@dataclass(frozen=True, slots=True)
class _Dealt:
    """A turn that a lane was given, and what it is asked to look into."""

    lane: int
    suspicions: tuple[Suspicion, ...]
    scenarios: tuple[Scenario, ...]
    walk_calls: int
    """The calls that it may use for walks, and that no other turn may count on."""
    call_limit: int | None
    """The most calls that it can make; None means any number."""
    result: "Future[TurnResult]"


@dataclass(slots=True)
class Campaign:
    """The run of one target in progress."""

    crew: Crew
    label: str
    """The target as the user wrote it."""
    spec: Specification
    plan: Plan
    emit: Callable[[Event], None]
    stopped: Callable[[], bool] = lambda: False
    scenarios: int = 0
    calls: int = 0
    cleared: Cleared = field(default_factory=Cleared)
    """What it took to terminate what scenarios left alive."""
    broken: str | None = None
    unrecorded: str | None = None
    """Why a trace ends before the run, if one does."""
    coverage: Coverage = field(default_factory=Coverage)
    quiet: int = 0
    """Calls of generated scenarios since the last new coverage or finding."""
    collector: Collector = field(init=False)
    _greeting: Greeting | None = None
    _transitions: Counter[Transition] = field(default_factory=Counter[Transition])
    _files: dict[str, str] = field(default_factory=dict[str, str])
    """Maps the titles of corpus scenarios to their files."""
    _tally: Tally = field(init=False)
    _corpus: deque[Scenario] = field(default_factory=deque[Scenario])
    """The scenarios of the corpus that were not dealt yet."""
    _slow: list[Scenario] = field(default_factory=list[Scenario])
    """Those that launch very many instances: they come last."""
    _calls_of: Counter[int] = field(default_factory=Counter[int])
    """The calls of each lane, so that searches go to those that did least."""
    _unlearnt: dict[int, list[Learnt]] = field(default_factory=dict[int, "list[Learnt]"])
    """For each lane, what the others met since its last turn."""
    _unplayed: bool = False
    """Whether a lane had no calls left for a scenario that it was given."""
    _under_way: deque[_Dealt] = field(default_factory=deque[_Dealt])
    """The turns that are dealt and not merged, in the order in which they were dealt."""
    _slowed: set[int] = field(default_factory=set[int])
    """The lanes that a slow scenario was dealt to: their targets may answer slowly ever after."""
    _why: str | None = None
    """Why nothing more is dealt."""
    _unexplained_changes: int = 0
    """How often a bystander changed, and no scenario turned out to change it."""
    _started_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._tally = Tally(self.spec)
        self.collector = Collector(self.label, self.emit, only=self.plan.clauses)
        if self.plan.confirm_last:
            self.collector.most_experiments = 1
        self._unlearnt = {lane: [] for lane in self._lanes}

    @property
    def _lanes(self) -> range:
        return range(len(self.crew.hosts))

    def run(self) -> TargetFinished:
        """Run until everything is done, the budget is spent, or the target stops answering."""
        self._load()
        greeting = self.crew.meet().result()
        self._greet(greeting)
        while True:
            while turn := self._next_turn(greeting):
                self._deal(*turn)
            if not self._under_way:
                break
            self._merge(self._under_way[0])
            self._under_way.popleft()
        return self.finished(self._why or self._how_it_ended())

    def finished(self, stopped: str, broken: str | None = None) -> TargetFinished:
        """Return the results so far, as the end of the run; what nobody could look into any more is unconfirmed."""
        self._merge_what_is_there()
        if self.plan.confirm_last:
            self.collector.set_aside()
        look_into_all(self.collector, Inquirer(self.spec, self.label, _observe_nothing, lambda: True).look_into)
        self._tally.ended = stopped
        findings = tuple(self.collector.findings.values())
        notes = () if self._greeting is None else self._greeting.notes
        return TargetFinished(
            target=self.label,
            version="" if self._greeting is None else self._greeting.version,
            seed=self.plan.seed,
            scenarios=self.scenarios,
            calls=self.calls,
            seconds=round(time.monotonic() - self._started_at, 3),
            clauses=self._tally.results(findings, self.plan.clauses),
            findings=findings,
            stopped=stopped,
            broken=broken or self.broken,
            coverage=self.coverage.totals,
            quiet=self.quiet,
            unexplained=dict(self.collector.unexplained),
            clearing_calls=self.cleared.calls,
            notes=(*notes, *self._tally.excused_note(), *self._bystander_note(), *_left_note(self.cleared)),
            transitions=tuple(
                TransitionSeen(source.value, to.value, times)
                for (source, to), times in sorted(self._transitions.items(), key=repr)
            ),
        )

    def _bystander_note(self) -> tuple[str, ...]:
        """Return one sentence about instances that changed although no request named them; none if none did."""
        times = self._unexplained_changes
        if not times:
            return ()
        return (f"{count(times, 'time')} an instance changed that no request named, and no scenario repeats it",)

    # Before the first turn.

    def _greet(self, greeting: Greeting) -> None:
        self._greeting = greeting
        self._tally.unsupported = greeting.unsupported
        self._tally.always_refused = greeting.always_refused
        self.emit(TargetStarted(self.label, greeting.version, greeting.capabilities, greeting.zones, greeting.notes))

    def _load(self) -> None:
        for path in self.plan.corpus:
            scenario = load_scenario(path, self.spec.clauses)
            if not self.plan.clauses or self.plan.clauses & set(scenario.clauses):
                self._files[scenario.title] = f"{path.parent.name}/{path.name}"
                self._tally.chosen.update({*scenario.clauses})
                (self._slow if is_slow(scenario) else self._corpus).append(scenario)

    # Dealing.

    def _next_turn(self, greeting: Greeting) -> tuple[int, tuple[Suspicion, ...], Turn] | None:
        """Return a lane and its next turn; None if there is nothing to do, or nothing yet."""
        self._why = self._why or self._stop_reason()
        lane = self._next_lane()
        if self._why is not None or lane is None or not self._has_calls_for_a_turn():
            return None
        suspicions = self._next_suspicions()
        scenarios = () if suspicions else self._next_scenarios()
        walks = not (suspicions or scenarios) and self._may_walk
        if not (suspicions or scenarios or walks):
            scenarios = self._next_slow(lane)
        if not (suspicions or scenarios or walks):
            return None
        turn = Turn(
            tuple(suspicion.seen for suspicion in suspicions),
            scenarios,
            walks=walks,
            learnt=tuple(self._unlearnt[lane]),
            unsupported=greeting.unsupported,
            broken=greeting.broken,
            most_calls=self._walk_calls() if walks else None,
            call_limit=self._call_limit(),
            seconds=self._seconds_left(),
        )
        return lane, suspicions, turn

    def _deal(self, lane: int, suspicions: tuple[Suspicion, ...], turn: Turn) -> None:
        """Give a lane a turn."""
        self._unlearnt[lane].clear()
        result = self.crew.play(lane, turn)
        self._under_way.append(_Dealt(lane, suspicions, turn.scenarios, turn.most_calls or 0, turn.call_limit, result))

    def _next_lane(self) -> int | None:
        """Return the lane that has least to do, and did least; None if every lane has enough to do."""
        busy = Counter(dealt.lane for dealt in self._under_way)
        lanes = [lane for lane in self._lanes if lane not in self._slowed] or list(self._lanes)
        lane = min(lanes, key=lambda lane: (busy[lane], self._calls_of[lane]))
        return lane if busy[lane] < AHEAD else None

    def _next_suspicions(self) -> tuple[Suspicion, ...]:
        """Take what comes next of what must be looked into: one suspicion, or in a quick run those of one play."""
        if not self.plan.confirm_last:
            return (self.collector.next(),) if self.collector.waiting else ()
        return () if self._plays_on else self.collector.next_of_one_play()

    def _next_scenarios(self) -> tuple[Scenario, ...]:
        """Take the next scenarios of the corpus, one alone where what it shows may make the next superfluous."""
        if not self._may_play_corpus:
            return ()
        most = 1 if self.plan.purposes else _DEALT
        scenarios: list[Scenario] = []
        while self._corpus and len(scenarios) < most:
            scenario = self._corpus.popleft()
            if self.plan.purposes.get(self._files[scenario.title], _ANYTHING) <= self._tally.tested:
                self._tally.chosen.subtract({*scenario.clauses})
            else:
                scenarios.append(scenario)
        return tuple(scenarios)

    def _next_slow(self, lane: int) -> tuple[Scenario, ...]:
        """Take the next scenario that its target may answer slowly ever after: they come last."""
        quick = (dealt.suspicions or not all(map(is_slow, dealt.scenarios)) for dealt in self._under_way)
        if not self._slow or not self._may_play_corpus or any(quick):
            return ()
        if self.plan.generate:
            kept = self._one_per_clause(self._slow)
            for scenario in self._slow:
                if scenario not in kept:
                    self._tally.chosen.subtract({*scenario.clauses})
            self._slow = kept
        self._slowed.add(lane)
        return tuple(self._slow.pop(0) for _ in self._slow[:1])

    @property
    def _plays_on(self) -> bool:
        """Whether scenarios of the corpus are under way, or come next."""
        return bool(self._under_way or (self._corpus and self._may_play_corpus))

    @property
    def _may_play_corpus(self) -> bool:
        left = self._calls_left()
        return self.plan.max_calls is None or left is None or left > 0

    @property
    def _may_walk(self) -> bool:
        """Whether walks may begin: after the corpus, as long as something new comes, and calls are left."""
        return self.plan.walks and not self._corpus and self.quiet < SATURATED and self._walk_calls() != 0

    def _calls_left(self) -> int | None:
        """Return the calls that are left for what does not confirm anything; None for any number."""
        most = self.plan.calls_before_reserve
        if most is None:
            return None
        if self.plan.confirm_last:
            kept = self.collector.plays_waiting * _FOR_A_CONFIRMATION
            most -= min(kept, int(most * _MOST_FOR_CONFIRMATIONS))
        return most - self.calls

    @property
    def _room(self) -> int:
        """How many turns can be dealt before the next merge; few where one may make the next superfluous."""
        ahead = 1 if self.plan.purposes else AHEAD
        return ahead * len(self._lanes) - len(self._under_way)

    def _undealt_calls(self, most: int) -> int:
        """Return how many of the most calls of the run no turn has made, or can still make."""
        return most - self.calls - sum(dealt.call_limit or 0 for dealt in self._under_way)

    def _has_calls_for_a_turn(self) -> bool:
        """Tell whether a turn may be dealt now, and not only when the calls of those under way are known."""
        if self.plan.max_calls is None:
            return self._room > 0
        fewest = _FOR_A_SEARCH if self._under_way else 1
        return self._room > 0 and self._undealt_calls(self.plan.max_calls) >= fewest

    def _call_limit(self) -> int | None:
        """Return the share of a turn in the calls that the user permits, so that a run never makes more."""
        if self.plan.max_calls is None:
            return None
        undealt = self._undealt_calls(self.plan.max_calls)
        return max(undealt // self._room, min(undealt, _FOR_A_SEARCH))

    def _walk_calls(self) -> int | None:
        """Return what a turn of walks may use of the calls that are left; None for any number."""
        left = self._calls_left()
        if left is None:
            return None
        undealt = max(left - sum(dealt.walk_calls for dealt in self._under_way), 0)
        return max(undealt // self._room, min(undealt, CALLS_OF_A_TURN))

    def _one_per_clause(self, scenarios: Iterable[Scenario]) -> list[Scenario]:
        """Return slow scenarios, longest first, leaving out those whose clauses are all played already."""
        covered = set(self._tally.played)
        chosen: list[Scenario] = []
        for scenario in sorted(scenarios, key=lambda s: -len(s.steps)):
            if not covered.issuperset(scenario.clauses):
                chosen.append(scenario)
                covered.update(scenario.clauses)
        return chosen

    def _stop_reason(self) -> str | None:
        """Return why the run must stop now, or None; calls are a matter of the lanes."""
        if self.stopped():
            return "interrupted"
        left = self._seconds_left()
        return "time" if left is not None and left <= 0 else None

    def _seconds_left(self) -> float | None:
        budget = self.plan.time_budget
        return None if budget is None else self._started_at + budget - time.monotonic()

    def _how_it_ended(self) -> str:
        """Return why nothing is left to deal."""
        if self._corpus or self._slow or self._unplayed:
            return "calls"
        if not self.plan.walks:
            return "done"
        return "saturated" if self.quiet >= SATURATED else "calls"

    # Merging.

    def _merge(self, turn: _Dealt) -> None:
        """Take the result of a turn; raises what its target's process failed with."""
        known = self.coverage.mark_count, self.collector.count
        generated = self._take(turn, turn.result.result())
        if self.coverage.mark_count != known[0]:
            self.emit(CoverageGrew(self.label, self.calls, self.coverage.totals))
        is_new = known != (self.coverage.mark_count, self.collector.count)
        self.quiet = 0 if is_new else self.quiet + generated

    def _merge_what_is_there(self) -> None:
        """Take the results that have arrived, after a target's process failed."""
        for turn in self._under_way:
            if turn.result.done() and not turn.result.cancelled() and turn.result.exception() is None:
                self._take(turn, turn.result.result())
        self._under_way.clear()

    def _take(self, turn: _Dealt, result: TurnResult) -> int:
        """Take the result of a turn, and return the calls of its generated scenarios."""
        for suspicion, (plays, inquiry) in zip(turn.suspicions, result.inquiries, strict=True):
            for played in plays:
                self._count(turn.lane, played)
            self.collector.take(suspicion, inquiry)
        for played in result.plays:
            self._count(turn.lane, played)
            outcome = played.outcome
            for seen in sightings(outcome):
                self.collector.note(seen)
        self.calls += result.bystander_calls
        self._calls_of[turn.lane] += result.bystander_calls
        self._unexplained_changes += not result.is_explained
        self.coverage.learn(result.learnt.news)
        for lane in self._lanes:
            if lane != turn.lane:
                self._unlearnt[lane].append(result.learnt)
        self._unplayed |= sum(played.source == "corpus" for played in result.plays) < len(turn.scenarios)
        self._why = self._why or result.stopped
        self.unrecorded = self.unrecorded or result.unrecorded
        return sum(played.outcome.calls for played in result.plays if played.source == "generated")

    def _count(self, lane: int, played: Played) -> None:
        outcome, source = played.outcome, played.source
        self.scenarios += outcome.skipped is None
        self.calls += outcome.calls
        self.cleared += outcome.cleared
        self._calls_of[lane] += outcome.calls
        self._tally.add(outcome)
        self._transitions.update(outcome.transitions)
        shown = tuple(dict.fromkeys(defect_id(d) for d in outcome.divergences))
        title = outcome.scenario.title
        file = self._files.get(title) if source == "corpus" else None
        if source == "corpus":
            self._tally.played.update({*outcome.scenario.clauses})
        self.emit(ScenarioRun(self.label, title, source, outcome.calls, shown, outcome.skipped, file))
        if outcome.broken is not None:
            self.broken = self.broken or f"{title}: {outcome.broken}"


def _left_note(cleared: Cleared) -> tuple[str, ...]:
    """Return one sentence about instances that the run could not terminate; none if there are none."""
    return (
        (f"{count(cleared.left, 'instance')} of this run could not be terminated, and may still exist",)
        if cleared.left
        else ()
    )


def _observe_nothing(scenario: Scenario) -> Outcome:
    raise AssertionError(f"{scenario.title}: nothing is played after the end of a run")


def run_here(
    target: Target,
    label: str,
    spec: Specification,
    plan: Plan,
    emit: Callable[[Event], None],
    *,
    stopped: Callable[[], bool] = lambda: False,
    executor: Executor | None = None,
    recorder: Recorder | None = None,
) -> TargetFinished:
    """Run a target in this process: all lanes share it. `executor` plays them, by default one turn after the other."""
    host = LaneHost(target, label, spec, plan, stopped=stopped, recorder=recorder)
    crew = Crew([host] * plan.lanes, executor or InlineExecutor())
    done = Campaign(crew, label, spec, plan, emit, stopped).run()
    host.leave()
    return done
