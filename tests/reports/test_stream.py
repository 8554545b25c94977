"""The event stream, and what is made of it for programs: the JSON object and the finding files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from report_samples import EVENTS, FINDING, MODEL, MOTO, STARTED

from ec2_lifecycle.reports.events import ScenarioRun, TargetFinished, WaiverProblem
from ec2_lifecycle.reports.findings import FindingFiles, file_name, file_text
from ec2_lifecycle.reports.stream import StreamError, StreamWriter, decode, encode, read_stream
from ec2_lifecycle.reports.summary import exit_code, summarise


def written(path: Path) -> list[bytes]:
    """The lines of a stream with one event of each kind."""
    with StreamWriter(path) as stream:
        for event in (STARTED, *EVENTS):
            stream.write(event)
    return path.read_bytes().splitlines(keepends=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a stream is stored."""
    return tmp_path / "events.ndjson"


def test_a_stream_reads_back_as_it_was_written(path: Path) -> None:
    written(path)
    stream = read_stream(path)
    assert stream.header == STARTED
    assert stream.events == EVENTS
    assert stream.warnings == ()


def test_each_event_is_one_line_of_json_that_names_its_kind(path: Path) -> None:
    lines = [json.loads(line) for line in written(path)]
    assert [line["event"] for line in lines] == ["RunStarted", *(type(event).__name__ for event in EVENTS)]
    assert lines[0]["schema"] == "1.8"
    assert lines[-1]["clauses"]["TERM-4"]["verdict"] == "violated"
    assert lines[2]["finding"]["expected"] == list(FINDING.expected)


def test_an_event_is_on_disk_as_soon_as_it_is_written(path: Path) -> None:
    with StreamWriter(path) as stream:
        stream.write(STARTED)
        assert read_stream(path).header == STARTED


@given(st.text(st.characters(codec=None)))
def test_any_text_stays_on_its_line(text: str) -> None:
    line = encode(ScenarioRun("moto", text, "corpus", 1, ()))
    assert line.count(b"\n") == 1
    event = decode(line)
    assert isinstance(event, ScenarioRun)
    assert event.title == text.encode(errors="replace").decode()


def test_a_last_line_that_was_cut_off_is_a_warning_and_nothing_else_is_lost(path: Path) -> None:
    lines = written(path)
    path.write_bytes(b"".join(lines)[:-20])
    stream = read_stream(path)
    assert stream.events == EVENTS[:-1]
    [warning] = stream.warnings
    assert warning == f"{path}:{len(lines)}: the last line is incomplete, and is ignored"


def test_a_stream_may_end_anywhere_after_its_header(path: Path) -> None:
    lines = written(path)
    whole = b"".join(lines)
    ends = [len(b"".join(lines[: number + 1])) for number in range(len(lines))]
    for length in range(ends[0], len(whole)):
        path.write_bytes(whole[:length])
        stream = read_stream(path)
        complete = sum(length >= end - 1 for end in ends[1:])  # the line break itself may be missing
        assert stream.events == EVENTS[:complete]
        assert bool(stream.warnings) == (length not in {*ends, *(end - 1 for end in ends)})


def test_a_cut_in_the_middle_is_an_error_with_its_line(path: Path) -> None:
    lines = written(path)
    lines[2] = lines[2][:30] + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(StreamError) as error:
        read_stream(path)
    assert str(error.value).startswith(f"{path}:3: this is not an event (")
    assert "\n" not in str(error.value)


def test_what_a_newer_minor_version_adds_is_ignored(path: Path) -> None:
    lines = written(path)
    header = json.loads(lines[0]) | {"schema": "1.9", "mood": "good"}
    newer = json.loads(lines[3]) | {"weather": {"rain": 1}}
    unknown = {"event": "CoffeeMade", "target": 3}
    path.write_text("\n".join(json.dumps(line) for line in (header, newer, unknown)))
    stream = read_stream(path)
    assert stream.header.schema == "1.9"
    assert stream.events == EVENTS[2:3]
    assert stream.warnings == ()


