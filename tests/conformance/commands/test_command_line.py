"""The command line where no target is needed: help, lists, explanations, waivers."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from command_runs import Command
from report_samples import FINDING as DIVERGENCE
from report_samples import MODEL, MOTO, SCENARIO_TEXT
from rich.console import Console
from stored_streams import finished
from stored_streams import stored as stream

from ec2_lifecycle.conformance.cli import COMMANDS
from ec2_lifecycle.conformance.commands import explain
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.model.evidence import FACTS
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.reports.console import print_python

FINDING = """\
title: A stopped instance is shown as running
clauses: [STOP-1]
steps:
  - run: {name: A}
  - stop: [A]
finding: {id: "f1:0123456789", target: moto, observed: A running}
"""


def stored(folder: str) -> Path:
    """A finding's file, as a run with `--output` writes it."""
    path = Path(folder, "f1-0123456789.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FINDING)
    return path


def test_without_arguments_it_shows_its_help_and_answers_2(command: Command) -> None:
    ran = command("")
    assert (ran.code, ran.err) == (2, "")
    assert "Exit codes: 0  conforms, or all proved\n" in ran.out
    assert command("--help").out == ran.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_is_short_and_has_an_example(
    command: Command, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ran = command(f"{name} --help")
    assert (ran.code, ran.err) == (0, "")
    [_, examples] = ran.out.split("Example")
    assert f" ec2-lifecycle {name} " in examples
    lines = ran.out.splitlines()
    assert len(lines) <= (26 if name in {"run", "serve"} else 24), "it fits on one screen"
    assert max(map(len, lines)) < 80
    assert "\b" not in ran.out


def test_every_command_is_in_the_help_with_a_line_that_is_not_cut_off(command: Command) -> None:
    [_, listed] = command("--help").out.split("Commands:\n")
    lines = listed.split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert not [line for line in lines if line.endswith("...")]


def test_the_version_is_told(command: Command) -> None:
    assert command("--version").out.startswith("ec2-lifecycle 0.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("runn", 'there is no command "runn"; did you mean run?'),
        ("frobnicate", 'there is no command "frobnicate"; the commands are run, campaign, re'),
        ("--josn", "there is no option --josn; see: ec2-lifecycle --help"),
        ("run moto --max-cals 1", "there is no option --max-cals; did you mean --max-calls?"),
        ("run", "TARGET... is missing; see: ec2-lifecycle run --help"),
        ("list clausess", 'there is no list of "clausess"; write clauses.'),
        (
            "list clauses TERM-4",
            "ec2-lifecycle list takes KIND, and nothing more",
        ),
        ("run moto --seed", "--seed lacks the value that it needs, or has one and takes none; see: "),
        ("run moto --json=3", "--json lacks the value that it needs, or has one and takes none; see: "),
        ("run moto --seed x", "--seed must be a whole number of at least 0."),
        ("serve --failures x", "--failures must be a number."),
    ],
)
def test_a_slip_of_the_pen_is_one_sentence_that_says_what_to_write(command: Command, words: str, sentence: str) -> None:
    ran = command(words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("clauses", "TERM-4 "),
        ("choices", "choice "),
        ("targets", "endpoint:URL "),
        ("scenarios", "terminate/"),
    ],
)
def test_a_list_goes_to_standard_output(command: Command, what: str, expected: str) -> None:
    ran = command(f"list {what}")
    assert (ran.code, ran.err) == (0, "")
    assert any(line.startswith(expected) for line in ran.out.splitlines())


def test_in_a_pipe_a_list_has_a_line_for_each_thing_and_cuts_no_name(command: Command) -> None:
    files = [f"{path.parent.name}/{path.name}" for path in corpus_files()]
    lines = command("list scenarios").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == files


@pytest.mark.parametrize("what", ["clauses", "choices", "steps", "theorems", "targets", "scenarios"])
def test_a_list_as_json_has_an_object_for_each_row_of_the_table(command: Command, what: str) -> None:
    ran = command(f"list {what} --json")
    assert (ran.code, ran.err) == (0, "")
    rows = json.loads(ran.out)
    lines = command(f"list {what}").out.splitlines()[1:]
    firsts = [next(iter(row.values())) for row in rows]
    assert len(firsts) == len({*firsts})
    assert [line[: len(first)] for line, first in zip(lines, firsts, strict=True)] == firsts


