"""Traces: judged again they show what the run showed; they hold no real id; and what is wrong with one is told."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import clients
import pytest
from altered import altered
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from command_runs import Command
from rehearsed import corpus, is_large, judge, scenarios_for

from docs import examples
from ec2_lifecycle.conformance.adapter.answer import Answer
from ec2_lifecycle.conformance.adapter.answer_reader import read_answer
from ec2_lifecycle.conformance.adapter.devices import Devices
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import NoAnswer, Unreadable
from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.commands.replay_verdict import verdict_of_trace as verdict_of
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour, ChoicePolicy
from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.execution.walker import Walker
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.planted_faults.catalogue import FAULTS, fault_of
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.conformance.recording.json_values import as_json, error_as_json, error_from_json, from_json
from ec2_lifecycle.conformance.recording.pseudonyms import Pseudonyms
from ec2_lifecycle.conformance.recording.recorder import Recorder
from ec2_lifecycle.conformance.recording.rejudge import Judged, judged_again
from ec2_lifecycle.conformance.recording.trace_format import (
    NAMES,
    SCHEMA,
    TraceError,
    request_as_json,
    request_from_json,
)
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.conformance.targets.python import factory_target
from ec2_lifecycle.model.requests import BatchRequest, Operation
from ec2_lifecycle.model.world import Instance
from ec2_lifecycle.strategies.files.format import read_scenario, scenario_from_data
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.walking.coverage import Coverage

Lines = list[dict[str, Any]]

FEW: Final = 2
NEWLINE: Final = b"\n"
PLAIN: Final = tuple(scenario for scenario in corpus() if not is_large(scenario))
ACCOUNT: Final = "210987654321"
INSTANCE: Final = "i-0123456789abcdef0"
A: Final = Instance("A")


def recorder_of(target: Target, folder: Path) -> Recorder:
    """Begin a trace of a target."""
    recorder = Recorder(folder, target, target.name, 1, Settings())
    recorder.begin()
    return recorder


def trace_of(recorder: Recorder) -> Path:
    """Return the file of a trace that was written without a problem."""
    assert recorder.problem is None
    assert recorder.path is not None
    return recorder.path


def recorded(target: Target, scenarios: Iterable[Scenario], folder: Path, walks: int = 0) -> tuple[Path, list[Outcome]]:
    """Play scenarios and walks on a target; return the trace, and what the run said of each."""
    recorder = recorder_of(target, folder)
    runner = Runner(target, judge(), listeners=lambda scenario: recorder.scenario("corpus", scenario))
    outcomes = [runner.run(scenario) for scenario in scenarios]
    walker = Walker(target, judge(), seed=1, listeners=lambda: recorder.scenario("generated"))
    coverage = Coverage()
    outcomes += [walker.play(number, coverage) for number in range(walks)]
    # What cannot be played on the target at all was not begun.
    return trace_of(recorder), [outcome for outcome in outcomes if outcome.calls or outcome.skipped is None]


def again(path: Path, engine: Engine | None = None) -> list[Judged]:
    """Judge a trace again; any warning fails."""
    return list(judged_again(path, engine or judge(), pytest.fail))


def lines_of(path: Path) -> Lines:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def rewritten(path: Path, lines: Lines) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="ascii")
    return path


def first(lines: Lines, kind: str, **more: object) -> dict[str, Any]:
    return next(line for line in lines if line["line"] == kind and all(line.get(k) == v for k, v in more.items()))


def kinds(divergences: Iterable[Divergence]) -> list[tuple[int, Divergence]]:
    """Return divergences without ids: a trace replaces those that the run did not know."""
    return [(divergence.step, divergence.generic) for divergence in divergences]


def assert_same(judgements: list[Judged], outcomes: list[Outcome]) -> None:
    assert [kinds(judged.divergences) for judged in judgements] == [kinds(outcome.divergences) for outcome in outcomes]
    assert [judged.skipped for judged in judgements] == [outcome.skipped for outcome in outcomes]
    assert [judged.broken is None for judged in judgements] == [outcome.broken is None for outcome in outcomes]
    assert all(judged.whole and not judged.unwaited for judged in judgements)


# Judged again.


@pytest.mark.parametrize("fault", FAULTS[::4], ids=str)
def test_a_trace_of_a_wrong_target_shows_all_that_the_run_showed(fault: Fault, tmp_path: Path) -> None:
    few = islice((scenario for scenario in scenarios_for(fault) if not is_large(scenario)), FEW)
    path, outcomes = recorded(fault.target(), few, tmp_path)
    assert_same(again(path), outcomes)


def test_among_the_wrong_targets_are_traces_that_show_something(tmp_path: Path) -> None:
    shown: Counter[bool] = Counter()
    for fault in FAULTS[::10]:
        path, _ = recorded(fault.target(), islice(scenarios_for(fault), 1), tmp_path)
        shown.update(bool(judged.divergences) for judged in again(path))
    assert shown[True] > shown[False]


@pytest.mark.parametrize("choice_policy", ChoicePolicy)
def test_a_trace_of_the_model_conforms_however_it_behaves(choice_policy: ChoicePolicy, tmp_path: Path) -> None:
    target = model_target(behaviour=Behaviour(choice_policy=choice_policy, permute=True), seed=3)
    path, outcomes = recorded(target, PLAIN[::16], tmp_path, walks=2)
    assert_same(again(path), outcomes)
    words = {verdict_of(judged).word for judged in again(path)}
    assert words <= {"CONFORMS", "SKIPPED"}
    assert "CONFORMS" in words


def test_a_scenario_that_was_cut_short_is_judged_as_far_as_it_went(tmp_path: Path) -> None:
    steps = "[{run: {name: A}}, settle, {stop: [A]}, {run: {name: B}}, settle, {terminate: [A, B]}]"
    scenario = read_scenario(f"title: t\nsteps: {steps}\n", "t.yaml")
    target = factory_target("t", clients.wrong)
    recorder = recorder_of(target, tmp_path)
    outcomes: list[Outcome] = []
    for looks in range(5, 60, 5):
        left = iter(range(looks))
        runner = Runner(
            target,
            judge(),
            listeners=lambda scenario: recorder.scenario("corpus", scenario),
            interrupted=lambda left=left: next(left, None) is None,
        )
        outcomes.append(runner.run(scenario))
    assert {outcome.cut_short for outcome in outcomes} == {True, False}
    assert any(outcome.divergences for outcome in outcomes if outcome.cut_short)
    assert_same(again(trace_of(recorder)), outcomes)


def test_a_whole_scenario_is_in_the_trace_as_its_file_would_be(tmp_path: Path) -> None:
    path, _ = recorded(model_target(seed=1), PLAIN[:40], tmp_path)
    lines = lines_of(path)
    for began in [line for line in lines if line["line"] == "scenario"]:
        steps = [line["does"] for line in lines if line["line"] == "step" and line["scenario"] == began["scenario"]]
        data = {"title": began["title"], "clauses": began.get("clauses", []), "steps": steps}
        original = next(scenario for scenario in PLAIN if scenario.title == began["title"])
        assert scenario_from_data(data, "trace").steps == original.steps


def test_a_newer_specification_judges_what_was_recorded_under_an_older_one(tmp_path: Path) -> None:
    path, _ = recorded(model_target(seed=1), PLAIN[:60], tmp_path)
    newer = Engine(altered("rules.common", "return request.dry_run", "return False"))
    now = again(path, newer)
    assert {divergence.clause for judged in now for divergence in judged.divergences} >= {"DRY-1"}
    assert "FAILED" in {verdict_of(judged).word for judged in now}


def test_what_a_newer_specification_permits_is_fixed(tmp_path: Path) -> None:
    spec = altered("rules.common", "return request.dry_run", "return False")
    path, outcomes = recorded(model_target(spec, seed=1), [s for s in PLAIN if "DRY-1" in s.clauses][:3], tmp_path)
    assert any(outcome.divergences for outcome in outcomes)
    verdicts = [verdict_of(judged) for judged in again(path, Engine(spec))]
    fixed = [verdict for verdict in verdicts if verdict.word == "FIXED"]
    assert fixed
    assert all("no longer show" in verdict.why for verdict in fixed)
    assert "FAILED" not in {verdict.word for verdict in verdicts}


def test_what_nobody_waited_for_is_not_called_stuck(tmp_path: Path) -> None:
    """As where a newer specification would have waited on: here the looks of the wait are taken out of the trace."""
    steps = "title: t\nsteps: [run: {name: A}, settle]\n"
    path, _ = recorded(model_target(seed=1), [read_scenario(steps, "t")], tmp_path)
    lines = [line for line in lines_of(path) if not (line["line"] == "exchange" and line["step"] == 1)]
    [judged] = again(rewritten(path, lines))
    assert (judged.divergences, judged.unwaited) == ((), 1)
    verdict = verdict_of(judged)
    assert verdict.word == "CONFORMS"
    assert "this version waits where the recorded run did not" in verdict.why
    first(lines, "settled")["rest"] = "stuck"
    [judged] = again(rewritten(path, lines))
    assert [divergence.clause for divergence in judged.divergences] == ["RUN-3"]


def test_a_volume_that_nobody_looked_at_is_not_called_stuck(tmp_path: Path) -> None:
    """A trace tells which volumes were watched: while an instance is on its way none was looked at."""
    steps = """title: t
