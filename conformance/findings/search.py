"""Looks into a divergence: finds the shortest scenario that still shows the defect, or what causes it.

This part needs the target. It runs in the lane of a run, and knows nothing of the other findings.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from ...model.requests import Operation
from ...model.specification import Specification
from ...reports.events import CONFIRMED, Finding
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import RunStep, Step
from ..diagnosis.defects import defect_id
from ..diagnosis.deviations import Deviation, deviation_of
from ..diagnosis.harm import is_milder
from ..execution.beliefs import Note, beliefs
from ..execution.play import Outcome
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from .build import build_finding
from .candidate_prediction import promising
from .minimize import minimised
from .shorter_candidates import shorter, watched, with_few_looks, with_looks

MANY: Final = 100
"""Instances of one launch above which a scenario is slow."""

UNCONFIRMED: Final = "unconfirmed"
INTERMITTENT: Final = "intermittent"
OBSERVED: Final = "observed"
"""The status of a finding from calls that nobody can play again."""

_LEAVE_NO_DOUBT: Final = (
    Deviation.FIELD,
    Deviation.UNREADABLE,
    Deviation.MESSAGE,
    Deviation.CODE,
    Deviation.STATUS,
)
"""Deviations after which it is as clear as before what state everything is in."""

Notes = tuple[Note, ...]
"""What the oracle believed after each step of the play that showed a divergence."""


Known: TypeAlias = frozenset[tuple[str, frozenset[str]]]
"""The divergences of a play: the id of each, and what it is about."""
ObserveUntil: TypeAlias = Callable[[Scenario, frozenset[str]], Outcome]
"""Plays a scenario on the target until it has shown all the defects with these ids."""


class Stop(Exception):
    """The run is over: its budget is spent, the user stopped it, or the target broke."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Sighting:
    """A divergence, and the play that showed it."""

    scenario: Scenario
    divergence: Divergence
    notes: Notes = ()
    seen_at: int | None = None
    """The step after which it was seen; None where nobody asks."""
    beside: tuple[Divergence, ...] = ()
    """Everything that the play showed; empty where nobody asks."""
    stands_first: bool = True
    """Whether nothing that the play showed before it can be its cause.

    A cause leaves the same instance or volume in doubt, as a wrong state does; a wrong text does not.
    """

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the scenario until it was seen."""
        seen_at = len(self.scenario.steps) if self.seen_at is None else self.seen_at
        return self.scenario.steps[: seen_at + 1]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The result of looking into a divergence; `finding` is None if it comes of another defect."""

    finding: Finding | None
    divergences: tuple[Divergence, ...] = ()
    """The divergence as the shortest scenario shows it, and as it was first seen."""
    others: tuple[Sighting, ...] = ()
    """What else the plays showed."""


@dataclass(slots=True)
class Inquirer:
    """Looks into divergences on one target; `observe` plays a scenario on it.

    `observe` may raise `Stop`; what was found until then is kept. `over` says that no more should be played.
    """

    spec: Specification
    label: str
    observe: Callable[[Scenario], Outcome]
    over: Callable[[], bool]
    unsupported: frozenset[Operation] = frozenset()
    """The operations with which nothing can be looked at."""
    _engine: Engine = field(init=False)
    """Used only for the beliefs of a finding, so that its memory stays separate."""

    def __post_init__(self) -> None:
        self._engine = Engine(self.spec)

    def look_into(self, seen: Sighting) -> Inquiry:
        """Look for the shortest scenario that shows a divergence, unless something else turns out to cause it."""
        scenario, divergence = seen.scenario, seen.divergence
        if is_slow(scenario):  # one of the corpus, made small by hand
            least = replace(scenario, steps=scenario.steps[: divergence.step + 1])
            notes = seen.notes[: len(least.steps)]
            return Inquiry(self._finding(least, divergence, notes, CONFIRMED, minimal=True), (divergence,))
        search = _Search(divergence, self.observe, self.over, self.unsupported)
        least: Scenario | None = None
        comes_of_another = minimal = stopped = False
        try:
            least = search.first(shorter(self.spec, scenario, divergence))
            comes_of_another = search.comes_of_another(self.spec, least)
            if least is not None and not comes_of_another:
                shown = search.shown[0]
                least = minimised(least, search.shows, shown.step, promising(self.spec, least.steps, shown))
                minimal = not self.over()
        except Stop:
            stopped = True  # what was found is not lost
        others = () if stopped else tuple(search.others)
        if comes_of_another:
            return Inquiry(None, others=others)
        if least is None:
            least = replace(scenario, steps=watched(self.spec, scenario.steps, divergence))
        notes = search.notes if search.shown else seen.notes
        divergences = (*search.shown, divergence)
        return Inquiry(self._finding(least, divergences[0], notes, search.status, minimal=minimal), divergences, others)

    def confirm(self, seen: Sequence[Sighting], observe: ObserveUntil) -> tuple[Inquiry, ...]:
        """Look into divergences that one play showed, by one more play that looks at what each change did.

        What it does not show is played once more as it was. No shorter scenario is looked for.
        `observe` plays a scenario until it has shown all the defects with some ids.
        """
        whole, beside = seen[0].scenario, seen[0].beside
        names = frozenset(defect_id(each.divergence) for each in seen)
        steps = max((each.steps for each in seen), key=len)
        if not Scenario("", (), steps).mentions_volumes:
            steps = whole.steps  # a later step may name volumes, and only then are they watched
        with_all = with_few_looks(steps, self.unsupported)
        known = frozenset((defect_id(d), d.about) for d in beside)
        plays: list[Outcome] = []
        with suppress(Stop):  # what was seen is not lost
            plays.append(observe(replace(whole, steps=with_all), names))
            blamed = (d for each in seen if _comes_of_another(d := each.divergence, plays[0], known))
            missing = names - _confirmed_by(plays[0], seen) - {*map(defect_id, blamed)}
            if with_all != steps and missing and not self.over():
                plays.append(observe(replace(whole, steps=steps), missing))
        others = tuple(
            sighting for play in plays for sighting in sightings(play) if defect_id(sighting.divergence) not in names
        )
        inquiries = [self._confirmed(each, plays, known) for each in seen]
        return (*inquiries[:-1], replace(inquiries[-1], others=others))

    def _confirmed(self, seen: Sighting, plays: Sequence[Outcome], known: Known) -> Inquiry:
        """Return what further plays of its scenario say of a divergence; the first looked at all settings."""
        name, divergence = defect_id(seen.divergence), seen.divergence
        if plays and _comes_of_another(divergence, plays[0], known):
            return Inquiry(None)
        if any(name in _confirmed_by(play, (seen,)) for play in plays):
            status = CONFIRMED
        else:
            status = INTERMITTENT if plays and not any(play.cut_short for play in plays) else UNCONFIRMED
        least = replace(seen.scenario, steps=watched(self.spec, seen.steps, divergence))
        notes = seen.notes[: len(least.steps)]
        return Inquiry(self._finding(least, divergence, notes, status, minimal=False), (divergence,))

    def _finding(
        self, scenario: Scenario, divergence: Divergence, notes: Notes, status: str, *, minimal: bool
    ) -> Finding:
        finding = build_finding(self.spec, self.label, scenario, divergence, defect_id(divergence), minimal=minimal)
        return replace(finding, beliefs=beliefs(self._engine, notes, divergence.instance), status=status)