def test_a_smoke_as_json_says_what_the_target_offers_and_answers(command: Command) -> None:
    ran = command("smoke moto --json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert told["target"] == "moto"
    assert told["version"]
    assert "us-east-1a" in told["zones"]
    assert set(told["operations"]) == {operation.value for operation in Operation}
    assert told["operations"]["TerminateInstances"] == {"answer": "ok", "supported": True}


def test_every_clause_is_listed(command: Command) -> None:
    first_words = {line.split()[0] for line in command("list clauses").out.splitlines()}
    assert first_words >= CLAUSES.keys()


@pytest.mark.parametrize("name", ["TERM-4", "term-4"])
def test_a_clause_is_explained_with_its_evidence_its_rules_and_its_scenarios(command: Command, name: str) -> None:
    ran = command(f"explain {name}")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "TERM-4"
    assert any(line.startswith("  outcome: documented (B-02") for line in lines)
    assert any(line.startswith("  rule (model/rules/terminate.py:") for line in lines)
    assert "    def shielded(" in ran.out
    assert any(line.startswith("    terminate/") for line in lines)


def test_a_clause_is_explained_with_addresses_that_open(command: Command) -> None:
    said = command("explain TERM-4").out
    assert "\n  B-02 · documented" in said
    assert "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html" in said


def test_a_fact_is_explained_with_its_sources_and_the_clauses_that_rest_on_it(command: Command) -> None:
    said = command("explain s-05").out
    assert "request id 62442cf7-b3fe-4f46-969c-364c397ffa30" in said
    assert "\n  clauses that rest on it\n" in said
    assert "    TERM-12 (outcome)\n" in said


def test_a_source_that_no_table_has_is_one_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "SOURCES", {})
    ran = command("explain S-39")
    assert ran.code == 2
    assert 'S-39 cites the source "aws:API_RebootInstances", which is in no table; add it to' in " ".join(
        ran.err.split()
    )


def test_a_documented_refusal_is_explained_with_what_excuses_it(command: Command) -> None:
    said = command("explain r-190").out
    assert said.startswith("  R-190 · InvalidParameterValue\n")
    assert "https://docs.aws.amazon.com/" in said
    assert said.endswith("  answers: AttachVolume\n  excused: if the device may be in use\n")


@pytest.mark.parametrize("clause", {clause.topic: clause.id for clause in CLAUSES.values()}.values())
def test_a_clause_of_any_topic_can_be_explained(command: Command, clause: str) -> None:
    ran = command(f"explain {clause}")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{clause}\n  ")


def test_a_clause_that_no_rule_states_by_itself_says_so_and_where_the_lifecycle_has_it(command: Command) -> None:
    assert "\n  rule: none by itself; " in command("explain STATE-1").out
    assert "\n  transitions\n    stopped → terminated: TerminateInstances\n" in command("explain TERM-12").out


@pytest.mark.parametrize("words", ["--stream {0}", "{0}", "--stream {0} --stream {1}", "--stream {0} {1}", "{0} {1}"])
def test_stored_runs_say_how_targets_fare_on_a_clause(command: Command, words: str) -> None:
    streams = stream(Path("moto.ndjson")), stream(Path("mine.ndjson"), [MODEL])
    ran = command("explain TERM-4 " + words.format(*streams))
    assert (ran.code, ran.err) == (0, "")
    about_moto = f"    moto 5.2.5: ✗ violated, 44 checks\n      f1:abcd1234  {DIVERGENCE.title}\n"
    [_, runs] = ran.out.split("\n  runs\n")
    assert runs == about_moto + ("    model 0.1.0: not judged\n" if "{1}" in words else "")
    assert "moto 5.2.5: – not-exercised: moto has no caller" in command(f"explain DRY-2 {streams[0]}").out


def test_a_stored_finding_is_shown_in_full_in_each_way_that_it_shows(command: Command) -> None:
    known = replace(MOTO, target="server", findings=(replace(DIVERGENCE, waived="it races", flaky=True),))
    for name, run in {"a": MOTO, "b": MOTO, "c": known}.items():
        stream(Path(f"{name}.ndjson"), [run])
    ran = command("explain f1:abcd1234 --stream a.ndjson b.ndjson c.ndjson")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"TERM-4 violation · f1:abcd1234 · {DIVERGENCE.title[:20]}")
    assert ran.out.count("TERM-4 violation · f1:abcd1234") == 2, "once for each way that it shows"
    for part in ("Flaky: it races", "# the step to blame", DIVERGENCE.replay, "import boto3"):
        assert part in ran.out
    assert command("show f1:abcd1234 a.ndjson b.ndjson c.ndjson") == ran


