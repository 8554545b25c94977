"""Runs everything there is against one target: the corpus, then generated walks; lists each divergence once."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from ...model.specification import Specification
from ...reports.events import CoverageGrew, Event, ScenarioRun, TargetFinished, TargetStarted, TransitionSeen
from ...strategies.files.format import load_scenario
from ...strategies.scenario.scenario import Scenario
from ...strategies.walking.coverage import Coverage
from ..adapter.target import Target
from ..execution.listener import NO_LISTENER, PlayListener
from ..execution.play import Outcome
from ..execution.runner import MAX_BROKEN_IN_A_ROW, Runner
from ..execution.settle_timeouts import SettleTimeouts
from ..execution.smoke import always_refused, broken, smoke, unsupported
from ..execution.transitions import Transition
from ..execution.walker import Walker
from ..findings.collector import Collector, Stop, is_slow
from ..findings.fingerprint import fingerprint
from ..oracle.engine import Engine
from ..oracle.settings import Settings
from ..recording.recorder import Recorder
from .rounds import WIDTH, PlayTask, Rounds
from .verdicts import Tally

CALLS: Final = 8_000
"""Calls that a run may make, unless the user says otherwise."""
SATURATED: Final = 1000
"""Calls of generated scenarios with nothing new, neither in coverage nor in findings, after which a run ends."""
_ENDLESS: Final = 1_000_000_000
_NEAR: Final = 200
"""Calls left of the budget below which scenarios are played one by one, so that it is not overrun by much."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and when to stop; None: until the defaults say so."""

    seed: int = 0
    jobs: int = 1
    """So many scenarios are played at a time, where the target can bear it; what is found does not depend on it."""
    corpus: tuple[Path, ...] = ()
    generate: bool = True
    max_calls: int | None = None
    time_budget: float | None = None
    clauses: frozenset[str] = frozenset()
    """Only these clauses; empty: all."""
    settings: Settings = field(default_factory=Settings)
    longest_wait: float = 0.0
    """The longest `wait` that is played in real time, in seconds."""
    record: Path | None = None
    """The folder for a trace of all that is played."""


