"""The scenarios of a suite to be, and what each is for: which are needed, and in which order to play them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...strategies.covering.candidates import calls_of
from ...strategies.covering.cover import Question, Trunk
from ...strategies.covering.layers import Needs, in_order, name_of, needs_of
from ...strategies.covering.patterns import Pattern
from ...strategies.covering.scenario_assembly import composed
from .goals import Goal, Sort
from .kills import Kill
from .layered_cover import Matrix, Steps, parts_of
from .suite import LayerFigures


@dataclass(slots=True)
class Draft:
    """A scenario of the suite to be: the ways in which it should reach goals, and those that it was seen to reach."""

    steps: Steps
    parts: tuple[Trunk, tuple[Question, ...]]
    pattern: Pattern | None = None
    promised: Mapping[Goal, tuple[Kill, ...]] = field(default_factory=dict[Goal, tuple[Kill, ...]])
    reached: dict[Goal, Kill] = field(default_factory=dict[Goal, Kill])

    @property
    def needs(self) -> Needs:
        """The layer that it belongs to."""
        return needs_of(self.steps)

    @property
    def is_fixed(self) -> bool:
        """Whether every suite has it."""
        return self.pattern is not None and self.pattern.flagship


def draft_of(
    matrix: Matrix,
    first: Mapping[Goal, Needs],
    patterns: Mapping[Steps, Pattern],
    trunk: Trunk,
    questions: tuple[Question, ...] = (),
) -> Draft:
    """Return a scenario of the cover, with the goals that it should reach, and those that it is known to reach.

    Goals that can be reached with less of a target do not count: a target without the rest would miss them.
    """
    steps = composed(trunk, questions)
    draft = Draft(steps, (trunk, questions), patterns.get(trunk.steps))
    promised: dict[Goal, dict[Kill, None]] = {}
    for part in parts_of(trunk, questions):
        for goal, kill in matrix.get(part, {}).items():
            if draft.needs in first[goal]:
                promised.setdefault(goal, {})[kill] = None
    draft.reached = {goal: kill for goal, kill in matrix.get(steps, {}).items() if goal in promised}
    draft.promised = {goal: tuple(kills) for goal, kills in promised.items() if goal not in draft.reached}
    return draft


def alone(steps: Steps) -> Trunk:
    """Return a scenario of just these steps."""
    return Trunk(steps, calls_of(steps), frozenset())


def needed(drafts: Sequence[Draft]) -> list[Draft]:
    """Return what every suite has, and the scenarios that reach what no other does, the dearest tried first."""
    kept = list(drafts)
    for draft in sorted(drafts, key=lambda d: -calls_of(d.steps)):
        others = {goal for other in kept if other is not draft for goal in other.reached}
        if not draft.is_fixed and draft.reached.keys() <= others:
            kept.remove(draft)
    return kept


def in_play_order(drafts: Iterable[Draft]) -> list[Draft]:
    """Return scenarios so that a run that is cut off has found the most: most kills per call first.

    Those about the rule of the zones come before all others, and those of fifty instances and more after them.
    """
    left = {number: (draft, calls_of(draft.steps)) for number, draft in enumerate(drafts)}
    order: list[Draft] = []
    alive = {goal for draft, _ in left.values() for goal in draft.reached}

    def gain(number: int) -> tuple[bool, bool, float]:
        draft, calls = left[number]
        return draft.is_fixed, Needs.MANY not in draft.needs, len(draft.reached.keys() & alive) / calls

    while left:
        draft, _ = left.pop(max(left, key=gain))
        order.append(draft)
        alive -= draft.reached.keys()
    return order


def figures_of(
    names: Sequence[str], drafts: Sequence[Draft], calls: Mapping[str, int], bounds: Mapping[str, int]
) -> dict[str, LayerFigures]:
    """Return the figures of each layer; what every suite has belongs to the bound."""
    figures: dict[str, LayerFigures] = {}
    for needs in in_order(draft.needs for draft in drafts):
        here = [(name, draft) for name, draft in zip(names, drafts, strict=True) if draft.needs == needs]
        fixed = sum(calls[name] for name, draft in here if draft.is_fixed)
        layer = name_of(needs)
        figures[layer] = LayerFigures(
            scenarios=len(here),
            calls=sum(calls[name] for name, _ in here),
            bound=fixed + bounds.get(layer, 0),
            kills=len({goal for _, draft in here for goal in draft.reached if goal.sort is not Sort.CLAUSE}),
        )
    return figures
