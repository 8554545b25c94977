"""Writes a trace during a run, one line at a time, so that a crash loses at most the last line."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from math import floor
from pathlib import Path
from threading import Lock
from typing import Final

from ...model.requests import Request
from ...model.world import Instance, Volume
from ...reports.os_reasons import os_reason
from ...strategies.files.forms import write_step
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import Malformed, Push, Step, Unknown
from ..adapter.answer import Answer
from ..adapter.sent import usual_paths
from ..adapter.target import Target
from ..diagnosis.defects import defect_id
from ..execution.listener import PlayListener, SettleResult
from ..oracle.divergence import Divergence
from ..oracle.settings import Settings
from .json_values import as_json, error_as_json
from .pseudonyms import Pseudonyms
from .trace_format import (
    SCHEMA,
    Began,
    Ended,
    Exchange,
    Header,
    Line,
    MadeUp,
    Pushed,
    Settled,
    Stepped,
    TraceError,
    encode,
    request_as_json,
)
from .versions import versions

SUFFIX: Final = ".trace.ndjson"
"""The suffix of trace files."""


@dataclass(slots=True)
class Recorder:
    """The trace of one target's run; scenarios may be played in parallel.

    If the disk is full, the trace ends and the run continues: `problem` says why.
    """

    folder: Path
    target: Target
    label: str
    seed: int
    settings: Settings
    problem: str | None = None
    path: Path | None = None
    pseudonyms: Pseudonyms = field(default_factory=Pseudonyms)
    _lock: Lock = field(default_factory=Lock)
    _scenarios: int = 0
    _began: int = 0

    def scenario(self, source: str, scenario: Scenario | None = None) -> PlayListener:
        """Begin a scenario (None for a walk), and return the listener for its play."""
        with self._lock:
            number = self._scenarios
            self._scenarios += 1
        title, clauses = ("", ()) if scenario is None else (scenario.title, scenario.clauses)
        self.write(Began(number, source, _now(), self.clock(), title, clauses))
        return _Recording(self, number, title)

    def clock(self) -> float:
        """Return the target's clock."""
        return self.seconds(self.target.clock.now())

    def seconds(self, time: float) -> float:
        """Return a time of the target's clock relative to the start of the run.

        The start is a whole number, so that subtracting it keeps differences exact to the last bit.
        """
        return time - self._began

    def write(self, line: Line) -> None:
        """Write a line, unless an earlier one could not be written."""
        text = encode(line)
        with self._lock:
            if self.path is None or self.problem is not None:
                return
            try:
                with self.path.open("ab", buffering=0) as file:
                    file.write(text)
            except OSError as error:
                self.problem = _unwritten(self.path, error)

    def begin(self) -> None:
        """Create the trace file."""
        self._began = floor(self.target.clock.now())
        try:
            self.path = _new_file(self.folder, self.label)
        except OSError as error:
            self.problem = _unwritten(self.folder, error)
            return
        header = Header(
            trace=SCHEMA,
            target=_shown(self.label, self.pseudonyms),
            version=self.target.version,
            zones=self.target.zones,
            capabilities=tuple(sorted(capability.name for capability in self.target.capabilities)),
            started=_now(),
            seed=self.seed,
            versions=dict(versions()),
            settings=self.settings,
        )
        self.write(header)


@dataclass(slots=True)
class _Recording(PlayListener):
    """Writes the events of one play."""

    recorder: Recorder
    scenario: int
    title: str
    _answer: Answer = field(default_factory=Answer)

    def step(self, number: int, step: Step) -> None:
        self.recorder.write(Stepped(self.scenario, number, write_step(step, keep_zone=True)))

    def made_up(self, name: Instance, ref: Unknown | Malformed, real_id: str) -> None:
        if isinstance(ref, Malformed):
            self.recorder.pseudonyms.keep(real_id)
            kind = "malformed"
        else:
            kind = "unknown-short" if ref.short else "unknown"
        self.recorder.write(MadeUp(self.scenario, name, self.recorder.pseudonyms.text(real_id), kind))

    def received(self, answer: Answer) -> None:
        self._answer = answer

    def exchange(self, step: int, request: Request, sent: float, answered: float, root: str) -> None:
        other = self.recorder.pseudonyms.of
        error = self._answer.error
        exchange = Exchange(
            self.scenario,
            step,
            self.recorder.seconds(sent),
            self.recorder.seconds(answered),
            request_as_json(request),
            tuple(other(as_json(page)) for page in self._answer.pages),
            None if error is None else other(error_as_json(error)),
            root,
            () if self._answer.sent in (None, usual_paths(request)) else tuple(sorted(self._answer.sent or ())),
            other(dict(self._answer.values)),
        )
        self._answer = Answer()
        self.recorder.write(exchange)

    def pushed(self, step: int, instance: Instance, push: Push) -> None:
        self.recorder.write(Pushed(self.scenario, step, instance, push))

    def settled(self, step: int, rest: SettleResult, polls: int, volumes: Sequence[Volume]) -> None:
        self.recorder.write(Settled(self.scenario, step, rest, self.recorder.clock(), polls, tuple(volumes)))

    def ended(self, title: str, divergences: Sequence[Divergence], skipped: str | None, broken: str | None) -> None:
        shown = tuple(dict.fromkeys(map(defect_id, divergences)))
        other = self.recorder.pseudonyms.text
        reasons = (None if why is None else other(why) for why in (skipped, broken))
        self.recorder.write(Ended(self.scenario, self.title or title, shown, *reasons))


def prepare(folder: Path) -> None:
    """Check that traces can be written into a folder; raises `TraceError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise TraceError(
            folder, None, f"cannot be written ({os_reason(error)}); name another --record folder."
        ) from error


def _new_file(folder: Path, label: str) -> Path:
    """Make a file that was not there, named after the target and the time."""
    kind = label.partition(":")[0]
    stem = f"{re.sub(r'[^A-Za-z0-9]+', '-', kind)}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for number in count(1):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{SUFFIX}"
        with suppress(FileExistsError):
            path.open("xb").close()
            return path
    raise AssertionError  # counting has no end


def _shown(label: str, pseudonyms: Pseudonyms) -> str:
    """Return the name of a target without what identifies somebody: a profile, or the host of an endpoint."""
    kind, colon, rest = label.partition(":")
    return f"{kind}:{pseudonyms.text(rest)}" if colon and kind != "aws" else kind


def _unwritten(path: Path, error: OSError) -> str:
    return str(TraceError(path, None, f"the recording ends early ({os_reason(error)})."))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
