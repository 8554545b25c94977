"""Derives the covering suite: a verdict on every mutant, and the scenarios that kill those that can be killed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ...model.proof.difference import compare
from ...model.specification import Specification
from ...strategies.building.racy_scenarios import is_racy
from ...strategies.covering.candidates import Candidate, calls_of, candidates
from ...strategies.covering.cover import Question, Trunk, cheapest_cover
from ...strategies.covering.derivation_scopes import SCOPES, Scope
from ...strategies.covering.reached_world import ReachedWorld
from ...strategies.covering.scenario_assembly import composed, file_name, titled
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import DescribeVolumesStep, RequestStep, RunStep, SettleStep, Step
from ...strategies.scenario.titles import title_of
from ..execution.runner import Runner
from ..oracle.engine import Engine
from ..targets.model import model_target
from .adversaries import PLAINEST, Adversary
from .kills import Kill, KillFinder, broken_by
from .suite import Kind, Suite, Verdict
from .worker_pool import Mutant, WorkerPool

Steps: TypeAlias = tuple[Step, ...]
ReportProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with the current stage, the number of tasks done, and the total."""


@dataclass(frozen=True, slots=True)
class Examined:
    """The result for one mutant before the suite is chosen: a verdict, or the kills to choose from."""

    mutant: str
    verdict: Verdict | None
    kills: tuple[Kill, ...] = ()


class Examiner:
    """The worker of a process: examines mutants one by one."""

    def __init__(self, spec: Specification, mutants: Sequence[Mutant], scopes: Sequence[Scope] = SCOPES) -> None:
        self.spec = spec
        self.mutants = mutants
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
) -> Suite:
    """Return the covering suite of a specification and its mutants; raises `NoSolver`."""
    everything = candidates(spec, scopes)
    examined = workers.map(Examiner.examine, range(len(mutants)), progress_of(report, "mutants examined", len(mutants)))
    matrix = _matrix(workers, examined, everything, report)
    trunks, questions = _columns(everything, matrix)
    cover = cheapest_cover(trunks, questions)
    drafts = [_draft(matrix, trunk, asked) for trunk, asked in cover.scenarios]
    drafts.sort(key=lambda draft: calls_of(draft.steps))
    confirmed = _confirmed(workers, examined, drafts, matrix, report)
    return _suite(spec, examined, confirmed, cover.bound, digest)


def progress_of(report: ReportProgress, stage: str, total: int) -> Callable[[int], None]:
    """Return a function that reports the progress of one stage."""
    return lambda done: report(stage, done, total)


_FIRST: Final = 4
"""Ways to kill a mutant that are tried first; the others only where these fail."""

Matrix: TypeAlias = dict[Steps, dict[int, Kill]]
"""For the steps of a candidate, the mutants that it kills, by their numbers."""


def _matrix(
    workers: WorkerPool[Examiner], examined: Sequence[Examined], everything: Sequence[Candidate], report: ReportProgress
) -> Matrix:
    """Return which candidates that killed one mutant kill which others as well."""
    matrix: Matrix = {}
    for number, one in enumerate(examined):
        for kill in one.kills:
            matrix.setdefault(kill.steps, {})[number] = kill
    shared = {steps for steps, killed in matrix.items() if len(killed) > 1}
    pool = tuple(n for n, candidate in enumerate(everything) if candidate.steps in shared and not candidate.large)
    tasks = [(number, pool) for number, one in enumerate(examined) if one.kills]
    rows = workers.map(Examiner.kills_among, tasks, progress_of(report, "mutants compared", len(tasks)))
    for (number, _), row in zip(tasks, rows, strict=True):
        for candidate, kill in row:
            matrix[everything[candidate].steps].setdefault(number, kill)
    return matrix


def _columns(everything: Sequence[Candidate], matrix: Matrix) -> tuple[list[Trunk], list[Question]]:
    """Return what a cover can be made of."""
    by_steps = {candidate.steps: candidate for candidate in everything}
    trunks: dict[tuple[Steps, bool], Trunk] = {}
    questions: list[Question] = []
    for steps, killed in matrix.items():
        candidate = by_steps.get(steps)
        if candidate is not None and candidate.ask is not None and _is_question(candidate):
            place = candidate.place.steps
            if Scenario("", (), place).mentions_volumes == candidate.scenario.mentions_volumes or not place:
                questions.append(Question(place, candidate.ask, _cost(candidate.ask), frozenset(killed)))
                look = calls_of(steps) - calls_of(place) - _cost(candidate.ask)
                carried = frozenset(matrix.get(place, ()))
                kills = carried | _on_the_way(matrix, place)
                trunks[place, True] = Trunk(place, calls_of(place) + look, kills, open=True)
                continue
        kills = frozenset(killed) | _on_the_way(matrix, steps)
        trunks[steps, False] = Trunk(steps, calls_of(steps), kills, is_racy(steps))
    return list(trunks.values()), questions


