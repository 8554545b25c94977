"""A run in a page: the worst findings first, two figures, and what to do next."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import CLAUSE, FINDING, MOTO, hostile
from rich.console import Console

from ec2_lifecycle.reports.console import PAGE, console_for
from ec2_lifecycle.reports.events import ClauseInfo, ClauseResult, TargetFinished, Verdict
from ec2_lifecycle.reports.short import Figures, figures, print_short

ASSUMED = replace(CLAUSE, id="STOP-3", evidence={"outcome": {"grade": "assumed", "source": ""}})
CLAUSES = {
    name: replace(CLAUSE, id=name) for name in ("TERM-1", "TERM-4", "DRY-2", "KIND-2", *(f"X-{n}" for n in range(16)))
} | {"STOP-3": ASSUMED}
WORST = replace(FINDING, harm="destroys")
MANY = tuple(
    replace(FINDING, id=f"f1:{n:08d}", harm=("misleads", "destroys", "leaks", "wrong error code")[n % 4])
    for n in range(60)
)

IN_SHORT = """\
moto 5.2.5: 1 new finding, worst: destroys (1)
  divergence: 50 % (1 broken of 2 clauses tested)
  coverage  : 10 % (2 tested of 20 clauses with evidence)
  run       : 2,412 scenarios · 13,210 calls · 42.3 s · seed 7
  played everything

clause  verdict          evidence    checks  reason
TERM-1  ✓ held           documented   1,412
TERM-4  ✗ violated       documented      44
DRY-2   – not-exercised  documented          moto has no caller without permission
KIND-2  ○ unsupported    recorded            moto answers NotImplemented

destroys: something that must survive is ended or deleted
  TERM-4    f1:abcd1234    An unprotected instance in the zone of a protected one was terminated
                           instances that the protected one should have shielded are deleted

  report    : out/report.html
  findings  : out/findings

Next: ec2-lifecycle show f1:abcd1234    # the worst finding, in full
      ec2-lifecycle issue f1:abcd1234   # an issue to file, with the shortest reproduction
      ec2-lifecycle waive f1:abcd1234 --target moto --reason TEXT   # accept it as known
"""


def in_pipe(
    targets: Sequence[TargetFinished],
    folder: str | None = None,
    clauses: Mapping[str, ClauseInfo] = CLAUSES,
    before: int = 0,
) -> str:
    """What a run prints into a pipe, after some lines about what it found."""
    stream = io.StringIO()
    print_short(console_for(stream), clauses, targets, folder, {each.target: before for each in targets})
    return stream.getvalue()


def test_a_run_in_short_reads_like_this() -> None:
    assert in_pipe([replace(MOTO, findings=(WORST,))], "out") == IN_SHORT


@pytest.mark.parametrize("before", [0, 1, 30, PAGE])
@pytest.mark.parametrize("number", [0, 1, 2, 30, 60, 300])
@pytest.mark.parametrize("reason", [None, "it is known"])
def test_a_run_never_fills_more_than_two_pages(before: int, number: int, reason: str | None) -> None:
    findings = tuple(replace(each, waived=reason if n % 2 else None) for n, each in enumerate((MANY * 5)[:number]))
    printed = in_pipe([replace(MOTO, findings=findings)], "out", before=before)
    assert before + len(printed.splitlines()) <= 2 * PAGE
    shown = sum(line.startswith("  TERM-4  ") for line in printed.splitlines() if "f1:" in line)
    left = int(found[1]) if (found := re.search(r"  and (\d+) more,", printed)) else 0
    assert shown + left == number
    assert before + number > PAGE or not left, "there is room for all"


def test_the_worst_findings_come_first_and_the_last_line_counts_the_others() -> None:
    printed = in_pipe([replace(MOTO, findings=MANY)], before=PAGE)
    lines = printed.splitlines()
    headings = [line.partition(":")[0] for line in lines if line.startswith(("destroys", "leaks", "misleads"))]
    assert headings == ["destroys", "leaks"]
    listed = sum(line.startswith("  TERM-4  ") for line in lines if "f1:" in line)
    assert f"  and {60 - listed} more, of no greater harm (--verbose)" in lines
    assert "Next: ec2-lifecycle show f1:00000001 " in printed


def test_the_next_step_is_about_a_finding_that_was_confirmed_and_waives_it_at_any_port() -> None:
    doubtful = replace(WORST, id="f1:00000001", status="unconfirmed")
    target = replace(MOTO, target="endpoint:http://127.0.0.1:4566", findings=(doubtful, FINDING))
    text = in_pipe([target])
    assert f"Next: ec2-lifecycle show {FINDING.id} " in text
    assert f"waive {FINDING.id} --target 'endpoint:*' --reason" in text
    assert "show f1:00000001 " in in_pipe([replace(target, findings=(doubtful,))])


def test_coverage_is_over_all_clauses_with_evidence_whatever_the_target_can_do() -> None:
    unsupported = {"TERM-1": ClauseResult(Verdict.UNSUPPORTED, "documented", 0, "it does not do it")}
    masked = {"TERM-1": ClauseResult(Verdict.MASKED, "documented", 0)}
    assert figures(replace(MOTO, clauses=unsupported), CLAUSES) == Figures(0, 0, 20)
    assert figures(replace(MOTO, clauses=masked), CLAUSES) == Figures(0, 0, 20)
    assert figures(MOTO, CLAUSES) == Figures(1, 2, 20)
    assert "unknown, because no clause was tested" in in_pipe([replace(MOTO, clauses=unsupported)])


def test_a_finding_in_a_pipe_is_one_line_and_on_a_terminal_keeps_to_its_width() -> None:
    done = replace(MOTO, findings=(replace(WORST, title="word " * 40 + "end"),))
    [line] = [line for line in in_pipe([done]).splitlines() if "word" in line]
    assert line.endswith("word end")
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, no_color=True, _environ={"TERM": "xterm"})
    print_short(console, CLAUSES, [done])
    assert max(len(line) for line in stream.getvalue().splitlines() if "word" in line) <= 100


def test_what_is_known_is_listed_apart_with_its_reason() -> None:
    printed = in_pipe([replace(MOTO, findings=(replace(WORST, waived="moto issue #1"),))])
    assert printed.startswith("moto 5.2.5: no new finding, 1 waived\n")
    assert "was terminated; waived: moto issue #1\n" in printed
    assert printed.endswith("Next: nothing to fix: everything that the run tested conforms.\n")


@given(st.text(st.characters(codec=None)))
def test_no_text_of_a_target_reaches_the_terminal_as_anything_but_text(text: str) -> None:
    nasty = [replace(done, findings=(*done.findings, replace(WORST, harm=text))) for done in hostile(text)]
    for printed in (in_pipe(nasty), in_pipe(nasty[:1])):
        assert all(character == "\n" or character.isprintable() for character in printed)
