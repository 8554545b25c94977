"""What is wrong is one sentence with the right exit code; it comes before the work, and nothing found is lost."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command_runs import Command

from ec2_lifecycle.reports.events import FindingMade, TargetFinished
from ec2_lifecycle.reports.stream import read_stream

NOBODY_THERE = "endpoint:http://127.0.0.1:9"
"""The port of the discard service, which nobody offers any more."""


@pytest.fixture
def page() -> Iterator[str]:
    """A web server that shows a page to everyone."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b"<!DOCTYPE html><html><body>Welcome</body></html>"
            self.send_response(200)
            if self.path != "/untyped":
                self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base has it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("mto", 'There is no target "mto"; did you mean moto?'),
        ("http://127.0.0.1:5000", "write endpoint:http://127.0.0.1:5000."),
        ("moto --clauses TERM-44", "there is no clause 'TERM-44'; did you mean TERM-4?"),
        ("moto --clauses ''", "--clauses is empty; name clause ids, such as TERM-4,TERM-5."),
        ("moto --clauses ,", "--clauses is empty; name clause ids, such as TERM-4,TERM-5."),
        ("moto --time-budget 5x", "'5x' is not a duration; write one such as 60s, 5m or 1h."),
        ("moto --time-budget -1s", "'-1s' is not a duration; write one such as 60s, 5m or 1h."),
        ("moto --time-budget inf", "'inf' is not a duration; write one such as 60s, 5m or 1h."),
        ("moto --read-lag 5x", "'5x' is not a duration; write one such as 60s, 5m or 1h."),
        ("moto --hang-after 0s", "'0s' is not a duration; write one such as 60s, 5m or 1h."),
        ("moto --max-calls 0", "--max-calls must be a whole number of at least 1."),
        ("moto --tier biggest", "--tier must be one of smoke, covering, full."),
        ("moto --waivers no.toml", "no.toml: cannot be read (no such file or directory); name a waiver file"),
        ("moto --waivers .", ".: cannot be read (is a directory); name a waiver file"),
        ("moto --waivers typo.toml", 'typo.toml: waiver 1: "raison" is not a key of a waiver; write reason'),
        ("moto --output typo.toml", "typo.toml: cannot be written (not a directory); name another --output folder."),
        ("moto --output typo.toml/out", "typo.toml/out: cannot be written (not a directory); name another --output"),
        ("moto --output taken", "taken: cannot be written (file exists); name another --output folder."),
        ("aws:me", "aws:me needs --sandbox FILE"),
        ("moto --yes", "--sandbox, --plan and --yes are for aws:PROFILE"),
        ("endpoint:nowhere", '"nowhere" is not a URL; write one like http://127.0.0.1:5000'),
        ("python:clients", '"python:clients" names no factory; write python:MODULE:FACTORY'),
        ("python:client:right", "there is no module client, neither installed nor in "),
        ("python:clients:rigth", "the module has no rigth; write right."),
        ("python:clients:no_client", "cannot be called; name a function or a class."),
    ],
)
def test_a_run_that_cannot_begin_is_one_sentence_and_answers_2(command: Command, words: str, sentence: str) -> None:
    Path("typo.toml").write_text('[[waiver]]\nfinding = "f1:0"\ntarget = "moto"\nraison = "r"\n')
    Path("taken").mkdir()
    Path("taken", "findings").touch()
    ran = command(f"run {words}")
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.sentence


@pytest.mark.parametrize(
    "words",
    [
        "--clauses TERM-44",
        "--waivers no.toml",
        "--output /dev/null/out",
        "python:clients:rigth",
        "mto",
    ],
)
def test_no_target_is_asked_for_anything_before_all_is_known_to_be_right(command: Command, words: str) -> None:
    ran = command(f"run python:clients:leaves_a_mark {words} --tier smoke")
    assert ran.code == 2
    assert ran.sentence
    assert ran.out == ""


@pytest.mark.parametrize(
    ("factory", "sentence"),
    [
        ("fails", "python:clients:fails raised RuntimeError: no licence"),
        ("exits", "python:clients:exits ended the run from inside (SystemExit: good bye, "),
        ("hangs_at_once --hang-after 2s", "python:clients:hangs_at_once did not answer for 2 s, so the run stopped; "),
        ("nothing_on_launch", "python:clients:nothing_on_launch does not launch an instance: RunInstances was "),
    ],
)
def test_a_client_that_cannot_be_used_is_one_sentence_and_answers_3(
    command: Command, factory: str, sentence: str
) -> None:
    ran = command(f"run python:clients:{factory}")
    assert (ran.code, ran.out) == (3, "")
    assert ran.sentence.startswith(sentence)


