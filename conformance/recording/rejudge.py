"""Judges traces again, without their targets: reads and judges every answer as if it came now.

The oracle may be newer than the trace, and might have waited longer or for something else.
Therefore it calls nothing stuck that the recorded play did not wait for.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, cast

from ...model.requests import LaunchRequest, Operation, Request, VolumeRequest
from ...model.states import RootDevice
from ...model.world import Instance, Volume
from ...reports.os_reasons import os_reason
from ...strategies.building.guide import PUSHES
from ...strategies.scenario.steps import Malformed, Unknown
from ..adapter.answer import Answer
from ..adapter.answer_reader import read_answer
from ..adapter.arguments import Image, TargetContext, arguments_for
from ..adapter.devices import Devices
from ..adapter.names import Names
from ..adapter.observation import NoAnswer
from ..adapter.target import Unsupported
from ..execution.listener import SettleResult
from ..execution.play import reason_not_judged, stranger_form
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..oracle.excuses import Sent
from ..oracle.oracle import Oracle
from .json_values import error_from_json, from_json
from .trace_format import (
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
    decode,
    header_of,
    request_from_json,
)

_AGAIN: Final = "record the run again"
_MADE_UP: Final[dict[str, Callable[[str], Unknown | Malformed]]] = {
    "unknown": lambda _: Unknown(1),
    "unknown-short": lambda _: Unknown(1, short=True),
    "malformed": Malformed,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The divergences of a recorded scenario now, and its fingerprints at recording time."""

    line: int
    """The line of the trace where it begins."""
    title: str
    divergences: tuple[Divergence, ...]
    shown: tuple[str, ...] = ()
    """Its fingerprints at recording time."""
    skipped: str | None = None
    broken: str | None = None
    whole: bool = True
    """Whether the trace contains its end."""
    unwaited: int = 0
    """The number of settles that ended at rest then but would not now."""


class Unplayable(ValueError):
    """The content of a line cannot have happened."""


@dataclass(slots=True)
class _Scenario:
    """A recorded scenario in progress."""

    header: Header
    began: Began
    line: int
    engine: Engine
    skipped: str | None = None
    broken: str | None = None
    unwaited: int = 0
    divergences: list[Divergence] = field(default_factory=list[Divergence])
    oracle: Oracle = field(init=False)
    names: Names = field(init=False)
    _devices: Devices = field(default_factory=Devices)

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.engine, self.header.settings)
        self.names = Names(zones={str(n): zone for n, zone in enumerate(self.header.zones, start=1)})

    def take(self, line: Line) -> None:
        """Take in the next line; raises ValueError, KeyError, TypeError."""
        if self.skipped is not None:
            return
        match line:
            case MadeUp():
                self._made_up(line)
            case Exchange():
                self._exchange(line)
            case Pushed():
                i = Instance(line.instance)
                if i not in self.oracle.hypotheses[0].instances:
                    raise Unplayable(f"{i} was never launched")
                self.oracle.push(line.step, i, PUSHES[line.push])
            case Settled():
                self._settled(line)
            case _:
                pass

    def judged(self, end: Ended | None) -> Judged:
        """Return the result."""
        shown = () if end is None else tuple(end.shown)
        title = self.began.title or (f"Generated scenario {self.began.scenario}" if end is None else end.title)
        return Judged(
            self.line,
            title,
            tuple(self.divergences),
            shown,
            self.skipped or (None if end is None else end.skipped),
            self.broken or (None if end is None else end.broken),
            end is not None,
            self.unwaited,
        )

    def _made_up(self, line: MadeUp) -> None:
        name = Instance(line.name)
        if line.kind not in _MADE_UP:
            raise Unplayable(f"there is no made-up id of the kind {line.kind}")
        if line.kind != "malformed":
            self.names.bind(name, line.id)
        self.oracle.strangers[name] = stranger_form(_MADE_UP[line.kind](line.name))

    def _exchange(self, line: Exchange) -> None:
        request = request_from_json(line.request)
        if isinstance(request, LaunchRequest):  # assigns devices to the volumes
            image = Image(root_device=line.root or Image.root_device)
            images = dict.fromkeys(RootDevice, image)
            context = TargetContext(self.header.target, self.header.zones, images, self._devices)
            arguments_for(request, self.names, context)
        else:
            self._check_names(request)
        error = None if line.error is None else error_from_json(line.error)
        if error is None and not line.pages:
            raise Unplayable("an exchange has neither a reply nor an error")
        answer = Answer(tuple(from_json(page) for page in line.pages), error)
        observation = read_answer(request, answer, self.names, self._devices)
        self.skipped = reason_not_judged(request, observation)
        if self.skipped is not None:
            return
        if isinstance(observation, NoAnswer):
            self.broken = self.broken or observation.problem
        how = Sent(frozenset(line.parameters) or None, values=line.values)
        self.divergences += self.oracle.judge(line.step, request, observation, line.sent, line.answered, how)

    def _check_names(self, request: Request) -> None:
        for i in request.instances:
            if not self.names.knows(i) and i not in self.oracle.strangers:
                raise Unplayable(f"{i} was never launched")
        if isinstance(request, VolumeRequest) and request.operation is not Operation.CREATE_VOLUME:
            for v in request.volumes:
                if not self.names.knows(v):
                    raise Unplayable(f"no reply has shown the volume {v}")

    def _settled(self, line: Settled) -> None:
        volumes = tuple(Volume(v) for v in line.volumes if v not in self.oracle.unjudged)
        if line.rest is SettleResult.STUCK and self.oracle.excused is not None:
            return  # nobody knows whether anything was
        if line.rest is SettleResult.STUCK:
            self.divergences += self.oracle.stuck(line.step, volumes)
        elif line.rest is SettleResult.RESTED and self.oracle.restless(volumes):
            self.unwaited += 1
        else:
            self.oracle.rested()


