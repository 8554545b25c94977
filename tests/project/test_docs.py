"""What the pages of docs/ say is so: every scenario in them loads and is played, and every program runs."""

import ast
import re
from importlib import import_module
from textwrap import dedent
from typing import Final

import pytest
from imports import SHIMS, files_in
from rehearsed import judge

from docs import PAGES, ROOT, Example, examples, first_cells, text_of
from ec2_lifecycle import testing
from ec2_lifecycle.conformance.commands.replay_verdict import STYLES, verdict_of
from ec2_lifecycle.conformance.commands.report import report
from ec2_lifecycle.conformance.commands.serve import serve
from ec2_lifecycle.conformance.emulator.server.cloud import is_known
from ec2_lifecycle.conformance.emulator.server.control import ROUTES
from ec2_lifecycle.conformance.emulator.wire import services
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.reports.events import Event
from ec2_lifecycle.strategies.files.format import READERS, read_scenario
from ec2_lifecycle.strategies.scenario.names import ids_used
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import (
    All,
    BatchStep,
    Gone,
    Malformed,
    Named,
    Push,
    PushStep,
    RequestStep,
    SettleStep,
    Step,
    Unknown,
    WaitStep,
)

pytest_plugins = ["pytester"]

SCENARIOS: Final = "scenarios.md"
REPLAYING: Final = "replaying.md"
STRATEGIES: Final = "strategies.md"
SERVE: Final = "serve.md"
REPORTS: Final = "reports.md"
STREAM: Final = "stream.md"
TESTING: Final = "testing.md"
GLOSSARY: Final = "glossary.md"
PAGES_ABOUT_THE_CODE: Final = (
    *("glossary", "testing", "commands", "proofs", "sandbox"),
    *("oracle", "diagnosis", "trust", "extending"),
)
MADE: Final = {"reports/adequacy.md", ".venv"}
"""What a page names, and a nox session or the reader makes."""
FILES: Final = [*examples(SCENARIOS, "yaml"), *examples(REPLAYING, "yaml")]
PROGRAMS: Final = examples(STRATEGIES, "python")
DOUBLES: Final = examples(SERVE, "python")
FACES: Final = examples(TESTING, "python")
CLEANERS: Final = examples("cleaner.md", "python")
TARGETS: Final = examples("extending.md", "python")

every_file = pytest.mark.parametrize("example", FILES, ids=str)


def read(example: Example) -> Scenario:
    """Read an example as a file; the line in a message is the page's."""
    return read_scenario("\n" * (example.line - 1) + example.text, example.page, CLAUSES)


@every_file
def test_a_scenario_of_the_page_loads_and_the_model_can_play_it(example: Example) -> None:
    scenario = read(example)
    verdict = verdict_of(scenario, Runner(model_target(seed=1), judge(), longest_wait=float("inf")).run(scenario))
    assert verdict.word == ("FIXED" if scenario.finding else "CONFORMS"), verdict


def test_the_page_has_an_example_of_every_step_and_every_form_of_id() -> None:
    steps = [step for example in FILES for step in read(example).steps]
    assert {type(step) for step in steps} == {*RequestStep.__args__, SettleStep, WaitStep, PushStep}
    assert {step.push for step in steps if isinstance(step, PushStep)} == {*Push}
    assert len({step.operation for step in steps if isinstance(step, BatchStep)}) == 5
    forms = [ref for step in steps for ref in ids_used(step)]
    assert {type(ref) for ref in forms} == {Named, Unknown, Malformed, Gone, All}
    assert {ref.short for ref in forms if isinstance(ref, Unknown)} == {True, False}


def one_step(line: str) -> Step:
    """Read a step of an instance A, which may be the launch of it."""
    before = "" if line.startswith("run") else "  - run: {name: A}\n"
    return read_scenario(f"title: t\nsteps:\n{before}  - {line}\n", line).steps[-1]


def test_every_step_in_a_table_of_the_page_can_be_written_so() -> None:
    steps = [one_step(line) for line in first_cells(SCENARIOS, "step")]
    assert {step.push for step in steps if isinstance(step, PushStep)} == {*Push}
    assert len({step.operation for step in steps if isinstance(step, BatchStep)}) == 5


def test_every_id_in_the_table_of_the_page_can_be_written_so() -> None:
    counted = {"A1", "A2", "A3"}
    ids = first_cells(SCENARIOS, "id")
    assert counted < {*ids}
    for form in ids:
        run = "{name: A, count: 3}" if form in counted else "{name: A}"
        read_scenario(f"title: t\nsteps: [run: {run}, terminate: [{form}]]\n", form)


def test_the_page_has_every_word_of_a_replay() -> None:
    assert set(first_cells(REPLAYING, "word")) == set(STYLES)


def test_the_page_knows_every_format() -> None:
    assert [*READERS] == [1], "docs/replaying.md says that format 1 is the only one"


