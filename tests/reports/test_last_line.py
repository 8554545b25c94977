"""The last line of a run, in short and in full: what to do next when nothing new was found."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from report_samples import CLAUSE, MODEL

from ec2_lifecycle.reports.console import console_for
from ec2_lifecycle.reports.events import ClauseResult, TargetFinished, Verdict, WaiverProblem
from ec2_lifecycle.reports.short import print_short
from ec2_lifecycle.reports.terminal import print_run

STALE: Final = (WaiverProblem("model", "f1:0", "no longer occurs: remove it"),)
IDLE: Final = {"TERM-4": ClauseResult(Verdict.NOT_EXERCISED, "documented", 0, "one zone")}


@pytest.mark.parametrize("view", [print_short, print_run])
@pytest.mark.parametrize(
    ("target", "says", "then"),
    [
        (MODEL, "model 0.1.0", "nothing to fix"),
        (replace(MODEL, stopped="time"), "stopped at the limit of time", "a longer run sees more"),
        (replace(MODEL, stopped="broken", broken="it sent HTML"), "broke: it sent HTML", "ec2-lifecycle smoke model"),
        (replace(MODEL, waiver_problems=STALE), "f1:0  no longer occurs: remove it", "fix the waivers named above"),
        (replace(MODEL, clauses=IDLE), "one zone", "nothing was exercised"),
    ],
)
def test_the_last_line_says_what_to_do_next(
    view: Callable[..., None], target: TargetFinished, says: str, then: str
) -> None:
    stream = io.StringIO()
    view(console_for(stream), {"TERM-4": CLAUSE}, [target])
    printed = stream.getvalue()
    assert says in printed
    last = printed.splitlines()[-1]
    assert last.startswith("Next: ")
    assert then in last
