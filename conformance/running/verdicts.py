"""How each clause fared on a target."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ...model.clauses import EvidenceClass
from ...model.requests import Operation
from ...model.specification import Specification
from ...reports.events import ClauseResult, Finding, Verdict
from ...strategies.building.racy_scenarios import is_racy
from ..execution.play import Outcome, passed_over_text
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
"""The operation without which nothing of a topic can be seen."""

_NOTHING: Final = "nothing in this run could have broken it"
_TOO_QUICK: Final = "no reply showed an instance on its way, and it is about those"


@dataclass(slots=True)
class Tally:
    """What the scenarios so far have shown of each clause."""

    spec: Specification
    unsupported: frozenset[Operation] = frozenset()
    checks: Counter[str] = field(default_factory=Counter[str])
    played: set[str] = field(default_factory=set[str])
    """The clauses of the corpus' scenarios that had their turn, whether or not the target could play them."""
    always_refused: Mapping[Operation, str] = field(default_factory=dict[Operation, str])
    """The codes of those among them that say each time that they cannot answer just now."""
    passed_over: Counter[Excused] = field(default_factory=Counter[Excused])
    """How often each refusal came that was not judged."""
    _skipped: dict[str, Counter[str]] = field(default_factory=dict[str, "Counter[str]"])
    """Why scenarios of a clause could not be played, and how many of them."""
    _whole: set[str] = field(default_factory=set[str])
    """The clauses of scenarios that were played to their end."""
    _late: set[str] = field(default_factory=set[str])
    """The clauses of racy scenarios for which the target was too quick."""

    def add(self, outcome: Outcome) -> None:
        """Take in a scenario that was played, or could not be.

        A racy one says nothing of its clauses where the target was too quick to be met on its way.
        """
        self.passed_over.update(outcome.passed_over)
        late = not outcome.saw_transitional and is_racy(outcome.scenario.steps, self.spec)
        for clause, checks in outcome.checks.items():
            if late and clause in outcome.scenario.clauses:
                self._late.add(clause)
            else:
                self.checks[clause] += checks
        if outcome.skipped is None:
            self._whole.update(outcome.scenario.clauses)
            return
        for clause in outcome.scenario.clauses:
            self._skipped.setdefault(clause, Counter())[outcome.skipped] += 1

    def results(self, findings: Iterable[Finding], only: Collection[str] = ()) -> dict[str, ClauseResult]:
        """Return how each clause fared, in the order of the ledger."""
        violated = {finding.clause for finding in findings}
        return {
            clause: self._result(clause, clause in violated)
            for clause in self.spec.clauses
            if not only or clause in only
        }

    def _result(self, clause: str, violated: bool) -> ClauseResult:  # noqa: FBT001
        grade = self.spec.clauses[clause].evidence_class
        checks = self.checks[clause]
        if violated:
            return ClauseResult(Verdict.VIOLATED, grade.value, max(checks, 1))
        needed = NEEDS.get(self.spec.clauses[clause].topic)
        if needed is not None and needed in self.unsupported:
            return ClauseResult(Verdict.UNSUPPORTED, grade.value, 0, self._why_unsupported(needed))
        if grade is EvidenceClass.ASSUMED:
            return ClauseResult(Verdict.NOT_EXERCISED, grade.value, 0, "only assumed, so it is not judged")
        if checks:
            return ClauseResult(Verdict.HELD, grade.value, checks)
        return ClauseResult(Verdict.NOT_EXERCISED, grade.value, 0, self._why_not(clause))

    def _why_unsupported(self, operation: Operation) -> str:
        if operation in self.always_refused:
            return f"the target answers every {operation.value} with {self.always_refused[operation]}"
        return f"the target does not implement {operation.value}"

    def _why_not(self, clause: str) -> str:
        """Say why nothing that breaks a clause would have been caught."""
        if clause not in self.played:
            return "no scenario of it had its turn in this run"
        left_out = next((reason for reason, _ in self._skipped.get(clause, Counter()).most_common(1)), None)
        if left_out is not None and clause not in self._whole:
            return left_out
        played = self._passed_over(clause) or (_TOO_QUICK if clause in self._late else _NOTHING)
        return played if left_out is None else f"{played} (left out: {left_out})"

    def _passed_over(self, clause: str) -> str | None:
        """Return which refusal of the operation that a clause needs most often came without being judged, if any."""
        needed = NEEDS.get(self.spec.clauses[clause].topic)
        refused = Counter({excused: n for excused, n in self.passed_over.items() if excused.operation is needed})
        return next((passed_over_text(excused) for excused, _ in refused.most_common(1)), None)