def causes(
    spec: Specification,
    observe: Callable[[Scenario], Outcome],
    scenario: Scenario,
    divergence: Divergence,
    unsupported: frozenset[Operation] = frozenset(),
) -> tuple[tuple[Scenario, Divergence], ...] | None:
    """Read the state after every change, and return the divergences that cause this one; None if it has no other cause.

    Empty: the cause is only assumed. `observe` plays a scenario on the target, a few times.
    Nothing is looked at with the `unsupported` operations.
    """
    search = _Search(divergence, observe, lambda: False, unsupported)
    least = None if is_slow(scenario) else search.first(shorter(spec, scenario, divergence))
    if not search.comes_of_another(spec, least):
        return None
    return tuple((other.scenario, other.divergence) for other in search.others)


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
    others: list[Sighting] = field(default_factory=list[Sighting])
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
        same = tuple(d for d in outcome.divergences if _is_sought(d, self.sought))
        if same:
            self.shown, self.notes = same, outcome.notes
        return bool(same)

    def first(self, candidates: Iterable[Scenario]) -> Scenario | None:
        """Return the first of several scenarios that shows the defect; None where none does."""
        return next((candidate for candidate in candidates if self.shows(candidate)), None)

    def comes_of_another(self, spec: Specification, scenario: Scenario | None) -> bool:
        """Tell whether, where every change is looked at, something else turns out to be wrong instead of this.

        It may break a clause that is only assumed. That makes no finding.
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
        absent = all(defect_id(d) != self.name for d in outcome.divergences)
        vanished = absent and not outcome.cut_short
        self._checked = not (absent and outcome.cut_short)  # the calls ended before the step that it blames
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
        self.others.extend(Sighting(scenario, d, outcome.notes) for d in others)
        return outcome


def sightings(outcome: Outcome) -> tuple[Sighting, ...]:
    """Return what a play showed, with all that `Inquirer.confirm` needs to know."""
    together = outcome.divergences
    seen: list[Sighting] = []
    in_doubt: defaultdict[str, set[str]] = defaultdict(set)  # by name, the defects that left it so
    for each, seen_at in zip(together, outcome.seen_at, strict=True):
        own = {defect_id(each)}
        first = all(in_doubt[name] <= own for name in each.about)
        seen.append(Sighting(outcome.scenario, each, outcome.notes, seen_at, together, first))
        if deviation_of(each) not in _LEAVE_NO_DOUBT:
            for name in each.about:
                in_doubt[name] |= own
    return tuple(seen)


def _comes_of_another(divergence: Divergence, looked: Outcome, known: Known) -> bool:
    """Tell whether a divergence vanished in a play with looks, where something else turned out to be wrong."""
    if looked.cut_short or defect_id(divergence) in _shown(looked):
        return False
    is_new = any((defect_id(d), d.about) not in known for d in looked.divergences)
    return is_new or not divergence.about.isdisjoint(looked.opened)


def _shown(outcome: Outcome) -> frozenset[str]:
    """Return the ids of the defects that a play showed."""
    return frozenset(map(defect_id, outcome.divergences))


def _is_sought(shown: Divergence, sought: Divergence) -> bool:
    """Tell whether a divergence shows a defect that is sought, with harm that is as bad."""
    return defect_id(shown) == defect_id(sought) and not is_milder(shown, sought)


def _confirmed_by(play: Outcome, seen: Iterable[Sighting]) -> frozenset[str]:
    """Return the ids of the defects that were seen, and that a further play shows as well."""
    sought = [each.divergence for each in seen]
    return frozenset(defect_id(one) for one in sought if any(_is_sought(d, one) for d in play.divergences))


def is_slow(scenario: Scenario) -> bool:
    """Tell whether a scenario launches so many instances at once that running it takes seconds."""
    return any(isinstance(step, RunStep) and step.count > MANY for step in scenario.steps)
