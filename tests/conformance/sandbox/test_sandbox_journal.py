"""The journal of a run: on the disk before the request is sent, and readable whatever the end of its writer was."""

import json
import os
from collections.abc import Generator
from datetime import timedelta
from io import FileIO
from pathlib import Path

import pytest
from sandboxes import BEGAN, BEGINNING, LOST, RUN, Sandbox, first, launch, sandbox

from ec2_lifecycle.conformance.adapter.target import Broken
from ec2_lifecycle.conformance.sandbox import journal as journals
from ec2_lifecycle.conformance.sandbox.journal import (
    Ended,
    Gone,
    Intent,
    Journal,
    JournalError,
    Made,
    read,
    unfinished,
)

TOKEN = "0" * 32
INTENT = Intent(TOKEN, BEGINNING, 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of a run that has made nothing yet."""
    return Journal.begin(tmp_path / "journals", BEGAN)


@pytest.fixture
def there(tmp_path: Path) -> Generator[Sandbox]:
    """A sandbox in an empty account."""
    with sandbox(tmp_path) as there:
        yield there


def written(path: Path, *entries: Intent | Made | Gone | Ended) -> None:
    with Journal(path) as journal:
        for entry in entries:
            journal.write(entry)


# What is on the disk, and when.


def test_a_launch_is_on_the_disk_before_it_is_sent(there: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []
    sync = os.fsync

    def noted(number: int) -> None:
        sync(number)
        synced.append(there.journal.path.read_bytes())

    monkeypatch.setattr(os, "fsync", noted)
    at_sending: list[tuple[bytes, bytes]] = []
    there.wire.before = lambda _: at_sending.append((synced[-1], there.journal.path.read_bytes()))
    there.launch(2)
    there.gate.create_volume(AvailabilityZone="us-east-1a", Size=1)
    assert [name for name, _ in there.wire.sent] == ["run_instances", "create_volume"]
    for (on_disk, in_file), (_, arguments) in zip(at_sending, there.wire.sent, strict=True):
        assert on_disk == in_file  # all that was written was synced
        last = json.loads(on_disk.splitlines()[-1])
        assert (last["what"], last["token"]) == ("make", arguments["ClientToken"])


def test_so_is_each_further_try(there: Sandbox) -> None:
    there.wire.around["run_instances"] = first(3, LOST)
    ages: list[timedelta] = []

    def look(_: str) -> None:
        [asked] = read(there.journal.path).tokens.values()
        ages.append(BEGINNING + timedelta(seconds=there.clock.now()) - asked.at)

    there.wire.before = look
    there.launch()
    assert ages == [timedelta()] * 4
    assert there.clock.now() > 0


def test_the_name_of_a_new_journal_is_synced_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    sync = os.fsync

    def noted(number: int) -> None:
        synced.append(Path(f"/proc/self/fd/{number}").resolve())
        sync(number)

    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not tell which file a descriptor is of")
    monkeypatch.setattr(os, "fsync", noted)
    path = Journal.begin(tmp_path / "new", BEGAN)
    assert synced == [path.resolve(), path.parent.resolve(), tmp_path.resolve()]


def test_a_launch_that_cannot_be_noted_is_not_sent(there: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Broken, match=r"cannot be written \(no space left on device\)"):
        there.gate.run_instances(**launch())
    assert there.wire.sent == []


def test_nothing_secret_is_in_it(there: Sandbox) -> None:
    there.launch()
    keys = {key for line in there.journal.path.read_text().splitlines() for key in json.loads(line)}
    assert keys == {"what", "run", "account", "region", "profile", "expires", "token", "at", "instances", "ids"}


# What it says.


def test_a_journal_says_what_was_written(path: Path) -> None:
    written(path, INTENT, Made(TOKEN, ("i-1", "i-2", "vol-1")), Gone(("i-1",)))
    record = read(path)
    assert record.began == BEGAN
    assert record.left("i-") == ("i-2",)
    assert record.left("vol-") == ("vol-1",)
    assert record.unanswered() == ()
    assert not record.ended


@pytest.mark.parametrize("ids", [("i-1",), ("vol-1", "vol-2"), ("i-1", "vol-1")])
def test_a_launch_is_unanswered_until_all_its_instances_are_known(path: Path, ids: tuple[str, ...]) -> None:
    written(path, INTENT, Made(TOKEN, ids))
    assert read(path).unanswered() == (INTENT,)
    written(path, Made(TOKEN, ("i-1", "i-2")))
    assert read(path).unanswered() == ()


def test_a_request_that_was_refused_is_answered(path: Path) -> None:
    written(path, INTENT, Made(TOKEN, ()))
    record = read(path)
    assert record.unanswered() == ()
    assert not record.may_have_made(TOKEN, "i-1")
    assert not record.may_have_made(TOKEN, "vol-1")


def test_what_makes_a_volume_has_made_no_instance(path: Path) -> None:
    written(path, Intent(TOKEN, BEGINNING))
    record = read(path)
    assert record.may_have_made(TOKEN, "vol-1")
    assert not record.may_have_made(TOKEN, "i-1")


def test_a_run_that_has_ended_and_makes_more_has_not_ended(path: Path) -> None:
    written(path, Ended())
    assert list(unfinished(path.parent)) == []
    written(path, INTENT)
    assert list(unfinished(path.parent)) == [path]


# What its writer leaves behind.


def test_each_prefix_of_a_journal_says_what_its_whole_lines_say(path: Path) -> None:
    written(path, INTENT, Made(TOKEN, ("i-1", "i-2")), Gone(("i-1", "i-2")), Ended())
    whole = path.read_bytes()
    begun = whole.index(b"\n") + 1
    for end in range(begun, len(whole) + 1):
        path.write_bytes(whole[:end])
        lines = whole[: end + 1].count(b"\n")  # a line without its end is whole, too
        record = read(path)
        assert (bool(record.tokens), bool(record.made), bool(record.gone), record.ended) == (
            lines > 1,
            lines > 2,
            lines > 3,
            lines > 4,
        )


def test_a_torn_line_stays_alone_in_the_middle(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b'{"what":"make","tok')
    written(path, INTENT)
    written(path, Made(TOKEN, ("i-1",)))
    assert len(path.read_bytes().splitlines()) == 4
    assert read(path).left("i-") == ("i-1",)


def test_so_do_zeros_after_a_power_loss(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(100))
    written(path, INTENT)
    assert read(path).unanswered() == (INTENT,)


def test_after_a_full_disk_the_next_entry_has_a_line_of_its_own(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal(path) as journal:
        write = journals._write  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

        def half(file: FileIO, line: bytes) -> None:
            write(file, line[: len(line) // 2])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(journals, "_write", half)
        with pytest.raises(JournalError, match="no space left on device"):
            journal.write(INTENT)
        assert journal.record.tokens == {}
        monkeypatch.setattr(journals, "_write", write)
        journal.write(INTENT)
    assert read(path).tokens == {TOKEN: INTENT}


@pytest.mark.parametrize("text", ["", '{"what":"run","run":"2026', '{"what":"run","run":"2026"}'])
def test_a_run_that_was_stopped_in_its_first_entry_made_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "torn.ndjson").write_text(text)
    assert list(unfinished(tmp_path)) == []


def test_a_journal_that_cannot_be_read_keeps_none_from_being_reaped(path: Path) -> None:
    written(path, INTENT)
    bad = path.with_name("a-bad-one.ndjson")
    bad.write_text('{"what":"lunch"}\n')
    assert set(unfinished(path.parent)) == {bad, path}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this journal is empty, so its run made nothing; delete it"),
        ('{"what":"ended"}\n', ":1: this is not a journal: a journal begins with its run"),
        ('{"what":"lunch"}\n', ":1: this is not an entry of a journal"),
        ("[]\n{}\n", ":2: this is not an entry of a journal"),
    ],
)
def test_what_is_no_journal_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_text(text)
    with pytest.raises(JournalError) as caught:
        Journal(path)
    assert said in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match=rf"{RUN}.ndjson cannot be written \(file exists\)\.$"):
        Journal.begin(tmp_path / "file", BEGAN)


# Who has it.


def test_a_journal_has_one_writer(path: Path) -> None:
    with Journal(path), pytest.raises(JournalError, match="still uses this journal; wait until it ends"):
        Journal(path)
    written(path, INTENT)
    assert read(path).tokens


def test_a_journal_that_could_not_be_opened_is_not_held(path: Path) -> None:
    good = path.read_bytes()
    path.write_text('{"what":"lunch"}\n')
    with pytest.raises(JournalError) as caught:
        Journal(path)
    path.write_bytes(good)
    written(path, INTENT)
    assert caught.value.__traceback__ is not None  # which would keep an open file alive
