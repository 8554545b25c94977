"""The text for people: complete, plain in a pipe, at the width of a terminal, and safe."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import CLAUSE, FINDING, HOSTILE, MODEL, MOTO, SHOWN, hostile
from rich.console import Console

from ec2_lifecycle.reports.console import console_for
from ec2_lifecycle.reports.events import (
    Finding,
    FindingMade,
    ScenarioRun,
    TargetFinished,
)
from ec2_lifecycle.reports.progress import Progress
from ec2_lifecycle.reports.safe_text import printable
from ec2_lifecycle.reports.terminal import print_finding, print_run

CLAUSES = {"TERM-4": CLAUSE}

IN_FULL = """\
TERM-4 violation · f1:abcd1234 · An unprotected instance in the zone of a protected one was
terminated
  A named protected instance shields its Availability Zone: nothing named in that zone is
  terminated.
  Evidence: documented (B-02: TerminateInstances page)
  Harm: instances that the protected one should have shielded are deleted

  scenario:
    title: An unprotected instance in the zone of a protected one was terminated
    clauses: [TERM-4]
    steps:
      - run: {name: A}
      - run: {name: C, DisableApiTermination: true}
      - terminate: [A, C]  # the step to blame
      - describe: [A, C]
  expected, one of:
    - A is running, shielded by C (TERM-4)
    - A is pending, shielded by C (TERM-4)
  observed: A is shutting-down

  repro:
    import boto3

    if True:
        ec2 = boto3.client("ec2")
  replay:
    ec2-lifecycle replay out/findings/f1-abcd1234.yaml --target moto
"""

AT_THE_END = """\
clause  verdict          evidence    checks  reason
TERM-1  ✓ held           documented   1,412
TERM-4  ✗ violated       documented      44
DRY-2   – not-exercised  documented          moto has no caller without permission
KIND-2  ○ unsupported    recorded            moto answers NotImplemented

moto 5.2.5 · 2,412 scenarios · 13,210 calls · 42.3 s · seed 7
  clauses:  1 held · 1 violated · 0 masked · 1 unsupported · 1 not-exercised
  findings: 1 new · 0 waived
    TERM-4  f1:abcd1234  An unprotected instance in the zone of a protected one was terminated

