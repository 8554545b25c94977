"""The journal of a run: what it is about to make, before it does, on disk; so that nothing is lost with the process.

A file of JSON lines for each run, append-only. An entry is on the disk before the request is sent that it is about.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Self, TypeAlias

import msgspec
import portalocker

SUFFIX: Final = ".ndjson"


class JournalError(Exception):
    """A journal that cannot be read or written; the message is one sentence for the user."""


class Began(msgspec.Struct, frozen=True, tag_field="what", tag="run"):
    """The first entry: whose run it is, and where."""

    run: str
    account: str
    region: str
    profile: str
    expires: datetime


class Intent(msgspec.Struct, frozen=True, tag_field="what", tag="make"):
    """Resources are about to be made, under a token that nobody else has."""

    token: str
    at: datetime
    instances: int = 0
    """So many; 0 for a volume."""


class Made(msgspec.Struct, frozen=True, tag_field="what", tag="made"):
    """The reply that names what a request made, or a description of it."""

    token: str
    ids: tuple[str, ...]


class Gone(msgspec.Struct, frozen=True, tag_field="what", tag="gone"):
    """Seen to be terminated or deleted."""

    ids: tuple[str, ...]


class Ended(msgspec.Struct, frozen=True, tag_field="what", tag="ended"):
    """The run is over, and nothing of it is left."""


Entry: TypeAlias = Began | Intent | Made | Gone | Ended


@dataclass(slots=True)
class Record:
    """What a journal says, all in all."""

    began: Began
    tokens: dict[str, Intent] = field(default_factory=dict[str, Intent])
    made: dict[str, str] = field(default_factory=dict[str, str])
    """The token of each resource, by its id."""
    answered: set[str] = field(default_factory=set[str])
    """The tokens of which it is known what they made, if anything."""
    gone: set[str] = field(default_factory=set[str])
    ended: bool = False

    def take(self, entry: Entry) -> None:
        """Take in one more entry."""
        match entry:
            case Intent():
                self.tokens[entry.token] = entry
                self.ended = False
            case Made():
                self.made |= dict.fromkeys(entry.ids, entry.token)
                self.answered.add(entry.token)
            case Gone():
                self.gone.update(entry.ids)
            case Ended():
                self.ended = True
            case Began():
                pass

    def unanswered(self) -> tuple[Intent, ...]:
        """Return what may have been made, of which nothing has been heard."""
        return tuple(intent for token, intent in self.tokens.items() if token not in self.answered)

    def left(self, prefix: str) -> tuple[str, ...]:
        """Return the ids that begin so, such as "i-", of what was made and was not seen to be gone."""
        return tuple(i for i in self.made if i.startswith(prefix) and i not in self.gone)


@dataclass(slots=True)
class Notes:
    """A journal that is kept in mind only, where nothing is made that has to be found again."""

    record: Record = field(default_factory=lambda: Record(Began("none", "", "", "", now())))

    def write(self, entry: Entry) -> None:
        """Take in one more entry."""
        self.record.take(entry)


class Journal:
    """One run's journal, open for writing; only one process at a time has it."""

    def __init__(self, path: Path) -> None:
        """Open a journal that there is.

        Raises `JournalError` where it cannot be read or written, or where another process has it.
        """
        self.path = path
        try:
            self._file = path.open("r+b")
            portalocker.lock(self._file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
            self.record = read(path)
            if self._file.seek(0, os.SEEK_END) and not _ends_a_line(self._file.name):
                self._file.write(b"\n")  # after an entry that was cut off
        except portalocker.LockException as error:
            raise JournalError(f"{path}: the run is still at work; wait for its end, or stop it.") from error
        except OSError as error:
            raise JournalError(_told(path, "cannot be opened", error)) from error

    @classmethod
    def begin(cls, folder: Path, began: Began) -> Path:
        """Make the journal of a new run and return its path; raises `JournalError`."""
        path = folder / f"{began.run}{SUFFIX}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                _write(file, began)
            _sync_folder(folder)
        except OSError as error:
            raise JournalError(_told(path, "cannot be written", error)) from error
        return path

    def write(self, entry: Entry) -> None:
        """Append an entry; it is on the disk when this returns. Raises `JournalError`."""
        try:
            _write(self._file, entry)
        except (OSError, ValueError) as error:
            raise JournalError(_told(self.path, "cannot be written", error)) from error
        self.record.take(entry)

    def close(self) -> None:
        """Let another process have it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read(path: Path) -> Record:
    """Return what a journal says; raises `JournalError`.

    An entry that was cut off at the end counts for nothing: what it is about was not sent yet.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalError(_told(path, "cannot be read", error)) from error
    record: Record | None = None
    for number, entry in _entries(path, lines):
        if record is not None:
            record.take(entry)
        elif isinstance(entry, Began):
            record = Record(entry)
        else:
            raise JournalError(f"{path}:{number}: this is no journal, which begins with the run.")
    if record is None:
        raise JournalError(f"{path}: this journal is empty, so its run made nothing; delete it.")
    return record


def unfinished(folder: Path) -> Iterator[Path]:
    """Yield the journals in a folder whose runs may have left something; raises `JournalError`."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if path.stat().st_size and not read(path).ended:
            yield path


def now() -> datetime:
    """Return the time as journals tell it."""
    return datetime.now(UTC).replace(microsecond=0)


def _entries(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[int, Entry]]:
    decode = msgspec.json.Decoder(Began | Intent | Made | Gone | Ended).decode
    for number, line in enumerate(lines, 1):
        try:
            if line:
                yield number, decode(line)
        except msgspec.DecodeError as error:
            if line.endswith(b"}"):
                raise JournalError(f"{path}:{number}: this is no entry of a journal ({error}).") from error
            # Otherwise a process came to its end in the middle of it; the next one goes on in a line of its own.


def _write(file: BinaryIO, entry: Entry) -> None:
    file.write(msgspec.json.encode(entry) + b"\n")
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Let the name of a new file outlive a power loss, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _ends_a_line(name: str) -> bool:
    with Path(name).open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _told(path: Path, what: str, error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return f"{path} {what} ({str(reason).lower()})."
