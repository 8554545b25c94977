"""What the tests of the suite found, gathered from all processes, and the waivers held against it.

A test tells it in `report.user_properties`, which xdist carries and JUnit keeps:
`ec2_version` is the release of the target, `ec2_finding` the id of a finding that it saw,
`ec2_source` what was played to its end, `ec2_broken` why nothing more is played,
`ec2_news` the id and the title of a finding for which it failed.
Where every one of `expected()` was played, the run was complete,
and a waiver whose finding nothing showed is stale.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from .corpus import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....reports.events import WaiverProblem
    from ..options import Options

VERSION: Final = "ec2_version"
SOURCE: Final = "ec2_source"
FINDING: Final = "ec2_finding"
BROKEN: Final = "ec2_broken"
NEWS: Final = "ec2_news"


def expected() -> frozenset[str]:
    """Return the sources that a complete run has played; a module of tests that plays more adds its own here."""
    return frozenset(sources())


@dataclass(slots=True, eq=False)
class Strict:
    """The plugin of the process that reports."""

    options: "Options"
    _versions: set[str] = field(default_factory=set[str])
    _sources: set[str] = field(default_factory=set[str])
    _findings: dict[str, None] = field(default_factory=dict[str, None])
    _news: Counter[str] = field(default_factory=Counter[str])
    """In how many tests each finding showed that is not waived."""
    _broken: bool = False
    _problems: "tuple[WaiverProblem, ...]" = ()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in what a test told."""
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == VERSION:
                self._versions.add(str(value))
            elif name == SOURCE:
                self._sources.add(str(value))
            elif name == FINDING:
                self._findings[str(value)] = None
            elif name == NEWS:
                self._news[str(value)] += 1
            elif name == BROKEN:
                self._broken = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hold the waivers against what was found; one that is not true any more fails the run.

        A target that broke ends it with the exit code of the command line.
        """
        if self._versions and self.options.waivers:
            self._problems = tuple(self._wrong())
        if self._broken:
            from ..options import BROKE

            session.exitstatus = BROKE
        elif self._problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _wrong(self) -> "Iterator[WaiverProblem]":
        from ...findings.fingerprint import ALIASES
        from ...findings.waivers import Shown, concerns, hold

        target = self.options.target
        version = min(self._versions)
        complete = self._sources >= expected()
        others = {waiver.finding for waiver in self.options.waivers if not concerns(waiver, target)}
        run = Shown(target, version, tuple(self._findings), complete, others)
        _, problems = hold(self.options.waivers, run, date.today(), ALIASES)  # noqa: DTZ011 (an expiry is the user's day)
        yield from problems

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Say what is wrong with the target, each finding once, and what is wrong with the waivers."""
        if self._news:
            terminalreporter.section(f"findings, not waived: {len(self._news)}", sep="-", red=True)
            for news, tests in self._news.most_common():
                terminalreporter.line(f"{news} (in {tests} {'test' if tests == 1 else 'tests'})")
        if self._problems:
            terminalreporter.section("waivers to mend", sep="-", red=True)
            for problem in self._problems:
                terminalreporter.line(f"{problem.waiver} {problem.problem}")