Next: fix one, and run its replay command again, or keep it as known: \
ec2-lifecycle waive f1:abcd1234 --target moto --reason TEXT
"""


def in_pipe(targets: Sequence[TargetFinished]) -> str:
    """What a run prints into a pipe."""
    stream = io.StringIO()
    print_run(console_for(stream), CLAUSES, targets)
    return stream.getvalue()


def on_terminal(targets: Sequence[TargetFinished], width: int, environ: Mapping[str, str] | None = None) -> str:
    """What a run prints on a terminal."""
    stream = io.StringIO()
    colours = {"TERM": "xterm-256color", **(environ or {})}
    print_run(Console(file=stream, force_terminal=True, width=width, _environ=colours), CLAUSES, targets)
    return stream.getvalue()


def in_full(finding: Finding) -> str:
    """What a finding prints into a pipe."""
    stream = io.StringIO()
    print_finding(console_for(stream), finding, CLAUSE)
    return stream.getvalue()


def test_a_finding_in_full_reads_like_this() -> None:
    assert in_full(FINDING) == IN_FULL


def test_a_run_prints_its_findings_then_the_clauses_then_the_summary() -> None:
    assert in_pipe([MOTO]) == f"{IN_FULL}\n{AT_THE_END}"


def test_a_single_expectation_stands_on_the_line_of_its_label() -> None:
    printed = in_full(replace(FINDING, expected=("A is running (TERM-4)",)))
    assert "\n  expected: A is running (TERM-4)\n  observed: " in printed


def test_what_is_special_about_a_finding_is_said() -> None:
    printed = in_full(replace(FINDING, minimal=False, waived="moto issue #1"))
    assert "\n  Waived: moto issue #1\n" in printed
    assert "\n  Not minimal: a shorter scenario may show it too; the run did not try them all" in printed


def test_only_the_blamed_step_is_marked_whatever_else_is_a_list() -> None:
    text = "clauses:\n  - TERM-4\nsteps:\n- run: {name: A,\n  volumes: []}\n- terminate: [A]\nfinding:\n  - a\n"
    printed = in_full(replace(FINDING, scenario_text=text, step=1))
    assert [line.strip() for line in printed.splitlines() if "blame" in line] == [
        "- terminate: [A]  # the step to blame"
    ]
    assert "- a\n" not in printed


def test_nothing_in_a_pipe_is_coloured_or_ends_in_blanks() -> None:
    printed = in_pipe([MOTO, MODEL])
    assert "\x1b" not in printed
    assert [line for line in printed.splitlines() if line != line.rstrip()] == []


def test_prose_in_a_pipe_keeps_to_100_columns_and_code_is_never_broken() -> None:
    code = 'ec2.run_instances(ImageId="ami-1", ' + ", ".join(f"A{number}=1" for number in range(60)) + ")"
    command = "ec2-lifecycle replay " + "x" * 200
    printed = in_full(replace(FINDING, repro=code, replay=command, observed="word " * 100))
    lines = printed.splitlines()
    assert f"    {code}" in lines
    assert f"    {command}" in lines
    assert max(len(line) for line in lines if "A1=1" not in line and "xxx" not in line) <= 100


@pytest.mark.parametrize("width", [40, 80, 120, 300])
def test_prose_keeps_to_the_width_of_the_terminal_and_to_120(width: int) -> None:
    wordy = replace(MOTO, findings=(replace(FINDING, observed="word " * 100),))
    printed = on_terminal([wordy], width, {"NO_COLOR": "1"})
    [_, *lines] = [line for line in printed.splitlines() if "word word" in line]
    assert len(lines) >= 4
    assert min(width, 120) - len("word ") <= max(map(len, lines)) <= min(width, 120)


@pytest.mark.parametrize("width", [1, 2, 10])
def test_a_terminal_too_narrow_for_anything_gets_everything_all_the_same(width: int) -> None:
    assert "ec2-lifecycle waive" in on_terminal([MOTO, MODEL], width)


def test_a_terminal_is_coloured_unless_no_color_is_set() -> None:
    coloured = on_terminal([MOTO], 100)
    plain = on_terminal([MOTO], 100, {"NO_COLOR": "1"})
    assert "\x1b[1;31mTERM-4 violation" in coloured
    assert "\x1b[32m✓ held" in coloured
    assert not any(f"\x1b[{style}3{colour}m" in plain for style in ("", "1;") for colour in range(8))


def test_a_verdict_is_a_word_and_not_only_a_colour_or_a_symbol() -> None:
    printed = in_pipe([MOTO])
    for verdict in ("✓ held", "✗ violated", "○ unsupported", "– not-exercised"):
        assert verdict in printed


def test_hostile_characters_are_shown_as_text() -> None:
    assert printable(HOSTILE) == SHOWN


@given(st.text(st.characters(codec=None)))
def test_no_text_of_a_target_reaches_the_terminal_as_anything_but_text(text: str) -> None:
    for printed in (in_pipe(hostile(text)), in_pipe(hostile(text)[:1])):
        assert all(character == "\n" or character.isprintable() for character in printed)


def test_markup_is_printed_as_it_is() -> None:
    for printed in (in_pipe(hostile(HOSTILE)), on_terminal(hostile(HOSTILE), 300, {"NO_COLOR": "1"})):
        assert f"observed: {SHOWN}" in printed.replace("\x1b[1m", "").replace("\x1b[0m", "")
        assert "\u202e" not in printed


def test_output_that_is_not_unicode_gets_letters_and_escapes() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print_run(console_for(stream), CLAUSES, [replace(MOTO, findings=(replace(FINDING, observed="“é”"),))])
    stream.flush()
    printed = raw.getvalue().decode("ascii")
    assert "x violated" in printed
    assert "TERM-4 violation - f1:abcd1234 - An" in printed
    assert r"observed: \u201c\xe9\u201d" in printed


def test_several_targets_make_a_matrix_with_the_reasons_below() -> None:
    printed = in_pipe([MOTO, MODEL])
    assert (
        "clause  moto             model\n"
        "TERM-1  ✓ held           ✓ held\n"
        "TERM-4  ✗ violated\n"
        "DRY-2   – not-exercised\n"
        "KIND-2  ○ unsupported\n"
        "\n"
        "moto not-exercised: moto has no caller without permission (DRY-2)\n"
        "moto unsupported: moto answers NotImplemented (KIND-2)\n"
    ) in printed


def test_a_matrix_wider_than_the_terminal_goes_on_below() -> None:
    targets = [replace(MODEL, target=f"python:doubles:number_{number}") for number in range(9)]
    printed = on_terminal(targets, 80, {"NO_COLOR": "1"})
    assert printed.count("TERM-1 ") == 3
    assert printed.count("✓ held") == 9


def test_a_finding_of_several_targets_is_printed_once_with_their_names() -> None:
    other = replace(FINDING, observed="A is terminated")
    printed = in_pipe([MOTO, replace(MOTO, target="moto-server", findings=(other,)), MODEL])
    assert printed.count("TERM-4 violation · ") == 1
    assert "\n  Targets: moto, moto-server\n" in printed


def test_a_waived_finding_is_listed_with_its_reason_and_not_in_full() -> None:
    printed = in_pipe([replace(MOTO, findings=(replace(FINDING, waived="moto issue #1"),))])
    assert "scenario:" not in printed
    assert "findings: 0 new · 1 waived" in printed
    assert "terminated; waived: moto issue #1" in " ".join(printed.split())
    assert printed.endswith("Next: nothing to fix: everything that the run tested conforms.\n")


def test_a_flaky_finding_is_counted_and_listed_apart() -> None:
    flaky = replace(FINDING, id="f1:0", waived="it races", flaky=True)
    printed = in_pipe([replace(MOTO, findings=(flaky, replace(FINDING, waived="moto issue #1")))])
    assert "findings: 0 new · 1 waived · 1 flaky" in printed
    words = " ".join(printed.split())
    assert words.index("waived: moto issue #1") < words.index("terminated; flaky: it races")
    assert "\n  Flaky: it races\n" in in_full(flaky)


def go(console: Console, max_calls: int | None = None) -> None:
    """A run with progress: three scenarios, of which one shows a finding."""
    with Progress(console, max_calls) as progress:
        for _ in range(3):
            progress.scenario_done(ScenarioRun("moto[b]", "A title", "corpus", 400, ()))
        progress.finding(FindingMade("moto[b]", replace(FINDING, title="x\x1b[2J")))


def test_progress_in_a_pipe_is_nothing() -> None:
    stream = io.StringIO()
    go(console_for(stream))
    assert stream.getvalue() == ""


@pytest.mark.parametrize("max_calls", [None, 2000])
def test_progress_on_a_terminal_counts_and_shows_the_latest_finding(max_calls: int | None) -> None:
    stream = io.StringIO()
    go(Console(file=stream, force_terminal=True, width=120, no_color=True, _environ={"TERM": "xterm"}), max_calls)
    printed = stream.getvalue()
    assert "1,200 calls · 3 scenarios · 1 findings" in printed
    assert "moto[b]" in printed
    assert r"TERM-4 x\x1b[2J" in printed
    assert "\x1b[2J" not in printed
