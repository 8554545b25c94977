"""Finds which goals each scenario reaches that may be part of a suite."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...model.specification import Specification
from ...strategies.covering.candidates import Candidate, calls_of, candidates
from ...strategies.covering.derivation_scopes import SCOPES, Scope
from ...strategies.covering.layers import Needs, needs_of
from ...strategies.covering.patterns import PATTERNS, Pattern
from ..planted_faults.catalogue import EVERY
from ..planted_faults.fault import Fault
from .adversaries import PLAINEST, Adversary
from .examiner import Examined, Examiner
from .goals import Goal, Sort
from .kills import Kill
from .layered_cover import Matrix, Steps
from .suite import Verdict
from .worker_pool import Mutant, WorkerPool

ReportProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with the current stage, the number of tasks done, and the total."""

_TRIED_FOR_A_FAULT: Final = 250
"""The number of candidates of the scopes to try for a planted fault, besides those that kill several mutants."""
_EXERCISING: Final = 3
"""The number of candidates to choose from if only those that kill no mutant test a clause in its first layer."""


@dataclass(frozen=True, slots=True)
class Material:
    """The ingredients of a suite; `known` are the verdicts on mutants that need no new examination."""

    scopes: Sequence[Scope] = SCOPES
    patterns: Sequence[Pattern] = PATTERNS
    faults: Sequence[Fault] = EVERY
    known: Mapping[str, Verdict] = field(default_factory=dict[str, Verdict])


WHOLE: Final = Material()


@dataclass(frozen=True, slots=True)
class Gathered:
    """The choice for a suite: candidates and patterns, the verdicts so far, and the goals that each reaches."""

    spec: Specification
    material: Material
    candidates: tuple[Candidate, ...]
    examined: tuple[Examined, ...]
    matrix: Matrix

    def without_faults(self, left_out: frozenset[str]) -> "Gathered":
        """Return the same choice without some planted faults."""
        numbers = {number for number, fault in enumerate(self.material.faults) if fault.id in left_out}
        matrix = {
            steps: {g: kill for g, kill in kills.items() if g.sort is not Sort.FAULT or g.number not in numbers}
            for steps, kills in self.matrix.items()
        }
        patterns = {pattern.scenario.steps for pattern in self.material.patterns}
        kept = {steps: kills for steps, kills in matrix.items() if kills or steps in patterns}
        return Gathered(self.spec, self.material, self.candidates, self.examined, kept)


def gather(
    workers: WorkerPool[Examiner],
    spec: Specification,
    mutants: Sequence[Mutant],
    report: ReportProgress,
    material: Material = WHOLE,
) -> Gathered:
    """Examine every mutant, fault and clause, and return the choice for a suite."""
    known = material.known
    unknown = [number for number, mutant in enumerate(mutants) if mutant.id not in known]
    new = iter(workers.map(Examiner.examine, unknown, progress_of(report, "mutants examined", len(unknown))))
    examined = tuple(Examined(m.id, known[m.id]) if m.id in known else next(new) for m in mutants)
    return complete(workers, spec, examined, report, material)


def complete(
    workers: WorkerPool[Examiner],
    spec: Specification,
    examined: tuple[Examined, ...],
    report: ReportProgress,
    material: Material,
) -> Gathered:
    """Return the choice for a suite, after every mutant is examined."""
    everything = candidates(spec, material.scopes)
    matrix: Matrix = {pattern.scenario.steps: {} for pattern in material.patterns}
    _play_patterns(workers, examined, material, matrix, report)
    hit = {goal for kills in matrix.values() for goal in kills}
    _compare_mutants(workers, examined, hit, everything, matrix, report)
    _look_for_faults(workers, material, everything, matrix, report)
    _note_clauses(workers, spec, everything, matrix, report)
    return Gathered(spec, material, everything, examined, matrix)


def progress_of(report: ReportProgress, stage: str, total: int) -> Callable[[int], None]:
    """Return a function that reports the progress of one stage."""
    return lambda done: report(stage, done, total)