def test_a_finding_is_shown_with_the_sentence_of_each_fact_that_this_version_has(command: Command) -> None:
    stream(Path("events.ndjson"), [replace(MOTO, findings=(replace(DIVERGENCE, source="B-01, ZZ-99: for B-02"),))])
    said = " ".join(command("show f1:abcd1234").out.split())
    assert f"Evidence: documented (B-01, ZZ-99: for B-02) B-01: {FACTS['B-01'].statement}" in said
    assert "ZZ-99: " not in said.replace("ZZ-99: for", "")
    assert FACTS["B-02"].statement not in said, "a note is no evidence"


@pytest.mark.parametrize("name", ["f1:abcd1234", "f1:abcd", "abcd", "f1:00000007", "0000"])
def test_a_finding_is_found_by_the_beginning_of_its_id_and_by_that_of_a_part(command: Command, name: str) -> None:
    whole = replace(DIVERGENCE, former=("f1:00000007",))
    stream(Path("older.ndjson"), [MODEL])
    Path("out").mkdir()
    stream(Path("out/events.ndjson"), [replace(MOTO, findings=(whole,))])
    ran = command(f"show {name}")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("TERM-4 violation · f1:abcd1234")
    assert command(f"show {name} out") == ran


def test_show_reads_the_newest_run(command: Command) -> None:
    for age, folder in enumerate(("new", "old")):
        Path(folder).mkdir()
        path = stream(Path(folder, "events.ndjson"), [replace(MOTO, findings=(replace(DIVERGENCE, observed=folder),))])
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    assert "\n  observed: new\n" in command("show f1:abcd1234").out


def test_the_beginning_of_several_ids_is_one_sentence(command: Command) -> None:
    stream(Path("events.ndjson"), [replace(MOTO, findings=(DIVERGENCE, replace(DIVERGENCE, id="f1:abcd9999")))])
    ran = command("show f1:abcd")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence == "f1:abcd matches several findings: f1:abcd1234, f1:abcd9999; write more of the id."


def test_the_file_of_a_finding_is_told_in_full_by_the_stream_beside_its_folder(command: Command) -> None:
    file = Path("out/findings/f1-abcd1234.yaml")
    file.parent.mkdir(parents=True)
    file.write_text(SCENARIO_TEXT)
    assert command(f"explain {file}").out.startswith(f"{DIVERGENCE.title[:20]}")
    stream(Path("out/events.ndjson"))
    ran = command(f"explain {file}")
    assert ran.out.startswith("TERM-4 violation · f1:abcd1234")
    assert command("explain f1:abcd1234") == ran


def test_a_rule_is_coloured_on_a_terminal_and_plain_in_a_pipe() -> None:
    for terminal in (True, False):
        out = StringIO()
        console = Console(file=out, force_terminal=terminal, color_system="standard" if terminal else None, width=80)
        print_python(
            console, "rule (a.py:1)", ["def shielded() -> bool:", '    """A zone.\x07"""', "", "    return True"]
        )
        text = out.getvalue()
        assert ("\x1b[" in text) == terminal
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert plain == (
            '  rule (a.py:1):\n    def shielded() -> bool:\n        """A zone.\\x07"""\n\n        return True\n'
        )


