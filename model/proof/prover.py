"""Proves theorems: every obligation by every solver, a counterexample where one fails, a witness for every premise."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import Enum

from ..theorems.theorem import Theorem
from .counterexample import Example, counterexample, witness
from .naming import named
from .obligations import Obligation, Subjects, obligations
from .smtlib import Script
from .solvers import SOLVERS, Answer
from .terms import FALSE


class Verdict(Enum):
    """What became of a theorem."""

    PROVED = "proved"
    """For any number of instances, zones and volumes, and every choice."""
    BROKEN = "broken"
    """A counterexample was found, and plain execution confirms it."""
    UNKNOWN = "unknown"
    """Neither: a solver gave up, and no small scope has a counterexample."""


@dataclass(frozen=True)
class Proof:
    """A theorem, and how it fared with each solver."""

    theorem: Theorem
    verdicts: dict[str, Verdict]
    milliseconds: dict[str, float]
    obligations: int
    trivial: int
    """How many of them hold by reading alone: nothing was left to ask a solver."""
    counterexample: Example | None = None
    undecided: tuple[str, ...] = ()
    """The obligations that a solver left open, each with the solver."""
    disagreement: str | None = None
    """What one solver says and another denies."""
    witness: Example | None = None
    """A situation in which the premise is met: the theorem says something."""

    @property
    def is_vacuous(self) -> bool:
        """Whether nothing was found that meets the premise."""
        return self.witness is None and self.theorem.beyond_scopes is None

    @property
    def holds(self) -> bool:
        """Whether every solver proved it, and its premise can be met."""
        return all(v is Verdict.PROVED for v in self.verdicts.values()) and not self.is_vacuous


def script(obligation: Obligation) -> Script:
    """Return the question whose answer `unsat` proves an obligation."""
    comment = (
        f"{obligation.theorem.id}: {obligation.theorem.sentence}\n\n"
        + (f"Here of: {obligation.about.value}. " if obligation.about else "")
        + "The answer unsat proves it: no world, request and choices fit, however many instances there are."
    )
    return Script(comment, named(obligation.refutation, obligation.stage.reader.names))


def is_trivial(obligation: Obligation) -> bool:
    """Tell whether reading alone shows that an obligation holds."""
    return FALSE in obligation.refutation


@dataclass
class _Tally:
    """A theorem under way."""

    verdicts: dict[str, Verdict]
    milliseconds: dict[str, float]
    count: int = 0
    trivial: int = 0
    counterexample: Example | None = None
    undecided: list[str] = field(default_factory=list[str])
    disagreement: str | None = None


def prove(theorem: Theorem, subjects: Subjects, solvers: Collection[str]) -> Proof:
    """Prove a theorem of a specification, or find out why not.

    Raises `OutsideSubset` for what cannot be read, `MissingSolver`, and `ProverBug`.
    """
    tally = _Tally(dict.fromkeys(solvers, Verdict.PROVED), dict.fromkeys(solvers, 0.0))
    met: Example | None = None
    for obligation in obligations(subjects.spec, theorem, subjects):
        tally.count += 1
        if met is None and theorem.beyond_scopes is None and obligation.premise is not FALSE:
            met = witness(obligation)
        if is_trivial(obligation):
            tally.trivial += 1
            continue
        _ask(obligation, tally)
        if Verdict.BROKEN in tally.verdicts.values():
            break
    return Proof(
        theorem,
        tally.verdicts,
        tally.milliseconds,
        tally.count,
        tally.trivial,
        tally.counterexample,
        tuple(tally.undecided),
        tally.disagreement,
        met,
    )


def _ask(obligation: Obligation, tally: _Tally) -> None:
    question = script(obligation)
    answers: dict[str, Answer] = {}
    for solver in tally.verdicts:
        answered = SOLVERS[solver](question)
        tally.milliseconds[solver] += answered.milliseconds
        answers[solver] = answered.answer
    doubted = [solver for solver, answer in answers.items() if answer is not Answer.UNSAT]
    if not doubted:
        return
    found = counterexample(obligation)
    for solver in tally.verdicts:
        if found is not None:
            tally.verdicts[solver] = Verdict.BROKEN
        elif solver in doubted:
            tally.verdicts[solver] = Verdict.UNKNOWN
            tally.undecided.append(f"{obligation.name} ({solver})")
    tally.counterexample = tally.counterexample or found
    sure = [solver for solver in answers if solver not in doubted]
    if sure and (found is not None or Answer.SAT in answers.values()):
        denied = "a counterexample" if found is not None else f"{', '.join(doubted)}"
        tally.disagreement = f"{obligation.name}: {', '.join(sure)} says that it is proved, {denied} denies it"


def scripts(theorem: Theorem, subjects: Subjects) -> Iterator[tuple[str, Script]]:
    """Yield a file name and the question of every obligation of a theorem, also of those that are trivial."""
    for number, obligation in enumerate(obligations(subjects.spec, theorem, subjects), start=1):
        about = "" if obligation.about is None else f"-{obligation.about.name.lower().replace('_', '-')}"
        yield f"{theorem.id}-{number:02}{about}.smt2", script(obligation)
