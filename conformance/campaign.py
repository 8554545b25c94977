"""Runs everything there is against one target: the corpus, then generated scenarios; lists each divergence once."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..model.specification import Specification
from ..reports.events import Event, Finding, FindingMade, ScenarioRun, TargetFinished, TargetStarted
from ..strategies.format import load_scenario
from ..strategies.generate import StopGenerating, drive
from ..strategies.scenario import Scenario
from .fingerprint import fingerprint
from .minimise import minimised
from .oracle.divergence import Divergence
from .oracle.engine import Engine
from .oracle.settings import Settings
from .present import present
from .runner import PATIENCE_WITH_BROKEN, Outcome, Runner
from .smoke import smoke, unsupported
from .targets.base import Capability, Target
from .verdicts import Tally
from .walker import features_of

CALLS = 4000
"""Calls that a run may make, unless the user says otherwise, on a target whose time is real."""
SCENARIOS = 2500
"""Generated scenarios of a run, unless the user says otherwise, on a target with virtual time."""
MANY = 100
"""Instances above which a scenario is slow."""
_ENDLESS = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and when to stop; None: until the defaults say so."""

    seed: int = 0
    corpus: tuple[Path, ...] = ()
    generate: bool = True
    max_calls: int | None = None
    time_budget: float | None = None
    clauses: frozenset[str] = frozenset()
    """Only these clauses; empty: all."""
    settings: Settings = field(default_factory=Settings)


class Stop(Exception):
    """The run is over: its budget is spent, the user stopped it, or the target broke."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


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
    scenarios: int = 0
    calls: int = 0
    findings: dict[str, Finding] = field(default_factory=dict[str, Finding])
    broken: str | None = None
    _broken_in_a_row: int = 0
    _tally: Tally = field(init=False)
    _runner: Runner = field(init=False)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        engine = Engine(self.spec)
        self._runner = Runner(self.target, engine, self.plan.settings)
        self._tally = Tally(self.spec)

    def run(self) -> TargetFinished:
        """Run until all is done, the budget is spent, or the target gives no answers any more."""
        zones = len(self.target.zones)
        names = tuple(sorted(c.name for c in self.target.capabilities))
        self.emit(TargetStarted(self.label, self.target.version, names, zones))
        lacking = unsupported(smoke(self.target, self._runner.engine))
        self._runner = Runner(self.target, self._runner.engine, self.plan.settings, unsupported=lacking)
        self._tally.unsupported = lacking
        stopped = "done"
        try:
            self._play_all(self._corpus(slow=False), "corpus")
            if self.plan.generate and not self.plan.clauses:
                stopped = self._generate()
            # Last, because a target that keeps a thousand instances answers everything later more slowly.
            self._play_all(self._corpus(slow=True), "corpus")
        except Stop as stop:
            stopped = stop.why
        return self.finished(stopped)

    def finished(self, stopped: str) -> TargetFinished:
        """Return what is known so far as the end of the run."""
        return TargetFinished(
            target=self.label,
            version=self.target.version,
            seed=self.plan.seed,
            scenarios=self.scenarios,
            calls=self.calls,
            seconds=round(time.monotonic() - self._began, 3),
            clauses=self._tally.results(self.findings.values(), self.plan.clauses),
            findings=tuple(self.findings.values()),
            stopped=stopped,
            broken=self.broken,
        )

    def _corpus(self, *, slow: bool) -> Iterable[Scenario]:
        for path in self.plan.corpus:
            scenario = load_scenario(path, self.spec.clauses)
            if (not self.plan.clauses or self.plan.clauses & set(scenario.clauses)) and slow is is_slow(scenario):
                yield scenario
                self._tally.played.update(scenario.clauses)

    def _play_all(self, scenarios: Iterable[Scenario], source: str) -> None:
        for scenario in scenarios:
            self._check_budget()
            self._play(scenario, source)

    def _generate(self) -> str:
        virtual = Capability.VIRTUAL_TIME in self.target.capabilities
        bounded = self.plan.max_calls is not None or self.plan.time_budget is not None
        count = SCENARIOS if virtual and not bounded else _ENDLESS
        stopped: list[Stop] = []

        def play(scenario: Scenario) -> None:
            try:
                self._check_budget(CALLS if not bounded and not virtual else None)
                self._play(scenario, "generated")
            except Stop as stop:
                stopped.append(stop)
                raise StopGenerating from None

        drive(features_of(self.target), self.plan.seed, count, play)
        return stopped[0].why if stopped else "done"

    def _check_budget(self, calls: int | None = None) -> None:
        if (why := self._over()) is not None:
            raise Stop(why)
        if calls is not None and self.calls >= calls:
            raise Stop("done")

    def _over(self) -> str | None:
        """Return why the run must end now, if it must."""
        if self.stopped():
            return "interrupted"
        if self.plan.max_calls is not None and self.calls >= self.plan.max_calls:
            return "calls"
        if self.plan.time_budget is not None and time.monotonic() - self._began >= self.plan.time_budget:
            return "time"
        return None

    def _play(self, scenario: Scenario, source: str) -> None:
        outcome = self._observe(scenario, source)
        for divergence in outcome.divergences:
            self._note(outcome.scenario, divergence)

    def _observe(self, scenario: Scenario, source: str) -> Outcome:
        """Play one scenario and count it."""
        outcome = self._runner.run(scenario)
        self.scenarios += outcome.skipped is None
        self.calls += outcome.calls
        self._tally.add(outcome)
        shown = tuple(dict.fromkeys(fingerprint(d) for d in outcome.divergences))
        self.emit(ScenarioRun(self.label, scenario.title, source, outcome.calls, shown, outcome.skipped))
        if outcome.broken is None:
            self._broken_in_a_row = 0
            return outcome
        self.broken = self.broken or f"{scenario.title}: {outcome.broken}"
        self._broken_in_a_row += 1
        if self._broken_in_a_row == PATIENCE_WITH_BROKEN:
            raise Stop("broken")
        return outcome

    def _note(self, scenario: Scenario, divergence: Divergence) -> None:
        """Make a new divergence a finding: minimal, with all that a reader needs."""
        name = fingerprint(divergence)
        if name in self.findings or (self.plan.clauses and divergence.clause not in self.plan.clauses):
            return
        others: list[tuple[Scenario, Divergence]] = []
        smallest: list[Divergence] = []

        def shows_it(candidate: Scenario) -> bool:
            if smallest and self._over() is not None:
                return False  # the least so far is enough
            found = self._observe(candidate, "minimise").divergences
            others.extend((candidate, d) for d in found if fingerprint(d) != name)
            same = [d for d in found if fingerprint(d) == name]
            smallest[:] = same or smallest
            return bool(same)

        # A slow scenario is one of the corpus, made as small as it can be by hand.
        reproduced = is_slow(scenario)
        least = scenario
        broke: Stop | None = None
        try:
            if not is_slow(scenario) and shows_it(scenario):
                reproduced = True
                least = minimised(scenario, shows_it, smallest[0].step)
        except Stop as stop:
            broke = stop  # what was found is not lost
        finding = present(
            self.spec, self.label, least, smallest[0] if smallest else divergence, name, minimal=reproduced
        )
        self.findings[name] = finding
        self.emit(FindingMade(self.label, finding))
        if broke is not None:
            raise broke
        for candidate, other in others:
            self._note(candidate, other)


def is_slow(scenario: Scenario) -> bool:
    """Tell whether a scenario has so many instances that running it takes seconds."""
    return len(scenario.instance_names) > MANY
