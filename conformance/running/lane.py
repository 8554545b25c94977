"""A lane of a run: plays scenarios, walks and searches on its target, turn by turn.

A run is cut into a fixed number of lanes, so that what it finds depends on nothing but its seed: not on how many
processes or threads there are, and not on how fast they are. A lane knows what it met itself. Each turn also tells it
what the other lanes met since its last one. It plays the turn, and hands everything back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Final

from ...model.requests import Operation
from ...model.specification import Specification
from ...strategies.scenario.scenario import Scenario
from ...strategies.walking.coverage import Coverage, News
from ..adapter.target import Target
from ..diagnosis.defects import defect_id
from ..execution.listener import NO_LISTENER, PlayListener
from ..execution.play import Outcome
from ..execution.runner import MAX_BROKEN_IN_A_ROW, Runner
from ..execution.settle_timeouts import SettleTimeouts
from ..execution.walker import Walker
from ..findings.search import Inquirer, Inquiry, Sighting, Stop, is_slow
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..recording.recorder import Recorder
from .bystanders import NAMES, Bystanders, with_bystanders
from .plan import Plan

CALLS_OF_A_TURN: Final = 50
"""Calls after which a turn begins no further walk: more make the others wait, fewer cost more messages."""
_FOR_BYSTANDERS: Final = 10
"""The fewest calls with which a lane launches bystanders, or looks at them."""
_UNLIMITED: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the other lanes met in a turn."""

    news: News
    timed_out: tuple[str, ...] = ()
    """The kinds of things that a settle waited for in vain."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a lane does next: searches, then scenarios of the corpus, then walks."""

    searches: tuple[Sighting, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    walks: bool = False
    learnt: tuple[Learnt, ...] = ()
    unsupported: frozenset[Operation] = frozenset()
    """The operations that the target says it does not implement."""
    broken: frozenset[Operation] = frozenset()
    """The operations whose replies cannot be read."""
    most_calls: int | None = None
    """Calls after which nothing new begins, and a walk ends; None means any number."""
    call_limit: int | None = None
    """The most calls of the turn, whatever is under way then; None means any number."""
    seconds: float | None = None
    """The seconds that are left of the run's time; None if they are not limited."""


@dataclass(frozen=True, slots=True)
class Played:
    """A play, and why it was made: corpus, generated, minimise or bystander."""

    outcome: Outcome
    source: str


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What came of a turn."""

    inquiries: tuple[tuple[tuple[Played, ...], Inquiry], ...]
    """The answer to each search, with its plays."""
    plays: tuple[Played, ...]
    """The other plays, in order."""
    learnt: Learnt
    stopped: str | None = None
    """Why the target must not be used any more, or the user stopped the run: time, interrupted, broken or sandbox."""
    unrecorded: str | None = None
    """Why the trace ends early, if it does."""
    bystander_calls: int = 0
    """The calls that looked after the bystanders."""
    is_explained: bool = True
    """False if a bystander changed, and no scenario of the turn changes one when it is played again."""


@dataclass(slots=True)
class Health:
    """Whether a target still answers; lanes that share a target share this too."""

    broken_in_a_row: int = 0
    limit_reached: bool = False
    _lock: Lock = field(default_factory=Lock)

    def add(self, outcome: Outcome) -> None:
        """Take note of a play."""
        with self._lock:
            self.broken_in_a_row = 0 if outcome.broken is None else self.broken_in_a_row + 1
            self.limit_reached |= outcome.limit_reached

    @property
    def problem(self) -> str | None:
        """Why the target must not be used any more, or None."""
        if self.limit_reached:
            return "sandbox"
        return "broken" if self.broken_in_a_row >= MAX_BROKEN_IN_A_ROW else None


@dataclass(slots=True)
class Lane:
    """One lane, on a target in this process."""

    target: Target
    label: str
    """The target as the user wrote it."""
    spec: Specification
    plan: Plan
    number: int = 0
    """The first lane is 0."""
    stopped: Callable[[], bool] = lambda: False
    recorder: Recorder | None = None
    health: Health = field(default_factory=Health)
    _coverage: Coverage = field(default_factory=Coverage)
    _timeouts: SettleTimeouts = field(default_factory=SettleTimeouts)
    _runner: Runner = field(init=False)
    _inquirer: Inquirer = field(init=False)
    _bystanders: Bystanders = field(init=False)
    _walks: int = 0
    _calls: int = 0
    """The calls of this turn."""
    _most_calls: int | None = None
    _call_limit: int | None = None
    _deadline: float | None = None
    _plays: list[Played] = field(default_factory=list[Played])

    def __post_init__(self) -> None:
        self._runner = Runner(
            self.target,
            Engine(self.spec),
            self.plan.settings,
            self.plan.longest_wait,
            timeouts=self._timeouts,
            listeners=partial(self._listener, "corpus"),
            interrupted=self.stopped,
        )
        self._inquirer = Inquirer(self.spec, self.label, self._observe, self._is_spent)
        self._bystanders = Bystanders(self.target, self._runner.engine)

    def play(self, turn: Turn) -> TurnResult:
        """Play a turn, or as much of it as its limits permit."""
        self._begin(turn)
        inquiries: list[tuple[tuple[Played, ...], Inquiry]] = []
        if self.plan.confirm_last and turn.searches and turn.searches[0].stands_first:
            first, *more = self._inquirer.confirm(turn.searches, self._observe_until)
            inquiries = [(self._taken(), first), *(((), inquiry) for inquiry in more)]  # the plays serve all
        else:
            for search in turn.searches:
                inquiry = self._inquirer.look_into(search)
                inquiries.append((self._taken(), inquiry))
        self._play_corpus(turn.scenarios)
        if turn.walks:
            self._walk()
        before = self._bystanders.calls
        culprits = self._look_at_bystanders(tuple(played for some, _ in inquiries for played in some))
        plays = self._taken()
        every = (*(played for some, _ in inquiries for played in some), *plays)
        timed_out = tuple(sorted(kind for played in every for kind in played.outcome.timed_out))
        unrecorded = None if self.recorder is None else self.recorder.problem
        learnt = Learnt(self._coverage.news(), timed_out)
        extra = self._bystanders.calls - before
        return TurnResult(tuple(inquiries), plays, learnt, self._stop_reason(), unrecorded, extra, culprits)

    def leave(self) -> None:
        """Terminate what outlived the scenarios, once the run is over."""
        self._bystanders.leave()

    def _look_at_bystanders(self, searched: tuple[Played, ...]) -> bool:
        """Look for what changed beside the scenarios of this turn; return False if nothing explains a change."""
        left = self._calls_left()
        few = left is not None and left < _FOR_BYSTANDERS
        if not self.plan.has_bystanders or few or self._is_spent():
            return True
        before = self._bystanders.calls
        changed = self._bystanders.changed()
        self._calls += self._bystanders.calls - before
        if not changed:
            return True
        for played in (*searched, *self._plays.copy()):
            if self._is_spent():
                return True
            scenario = with_bystanders(played.outcome.scenario, len(self.target.zones))
            outcome = self._runner.run(scenario, call_limit=self._calls_left())
            self._count(outcome, "bystander")
            if any(not divergence.about.isdisjoint(NAMES) for divergence in outcome.divergences):
                return True
        return False

    def _begin(self, turn: Turn) -> None:
        for learnt in turn.learnt:
            self._coverage.learn(learnt.news)
            self._timeouts.record(learnt.timed_out)
        if (self._runner.unsupported, self._runner.broken) != (turn.unsupported, turn.broken):
            self._runner = replace(self._runner, unsupported=turn.unsupported, broken=turn.broken)
            self._inquirer.unsupported = turn.unsupported | turn.broken
        self._calls, self._most_calls, self._call_limit = 0, turn.most_calls, turn.call_limit
        self._deadline = None if turn.seconds is None else time.monotonic() + turn.seconds

    def _taken(self) -> tuple[Played, ...]:
        plays = tuple(self._plays)
        self._plays.clear()
        return plays

    def _play_corpus(self, scenarios: tuple[Scenario, ...]) -> None:
        for scenario in scenarios:
            if self._is_spent():
                return
            # A slow scenario covers nothing new, and tracking its coverage takes long.
            coverage = None if is_slow(scenario) else self._coverage
            self._count(self._runner.run(scenario, coverage, self._calls_left()), "corpus")

    def _walk(self) -> None:
        """Walk until the turn had calls enough."""
        walker = Walker(
            self.target,
            self._runner.engine,
            self.plan.settings,
            self._runner.unsupported | self._runner.broken,
            self.plan.seed,
            timeouts=self._timeouts,
            listeners=partial(self._listener, "generated"),
            interrupted=self.stopped,
        )
        while self._calls < CALLS_OF_A_TURN and not self._is_spent():
            number = self.number + self.plan.lanes * self._walks
            self._walks += 1
            most = _UNLIMITED if self._most_calls is None else self._most_calls - self._calls
            outcome = walker.play(number, self._coverage, most, self._must_stop, call_limit=self._calls_left())
            self._count(outcome, "generated")

    def _must_stop(self) -> bool:
        """Tell whether a walk must end, for another reason than its calls."""
        return self._stop_reason() is not None

    def _observe(self, scenario: Scenario) -> Outcome:
        """Play a scenario of a search; raises `Stop` when the target cannot be used any more."""
        return self._observe_until(scenario, frozenset())

    def _observe_until(self, scenario: Scenario, ids: frozenset[str]) -> Outcome:
        """The same, until the scenario has shown all the defects with some ids, if there are any."""
        runner = replace(self._runner, listeners=partial(self._listener, "minimise"))
        missing = set(ids)

        def enough(found: tuple[Divergence, ...], _calls: int) -> bool:
            missing.difference_update(map(defect_id, found))
            return bool(ids) and not missing

        outcome = runner.run(scenario, call_limit=self._calls_left(), enough=enough)
        self._count(outcome, "minimise")
        if (problem := self.health.problem) is not None:
            raise Stop(problem)
        return outcome

    def _count(self, outcome: Outcome, source: str) -> None:
        self._calls += outcome.calls
        self._timeouts.record(outcome.timed_out)
        self.health.add(outcome)
        # Notes are large. A finding of a search has those that it needs.
        kept = outcome if source != "minimise" and outcome.divergences else replace(outcome, notes=())
        self._plays.append(Played(kept, source))

    def _calls_left(self) -> int | None:
        """Return how many calls the next play of this turn may make; None for any number."""
        return None if self._call_limit is None else max(self._call_limit - self._calls, 0)

    def _is_spent(self) -> bool:
        """Tell whether nothing more may be played in this turn."""
        used_up = self._most_calls is not None and self._calls >= self._most_calls
        used_up = used_up or self._calls_left() == 0
        return used_up or self._stop_reason() is not None

    def _stop_reason(self) -> str | None:
        """Return why the whole run must stop, or None."""
        if self.stopped():
            return "interrupted"
        if (problem := self.health.problem) is not None:
            return problem
        return "time" if self._deadline is not None and time.monotonic() >= self._deadline else None

    def _listener(self, source: str, scenario: Scenario | None = None) -> PlayListener:
        return NO_LISTENER if self.recorder is None else self.recorder.scenario(source, scenario)