def test_a_finding_is_explained_by_its_file_and_by_its_id_where_the_file_is_at_hand(command: Command) -> None:
    file = stored("out/findings")
    ran = command(f"explain {file}")
    assert ran.code == 0
    assert ran.out.startswith("A stopped instance is shown as running\n  id: f1:0123456789\n  target: moto\n")
    assert "    steps:\n      - run: {name: A}\n      - stop: [A]\n" in ran.out
    assert command("explain f1:0123456789") == ran


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("TERM-44", "there is no clause 'TERM-44'; did you mean TERM-4?"),
        (
            "nonsense",
            "'nonsense' is not a clause, theorem or fact, nor a part of EC2's interface; see: ec2-lifecycle list ",
        ),
        (
            "Foo.Bar",
            "'Foo.Bar' is not a clause, theorem or fact, nor a part of EC2's interface; see: ec2-lifecycle list ",
        ),
        ("T99", "there is no theorem 'T99'; see: ec2-lifecycle list theorems"),
        (
            "f1:0123456789",
            "there is no stored run in this folder; start one, or name its folder, or a finding's file ",
        ),
        ("T1 a.ndjson", "T1 is a theorem, which no run reports; name a clause or a finding."),
        ("TERM-4 none.ndjson", "none.ndjson: cannot be read (no such file or directory); name an events.ndjson"),
        ("f1:abcd1235 a.ndjson", "none of the named runs shows f1:abcd1235; did you mean f1:abcd1234?"),
        (
            "f1:0123456789 a.ndjson",
            "none of the named runs shows f1:0123456789; see what they show: ec2-lifecycle report RUN",
        ),
        ("out/findings/f1-0.yaml", "there is no file out/findings/f1-0.yaml; name one that a run "),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(command: Command, what: str, sentence: str) -> None:
    stream(Path("a.ndjson"))
    ran = command(f"explain {what}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith(sentence)


def test_a_waiver_needs_no_target_where_the_findings_file_is_at_hand(command: Command) -> None:
    file = stored("out/findings")
    assert command(f"waive {file} --reason known --file one.toml").out == "one.toml: waived f1:0123456789 on moto.\n"
    flaky = command(f"waive {file} --flaky --reason races --file flaky.toml")
    assert flaky.out == "flaky.toml: waived f1:0123456789 on moto, as flaky.\n"
    assert command("waive f1:0123456789 --reason known --file two.toml").code == 0
    assert command("waive f1:0123456789 --reason known --target moto").code == 0
    texts = {Path(name).read_text() for name in ("one.toml", "two.toml", "waivers.toml")}
    assert texts == {'[[waiver]]\nfinding = "f1:0123456789"\ntarget = "moto"\nreason = "known"\n'}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("f1:0 --reason r", "the target is unknown; name it, as in: waive f1:0 --target moto"),
        ("f1:0 --reason r --target mto", 'There is no target "mto"; did you mean moto?'),
        ("f1:0 --target moto", "--reason is missing; see: ec2-lifecycle waive --help"),
        ("f1:0 --target moto --reason ''", "waivers.toml: waiver 1: reason is empty; write reason = "),
        ("f1:0 --target moto --reason r --versions 5.x", 'waivers.toml: waiver 1: "5.x" is not a range of versions'),
        ("f1:0 --target moto --reason r --expires 31.1.2027", "--expires must be a day, such as 2027-01-31."),
        ("f1:0 --target moto --reason r --file /dev/null/w.toml", "/dev/null/w.toml: cannot be "),
        ("TERM-4 --target moto --reason r", "TERM-4 is not a finding; write its id, such as f2:0123456789"),
        (
            "plain.yaml --target moto --reason r",
            "plain.yaml is not a finding's file: it has no id; name one that a run",
        ),
    ],
)
def test_a_waiver_that_cannot_be_written_is_one_sentence(command: Command, words: str, sentence: str) -> None:
    Path("plain.yaml").write_text("title: t\nsteps:\n  - run: {name: A}\n")
    ran = command(f"waive {words}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith(sentence)
    assert not Path("waivers.toml").exists()


@pytest.mark.parametrize("words", ["list clauses", "explain TERM-4", "--help"])
def test_a_reader_who_has_enough_is_no_error(words: str) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", "from ec2_lifecycle.conformance.cli import main; main()", *words.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert writer.stdout is not None
    writer.stdout.close()
    _, err = writer.communicate(timeout=60)
    assert (writer.returncode, err) == (0, b"")


def test_a_waiver_for_any_endpoint_is_compared_with_the_newest_run_of_an_endpoint(command: Command) -> None:
    Path("out").mkdir()
    stream(Path("out", "events.ndjson"), finished(replace(MOTO, target="endpoint:http://127.0.0.1:4566")))
    ran = command("waive f2:0000000000 --target endpoint:* --reason known")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("the newest run (out/events.ndjson) does not show f2:0000000000 on endpoint:*; ")
    assert command("waive f2:0000000000 --target moto --reason known").code == 0
