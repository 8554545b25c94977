"""`run`, `replay` and waivers: what they print, what they write, and what they answer."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from command_runs import Command, Ran
from processes import MAIN, under_way, wait_until
from report_samples import FINDING, MOTO, STARTED

from ec2_lifecycle.conformance.commands.output_folder import OutputFolder
from ec2_lifecycle.conformance.commands.run import is_complete
from ec2_lifecycle.conformance.running.plan import CALLS, Plan
from ec2_lifecycle.conformance.running.tiers import SMOKE_CALLS
from ec2_lifecycle.reports.events import Event, FindingMade, ScenarioRun, TargetFinished
from ec2_lifecycle.reports.stream import StreamError, StreamWriter, read_stream

WRONG = "python:clients:wrong"
STOPS = "--clauses STOP-1 --tier smoke"
"""As much as it takes to find what is wrong with it."""
COLOUR = re.compile(rb"\x1b\[[0-9;]*3[1-7]m")


def findings(ran: Ran) -> list[dict[str, Any]]:
    """The findings in the object that `run --json` prints, for one target."""
    [target] = json.loads(ran.out)["targets"]
    found: list[dict[str, Any]] = target["findings"]
    return found


def wait_for(kind: str, stream: Path) -> None:
    """Wait until an event of some kind is in a stream."""
    wait_until(lambda: stream.exists() and f'{{"event":"{kind}"' in stream.read_text(), f"no {kind} came")


# What is printed.


def test_a_conforming_target_is_told_so(command: Command) -> None:
    ran = command("run model --clauses TERM-4")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("\nNext: nothing to fix: everything that the run tested conforms.\n")


def test_a_run_that_judges_nothing_answers_3_with_the_reason(command: Command) -> None:
    ran = command("run moto --clauses SHUT-3")
    assert ran.code == 3
    assert (
        ran.sentence == "moto: nothing was judged: needs shutdown-in-guest on demand, which the target does not offer."
    )
    assert "SHUT-3  – not-exercised  documented          needs shutdown-in-guest on demand" in ran.out
    assert ran.out.endswith("\nNext: nothing was exercised, so nothing is known; the reasons are beside the clauses.\n")
    assert json.loads(command("run moto --clauses SHUT-3 --json").out)["exit"] == 3


def test_a_target_that_is_named_twice_is_wrong_usage(command: Command) -> None:
    ran = command("run moto model moto")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence == "moto is named 2 times; name each target once."


def test_a_tier_without_a_scenario_of_the_clauses_is_wrong_usage(command: Command) -> None:
    ran = command("run model --clauses RETIRE-1 --tier covering")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "ec2-lifecycle: no scenario of the tier covering tests RETIRE-1; write --tier full, or name other clauses.\n"
    )


@pytest.mark.parametrize("tier", ["smoke", "covering", "full"])
def test_no_other_tier_is_named_where_it_would_play_nothing_either(command: Command, tier: str) -> None:
    ran = command(f"run model --clauses STATE-2 --tier {tier}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "ec2-lifecycle: no scenario tests STATE-2; name other clauses.\n"


def test_into_a_pipe_goes_the_report_and_nothing_else(command: Command) -> None:
    ran = command(f"run {WRONG} {STOPS}")
    assert (ran.code, ran.err) == (1, "")
    assert "\x1b" not in ran.out
    heading, line = ran.out.splitlines()[:2]
    assert heading == "Findings, as they are found:"
    assert line[26:].split()[0] == "STOP-1"


def test_json_is_one_object_in_the_form_of_the_documentation(command: Command) -> None:
    ran = command(f"run {WRONG} {STOPS} --seed 3 --json")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.count("\n") == 1
    summary = json.loads(ran.out)
    assert (list(summary), summary["schema"], summary["exit"]) == (["schema", "targets", "exit"], 2, 1)
    [target] = summary["targets"]
    assert [*target][:8] == ["target", "version", "seed", "scenarios", "calls", "seconds", "clauses", "findings"]
    assert (target["target"], target["version"], target["seed"]) == (WRONG, "1.0", 3)
    assert target["scenarios"] > 0
    assert target["calls"] > target["scenarios"]
    assert list(target["clauses"]) == ["STOP-1"]
    assert list(target["clauses"]["STOP-1"]) == ["verdict", "evidence", "checks", "reason", "masked_by"]
    assert target["clauses"]["STOP-1"]["verdict"] == "violated"
    [finding] = target["findings"]
    keys = (
        "id",
        "clauses",
        "level",
        "harm",
        "title",
        "scenario",
        "expected",
        "observed",
        "situation",
        "waived",
        "status",
    )
    assert [key for key in keys if key not in finding] == []
    assert (finding["clauses"], finding["level"], finding["waived"]) == (["STOP-1"], "violation", False)
    assert finding["scenario"]["steps"]
    assert isinstance(finding["expected"], str)


def test_two_targets_make_a_matrix_and_the_highest_exit_code(command: Command) -> None:
    ran = command(f"run model {WRONG} {STOPS} --verbose")
    assert (ran.code, ran.err) == (1, "")
    assert re.search(r"^STOP-1 +✓ held +✗ violated$", ran.out, re.MULTILINE)
    assert json.loads(command(f"run {WRONG} model {STOPS} --json").out)["exit"] == 1


# What is written.


def test_output_holds_the_stream_and_a_file_for_each_finding_that_replays(command: Command) -> None:
    ran = command(f"run {WRONG} {STOPS} --output deep/out --json")
    stream = read_stream(Path("deep", "out", "events.ndjson"))
    assert (stream.header.schema, stream.warnings) == ("1.8", ())
    assert isinstance(stream.events[-1], TargetFinished)
    [found] = findings(ran)
    [file] = Path("deep", "out", "findings").iterdir()
    assert file.name == found["id"].replace(":", "-") + ".yaml"
    assert found["replay"] == f"ec2-lifecycle replay {file} --target {WRONG}"
    assert f"# replay: {found['replay']}\n" in file.read_text()
    assert found["id"] in Path("deep", "out", "report.html").read_text(encoding="utf-8")
    assert "<testsuite" in Path("deep", "out", "junit.xml").read_text(encoding="utf-8")

    again = command(found["replay"].removeprefix("ec2-lifecycle "))
    assert (again.code, again.err) == (1, "")
    assert again.out.startswith(f"FAILED · {file} · ")
    assert f"  STOP-1 {found['id']}: " in again.out
    assert again.out.endswith("\n1 failed\n")
    folder = command("replay deep/out/findings --target model")
    assert (folder.code, folder.err) == (0, "")
    assert folder.out.startswith(f"FIXED · {file} · ")
    assert folder.out.endswith(f"\n  {found['id']} no longer shows\n1 fixed\n")


def test_the_stream_tells_the_budget_the_files_of_the_corpus_and_the_instance_that_is_blamed(command: Command) -> None:
    command(f"run {WRONG} {STOPS} --max-calls 500 --output out")
    stream = read_stream(Path("out", "events.ndjson"))
    assert (stream.header.max_calls, stream.header.time_budget) == (500, None)
    played = [event for event in stream.events if isinstance(event, ScenarioRun)]
    assert {event.source: event.file is None for event in played} == {"corpus": False, "minimise": True}
    corpus = Path(str(files("ec2_lifecycle.conformance.corpus")))
    assert all((corpus / event.file).is_file() for event in played if event.file is not None)
    [made] = [event.finding for event in stream.events if isinstance(event, FindingMade)]
    assert made.instance is not None
    assert made.instance in made.scenario_text


def test_a_run_without_limits_has_the_default_budget(command: Command) -> None:
    command(f"run {WRONG} --clauses STOP-1 --tier covering --output out")
    command(f"run {WRONG} {STOPS} --output quick")
    command(f"run {WRONG} {STOPS} --time-budget 50s --output timed")
    headers = [read_stream(Path(folder, "events.ndjson")).header for folder in ("out", "quick", "timed")]
    budgets = [(header.max_calls, header.time_budget) for header in headers]
    assert budgets == [(CALLS, None), (SMOKE_CALLS, None), (None, 50.0)]


def test_without_output_a_run_is_kept_where_show_and_replay_find_it(command: Command) -> None:
    [found] = findings(command(f"run {WRONG} {STOPS} --json"))
    assert Path(".ec2-lifecycle", ".gitignore").read_text() == "*\n"
    assert command(found["replay"].removeprefix("ec2-lifecycle ")).out.startswith(
        "FAILED · .ec2-lifecycle/findings/f2-"
    )
    shown = command(f"show {found['id']}")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith(f"STOP-1 violation · {found['id']} · ")
    assert "  repro:\n" in shown.out


def test_a_folder_that_cannot_be_written_does_not_stop_a_run(command: Command) -> None:
    Path(".ec2-lifecycle").touch()
    ran = command("run model --clauses STOP-1 --tier smoke")
    assert ran.code == 0
    assert ran.sentence.startswith("this folder cannot be written, so `show` will not find the run; ")


def test_a_second_run_leaves_nothing_of_the_first_in_its_folder(command: Command) -> None:
    assert command(f"run {WRONG} {STOPS} --output out").code == 1
    Path("out", "findings", "notes.md").touch()
    assert command("run model --clauses STOP-1 --tier smoke --output out").code == 0
    assert [path.name for path in Path("out", "findings").iterdir()] == ["notes.md"]
    assert not [e for e in read_stream(Path("out", "events.ndjson")).events if isinstance(e, FindingMade)]


def test_a_full_disk_in_the_middle_of_a_run_is_told_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(writer: StreamWriter, event: Event) -> None:
        del writer, event
        raise StreamError(tmp_path, None, "no space left on device")

    with OutputFolder(tmp_path / "out") as output:
        output.begin(STARTED)
        monkeypatch.setattr(StreamWriter, "write", full)
        output.write(FindingMade("moto", FINDING))
        output.write(MOTO)
    assert output.problem == f"{tmp_path}: no space left on device"


# Replays.


def test_a_replay_says_one_word_for_each_file(command: Command) -> None:
    files = {
        "conforms": "title: t\nsteps:\n  - run: {name: A}\n  - terminate: [A]\n",
        "failed": "title: t\nsteps:\n  - run: {name: A}\n  - settle\n  - stop: [A]\n",
        "fixed": 'title: t\nsteps:\n  - run: {name: A}\nfinding: {id: "f1:0123456789"}\n',
        "skipped": "title: t\nsteps:\n  - run: {name: A, zone: 9}\n",
    }
    Path("s").mkdir()
    for name, text in files.items():
        Path("s", f"{name}.yaml").write_text(text)
    ran = command(f"replay s --target {WRONG}")
    assert (ran.code, ran.err) == (1, "")
    words = {name: line.split()[0] for name in files for line in ran.out.splitlines() if f"s/{name}.yaml" in line}
    assert words == {name: name.upper() for name in files}
    assert ran.out.endswith("\n1 conforms, 1 fixed, 1 failed, 1 skipped\n")


def test_a_replay_compares_with_the_finding_in_the_file_and_lists_others_apart(command: Command) -> None:
    steps = "title: t\nclauses: [{}]\nsteps:\n  - run: {{name: A}}\n  - settle\n  - stop: [A]\n  - settle\n"
    Path("s").mkdir()
    Path("s", "plain.yaml").write_text(steps.format("STOP-1"))
    shown = command(f"replay s/plain.yaml --target {WRONG}")
    assert (shown.code, shown.out.split()[0]) == (1, "FAILED")
    [known] = {word.rstrip(":") for word in shown.out.split() if word.startswith("f2:")}

    Path("s", "same.yaml").write_text(steps.format("STOP-1") + f'finding: {{id: "{known}"}}\n')
    same = command(f"replay s/same.yaml --target {WRONG}")
    assert (same.code, same.out.split()[0]) == (1, "FAILED")
    assert "Other findings here" not in same.out

    Path("s", "gone.yaml").write_text(steps.format("STATE-1") + 'finding: {id: "f2:0123456789"}\n')
    gone = command(f"replay s/gone.yaml --target {WRONG}")
    assert (gone.code, gone.out.split()[0]) == (0, "FIXED")
    assert "f2:0123456789 no longer shows" in gone.out
    assert "Other findings here: STOP-" in gone.out
    assert known in gone.out

    Path("s", "hidden.yaml").write_text(steps.format("TERM-4") + 'finding: {id: "f2:0123456789"}\n')
    hidden = command(f"replay s/hidden.yaml --target {WRONG}")
    assert (hidden.code, hidden.out.split()[0]) == (1, "FAILED")
    assert "f2:0123456789 does not show, but what else diverges may hide it" in hidden.out


def test_what_a_replay_on_the_model_says_of_a_file_does_not_depend_on_the_files_before_it(command: Command) -> None:
    step = "  - run: {name: A}\n  - stop: [A]\n  - retire: A\n"
    Path("s").mkdir()
    for number in range(6):
        Path("s", f"{number}.yaml").write_text(f"title: t\nsteps:\n{step}  - terminate: {['A'] * (number + 1)}\n")
    alone = "".join(command(f"replay s/{number}.yaml --target model").out.splitlines()[0] + "\n" for number in range(6))
    together = [line for line in command("replay s --target model").out.splitlines() if " · s/" in line]
    assert together == alone.splitlines()


def test_a_wait_is_no_hang(command: Command) -> None:
    Path("s.yaml").write_text("title: t\nsteps:\n  - run: {name: A}\n  - wait: 3\n  - describe: [A]\n")
    ran = command("replay s.yaml --target python:clients:in_real_time --hang-after 2s")
    assert (ran.code, ran.out, ran.err) == (0, "CONFORMS · s.yaml · t\n1 conforms\n", "")


# Waivers.


def test_what_is_waived_is_listed_and_answers_0(command: Command) -> None:
    [found] = findings(command(f"run {WRONG} {STOPS} --output out --json"))
    assert command(f"waive {found['id']} --reason 'known since 1.0'").code == 0
    ran = command(f"run {WRONG} {STOPS} --waivers waivers.toml --json")
    assert (ran.code, ran.err) == (0, "")
    [again] = findings(ran)
    assert (again["id"], again["waived"], again["waiver"]) == (found["id"], True, "known since 1.0")
    listed = command(f"run {WRONG} {STOPS} --waivers waivers.toml").out
    assert "; waived: known since 1.0" in " ".join(listed.split())


@pytest.mark.parametrize(
    ("finding", "expires", "problem"),
    [
        ("{id}", f"--expires {date(2026, 1, 31)}", "expired on 2026-01-31: remove it, or give it a later date"),
        ("{id}0", "", "matches no finding: write {id}, if you mean that one"),
    ],
)
def test_a_waiver_to_mend_is_named_and_answers_1(command: Command, finding: str, expires: str, problem: str) -> None:
    [found] = findings(command(f"run {WRONG} {STOPS} --json"))
    name = finding.format(id=found["id"])
    shutil.rmtree(".ec2-lifecycle")  # without a run at hand, any id can be waived
    assert command(f"waive {name} --target {WRONG} --reason known {expires}").code == 0
    ran = command(f"run {WRONG} {STOPS} --waivers waivers.toml --json")
    assert (ran.code, ran.err) == (1, "")
    [told] = json.loads(ran.out)["targets"][0]["waiver_problems"]
    assert told == {"target": WRONG, "waiver": name, "problem": problem.format(id=found["id"])}


def test_a_finding_that_the_newest_run_does_not_show_cannot_be_waived(command: Command) -> None:
    [found] = findings(command(f"run {WRONG} {STOPS} --json"))
    wrong = found["id"][:-1] + ("0" if found["id"][-1] != "0" else "1")
    ran = command(f"waive {wrong} --target {WRONG} --reason known")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence == (
        f"the newest run (.ec2-lifecycle/events.ndjson) does not show {wrong} on {WRONG}; did you mean {found['id']}?"
    )
    assert command(f"waive {wrong} --target {WRONG} --reason races --flaky").code == 0
    assert command(f"waive {wrong} --target moto --reason known").code == 0


def test_a_replay_of_what_is_waived_answers_0(command: Command) -> None:
    [found] = findings(command(f"run {WRONG} {STOPS} --json"))
    assert command(f"waive {found['id']} --target {WRONG} --reason known").code == 0
    again = found["replay"].removeprefix("ec2-lifecycle ")
    assert command(again).code == 1
    ran = command(f"{again} --waivers waivers.toml")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("WAIVED · .ec2-lifecycle/findings/f2-")
    assert ran.out.endswith("\n1 waived\n")
    lone = command("replay .ec2-lifecycle --waivers waivers.toml")
    assert (lone.code, lone.out) == (2, "")


def test_a_waiver_whose_finding_is_gone_fails_a_run_that_went_as_far_as_by_default(command: Command) -> None:
    target = "python:clients:right"
    assert command(f"waive f1:0123456789 --target {target} --reason known").code == 0
    ran = command(f"run {target} --waivers waivers.toml --max-calls {CALLS}")
    assert ran.code == 1
    assert "ec2-lifecycle: " not in ran.err, "no error; on a slow machine there may be progress"
    assert "\n  f1:0123456789  no longer occurs on python:clients:right 1.0: remove it\n" in ran.out
    short = command(f"run {target} --waivers waivers.toml --max-calls 100")
    assert short.code == 0


@pytest.mark.parametrize(
    ("stopped", "calls", "plan", "complete"),
    [
        ("done", 1, Plan(), True),
        ("calls", CALLS, Plan(), True),
        ("calls", CALLS - 1, Plan(), False),
        ("time", CALLS, Plan(), False),
        ("interrupted", CALLS, Plan(), False),
        ("done", CALLS, Plan(generate=False), False),
        ("done", CALLS, Plan(clauses=frozenset({"TERM-4"})), False),
    ],
)
def test_only_a_run_that_goes_as_far_as_by_default_tells_that_a_finding_is_gone(
    stopped: str,
    calls: int,
    plan: Plan,
    complete: bool,  # noqa: FBT001
) -> None:
    done = TargetFinished("t", "1", 0, 1, calls, 1.0, {}, (), stopped)
    assert is_complete(done, plan) is complete


# The end.


@pytest.mark.parametrize("whole_group", [True, False], ids=["from the keyboard", "to the process alone"])
def test_ctrl_c_ends_a_run_with_what_was_found(tmp_path: Path, whole_group: bool) -> None:  # noqa: FBT001
    with under_way("run python:clients:wrong --output out --json", tmp_path) as process:
        wait_for("FindingMade", tmp_path / "out" / "events.ndjson")
        began = time.monotonic()
        if whole_group:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert err == "ec2-lifecycle: interrupted; the report holds what was found.\n"
    assert process.returncode == 1
    [target] = json.loads(out)["targets"]
    assert (target["stopped"], target["broken"]) == ("interrupted", None)
    assert len(target["clauses"]) > 90
    found = {finding["id"].replace(":", "-") + ".yaml" for finding in target["findings"]}
    assert found
    assert {path.name for path in (tmp_path / "out" / "findings").iterdir()} == found
    stream = read_stream(tmp_path / "out" / "events.ndjson")
    assert (stream.warnings, type(stream.events[-1])) == ((), TargetFinished)


def test_ctrl_c_before_anything_was_found_answers_3(tmp_path: Path) -> None:
    with under_way("run model --output out", tmp_path) as process:
        wait_for("ScenarioRun", tmp_path / "out" / "events.ndjson")
        os.killpg(process.pid, signal.SIGTERM)  # what continuous integration sends
        out, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert err == "ec2-lifecycle: interrupted; the report holds what was found.\n"
    assert "\n  interrupted; the findings so far\n" in out


def test_a_second_ctrl_c_waits_for_nobody(tmp_path: Path) -> None:
    with under_way("run python:clients:wrong_then_hangs --output out", tmp_path) as process:
        wait_for("FindingMade", tmp_path / "out" / "events.ndjson")
        wait_until((tmp_path / "hangs").exists, "the target did not hang")
        began = time.monotonic()
        for _ in range(2):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.3)
        process.communicate(timeout=30)
    assert time.monotonic() - began < 4
    assert process.returncode == 1


def test_a_reader_who_has_enough_does_not_change_the_answer(tmp_path: Path) -> None:
    with under_way(f"run {WRONG} {STOPS}", tmp_path) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(60)
        assert process.stderr is not None
        assert (process.returncode, process.stderr.read()) == (1, "")


# Terminals.


def on_a_terminal(words: str, **environ: str) -> bytes:
    """What a command shows on a terminal."""
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
    environment |= {
        "PYTHONPATH": str(Path(__file__).parents[2] / "helpers"),
        "TERM": "xterm-256color",
        "COLUMNS": "100",
    }
    process = subprocess.Popen(
        [*MAIN, *words.split(), "--output", tempfile.mkdtemp()],
        stdout=theirs,
        stderr=theirs,
        stdin=theirs,
        env=environment | environ,
    )
    os.close(theirs)
    shown = b""
    while True:
        select.select([ours], [], [], 60)
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the terminal is closed
            break
    os.close(ours)
    process.wait(10)
    return shown


def test_on_a_terminal_there_is_progress_and_colour() -> None:
    shown = on_a_terminal(f"run {WRONG} {STOPS}")
    assert b"scenarios \xc2\xb7 " in shown
    assert b"\x1b[2K" in shown  # the line of the progress is taken away again
    assert COLOUR.search(shown)


def test_no_color_is_honoured_on_a_terminal() -> None:
    shown = on_a_terminal(f"run {WRONG} {STOPS}", NO_COLOR="1")
    assert b"scenarios \xc2\xb7 " in shown
    assert not COLOUR.search(shown)


# Determinism.


def test_the_same_seed_gives_the_same_findings_byte_for_byte_in_another_process(tmp_path: Path) -> None:
    told: list[str] = []
    for hash_seed in ("1", "4711"):
        ran = subprocess.run(
            [*MAIN, "run", "moto", "--max-calls", "600", "--seed", "5", "--json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ran.returncode == 1
        assert "ec2-lifecycle: " not in ran.stderr, "no error; on a slow machine there may be progress"
        summary = json.loads(ran.stdout)
        for target in summary["targets"]:
            assert target.pop("seconds") > 0
        told.append(json.dumps(summary))
    assert told[0] == told[1]


def test_the_findings_and_verdicts_do_not_depend_on_the_number_of_jobs(command: Command) -> None:
    told: list[dict[str, Any]] = []
    for jobs in (1, 2):
        ran = command(f"run {WRONG} --max-calls 1000 --jobs {jobs} --output out --json")
        assert ran.code == 1
        summary = json.loads(ran.out)
        for target in summary["targets"]:
            assert target.pop("seconds") > 0
        told.append(summary)
    assert told[0] == told[1]
    assert len(told[0]["targets"][0]["findings"]) > 0
