"""`report`: files out of stored streams, and nothing but streams needed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from conftest import Ran
from report_samples import EVENTS, FINDING, MODEL, MOTO, STARTED
from stored import finished, stored

Command = Callable[[str], Ran]


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
    assert ran.out.startswith("TERM-4 violation · f1:abcd1234")
    assert "findings: 1 new · 0 waived" in ran.out


def test_a_stream_that_was_cut_off_is_reported_with_a_warning(command: Command) -> None:
    path = stored(Path("a.ndjson"))
    path.write_bytes(path.read_bytes()[:-20])
    ran = command("report a.ndjson --annotations")
    assert ran.code == 0
    assert ran.sentence == "a.ndjson:7: the last line was cut off, and is left out"
    assert f"{FINDING.id} {FINDING.title}" in ran.out


def test_a_newer_major_version_is_one_sentence_and_nothing_is_written(command: Command) -> None:
    stored(Path("a.ndjson"), EVENTS, replace(STARTED, schema="2.0"))
    ran = command("report a.ndjson --markdown m.md")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("a.ndjson:1: schema 2.0 is newer than 1.1")
    assert not Path("m.md").exists()


def test_a_stream_of_the_first_version_loads(command: Command) -> None:
    old = replace(STARTED, schema="1.0")
    path = stored(Path("a.ndjson"), [MOTO], old)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for added in ("max_calls", "time_budget"):
        del lines[0][added]
    del lines[1]["findings"][0]["instance"]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert command("report a.ndjson --annotations").out.startswith("::error")


def test_a_file_that_is_not_there_is_one_sentence(command: Command) -> None:
    assert command("report none.ndjson").code == 2
    stored(Path("a.ndjson"))
    ran = command("report a.ndjson --junit no/such/folder.xml")
    assert ran.code == 2
    assert ran.sentence == "no/such/folder.xml: no such file or directory."
