"""The folder of `--output`: the event stream and a file for each finding during the run, and reports at the end."""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ...reports.events import Event, Finding, FindingMade, RunStarted, TargetFinished
from ...reports.findings import FindingFiles
from ...reports.os_reasons import os_reason
from ...reports.stream import StreamError, StreamWriter
from ..findings.build import replay_command
from .shell import WrongUsage

_VIEWS: Final = ("report.html", "junit.xml")


@dataclass(slots=True)
class OutputFolder:
    """The folder; creating this object checks that it is writable, and `begin` clears an earlier run.

    If writing fails later, as on a full disk, the run goes on without it and `problem` says why.
    """

    folder: Path
    problem: str | None = None
    _files: FindingFiles = field(init=False)
    _writer: StreamWriter | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        findings = self.folder / "findings"
        self._files = FindingFiles(findings)
        try:
            findings.mkdir(parents=True, exist_ok=True)
            for folder in (self.folder, findings):
                probe = folder / ".writable"
                probe.touch()
                probe.unlink()
        except OSError as error:
            raise WrongUsage(
                f"{self.folder}: cannot be written ({os_reason(error)}); name another --output folder."
            ) from error

    def begin(self, header: RunStarted) -> None:
        """Remove an earlier run and start the stream; raises `StreamError`, OSError."""
        self._files.clear()
        for view in _VIEWS:
            (self.folder / view).unlink(missing_ok=True)
        self._writer = self._stack.enter_context(StreamWriter(self.folder / "events.ndjson"))
        self._writer.write(header)

    def with_replay_commands(self, done: TargetFinished) -> TargetFinished:
        """Return the end of a run with the replay command of each finding's own file."""
        return replace(
            done, findings=tuple(self._with_replay_command(finding, done.target) for finding in done.findings)
        )

    def write(self, event: Event) -> None:
        """Write an event, and the file of a new finding."""
        if self._writer is None:
            return
        if isinstance(event, FindingMade):
            event = replace(event, finding=self._with_replay_command(event.finding, event.target))
        try:
            self._writer.write(event)
            if isinstance(event, FindingMade):
                self._files.write(event.finding, event.target)
        except (StreamError, OSError) as error:
            self.problem = self.problem or str(error)

    def write_reports(self) -> None:
        """Write the reports for people and for CI from the complete stream."""
        if self._writer is None or self.problem is not None:
            return
        from ...reports.html import html
        from ...reports.junit import junit_xml
        from ...reports.stored_runs import read_runs

        try:
            runs = read_runs([self.folder / "events.ndjson"])
            (self.folder / _VIEWS[0]).write_text(html(runs), encoding="utf-8", newline="\n")
            (self.folder / _VIEWS[1]).write_bytes(junit_xml(runs))
        except (StreamError, OSError) as error:
            self.problem = str(error)

    def _with_replay_command(self, finding: Finding, target: str) -> Finding:
        return replace(finding, replay=replay_command(self._files.path_of(finding, target), target))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._stack.close()
