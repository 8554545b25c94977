"""`report`: files out of stored streams, and nothing but streams needed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from command_runs import Command
from report_samples import EVENTS, FINDING, MODEL, MOTO, STARTED
from stored_streams import finished, stored


def test_each_view_is_written_where_it_is_asked_for(command: Command) -> None:
    stored(Path("a.ndjson"))
    stored(Path("b.ndjson"), finished(MODEL))
    ran = command("report a.ndjson b.ndjson --junit j.xml --markdown m.md --badge b.json --annotations")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("::error title=TERM-4 violation on moto::")
    assert '<testsuite name="model"' in Path("j.xml").read_text(encoding="utf-8")
    assert "`model`" in Path("m.md").read_text(encoding="utf-8")
    assert json.loads(Path("b.json").read_text(encoding="utf-8"))["schemaVersion"] == 1


def test_without_options_the_run_is_printed_as_it_was(command: Command) -> None:
    stored(Path("a.ndjson"))
    ran = command("report a.ndjson")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("moto 5.2.5: 1 new finding\n")
    assert command("report a.ndjson --verbose").out.startswith("TERM-4 violation · f1:abcd1234")


def test_a_run_is_named_by_its_folder_too(command: Command) -> None:
    for name in ("out", "before"):
        Path(name).mkdir()
        stored(Path(name, "events.ndjson"))
    assert command("report out").out == command("report out/events.ndjson").out
    assert command("report out --against before --html page.html").code == 0
    assert Path("page.html").is_file()


def test_a_folder_without_a_run_is_one_sentence(command: Command) -> None:
    Path("empty").mkdir()
    ran = command("report empty")
    assert (ran.code, ran.out) == (2, "")
    assert "empty/events.ndjson" in ran.sentence


def test_a_stream_that_was_cut_off_is_reported_with_a_warning(command: Command) -> None:
    path = stored(Path("a.ndjson"))
    path.write_bytes(path.read_bytes()[:-20])
    ran = command("report a.ndjson --annotations")
    assert ran.code == 0
    assert ran.sentence == "a.ndjson:7: the last line is incomplete, and is ignored"
    assert f"{FINDING.id} {FINDING.title}" in ran.out


def test_a_newer_major_version_is_one_sentence_and_nothing_is_written(command: Command) -> None:
    stored(Path("a.ndjson"), EVENTS, replace(STARTED, schema="2.0"))
    ran = command("report a.ndjson --markdown m.md")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("a.ndjson:1: schema 2.0 is newer than 1.8")
    assert not Path("m.md").exists()


def test_a_stream_of_the_first_version_loads(command: Command) -> None:
    old = replace(STARTED, schema="1.0")
    path = stored(Path("a.ndjson"), [MOTO], old)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for added in ("max_calls", "time_budget", "lifecycle", "theorems"):
        del lines[0][added]
    for added in ("instance", "beliefs", "expected_brief", "observed_brief", "observed_state"):
        del lines[1]["findings"][0][added]
    del lines[1]["transitions"]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert command("report a.ndjson --annotations").out.startswith("::error")
    assert command("report a.ndjson --html r.html").code == 0
    page = Path("r.html").read_text(encoding="utf-8")
    assert FINDING.title in page
    assert 'id="lifecycle"' not in page


def test_a_page_says_what_changed_since_an_earlier_run_and_what_was_proved(command: Command) -> None:
    stored(Path("a.ndjson"))
    stored(Path("old.ndjson"), finished(replace(MOTO, findings=())))
    proof = {"id": "T1", "sentence": "Nothing is lost.", "verdict": {"z3": "proved"}, "ms": {"z3": 8.4}, "holds": True}
    told = {"schema": 1, "solvers": ["z3"], "theorems": [{**proof, "obligations": 3}], "exit": 0}
    Path("p.json").write_text(json.dumps(told), encoding="utf-8")
    ran = command("report a.ndjson --html r.html --against old.ndjson --proofs p.json")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    page = Path("r.html").read_text(encoding="utf-8")
    assert "Against the earlier run" in page
    assert "proved by z3 in 8 ms" in page


@pytest.mark.parametrize("option", ["--against a.ndjson", "--proofs p.json"])
def test_what_only_the_page_shows_needs_the_page(command: Command, option: str) -> None:
    stored(Path("a.ndjson"))
    ran = command(f"report a.ndjson {option} --junit j.xml")
    assert (ran.code, ran.out) == (2, "")
    assert "name it with --html" in ran.sentence
    assert not Path("j.xml").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "p.json: cannot be read (no such file or directory); name the output of"),
        ("{", "p.json: this is not a file of proofs (it is not JSON from character 2 on); name the output of"),
        (
            '{"schema": 1, "theorems": [{"id": 1}]}',
            "p.json: this is not a file of proofs (theorems[0].id must be a text, not 1)",
        ),
        ('{"schema": 2, "theorems": []}', "p.json: its schema is 2, not 1; read it with a newer ec2-lifecycle"),
        ("[" * 100_000, "p.json: this is not a file of proofs (it is nested too deeply)"),
    ],
)
def test_a_file_of_no_proofs_is_one_sentence_and_nothing_is_written(
    command: Command, content: str | None, sentence: str
) -> None:
    stored(Path("a.ndjson"))
    if content is not None:
        Path("p.json").write_text(content, encoding="utf-8")
    ran = command("report a.ndjson --html r.html --proofs p.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith(sentence)
    assert not Path("r.html").exists()


def test_a_file_that_is_not_there_is_one_sentence(command: Command) -> None:
    assert command("report none.ndjson").code == 2
    stored(Path("a.ndjson"))
    ran = command("report a.ndjson --junit no/such/folder.xml")
    assert ran.code == 2
    assert ran.sentence == "no/such/folder.xml: no such file or directory."
