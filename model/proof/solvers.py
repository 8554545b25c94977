"""The solvers: each reads the same SMT-LIB text, and says whether its formulas can hold together.

Limits are the solvers' own resources, not seconds: the same question has the same answer on any machine.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from .smtlib import Script


class Answer(Enum):
    """What a solver says."""

    UNSAT = "unsat"
    """No world, request and choices fit: what was refuted is proved."""
    SAT = "sat"
    UNKNOWN = "unknown"
    """Its resources are spent; neither proved nor broken."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and how long it took."""

    answer: Answer
    milliseconds: float
    model: Any = None
    """The solver's own, where it was asked for one and the answer is sat."""


class MissingSolver(Exception):
    """A solver is not installed; the message says how to get it."""


Z3_LIMIT: Final = 4_000_000
CVC5_LIMIT: Final = 4_000_000
"""Resources for one question, some ten times what the hardest proof needs, in each solver's own units."""


def untyped(solver: str) -> Any:  # noqa: ANN401 - neither solver has types
    """Return the module of a solver, imported when it is first asked for: that takes half a second."""
    return import_module(solver)


def ask_z3(script: Script, *, limit: int = Z3_LIMIT, keep_model: bool = False) -> Answered:
    """Ask Z3; `keep_model` where an answer of sat is to be looked into.

    In a context of its own an answer depends on the question alone, but that costs more than most proofs do.
    So all share one, and only where a model is wanted, or the resources were spent, is one made.
    """
    began = time.perf_counter()
    solver, answer = _checked(script, limit, apart=keep_model)
    if answer is Answer.UNKNOWN and not keep_model:
        solver, answer = _checked(script, limit, apart=True)
    model = solver.model() if keep_model and answer is Answer.SAT else None
    return Answered(answer, (time.perf_counter() - began) * 1000, model)


def _checked(script: Script, limit: int, *, apart: bool) -> tuple[Any, Answer]:
    """Return a Z3 solver that was asked, and its answer; `apart` from all earlier questions, or not."""
    z3 = untyped("z3")
    solver = z3.SimpleSolver(ctx=z3.Context() if apart else None)
    solver.set("rlimit", limit)
    solver.from_string(script.text(ask=""))
    return solver, Answer(str(solver.check()))


def ask_cvc5(script: Script) -> Answered:
    """Ask cvc5; raises `MissingSolver`."""
    if find_spec("cvc5") is None:
        raise MissingSolver("cvc5 is not installed; in a clone, run: pip install '.[cvc5]'")
    cvc5 = untyped("cvc5")
    began = time.perf_counter()
    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("rlimit-per", str(CVC5_LIMIT))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script.text(), "question")
    symbols = parser.getSymbolManager()
    said = ""
    while not (command := parser.nextCommand()).isNull():
        said += command.invoke(solver, symbols)
    return Answered(Answer(said.split()[0]), (time.perf_counter() - began) * 1000)


SOLVERS: Final[dict[str, Callable[[Script], Answered]]] = {"z3": ask_z3, "cvc5": ask_cvc5}
"""The solvers by name."""