@pytest.mark.parametrize("example", [*PROGRAMS, *DOUBLES, *FACES, *CLEANERS, *TARGETS], ids=str)
def test_a_program_of_the_page_passes_as_a_test_file(example: Example, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_example=example.text)
    ran = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider")
    assert ran.ret == pytest.ExitCode.OK
    assert ran.parseoutcomes() == {"passed": 1}


def test_the_page_of_the_public_face_has_every_name_with_an_example() -> None:
    imported = {
        alias.name
        for example in FACES
        for node in ast.walk(ast.parse(example.text))
        if isinstance(node, ast.ImportFrom) and node.module == "ec2_lifecycle.testing"
        for alias in node.names
    }
    assert sorted(first_cells(TESTING, "name")) == sorted(imported) == sorted(testing.__all__)


IMPORTS: Final = [
    (f"{example}: {node.module}", node.module, [alias.name for alias in node.names])
    for page in ("../README.md", *sorted(path.name for path in PAGES.glob("*.md")))
    for example in examples(page, "python")
    for node in ast.walk(ast.parse(dedent(example.text)))
    if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ec2_lifecycle")
]
"""Where a page imports from the project, the module, and the names."""


@pytest.mark.parametrize(("module", "names"), [row[1:] for row in IMPORTS], ids=[row[0] for row in IMPORTS])
def test_a_program_of_a_page_imports_only_public_names(module: str, names: list[str]) -> None:
    public = re.fullmatch(r"ec2_lifecycle\.(testing|strategies|model(\.\w+)*)", module)
    assert public, "docs/testing.md says which imports are public"
    assert [name for name in names if not hasattr(import_module(module), name)] == []


def test_the_page_of_the_public_face_names_every_old_path() -> None:
    old = {path.removeprefix("-p ").removeprefix("--pyargs ") for path in first_cells(TESTING, "old")}
    assert old == {f"ec2_lifecycle.conformance.{name}" for name in (*SHIMS, "suite")}


WORDS: Final = [line.strip("| ").split(" | ") for line in text_of(GLOSSARY).splitlines() if line.startswith("| **")]
"""The rows of the glossary: a word, its meaning, an example."""


def test_the_glossary_has_at_most_25_words_each_once() -> None:
    assert 0 < len(WORDS) <= 25
    assert len({row[0] for row in WORDS}) == len(WORDS)


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row[0].strip("*"))
def test_a_word_of_the_glossary_has_one_sentence_and_an_example_and_the_code_uses_it(row: list[str]) -> None:
    word, meaning, example = row
    assert re.fullmatch(r"(?:[^.]|\.(?! ))+\.", meaning), "write one sentence"
    assert example
    named = re.compile(rf"\b{re.escape(word.strip('*'))}", re.IGNORECASE)
    users = [file for file in files_in(ROOT) if named.search((ROOT / file).read_text(encoding="utf-8"))]
    assert len(users) >= 3, "use an ordinary word instead"


def test_there_are_programs_for_each_strategy_and_for_the_machine() -> None:
    imported = "\n".join(line for program in PROGRAMS for line in program.text.splitlines() if "import" in line)
    for name in ("scenarios", "worlds", "requests", "state_machine", "factory_target"):
        assert name in imported


@pytest.mark.parametrize(
    "page",
    ["ARCHITECTURE.md", "AGENTS.md", "CONTRIBUTING.md", *(f"docs/{name}.md" for name in PAGES_ABOUT_THE_CODE)],
)
def test_a_page_about_the_code_names_only_files_that_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    tops = "|".join(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir() and path.name not in MADE)
    named = re.findall(rf"`((?:{tops})/[\w./-]*)`", text)
    assert [path for path in named if not (ROOT / path).exists() and path not in MADE] == []


def test_the_page_of_the_server_has_every_setting_and_every_way_of_control() -> None:
    options = {option.split()[0] for option in first_cells(SERVE, "option")}
    told = {name for parameter in serve.params for name in parameter.opts}
    assert options == told - {"--host", "--port", "--allow-remote"}
    assert set(first_cells(SERVE, "request")) == set(ROUTES)


def test_the_page_of_the_server_has_every_operation_that_it_answers() -> None:
    text = text_of(SERVE)
    answered = {operation for operation in services.methods_of(services.EC2) if is_known(services.EC2, operation)}
    rows = [
        line.split("|")[2] for line in text.splitlines() if line.startswith(("| instances", "| volumes", "| around"))
    ]
    assert {name.strip() for row in rows for name in row.split(",")} == answered


def test_the_page_of_the_reports_has_every_option_and_every_event() -> None:
    options = {option.split()[0] for option in first_cells(REPORTS, "option")}
    assert options == {name for parameter in report.params for name in parameter.opts if name.startswith("--")}
    assert set(first_cells(STREAM, "event")) == {kind.__name__ for kind in Event.__args__}