@pytest.mark.parametrize("name", ["run", "smoke", "replay scenario.yaml --target"])
def test_an_endpoint_where_nobody_answers_is_one_sentence_and_answers_3(command: Command, name: str) -> None:
    Path("scenario.yaml").write_text("title: t\nsteps:\n  - run: {name: A}\n")
    ran = command(f"{name} {NOBODY_THERE}")
    assert (ran.code, ran.out) == (3, "")
    assert ran.sentence.startswith("Nobody answers at http://127.0.0.1:9 ")


@pytest.mark.parametrize("name", ["run", "smoke"])
def test_a_page_for_people_is_no_ec2(command: Command, page: str, name: str) -> None:
    for url in (page, f"{page}/untyped"):  # the second page is well-formed XML
        ran = command(f"{name} endpoint:{url}")
        assert (ran.code, ran.out) == (3, "")
        assert ran.sentence == f"{url} answers, but not with EC2's XML; is it the right port and path?"


def test_an_earlier_output_is_not_lost_to_a_target_that_cannot_be_used(command: Command) -> None:
    assert command("run python:clients:wrong --clauses STOP-1 --output out").code == 1
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    assert len(before) == 4  # the stream, the finding and two reports
    assert command(f"run {NOBODY_THERE} --output out").code == 3
    assert command("run python:clients:rigth --output out").code == 2
    assert {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("factory", "sentence"),
    [
        ("wrong_then_dies", "the process of python:clients:wrong_then_dies ended by itself, with exit code 7."),
        ("wrong_then_hangs", "python:clients:wrong_then_hangs did not answer for 2 s, so the run stopped; "),
    ],
)
def test_what_was_found_before_a_target_hung_or_died_is_not_lost(command: Command, factory: str, sentence: str) -> None:
    ran = command(f"run python:clients:{factory} --hang-after 2s --output out --json")
    assert ran.code == 3
    assert ran.sentence.startswith(sentence)
    [target] = json.loads(ran.out)["targets"]
    assert target["broken"].startswith(sentence)
    assert (target["stopped"], target["version"]) == ("broken", "1.0")
    [finding] = target["findings"]
    assert target["clauses"][finding["clauses"][0]]["verdict"] == "violated"
    assert target["clauses"]["DESC-2"]["verdict"] == "held"
    assert target["clauses"]["DESC-2"]["checks"] > 0
    stream = read_stream(Path("out", "events.ndjson"))
    assert not stream.warnings
    assert isinstance(stream.events[-1], TargetFinished)
    assert {seen.source for seen in stream.events[-1].transitions} >= {"pending", "running"}
    assert '<svg class="lifecycle"' in Path("out", "report.html").read_text(encoding="utf-8")
    assert [event.finding.id for event in stream.events if isinstance(event, FindingMade)] == [finding["id"]]
    [file] = Path("out", "findings").iterdir()
    assert finding["replay"] == f"ec2-lifecycle replay {file} --target python:clients:{factory}"


@pytest.mark.parametrize("factory", ["nothing_on_termination", "odd_on_termination"])
def test_a_reply_of_the_wrong_type_is_a_finding(command: Command, factory: str) -> None:
    ran = command(f"run python:clients:{factory} --clauses TERM-10 --tier smoke --json")
    assert (ran.code, ran.err) == (1, "")
    [finding] = json.loads(ran.out)["targets"][0]["findings"]
    assert finding["clauses"] == ["TERM-10"]
    assert "TerminateInstances was answered without an error, but " in finding["observed"]


def test_what_a_client_prints_does_not_end_up_in_the_report(command: Command) -> None:
    ran = command("run python:clients:talkative --clauses STATE-1 --max-calls 20 --json")
    assert json.loads(ran.out)["exit"] == ran.code == 0
    assert "run_instances!" in ran.err


def test_a_slow_target_is_not_taken_for_one_that_hangs(command: Command) -> None:
    ran = command("smoke python:clients:slow --hang-after 2s")
    assert (ran.code, ran.err) == (0, "")


