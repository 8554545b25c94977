"""Collects the findings of the suite's tests from all processes, and checks the waivers against them.

Tests report in `report.user_properties`, which xdist transfers and JUnit keeps:
`ec2_version` is the release of the target, `ec2_finding` the id of a finding that it saw,
`ec2_source` a scenario played to its end, `ec2_broken` why nothing more is played,
`ec2_news` the id and the title of a finding for which it failed (for readers of JUnit).
If every one of `expected_sources()` was played, the run was complete,
and a waiver whose finding did not show is stale.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from ..defect_report import SUITE, attached
from .corpus import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....reports.events import WaiverProblem
    from ..met import Met
    from ..options import Options

VERSION: Final = "ec2_version"
SOURCE: Final = "ec2_source"
FINDING: Final = "ec2_finding"
FORMER: Final = "ec2_former_id"
BROKEN: Final = "ec2_broken"
UNWAIVED: Final = "ec2_news"


def expected_sources() -> frozenset[str]:
    """Return the sources that a complete run plays; a test module that plays more adds its own here."""
    return frozenset(sources())


@dataclass(slots=True, eq=False)
class SuiteReport:
    """The plugin of the reporting process."""

    options: "Options"
    _versions: set[str] = field(default_factory=set[str])
    _sources: set[str] = field(default_factory=set[str])
    _findings: dict[str, None] = field(default_factory=dict[str, None])
    _former: dict[str, str] = field(default_factory=dict[str, str])
    """The present id of a finding, by the one that it had in an earlier release."""
    _unwaived: "dict[str, tuple[Met, ...]]" = field(default_factory=dict[str, "tuple[Met, ...]"])
    """The unwaived defects, by the test that showed them."""
    _broken: bool = False
    _problems: "tuple[WaiverProblem, ...]" = ()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect a test's properties."""
        if report.when == "teardown" and (met := attached(report, SUITE)):
            self._unwaived[report.nodeid] = met
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == VERSION:
                self._versions.add(str(value))
            elif name == SOURCE:
                self._sources.add(str(value))
            elif name == FINDING:
                self._findings[str(value)] = None
            elif name == FORMER:
                old, _, new = str(value).partition(" ")
                self._former[old] = new
            elif name == BROKEN:
                self._broken = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Check the waivers against the findings; an untrue waiver fails the run.

        A broken target ends it with the command line's exit code.
        """
        if self._versions and self.options.waivers:
            self._problems = tuple(self._waiver_problems())
        if self._broken:
            from ..options import BROKE

            session.exitstatus = BROKE
        elif self._problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _waiver_problems(self) -> "Iterator[WaiverProblem]":
        from ...findings.waivers import FindingIds, applies_to, match_waivers

        target = self.options.target
        version = min(self._versions)
        complete = self._sources >= expected_sources() and not self.options.clauses
        others = {waiver.finding for waiver in self.options.waivers if not applies_to(waiver, target)}
        run = FindingIds(target, version, tuple(self._findings), complete, others)
        _, problems = match_waivers(self.options.waivers, run, date.today(), self._former)  # noqa: DTZ011 (an expiry is the user's day)
        yield from problems

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print each finding once, and the problems of the waivers."""
        if self._unwaived:
            from ....reports.safe_text import count
            from ..met import each_once

            found = each_once(self._unwaived)
            terminalreporter.section(f"findings, not waived: {len(found)}", sep="-", red=True)
            for finding, tests in found:
                line = f"{finding.id} {finding.clause} {finding.title} (in {count(len(tests), 'test')})"
                terminalreporter.line(line)
        if self._problems:
            terminalreporter.section("waivers to fix", sep="-", red=True)
            for problem in self._problems:
                terminalreporter.line(f"{problem.waiver} {problem.problem}")
