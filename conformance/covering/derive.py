"""Derives the covering suite: a verdict on every mutant, and the scenarios that kill those that can be killed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...model.specification import Specification
from ...strategies.covering.candidates import Candidate, calls_of, candidates
from ...strategies.covering.derivation_scopes import SCOPES, Scope
from ...strategies.covering.layers import Needs, name_of, needs_of
from ...strategies.covering.patterns import PATTERNS, Pattern
from ...strategies.covering.scenario_assembly import file_name, titled
from ...strategies.scenario.scenario import Scenario
from ..execution.runner import Runner
from ..oracle.engine import Engine
from ..planted_faults.catalogue import EVERY
from ..planted_faults.fault import Fault
from ..targets.model import model_target
from .adversaries import PLAINEST, Adversary
from .drafts import Draft, alone, composed_draft, figures_of, in_play_order, needed
from .examiner import Examined, Examiner
from .layered_cover import Matrix, Steps, layered_cover, layers_of
from .suite import Kind, Suite, Verdict
from .worker_pool import Mutant, WorkerPool

ReportProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with the current stage, the number of tasks done, and the total."""


_FIRST: Final = 4
"""Ways to kill a mutant that are tried first; the others only where these fail."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a suite is made of; `known` are the verdicts on mutants that need not be examined again."""

    scopes: Sequence[Scope] = SCOPES
    patterns: Sequence[Pattern] = PATTERNS
    faults: Sequence[Fault] = EVERY
    known: Mapping[str, Verdict] = field(default_factory=dict[str, Verdict])


WHOLE: Final = Material()


def derive(
    workers: WorkerPool[Examiner],
    spec: Specification,
    mutants: Sequence[Mutant],
    digest: str,
    report: ReportProgress,
    material: Material = WHOLE,
) -> Suite:
    """Return the covering suite of a specification, its mutants and the planted faults; raises `NoSolver`."""
    known = material.known
    everything = candidates(spec, material.scopes)
    unknown = [number for number, mutant in enumerate(mutants) if mutant.id not in known]
    new = iter(workers.map(Examiner.examine, unknown, progress_of(report, "mutants examined", len(unknown))))
    examined = [Examined(m.id, known[m.id]) if m.id in known else next(new) for m in mutants]
    drafts = [Draft(p.scenario.steps, title=p.scenario.title, pattern=p) for p in material.patterns]
    _credit(workers, examined, drafts, report)
    killed = {number for draft in drafts for number in draft.kills}
    matrix = _matrix(workers, examined, killed, everything, report)
    layers = layered_cover(everything, matrix)
    bounds = Counter({name_of(layer.needs): layer.bound for layer in layers})
    drafts += [composed_draft(matrix, trunk, asked) for layer in layers for trunk, asked in layer.scenarios]
    _confirm(workers, drafts, matrix, report)
    found = _find_faults(workers, material.faults, drafts, report)
    _exercise_clauses(workers, spec, everything, drafts, report)
    drafts = in_play_order(needed(drafts))
    return _suite(spec, examined, material.faults, found, drafts, bounds, digest)


def progress_of(report: ReportProgress, stage: str, total: int) -> Callable[[int], None]:
    """Return a function that reports the progress of one stage."""
    return lambda done: report(stage, done, total)


def _credit(
    workers: WorkerPool[Examiner], examined: Sequence[Examined], drafts: Sequence[Draft], report: ReportProgress
) -> None:
    """Note which mutants the patterns kill that need no more of a target than the mutant does."""
    tasks: list[tuple[int, tuple[tuple[Steps, Adversary], ...]]] = []
    ways: list[list[tuple[Draft, Adversary]]] = []
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


def _confirm(
    workers: WorkerPool[Examiner],
    drafts: list[Draft],
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
        draft = alone(max(matrix, key=lambda steps: _gain(matrix, first, frozenset(alive), steps)))
        draft.kills = {number: (kill.playing, kill.clause) for number, kill in sorted(matrix[draft.steps].items())}
        drafts.append(draft)
        alive -= draft.kills.keys()


def _gain(matrix: Matrix, first: Mapping[int, Needs], alive: frozenset[int], steps: Steps) -> tuple[float, int]:
    """Return how many of some mutants steps kill for each call, of those that need no less of a target."""
    here = sum(needs_of(steps) in first[number] for number in alive & matrix[steps].keys())
    return here / calls_of(steps), -len(steps)


def _find_faults(
    workers: WorkerPool[Examiner], faults: Sequence[Fault], drafts: list[Draft], report: ReportProgress
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
                draft = alone(kill.steps)
                drafts.append(draft)
            draft.faults[number] = kill.clause
    return {number for draft in drafts for number in draft.faults}


def _exercise_clauses(
    workers: WorkerPool[Examiner],
    spec: Specification,
    everything: Sequence[Candidate],
    drafts: list[Draft],
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
                draft = alone(possible)
                drafts.append(draft)
            draft.required_for.add(clause)


def _suite(
    spec: Specification,
    examined: Sequence[Examined],
    faults: Sequence[Fault],
    found: set[int],
    drafts: Sequence[Draft],
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
        layers=figures_of(names, drafts, calls, bounds),
        layer_of={name: name_of(draft.needs) for name, draft in zip(names, drafts, strict=True)},
        patterns=frozenset(name for name, draft in zip(names, drafts, strict=True) if draft.pattern is not None),
        exercises={
            name: tuple(sorted(draft.required_for, key=order.__getitem__))
            for name, draft in zip(names, drafts, strict=True)
            if draft.required_for
        },
        verdicts=tuple(verdicts),
    )