def _is_question(candidate: Candidate) -> bool:
    """Tell whether a candidate's request can be asked on the way; a launch in earnest would take a name."""
    launch = isinstance(candidate.ask, RunStep) and candidate.ask.in_earnest
    return candidate.inert and not candidate.hasty and not launch


def _on_the_way(matrix: Matrix, steps: Steps) -> frozenset[int]:
    """Return what is killed on the way: whatever a shorter candidate kills whose effect is looked at there."""
    return frozenset(
        number
        for length, step in enumerate(steps)
        if isinstance(step, SettleStep) and steps[:length] in matrix
        for number in matrix[steps[:length]]
    )


def _cost(ask: RequestStep) -> int:
    return len(ask.volumes) if isinstance(ask, DescribeVolumesStep) else 1


@dataclass(slots=True)
class _Draft:
    """A scenario of the suite to be: what should kill the mutants with these numbers, and what was seen to."""

    trunk: Trunk
    questions: tuple[Question, ...]
    steps: Steps
    promised: dict[int, tuple[Adversary, ...]]
    kills: dict[int, tuple[Adversary, str]] = field(default_factory=dict[int, "tuple[Adversary, str]"])


def _draft(matrix: Matrix, trunk: Trunk, questions: tuple[Question, ...]) -> _Draft:
    parts = [trunk.steps, *((*question.place, question.ask) for question in questions)]
    parts += [trunk.steps[:n] for n, step in enumerate(trunk.steps) if isinstance(step, SettleStep)]
    promised: dict[int, dict[Adversary, None]] = {}
    for part in parts:
        for number, kill in matrix.get(part, {}).items():
            promised.setdefault(number, {})[kill.playing] = None
    return _Draft(trunk, questions, composed(trunk, questions), {n: tuple(p) for n, p in promised.items()})


def _confirmed(
    workers: WorkerPool[Examiner],
    examined: Sequence[Examined],
    drafts: list[_Draft],
    matrix: Matrix,
    report: ReportProgress,
) -> list[_Draft]:
    """Play the mutants in the scenarios that should kill them; add what is lacking, leave out what is not needed."""
    alive = {number for number, one in enumerate(examined) if one.kills}
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
    while alive:
        # What was promised by a question may fail in company: then it gets a scenario of its own.
        steps = max(matrix, key=lambda steps: (len(alive & matrix[steps].keys()) / calls_of(steps), -len(steps)))
        kills = {number: (kill.playing, kill.clause) for number, kill in sorted(matrix[steps].items())}
        trunk = Trunk(steps, calls_of(steps), frozenset(kills), is_racy(steps))
        drafts.append(_Draft(trunk, (), steps, {}, kills))
        alive -= kills.keys()
    return _needed(drafts)


def _needed(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Return the scenarios without those of which every mutant is killed by another one, the dearest tried first."""
    kept = list(drafts)
    for draft in sorted(drafts, key=lambda d: -calls_of(d.steps)):
        others = {number for other in kept if other is not draft for number in other.kills}
        if draft.kills.keys() <= others:
            kept.remove(draft)
    return kept


def _suite(
    spec: Specification, examined: Sequence[Examined], drafts: Sequence[_Draft], bound: int, digest: str
) -> Suite:
    order = {clause: n for n, clause in enumerate(spec.clauses)}
    drafts = sorted(drafts, key=lambda d: (calls_of(d.steps), title_of(d.steps)))
    titles = titled([(draft.trunk, draft.questions) for draft in drafts])
    names = [file_name(title) for title in titles]
    scenarios: dict[str, Scenario] = {}
    calls: dict[str, int] = {}
    engine = Engine(spec)
    for name, title, draft in zip(names, titles, drafts, strict=True):
        clauses = {clause for _, clause in draft.kills.values() if clause}
        outcome = Runner(model_target(spec, PLAINEST.behaviour()), engine).run(Scenario(title, (), draft.steps))
        if outcome.divergences:
            raise ValueError(f"{title}: the specification does not conform to itself: {outcome.divergences[0].title}")
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
    racy = frozenset(name for name, draft in zip(names, drafts, strict=True) if is_racy(draft.steps))
    return Suite(digest, scenarios, calls, racy, bound, tuple(verdicts))
