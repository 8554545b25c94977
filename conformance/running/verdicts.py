"""The verdict of each clause on a target."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ...model.clauses import EvidenceClass
from ...model.requests import Operation
from ...model.specification import Specification
from ...reports.events import ClauseResult, Finding, Verdict
from ...reports.safe_text import count
from ...strategies.building.racy_scenarios import is_racy
from ...strategies.scenario.steps import WaitStep
from ..diagnosis.catalogue import is_masked
from ..execution.play import Outcome, excused_text
from ..findings.search import sightings
from ..oracle.excuses import Excused

NEEDS: Final[Mapping[str, Operation]] = {
    "STOP": Operation.STOP,
    "START": Operation.START,
    "REBOOT": Operation.REBOOT,
    "TERM": Operation.TERMINATE,
    "PROT": Operation.MODIFY,
    "DESC": Operation.DESCRIBE,
    "SHAPE": Operation.DESCRIBE,
}
"""The operation without which a topic cannot be observed."""

_OF_TIME: Final = frozenset({"VIS-1", "START-11"})
"""The clauses that can be judged only after some seconds.

A slow machine lets them pass by accident, so only scenarios that wait count. Else the verdict depended on its speed.
"""
_MOST_EXCUSED: Final = 5
"""The most kinds of refusals that were not judged and that a summary names."""
_NOT_CHOSEN: Final = "no scenario that this run chose is about it"
_ENDED: Final[Mapping[str, str]] = {
    "calls": "the calls of the run were used up",
    "time": "the time of the run was used up",
    "sandbox": "a limit of the sandbox file was reached",
    "interrupted": "the run was interrupted",
    "broken": "the target broke",
}
"""Why a run ended before everything was played."""
_NO_RELEVANT_CHECK: Final = "nothing in this run could have broken it"
_MASKED: Final = "what the target does otherwise leaves open whether it keeps this promise"
_NO_TRANSITIONAL_STATE: Final = "no reply showed an instance on its way, and it is about those"


@dataclass(slots=True)
class Tally:
    """What the scenarios so far have shown about each clause."""

    spec: Specification
    unsupported: frozenset[Operation] = frozenset()
    checks: Counter[str] = field(default_factory=Counter[str])
    withheld: Counter[str] = field(default_factory=Counter[str])
    """The judgements that count for no clause, since a divergence had left open what a breach would show."""
    chosen: Counter[str] = field(default_factory=Counter[str])
    """How many of the scenarios that the run is to play are about each clause."""
    played: Counter[str] = field(default_factory=Counter[str])
    """How many of them were tried, whether or not the target could play them."""
    ended: str = ""
    """Why the run ended before everything was played, as in `TargetFinished.stopped`; empty if it did not."""
    always_refused: Mapping[Operation, str] = field(default_factory=dict[Operation, str])
    """The operations whose every reply said that the target cannot answer now, each with the error code."""
    excusals: Counter[Excused] = field(default_factory=Counter[Excused])
    """How often each excused refusal came."""
    _skipped: dict[str, Counter[str]] = field(default_factory=dict[str, "Counter[str]"])
    """Why scenarios of a clause were skipped, and how many."""
    _completed: set[str] = field(default_factory=set[str])
    """The clauses of scenarios that were played to their end."""
    _diverged: frozenset[str] = frozenset()
    _too_quick: set[str] = field(default_factory=set[str])
    """The clauses of racy scenarios for which the target was too quick."""

    def add(self, outcome: Outcome) -> None:
        """Add the outcome of a scenario.

        A racy scenario says nothing about its clauses if no reply showed a transitional state,
        and one without a wait says nothing about clauses that need some seconds.
        """
        self.excusals.update(outcome.excusals)
        self.withheld.update(outcome.withheld)
        self._diverged |= {seen.divergence.clause for seen in sightings(outcome) if seen.stands_first}
        too_quick = not outcome.saw_transitional and is_racy(outcome.scenario.steps, self.spec)
        waits = any(isinstance(step, WaitStep) for step in outcome.scenario.steps)
        for clause, checks in outcome.checks.items():
            if too_quick and clause in outcome.scenario.clauses:
                self._too_quick.add(clause)
            elif waits or clause not in _OF_TIME:
                self.checks[clause] += checks
        if outcome.skipped is None:
            self._completed.update(outcome.scenario.clauses)
            return
        for clause in outcome.scenario.clauses:
            self._skipped.setdefault(clause, Counter())[outcome.skipped] += 1

    @property
    def tested(self) -> frozenset[str]:
        """The clauses that some reply broke, or could have broken."""
        return self._diverged | {clause for clause, checks in self.checks.items() if checks}

    def results(self, findings: Iterable[Finding], only: Collection[str] = ()) -> dict[str, ClauseResult]:
        """Return the result of each clause, in the order of the specification."""
        found = tuple(findings)
        violated = {clause for finding in found for clause in (finding.clause, *finding.clauses)}
        return {
            clause: self._result(clause, clause in violated, found)
            for clause in self.spec.clauses
            if not only or clause in only
        }

    def excused_note(self) -> tuple[str, ...]:
        """Return one sentence that counts the refusals that were not judged; none if there were none."""
        if not self.excusals:
            return ()
        most = [f"{one.operation.value} {one.code} ({n:,})" for one, n in self.excusals.most_common(_MOST_EXCUSED)]
        more = len(self.excusals) - len(most)
        listed = ", ".join(most) + (f", and {more:,} more kinds" if more else "")
        return (f"{count(self.excusals.total(), 'refusal')} not judged, because EC2 may refuse so too: {listed}",)

    def _result(self, clause: str, violated: bool, findings: Sequence[Finding]) -> ClauseResult:  # noqa: FBT001
        grade = self.spec.clauses[clause].evidence_class
        checks = self.checks[clause]
        if violated:
            return ClauseResult(Verdict.VIOLATED, grade.value, max(checks, 1))
        needed = NEEDS.get(self.spec.clauses[clause].topic)
        if needed is not None and needed in self.unsupported:
            return ClauseResult(Verdict.UNSUPPORTED, grade.value, 0, self._why_unsupported(needed))
        if grade is EvidenceClass.ASSUMED:
            return ClauseResult(Verdict.NOT_EXERCISED, grade.value, 0, "only assumed, so it is not judged")
        masking = tuple(finding.id for finding in findings if is_masked(clause, finding))
        if masking or (not checks and self.withheld[clause]):
            return ClauseResult(Verdict.MASKED, grade.value, 0, _MASKED, masking)
        if checks:
            return ClauseResult(Verdict.HELD, grade.value, checks)
        return ClauseResult(Verdict.NOT_EXERCISED, grade.value, 0, self._why_not(clause))

    def _why_unsupported(self, operation: Operation) -> str:
        if operation in self.always_refused:
            return f"the target answers every {operation.value} with {self.always_refused[operation]}"
        return f"the target does not implement {operation.value}"

    def _why_not(self, clause: str) -> str:
        """Say why no breach of a clause could have been caught."""
        if not self.chosen[clause] and not self.played[clause]:
            return _NOT_CHOSEN
        unplayed = self.chosen[clause] - self.played[clause]
        ended = _ENDED.get(self.ended, "the run ended")
        if not self.played[clause]:
            return f"{ended} before any scenario of it was played"
        later = f"; {ended} before {unplayed} more of its scenarios" if unplayed > 0 else ""
        left_out = next((reason for reason, _ in self._skipped.get(clause, Counter()).most_common(1)), None)
        if left_out is not None and clause not in self._completed:
            return left_out + later
        played = self._excusal(clause) or (_NO_TRANSITIONAL_STATE if clause in self._too_quick else _NO_RELEVANT_CHECK)
        return (played if left_out is None else f"{played} (left out: {left_out})") + later

    def _excusal(self, clause: str) -> str | None:
        """Return the most frequent excused refusal of the operation that a clause needs, if any."""
        needed = NEEDS.get(self.spec.clauses[clause].topic)
        refused = Counter({excused: n for excused, n in self.excusals.items() if excused.operation is needed})
        return next((excused_text(excused) for excused, _ in refused.most_common(1)), None)
