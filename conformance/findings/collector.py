"""Makes findings of divergences: each defect once, in the shortest scenario that still shows it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...model.requests import Operation
from ...model.specification import Specification
from ...reports.events import Event, Finding, FindingMade
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import RunStep
from ..diagnosis.defects import defect_id, former_id
from ..diagnosis.joining import joined
from ..diagnosis.sightings import Sightings
from ..execution.beliefs import Note, beliefs
from ..execution.play import Outcome
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from .build import build_finding
from .candidate_prediction import promising
from .minimize import minimised
from .shorter_candidates import shorter, watched, with_looks

MANY: Final = 100
"""Instances of one launch above which a scenario is slow."""
MOST_EXPERIMENTS: Final = 3
"""After so many searches that blamed another fault, a divergence in that situation is no longer looked into."""

CONFIRMED: Final = "confirmed"
UNCONFIRMED: Final = "unconfirmed"
INTERMITTENT: Final = "intermittent"
OBSERVED: Final = "observed"
"""The status of a finding from calls that nobody can play again."""

Notes = tuple[Note, ...]
"""What the oracle believed after each step of the play that showed a divergence."""


class Stop(Exception):
    """The run is over: its budget is spent, the user stopped it, or the target broke."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Collector:
    """The findings of a target so far; `observe` plays a scenario on it and counts what that costs.

    `observe` may raise `Stop`; what was found until then is kept. `over` says that no more should be played.
    """

    spec: Specification
    label: str
    observe: Callable[[Scenario], Outcome]
    over: Callable[[], bool]
    emit: Callable[[Event], None]
    unsupported: frozenset[Operation] = frozenset()
    """The operations with which nothing can be looked at."""
    only: frozenset[str] = frozenset()
    """Only divergences from these clauses are collected; empty: all."""
    unexplained: Counter[str] = field(default_factory=Counter[str])
    """How often a divergence came that had turned out to come of others, and was not looked into again."""
    _findings: dict[str, Finding] = field(default_factory=dict[str, Finding])
    _sightings: Sightings = field(default_factory=Sightings)
    _engine: Engine = field(init=False)
    """Used only for the beliefs of a finding, so that its memory stays separate."""
    _experiments: Counter[str] = field(default_factory=Counter[str])
    """How often a search blamed another fault, by the divergence and its situation."""
    _explained: dict[str, tuple[Scenario, int]] = field(default_factory=dict[str, tuple[Scenario, int]])
    """Where it was last blamed on another fault: of other instances at that step it has the same cause."""
    _sought: set[str] = field(default_factory=set[str])
    """The defects that are being searched for, so that two do not search for each other."""

    def __post_init__(self) -> None:
        self._engine = Engine(self.spec)

    @property
    def count(self) -> int:
        """How many defects were found, those included that others explain."""
        return len(self._findings)

    @property
    def findings(self) -> dict[str, Finding]:
        """The findings by id, each with all that was seen of it, without those that come of another."""
        told = (self._sightings.told(finding, name) for name, finding in self._findings.items())
        return {finding.id: finding for finding in joined(told)}

    def note(self, scenario: Scenario, divergence: Divergence, notes: Notes = ()) -> None:
        """Turn a new defect into a minimal finding, or record another sighting of a known one."""
        name = defect_id(divergence)
        if self.only and divergence.clause not in self.only:
            return
        if name in self._findings:
            self._sightings.note(divergence)
            return
        former = former_id(divergence)
        if name in self._sought or self._explained.get(former) == (scenario, divergence.step):
            return
        if self._experiments[former] >= MOST_EXPERIMENTS:
            self.unexplained[name] += 1
            return
        self._sought.add(name)
        try:
            self._seek(name, scenario, divergence, notes)
        finally:
            self._sought.remove(name)

    def _seek(self, name: str, scenario: Scenario, divergence: Divergence, notes: Notes) -> None:
        if is_slow(scenario):  # one of the corpus, made small by hand
            least = replace(scenario, steps=scenario.steps[: divergence.step + 1])
            self._found(least, (divergence,), name, notes[: len(least.steps)], CONFIRMED, minimal=True)
            return
        search = _Search(divergence, self.observe, self.over, self.unsupported)
        least: Scenario | None = None
        comes_of_another = minimal = False
        broke: Stop | None = None
        try:
            least = search.first(shorter(self.spec, scenario, divergence))
            comes_of_another = search.comes_of_another(self.spec, least)
            if least is not None and not comes_of_another:
                shown = search.shown[0]
                least = minimised(least, search.shows, shown.step, promising(self.spec, least.steps, shown))
                minimal = not self.over()
        except Stop as stop:
            broke = stop  # what was found is not lost
        if comes_of_another:
            former = former_id(divergence)
            self._experiments[former] += 1
            self._explained[former] = scenario, divergence.step
        else:
            if least is None:
                least = replace(scenario, steps=watched(self.spec, scenario.steps, divergence))
            told = search.notes if search.shown else notes
            self._found(least, (*search.shown, divergence), name, told, search.status, minimal=minimal)
        if broke is not None:
            raise broke
        self._note_all(search.others)

    def _found(
        self,
        scenario: Scenario,
        sightings: Sequence[Divergence],
        name: str,
        notes: Notes,
        status: str,
        *,
        minimal: bool,
    ) -> None:
        divergence = sightings[0]
        finding = build_finding(self.spec, self.label, scenario, divergence, name, minimal=minimal)
        finding = replace(finding, beliefs=beliefs(self._engine, notes, divergence.instance), status=status)
        self._findings[name] = finding
        for sighting in sightings:
            self._sightings.note(sighting)
        self.emit(FindingMade(self.label, self._sightings.told(finding, name)))

    def _note_all(self, others: "list[_Other]") -> None:
        for other in others:
            self.note(other.scenario, other.divergence, other.notes)


