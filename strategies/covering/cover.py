"""Finds the cheapest cover: the trunks to play and the questions to ask on the way, so that every goal is reached.

A goal is a mutant to kill, a planted fault to find, or a clause to put to the test.

A trunk is a scenario of its own. A question is a request that changes nothing, so any trunk that passes its place
can ask it; it costs only its own call.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from math import inf
from typing import Any, Final, TypeAlias

from ..scenario.names import ids_used
from ..scenario.steps import RequestStep, Step, Unknown

Steps: TypeAlias = tuple[Step, ...]

Goal: TypeAlias = tuple[int, int]
"""Something that a suite has to reach, such as a mutant to kill: its sort, and its number."""

MOST_QUESTIONS: Final = 8
"""The most questions in one trunk: scenarios must stay readable, and one fault must not hide too much."""
_NODES: Final = 4000
"""After this many search nodes, the search returns its best cover; a time limit would make machines disagree."""
_GAP: Final = 1e-6


class NoSolver(Exception):
    """scipy, which brings the solver, is not installed."""


@dataclass(frozen=True)
class Trunk:
    """A scenario of its own, its cost, and the goals that it reaches."""

    steps: Steps
    calls: int
    kills: frozenset[Goal]
    racy: bool = False
    open: bool = False
    """Whether questions can be asked at its end, where a description follows."""

    @cached_property
    def takes_strange(self) -> bool:
        """Whether it takes questions about unknown ids, which an account may not permit: the others stay playable."""
        return self.open or _names_strangers(self.steps)


@dataclass(frozen=True)
class Question:
    """A request that changes nothing, the steps to its place, its cost, and the goals that it reaches."""

    place: Steps
    ask: RequestStep
    calls: int
    kills: frozenset[Goal]

    @cached_property
    def strange(self) -> bool:
        """Whether it is about an unknown id."""
        return _names_strangers((self.ask,))


@dataclass(frozen=True, slots=True)
class Cover:
    """The trunks to play, each with its questions; the total cost, and a lower bound of it."""

    scenarios: tuple[tuple[Trunk, tuple[Question, ...]], ...]
    calls: int
    bound: int


def cheapest_cover(trunks: Sequence[Trunk], questions: Sequence[Question]) -> Cover:
    """Return the cover with the fewest calls, and among those the fewest racy trunks; raises `NoSolver`."""
    problem = _Problem(trunks, questions)
    chosen, bound = problem.solve()
    picked = [trunk for trunk, number in zip(trunks, chosen[: len(trunks)], strict=True) for _ in range(round(number))]
    asked = [question for question, number in zip(questions, chosen[len(trunks) :], strict=True) if round(number)]
    scenarios = tuple((trunk, found) for trunk, found in _assigned(picked, asked) if trunk.steps or found)
    calls = sum(t.calls + sum(q.calls for q in questions) for t, questions in scenarios)
    return Cover(scenarios, calls, bound)


_TRUNK_COST: Final = 1 / 4096
"""A cost far below that of a call: among covers with equal calls, it prefers fewer trunks and fewer racy ones."""


@dataclass(slots=True)
class _Problem:
    """The mixed-integer program."""

    trunks: Sequence[Trunk]
    questions: Sequence[Question]

    def solve(self) -> tuple[list[float], int]:
        """Return how often to play each trunk and whether to ask each question, and a lower bound of the calls."""
        milp, matrix_of, conditions = _solver()
        rows = self._rows()
        entries = [(n, column, value) for n, (row, _) in enumerate(rows) for column, value in row.items()]
        shape = (len(rows), len(self.trunks) + len(self.questions))
        places = ([n for n, _, _ in entries], [column for _, column, _ in entries])
        matrix = matrix_of(([value for _, _, value in entries], places), shape=shape)
        costs = [t.calls + _TRUNK_COST * (1 + t.racy) for t in self.trunks] + [float(q.calls) for q in self.questions]
        most = [float(len(self.questions) + 1)] * len(self.trunks) + [1.0] * len(self.questions)
        result = milp(
            costs,
            integrality=[1] * len(costs),
            bounds=([0.0] * len(costs), most),
            constraints=conditions(matrix, [least for _, least in rows], inf),
            options={"node_limit": _NODES, "mip_rel_gap": _GAP},
        )
        if result.x is None:
            raise ValueError(f"the solver found no cover: {result.message}")
        return [float(x) for x in result.x], round(float(result.mip_dual_bound) - 0.499)

    def _rows(self) -> list[tuple[Mapping[int, float], float]]:
        """Return each constraint: its coefficients by column, and the least value of their sum."""
        killers: dict[Goal, dict[int, float]] = {}
        for column, one in enumerate((*self.trunks, *self.questions)):
            for mutant in sorted(one.kills):
                killers.setdefault(mutant, {})[column] = 1.0
        distinct = {tuple(row.items()): row for row in killers.values()}
        covered = [(row, 1.0) for row in distinct.values()]
        return [*covered, *self._capacities(), *self._passing()]

    def _passing(self) -> list[tuple[Mapping[int, float], float]]:
        """The constraints that a question needs a trunk passing its place."""
        first = len(self.trunks)
        passing = {strange: self._passing_trunks(strange=strange) for strange in (False, True)}
        return [
            ({**dict.fromkeys(passing[q.strange][q.place], 1.0), first + n: -1.0}, 0.0)
            for n, q in enumerate(self.questions)
        ]

    def _capacities(self) -> list[tuple[Mapping[int, float], float]]:
        """The constraints on the number of questions per trunk; places form a tree, so sums per branch are enough."""
        first = len(self.trunks)
        rows: list[tuple[Mapping[int, float], float]] = []
        for strange in (False, True):
            for place, trunks in self._passing_trunks(strange=strange).items():
                beyond = {
                    first + n: -1.0
                    for n, question in enumerate(self.questions)
                    if question.place[: len(place)] == place and (question.strange or not strange)
                }
                rows.append(({**dict.fromkeys(trunks, float(MOST_QUESTIONS)), **beyond}, 0.0))
        return rows

    def _passing_trunks(self, *, strange: bool) -> dict[Steps, list[int]]:
        """Return, for each place of a question, the trunks that can ask one there; or one about an unknown id."""
        by_steps: dict[Steps, list[int]] = {}
        for n, trunk in enumerate(self.trunks):
            if trunk.takes_strange or not strange:
                for length in range(len(trunk.steps) + trunk.open):
                    by_steps.setdefault(trunk.steps[:length], []).append(n)
        places = dict.fromkeys(q.place for q in self.questions if q.strange or not strange)
        return {place: by_steps.get(place, []) for place in places}


def _solver() -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Return scipy's solver, sparse matrix and constraints; scipy is optional and untyped."""
    try:
        optimize, sparse = import_module("scipy.optimize"), import_module("scipy.sparse")
    except ImportError as error:
        raise NoSolver("deriving the suite needs scipy; in a clone, run: pip install '.[derive]'") from error
    return optimize.milp, sparse.csr_array, optimize.LinearConstraint


