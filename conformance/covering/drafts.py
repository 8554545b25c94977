"""The scenarios of a suite to be, and what each is for: which are needed, and in which order to play them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...strategies.covering.candidates import calls_of
from ...strategies.covering.cover import Question, Trunk
from ...strategies.covering.layers import Needs, in_order, name_of, needs_of
from ...strategies.covering.patterns import Pattern
from ...strategies.covering.scenario_assembly import composed
from .adversaries import Adversary
from .layered_cover import Matrix, Steps, parts_of
from .suite import LayerFigures


@dataclass(slots=True)
class Draft:
    """A scenario of the suite to be: what should kill the mutants with these numbers, and what was seen to.

    `faults` are the numbers of the planted faults that it found first, `required_for` the clauses that only it tests.
    """

    steps: Steps
    parts: tuple[Trunk, tuple[Question, ...]] | None = None
    title: str = ""
    pattern: Pattern | None = None
    promised: Mapping[int, tuple[Adversary, ...]] = field(default_factory=dict[int, "tuple[Adversary, ...]"])
    kills: dict[int, tuple[Adversary, str]] = field(default_factory=dict[int, "tuple[Adversary, str]"])
    faults: dict[int, str] = field(default_factory=dict[int, str])
    required_for: set[str] = field(default_factory=set[str])

    @property
    def needs(self) -> Needs:
        """The layer that it belongs to."""
        return needs_of(self.steps)

    @property
    def catches(self) -> frozenset[tuple[str, object]]:
        """Everything that it is in the suite for."""
        return frozenset(
            (
                *(("mutant", number) for number in self.kills),
                *(("fault", number) for number in self.faults),
                *(("clause", clause) for clause in self.required_for),
            )
        )


def composed_draft(matrix: Matrix, trunk: Trunk, questions: tuple[Question, ...]) -> Draft:
    """Return a scenario of the cover, with the mutants that it should kill."""
    promised: dict[int, dict[Adversary, None]] = {}
    for part in parts_of(trunk, questions):
        for number, kill in matrix.get(part, {}).items():
            promised.setdefault(number, {})[kill.playing] = None
    return Draft(composed(trunk, questions), (trunk, questions), promised={n: tuple(p) for n, p in promised.items()})


def alone(steps: Steps) -> Draft:
    """Return a scenario of just these steps."""
    return Draft(steps, (Trunk(steps, calls_of(steps), frozenset()), ()))


def needed(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the patterns, and the scenarios that catch something that no other does, the dearest tried first."""
    kept = list(drafts)
    for draft in sorted(drafts, key=lambda d: -calls_of(d.steps)):
        others = {one for other in kept if other is not draft for one in other.catches}
        if draft.pattern is None and draft.catches <= others:
            kept.remove(draft)
    return kept


def in_play_order(drafts: Iterable[Draft]) -> list[Draft]:
    """Return scenarios so that a run that is cut off has found the most: most kills per call first.

    Those about the rule of the zones come before all others, and those of fifty instances and more after them.
    """
    left = {number: (draft, draft.catches, calls_of(draft.steps)) for number, draft in enumerate(drafts)}
    order: list[Draft] = []
    alive = {one for _, catches, _ in left.values() for one in catches}

    def gain(number: int) -> tuple[bool, bool, float]:
        draft, catches, calls = left[number]
        flagship = draft.pattern is not None and draft.pattern.flagship
        return flagship, Needs.MANY not in draft.needs, len(catches & alive) / calls

    while left:
        draft, catches, _ = left.pop(max(left, key=gain))
        order.append(draft)
        alive -= catches
    return order


def figures_of(
    names: Sequence[str], drafts: Sequence[Draft], calls: Mapping[str, int], bounds: Mapping[str, int]
) -> dict[str, LayerFigures]:
    """Return the figures of each layer; what the patterns cost belongs to the bound, because every suite has them."""
    figures: dict[str, LayerFigures] = {}
    for needs in in_order(draft.needs for draft in drafts):
        here = [(name, draft) for name, draft in zip(names, drafts, strict=True) if draft.needs == needs]
        fixed = sum(calls[name] for name, draft in here if draft.pattern is not None)
        layer = name_of(needs)
        figures[layer] = LayerFigures(
            scenarios=len(here),
            calls=sum(calls[name] for name, _ in here),
            bound=fixed + bounds.get(layer, 0),
            kills=len({one for _, draft in here for one in draft.catches if one[0] != "clause"}),
        )
    return figures
