"""`campaign`: what a plan file must have, how its emulators start and stop, and one result of many runs."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from command_runs import Command
from processes import under_way, wait_until
from report_samples import FINDING, MOTO

from ec2_lifecycle.conformance.commands.run import corpus_of
from ec2_lifecycle.conformance.many_runs.emulator import NotStarted, emulator
from ec2_lifecycle.conformance.many_runs.one_run import in_order
from ec2_lifecycle.conformance.many_runs.plan_file import load_plan
from ec2_lifecycle.conformance.many_runs.together import together
from ec2_lifecycle.conformance.running.tiers import SMOKE_CALLS
from ec2_lifecycle.reports.events import ClauseResult, Event, RunStarted, TargetFinished, Verdict
from ec2_lifecycle.reports.labels import seeds_of
from ec2_lifecycle.reports.stored_runs import read_runs
from ec2_lifecycle.reports.stream import read_stream

MAIN: Final = "from ec2_lifecycle.conformance.cli import main; main()"
SERVE: Final = [sys.executable, "-c", MAIN, "serve", "--port", "{port}"]
PLAN: Final = """\
seeds = [0, 5]
tiers = ["smoke"]
max-calls = 300
[[target]]
name = "wrong"
target = "python:clients:wrong"
[[target]]
name = "right"
target = "python:clients:right"
"""
SERVED: Final = f"""\
tiers = ["smoke"]
max-calls = 60
[[target]]
name = "served"
target = "endpoint:http://127.0.0.1:{{port}}"
start = {SERVE}
"""
TARGET: Final = '[[target]]\ntarget = "moto"\n'


def ends(folder: Path) -> list[TargetFinished]:
    """Return the ends of all runs of a campaign by their files, without times."""
    streams = sorted((folder / "runs").glob("*.ndjson"))
    events = [event for stream in streams for event in read_stream(stream).events]
    return [replace(event, seconds=0.0) for event in events if isinstance(event, TargetFinished)]


def test_a_campaign_keeps_each_stream_and_has_one_report_and_one_difference(command: Command, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    first = command("campaign plan.toml")
    assert first.code == 1, first.err
    assert "4 of 4: " in first.err
    assert first.err.endswith("campaigns has no earlier campaign to compare this one with.\n")
    [folder] = (tmp_path / "campaigns").iterdir()
    assert sorted(path.name for path in (folder / "runs").iterdir()) == [
        "right-smoke-0.ndjson",
        "right-smoke-5.ndjson",
        "wrong-smoke-0.ndjson",
        "wrong-smoke-5.ndjson",
    ]
    report = read_runs([folder / "events.ndjson"])
    wrong, right = report.targets
    assert [target.label for target in report.targets] == ["wrong", "right"]
    assert [finding.clause for finding in wrong.done.findings] == ["STOP-1"]
    assert (right.done.findings, right.done.broken) == ((), None)
    assert f"waive {wrong.done.findings[0].id} --target python:clients:wrong --reason" in first.out
    assert wrong.done.calls == sum(end.calls for end in ends(folder) if end.target == "wrong")
    assert (folder / "report.html").is_file()

    second = command("campaign plan.toml --jobs 1")
    assert f"Since {folder.name}:" in second.out
    assert "Nothing got worse." in second.out
    later = max((tmp_path / "campaigns").iterdir())
    assert (later / "diff.md").is_file()
    assert ends(later) == ends(folder)


def test_a_campaign_plays_the_quick_tier_as_run_does(command: Command, tmp_path: Path) -> None:
    text = 'seeds = [5]\ntiers = ["smoke"]\n[[target]]\nname = "wrong"\ntarget = "python:clients:wrong"\n'
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    command("campaign plan.toml --jobs 1")
    [folder] = (tmp_path / "campaigns").iterdir()
    command("run python:clients:wrong --tier smoke --seed 5 --jobs 1 --output alone")
    [in_campaign] = read_runs([folder / "events.ndjson"]).targets
    [alone] = read_runs([tmp_path / "alone" / "events.ndjson"]).targets
    assert in_campaign.done.calls == alone.done.calls <= SMOKE_CALLS
    assert in_campaign.done.clauses == alone.done.clauses
    ids = [[finding.id for finding in done.findings] for done in (in_campaign.done, alone.done)]
    assert ids[0] == ids[1] != []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", ": there is no target; write a [[target]] table for each."),
        ("seeds = 2\nseed = 1\n" + TARGET, ":2: seed is not a key of a plan file; write seeds."),
        ("seeds = 0\n" + TARGET, ":1: seeds has a wrong value; write a number of seeds, or a list such as [0, 1, 2]."),
        ("seeds = [1, 1]\n" + TARGET, ":1: seeds has 1 more than once; write each once."),
        (
            'tiers = ["ful"]\n' + TARGET,
            ':1: there is no tier "ful"; write a list of smoke, covering, full, in quotes.',
        ),
        ("max-calls = -1\n" + TARGET, ":1: max-calls has a wrong value; write a whole number above 0."),
        ('hang-after = "0s"\n' + TARGET, ':1: hang-after has a wrong value; write a time such as "60s".'),
        (
            TARGET + '\n[[target]]\nname = "x"\n',
            ':4: target 2: it names no target; write target = "moto" or target = "endpoint:http://127.0.0.1:{port}".',
        ),
        (TARGET + 'stat = ["x"]\n', ":3: target 1: stat is not a key of a target; write start."),
        (
            TARGET + 'start = "x"\n',
            (
                ":3: target 1: start has a wrong value; "
                'write a list of words in quotes, such as ["moto_server", "-p", "{port}"].'
            ),
        ),
        (
            TARGET + TARGET,
            ':3: target 2: another target has the name "moto" too; write name = "…".',
        ),
        (
            '[[target]]\ntarget = "aws:me"\n',
            ":2: target 1: aws:me cannot be in a campaign, which may repeat a run; use: ec2-lifecycle run.",
        ),
        (
            '[[target]]\ntarget = "endpoint:http://127.0.0.1:{port}"\nname = "x"\n',
            ":2: target 1: nothing takes the port of endpoint:http://127.0.0.1:{port}; write start = […], too.",
        ),
        (
            '[[target]]\ntarget = "endpoint:http://127.0.0.1:1"\n',
            (
                ':2: target 1: "endpoint:http://127.0.0.1:1" cannot name files; '
                'write name = "…" of letters, digits, dots and dashes, in quotes.'
            ),
        ),
        (
            TARGET + 'start = ["x"]\n',
            ':3: target 1: moto needs no start; write target = "endpoint:http://127.0.0.1:{port}".',
        ),
        ("target = 1\n", ":1: target has a wrong value; write a [[target]] table for each target."),
        ("seeds = \n", ':1: this is not TOML ("seeds =" cannot be read).'),
    ],
)
def test_a_wrong_plan_is_reported_with_its_place(command: Command, tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    ran = command("campaign plan.toml")
    assert (ran.code, ran.sentence) == (2, f"plan.toml{sentence}")
    assert not (tmp_path / "campaigns").exists()


def test_a_plan_that_is_not_there_is_named(command: Command) -> None:
    assert command("campaign none.toml").sentence.startswith("none.toml cannot be read (")


def test_runs_at_one_address_come_one_after_the_other_and_all_others_by_themselves(tmp_path: Path) -> None:
    text = (
        'seeds = 2\ntiers = ["smoke", "covering"]\n[[target]]\ntarget = "moto"\n'
        '[[target]]\nname = "mine"\ntarget = "endpoint:http://127.0.0.1:4566"\n'
    )
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    plan = load_plan(tmp_path / "plan.toml")
    orders = in_order(plan, {tier: corpus_of(tier, frozenset()) for tier in plan.tiers})
    assert [[(run.entry.label, run.tier, run.seed) for run in several] for several in orders] == [
        *([("moto", tier, seed)] for tier in ("smoke", "covering") for seed in (0, 1)),
        [("mine", tier, seed) for tier in ("smoke", "covering") for seed in (0, 1)],
    ]
    [first, *_] = orders[0]
    assert first.plan.corpus == corpus_of("smoke", frozenset())


def test_an_emulator_that_ends_at_once_breaks_its_run_and_no_other(command: Command, tmp_path: Path) -> None:
    program = shlex.quote(sys.executable)
    text = f"""\