def test_a_newer_major_version_is_refused_in_one_sentence(path: Path) -> None:
    path.write_text('{"event": "RunStarted", "schema": "2.0"}\n')
    with pytest.raises(StreamError) as error:
        read_stream(path)
    assert str(error.value) == f"{path}:1: schema 2.0 is newer than 1.8; read it with a newer ec2-lifecycle"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the stream has no first line"),
        (b"<html>", "the first line is not the header of a stream (it is not JSON from character 1 on)"),
        (b"\xff\xfe", "the first line is not the header of a stream (byte 1 is not UTF-8)"),
        (b"[" * 100_000, "the first line is not the header of a stream (it is nested too deeply)"),
        (b'{"event": "RunStarted"}', "schema is missing"),
        (b'{"event": "RunStarted", "schema": "new"}', 'schema must be a version such as 1.8, not "new"'),
        (b'{"event": "RunStarted", "schema": "1.0"}', "version is missing"),
        (b'{"event": "ScenarioRun", "schema": "1.0"}', "target is missing"),
        (b'{"event": "CoffeeMade", "schema": "1.0"}', "the first line is not a RunStarted"),
    ],
)
def test_what_is_no_stream_is_refused_at_its_first_line(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(StreamError) as error:
        read_stream(path)
    assert str(error.value).startswith(f"{path}:1: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"event": "ScenarioRun", "target": 3}', "target must be a text, not 3"),
        (b'{"target": "moto"}', "event is missing"),
        (b"\xff", "byte 1 is not UTF-8"),
        (b'{"event": "WaiverProblem", "target": "\xff"}', "byte 39 is not UTF-8"),
        (b'{"a":' * 100_000, "it is nested too deeply"),
        (encode(STARTED), "a second run starts here"),
    ],
)
def test_a_line_that_is_no_event_is_an_error_with_its_line(path: Path, line: bytes, message: str) -> None:
    path.write_bytes(b"".join((encode(STARTED), encode(EVENTS[0]), line, b"\n", encode(EVENTS[1]))))
    with pytest.raises(StreamError, match=":3: ") as error:
        read_stream(path)
    assert message in str(error.value)


def test_a_file_that_cannot_be_read_or_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StreamError) as missing:
        read_stream(tmp_path / "none")
    assert str(missing.value).endswith("none: cannot be read (no such file or directory); name an events.ndjson")
    with pytest.raises(StreamError) as folder:
        StreamWriter(tmp_path)
    assert "cannot be written (is a directory); name another --output folder" in str(folder.value)


def test_the_json_object_has_the_keys_of_the_design() -> None:
    known = replace(FINDING, waived="moto issue #1")
    races = replace(known, flaky=True)
    summary = json.loads(summarise([replace(MOTO, findings=(FINDING, known, races))]).json())
    assert list(summary) == ["schema", "targets", "exit"]
    assert (summary["schema"], summary["exit"]) == (2, 1)
    [target] = summary["targets"]
    numbers = ("target", "version", "seed", "scenarios", "calls", "seconds")
    assert [target[key] for key in numbers] == ["moto", "5.2.5", 7, 2412, 13210, 42.31]
    assert target["clauses"]["TERM-4"] == {
        "verdict": "violated",
        "evidence": "documented",
        "checks": 44,
        "reason": None,
        "masked_by": [],
    }
    new, waived, flaky = target["findings"]
    required = {
        "id",
        "clauses",
        "level",
        "harm",
        "situation",
        "status",
        "title",
        "scenario",
        "expected",
        "observed",
        "waived",
    }
    assert required <= new.keys()
    assert new["scenario"] == FINDING.scenario
    assert new["expected"] == "A is running, shielded by C (TERM-4); or A is pending, shielded by C (TERM-4)"
    assert (new["waived"], new["waiver"]) == (False, None)
    assert (waived["waived"], waived["waiver"], waived["flaky"]) == (True, "moto issue #1", False)
    assert (flaky["waived"], flaky["waiver"], flaky["flaky"]) == (True, "moto issue #1", True)


