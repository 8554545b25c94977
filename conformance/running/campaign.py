"""Runs the corpus and then generated walks against one target, and lists each divergence once."""

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
from ..adapter.target import Target, notes_of
from ..diagnosis.defects import defect_id
from ..execution.listener import NO_LISTENER, PlayListener
from ..execution.play import Outcome
from ..execution.runner import MAX_BROKEN_IN_A_ROW, Runner
from ..execution.settle_timeouts import SettleTimeouts
from ..execution.smoke import always_refused, broken, smoke, unsupported
from ..execution.transitions import Transition
from ..execution.walker import Walker
from ..findings.collector import Collector, Stop, is_slow
from ..oracle.engine import Engine
from ..oracle.settings import Settings
from ..recording.recorder import Recorder
from .rounds import WIDTH, PlayTask, Rounds
from .verdicts import Tally

CALLS: Final = 8_000
"""The default limit of calls in a run."""
SATURATED: Final = 1000
"""Calls of generated scenarios without new coverage or findings after which a run ends."""
RESERVED: Final = 10
"""One call in so many is kept for confirming findings, where the user limits the calls."""
MOST_RESERVED: Final = 500
_UNLIMITED: Final = 1_000_000_000
_LOW: Final = 200
"""Remaining calls below which scenarios are played one at a time, to keep close to the budget."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and when to stop; None means the default limit."""

    seed: int = 0
    jobs: int = 1
    """Scenarios to play in parallel, if the target supports it. The findings do not depend on it."""
    corpus: tuple[Path, ...] = ()
    generate: bool = True
    max_calls: int | None = None
    time_budget: float | None = None
    clauses: frozenset[str] = frozenset()
    """Judge only these clauses; empty means all."""
    settings: Settings = field(default_factory=Settings)
    longest_wait: float = 0.0
    """The longest `wait` to play in real time, in seconds."""
    record: Path | None = None
    """The folder for a trace of everything that is played."""

    @property
    def reserve(self) -> int:
        """The calls that are kept for confirming what the last scenarios show."""
        return 0 if self.max_calls is None else min(self.max_calls // RESERVED, MOST_RESERVED)


@dataclass(slots=True)
class Campaign:
    """The run of one target in progress."""

    target: Target
    label: str
    """The target as the user wrote it."""
    spec: Specification
    plan: Plan
    emit: Callable[[Event], None]
    stopped: Callable[[], bool] = lambda: False
    pool: Executor | None = None
    """Plays scenarios in parallel, if the target supports it."""
    recorder: Recorder | None = None
    scenarios: int = 0
    calls: int = 0
    broken: str | None = None
    coverage: Coverage = field(default_factory=Coverage)
    quiet: int = 0
    """Calls of generated scenarios since the last new coverage or finding."""
    collector: Collector = field(init=False)
    _transitions: Counter[Transition] = field(default_factory=Counter[Transition])
    _files: dict[str, str] = field(default_factory=dict[str, str])
    """Maps the titles of corpus scenarios to their files."""
    _timeouts: SettleTimeouts = field(default_factory=SettleTimeouts)
    _broken_in_a_row: int = 0
    _tally: Tally = field(init=False)
    _runner: Runner = field(init=False)
    _rounds: Rounds = field(init=False)
    _started_at: float = field(default_factory=time.monotonic)

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
        self.collector = Collector(
            self.spec, self.label, self._observe, self._is_spent, self.emit, only=self.plan.clauses
        )

    def run(self) -> TargetFinished:
        """Run until everything is done, the budget is spent, or the target stops answering."""
        zones = len(self.target.zones)
        names = tuple(sorted(c.name for c in self.target.capabilities))
        self.emit(TargetStarted(self.label, self.target.version, names, zones, notes_of(self.target)))
        answers = smoke(self.target, self._runner.engine)
        self._runner = replace(self._runner, unsupported=unsupported(answers), broken=broken(answers))
        self._tally.unsupported = unsupported(answers)
        self.collector.unsupported = unsupported(answers) | broken(answers)
        self._tally.always_refused = always_refused(answers)
        stopped = "done"
        try:
            corpus = tuple(self._corpus())
            self._play_corpus([scenario for scenario in corpus if not is_slow(scenario)], slow=False)
            if self.plan.generate and not self.plan.clauses:
                stopped = self._walk()
            # Slow scenarios come last: a target that keeps a thousand instances answers more slowly afterwards.
            slow = [scenario for scenario in corpus if is_slow(scenario)]
            self._play_corpus(self._one_per_clause(slow) if self.plan.generate else slow, slow=True)
        except Stop as stop:
            stopped = stop.why
        return self.finished(stopped)

    def finished(self, stopped: str) -> TargetFinished:
        """Return the results so far, as the end of the run."""
        findings = tuple(self.collector.findings.values())
        return TargetFinished(
            target=self.label,
            version=self.target.version,
            seed=self.plan.seed,
            scenarios=self.scenarios,
            calls=self.calls,
            seconds=round(time.monotonic() - self._started_at, 3),
            clauses=self._tally.results(findings, self.plan.clauses),
            findings=findings,
            stopped=stopped,
            broken=self.broken,
            coverage=self.coverage.totals,
            quiet=self.quiet,
            unexplained=dict(self.collector.unexplained),
            notes=(*notes_of(self.target), *self._tally.excused_note()),
            transitions=tuple(
                TransitionSeen(source.value, to.value, times)
                for (source, to), times in sorted(self._transitions.items(), key=repr)
            ),
        )

    def _play_corpus(self, waiting: Sequence[Scenario], *, slow: bool) -> None:
        while waiting:
            self._check_budget()
            size = 1 if slow else self._round_size()
            some, waiting = waiting[:size], waiting[size:]
            if slow:  # a slow scenario covers nothing new, and tracking its coverage takes long
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

    def _one_per_clause(self, scenarios: Iterable[Scenario]) -> list[Scenario]:
        """Return slow scenarios, longest first, leaving out those whose clauses are all played already."""
        covered = set(self._tally.played)
        chosen: list[Scenario] = []
        for scenario in sorted(scenarios, key=lambda s: -len(s.steps)):
            if not covered.issuperset(scenario.clauses):
                chosen.append(scenario)
                covered.update(scenario.clauses)
        return chosen

    def _walk(self) -> str:
        """Walk until nothing new appears or the calls are used up; return which."""
        runner = self._runner
        unsupported = runner.unsupported | runner.broken
        walker = Walker(
            self.target,
            runner.engine,
            self.plan.settings,
            unsupported,
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
            size = self._round_size()
            most = -(-left // size)
            known = self.coverage.mark_count, self.collector.count
            walks = [partial(walker.play, number + n, most_calls=most, stopped=self._must_stop) for n in range(size)]
            calls = self._play(walks, "generated")
            number += size
            is_new = known != (self.coverage.mark_count, self.collector.count)
            self.quiet = 0 if is_new else self.quiet + calls
        return "saturated"

    def _calls_left(self) -> int:
        """Return the number of calls that remain."""
        most = self.plan.max_calls
        if most is None:
            most = CALLS if self.plan.time_budget is None else _UNLIMITED
        return most - self.plan.reserve - self.calls

    def _round_size(self) -> int:
        """Return how many scenarios to play before the next check of the budget."""
        return WIDTH if self._calls_left() > _LOW else 1

    def _check_budget(self) -> None:
        if (why := self._stop_reason(self.plan.reserve)) is not None:
            raise Stop(why)

    def _stop_reason(self, kept: int = 0) -> str | None:
        """Return why the run must stop now, or None; `kept` calls are left over."""
        if self.stopped():
            return "interrupted"
        if self._broken_in_a_row >= MAX_BROKEN_IN_A_ROW:
            return "broken"
        if self.plan.max_calls is not None and self.calls >= self.plan.max_calls - kept:
            return "calls"
        if self.plan.time_budget is not None and time.monotonic() - self._started_at >= self.plan.time_budget:
            return "time"
        return None

    def _must_stop(self) -> bool:
        """Tell whether no new scenario may begin."""
        return self._stop_reason(self.plan.reserve) is not None

    def _is_spent(self) -> bool:
        """Tell whether nothing more may be played, not even to confirm what was seen."""
        return self._stop_reason() is not None

    def _play(self, tasks: Sequence[PlayTask], source: str) -> int:
        """Play a round, and collect its divergences; return the number of calls."""
        news = self.coverage.mark_count
        outcomes = list(self._rounds.play(tasks))
        stop_later: Stop | None = None
        for outcome in outcomes:
            try:
                self._count(outcome, source)
            except Stop as stop:
                stop_later = stop
        if self.coverage.mark_count != news:
            self.emit(CoverageGrew(self.label, self.calls, self.coverage.totals))
        for outcome in outcomes:
            for divergence in outcome.divergences:
                self.collector.note(outcome.scenario, divergence, outcome.notes)
        if stop_later is not None:
            raise stop_later
        return sum(outcome.calls for outcome in outcomes)

    def _observe(self, scenario: Scenario) -> Outcome:
        """Play one scenario to confirm or minimize a finding."""
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
        shown = tuple(dict.fromkeys(defect_id(d) for d in outcome.divergences))
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
