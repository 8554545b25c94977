"""Plays each scenario once per process on the suite's target, and turns the outcomes into test results."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import TypeAlias

import pytest

from ....model.clauses import EvidenceClass
from ....model.specification import EC2
from ....reports.events import ClauseResult, Verdict
from ....strategies.files.format import load_scenario
from ....strategies.scenario.scenario import Scenario
from ...adapter.target import Target
from ...diagnosis.defects import defect_id, former_id
from ...execution.play import Outcome
from ...execution.runner import MAX_BROKEN_IN_A_ROW, Runner
from ...execution.smoke import broken, smoke, unsupported
from ...findings.build import build_finding, finding_text, replay_command
from ...findings.collector import causes
from ...findings.waivers import FindingIds, Waiver, match_waivers, waived_ids
from ...oracle.divergence import Divergence
from ...oracle.engine import Engine
from ...running.verdicts import Tally
from ..options import Options
from .corpus import folder, sources
from .suite_report import BROKEN, FINDING, FORMER, SOURCE, UNWAIVED, VERSION

FoundDivergence: TypeAlias = tuple[Scenario, Divergence, str]
"""A scenario, a divergence that it showed, and the command that replays it."""


@cache
def scenario(source: str) -> Scenario:
    """Return a scenario of the corpus."""
    return load_scenario(folder() / source, EC2.clauses)


def sources_about(clause: str) -> list[str]:
    """Return the scenarios of the corpus that name a clause."""
    return [source for source in sources() if clause in scenario(source).clauses]


@dataclass(slots=True)
class SuiteSession:
    """The target of this process, and the outcome of each scenario so far."""

    options: Options
    target: Target
    session: pytest.Session
    gave_up: str = ""
    """Why the session plays nothing more; empty while it does."""
    runner: Runner = field(init=False)
    _outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    _causes: dict[tuple[str, str], tuple[FoundDivergence, ...]] = field(
        default_factory=dict[tuple[str, str], tuple[FoundDivergence, ...]]
    )
    """The divergences that cause another one, by its id and the scenario's title."""
    _independent: set[str] = field(default_factory=set[str])
    """The ids of divergences that no other one caused in some scenario, and that are findings as in a `run`."""
    _broken_in_a_row: int = 0

    def __post_init__(self) -> None:
        engine = Engine(EC2)
        answers = smoke(self.target, engine)
        self.runner = Runner(self.target, engine, unsupported=unsupported(answers), broken=broken(answers))

    def outcome(self, source: str) -> Outcome:
        """Return the outcome of a corpus scenario; plays it on the first call."""
        if source not in self._outcomes:
            self._outcomes[source] = self.play(scenario(source))
        return self._outcomes[source]

    def play(self, played: Scenario) -> Outcome:
        """Play any scenario; a target that repeatedly gives no answer ends the run."""
        if self.gave_up:
            return Outcome(played, 0, (), Counter(), broken=self.gave_up)
        outcome = self.runner.run(played)
        if outcome.broken is None:
            self._broken_in_a_row = 0
            return outcome
        self._broken_in_a_row += 1
        if self._broken_in_a_row == MAX_BROKEN_IN_A_ROW:
            self.gave_up = f"{self.options.target} gives no answers any more: {outcome.broken}"
            self.session.shouldstop = self.gave_up
        return outcome

    def divergences_in(self, source: str) -> Iterator[FoundDivergence]:
        """Yield the divergences of a corpus scenario."""
        outcome = self.outcome(source)
        for divergence in outcome.divergences:
            yield outcome.scenario, divergence, replay_command(folder() / source, self.options.target)

    def clause_result(self, clause: str, among: Sequence[str]) -> ClauseResult:
        """Return the result of a clause in these scenarios, none of which diverged from it."""
        tally = Tally(EC2, self.runner.unsupported)
        for source in among:
            tally.add(self.outcome(source))
            tally.played.update(scenario(source).clauses)
        result = tally.results((), (clause,))[clause]
        assumed = EC2.clauses[clause].evidence_class is EvidenceClass.ASSUMED
        if result.verdict is Verdict.NOT_EXERCISED and not among and not assumed:
            return replace(result, reason="no scenario of the corpus is about it")
        return result

    # Test results.

    def note_played(self, item: pytest.Item, source: str) -> None:
        """Record that a scenario was played to its end."""
        if self.outcome(source).broken is None:
            item.user_properties.append((SOURCE, source))

    def finish_test(self, item: pytest.Item, found: Iterable[FoundDivergence]) -> None:
        """Finish a test: it fails, or is an expected failure if everything found is waived; otherwise it continues."""
        divergences = list(found)
        by_id = {defect_id(one[1]): one for one in reversed(divergences)}
        former = {former_id(one[1]): defect_id(one[1]) for one in divergences}
        known = waived_ids(self.options.waivers, self.options.target, date.today(), former)  # noqa: DTZ011 (as below)
        for name in [name for name in by_id if name not in known]:
            caused = self._root_causes(name, by_id[name])
            if caused is not None:
                del by_id[name]
                by_id.update((defect_id(one[1]), one) for one in caused)
                former.update((former_id(one[1]), defect_id(one[1])) for one in caused)
        item.user_properties.append((VERSION, self.target.version))
        if self.gave_up:
            item.user_properties.append((BROKEN, self.gave_up))
        item.user_properties.extend((FINDING, name) for name in by_id)
        item.user_properties.extend((FORMER, f"{old} {new}") for old, new in former.items() if new in by_id)
        shown = FindingIds(self.options.target, self.target.version, tuple(by_id), complete=False)
        waivers, _ = match_waivers(self.options.waivers, shown, date.today(), former)  # noqa: DTZ011 (an expiry is the user's day)
        unwaived = {name: one for name, one in by_id.items() if name not in waivers}
        item.user_properties.extend(
            (UNWAIVED, f"{name} {one[1].clause} {one[1].title}") for name, one in unwaived.items()
        )
        texts = [self._text(name, one) for name, one in unwaived.items()]
        if texts:
            pytest.fail("\n\n".join(texts), pytrace=False)
        if by_id:
            pytest.xfail("; ".join(f"{name}: {_known(waiver)}" for name, waiver in waivers.items()))

    def _root_causes(self, name: str, one: FoundDivergence) -> tuple[FoundDivergence, ...] | None:
        """Return the divergences that cause this one, as `run` would name them; None if there are none."""
        played, divergence, replay = one
        if name in self._independent:  # checking each again would take most of the suite's time
            return None
        key = name, played.title
        if key not in self._causes:
            found = causes(EC2, self.play, played, divergence)
            if found is None:
                self._independent.add(name)
                return None
            self._causes[key] = tuple((s, d, replay) for s, d in found)
        return self._causes[key]

    def _text(self, name: str, one: FoundDivergence) -> str:
        played, divergence, replay = one
        finding = build_finding(EC2, self.options.target, played, divergence, name, minimal=True)
        return finding_text(EC2, replace(finding, repro="", replay=replay))


def _known(waiver: Waiver) -> str:
    """Return why a divergence is expected."""
    return f"flaky: {waiver.reason}" if waiver.flaky else waiver.reason