KNOWN = replace(MOTO, findings=(replace(FINDING, waived="known"),))
STALE = replace(KNOWN, waiver_problems=(WaiverProblem("moto", "f1:0", "gone"),))
BROKEN = replace(KNOWN, stopped="broken", broken="it hung up")


@pytest.mark.parametrize(
    ("targets", "code"),
    [
        ((), 0),
        ((MODEL,), 0),
        ((KNOWN,), 0),
        ((MOTO,), 1),
        ((STALE,), 1),
        ((BROKEN,), 3),
        ((MODEL, MOTO), 1),
        ((BROKEN, MOTO), 3),
        ((replace(MOTO, stopped="interrupted"),), 1),
        ((replace(KNOWN, stopped="interrupted"),), 3),
        ((MOTO, replace(MODEL, stopped="interrupted")), 1),
        ((BROKEN, replace(MODEL, stopped="interrupted")), 3),
        ((replace(KNOWN, stopped="time"),), 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst_target(targets: tuple[TargetFinished, ...], code: int) -> None:
    assert exit_code(targets) == code


def test_a_finding_file_is_its_scenario_below_a_comment(tmp_path: Path) -> None:
    path = FindingFiles(tmp_path).write(FINDING, "moto")
    assert path.name == "f1-abcd1234.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.endswith(FINDING.scenario_text)
    assert text.splitlines()[:3] == [
        "# TERM-4 violation: An unprotected instance in the zone of a protected one was terminated",
        "# documented: B-02: TerminateInstances page",
        "# replay: ec2-lifecycle replay out/findings/f1-abcd1234.yaml --target moto",
    ]


def test_a_hostile_title_stays_inside_its_comment() -> None:
    text = file_text(replace(FINDING, title="x\nsteps: []\r\u2028y\x85z\x1b[2J"))
    assert text.splitlines()[0] == r"# TERM-4 violation: x\nsteps: []\r\u2028y\x85z\x1b[2J"
    assert yaml.safe_load(text)["title"] == FINDING.title


@pytest.mark.parametrize("finding", ["../../etc/passwd", "a\0b", "C:\\x", ".", "", "-rf", "f1:ä"])
def test_a_hostile_id_stays_inside_its_folder(tmp_path: Path, finding: str) -> None:
    path = FindingFiles(tmp_path).write(replace(FINDING, id=finding), "moto")
    assert path.resolve().parent == tmp_path.resolve()
    assert path.is_file()


def test_targets_that_show_a_finding_differently_have_a_file_each(tmp_path: Path) -> None:
    other = replace(FINDING, scenario_text="title: another\n")
    files = FindingFiles(tmp_path)
    server = "endpoint:http://[::1]:5000"
    first, second, third = (
        files.write(finding, target) for finding, target in ((FINDING, "moto"), (other, server), (FINDING, "third"))
    )
    assert (first.name, second.name) == (file_name("f1:abcd1234"), "f1-abcd1234.endpoint-http-1-5000.yaml")
    assert third == first == files.path_of(FINDING, "moto")
    assert first.read_text().endswith(FINDING.scenario_text)
    assert second.read_text().endswith("title: another\n")


def test_only_what_an_earlier_run_wrote_is_cleared_away(tmp_path: Path) -> None:
    files = FindingFiles(tmp_path / "findings")
    files.clear()
    files.write(FINDING, "moto")
    files.write(replace(FINDING, scenario_text="title: another\n"), "endpoint:http://[::1]:5000")
    mine = tmp_path / "findings" / "f1-abcd1234-my-notes.md"
    mine.touch()
    files.clear()
    assert list((tmp_path / "findings").iterdir()) == [mine]


def test_a_worse_scenario_of_one_target_replaces_the_file_of_its_finding(tmp_path: Path) -> None:
    files = FindingFiles(tmp_path)
    first = files.write(FINDING, "moto")
    assert files.write(replace(FINDING, scenario_text="title: worse\n"), "moto") == first
    assert first.read_text().endswith("title: worse\n")
    assert files.path_of(FINDING, "third") != first
