"""Derives the covering suite: a verdict on every mutant, and the scenarios that kill those that can be killed."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...model.proof.difference import compare
from ...model.specification import Specification
from ...strategies.covering.candidates import Candidate, calls_of, candidates
from ...strategies.covering.cover import Question, Trunk
from ...strategies.covering.derivation_scopes import SCOPES, Scope
from ...strategies.covering.layers import Needs, in_order, name_of, needs_of
from ...strategies.covering.patterns import PATTERNS, Pattern
from ...strategies.covering.reached_world import ReachedWorld
from ...strategies.covering.scenario_assembly import composed, file_name, titled
from ...strategies.scenario.scenario import Scenario
from ..execution.runner import Runner
from ..oracle.engine import Engine
from ..planted_faults.catalogue import EVERY
from ..planted_faults.fault import Fault
from ..targets.model import model_target
from .adversaries import PLAINEST, Adversary
from .kills import Kill, KillFinder, broken_by
from .layered_cover import Matrix, Steps, layered_cover, layers_of, parts_of
from .suite import Kind, LayerFigures, Suite, Verdict
from .worker_pool import Mutant, WorkerPool

ReportProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with the current stage, the number of tasks done, and the total."""


@dataclass(frozen=True, slots=True)
class Examined:
    """The result for one mutant before the suite is chosen: a verdict, or the kills to choose from."""

    mutant: str
    verdict: Verdict | None
    kills: tuple[Kill, ...] = ()

    @property
    def layer(self) -> Needs:
        """The first layer in which it is known to be killed."""
        return in_order(needs_of(kill.steps) for kill in self.kills)[0]


