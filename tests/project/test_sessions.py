"""The nox sessions run only files that are there, and CI runs those that the page for contributors says."""

import re
from pathlib import Path
from typing import Final

import pytest

from docs import first_cells

ROOT: Final = Path(__file__).resolve().parents[2]
RUN: Final = re.compile(r'"python", "([^"]+\.py)"')
PROGRAMS: Final = sorted(set(RUN.findall((ROOT / "noxfile.py").read_text(encoding="utf-8"))))


def test_some_sessions_run_programs() -> None:
    assert PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_a_session_runs_is_there(program: str) -> None:
    assert (ROOT / program).is_file()


def test_the_page_for_contributors_has_every_session() -> None:
    sessions = re.findall(
        r"^@nox\.session(?:\(.*\))?\ndef (\w+)", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(sessions) > 10
    assert sorted(first_cells("../CONTRIBUTING.md", "session")) == sorted(sessions)


def test_ci_runs_the_sessions_that_the_page_for_contributors_says() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lanes = re.findall(r"^ *sessions\+?=\((.+)\)$", script, re.MULTILINE)
    run_by_ci = {name.strip('"').partition("-")[0] for lane in lanes for name in lane.split()}
    assert len(run_by_ci) > 5
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for name, does in rows if "not part of CI" not in does} == {*run_by_ci, "wheel"}
