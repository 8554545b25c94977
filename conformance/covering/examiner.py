"""Examines mutants and planted faults: which candidates kill them, or why none does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ...model.proof.difference import compare
from ...model.specification import Specification
from ...strategies.covering.candidates import Candidate, candidates
from ...strategies.covering.derivation_scopes import SCOPES, Scope
from ...strategies.covering.layers import Needs, in_order, needs_of
from ...strategies.covering.reached_world import ReachedWorld
from ...strategies.scenario.scenario import Scenario
from ..execution.runner import Runner
from ..planted_faults.catalogue import EVERY
from ..planted_faults.fault import Fault
from ..targets.model import model_target
from .adversaries import PLAINEST, Adversary
from .kills import Kill, KillFinder, broken_by, differs_alone
from .layered_cover import Steps
from .suite import Kind, Verdict
from .worker_pool import Mutant


@dataclass(frozen=True, slots=True)
class Examined:
    """The result for one mutant before the suite is chosen: a verdict, or the kills to choose from."""

    mutant: str
    verdict: Verdict | None
    kills: tuple[Kill, ...] = ()

    @property
    def layer(self) -> Needs:
        """The first layer in which it is known to be killed."""
        return in_order(needs_of(kill.steps) for kill in self.kills)[0]


class Examiner:
    """The worker of a process: examines mutants and planted faults one by one."""

    def __init__(
        self,
        spec: Specification,
        mutants: Sequence[Mutant],
        scopes: Sequence[Scope] = SCOPES,
        faults: Sequence[Fault] = EVERY,
    ) -> None:
        self.spec = spec
        self.mutants = mutants
        self.faults = faults
        self.candidates = candidates(spec, scopes)
        self.kill_finder = KillFinder(spec, self.candidates)

    def examine(self, number: int) -> Examined:
        """Return the verdict on a mutant, or its kills."""
        mutant = self.mutants[number]
        changed = mutant.specification()
        if changed == self.spec:
            return Examined(mutant.id, Verdict(mutant.id, Kind.EQUIVALENT, "nothing in the specification reads it"))
        search = self.kill_finder.find_kills(changed, mutant)
        if search.kills:
            return Examined(mutant.id, None, search.kills)
        if search.assumed is not None:
            verdict = Verdict(mutant.id, Kind.ASSUMED, search.assumed)
        elif search.extra:
            verdict = Verdict(mutant.id, Kind.OPEN, f"it may differ in such a scenario as: {search.extra}")
        elif search.beyond:
            verdict = Verdict(mutant.id, Kind.UNREACHABLE, "it differs after what no caller can bring about")
        elif not search.fewer and next(compare(self.spec, changed), None) is None:
            verdict = Verdict(mutant.id, Kind.EQUIVALENT, "proved: the same in all worlds, for all requests")
        else:
            less = "it permits less" if search.fewer else "it permits the same"
            verdict = Verdict(mutant.id, Kind.TIGHTER, f"{less} in every scope")
        return Examined(mutant.id, verdict)

    def kills_among(self, task: tuple[int, tuple[int, ...]]) -> tuple[tuple[int, Kill], ...]:
        """Return the candidates that kill a mutant."""
        number, pool = task
        mutant = self.mutants[number]
        return tuple(self.kill_finder.killing(mutant.specification(), mutant, pool))

    def survives(self, task: tuple[int, tuple[tuple[Steps, Adversary], ...]]) -> tuple[str | None, ...]:
        """Return, for each way to play a mutant, the clause that it breaks, or None if it survives."""
        number, ways = task
        changed = self.mutants[number].specification()
        return tuple(broken_by(changed, self.kill_finder.engine, _whole(steps), playing) for steps, playing in ways)

    def killed_first_by(self, task: tuple[int, tuple[tuple[Steps, Adversary], ...]]) -> tuple[int, str] | None:
        """Return the number of the first way to play a mutant that kills it, and the clause that it breaks there."""
        number, ways = task
        changed = self.mutants[number].specification()
        for way, (steps, playing) in enumerate(ways):
            if not self._matters(changed, steps):
                continue
            clause = broken_by(changed, self.kill_finder.engine, _whole(steps), playing)
            if clause is not None:
                return way, clause
        return None

    def _matters(self, changed: Specification, steps: Steps) -> bool:
        """Tell whether a mutant may answer some of the requests differently."""
        alone = differs_alone(self.spec, changed) or changed.shapes != self.spec.shapes
        operations = self.kill_finder.relevance.operations(changed)
        return alone or any(step.operation in operations for step in Scenario("", (), steps).requests)

    def fault_found_first_by(self, task: tuple[int, tuple[Steps, ...]]) -> tuple[int, str] | None:
        """Return the number of the first of some scenarios that finds a fault, and the clause that it breaks there."""
        number, scenarios = task
        for at, steps in enumerate(scenarios):
            clause = self._fault_in(number, steps)
            if clause is not None:
                return at, clause
        return None

    def fault_found_in_scopes(self, number: int) -> Kill | None:
        """Return the first of the candidates that finds a fault; only some of them are tried, from every scope."""
        tried = [candidate for candidate in self.candidates if not candidate.large]
        for candidate in tried[:: max(1, len(tried) // _TRIED_FOR_A_FAULT)]:
            clause = self._fault_in(number, candidate.steps)
            if clause is not None:
                return Kill(candidate.steps, PLAINEST, clause)
        return None

    def _fault_in(self, number: int, steps: Steps) -> str | None:
        outcome = Runner(self.faults[number].target(), self.kill_finder.engine).run(Scenario("", (), steps))
        return outcome.divergences[0].clause if outcome.divergences else None

    def exercised(self, steps: Steps) -> frozenset[str]:
        """Return the clauses that steps put to the test on a plain target; on a slow one, where they are racy."""
        playing = Adversary(slow=Needs.TRANSITIONS in needs_of(steps))
        outcome = Runner(model_target(self.spec, playing.behaviour()), self.kill_finder.engine).run(
            Scenario("", (), steps)
        )
        return frozenset(clause for clause, checks in outcome.checks.items() if checks)


_TRIED_FOR_A_FAULT: Final = 500
"""Candidates of the scopes that are tried for a fault which the suite does not find."""


def _whole(steps: Steps) -> Candidate:
    """Return a candidate of just these steps."""
    return Candidate(ReachedWorld(steps))