tiers = ["smoke"]
max-calls = 60
[[target]]
name = "gone"
target = "endpoint:http://127.0.0.1:{{port}}"
start = ["{program}", "-c", "raise SystemExit('no licence')"]
[[target]]
name = "right"
target = "python:clients:right"
"""
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    ran = command("campaign plan.toml")
    assert ran.code == 3
    assert "(no licence)" in ran.err
    assert "right, smoke, seed 0: 0 findings" in ran.err


# Emulators.


def listens(port: int) -> bool:
    """Tell whether something takes connections."""
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1.0).close()
        return True
    return False


def test_an_emulator_listens_within_the_context_and_not_after_it() -> None:
    with emulator(SERVE, {}) as port:
        assert listens(port)
    assert not listens(port)


def test_an_emulator_has_its_port_in_its_environment_too() -> None:
    program = (
        "import os, http.server\n"
        "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), object).serve_forever()\n"
    )
    with emulator([sys.executable, "-c", program], {"PORT": "{port}"}) as port:
        assert listens(port)


def test_an_emulator_that_does_not_start_is_named_with_what_it_said_last() -> None:
    with (
        pytest.raises(NotStarted, match=r"does not listen on port \d+ \(no such option\)"),
        emulator([sys.executable, "-c", "raise SystemExit('no such option')"], {}),
    ):
        pytest.fail("it did not start")


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="the system has no kill -9")
def test_an_emulator_does_not_outlive_the_process_of_its_run(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from ec2_lifecycle.conformance.many_runs.emulator import emulator\n"
        f"with emulator({SERVE!r}, {{}}) as port:\n"
        "    print(port, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert listens(port)
        process.send_signal(signal.SIGKILL)
    wait_until(lambda: not listens(port), "the emulator outlives its run")


# One result of many.


def test_the_strongest_verdict_of_a_clause_counts_and_each_finding_once() -> None:
    held, missing = ClauseResult(Verdict.HELD, "documented", 3), ClauseResult(Verdict.NOT_EXERCISED, "documented", 0)
    violated = ClauseResult(Verdict.VIOLATED, "documented", 1)
    longer = replace(FINDING, scenario_text=FINDING.scenario_text + "# more\n")
    one = replace(MOTO, seed=0, calls=10, findings=(longer,), clauses={"A": held, "B": missing, "C": missing})
    two = replace(MOTO, seed=1, calls=20, findings=(FINDING,), clauses={"A": violated, "B": held, "C": missing})
    done = together("moto", [one, two])
    assert {clause: result.verdict.value for clause, result in done.clauses.items()} == {
        "A": "violated",
        "B": "held",
        "C": "not-exercised",
    }
    assert (done.calls, done.findings, done.clauses["A"].checks) == (30, (FINDING,), 4)


def test_a_finding_that_only_some_seeds_show_is_noted_with_its_seeds() -> None:
    one = replace(MOTO, seed=0, findings=(FINDING,), notes=())
    two = replace(MOTO, seed=7, findings=(), notes=())
    assert together("moto", [one, two]).notes == ("Of 2 seeds, only some show f1:abcd1234 (0).",)
    assert together("moto", [one, replace(one, seed=7)]).notes == ()


def test_a_combined_result_names_every_seed() -> None:
    runs = [replace(MOTO, seed=seed) for seed in (7, 0, 1, 2, 4, 5)]
    assert seeds_of(together("moto", runs)) == "seeds 0-2, 4, 5, 7"
    assert seeds_of(together("moto", runs[:1])) == "seed 7"


def test_a_part_of_a_finding_of_another_seed_is_left_out() -> None:
    whole = replace(FINDING, id="f2:0000000002", former=(FINDING.id,))
    one, two = replace(MOTO, seed=0, findings=(FINDING,)), replace(MOTO, seed=1, findings=(whole,))
    assert together("moto", [one, two]).findings == (whole,)


def test_one_broken_run_breaks_the_result() -> None:
    broken = replace(MOTO, seed=1, stopped="broken", broken="it hangs")
    done = together("moto", [MOTO, broken])
    assert (done.stopped, done.broken) == ("broken", "it hangs")


def test_an_interrupted_campaign_keeps_the_streams_that_it_has(tmp_path: Path) -> None:
    text = 'seeds = 3\ntiers = ["smoke"]\n[[target]]\nname = "slow"\ntarget = "python:clients:slow"\n'
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    with under_way("campaign plan.toml --jobs 1", tmp_path) as process:
        wait_until(lambda: any(tmp_path.glob("campaigns/*/runs")), "the campaign does not begin")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 3
    assert "interrupted; " in err
    assert not any(tmp_path.glob("campaigns/*/events.ndjson"))


def test_events_of_a_run_name_the_target_as_the_plan_does(command: Command, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(SERVED, encoding="utf-8")
    command("campaign plan.toml")
    [stream] = tmp_path.glob("campaigns/*/runs/served-smoke-0.ndjson")
    events: list[Event] = [event for event in read_stream(stream).events if not isinstance(event, RunStarted)]
    assert any(isinstance(event, TargetFinished) and event.broken is None for event in events)
    assert {event.target for event in events if not isinstance(event, RunStarted)} == {"served"}
