"""Lists at the end of a run, each once, the defects that users' tests met, with the tests that met them.

A worker of xdist attaches what a test met to its last report, as plain data; the reporting process joins it all.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...reports.events import Finding
    from .met import Met, Sent
    from .options import Options

MET: Final = pytest.StashKey["dict[str, list[Met]]"]()
"""The defects that a test met, by what became of them."""
NEW: Final = "new"
"""Met by a user's test, and not waived."""
KNOWN: Final = "known"
"""Met by a user's test, and waived."""
SUITE: Final = "suite"
"""Shown in a test of the suite, and not waived."""

_KEY: Final = "ec2_defects"
_MOST: Final = 10
"""The most tests that are named beside a defect; with -v all are."""
_HEADINGS: Final = {
    NEW: "replies that EC2 would not have given",
    KNOWN: "passed on known replies that EC2 would not have given",
}
_WHY_LISTED: Final = (
    "Each of these tests passed, and met a reply that EC2 would not have given. It may pass only because of that."
)


def attach(report: pytest.TestReport, met: "Mapping[str, Iterable[Met]]") -> None:
    """Attach to a report the defects that its test met."""
    vars(report)[_KEY] = {kind: [one.sent() for one in defects] for kind, defects in met.items()}


def attached(report: pytest.TestReport, kind: str) -> "tuple[Met, ...]":
    """Return the defects of one kind that a report has attached."""
    sent: dict[str, list[Sent]] | None = getattr(report, _KEY, None)
    if not sent or not sent.get(kind):
        return ()
    from .met import received

    return tuple(map(received, sent[kind]))


@dataclass(slots=True, eq=False)
class DefectReport:
    """The plugin of the reporting process."""

    options: "Options"
    _met: "dict[str, dict[str, tuple[Met, ...]]]" = field(default_factory=dict[str, "dict[str, tuple[Met, ...]]"])
    """The defects of each kind, by the id of the test."""
    _passing: set[str] = field(default_factory=set[str])
    """The tests that passed so far, and are not over."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what a test met; what it knew counts if the test passed."""
        test = report.nodeid
        if report.when == "call" and report.passed:
            self._passing.add(test)
        elif report.when == "teardown":
            passed = test in self._passing and report.passed
            self._passing.discard(test)
            for kind in (NEW, KNOWN) if passed else (NEW,):
                if met := attached(report, kind):
                    self._met.setdefault(kind, {})[test] = met

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print each defect once: the new ones in full, the known ones in a line, with the tests that met them."""
        for kind, met in sorted(self._met.items(), reverse=True):
            from .met import each_once

            found = each_once(met)
            heading = f"{_HEADINGS[kind]}: {_counted(len(found), 'defect')} in {_counted(len(met), 'test')}"
            terminalreporter.section(heading, sep="-", red=kind == NEW, yellow=kind == KNOWN)
            if kind == KNOWN:
                terminalreporter.line(_WHY_LISTED)
            for number, (finding, tests) in enumerate(found):
                if number and kind == NEW:
                    terminalreporter.line("")
                for line in self._in_full(finding) if kind == NEW else self._in_brief(finding):
                    terminalreporter.line(line)
                self._list(terminalreporter, tests)

    @staticmethod
    def _in_full(finding: "Finding") -> "Iterable[str]":
        from ...model.specification import EC2
        from ...reports.terminal import text_of_finding
        from ..findings.build import clause_info
        from .met import stands_for

        clause = EC2.clauses.get(finding.clause)
        yield from text_of_finding(finding, None if clause is None else clause_info(clause)).splitlines()
        if others := sorted(stands_for(finding) - {finding.id}):
            yield f"  joined with it: {', '.join(others)}"

    def _in_brief(self, finding: "Finding") -> "Iterable[str]":
        from ..findings.waivers import waivers_of

        yield f"{finding.clause} {finding.level} · {finding.id} · {finding.title}"
        waivers = waivers_of(self.options.waivers, self.options.target, date.today())  # noqa: DTZ011 (the user's day)
        reasons = dict.fromkeys(waivers[name].reason for name in (finding.id, *finding.former) if name in waivers)
        yield from (f"  waived: {reason}" for reason in reasons)

    @staticmethod
    def _list(terminalreporter: pytest.TerminalReporter, tests: "tuple[str, ...]") -> None:
        named = tests if terminalreporter.verbosity > 0 else tests[:_MOST]
        terminalreporter.line(f"  met in {_counted(len(tests), 'test')}:")
        for test in named:
            terminalreporter.line(f"    {test}")
        if len(named) < len(tests):
            terminalreporter.line(f"    and {len(tests) - len(named):,} more; -v lists all")


def _counted(number: int, what: str) -> str:
    from ...reports.safe_text import count

    return count(number, what)