def _play_patterns(
    workers: WorkerPool[Examiner],
    examined: Sequence[Examined],
    material: Material,
    matrix: Matrix,
    report: ReportProgress,
) -> None:
    """Record the first patterns that show each mutant and fault and need no more of a target than it does."""
    tasks: list[tuple[Goal, tuple[tuple[Steps, Adversary], ...]]] = []
    scenarios = sorted((pattern.scenario.steps for pattern in material.patterns), key=lambda s: needs_of(s).value)
    for number, one in enumerate(examined):
        # All patterns let everything come to rest, so that a mutant that must be met on its way survives them.
        if one.kills and Needs.TRANSITIONS not in one.layer:
            playing = next(kill.playing for kill in one.kills if needs_of(kill.steps) == one.layer)
            ways = tuple((steps, playing) for steps in scenarios if needs_of(steps) in one.layer)
            tasks.append((Goal(Sort.MUTANT, number), ways))
    everywhere = tuple((steps, PLAINEST) for steps in scenarios)
    tasks += [(Goal(Sort.FAULT, number), everywhere) for number in range(len(material.faults))]
    rows = workers.map(Examiner.reached, tasks, progress_of(report, "patterns played", len(tasks)))
    for (goal, ways), row in zip(tasks, rows, strict=True):
        for (steps, playing), clause in zip(ways, row, strict=True):
            if clause is not None:
                matrix[steps][goal] = Kill(steps, playing, clause)


def _compare_mutants(
    workers: WorkerPool[Examiner],
    examined: Sequence[Examined],
    hit: set[Goal],
    everything: Sequence[Candidate],
    matrix: Matrix,
    report: ReportProgress,
) -> None:
    """Record which candidates kill each mutant.

    Mutants that no pattern kills are tried on all candidates that kill several.
    """
    for number, one in enumerate(examined):
        for kill in one.kills:
            matrix.setdefault(kill.steps, {})[Goal(Sort.MUTANT, number)] = kill
    alive = [n for n, one in enumerate(examined) if one.kills and Goal(Sort.MUTANT, n) not in hit]
    tasks = [(number, tuple(_shared(everything, matrix))) for number in alive]
    rows = workers.map(Examiner.kills_among, tasks, progress_of(report, "mutants compared", len(tasks)))
    for (number, _), row in zip(tasks, rows, strict=True):
        for candidate, kill in row:
            matrix[everything[candidate].steps].setdefault(Goal(Sort.MUTANT, number), kill)


def _shared(everything: Sequence[Candidate], matrix: Matrix) -> Iterator[int]:
    """Yield the numbers of the candidates that kill several mutants."""
    for number, candidate in enumerate(everything):
        if not candidate.large and len(matrix.get(candidate.steps, ())) > 1:
            yield number


def _look_for_faults(
    workers: WorkerPool[Examiner],
    material: Material,
    everything: Sequence[Candidate],
    matrix: Matrix,
    report: ReportProgress,
) -> None:
    """Record the first candidates that find each planted fault that no pattern finds."""
    found = {goal for kills in matrix.values() for goal in kills}
    small = [number for number, candidate in enumerate(everything) if not candidate.large]
    sample = small[:: max(1, len(small) // _TRIED_FOR_A_FAULT)]
    pool = tuple(sorted({*_shared(everything, matrix), *sample}))
    tasks = [(n, pool) for n in range(len(material.faults)) if Goal(Sort.FAULT, n) not in found]
    rows = workers.map(Examiner.fault_found_among, tasks, progress_of(report, "planted faults", len(tasks)))
    for (number, _), row in zip(tasks, rows, strict=True):
        for kill in row:
            matrix.setdefault(kill.steps, {})[Goal(Sort.FAULT, number)] = kill


def _note_clauses(
    workers: WorkerPool[Examiner],
    spec: Specification,
    everything: Sequence[Candidate],
    matrix: Matrix,
    report: ReportProgress,
) -> None:
    """Record the clauses that candidates and patterns test, in the first layer in which one does.

    Clauses that are only assumed are left out, because breaking them makes no finding.
    """
    others = [c.steps for c in everything if not c.large and c.steps not in matrix]
    tried = sorted([*matrix, *others], key=lambda steps: (needs_of(steps).value, calls_of(steps)))
    rows = workers.map(Examiner.exercised, tried, progress_of(report, "clauses exercised", len(tried)))
    for number, (clause, promise) in enumerate(spec.clauses.items()):
        if all(promise.level_of(part) is None for part in promise.evidence):
            continue
        where = [steps for steps, row in zip(tried, rows, strict=True) if clause in row]
        first = [steps for steps in where if needs_of(steps) == needs_of(where[0])]
        useful = [steps for steps in first if steps in matrix] or first[:_EXERCISING]
        for steps in useful:
            matrix.setdefault(steps, {})[Goal(Sort.CLAUSE, number)] = Kill(steps, PLAINEST, clause)
