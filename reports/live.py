"""Prints each finding of a run when it is confirmed, and how far the run has come.

On a terminal a line with a bar says how far; in a pipe, a line about every ten seconds.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.text import Text

from .console import PAGE, printable_text
from .events import Event, Finding, FindingMade, ScenarioRun, TargetFinished
from .labels import STATUSES
from .progress import Progress
from .safe_text import count, printable

_EVERY: Final = 10.0
"""The seconds between two lines of progress in a pipe."""
_HARM: Final = 26
_CLAUSE: Final = 8
"""The widths of the columns of a finding's line."""
_MOST: Final = PAGE - 2
"""The most lines for findings of one target: with the heading and the line that says so they fill a page."""


@dataclass(slots=True)
class _Target:
    """A target in progress."""

    began: float
    told: float
    calls: int = 0
    scenarios: int = 0
    found: set[str] = field(default_factory=set[str])
    """The ids of its findings; one with an id that came before replaces it."""
    told_findings: int = 0


class Live:
    """The lines of a run in progress; enter it while the run is under way.

    `findings` is the console for findings; None if standard output must hold nothing else.
    `progress` is the console of standard error.
    """

    def __init__(
        self,
        findings: Console | None,
        progress: Console,
        max_calls: int | None = None,
        *,
        several: bool = False,
        is_known: Callable[[str, Finding], bool] = lambda _target, _finding: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # A bar and the lines of a pipe that ends on the same terminal would overwrite each other.
        bars = progress.is_terminal and (findings is None or findings.is_terminal)
        self._bars = Progress(progress, max_calls, shown=bars)
        self._findings = progress if bars and findings is not None else findings
        self._progress = None if bars else progress
        self._several = several
        self._is_known = is_known
        self._clock = clock
        self._targets: dict[str, _Target] = {}
        self._shown: Counter[tuple[str, str]] = Counter()
        self.lines: Counter[str] = Counter()
        """How many lines of standard output each target took."""

    def take(self, event: Event) -> None:
        """Show what an event says, if it is about a finding or about progress."""
        match event:
            case ScenarioRun():
                self._bars.scenario_done(event)
                target = self._target(event.target)
                target.calls += event.calls
                target.scenarios += event.skipped is None
                self._tell_progress(event.target, target)
            case FindingMade():
                self._bars.finding(event)
                self._target(event.target).found.add(event.finding.id)
                self._tell_finding(event.target, event.finding)
            case TargetFinished():
                self._tell_joined(event)
            case _:
                pass

    def __enter__(self) -> Self:
        self._bars.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._bars.__exit__(kind, error, trace)

    def _target(self, name: str) -> _Target:
        now = self._clock()
        return self._targets.setdefault(name, _Target(now, now))

    def _tell_progress(self, name: str, target: _Target) -> None:
        now = self._clock()
        if self._progress is None or now - target.told < _EVERY:
            return
        target.told = now
        numbers = (
            count(target.calls, "call"),
            count(target.scenarios, "scenario"),
            count(len(target.found), "finding"),
        )
        self._line(self._progress, Text(f"{printable(name)}: {now - target.began:.0f} s, {', '.join(numbers)}", "dim"))

    def _tell_finding(self, target: str, finding: Finding) -> None:
        if not self._shown:
            self._tell(target, Text("Findings, as they are found:", "bold"))
        told = self._target(target)
        told.told_findings += 1
        if told.told_findings > _MOST:
            if told.told_findings == _MOST + 1:
                self._tell(target, Text("The summary has all further findings, the worst of all first."))
            return
        self._shown[target, finding.id] += 1
        status = f"{finding.status}: " if finding.status in STATUSES else ""
        again = "worse than before: " if self._shown[target, finding.id] > 1 else ""
        self._tell(
            target,
            Text.assemble(
                printable_text(f"{finding.harm:<{_HARM}}", "red"),
                f"  {printable(finding.clause):<{_CLAUSE}}  ",
                printable_text(finding.id, "cyan"),
                "  ",
                printable_text(f"{status}{again}{finding.title}"),
                printable(f" (on {target})") if self._several else "",
                " (waived)" if self._is_known(target, finding) else "",
            ),
        )

    def _tell_joined(self, done: TargetFinished) -> None:
        """Say of the findings that have become parts of another one which it is."""
        left = {finding.id for finding in done.findings}
        for whole in done.findings:
            parts = [name for name in whole.former if (done.target, name) in self._shown and name not in left]
            if parts:
                names = " and ".join(map(printable, parts))
                are = "are" if len(parts) > 1 else "is"
                self._tell(done.target, Text(f"{names} {are} the same defect as {printable(whole.id)}"))

    def _tell(self, target: str, text: Text) -> None:
        """Print a line about findings, if standard output has any."""
        if self._findings is not None:
            self.lines[target] += 1
            self._line(self._findings, text)

    def _line(self, console: Console, text: Text) -> None:
        """Print a line, whole, at once."""
        console.print(text, soft_wrap=True)
