"""The folder of `--output`: the stream of events and a file for each finding, as the run goes, and views at its end."""

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
class Output:
    """The folder, checked when this is made; nothing of an earlier run is touched before `begin`.

    What cannot be written any more, on a full disk, is left out and the run goes on: `problem` says why.
    """

    folder: Path
    problem: str | None = None
    _files: FindingFiles = field(init=False)
    _writer: StreamWriter | None = None
    _closing: ExitStack = field(default_factory=ExitStack)

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
        """Put an earlier run away and start the stream; raises `StreamError`, OSError."""
        self._files.clear()
        for view in _VIEWS:
            (self.folder / view).unlink(missing_ok=True)
        self._writer = self._closing.enter_context(StreamWriter(self.folder / "events.ndjson"))
        self._writer.write(header)

    def located(self, done: TargetFinished) -> TargetFinished:
        """Return the end of a run whose findings each name the command that replays their very file."""
        return replace(done, findings=tuple(self._located(finding, done.target) for finding in done.findings))

    def tell(self, event: Event) -> None:
        """Write an event, and the file of a new finding."""
        if self._writer is None:
            return
        if isinstance(event, FindingMade):
            event = replace(event, finding=self._located(event.finding, event.target))
        try:
            self._writer.write(event)
            if isinstance(event, FindingMade):
                self._files.write(event.finding, event.target)
        except (StreamError, OSError) as error:
            self.problem = self.problem or str(error)

    def report(self) -> None:
        """Write what is read by people and by CI, from the stream that is complete now."""
        if self._writer is None or self.problem is not None:
            return
        from ...reports.html import html
        from ...reports.junit import junit_xml
        from ...reports.stored_runs import gather

        try:
            gathered = gather([self.folder / "events.ndjson"])
            (self.folder / _VIEWS[0]).write_text(html(gathered), encoding="utf-8", newline="\n")
            (self.folder / _VIEWS[1]).write_bytes(junit_xml(gathered))
        except (StreamError, OSError) as error:
            self.problem = str(error)

    def _located(self, finding: Finding, target: str) -> Finding:
        return replace(finding, replay=replay_command(self._files.path_of(finding, target), target))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._closing.close()