def judged_again(path: Path, engine: Engine, warn: Callable[[str], None]) -> Iterator[Judged]:
    """Yield the result of each scenario of a trace, in the order in which they ended.

    A truncated last line is a warning. Raises `TraceError` for anything else that is invalid.
    """
    under_way: dict[int, _Scenario] = {}
    header: Header | None = None
    for number, line in lines_of(path, warn):
        if isinstance(line, Header):
            header = line
            continue
        if header is None:  # `lines_of` sees to it
            raise TypeError(line)
        if isinstance(line, Began):
            if line.scenario in under_way:
                raise TraceError(path, number, f"scenario {line.scenario} begins a second time; {_AGAIN}")
            under_way[line.scenario] = _Scenario(header, line, number, engine)
        elif line.scenario not in under_way:
            raise TraceError(path, number, f"scenario {line.scenario} never began; {_AGAIN}")
        elif isinstance(line, Ended):
            yield under_way.pop(line.scenario).judged(line)
        else:
            _take(under_way[line.scenario], line, path, number)
    for scenario in under_way.values():
        yield scenario.judged(None)


def _take(scenario: _Scenario, line: Stepped | MadeUp | Exchange | Pushed | Settled, path: Path, number: int) -> None:
    try:
        scenario.take(line)
    except (ValueError, KeyError, TypeError, IndexError, Unsupported) as error:
        raise TraceError(path, number, f"this cannot be judged ({_error_text(error)}); {_AGAIN}") from error


def lines_of(path: Path, warn: Callable[[str], None]) -> Iterator[tuple[int, Line]]:
    """Yield the lines of a trace with their numbers, the header first; errors as in `judged_again`."""
    try:
        with _opened(path) as file:
            yield 1, header_of(file.readline(), path)
            for number, text in enumerate(file, 2):
                if not text.strip():
                    continue
                try:
                    line = decode(text)
                except (ValueError, RecursionError) as error:
                    if text.endswith(b"\n"):
                        message = f"this is not a line of a trace ({_error_text(error)}); {_AGAIN}"
                        raise TraceError(path, number, message) from error
                    warn(f"{path}:{number}: the last line is incomplete, and is ignored")
                    return
                if isinstance(line, Header):
                    raise TraceError(path, number, "a second trace starts here; keep each in a file of its own")
                if line is not None:
                    yield number, line
    except OSError as error:
        raise TraceError(path, None, f"cannot be read ({os_reason(error)}); name a trace") from error
    except (EOFError, zlib.error) as error:
        raise TraceError(path, None, "cannot be decompressed to its end; compress the trace again") from error


def is_trace(path: Path) -> bool:
    """Tell whether a file is a trace, from its first bytes."""
    try:
        with _opened(path) as file:
            return file.read(16).startswith(b'{"line":"trace"')
    except (OSError, EOFError, zlib.error):
        return False


def _opened(path: Path) -> BinaryIO:
    """Open a trace, plain or gzipped."""
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path)) if is_packed else path.open("rb")


def _error_text(error: Exception) -> str:
    """Return why a line says nothing: the errors of values are this project's own, the others are Python's."""
    match error:
        case KeyError():
            return f"{error.args[0]!r} is missing"
        case ValueError() | Unsupported():
            return " ".join(str(error).split())
        case _:
            return "it is not as this version writes it"