@dataclass(slots=True)
class Campaign:
    """One target's run under way."""

    target: Target
    label: str
    """The target as the user wrote it."""
    spec: Specification
    plan: Plan
    emit: Callable[[Event], None]
    stopped: Callable[[], bool] = lambda: False
    pool: Executor | None = None
    """Runs scenarios at a time, where the target can bear it."""
    recorder: Recorder | None = None
    scenarios: int = 0
    calls: int = 0
    broken: str | None = None
    coverage: Coverage = field(default_factory=Coverage)
    quiet: int = 0
    """Calls of generated scenarios since something was new."""
    collector: Collector = field(init=False)
    _transitions: Counter[Transition] = field(default_factory=Counter[Transition])
    _files: dict[str, str] = field(default_factory=dict[str, str])
    """The files of the corpus, by the titles of their scenarios."""
    _timeouts: SettleTimeouts = field(default_factory=SettleTimeouts)
    _broken_in_a_row: int = 0
    _tally: Tally = field(init=False)
    _runner: Runner = field(init=False)
    _rounds: Rounds = field(init=False)
    _began: float = field(default_factory=time.monotonic)

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
        self._tally = Tally(self.spec)
        self._rounds = Rounds(self.coverage, self.pool)
        self.collector = Collector(self.spec, self.label, self._observe, self._is_over, self.emit, self.plan.clauses)

    def run(self) -> TargetFinished:
        """Run until all is done, the budget is spent, or the target gives no answers any more."""
        zones = len(self.target.zones)
        names = tuple(sorted(c.name for c in self.target.capabilities))
        self.emit(TargetStarted(self.label, self.target.version, names, zones))
        answers = smoke(self.target, self._runner.engine)
        self._runner = replace(self._runner, unsupported=unsupported(answers), broken=broken(answers))
        self._tally.unsupported = unsupported(answers)
        self._tally.always_refused = always_refused(answers)
        stopped = "done"
        try:
            corpus = tuple(self._corpus())
            self._play_corpus([scenario for scenario in corpus if not is_slow(scenario)], slow=False)
            if self.plan.generate and not self.plan.clauses:
                stopped = self._walk()
            # Last, because a target that keeps a thousand instances answers everything later more slowly.
            slow = [scenario for scenario in corpus if is_slow(scenario)]
            self._play_corpus(self._once(slow) if self.plan.generate else slow, slow=True)
        except Stop as stop:
            stopped = stop.why
        return self.finished(stopped)

    def finished(self, stopped: str) -> TargetFinished:
        """Return what is known so far as the end of the run."""
        findings = tuple(self.collector.findings.values())
        return TargetFinished(
            target=self.label,
            version=self.target.version,
            seed=self.plan.seed,
            scenarios=self.scenarios,
            calls=self.calls,
            seconds=round(time.monotonic() - self._began, 3),
            clauses=self._tally.results(findings, self.plan.clauses),
            findings=findings,
            stopped=stopped,
            broken=self.broken,
            coverage=self.coverage.totals,
            quiet=self.quiet,
            transitions=tuple(
                TransitionSeen(source.value, to.value, times)
                for (source, to), times in sorted(self._transitions.items(), key=repr)
            ),
        )

    def _play_corpus(self, waiting: Sequence[Scenario], *, slow: bool) -> None:
        while waiting:
            self._check_budget()
            wide = 1 if slow else self._wide()
            some, waiting = waiting[:wide], waiting[wide:]
            if slow:  # such a scenario counts for nothing new, and following it takes long
                self._play([lambda _, scenario=scenario: self._runner.run(scenario) for scenario in some], "corpus")
            else:
                self._play([partial(self._runner.run, scenario) for scenario in some], "corpus")
            for scenario in some:
                self._tally.played.update(scenario.clauses)

    def _corpus(self) -> Iterable[Scenario]:
        for path in self.plan.corpus:
            scenario = load_scenario(path, self.spec.clauses)
            if not self.plan.clauses or self.plan.clauses & set(scenario.clauses):
                self._files[scenario.title] = f"{path.parent.name}/{path.name}"
                yield scenario

    def _once(self, scenarios: Iterable[Scenario]) -> list[Scenario]:
        """Return the longest of what takes seconds, and no other one whose clauses then have all had their turn."""
        had = set(self._tally.played)
        chosen: list[Scenario] = []
        for scenario in sorted(scenarios, key=lambda s: -len(s.steps)):
            if not had.issuperset(scenario.clauses):
                chosen.append(scenario)
                had.update(scenario.clauses)
        return chosen

    def _walk(self) -> str:
        """Walk until nothing new comes, or as many calls were made as a run makes; return which of them."""
        runner = self._runner
        lacking = runner.unsupported | runner.broken
        walker = Walker(
            self.target,
            runner.engine,
            self.plan.settings,
            lacking,
            self.plan.seed,
            timeouts=self._timeouts,
            listeners=partial(self._listener, "generated"),
            interrupted=self.stopped,
        )
        number = 0
        while self.quiet < SATURATED:
            self._check_budget()
            left = self._calls_left()
            if left <= 0:
                return "calls"
            wide = self._wide()
            most = -(-left // wide)
            known = self.coverage.news, len(self.collector.findings)
            walks = [partial(walker.play, number + n, most_calls=most, stopped=self._is_over) for n in range(wide)]
            calls = self._play(walks, "generated")
            number += wide
            is_new = known != (self.coverage.news, len(self.collector.findings))
            self.quiet = 0 if is_new else self.quiet + calls
        return "saturated"

    def _calls_left(self) -> int:
        """Return how many calls may still be made."""
        most = self.plan.max_calls
        if most is None:
            most = CALLS if self.plan.time_budget is None else _ENDLESS
        return most - self.calls

    def _wide(self) -> int:
        """Return how many scenarios to play before the budget is looked at again."""
        return WIDTH if self._calls_left() > _NEAR else 1

    def _check_budget(self) -> None:
        if (why := self._over()) is not None:
            raise Stop(why)

    def _over(self) -> str | None:
        """Return why the run must end now, if it must."""
        if self.stopped():
            return "interrupted"
        if self._broken_in_a_row >= MAX_BROKEN_IN_A_ROW:
            return "broken"
        if self.plan.max_calls is not None and self.calls >= self.plan.max_calls:
            return "calls"
        if self.plan.time_budget is not None and time.monotonic() - self._began >= self.plan.time_budget:
            return "time"
        return None

    def _is_over(self) -> bool:
        return self._over() is not None

    def _play(self, plays: Sequence[PlayTask], source: str) -> int:
        """Play a round, and note what diverged; return the calls of its scenarios."""
        news = self.coverage.news
        outcomes = list(self._rounds.play(plays))
        broke: Stop | None = None
        for outcome in outcomes:
            try:
                self._count(outcome, source)
            except Stop as stop:
                broke = stop
        if self.coverage.news != news:
            self.emit(CoverageGrew(self.label, self.calls, self.coverage.totals))
        for outcome in outcomes:
            for divergence in outcome.divergences:
                self.collector.note(outcome.scenario, divergence, outcome.notes)
        if broke is not None:
            raise broke
        return sum(outcome.calls for outcome in outcomes)

    def _observe(self, scenario: Scenario) -> Outcome:
        """Play one scenario for the sake of a finding."""
        outcome = replace(self._runner, listeners=partial(self._listener, "minimise")).run(scenario)
        self._count(outcome, "minimise")
        return outcome

    def _listener(self, source: str, scenario: Scenario | None = None) -> PlayListener:
        return NO_LISTENER if self.recorder is None else self.recorder.scenario(source, scenario)

    def _count(self, outcome: Outcome, source: str) -> None:
        self.scenarios += outcome.skipped is None
        self.calls += outcome.calls
        self._tally.add(outcome)
        self._timeouts.record(outcome.timed_out)
        self._transitions.update(outcome.transitions)
        shown = tuple(dict.fromkeys(fingerprint(d) for d in outcome.divergences))
        title = outcome.scenario.title
        file = self._files.get(title) if source == "corpus" else None
        self.emit(ScenarioRun(self.label, title, source, outcome.calls, shown, outcome.skipped, file))
        if outcome.limit_reached:
            raise Stop("sandbox")
        if outcome.broken is None:
            self._broken_in_a_row = 0
            return
        self.broken = self.broken or f"{outcome.scenario.title}: {outcome.broken}"
        self._broken_in_a_row += 1
        if self._broken_in_a_row == MAX_BROKEN_IN_A_ROW:
            raise Stop("broken")
