"""Checks whether the stored covering suite is still adequate for the current specification."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from ...model.clauses import Clause
from ...model.specification import Specification
from ...strategies.scenario.scenario import Scenario
from ..execution.runner import Runner
from ..oracle.engine import Engine
from ..planted_faults.catalogue import EVERY_BY_ID
from ..planted_faults.fault import Fault
from .adversaries import PLAINEST, Adversary, shown
from .gathering import progress_of
from .suite import FAULT, Kind, Suite
from .worker_pool import Mutant, WorkerPool

_LEDGER: Final = "ledger"
_NO_CLAUSES: Final[Mapping[str, Clause]] = MappingProxyType({})

Task = tuple[int, Scenario, Adversary]
"""A mutant, by number, and how it was killed."""


class Replayer:
    """The worker of a process: plays mutants in the scenarios that killed them."""

    def __init__(
        self, spec: Specification, mutants: Sequence[Mutant], faults: Mapping[str, Fault] = EVERY_BY_ID
    ) -> None:
        self.engine = Engine(spec)
        self.mutants = mutants
        self.faults = faults

    def is_killed(self, task: Task) -> bool:
        """Tell whether a scenario still kills a mutant."""
        number, scenario, playing = task
        divergences, broken = shown(self.mutants[number].specification(), self.engine, scenario, playing)
        return bool(divergences) or broken is not None

    def finds(self, task: tuple[str, Scenario]) -> bool:
        """Tell whether a scenario still finds a planted fault."""
        fault, scenario = task
        return bool(Runner(self.faults[fault].target(), self.engine).run(scenario).divergences)


def shortcomings(
    workers: WorkerPool[Replayer],
    spec: Specification,
    mutants: Sequence[Mutant],
    suite: Suite,
    digest: str,
    report: Callable[[str, int, int], None],
    faults: Mapping[str, Fault] = EVERY_BY_ID,
) -> Iterator[str]:
    """Yield a sentence for each way in which a suite is no longer adequate."""
    engine = Engine(spec)
    for name, scenario in suite.scenarios.items():
        for playing in (PLAINEST, Adversary(slow=True)):
            divergences, _ = shown(spec, engine, scenario, playing)
            if divergences:
                yield f"the specification itself does not conform to {name}.yaml: {divergences[0].title}"
                break
    yield from _unjudged(mutants, faults, suite)
    yield from _surviving(workers, mutants, suite, report)
    yield from _not_found(workers, faults, suite, report)
    if digest != suite.digest:
        yield "the specification is not the one that the suite was derived from"


def _unjudged(mutants: Sequence[Mutant], faults: Mapping[str, Fault], suite: Suite) -> Iterator[str]:
    judged = {verdict.mutant for verdict in suite.verdicts}
    for mutant in mutants:
        if mutant.id not in judged:
            yield f"the mutant {mutant.id} is new ({mutant.change}), and nobody knows whether a scenario kills it"
    for fault in faults:
        if fault not in judged:
            yield f"the planted {fault} is new, and nobody knows whether a scenario finds it"
    for gone in sorted(judged - {mutant.id for mutant in mutants} - faults.keys()):
        yield f"the {'planted ' if gone.startswith(FAULT) else 'mutant '}{gone} is no more"


def _surviving(
    workers: WorkerPool[Replayer],
    mutants: Sequence[Mutant],
    suite: Suite,
    report: Callable[[str, int, int], None],
) -> Iterator[str]:
    judged = {verdict.mutant: verdict for verdict in suite.verdicts}
    tasks: list[Task] = []
    for number, mutant in enumerate(mutants):
        verdict = judged.get(mutant.id)
        if verdict is not None and verdict.kind is Kind.KILLABLE:
            name, playing = verdict.killed_by[0]
            tasks.append((number, suite.scenarios[name], playing))
    killed = workers.map(Replayer.is_killed, tasks, progress_of(report, "mutants played", len(tasks)))
    for (number, scenario, _), dead in zip(tasks, killed, strict=True):
        if not dead:
            mutant = mutants[number]
            yield f'the mutant {mutant.id} survives the scenario "{scenario.title}" now ({mutant.change})'


def _not_found(
    workers: WorkerPool[Replayer],
    faults: Mapping[str, Fault],
    suite: Suite,
    report: Callable[[str, int, int], None],
) -> Iterator[str]:
    judged = {verdict.mutant: verdict for verdict in suite.verdicts}
    tasks = [
        (fault, suite.scenarios[judged[fault].killed_by[0][0]])
        for fault in faults
        if fault in judged and judged[fault].kind is Kind.KILLABLE
    ]
    found = workers.map(Replayer.finds, tasks, progress_of(report, "planted faults played", len(tasks)))
    for (fault, scenario), is_found in zip(tasks, found, strict=True):
        if not is_found:
            yield f'the scenario "{scenario.title}" does not find the planted {fault} now'


def digest_of(sources: Mapping[str, str], clauses: Mapping[str, Clause] = _NO_CLAUSES) -> str:
    """Return a digest of a specification that ignores comments and docstrings.

    Of the ledger counts only how well each part of a clause is known that some rule names: that decides what is a
    finding. The oracle alone speaks of the other clauses, and no mutant can break one.
    """
    code = {
        name: ast.dump(_without_docstrings(ast.parse(text)))
        for name, text in sorted(sources.items())
        if name.partition(".")[0] != _LEDGER
    }
    grades = {
        clause.id: [(part.value, evidence.grade.value) for part, evidence in clause.evidence.items()]
        for clause in clauses.values()
        if any(repr(clause.id) in text for text in code.values())
    }
    return sha256(repr((code, grades)).encode()).hexdigest()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            body = [one for one in node.body if not _is_text(one)]
            node.body[:] = body or [ast.Pass()]
    return tree


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