def _assigned(trunks: Sequence[Trunk], questions: Sequence[Question]) -> tuple[tuple[Trunk, tuple[Question, ...]], ...]:
    """Assign each question to a trunk that can ask it, the most restricted questions first."""
    room: list[list[Question]] = [[] for _ in trunks]
    for question in sorted(questions, key=lambda q: (not q.strange, -len(q.place))):
        asking = [n for n, trunk in enumerate(trunks) if _can_ask(trunk, question)]
        free = [n for n in asking if len(room[n]) < MOST_QUESTIONS]
        # Take the shortest trunk, because longer ones may be needed for farther questions.
        room[min(free or asking, key=lambda n: (len(trunks[n].steps), len(room[n])))].append(question)
    return tuple((trunk, tuple(found)) for trunk, found in zip(trunks, room, strict=True))


def _can_ask(trunk: Trunk, question: Question) -> bool:
    """Tell whether a trunk passes the place of a question, and takes such questions."""
    passes = trunk.steps[: len(question.place)] == question.place
    return (
        passes
        and (trunk.open or len(trunk.steps) > len(question.place))
        and (trunk.takes_strange or not question.strange)
    )


def _names_strangers(steps: Iterable[Step]) -> bool:
    return any(isinstance(ref, Unknown) for step in steps for ref in ids_used(step))
