"""The event stream: one JSON object per line, written during the run, so that no crash loses events.

This module writes and reads all JSON of the reports.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self, get_args

import msgspec

from .events import SCHEMA, Event, RunStarted
from .misfits import mistake_in
from .os_reasons import os_reason
from .safe_text import brief, printable
from .truncation import NAME

_MAJOR: Final = int(SCHEMA.partition(".")[0])
_ENCODER: Final = msgspec.json.Encoder()
_KINDS: Final[dict[str, type[Event]]] = {kind.__name__: kind for kind in get_args(Event)}
_DECODERS: Final[dict[str, msgspec.json.Decoder[Event]]] = {
    name: msgspec.json.Decoder(kind) for name, kind in _KINDS.items()
}


class StreamError(Exception):
    """A stream that cannot be read or written: `FILE:LINE: what was wrong, and what to do`."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        super().__init__(path, line, message)
        self.path = path
        self.line = line
        self.message = message

    def __str__(self) -> str:
        where = printable(str(self.path))
        return f"{where}: {self.message}" if self.line is None else f"{where}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Stream:
    """A stored stream; `warnings` are sentences about what could not be read."""

    header: RunStarted
    events: tuple[Event, ...]
    """All events after the header."""
    warnings: tuple[str, ...] = ()


class _Tag(msgspec.Struct):
    """The key that says which kind of event a line is."""

    event: str


class _Header(msgspec.Struct):
    """The part of the first line that every version of the format has."""

    event: str
    schema: str


_TAG: Final = msgspec.json.Decoder(_Tag)
_HEADER: Final = msgspec.json.Decoder(_Header)


def to_json(value: object) -> bytes:
    """A dataclass as JSON on one line: enums by value, tuples as lists."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        # A lone surrogate: command lines may contain one, but JSON cannot.
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace")


def encode(event: Event) -> bytes:
    """An event as one line, its line break included."""
    # msgspec adds a tag only to its own Structs, and the events are dataclasses.
    return b'{"event":"%s",%s\n' % (type(event).__name__.encode(), to_json(event)[1:])


def decode(line: bytes) -> Event | None:
    """The event on a line, or `None` for a kind that this version does not know; raises ValueError."""
    kind: Any = _Tag
    try:
        name = _TAG.decode(line).event
        kind = _KINDS.get(name)
        return None if kind is None else _DECODERS[name].decode(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(mistake_in(line, kind)) from error


class StreamWriter:
    """Writes events to a file and flushes each one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file: BinaryIO = path.open("wb")
        except OSError as error:
            raise self._failed(error) from error

    def write(self, event: Event) -> None:
        """Append an event; the first must be the `RunStarted`. Raises `StreamError`."""
        try:
            self._file.write(encode(event))
            self._file.flush()
        except OSError as error:
            raise self._failed(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._file.close()

    def _failed(self, error: OSError) -> StreamError:
        return StreamError(self._path, None, f"cannot be written ({os_reason(error)}); name another --output folder")


def read_stream(path: Path) -> Stream:
    """All events of a stored stream, read as by `read_events`."""
    warnings: list[str] = []
    header, *events = read_events(path, warnings.append)
    if not isinstance(header, RunStarted):  # `read_events` ensures it
        raise TypeError(header)
    return Stream(header, tuple(events), tuple(warnings))


def read_events(path: Path, warn: Callable[[str], None]) -> Iterator[Event]:
    """Yield the events of a stored stream one by one, the header first, because a stream may exceed the memory.

    A truncated last line is a warning; unknown fields and kinds of a newer minor version are ignored.
    Raises `StreamError` for anything else that is not a stream.
    """
    try:
        with path.open("rb") as file:
            yield _read_header(path, file.readline())
            for number, line in enumerate(file, 2):
                if not line.strip():
                    continue
                try:
                    event = _after_header(path, number, line)
                except StreamError:
                    if line.endswith(b"\n"):
                        raise
                    warn(f"{printable(str(path))}:{number}: the last line is incomplete, and is ignored")
                    return
                if event is not None:
                    yield event
    except OSError as error:
        raise StreamError(path, None, f"cannot be read ({os_reason(error)}); name an events.ndjson") from error


def _after_header(path: Path, number: int, line: bytes) -> Event | None:
    try:
        event = decode(line)
    except ValueError as error:
        raise StreamError(path, number, f"this is not an event ({error}); record the run again") from error
    if isinstance(event, RunStarted):
        raise StreamError(path, number, "a second run starts here; keep each run in a file of its own")
    return event


def _read_header(path: Path, line: bytes) -> RunStarted:
    if not line.strip():
        raise StreamError(path, 1, "the stream has no first line; name the events.ndjson of a run")
    try:
        schema = _schema_of(line)
        if int(schema.partition(".")[0]) > _MAJOR:
            raise StreamError(
                path, 1, f"schema {printable(schema)} is newer than {SCHEMA}; read it with a newer ec2-lifecycle"
            )
        event = decode(line)
    except ValueError as error:
        message = f"the first line is not the header of a stream ({error}); name the events.ndjson of a run"
        raise StreamError(path, 1, message) from error
    if not isinstance(event, RunStarted):
        raise StreamError(path, 1, "the first line is not a RunStarted; name the events.ndjson of a run")
    return event


def _schema_of(line: bytes) -> str:
    """Return the version of the format that a header names; raises ValueError."""
    try:
        schema = _HEADER.decode(line).schema
    except (ValueError, RecursionError) as error:
        raise ValueError(mistake_in(line, _Header)) from error
    if not schema.partition(".")[0].isdecimal():
        raise ValueError(f'schema must be a version such as {SCHEMA}, not "{brief(schema, NAME)}"')
    return schema