class Examiner:
    """The worker of a process: examines mutants and planted faults one by one."""

    def __init__(
        self,
        spec: Specification,
        mutants: Sequence[Mutant],
        scopes: Sequence[Scope] = SCOPES,
        faults: Sequence[Fault] = EVERY,
    ) -> None:
        self.spec = spec
        self.mutants = mutants
        self.faults = faults
        self.candidates = candidates(spec, scopes)
        self.kill_finder = KillFinder(spec, self.candidates)

    def examine(self, number: int) -> Examined:
        """Return the verdict on a mutant, or its kills."""
        mutant = self.mutants[number]
        changed = mutant.specification()
        if changed == self.spec:
            return Examined(mutant.id, Verdict(mutant.id, Kind.EQUIVALENT, "nothing in the specification reads it"))
        search = self.kill_finder.find_kills(changed, mutant)
        if search.kills:
            return Examined(mutant.id, None, search.kills)
        if search.assumed is not None:
            verdict = Verdict(mutant.id, Kind.ASSUMED, search.assumed)
        elif search.extra:
            verdict = Verdict(mutant.id, Kind.OPEN, f"it may differ in such a scenario as: {search.extra}")
        elif search.beyond:
            verdict = Verdict(mutant.id, Kind.UNREACHABLE, "it differs after what no caller can bring about")
        elif not search.fewer and next(compare(self.spec, changed), None) is None:
            verdict = Verdict(mutant.id, Kind.EQUIVALENT, "proved: the same in all worlds, for all requests")
        else:
            less = "it permits less" if search.fewer else "it permits the same"
            verdict = Verdict(mutant.id, Kind.TIGHTER, f"{less} in every scope")
        return Examined(mutant.id, verdict)

    def kills_among(self, task: tuple[int, tuple[int, ...]]) -> tuple[tuple[int, Kill], ...]:
        """Return the candidates that kill a mutant."""
        number, pool = task
        mutant = self.mutants[number]
        return tuple(self.kill_finder.killing(mutant.specification(), mutant, pool))

    def survives(self, task: tuple[int, tuple[tuple[Steps, Adversary], ...]]) -> tuple[str | None, ...]:
        """Return, for each way to play a mutant, the clause that it breaks, or None if it survives."""
        number, ways = task
        changed = self.mutants[number].specification()
        return tuple(broken_by(changed, self.kill_finder.engine, _whole(steps), playing) for steps, playing in ways)

    def killed_first_by(self, task: tuple[int, tuple[tuple[Steps, Adversary], ...]]) -> tuple[int, str] | None:
        """Return the number of the first way to play a mutant that kills it, and the clause that it breaks there."""
        number, ways = task
        changed = self.mutants[number].specification()
        for way, (steps, playing) in enumerate(ways):
            clause = broken_by(changed, self.kill_finder.engine, _whole(steps), playing)
            if clause is not None:
                return way, clause
        return None

    def fault_found_first_by(self, task: tuple[int, tuple[Steps, ...]]) -> tuple[int, str] | None:
        """Return the number of the first of some scenarios that finds a fault, and the clause that it breaks there."""
        number, scenarios = task
        for at, steps in enumerate(scenarios):
            clause = self._fault_in(number, steps)
            if clause is not None:
                return at, clause
        return None

    def fault_found_in_scopes(self, number: int) -> Kill | None:
        """Return the first of the candidates that finds a fault; only some of them are tried, from every scope."""
        tried = [candidate for candidate in self.candidates if not candidate.large]
        for candidate in tried[:: max(1, len(tried) // _TRIED_FOR_A_FAULT)]:
            clause = self._fault_in(number, candidate.steps)
            if clause is not None:
                return Kill(candidate.steps, PLAINEST, clause)
        return None

    def _fault_in(self, number: int, steps: Steps) -> str | None:
        outcome = Runner(self.faults[number].target(), self.kill_finder.engine).run(Scenario("", (), steps))
        return outcome.divergences[0].clause if outcome.divergences else None

    def exercised(self, steps: Steps) -> frozenset[str]:
        """Return the clauses that steps put to the test on a plain target; on a slow one, where they are racy."""
        playing = Adversary(slow=Needs.TRANSITIONS in needs_of(steps))
        outcome = Runner(model_target(self.spec, playing.behaviour()), self.kill_finder.engine).run(
            Scenario("", (), steps)
        )
        return frozenset(clause for clause, checks in outcome.checks.items() if checks)


_TRIED_FOR_A_FAULT: Final = 500
"""Candidates of the scopes that are tried for a fault which the suite does not find."""
_FIRST: Final = 4
"""Ways to kill a mutant that are tried first; the others only where these fail."""


def _whole(steps: Steps) -> Candidate:
    """Return a candidate of just these steps."""
    return Candidate(ReachedWorld(steps))


def derive(
    workers: WorkerPool[Examiner],
    spec: Specification,
    mutants: Sequence[Mutant],
    digest: str,
    report: ReportProgress,
    scopes: Sequence[Scope] = SCOPES,
    patterns: Sequence[Pattern] = PATTERNS,
    faults: Sequence[Fault] = EVERY,
) -> Suite:
    """Return the covering suite of a specification, its mutants and the planted faults; raises `NoSolver`."""
    everything = candidates(spec, scopes)
    examined = workers.map(Examiner.examine, range(len(mutants)), progress_of(report, "mutants examined", len(mutants)))
    drafts = [_Draft(p.scenario.steps, title=p.scenario.title, pattern=p) for p in patterns]
    _credit(workers, examined, drafts, report)
    killed = {number for draft in drafts for number in draft.kills}
    matrix = _matrix(workers, examined, killed, everything, report)
    layers = layered_cover(everything, matrix)
    bounds = Counter({name_of(layer.needs): layer.bound for layer in layers})
    drafts += [_draft(matrix, trunk, asked) for layer in layers for trunk, asked in layer.scenarios]
    _confirm(workers, drafts, matrix, report)
    found = _find_faults(workers, faults, drafts, report)
    _exercise_clauses(workers, spec, everything, drafts, report)
    drafts = _in_play_order(_needed(drafts))
    return _suite(spec, examined, faults, found, drafts, bounds, digest)


def progress_of(report: ReportProgress, stage: str, total: int) -> Callable[[int], None]:
    """Return a function that reports the progress of one stage."""
    return lambda done: report(stage, done, total)


@dataclass(slots=True)
class _Draft:
    """A scenario of the suite to be: what should kill the mutants with these numbers, and what was seen to.

    `faults` are the numbers of the planted faults that it found first, `required_for` the clauses that only it tests.
    """

    steps: Steps
    parts: tuple[Trunk, tuple[Question, ...]] | None = None
    title: str = ""
    pattern: Pattern | None = None
    promised: Mapping[int, tuple[Adversary, ...]] = field(default_factory=dict[int, "tuple[Adversary, ...]"])
    kills: dict[int, tuple[Adversary, str]] = field(default_factory=dict[int, "tuple[Adversary, str]"])
    faults: dict[int, str] = field(default_factory=dict[int, str])
    required_for: set[str] = field(default_factory=set[str])

    @property
    def needs(self) -> Needs:
        """The layer that it belongs to."""
        return needs_of(self.steps)

    @property
    def catches(self) -> frozenset[tuple[str, object]]:
        """Everything that it is in the suite for."""
        return frozenset(
            (
                *(("mutant", number) for number in self.kills),
                *(("fault", number) for number in self.faults),
                *(("clause", clause) for clause in self.required_for),
            )
        )


def _credit(
    workers: WorkerPool[Examiner], examined: Sequence[Examined], drafts: Sequence[_Draft], report: ReportProgress
) -> None:
    """Note which mutants the patterns kill that need no more of a target than the mutant does."""
    tasks: list[tuple[int, tuple[tuple[Steps, Adversary], ...]]] = []
    ways: list[list[tuple[_Draft, Adversary]]] = []
    for number, one in enumerate(examined):
        # All patterns let everything come to rest, so that a mutant that must be met on its way survives them.
        if not one.kills or Needs.TRANSITIONS in one.layer:
            continue
        playing = next(kill.playing for kill in one.kills if needs_of(kill.steps) == one.layer)
        found = [(draft, playing) for draft in drafts if draft.needs in one.layer]
        if found:
            tasks.append((number, tuple((draft.steps, playing) for draft, playing in found)))
            ways.append(found)
    rows = workers.map(Examiner.killed_first_by, tasks, progress_of(report, "patterns played", len(tasks)))
    for (number, _), found, killed in zip(tasks, ways, rows, strict=True):
        if killed is not None:
            draft, playing = found[killed[0]]
            draft.kills[number] = (playing, killed[1])


def _matrix(
    workers: WorkerPool[Examiner],
    examined: Sequence[Examined],
    killed: set[int],
    everything: Sequence[Candidate],
    report: ReportProgress,
) -> Matrix:
    """Return which candidates that killed one mutant kill which others as well, of those that are not killed yet."""
    matrix: Matrix = {}
    alive = [number for number, one in enumerate(examined) if one.kills and number not in killed]
    for number in alive:
        for kill in examined[number].kills:
            matrix.setdefault(kill.steps, {})[number] = kill
    shared = {steps for steps, others in matrix.items() if len(others) > 1}
    pool = tuple(n for n, candidate in enumerate(everything) if candidate.steps in shared and not candidate.large)
    tasks = [(number, pool) for number in alive]
    rows = workers.map(Examiner.kills_among, tasks, progress_of(report, "mutants compared", len(tasks)))
    for (number, _), row in zip(tasks, rows, strict=True):
        for candidate, kill in row:
            matrix[everything[candidate].steps].setdefault(number, kill)
    return matrix


def _draft(matrix: Matrix, trunk: Trunk, questions: tuple[Question, ...]) -> _Draft:
    promised: dict[int, dict[Adversary, None]] = {}
    for part in parts_of(trunk, questions):
        for number, kill in matrix.get(part, {}).items():
            promised.setdefault(number, {})[kill.playing] = None
    return _Draft(composed(trunk, questions), (trunk, questions), promised={n: tuple(p) for n, p in promised.items()})


def _alone(steps: Steps) -> _Draft:
    """Return a scenario of just these steps."""
    return _Draft(steps, (Trunk(steps, calls_of(steps), frozenset()), ()))


def _confirm(
    workers: WorkerPool[Examiner],
    drafts: list[_Draft],
    matrix: Matrix,
    report: ReportProgress,
) -> None:
    """Play the mutants in the scenarios that should kill them, and add what is lacking."""
    alive = {number for killed in matrix.values() for number in killed}
    for chosen in (slice(_FIRST), slice(_FIRST, None)):
        ways = {
            number: [(draft, playing) for draft in drafts for playing in draft.promised.get(number, ())][chosen]
            for number in sorted(alive)
        }
        tasks = [(number, tuple((draft.steps, playing) for draft, playing in found)) for number, found in ways.items()]
        rows = workers.map(Examiner.survives, tasks, progress_of(report, "kills confirmed", len(tasks)))
        for (number, found), row in zip(ways.items(), rows, strict=True):
            for (draft, playing), clause in zip(found, row, strict=True):
                if clause is not None:
                    draft.kills.setdefault(number, (playing, clause))
        alive -= {number for draft in drafts for number in draft.kills}
    first = layers_of(matrix)
    while alive:
        # What was promised by a question may fail in company: then it gets a scenario of its own.
        draft = _alone(max(matrix, key=lambda steps: _gain(matrix, first, frozenset(alive), steps)))
        draft.kills = {number: (kill.playing, kill.clause) for number, kill in sorted(matrix[draft.steps].items())}
        drafts.append(draft)
        alive -= draft.kills.keys()


def _gain(matrix: Matrix, first: Mapping[int, Needs], alive: frozenset[int], steps: Steps) -> tuple[float, int]:
    """Return how many of some mutants steps kill for each call, of those that need no less of a target."""
    here = sum(needs_of(steps) in first[number] for number in alive & matrix[steps].keys())
    return here / calls_of(steps), -len(steps)


def _find_faults(
    workers: WorkerPool[Examiner], faults: Sequence[Fault], drafts: list[_Draft], report: ReportProgress
) -> set[int]:
    """Note which planted faults the scenarios find, add what finds others, and return the numbers of those found."""
    drafts_in_order = sorted(drafts, key=lambda draft: (draft.needs.value, draft.pattern is None))
    small = [draft for draft in drafts_in_order if Needs.MANY not in draft.needs]
    large = [draft for draft in drafts_in_order if Needs.MANY in draft.needs and draft.pattern is not None]
    order = [*small, *large]
    tasks = [(number, tuple(draft.steps for draft in order)) for number in range(len(faults))]
    rows = workers.map(Examiner.fault_found_first_by, tasks, progress_of(report, "planted faults", len(tasks)))
    for number, row in enumerate(rows):
        if row is not None:
            order[row[0]].faults[number] = row[1]
    left = [number for number, row in enumerate(rows) if row is None]
    extra = workers.map(Examiner.fault_found_in_scopes, left, progress_of(report, "faults looked for", len(left)))
    for number, kill in zip(left, extra, strict=True):
        if kill is not None:
            draft = next((one for one in drafts if one.steps == kill.steps), None)
            if draft is None:
                draft = _alone(kill.steps)
                drafts.append(draft)
            draft.faults[number] = kill.clause
    return {number for draft in drafts for number in draft.faults}


def _exercise_clauses(
    workers: WorkerPool[Examiner],
    spec: Specification,
    everything: Sequence[Candidate],
    drafts: list[_Draft],
    report: ReportProgress,
) -> None:
    """Put every clause to the test in the first layer in which a candidate does so."""
    small = sorted(
        (candidate.steps for candidate in everything if not candidate.large),
        key=lambda steps: (needs_of(steps).value, calls_of(steps)),
    )
    steps_of = [*(draft.steps for draft in drafts), *small]
    rows = workers.map(Examiner.exercised, steps_of, progress_of(report, "clauses exercised", len(steps_of)))
    for clause in spec.clauses:
        now = [draft for draft, row in zip(drafts, rows, strict=False) if clause in row]
        possible = next(
            (steps for steps, row in zip(steps_of[len(drafts) :], rows[len(drafts) :], strict=True) if clause in row),
            None,
        )
        if now and (possible is None or min(draft.needs.value for draft in now) <= needs_of(possible).value):
            least = min(draft.needs.value for draft in now)
            best = next((one for one in now if one.needs.value == least and one.pattern is not None), None)
            (
                best or min((one for one in now if one.needs.value == least), key=lambda one: calls_of(one.steps))
            ).required_for.add(clause)
        elif possible is not None:
            draft = next((one for one in drafts if one.steps == possible), None)
            if draft is None:
                draft = _alone(possible)
                drafts.append(draft)
            draft.required_for.add(clause)


def _needed(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Return the patterns, and the scenarios that catch something that no other does, the dearest tried first."""
    kept = list(drafts)
    for draft in sorted(drafts, key=lambda d: -calls_of(d.steps)):
        others = {one for other in kept if other is not draft for one in other.catches}
        if draft.pattern is None and draft.catches <= others:
            kept.remove(draft)
    return kept


def _in_play_order(drafts: Iterable[_Draft]) -> list[_Draft]:
    """Return scenarios so that a run that is cut off has found the most: most kills per call first.

    Those about the rule of the zones come before all others, and those of fifty instances and more after them.
    """
    left = list(drafts)
    order: list[_Draft] = []
    alive = {one for draft in left for one in draft.catches}

    def gain(draft: _Draft) -> tuple[bool, bool, float]:
        flagship = draft.pattern is not None and draft.pattern.flagship
        return flagship, Needs.MANY not in draft.needs, len(draft.catches & alive) / calls_of(draft.steps)

    while left:
        best = max(left, key=gain)
        left.remove(best)
        order.append(best)
        alive -= best.catches
    return order


def _suite(
    spec: Specification,
    examined: Sequence[Examined],
    faults: Sequence[Fault],
    found: set[int],
    drafts: Sequence[_Draft],
    bounds: Mapping[str, int],
    digest: str,
) -> Suite:
    order = {clause: n for n, clause in enumerate(spec.clauses)}
    made = iter(titled([draft.parts for draft in drafts if draft.parts is not None]))
    titles = [draft.title or next(made) for draft in drafts]
    names = [file_name(title) for title in titles]
    scenarios: dict[str, Scenario] = {}
    calls: dict[str, int] = {}
    engine = Engine(spec)
    for name, title, draft in zip(names, titles, drafts, strict=True):
        outcome = Runner(model_target(spec, PLAINEST.behaviour()), engine).run(Scenario(title, (), draft.steps))
        if outcome.divergences:
            raise ValueError(f"{title}: the specification does not conform to itself: {outcome.divergences[0].title}")
        clauses = {
            clause
            for clause in (*(c for _, c in draft.kills.values()), *draft.faults.values(), *draft.required_for)
            if clause
        }
        scenarios[name] = Scenario(title, tuple(sorted(clauses or outcome.checks, key=order.__getitem__)), draft.steps)
        calls[name] = outcome.calls
    verdicts = [
        one.verdict
        or Verdict(
            one.mutant,
            Kind.KILLABLE,
            "",
            tuple((n, d.kills[number][0]) for n, d in zip(names, drafts, strict=True) if number in d.kills),
        )
        for number, one in enumerate(examined)
    ]
    for number, fault in enumerate(faults):
        by = tuple((name, PLAINEST) for name, draft in zip(names, drafts, strict=True) if number in draft.faults)
        verdicts.append(
            Verdict(fault.id, Kind.KILLABLE, "", by)
            if number in found
            else Verdict(fault.id, Kind.OPEN, "no candidate finds it")
        )
    return Suite(
        digest=digest,
        scenarios=scenarios,
        calls=calls,
        racy=frozenset(n for n, draft in zip(names, drafts, strict=True) if Needs.TRANSITIONS in draft.needs),
        layers=_figures(names, drafts, calls, bounds),
        layer_of={name: name_of(draft.needs) for name, draft in zip(names, drafts, strict=True)},
        patterns=frozenset(name for name, draft in zip(names, drafts, strict=True) if draft.pattern is not None),
        exercises={
            name: tuple(sorted(draft.required_for, key=order.__getitem__))
            for name, draft in zip(names, drafts, strict=True)
            if draft.required_for
        },
        verdicts=tuple(verdicts),
    )


def _figures(
    names: Sequence[str], drafts: Sequence[_Draft], calls: Mapping[str, int], bounds: Mapping[str, int]
) -> dict[str, LayerFigures]:
    """Return the figures of each layer; what the patterns cost belongs to the bound, because every suite has them."""
    figures: dict[str, LayerFigures] = {}
    for needs in in_order(draft.needs for draft in drafts):
        here = [(name, draft) for name, draft in zip(names, drafts, strict=True) if draft.needs == needs]
        fixed = sum(calls[name] for name, draft in here if draft.pattern is not None)
        layer = name_of(needs)
        figures[layer] = LayerFigures(
            scenarios=len(here),
            calls=sum(calls[name] for name, _ in here),
            bound=fixed + bounds.get(layer, 0),
            kills=len({one for _, draft in here for one in draft.catches if one[0] != "clause"}),
        )
    return figures
