"""The published matrix: what its page says of runs, and that the committed one speaks of today's clauses."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from matrix import PAGE, text
from report_samples import FINDING, MODEL, MOTO, STARTED
from stored_streams import finished, stored

from docs import ROOT
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.reports.stored_runs import read_runs

WRITTEN: Final = (ROOT / "reports" / "matrix.md").read_text(encoding="utf-8")


def test_the_page_has_the_runs_each_clause_on_each_target_the_reasons_and_the_findings(tmp_path: Path) -> None:
    hostile = replace(FINDING, id="f1:0", title="a | b <script>")
    moto = replace(MOTO, findings=(FINDING, hostile))
    model = replace(MODEL, clauses={"TERM-1": replace(MOTO.clauses["DRY-2"], reason="model has no ids")})
    header = replace(STARTED, versions={"python": "3.11.7", "boto3": "1.40.0"})
    runs = [read_runs([stored(tmp_path / run.target, finished(run), header)]) for run in (moto, model)]
    page = text(runs, 4000)
    assert "(python 3.11.7, boto3 1.40.0)" in page
    assert "on 2 targets, all run for real on 2026-01-31\n" in page
    assert "with seed 7 and at most 4,000 calls to each." in page
    assert "| `moto` | 5.2.5 | 1 of 2 | 2 | 2,412 | 13,210 | played everything |" in page
    assert "nothing named in that zone is terminated. | documented | ✗ |  |" in page
    assert "| moto has no caller without permission | DRY-2 |" in page
    assert "| model has no ids | TERM-1 |" in page
    assert "| TERM-4 | violation | `f1:abcd1234` | An unprotected instance" in page
    html = MarkdownIt("commonmark").enable("table").render(page)
    assert "a | b &lt;script&gt;</td>" in html
    assert "<details><summary>moto: 2 clauses</summary>" in html


def test_the_committed_page_is_of_this_form_and_names_clauses_that_there_are() -> None:
    assert WRITTEN.startswith(PAGE.partition("**TL;DR**")[0])
    named = set(re.findall(r"^\| ([A-Z]+-\d+) \|", WRITTEN, re.MULTILINE))
    assert named - CLAUSES.keys() == set(), "nox -s matrix writes the page again"
    for target in ("moto", "moto-server", "ministack", "aws-local-run", "ec2-lifecycle serve"):
        assert f"\n| `{target}` | " in WRITTEN


def test_the_control_of_the_committed_page_breaks_nothing() -> None:
    [control] = re.findall(r"^\| `ec2-lifecycle serve` \|.*$", WRITTEN, re.MULTILINE)
    held = re.search(r"\| (\d+) of (\d+) \| 0 \|", control)
    assert held is not None
    assert held[1] == held[2]
