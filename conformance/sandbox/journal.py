"""The journal of a run: records on disk what the run is about to create, so that a crash loses no resource.

One append-only file of JSON lines per run. An entry is on disk before its request is sent.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Final, Self, TypeAlias

import msgspec
import portalocker

from ...reports.misfits import mistake_in
from ...reports.os_reasons import os_reason
from ..adapter.target import Broken

SUFFIX: Final = ".ndjson"
VOLUME: Final = "vol-"
"""The prefix of volume ids."""


class JournalError(Broken):
    """The journal cannot be read or written; the message is one sentence for the user."""


class Began(msgspec.Struct, frozen=True, tag_field="what", tag="run"):
    """The first entry: the run, its account and region."""

    run: str
    account: str
    region: str
    profile: str
    expires: datetime


class Intent(msgspec.Struct, frozen=True, tag_field="what", tag="make"):
    """Resources are about to be created under a unique token; written again before each try."""

    token: str
    at: datetime
    instances: int = 0
    """The number of instances; 0 for a volume."""


class Made(msgspec.Struct, frozen=True, tag_field="what", tag="made"):
    """The ids that a request created, from its reply or a description; no ids means that it was refused."""

    token: str
    ids: tuple[str, ...]


class Gone(msgspec.Struct, frozen=True, tag_field="what", tag="gone"):
    """Instances seen as terminated, and volumes whose deletion was accepted or that are no longer shown."""

    ids: tuple[str, ...]


class Ended(msgspec.Struct, frozen=True, tag_field="what", tag="ended"):
    """The run is over, and nothing it made is left."""


Entry: TypeAlias = Began | Intent | Made | Gone | Ended


@dataclass(slots=True)
class Record:
    """The content of a journal, summed up."""

    began: Began
    tokens: dict[str, Intent] = field(default_factory=dict[str, Intent])
    made: dict[str, str] = field(default_factory=dict[str, str])
    """The token of each resource, by id."""
    missing: dict[str, int] = field(default_factory=dict[str, int])
    """The number of resources with unknown ids that each token may have created."""
    refused: set[str] = field(default_factory=set[str])
    """The tokens that created nothing."""
    gone: set[str] = field(default_factory=set[str])
    ended: bool = False

    def take(self, entry: Entry) -> None:
        """Add one entry."""
        match entry:
            case Intent():
                self.tokens[entry.token] = entry
                self.missing.setdefault(entry.token, entry.instances or 1)
                self.ended = False
            case Made(token=token, ids=()):
                self.refused.add(token)
            case Made():
                counted = [i for i in entry.ids if i not in self.made and self._is_counted(entry.token, i)]
                self.missing[entry.token] = max(0, self.missing.get(entry.token, 0) - len(counted))
                self.made |= dict.fromkeys(entry.ids, entry.token)
            case Gone():
                self.gone.update(entry.ids)
            case Ended():
                self.ended = True
            case Began():
                pass

    def unanswered(self) -> tuple[Intent, ...]:
        """Return the requests that may have created something that is not known yet."""
        return tuple(each for token, each in self.tokens.items() if self.missing[token] and token not in self.refused)

    def may_have_made(self, token: str, real_id: str) -> bool:
        """Tell whether a request may have created a resource that the journal does not name yet.

        The number of volumes in an image is unknown, so a launch may have created any volume.
        """
        if token not in self.tokens or token in self.refused:
            return False
        return self.missing[token] > 0 if self._is_counted(token, real_id) else real_id.startswith(VOLUME)

    def _is_counted(self, token: str, real_id: str) -> bool:
        """Tell whether a resource is of the kind whose number the request states."""
        asked = self.tokens.get(token)
        return asked is not None and real_id.startswith("i-" if asked.instances else VOLUME)

    def comes_with_instance(self, real_id: str) -> bool:
        """Tell whether a launch created the volume, so that only a description can have shown it."""
        asked = self.tokens.get(self.made[real_id])
        return real_id.startswith(VOLUME) and asked is not None and asked.instances > 0

    def is_young(self, token: str, age: timedelta) -> bool:
        """Tell whether a request was last sent less than `age` ago."""
        asked = self.tokens.get(token)
        return asked is not None and now() - asked.at < age

    def left(self, prefix: str) -> tuple[str, ...]:
        """Return the ids with a prefix, such as "i-", that were created and are not known to be gone."""
        return tuple(i for i in self.made if i.startswith(prefix) and i not in self.gone)


@dataclass(slots=True)
class MemoryJournal:
    """A journal in memory, for runs that create nothing real."""

    record: Record = field(default_factory=lambda: Record(Began("none", "", "", "", now())))

    def write(self, entry: Entry) -> None:
        """Add one entry."""
        self.record.take(entry)


class Journal:
    """One run's journal, open for writing; locked to one process at a time."""

    def __init__(self, path: Path) -> None:
        """Open an existing journal.

        Raises `JournalError` if it cannot be read or written, or another process holds it.
        """
        self.path = path
        try:
            # Unbuffered, so that a failed write is not completed later, after another entry.
            with ExitStack() as closing:
                self._file = closing.enter_context(path.open("r+b", buffering=0))
                portalocker.lock(self._file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
                self.record = read(path)
                self._is_cut_off = self._file.seek(0, os.SEEK_END) > 0 and not _ends_a_line(path)
                closing.pop_all()
        except portalocker.LockException as error:
            raise JournalError(f"{path}: a run or `reap` still uses this journal; wait until it ends.") from error
        except OSError as error:
            raise JournalError(_problem(path, "cannot be opened", error)) from error

    @classmethod
    def begin(cls, folder: Path, began: Began) -> Path:
        """Create the journal of a new run and return its path; raises `JournalError`."""
        path = folder / f"{began.run}{SUFFIX}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb", buffering=0) as file:
                _write(file, _line(began))
            _sync_folder(folder)
            _sync_folder(folder.parent)  # the folder may be new, too
        except OSError as error:
            raise JournalError(_problem(path, "cannot be written", error)) from error
        return path

    def write(self, entry: Entry) -> None:
        """Append an entry; it is on disk when this returns. Raises `JournalError`."""
        line = _line(entry)
        try:
            # A truncated entry, from a full disk or a killed process, stays on a line of its own.
            _write(self._file, b"\n" + line if self._is_cut_off else line)
        except (OSError, ValueError) as error:
            self._is_cut_off = True
            raise JournalError(_problem(self.path, "cannot be written", error)) from error
        self._is_cut_off = False
        self.record.take(entry)

    def close(self) -> None:
        """Release the journal for other processes."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read(path: Path) -> Record:
    """Return the content of a journal; raises `JournalError`.

    A truncated entry is ignored, because its request was not sent yet.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalError(_problem(path, "cannot be read", error)) from error
    record: Record | None = None
    for number, entry in _entries(path, lines):
        if record is not None:
            record.take(entry)
        elif isinstance(entry, Began):
            record = Record(entry)
        else:
            raise JournalError(f"{path}:{number}: this is not a journal: a journal begins with its run.")
    if record is None:
        raise JournalError(f"{path}: this journal is empty, so its run made nothing; delete it.")
    return record


