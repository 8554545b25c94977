"""Prints each finding of a run when it is confirmed, and how far the run has come.

On a terminal a line with a bar says how far; in a pipe, a line about every ten seconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.text import Text

from .console import printable_text
from .events import Event, Finding, FindingMade, ScenarioRun, TargetFinished
from .progress import Progress
from .safe_text import count, printable

_EVERY: Final = 10.0
"""The seconds between two lines of progress in a pipe."""
_HARM: Final = 26
_CLAUSE: Final = 8
"""The widths of the columns of a finding's line."""


@dataclass(slots=True)
class _Target:
    """A target in progress."""

    began: float
    told: float
    calls: int = 0
    scenarios: int = 0
    findings: int = 0


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
        self._shown: dict[tuple[str, str], Finding] = {}

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
                self._target(event.target).findings += 1
                self._tell_finding(event.target, event.finding)
            case TargetFinished():
                self._tell_retitled(event)
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
            count(target.findings, "finding"),
        )
        self._line(self._progress, Text(f"{printable(name)}: {now - target.began:.0f} s, {', '.join(numbers)}", "dim"))

    def _tell_finding(self, target: str, finding: Finding) -> None:
        if self._findings is None:
            return
        if not self._shown:
            self._line(self._findings, Text("Findings, as they are found:", "bold"))
        self._shown[target, finding.id] = finding
        self._line(
            self._findings,
            Text.assemble(
                printable_text(f"{finding.harm:<{_HARM}}", "red"),
                f"  {printable(finding.clause):<{_CLAUSE}}  ",
                printable_text(finding.id, "cyan"),
                "  ",
                printable_text(finding.title),
                printable(f" (on {target})") if self._several else "",
                " (waived)" if self._is_known(target, finding) else "",
            ),
        )

    def _tell_retitled(self, done: TargetFinished) -> None:
        """Print the final title of each finding whose title changed: later findings may show a wider defect."""
        for finding in done.findings:
            shown = self._shown.get((done.target, finding.id))
            if shown is not None and shown.title != finding.title and self._findings is not None:
                text = f"{printable(finding.id)} has a new title: {printable(finding.title)}"
                self._line(self._findings, Text(text))

    def _tell_joined(self, done: TargetFinished) -> None:
        """Say of each finding that has become a part of another one which it is."""
        left = {finding.id for finding in done.findings}
        whole = {former: finding for finding in done.findings for former in finding.former}
        for target, name in self._shown:
            if target == done.target and name not in left and name in whole and self._findings is not None:
                cause = whole[name]
                text = f"{printable(name)} is the same defect as {printable(cause.id)}"
                self._line(self._findings, Text(text))

    def _line(self, console: Console, text: Text) -> None:
        """Print a line, whole, at once."""
        console.print(text, soft_wrap=True)