def test_of_two_targets_one_that_cannot_be_used_does_not_hide_the_other(command: Command) -> None:
    ran = command(f"run {NOBODY_THERE} python:clients:wrong --clauses STOP-1 --json --output out")
    assert ran.code == 3
    assert ran.sentence.startswith("Nobody answers at http://127.0.0.1:9 ")
    summary = json.loads(ran.out)
    gone, wrong = summary["targets"]
    assert summary["exit"] == 3
    assert gone["target"] == NOBODY_THERE
    assert gone["broken"] == ran.sentence
    assert gone["clauses"]["STOP-1"]["verdict"] == "not-exercised"
    assert gone["clauses"]["STOP-1"]["reason"] == "the run ended before any scenario"
    assert [finding["clauses"] for finding in wrong["findings"]] == [["STOP-1"]]
    assert len(list(Path("out", "findings").iterdir())) == 1
    text = command(f"run {NOBODY_THERE} python:clients:wrong --clauses STOP-1")
    assert text.code == 3
    assert "STOP-1    f2:" in text.out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "s.yaml:1: the file is empty; write title:, clauses: and steps:"),
        ("title: t\nstps: []\n", 's.yaml:2: a scenario file has no key "stps"; write steps'),
        ("title: t\nsteps: [\n", "s.yaml:2: this is not YAML; check the brackets, "),
        ("title: t\nclauses: [TERM-44]\nsteps: []\n", 's.yaml:2: "TERM-44" is not a clause; write TERM-4'),
        ("title: t\nsteps:\n  - terminate: [A]\n", 's.yaml:3: no earlier step creates the instance "A" '),
        ("title: t\nsteps:\n  - run: {name: A, zon: 2}\n", 's.yaml:3: run has no key "zon"; write zone'),
    ],
)
def test_a_scenario_file_that_is_wrong_is_one_sentence_and_answers_2(
    command: Command, text: str, sentence: str
) -> None:
    Path("s.yaml").write_text(text)
    ran = command("replay s.yaml --target python:clients:leaves_a_mark")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith(sentence)
    assert not Path("mark").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("no.yaml --target model", "no.yaml: cannot be read (no such file or directory); name a scenario file"),
        (". --target model", ". has no scenario files; name a folder with .yaml files."),
        ("binary.txt --target model", "binary.txt: byte 1 of the file is not UTF-8; write a text file"),
        ("binary.txt", "--target is missing; see: ec2-lifecycle replay --help"),
        ("no.yaml --target mto", 'There is no target "mto"; did you mean moto?'),
    ],
)
def test_a_replay_of_nothing_is_one_sentence_and_answers_2(command: Command, words: str, sentence: str) -> None:
    Path("binary.txt").write_bytes(b"\xff\xfe")
    ran = command(f"replay {words}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.replace("binary.txt:1:", "binary.txt:").startswith(sentence)


def test_a_zone_that_the_target_lacks_is_a_reason_and_no_error(command: Command) -> None:
    Path("s.yaml").write_text(
        "title: t\nclauses: [TERM-5]\nsteps:\n  - run: {name: A, zone: 1}\n  - run: {name: B, zone: 2}\n"
    )
    ran = command("replay s.yaml --target python:clients:one_zone")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "SKIPPED · s.yaml · t\n  needs 2 Availability Zones, the target has 1\n1 skipped\n"
    ran = command("run python:clients:one_zone --clauses TERM-5 --json")
    assert ran.code == 3
    assert ran.sentence.startswith("python:clients:one_zone: nothing was judged: needs 2 Availability Zones")
    clause = json.loads(ran.out)["targets"][0]["clauses"]["TERM-5"]
    assert (clause["verdict"], clause["checks"]) == ("not-exercised", 0)
    assert clause["reason"] == "needs 2 Availability Zones, the target has 1"


def test_a_scenario_at_which_the_target_dies_is_an_error_and_those_before_are_told(command: Command) -> None:
    text = "title: t\nsteps:\n" + "  - run: {name: A}\n  - terminate: [A]\n"
    Path("s").mkdir()
    for number in range(64):
        Path("s", f"{number:02}.yaml").write_text(text)
    ran = command("replay s --target python:clients:wrong_then_dies")
    assert ran.code == 3
    lines = ran.out.splitlines()
    assert lines[0] == "CONFORMS · s/00.yaml · t"
    assert lines[60:] == [
        "ERROR · s/60.yaml · t",
        f"  {ran.sentence}",
        "60 conforms, 1 error, 3 not played",
    ]