def causes(
    spec: Specification,
    observe: Callable[[Scenario], Outcome],
    scenario: Scenario,
    divergence: Divergence,
    unsupported: frozenset[Operation] = frozenset(),
) -> tuple[tuple[Scenario, Divergence], ...] | None:
    """Return the divergences that cause this one where every change is looked at; None if it stands for itself.

    Empty: the cause is only assumed. `observe` plays a scenario on the target, a few times.
    Nothing is looked at with the `unsupported` operations.
    """
    search = _Search(divergence, observe, lambda: False, unsupported)
    least = None if is_slow(scenario) else search.first(shorter(spec, scenario, divergence))
    if not search.comes_of_another(spec, least):
        return None
    return tuple((other.scenario, other.divergence) for other in search.others)


@dataclass(frozen=True, slots=True)
class _Other:
    """A divergence that a search came across."""

    scenario: Scenario
    divergence: Divergence
    notes: Notes


@dataclass(slots=True)
class _Search:
    """The search for the shortest scenario that shows one defect, and what else it came across."""

    sought: Divergence
    observe: Callable[[Scenario], Outcome]
    over: Callable[[], bool]
    unsupported: frozenset[Operation] = frozenset()
    name: str = field(init=False)
    shown: tuple[Divergence, ...] = ()
    """The divergence as the shortest scenario so far shows it."""
    notes: Notes = ()
    """What was believed while it did."""
    others: list[_Other] = field(default_factory=list[_Other])
    _played: int = 0
    _opened: frozenset[str] = frozenset()
    """What the last play left open."""
    _checked: bool = False
    """Whether it was seen that the divergence stands for itself."""

    def __post_init__(self) -> None:
        self.name = defect_id(self.sought)

    @property
    def status(self) -> str:
        """What the plays so far say of the defect."""
        if self.shown and self._checked:
            return CONFIRMED
        if self.shown:
            return UNCONFIRMED
        return INTERMITTENT if self._played and not self.over() else UNCONFIRMED

    def shows(self, candidate: Scenario) -> bool:
        """Play a scenario, and tell whether it shows the defect; none is played when the run should end."""
        if self.over():
            return False  # the least so far, or the scenario as it was found, is enough
        outcome = self._outcome(candidate)
        same = tuple(d for d in outcome.divergences if defect_id(d) == self.name)
        if same:
            self.shown, self.notes = same, outcome.notes
        return bool(same)

    def first(self, candidates: Iterable[Scenario]) -> Scenario | None:
        """Return the first of several scenarios that shows the defect; None where none does."""
        return next((candidate for candidate in candidates if self.shows(candidate)), None)

    def comes_of_another(self, spec: Specification, scenario: Scenario | None) -> bool:
        """Tell whether, where every change is looked at, something else turns out to be wrong instead of this.

        It may be something that is only assumed, of which no finding is made.
        """
        if scenario is None:  # the last that was played is the whole scenario, in which it showed before
            return not self.sought.about.isdisjoint(self._opened)
        shown = self.shown[0]
        steps = with_looks(
            spec,
            scenario.steps,
            self.unsupported,
            to_the_end=shown.never_rested,
            at_volumes=shown.is_about_devices,
        )
        self._checked = not self.over()
        if steps == scenario.steps or self.over():
            return False
        here = (other.divergence for other in self.others if other.scenario is scenario)
        known = {(defect_id(d), d.about) for d in here}
        before = list(self.others)
        self.others.clear()  # what goes wrong first is what counts
        blamed = shown.about
        outcome = self._outcome(replace(scenario, steps=steps))
        new = [d for d in outcome.divergences if (defect_id(d), d.about) not in known]
        vanished = not outcome.cut_short and all(defect_id(d) != self.name for d in outcome.divergences)
        # A look that is answered wrongly says nothing of what it looks at.
        blind = any(d.operation is Operation.DESCRIBE_ATTRIBUTE and d.instance == shown.instance for d in new)
        if vanished and not blind and (new or not blamed.isdisjoint(outcome.opened)):
            return True
        self.others[:0] = before
        return False

    def _outcome(self, scenario: Scenario) -> Outcome:
        outcome = self.observe(scenario)
        self._played += outcome.skipped is None
        self._opened = outcome.opened
        others = (d for d in outcome.divergences if defect_id(d) != self.name)
        self.others.extend(_Other(scenario, d, outcome.notes) for d in others)
        return outcome


def is_slow(scenario: Scenario) -> bool:
    """Tell whether a scenario launches so many instances at once that running it takes seconds."""
    return any(isinstance(step, RunStep) and step.count > MANY for step in scenario.steps)
