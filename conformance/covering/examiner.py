"""Examines mutants and planted faults: which candidates kill them, or why none does."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ...model.proof.difference import compare
from ...model.requests import Operation
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
from .goals import Goal, Sort
from .kills import Kill, KillFinder, broken_by, differs_alone
from .layered_cover import Steps
from .possibilities import called_by
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
        self._played: dict[Steps, frozenset[Hashable]] = {}

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

    def reached(self, task: tuple[Goal, tuple[tuple[Steps, Adversary], ...]]) -> tuple[str | None, ...]:
        """Return, for each way to play a mutant or a fault, the clause that it breaks, or None if it survives.

        It stops when enough ways are known, and returns None for the rest.
        """
        goal, ways = task
        broken = self._fault_by if goal.sort is Sort.FAULT else self._mutant_by
        found: list[str | None] = []
        for clause in broken(goal.number, ways):
            found.append(clause)
            if sum(one is not None for one in found) >= _SOME:
                break
        return (*found, *[None] * (len(ways) - len(found)))

    def _fault_by(self, number: int, ways: Iterable[tuple[Steps, Adversary]]) -> Iterator[str | None]:
        yield from (self._fault_in(number, steps) for steps, _ in ways)

    def _mutant_by(self, number: int, ways: Iterable[tuple[Steps, Adversary]]) -> Iterator[str | None]:
        mutant = self.mutants[number]
        changed = mutant.specification()
        for steps, playing in ways:
            matters = self._matters(mutant, changed, steps, playing)
            yield broken_by(changed, self.kill_finder.engine, _whole(steps), playing) if matters else None

    def _matters(self, mutant: Mutant, changed: Specification, steps: Steps, playing: Adversary) -> bool:
        """Tell whether a mutant that is played so may answer some of the requests differently."""
        if differs_alone(self.spec, changed) or changed.shapes != self.spec.shapes:
            return True
        relevance = self.kill_finder.relevance
        operations = relevance.operations(changed)
        if not any(step.operation in operations for step in Scenario("", (), steps).requests):
            return False
        rule = relevance.rule_of(mutant)
        return playing != PLAINEST or rule is None or rule in self._rules_played(steps)

    def _rules_played(self, steps: Steps) -> frozenset[Hashable]:
        """Return the rules that are evaluated while the specification itself is played."""
        if steps not in self._played:
            self._played[steps] = called_by(lambda: self._conforming(steps))
        return self._played[steps]

    def _conforming(self, steps: Steps) -> object:
        target = model_target(self.spec, PLAINEST.behaviour())
        return Runner(target, self.kill_finder.engine).run(Scenario("", (), steps))

    def fault_found_among(self, task: tuple[int, tuple[int, ...]]) -> tuple[Kill, ...]:
        """Return the first of some candidates that find a fault, and the clause that it breaks there."""
        number, pool = task
        kills: list[Kill] = []
        for candidate in pool:
            steps = self.candidates[candidate].steps
            clause = self._fault_in(number, steps)
            if clause is not None:
                kills.append(Kill(steps, PLAINEST, clause))
            if len(kills) >= _SOME:
                break
        return tuple(kills)

    def _fault_in(self, number: int, steps: Steps) -> str | None:
        scenario = Scenario("", (), steps)
        operations = self.faults[number].ec2.operations
        if operations is not None and operations.isdisjoint(_asked(scenario)):
            return None
        outcome = Runner(self.faults[number].target(), self.kill_finder.engine).run(scenario)
        return outcome.divergences[0].clause if outcome.divergences else None

    def exercised(self, steps: Steps) -> frozenset[str]:
        """Return the clauses that steps test on a plain target, or on a slow one if the steps are racy."""
        playing = Adversary(slow=Needs.TRANSITIONS in needs_of(steps))
        outcome = Runner(model_target(self.spec, playing.behaviour()), self.kill_finder.engine).run(
            Scenario("", (), steps)
        )
        return frozenset(clause for clause, checks in outcome.checks.items() if checks)


_SOME: Final = 3
"""Ways to reach a goal that are enough to choose from."""


def _asked(scenario: Scenario) -> frozenset[Operation]:
    """Return the operations that a play of a scenario calls, settles included."""
    asked = {step.operation for step in scenario.requests} | {Operation.DESCRIBE}
    return frozenset(asked | {Operation.DESCRIBE_VOLUMES} if scenario.mentions_volumes else asked)


def _whole(steps: Steps) -> Candidate:
    """Return a candidate of just these steps."""
    return Candidate(ReachedWorld(steps))
