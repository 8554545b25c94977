"""Plays each scenario once per process on the suite's target, and turns the outcomes into test results."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import TypeAlias

import pytest

from ....model.clauses import EvidenceClass
from ....model.specification import EC2
from ....reports.events import ClauseResult, Finding, Verdict
from ....strategies.files.format import load_scenario
from ....strategies.scenario.scenario import Scenario
from ...adapter.target import Target
from ...diagnosis.defects import defect_id, former_id
from ...diagnosis.joining import clauses_that_may_join
from ...execution.play import Outcome
from ...execution.runner import MAX_BROKEN_IN_A_ROW, Runner
from ...execution.smoke import broken, smoke, unsupported
from ...findings.build import bare_finding, build_finding, finding_text, replay_command
from ...findings.search import causes, is_slow
from ...findings.waivers import FindingIds, Waiver, covering, covers, match_waivers, operations_of, waivers_of
from ...oracle.divergence import Divergence
from ...oracle.engine import Engine
from ...running.verdicts import Tally
from ..defect_report import MET, SUITE
from ..met import Defects, Met, of_findings, stands_for
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

    def finish_test(self, item: pytest.Item, found: Iterable[FoundDivergence], clause: str = "") -> None:
        """Finish a test: it fails, or is an expected failure if everything found is waived; otherwise it continues.

        With a `clause`, only the defects count that broke it, or that caused something that seemed to.
        """
        seen = _Seen(self.options.clauses)
        for one in found:
            seen.add(one, counts=clause in ("", one[1].clause))
        self._blame_causes(seen)
        self._add_related(seen)
        item.user_properties.append((VERSION, self.target.version))
        if self.gave_up:
            item.user_properties.append((BROKEN, self.gave_up))
        findings = seen.findings
        former = {old: finding.id for finding in findings for old in finding.former}
        item.user_properties.extend((FINDING, finding.id) for finding in findings)
        item.user_properties.extend((FORMER, f"{old} {new}") for old, new in former.items())
        waivers = self._waivers_of(findings)
        unwaived = [finding for finding in findings if finding.id not in waivers]
        item.user_properties.extend((UNWAIVED, f"{one.id} {one.clause} {one.title}") for one in unwaived)
        item.stash[MET] = {SUITE: list(of_findings(seen.met, unwaived))}
        if unwaived:
            pytest.fail("\n\n".join(self._text(one, seen.shown_by_the_test(one)) for one in unwaived), pytrace=False)
        if findings:
            pytest.xfail("; ".join(f"{name}: {_known(waiver)}" for name, waiver in waivers.items()))

    def _waivers_of(self, findings: Sequence[Finding]) -> dict[str, Waiver]:
        """Return the waivers of findings, by the id of the finding."""
        former = {old: finding.id for finding in findings for old in finding.former}
        shown = FindingIds(self.options.target, self.target.version, [one.id for one in findings], complete=False)
        waivers, _ = match_waivers(self.options.waivers, shown, date.today(), former)  # noqa: DTZ011 (an expiry is the user's day)
        found = {finding.id: operations_of(finding) for finding in findings}
        return {name: waiver for name, waiver in waivers.items() if covers(waiver, found[name])}

    def _blame_causes(self, seen: "_Seen") -> None:
        """Put the cause of each divergence in its place, unless it is waived."""
        waivers = waivers_of(self.options.waivers, self.options.target, date.today(), seen.former)  # noqa: DTZ011 (as above)
        for name, one in tuple(seen.first.items()):
            if covering(waivers, (name,), (one[1].operation.value,)):
                continue
            caused = self._root_causes(name, one)
            if caused is not None:
                seen.replace(name, caused)

    def _add_related(self, seen: "_Seen") -> None:
        """Add what other scenarios show of the defects that an unwaived finding may be joined with.

        So each test names a defect as a `run` does, which has seen all scenarios.
        """
        findings = seen.findings
        waivers = self._waivers_of(findings)
        clauses = {clause for one in findings if one.id not in waivers for clause in clauses_that_may_join(one)}
        among = dict.fromkeys(source for clause in sorted(clauses) for source in sources_about(clause))
        for source in among:
            if not is_slow(scenario(source)):
                for one in self.divergences_in(source):
                    if one[1].clause in clauses:
                        seen.add(one, counts=False)
        self._blame_causes(seen)

    def _root_causes(self, name: str, one: FoundDivergence) -> tuple[FoundDivergence, ...] | None:
        """Return the divergences that cause this one, as `run` would name them; None if there are none."""
        played, divergence, replay = one
        if name in self._independent:  # checking each again would take most of the suite's time
            return None
        key = name, played.title
        if key not in self._causes:
            unusable = self.runner.unsupported | self.runner.broken
            found = causes(EC2, self.play, played, divergence, unusable)
            if found is None:
                self._independent.add(name)
                return None
            self._causes[key] = tuple((s, d, replay) for s, d in found)
        return self._causes[key]

    def _text(self, joined: Finding, one: FoundDivergence) -> str:
        played, divergence, replay = one
        finding = build_finding(EC2, self.options.target, played, divergence, joined.id, minimal=True)
        as_joined = replace(finding, title=joined.title, hint=joined.hint, repro="", replay=replay)
        return finding_text(EC2, as_joined)


@dataclass(slots=True)
class _Seen:
    """What the scenarios of one test showed."""

    only: Collection[str]
    """Only divergences from these clauses count; empty: all."""
    first: dict[str, FoundDivergence] = field(default_factory=dict[str, FoundDivergence])
    """The first divergence of each defect."""
    _defects: dict[str, list[Divergence]] = field(default_factory=dict[str, "list[Divergence]"])
    _counting: set[str] = field(default_factory=set[str])
    """The defects that the test is about."""

    def add(self, one: FoundDivergence, *, counts: bool) -> None:
        """Add a divergence; `counts`: the test is about its defect."""
        name = defect_id(one[1])
        if self.only and one[1].clause not in self.only:
            return
        self.first.setdefault(name, one)
        self._defects.setdefault(name, []).append(one[1])
        if counts:
            self._counting.add(name)

    def replace(self, name: str, causes: Iterable[FoundDivergence]) -> None:
        """Put the divergences that cause a defect in its place."""
        counts = name in self._counting
        del self.first[name], self._defects[name]
        self._counting.discard(name)
        for one in causes:
            self.add(one, counts=counts)

    def shown_by_the_test(self, finding: Finding) -> FoundDivergence:
        """Return the first divergence of the test itself for which a joined finding stands."""
        return next(one for name, one in self.first.items() if name in self._counting and name in stands_for(finding))

    @property
    def former(self) -> dict[str, str]:
        """The present id of each defect, by the ids that it had in earlier releases."""
        return {former_id(one): name for name, shown in self._defects.items() for one in shown}

    @property
    def met(self) -> tuple[Met, ...]:
        """Each defect, not joined; its finding has no scenario."""
        return tuple(
            Met(bare_finding(EC2, divergence, name, ""), tuple(self._defects[name]))
            for name, (_, divergence, _) in self.first.items()
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding of each defect that the test is about."""
        defects = Defects()
        for one in self.met:
            defects.add(one)
        return tuple(one for one in defects.findings if not self._counting.isdisjoint(stands_for(one)))


def _known(waiver: Waiver) -> str:
    """Return why a divergence is expected."""
    return f"flaky: {waiver.reason}" if waiver.flaky else waiver.reason
