"""Proves theorems in parallel, and returns plain data about each."""

import multiprocessing
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

from ...model.outcomes import Rung
from ...model.proof.counterexample import Example
from ...model.proof.obligations import Subjects
from ...model.proof.outcome_text import outcome_of_request
from ...model.proof.prover import Proof, Verdict, prove
from ...model.specification import EC2
from ...model.theorems.catalogue import THEOREMS
from ...model.theorems.theorem import Theorem
from ...strategies.building.reaching import scenario_reaching
from ...strategies.files.format import scenario_as_data
from ...strategies.scenario.scenario import Scenario
from .example_text import in_words

FEW = 3
"""Up to this many theorems are proved in this process, because starting others takes longer."""
WORKERS = 2


@dataclass(frozen=True)
class Report:
    """The result of one theorem, as plain data that can be sent between processes."""

    id: str
    sentence: str
    verdicts: dict[str, str]
    """By solver: proved, broken or unknown."""
    milliseconds: dict[str, float]
    obligations: int
    holds: bool
    problems: tuple[str, ...] = ()
    """Why it does not hold, apart from the counterexample."""
    counterexample: tuple[tuple[str, str], ...] = ()
    """Its world, choices, request and outcomes: lines with labels."""
    scenario: Scenario | None = None
    """A scenario that reaches it, if there is one."""

    def data(self) -> dict[str, object]:
        """Return the object that `--json` prints."""
        return {
            "id": self.id,
            "sentence": self.sentence,
            "scope": "unbounded",
            "verdict": dict(self.verdicts),
            "ms": {solver: round(ms, 1) for solver, ms in self.milliseconds.items()},
            "obligations": self.obligations,
            "holds": self.holds,
            "problems": list(self.problems),
            "counterexample": [[label, line] for label, line in self.counterexample],
            "scenario": None if self.scenario is None else scenario_as_data(self.scenario),
        }


def reports(theorems: Sequence[Theorem], solvers: Collection[str]) -> Iterator[Report]:
    """Prove theorems of the installed specification; yield the reports in their order.

    Raises `OutsideSubset`, `MissingSolver` and `ProverBug`.
    """
    if len(theorems) <= FEW:
        yield from (report(theorem.id, tuple(solvers)) for theorem in theorems)
        return
    # Forked where possible, because a forked worker has its imports already.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context(method)) as pool:
        yield from pool.map(report, (theorem.id for theorem in theorems), [tuple(solvers)] * len(theorems))


@cache
def _subjects() -> Subjects:
    return Subjects(EC2)


def report(theorem: str, solvers: tuple[str, ...]) -> Report:
    """Prove one theorem, by its id."""
    proof = prove(next(one for one in THEOREMS if one.id == theorem), _subjects(), solvers)
    example = proof.counterexample
    return Report(
        proof.theorem.id,
        proof.theorem.sentence,
        {solver: verdict.value for solver, verdict in proof.verdicts.items()},
        proof.milliseconds,
        proof.obligations,
        proof.holds,
        tuple(_problems(proof)),
        () if example is None else tuple(_describe(example)),
        None if example is None else _scenario(proof, example),
    )


def _problems(proof: Proof) -> Iterator[str]:
    if proof.disagreement is not None:
        yield f"the solvers disagree: {proof.disagreement}"
    for undecided in proof.undecided:
        yield f"{undecided} is neither proved nor broken: its resources were spent, and no small scope breaks it"
    if proof.is_vacuous and Verdict.BROKEN not in proof.verdicts.values():
        yield "nothing meets its premise in small scopes, so it says nothing"


def _describe(example: Example) -> Iterator[tuple[str, str]]:
    yield from in_words(example, EC2.choices)
    for name, value in example.arguments.items():
        if value is not None:
            shown = ", ".join(sorted(value)) or "none" if isinstance(value, frozenset) else str(value)  # type: ignore[reportUnknownArgumentType]
            yield f"the theorem's {name}", shown
    for answer in example.answers:
        yield "answer", _answer(answer)
    if example.request is not None:
        for outcome in outcome_of_request(EC2, example.world, example.request, example.choices):
            yield "outcome", outcome
    if example.error is not None:
        yield "plain execution", f"fails, for a rule says nothing here ({example.error})"
    yield "scope", str(example.scope)


def _answer(answer: Rung | None) -> str:
    return "success" if answer is None else f"{answer.code.value}, for {answer.refusal.value}"


def _scenario(proof: Proof, example: Example) -> Scenario | None:
    happening = example.request if example.request is not None else example.about
    return scenario_reaching(
        EC2,
        example.world,
        happening,
        f"{proof.theorem.id} is broken: {proof.theorem.formula.__name__.replace('_', ' ')}",
        proof.theorem.clauses,
    )