def unfinished(folder: Path) -> Iterator[Path]:
    """Yield the journals of runs that may have left something, and those that cannot be read."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            if has_begun(path) and not read(path).ended:
                yield path
        except JournalError:
            yield path  # opening it reports the error


def has_begun(path: Path) -> bool:
    """Tell whether a journal has its first entry; without one, its run ended before it created anything."""
    try:
        return b"\n" in path.read_bytes()
    except OSError as error:
        raise JournalError(_problem(path, "cannot be read", error)) from error


def now() -> datetime:
    """Return the current time, with the precision of journals."""
    return datetime.now(UTC).replace(microsecond=0)


def _entries(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[int, Entry]]:
    decode = msgspec.json.Decoder(Entry).decode
    for number, line in enumerate(lines, 1):
        try:
            if line:
                yield number, decode(line)
        except msgspec.DecodeError as error:
            if line.endswith(b"}"):
                what = mistake_in(line, Entry)
                raise JournalError(f"{path}:{number}: this is not an entry of a journal ({what}).") from error
            # Otherwise a process came to its end in the middle of it; the next one goes on in a line of its own.


def _line(entry: Entry) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def _write(file: FileIO, line: bytes) -> None:
    """Write a line, and sync it to disk."""
    left = memoryview(line)
    while left:
        left = left[file.write(left) :]
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Sync the entry of a new file in its folder, if the system supports that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _problem(path: Path, what: str, error: Exception) -> str:
    reason = os_reason(error) if isinstance(error, OSError) else "it is closed"
    return f"{path} {what} ({reason})."
