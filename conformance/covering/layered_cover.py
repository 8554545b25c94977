"""Chooses scenarios layer by layer: what needs less of a target kills all that it can, before what needs more."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ...strategies.covering.candidates import Candidate, calls_of
from ...strategies.covering.cover import Question, Trunk, cheapest_cover
from ...strategies.covering.layers import Needs, in_order, needs_of
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import DescribeVolumesStep, RequestStep, RunStep, SettleStep, Step
from .goals import Goal
from .kills import Kill

Steps: TypeAlias = tuple[Step, ...]
Matrix: TypeAlias = dict[Steps, dict[Goal, Kill]]
"""For the steps of a candidate or a pattern, the goals that it reaches."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a layer adds: trunks with their questions, and a lower bound of its calls."""

    needs: Needs
    scenarios: tuple[tuple[Trunk, tuple[Question, ...]], ...]
    bound: int


def layers_of(matrix: Matrix) -> dict[Goal, Needs]:
    """Return the first layer in which each goal can be reached."""
    first: dict[Goal, Needs] = {}
    for needs in in_order(map(needs_of, matrix)):
        for steps, reached in matrix.items():
            if needs_of(steps) == needs:
                for goal in reached:
                    first.setdefault(goal, needs)
    return first


def layered_cover(
    everything: Sequence[Candidate], matrix: Matrix, given: Collection[Steps], hidden: Collection[Goal] = ()
) -> list[Chosen]:
    """Return what each layer adds to the scenarios `given`: it reaches every goal that no earlier layer reaches.

    Company hides the goals `hidden`: only scenarios of their own reach them, and no questions.
    """
    open_to_all = {steps: kills for steps, kills in matrix.items() if steps not in given}
    trunks, questions = _columns(everything, open_to_all)
    if hidden:
        trunks = [_without(trunk, hidden) for trunk in trunks]
        questions = [Question(q.place, q.ask, q.calls, q.kills - set(hidden)) for q in questions]
        trunks += [
            Trunk(steps, calls_of(steps), frozenset(kills), bool(needs_of(steps) & Needs.TRANSITIONS))
            for steps, kills in open_to_all.items()
            if not kills.keys().isdisjoint(hidden)
        ]
    first = layers_of(matrix)
    alive = set(first) - {goal for steps in given for goal in matrix[steps] if needs_of(steps) in first[goal]}
    chosen: list[Chosen] = []
    for layer in in_order(first.values()):
        rows = frozenset(goal for goal in alive if first[goal] == layer)
        if not rows:
            continue
        cover = cheapest_cover(
            [
                Trunk(t.steps, t.calls, t.kills & rows, t.racy, t.open)
                for t in trunks
                if needs_of(t.steps) in layer and _is_useful(t, rows, questions)
            ],
            [
                Question(q.place, q.ask, q.calls, q.kills & rows)
                for q in questions
                if needs_of((*q.place, q.ask)) in layer and q.kills & rows
            ],
        )
        chosen.append(Chosen(layer, cover.scenarios, cover.bound))
        alive -= rows
        alive -= {
            goal for trunk, asked in cover.scenarios for part in parts_of(trunk, asked) for goal in matrix.get(part, ())
        }
    return chosen


def _without(trunk: Trunk, hidden: Collection[Goal]) -> Trunk:
    return Trunk(trunk.steps, trunk.calls, trunk.kills - set(hidden), trunk.racy, trunk.open)


def _is_useful(trunk: Trunk, rows: frozenset[Goal], questions: Iterable[Question]) -> bool:
    """Tell whether a trunk kills what is wanted, or carries a question that may."""
    return bool(trunk.kills & rows) or (
        trunk.open and any(question.place == trunk.steps and question.kills & rows for question in questions)
    )


def parts_of(trunk: Trunk, questions: Iterable[Question]) -> list[Steps]:
    """Return the candidates that make up a scenario of the cover."""
    parts = [trunk.steps, *((*question.place, question.ask) for question in questions)]
    parts += [trunk.steps[:n] for n, step in enumerate(trunk.steps) if isinstance(step, SettleStep)]
    return parts


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
        trunks[steps, False] = Trunk(steps, calls_of(steps), kills, bool(needs_of(steps) & Needs.TRANSITIONS))
    return list(trunks.values()), questions


def _is_question(candidate: Candidate) -> bool:
    """Tell whether a candidate's request can be asked on the way; a launch in earnest would take a name."""
    launch = isinstance(candidate.ask, RunStep) and candidate.ask.in_earnest
    return candidate.inert and not candidate.hasty and not launch


def _on_the_way(matrix: Mapping[Steps, Mapping[Goal, Kill]], steps: Steps) -> frozenset[Goal]:
    """Return what is reached on the way: whatever a shorter candidate reaches whose effect is looked at there."""
    return frozenset(
        goal
        for length, step in enumerate(steps)
        if isinstance(step, SettleStep) and steps[:length] in matrix
        for goal in matrix[steps[:length]]
    )


def _cost(ask: RequestStep) -> int:
    return len(ask.volumes) if isinstance(ask, DescribeVolumesStep) else 1
