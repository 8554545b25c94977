"""The corpus: every file can be read, stands in the one form of scenario files, and every clause has a file.

A file of `findings/` is as some run wrote it; all others are of a topic, and named in words.
"""

import re
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from worked_example import WORKED_EXAMPLE

from ec2_lifecycle.conformance.commands.replay_verdict import verdict_of
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files, yaml_files
from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.findings.build import build_finding
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.findings import FindingFiles
from ec2_lifecycle.strategies.files.format import dump_scenario, load_scenario, read_scenario
from ec2_lifecycle.strategies.scenario.steps import WaitStep

CORPUS: Final = Path(str(files("ec2_lifecycle.conformance.corpus")))
FILES: Final = sorted(CORPUS.rglob("*.yaml"))
FINDINGS: Final = "findings"
"""The folder to which a finding's file is moved; its files are exempt from what is asked of titles and names."""
OF_TOPICS: Final = [path for path in FILES if path.parent.name != FINDINGS]

TOPICS: Final = (
    "background",
    "covering",
    "describe",
    "errors",
    "launch",
    "protection",
    "reboot",
    "start",
    "stop",
    "terminate",
    "volumes",
)

EXEMPT: Final = {
    "STATE-2": "it tells clients what to ignore: a target may send any high byte, so that none can break it",
}
"""The clauses that no file is about, each with the reason."""


_COMMENT: Final = re.compile(r"^ *#.*\n", re.MULTILINE)


def slug(path: Path) -> str:
    return path.relative_to(CORPUS).with_suffix("").as_posix()


every_file = pytest.mark.parametrize("path", FILES, ids=slug)


@every_file
def test_a_file_is_about_known_clauses_and_stands_as_it_would_be_written(path: Path) -> None:
    check(path)


def check(path: Path) -> None:
    """Check what is so of every file, a finding's as well."""
    scenario = load_scenario(path, CLAUSES)
    assert scenario.clauses
    assert bool(scenario.finding) is (path.parent.name == FINDINGS)
    assert dump_scenario(scenario) == _COMMENT.sub("", path.read_text(encoding="utf-8"))


def test_every_file_stands_in_the_folder_of_a_topic_under_a_name_in_words() -> None:
    name = re.compile(rf"({'|'.join(TOPICS)})/[a-z0-9]+(-[a-z0-9]+)*")
    assert [slug(path) for path in OF_TOPICS if not name.fullmatch(slug(path))] == []
    assert {slug(path).partition("/")[0] for path in OF_TOPICS} == set(TOPICS)


def test_nothing_lies_in_the_corpus_that_is_not_played() -> None:
    others = {path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*") if path.is_file()} - {
        path.relative_to(CORPUS).as_posix() for path in FILES
    }
    assert {name for name in others if "__pycache__" not in name} <= {
        "covering/manifest.json",
        "smoke.txt",
        "__init__.py",
        "py.typed",
    }
    assert list(corpus_files()) == FILES


def test_a_finding_file_can_be_moved_into_the_corpus_as_it_is(tmp_path: Path) -> None:
    fault = fault_of("TERM-10", "an item is missing")
    target, engine = fault.target(), Engine(EC2)
    scenario = read_scenario("title: t\nsteps: [run: {name: A}, settle, terminate: [A]]\n", "the text")
    [divergence, *_] = Runner(target, engine).run(scenario).divergences
    finding = build_finding(EC2, "python:a:b", scenario, divergence, defect_id(divergence), minimal=True)
    run, kept = FindingFiles(tmp_path / "out" / "findings"), tmp_path / "corpus" / FINDINGS
    run.clear()
    kept.mkdir(parents=True)
    moved = run.write(finding, "python:a:b").rename(kept / "moved.yaml")

    check(moved)
    assert [*yaml_files([tmp_path / "corpus"])] == [moved]
    again = load_scenario(moved, CLAUSES)
    assert defect_id(divergence) in {defect_id(d) for d in Runner(fault.target(), engine).run(again).divergences}
    assert verdict_of(again, Runner(model_target(), engine).run(again)).word == "FIXED"


def test_every_title_is_a_promise_on_one_line() -> None:
    titles = [load_scenario(path).title for path in OF_TOPICS]
    assert [title for title in titles if not re.fullmatch(r"[A-Z].* .*[^.]", title) or len(title) > 110] == []


def test_no_two_files_have_the_same_title() -> None:
    titles = Counter(load_scenario(path).title for path in FILES)
    assert [title for title, count in titles.items() if count > 1] == []


def test_no_two_files_written_by_hand_play_the_same_steps_for_the_same_clause() -> None:
    by_hand = [path for path in OF_TOPICS if path.parent.name != "covering"]  # a derived scenario may be one of these
    played = Counter((clause, s.steps) for s in map(load_scenario, by_hand) for clause in s.clauses)
    assert [clause for (clause, _), count in played.items() if count > 1] == []


def test_every_clause_has_a_file_or_a_reason_why_not() -> None:
    named = {clause for path in FILES for clause in load_scenario(path).clauses}
    without = [clause for clause in CLAUSES if clause not in named]
    missing = [clause for clause in without if clause not in EXEMPT]
    assert not missing, f"add a scenario to conformance/corpus/ that names {', '.join(missing)}"
    assert without == list(EXEMPT)


def test_a_file_that_waits_says_so_in_its_title() -> None:
    for path in OF_TOPICS:
        scenario = load_scenario(path)
        if any(isinstance(step, WaitStep) for step in scenario.steps):
            assert re.search(r"\bminute\b", scenario.title), slug(path)


def test_the_worked_example_is_among_the_files() -> None:
    example = read_scenario(WORKED_EXAMPLE, "the worked example", CLAUSES)
    assert example in [load_scenario(path) for path in FILES]
