"""While a run is under way: each finding when it is confirmed, and how far the run has come."""

import io
from collections.abc import Callable, Iterable
from dataclasses import replace

from report_samples import FINDING, HOSTILE, MOTO, SHOWN
from rich.console import Console

from ec2_lifecycle.reports.console import PAGE, console_for
from ec2_lifecycle.reports.events import Event, Finding, FindingMade, ScenarioRun, TargetFinished
from ec2_lifecycle.reports.live import Live

FOUND = replace(FINDING, harm="destroys")
PLAYED = ScenarioRun("moto", "A batch", "corpus", 40, ())


class Watch:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def in_pipes(
    events: Iterable[Event | float],
    *,
    as_json: bool = False,
    is_known: Callable[[str, Finding], bool] = lambda _target, _finding: False,
) -> tuple[str, str]:
    """What standard output and standard error show of events, with the seconds that pass between them."""
    out, err, watch = io.StringIO(), io.StringIO(), Watch()
    console = None if as_json else console_for(out)
    with Live(console, console_for(err), is_known=is_known, clock=watch) as live:
        for event in events:
            if isinstance(event, int | float):
                watch.now += event
            else:
                live.take(event)
    return out.getvalue(), err.getvalue()


def test_a_finding_is_one_line_however_long_it_is() -> None:
    long = replace(FOUND, title="word " * 50 + "end")
    out, err = in_pipes([PLAYED, FindingMade("moto", long)])
    [heading, line] = out.splitlines()
    assert heading == "Findings, as they are found:"
    assert line.startswith("destroys                    TERM-4    f1:abcd1234  word word")
    assert line.endswith("word end")
    assert err == ""


def test_a_finding_is_shown_before_anything_else_happens() -> None:
    out = io.StringIO()
    with Live(console_for(out), console_for(io.StringIO())) as live:
        live.take(FindingMade("moto", FOUND))
        assert FINDING.title in out.getvalue()


def test_a_finding_that_becomes_part_of_another_is_named_once_more() -> None:
    part = replace(FOUND, id="f1:00000001")
    whole = replace(FOUND, title="Instances are processed one by one", former=(part.id,))
    done = replace(MOTO, findings=(whole,))
    out, _ = in_pipes([FindingMade("moto", FOUND), FindingMade("moto", part), done])
    assert out.splitlines()[3:] == ["f1:00000001 is the same defect as f1:abcd1234"]


def test_the_parts_of_a_finding_are_named_in_one_line() -> None:
    parts = [replace(FOUND, id=f"f1:0000000{n}") for n in (1, 2)]
    whole = replace(FOUND, former=tuple(part.id for part in parts))
    out, _ = in_pipes([*(FindingMade("moto", one) for one in (FOUND, *parts)), replace(MOTO, findings=(whole,))])
    assert out.splitlines()[4:] == ["f1:00000001 and f1:00000002 are the same defect as f1:abcd1234"]


def test_a_finding_that_stays_as_it_is_is_not_named_again() -> None:
    out, _ = in_pipes([FindingMade("moto", FOUND), replace(MOTO, findings=(FOUND,))])
    assert len(out.splitlines()) == 2


def test_a_finding_that_turns_out_to_be_worse_is_one_more_line_and_the_same_finding() -> None:
    milder = replace(FOUND, harm="leaks")
    out, err = in_pipes([PLAYED, FindingMade("moto", milder), FindingMade("moto", FOUND), 10.0, PLAYED])
    [_, first, second] = out.splitlines()
    assert first.startswith("leaks ")
    assert second.startswith("destroys ")
    assert second.endswith(f"worse than before: {FOUND.title}")
    assert err.endswith(" 1 finding\n")


def test_very_many_findings_fill_a_page_and_then_only_count() -> None:
    many = [replace(FOUND, id=f"f1:{n:08d}") for n in range(500)]
    out, err = in_pipes([PLAYED, *(FindingMade("moto", one) for one in many), 10.0, PLAYED])
    lines = out.splitlines()
    assert len(lines) == PAGE
    assert lines[-1] == "The summary has all further findings, the worst of all first."
    assert err.endswith(" 500 findings\n")


def test_a_finding_that_nothing_confirmed_says_so() -> None:
    out, _ = in_pipes([FindingMade("moto", replace(FOUND, status="unconfirmed"))])
    assert out.endswith(f"f1:abcd1234  unconfirmed: {FINDING.title}\n")


def test_a_waived_finding_is_marked_as_such() -> None:
    out, _ = in_pipes([FindingMade("moto", FOUND)], is_known=lambda target, _: target == "moto")
    assert out.endswith(f"{FINDING.title} (waived)\n")


def test_in_a_pipe_a_line_every_ten_seconds_says_how_far_the_run_is() -> None:
    _, err = in_pipes([PLAYED, 4.0, PLAYED, 6.0, FindingMade("moto", FOUND), PLAYED, 9.0, PLAYED, 1.0, PLAYED])
    assert err.splitlines() == [
        "moto: 10 s, 120 calls, 3 scenarios, 1 finding",
        "moto: 20 s, 200 calls, 5 scenarios, 1 finding",
    ]


def test_beside_one_json_object_there_is_progress_and_nothing_on_standard_output() -> None:
    out, err = in_pipes([PLAYED, FindingMade("moto", FOUND), 10.0, PLAYED, MOTO], as_json=True)
    assert out == ""
    assert err == "moto: 10 s, 80 calls, 2 scenarios, 1 finding\n"


def test_on_a_terminal_findings_stand_above_the_bar() -> None:
    stream = io.StringIO()
    terminal = Console(file=stream, force_terminal=True, width=120, no_color=True, _environ={"TERM": "xterm"})
    with Live(terminal, terminal, several=True) as live:
        live.take(PLAYED)
        live.take(FindingMade("moto", FOUND))
    printed = stream.getvalue()
    assert f"{FINDING.title} (on moto)\n" in printed
    assert "40 calls · 1 scenarios" in printed


def test_where_only_standard_error_is_a_terminal_no_bar_overwrites_the_findings() -> None:
    out, err = io.StringIO(), io.StringIO()
    terminal = Console(file=err, force_terminal=True, width=120, no_color=True, _environ={"TERM": "xterm"})
    with Live(console_for(out), terminal) as live:
        live.take(PLAYED)
        live.take(FindingMade("moto", FOUND))
    assert (FINDING.title in out.getvalue(), err.getvalue()) == (True, "")


def test_no_text_of_a_target_reaches_the_terminal_as_anything_but_text() -> None:
    nasty = replace(FOUND, id=HOSTILE, clause=HOSTILE, title=HOSTILE, harm=HOSTILE)
    whole: TargetFinished = replace(MOTO, findings=(replace(nasty, id="f1:0", former=(HOSTILE,)),))
    out, _ = in_pipes([FindingMade("moto", nasty), whole])
    assert all(character == "\n" or character.isprintable() for character in out)
    assert SHOWN in out
