"""Derives the covering suite: a verdict on every mutant, and the scenarios that kill those that can be killed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ...model.specification import Specification
from ...strategies.covering.candidates import calls_of
from ...strategies.covering.layers import Needs, name_of, needs_of
from ...strategies.covering.scenario_assembly import file_name, titled
from ...strategies.scenario.scenario import Scenario
from ..execution.runner import Runner
from ..oracle.engine import Engine
from ..targets.model import model_target
from .adversaries import PLAINEST
from .drafts import Draft, alone, draft_of, figures_of, in_play_order, needed
from .examiner import Examiner
from .gathering import WHOLE, Gathered, Material, ReportProgress, gather, progress_of
from .goals import Goal, Sort
from .kills import Kill
from .layered_cover import Chosen, Matrix, Steps, layered_cover, layers_of
from .suite import Kind, Suite, Verdict
from .worker_pool import Mutant, WorkerPool

_ROUNDS: Final = 2
"""Times that the scenarios are chosen: in company some goals turn out to be hidden, which the next time respects."""
_FIRST: Final = 4
"""Ways to reach a goal that are tried first; the others only where these fail."""


def derive(
    workers: WorkerPool[Examiner],
    spec: Specification,
    mutants: Sequence[Mutant],
    digest: str,
    report: ReportProgress,
    material: Material = WHOLE,
) -> Suite:
    """Return the covering suite of a specification, its mutants and the planted faults; raises `NoSolver`."""
    return choose(workers, gather(workers, spec, mutants, report, material), digest, report)


def choose(workers: WorkerPool[Examiner], gathered: Gathered, digest: str, report: ReportProgress) -> Suite:
    """Return the suite that reaches every goal that can be reached with the fewest calls; raises `NoSolver`."""
    matrix = gathered.matrix
    first = layers_of(matrix)
    patterns = {pattern.scenario.steps: pattern for pattern in gathered.material.patterns}
    fixed = [steps for steps, pattern in patterns.items() if pattern.flagship]
    layers: list[Chosen] = []
    drafts: list[Draft] = []
    alive: set[Goal] = set()
    hidden: set[Goal] = set()
    confirmed: dict[Steps, Draft] = {}
    for _ in range(_ROUNDS):
        layers = layered_cover(gathered.candidates, matrix, fixed, hidden)
        found = [(alone(steps), ()) for steps in fixed] + [one for layer in layers for one in layer.scenarios]
        drafts = [draft_of(matrix, first, patterns, *one) for one in found]
        drafts = [confirmed.get(draft.steps, draft) for draft in drafts]
        _confirm(workers, gathered, [draft for draft in drafts if draft.steps not in confirmed], report)
        confirmed.update({draft.steps: draft for draft in drafts})
        alive = set(first) - {goal for draft in drafts for goal in draft.reached}
        hidden |= alive
        if not alive:
            break
    while alive:
        # What was promised may still fail in company: then it gets a scenario of its own.
        steps = max(matrix, key=lambda steps: _gain(matrix, first, frozenset(alive), steps))
        drafts.append(draft_of(matrix, first, patterns, alone(steps)))
        alive -= drafts[-1].reached.keys()
    bounds = Counter({name_of(layer.needs): layer.bound for layer in layers})
    return _suite(gathered, in_play_order(needed(drafts)), bounds, digest)


def _confirm(
    workers: WorkerPool[Examiner], gathered: Gathered, drafts: Sequence[Draft], report: ReportProgress
) -> None:
    """Play the mutants and faults in the scenarios that should show them, and note which clauses these exercise."""
    clauses = tuple(gathered.spec.clauses)
    doubtful = [draft for draft in drafts if any(goal.sort is Sort.CLAUSE for goal in draft.promised)]
    played = workers.map(
        Examiner.exercised,
        [draft.steps for draft in doubtful],
        progress_of(report, "clauses confirmed", len(doubtful)),
    )
    for draft, exercised in zip(doubtful, played, strict=True):
        for goal, (kill, *_) in draft.promised.items():
            if goal.sort is Sort.CLAUSE and clauses[goal.number] in exercised:
                draft.reached[goal] = kill
    promised = {goal for draft in drafts for goal in draft.promised if goal.sort is not Sort.CLAUSE}
    alive = promised - {goal for draft in drafts for goal in draft.reached}
    for chosen in (slice(_FIRST), slice(_FIRST, None)):
        ways = {
            goal: [(draft, kill) for draft in drafts for kill in draft.promised.get(goal, ())][chosen]
            for goal in sorted(alive)
        }
        tasks = [(goal, tuple((d.steps, kill.playing) for d, kill in found)) for goal, found in ways.items()]
        rows = workers.map(Examiner.reached, tasks, progress_of(report, "kills confirmed", len(tasks)))
        for (goal, found), row in zip(ways.items(), rows, strict=True):
            for (draft, kill), clause in zip(found, row, strict=True):
                if clause is not None:
                    draft.reached.setdefault(goal, Kill(draft.steps, kill.playing, clause))
        alive -= {goal for draft in drafts for goal in draft.reached}


def _gain(matrix: Matrix, first: Mapping[Goal, Needs], alive: frozenset[Goal], steps: Steps) -> tuple[float, int]:
    """Return how many of some goals steps reach for each call, of those that need no less of a target."""
    here = sum(needs_of(steps) in first[goal] for goal in alive & matrix[steps].keys())
    return here / calls_of(steps), -len(steps)


def _suite(gathered: Gathered, drafts: Sequence[Draft], bounds: Mapping[str, int], digest: str) -> Suite:
    spec = gathered.spec
    clauses = tuple(spec.clauses)
    made = iter(titled([draft.parts for draft in drafts if draft.pattern is None]))
    titles = [next(made) if draft.pattern is None else draft.pattern.scenario.title for draft in drafts]
    names = [file_name(title) for title in titles]
    scenarios: dict[str, Scenario] = {}
    calls: dict[str, int] = {}
    engine = Engine(spec)
    for name, title, draft in zip(names, titles, drafts, strict=True):
        outcome = Runner(model_target(spec, PLAINEST.behaviour()), engine).run(Scenario(title, (), draft.steps))
        if outcome.divergences:
            raise ValueError(f"{title}: the specification does not conform to itself: {outcome.divergences[0].title}")
        about = {kill.clause for kill in draft.reached.values() if kill.clause} or set(outcome.checks)
        scenarios[name] = Scenario(title, tuple(sorted(about, key=clauses.index)), draft.steps)
        calls[name] = outcome.calls
    killed_by: dict[Goal, list[tuple[str, Kill]]] = {}
    for name, draft in zip(names, drafts, strict=True):
        for goal, kill in draft.reached.items():
            killed_by.setdefault(goal, []).append((name, kill))
    return Suite(
        digest=digest,
        scenarios=scenarios,
        calls=calls,
        racy=frozenset(n for n, draft in zip(names, drafts, strict=True) if Needs.TRANSITIONS in draft.needs),
        layers=figures_of(names, drafts, calls, bounds),
        layer_of={name: name_of(draft.needs) for name, draft in zip(names, drafts, strict=True)},
        patterns=frozenset(name for name, draft in zip(names, drafts, strict=True) if draft.pattern is not None),
        exercises=_exercises(names, clauses, killed_by),
        verdicts=tuple(_verdicts(gathered, killed_by)),
    )


def _exercises(
    names: Sequence[str], clauses: Sequence[str], killed_by: Mapping[Goal, Sequence[tuple[str, Kill]]]
) -> dict[str, tuple[str, ...]]:
    """Return each scenario that is the first to test some clause, with all clauses that it is the first to test."""
    found: dict[str, tuple[str, ...]] = {}
    for number, clause in enumerate(clauses):
        for name, _ in killed_by.get(Goal(Sort.CLAUSE, number), ())[:1]:
            found[name] = (*found.get(name, ()), clause)
    return {name: found[name] for name in names if name in found}


def _verdicts(gathered: Gathered, killed_by: Mapping[Goal, Sequence[tuple[str, Kill]]]) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for number, one in enumerate(gathered.examined):
        by = tuple((name, kill.playing) for name, kill in killed_by.get(Goal(Sort.MUTANT, number), ()))
        verdicts.append(one.verdict or Verdict(one.mutant, Kind.KILLABLE, "", by))
    for number, fault in enumerate(gathered.material.faults):
        by = tuple((name, kill.playing) for name, kill in killed_by.get(Goal(Sort.FAULT, number), ()))
        verdicts.append(
            Verdict(fault.id, Kind.KILLABLE, "", by) if by else Verdict(fault.id, Kind.OPEN, "no candidate finds it")
        )
    return verdicts