steps:
  - run: {name: A, zone: 1}
  - run: {name: B, zone: 2, DisableApiTermination: true}
  - run: {name: C, zone: 1, volumes: [{name: c-data, DeleteOnTermination: true}]}
  - terminate: [A, B, C]
"""
    target = fault_of("TERM-5", "what stands behind the protected one in the list stays").target()
    path, [outcome] = recorded(target, [read_scenario(steps, "t")], tmp_path)
    lines = lines_of(path)
    [settled] = [line for line in lines if line["line"] == "settled"]
    assert settled["rest"] == "stuck"
    settled["volumes"] = ["A.root", "c-data"]
    [judged] = again(rewritten(path, lines))
    assert [divergence.clause for divergence in judged.divergences] == ["TERM-5"]
    assert judged.divergences == outcome.divergences


# The command line.


def test_a_run_on_moto_and_its_replay_show_the_same(command: Command) -> None:
    ran = command("run moto model --tier smoke --clauses STOP-1,TERM-4,TERM-12 --record traces --json")
    assert ran.code == 1
    replayed = command("replay traces")
    assert (replayed.code, replayed.err) == (1, "")
    [moto] = Path("traces").glob("moto-*")
    [model] = Path("traces").glob("model-*")
    then = {name for line in lines_of(moto) if line["line"] == "end" for name in line.get("shown", ())}
    told = {finding["id"] for target in json.loads(ran.out)["targets"] for finding in target["findings"]}
    assert told
    assert told <= then
    assert all(name in replayed.out for name in then)
    sources = Counter(line["source"] for line in lines_of(moto) if line["line"] == "scenario")
    assert sources["corpus"]
    assert sources["minimise"]
    alone = command(f"replay {model}")
    assert alone.code == 0
    # The limit of calls may end the run in the middle of a scenario.
    assert " conforms" in alone.out.splitlines()[-1]


def test_a_verdict_says_clause_and_what_was_expected_and_observed(command: Command) -> None:
    command("run python:clients:wrong --tier smoke --clauses STOP-1 --record traces")
    out = command("replay traces").out
    assert "FAILED" in out
    for words in ("STOP-1 f2:", "expected: ", "observed: ", ".trace.ndjson:"):
        assert words in out


def test_traces_and_scenario_files_can_be_replayed_together(command: Command) -> None:
    command("run model --tier smoke --clauses RUN-1 --record all")
    Path("all/s.yaml").write_text("title: One\nsteps: [run: {name: A}, settle]\n", encoding="utf-8")
    ran = command("replay all --target model")
    assert ran.code == 0
    assert "One" in ran.out
    assert ".trace.ndjson:2" in ran.out
    assert command("replay all").sentence == "--target is missing; see: ec2-lifecycle replay --help"
    [trace] = Path("all").glob("*.ndjson")
    assert command(f"replay {trace} --target model").sentence.startswith("a trace is judged without a target")


def test_a_trace_is_known_by_how_it_begins_too(command: Command) -> None:
    command("run model --tier smoke --clauses RUN-1 --record all")
    [trace] = Path("all").glob("*.ndjson")
    assert command(f"replay {trace.rename('renamed.txt')}").code == 0


def test_a_trace_may_be_packed(command: Command) -> None:
    command("run model --tier smoke --clauses RUN-1 --record all")
    [trace] = Path("all").glob("*.ndjson")
    plain = command(f"replay {trace}")
    packed = Path("all", f"{trace.name}.gz")
    packed.write_bytes(gzip.compress(trace.read_bytes()))
    trace.unlink()
    lines = plain.out.replace(str(trace), str(packed))
    assert command("replay all").out.split() == lines.split()  # they wrap elsewhere
    assert command(f"replay {packed.rename('renamed.txt')}").code == plain.code == 0


def test_a_packed_trace_that_ends_too_early_is_one_sentence(command: Command, trace: Path) -> None:
    whole = gzip.compress(trace.read_bytes())
    for what in (whole[: len(whole) // 2], whole[:400] + bytes(400) + whole[800:]):
        trace.write_bytes(what)
        ran = command(f"replay {trace}")
        assert ran.code == 2
        assert ran.sentence == f"{trace}: cannot be decompressed to its end; compress the trace again"


@pytest.mark.parametrize(("folder", "why"), [("file", "file exists"), ("file/below", "not a directory")])
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_played(
    command: Command, folder: str, why: str
) -> None:
    Path("file").touch()
    ran = command(f"run python:clients:leaves_a_mark --record {folder}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence == f"{folder}: cannot be written ({why}); name another --record folder."
    assert not Path("mark").exists()


def test_a_recording_that_cannot_go_on_ends_and_the_run_does_not(command: Command) -> None:
    ran = command("run python:clients:takes_the_traces_away --tier smoke --clauses TERM-1,TERM-2 --record traces")
    assert ran.code == 2
    assert "the recording ends early (no such file or directory)" in ran.sentence
    assert "TERM" in ran.out or "clauses:" in ran.out


def test_no_trace_takes_the_place_of_another(tmp_path: Path) -> None:
    paths = [trace_of(recorder_of(model_target(seed=1), tmp_path)) for _ in range(3)]
    assert len({*paths}) == 3
    assert sorted(tmp_path.iterdir()) == sorted(paths)


# Wrong input.


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path, _ = recorded(model_target(seed=1), PLAIN[:2], tmp_path)
    return path


def test_a_last_line_that_was_cut_off_is_a_warning(trace: Path) -> None:
    whole = trace.read_bytes()
    trace.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 20])
    warnings: list[str] = []
    *_, last = judged_again(trace, judge(), warnings.append)
    assert warnings == [f"{trace}:{whole.count(NEWLINE)}: the last line is incomplete, and is ignored"]
    assert not last.whole
    assert "the recording ends before this scenario does" in verdict_of(last).why


def test_what_a_newer_minor_version_adds_is_ignored(trace: Path) -> None:
    before = again(trace)
    lines = [{**line, "mood": "good"} for line in lines_of(trace)]
    lines[0]["trace"] = f"{SCHEMA.partition('.')[0]}.99"
    lines.insert(2, {"line": "weather", "scenario": 0})
    assert [judged.divergences for judged in again(rewritten(trace, lines))] == [j.divergences for j in before]


def _newer(lines: Lines) -> None:
    lines[0]["trace"] = "2.0"


def _headless(lines: Lines) -> None:
    del lines[0]


def _second(lines: Lines) -> None:
    lines.append(lines[0])


def _never_began(lines: Lines) -> None:
    first(lines, "exchange")["scenario"] = 77


def _begins_twice(lines: Lines) -> None:
    lines.insert(3, first(lines, "scenario"))


def _new_field(lines: Lines) -> None:
    first(lines, "exchange")["request"]["hurry"] = True


def _never_launched(lines: Lines) -> None:
    other = next(line for line in lines if line["line"] == "exchange" and line["step"])
    other["request"]["instances"] = ["Z"]


def _no_answer(lines: Lines) -> None:
    first(lines, "exchange").pop("pages")


def _no_time(lines: Lines) -> None:
    first(lines, "exchange")["sent"] = "noon"


def _strange_value(lines: Lines) -> None:
    first(lines, "exchange")["pages"] = [{"$moon": 1}]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_newer, ":1: trace 2.0 is newer than 1.0; replay it with a newer ec2-lifecycle"),
        (_headless, ":1: this is not the first line of a trace; name a file that run --record wrote"),
        (_second, ": a second trace starts here; keep each in a file of its own"),
        (_never_began, ": scenario 77 never began; record the run again"),
        (_begins_twice, ":4: scenario 0 begins a second time; record the run again"),
        (_new_field, "a request has hurry, which this version does not know"),
        (_never_launched, "this cannot be judged (Z was never launched); record the run again"),
        (_no_answer, "an exchange has neither a reply nor an error"),
        (_no_time, 'this is not a line of a trace (sent must be a number, not "noon"); record the run again'),
        (_strange_value, "nothing is written as $moon"),
    ],
)
def test_a_broken_trace_is_one_sentence(
    command: Command, trace: Path, change: Callable[[Lines], None], sentence: str
) -> None:
    lines = lines_of(trace)
    change(lines)
    ran = command(f"replay {rewritten(trace, lines)}")
    assert ran.code == 2
    assert ran.sentence.startswith(f"{trace}:")
    assert sentence in ran.sentence


def test_a_line_that_is_no_json_is_told_with_its_number(trace: Path) -> None:
    lines = trace.read_bytes().splitlines(keepends=True)
    trace.write_bytes(b"".join([*lines[:2], b"{oops\n", *lines[2:]]))
    with pytest.raises(TraceError, match=r":3: this is not a line of a trace \(it is not JSON from character 2 on\); "):
        again(trace)


# Raw replies and errors.


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, True, None, 1.5, "ü\ud800", 10**30]},
        datetime(2026, 11, 27, tzinfo=UTC),
        b"\x00\xff",
        {1: "a", "b": 2},
        {"$datetime": "today"},
        [{}, []],
    ],
)
def test_a_value_of_a_reply_comes_back_as_it_was(value: object) -> None:
    assert from_json(json.loads(json.dumps(as_json(value)))) == value


@pytest.mark.parametrize(
    "reply", [None, "text", object, float("nan"), {"Reservations": {1}}, {"Reservations": [3]}, {"NextToken": 7}]
)
def test_what_cannot_be_read_cannot_be_read_for_the_same_reason_later(reply: object) -> None:
    request = BatchRequest(Operation.DESCRIBE, instances=(A,))
    then = read_answer(request, Answer((reply,)), Names(), Devices())
    now = read_answer(request, Answer((from_json(json.loads(json.dumps(as_json(reply)))),)), Names(), Devices())
    assert isinstance(then, Unreadable)
    assert now == then


REFUSAL: Final[Any] = {
    "Error": {"Code": "OperationNotPermitted", "Message": f"The instance '{INSTANCE}' may not be terminated."},
    "ResponseMetadata": {"HTTPStatusCode": 400},
}


@pytest.mark.parametrize(
    "error",
    [
        ClientError(REFUSAL, "TerminateInstances"),
        ClientError({}, "TerminateInstances"),
        ReadTimeoutError(endpoint_url="http://localhost:1"),
        ResponseParserError("bad XML"),
        NotImplementedError("soon"),
        NotImplementedError(),
        ConnectionResetError("gone"),
        KeyError("x"),
    ],
    ids=repr,
)
def test_an_error_is_read_later_as_it_was_then(error: Exception) -> None:
    request = BatchRequest(Operation.TERMINATE, instances=(A,))
    names = Names()
    names.bind(A, INSTANCE)
    then = read_answer(request, Answer(error=error), names, Devices())
    stored = json.loads(json.dumps(error_as_json(error)))
    assert read_answer(request, Answer(error=error_from_json(stored)), names, Devices()) == then
    assert not isinstance(then, NoAnswer) or then.problem


def test_a_request_comes_back_as_it_was(trace: Path) -> None:
    for line in lines_of(trace):
        if line["line"] == "exchange":
            again_as_json = json.loads(json.dumps(request_as_json(request_from_json(line["request"]))))
            assert again_as_json == line["request"]


# Other ids.

REAL: Final = (
    ACCOUNT,
    INSTANCE,
    "vol-0fedcba9876543210",
    "sg-12345678",
    "eni-attach-0123456789abcdef1",
    "r-0123456789abcdef2",
    "54.210.11.12",
    "54-210-11-12",
    "10.1.2.3",
    "10-1-2-3",
    "2600:1f18:1234:5600::abcd",
    "0e:11:22:33:44:55",
    "corp.example.org",
    "our-key",
    "alice",
    "AKIAIOSFODNN7EXAMPLE",
    "1b2c3d4e-aaaa-bbbb-cccc-1234567890ab",
    "Team",
    "billing",
    "Zm9v" * 30,
)


def test_nothing_that_identifies_somebody_is_left_of_a_reply() -> None:
    reply = {
        "OwnerId": ACCOUNT,
        "ReservationId": "r-0123456789abcdef2",
        "InstanceId": INSTANCE,
        "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/alice/billing"},
        "KeyName": "our-key",
        "Tags": [{"Key": "Team", "Value": "billing"}],
        "PrivateDnsName": "ip-10-1-2-3.corp.example.org",
        "PublicDnsName": "ec2-54-210-11-12.compute-1.amazonaws.com",
        "PrivateIpAddress": "10.1.2.3",
        "PublicIpAddress": "54.210.11.12",
        "Ipv6Addresses": [{"Ipv6Address": "2600:1f18:1234:5600::abcd"}],
        "MacAddress": "0e:11:22:33:44:55",
        "AttachmentId": "eni-attach-0123456789abcdef1",
        "SecurityGroups": [{"GroupId": "sg-12345678", "GroupName": "billing"}],
        "State": {"Code": 16, "Name": "running"},
        "Placement": {"AvailabilityZone": "us-east-1a"},
        "Message": (
            f"User: arn:aws:sts::{ACCOUNT}:assumed-role/billing/alice with AKIAIOSFODNN7EXAMPLE at "
            f"https://corp.example.org:8443/x may not touch vol-0fedcba9876543210: {'Zm9v' * 30}"
        ),
        "ResponseMetadata": {
            "RequestId": "1b2c3d4e-aaaa-bbbb-cccc-1234567890ab",
            "HTTPHeaders": {"date": "Fri, 27 Nov 2026 06:44:27 GMT", "set-cookie": "alice"},
        },
    }
    pseudonyms = Pseudonyms()
    other = pseudonyms.of(as_json(reply))
    text = json.dumps(other)
    assert [real for real in REAL if real in text] == []
    for kept in ("us-east-1a", '"running"', "06:44:27 GMT", "arn:aws:sts::", "may not touch vol-", "amazonaws.com"):
        assert kept in text
    assert len(other["InstanceId"]) == len(INSTANCE)
    assert other["InstanceId"].startswith("i-0")
    assert len(other["SecurityGroups"][0]["GroupId"]) == len("sg-12345678")
    assert other["OwnerId"] in other["IamInstanceProfile"]["Arn"]
    assert other["OwnerId"] in other["Message"]
    assert other["PublicDnsName"] == f"ec2-{other['PublicIpAddress'].replace('.', '-')}.compute-1.amazonaws.com"
    assert pseudonyms.of(as_json(reply)) == other, "the same for the same"
    assert Pseudonyms().of(as_json(reply))["InstanceId"] != other["InstanceId"], "another in another trace"


def test_an_id_that_a_scenario_made_up_stays() -> None:
    pseudonyms = Pseudonyms()
    pseudonyms.keep(f" {INSTANCE} ")
    assert pseudonyms.text(f"Invalid id: ' {INSTANCE} '") == f"Invalid id: ' {INSTANCE} '"


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("aws:alice", "aws"),
        ("endpoint:http://127.0.0.1:4566", "endpoint:http://127.0.0.1:4566"),
        ("python:clients:right", "python:clients:right"),
    ],
)
def test_the_name_of_a_target_identifies_nobody(label: str, shown: str, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, model_target(seed=1), label, 1, Settings())
    recorder.begin()
    assert lines_of(trace_of(recorder))[0]["target"] == shown


def test_the_host_of_an_endpoint_does_not_stay(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, model_target(seed=1), "endpoint:https://ec2.corp.example.org:8443", 1, Settings())
    recorder.begin()
    assert "corp" not in trace_of(recorder).read_text(encoding="ascii")
    assert "corp" not in trace_of(recorder).name


# The page.


def test_the_example_of_the_page_is_a_trace_and_shows_what_the_page_says(tmp_path: Path) -> None:
    [example] = examples("traces.md", "json")
    path = tmp_path / "example.trace.ndjson"
    path.write_text(example.text, encoding="utf-8")
    [judged] = again(path)
    assert verdict_of(judged).word == "FAILED"
    assert [divergence.clause for divergence in judged.divergences] == ["TERM-12"]
    assert {line["line"] for line in lines_of(path)} <= set(NAMES)
