"""`derive`: the suite is derived for a few mutants, kept, and found wanting when it no longer fits."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from command_runs import Command
from known_mutants import all_mutants

from ec2_lifecycle.conformance.covering.adequacy import Replayer, digest_of, shortcomings
from ec2_lifecycle.conformance.covering.derive import Examiner, derive
from ec2_lifecycle.conformance.covering.suite import MANIFEST, Kind, Suite, load, save
from ec2_lifecycle.conformance.covering.worker_pool import WorkerPool
from ec2_lifecycle.model.proof.mutants import Mutant
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.building.racy_scenarios import is_racy
from ec2_lifecycle.strategies.covering import cover
from ec2_lifecycle.strategies.covering.cover import NoSolver, Question, Trunk, cheapest_cover
from ec2_lifecycle.strategies.covering.derivation_scopes import Scope
from ec2_lifecycle.strategies.scenario.steps import BatchStep, Named, RunStep, SettleStep

FEW: Final = (
    "lifecycle/TRANSITIONS/drop-key/1",
    "rules.start/shutting_down/negate/4",
    "rules.terminate/shielded/any-all/1",
    "rules.terminate/shielded/and-or/1",
    "rules.terminate/shielded/drop-operand/1",
    "rules.terminate/partly_refused/any-all/1",
)
"""Some that can be killed, and some that cannot."""
SMALL: Final = (
    Scope(
        "small",
        "two instances in two zones, one of them protected",
        launches=(RunStep(""), RunStep("", disable_api_termination=True)),
        asks=(Operation.TERMINATE,),
        instances=2,
        zones=2,
        each_alone=False,
    ),
)


@pytest.fixture(name="few", scope="module")
def few_mutants() -> tuple[Mutant, ...]:
    return tuple(mutant for mutant in all_mutants() if mutant.id in FEW)


@pytest.fixture(name="suite", scope="module")
def derived_suite(few: tuple[Mutant, ...]) -> Suite:
    with WorkerPool(lambda: Examiner(EC2, few, SMALL), 1) as workers:
        return derive(workers, EC2, few, "digest", silent, SMALL)


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody of the progress."""
    del stage, done, total


def wanting(suite: Suite, few: tuple[Mutant, ...], digest: str = "digest") -> list[str]:
    with WorkerPool(lambda: Replayer(EC2, few), 1) as workers:
        return list(shortcomings(workers, EC2, few, suite, digest, silent))


def test_every_mutant_gets_a_verdict(suite: Suite, few: tuple[Mutant, ...]) -> None:
    assert [verdict.mutant for verdict in suite.verdicts] == [mutant.id for mutant in few]
    assert suite.totals["mutants"] == len(few)
    assert {verdict.kind for verdict in suite.verdicts} >= {Kind.KILLABLE, Kind.TIGHTER}


def test_a_shield_that_is_no_more_is_noticed_where_a_protected_instance_has_a_neighbour(suite: Suite) -> None:
    [verdict] = [v for v in suite.verdicts if v.mutant == "rules.terminate/shielded/any-all/1"]
    clauses = {clause for name, _ in verdict.killed_by for clause in suite.scenarios[name].clauses}
    # The protected one is terminated too: whichever of the two is looked at first is blamed.
    assert clauses & {"TERM-4", "TERM-5", "PROT-1"}


def test_a_derivation_comes_out_the_same_again(suite: Suite, few: tuple[Mutant, ...], tmp_path: Path) -> None:
    with WorkerPool(lambda: Examiner(EC2, few, SMALL), 1) as workers:
        again = derive(workers, EC2, few, "digest", silent, SMALL)
    save(suite, tmp_path / "one")
    save(again, tmp_path / "two")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert [f for f in files if (tmp_path / "one" / f).read_bytes() != (tmp_path / "two" / f).read_bytes()] == []


def test_what_is_kept_reads_back_the_same_and_leaves_nothing_of_an_earlier_suite(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "earlier.yaml").write_text("title: an earlier scenario\n", encoding="utf-8")
    save(suite, tmp_path)
    assert load(tmp_path) == suite
    assert not (tmp_path / "earlier.yaml").exists()


def test_a_suite_is_adequate_for_what_it_was_derived_from(suite: Suite, few: tuple[Mutant, ...]) -> None:
    assert wanting(suite, few) == []


def test_a_suite_is_not_adequate_where_a_mutant_is_new_or_gone(suite: Suite, few: tuple[Mutant, ...]) -> None:
    first, *others = few
    assert any(first.id in sentence and "no more" in sentence for sentence in wanting(suite, tuple(others)))
    new = replace(first, id="rules.terminate/shielded/new/1")
    assert any(new.id in sentence and new.change in sentence for sentence in wanting(suite, (*few, new)))


def test_a_suite_is_not_adequate_where_a_mutant_survives(suite: Suite, few: tuple[Mutant, ...]) -> None:
    killable = next(verdict for verdict in suite.verdicts if verdict.kind is Kind.KILLABLE)
    harmless = next(mutant for mutant in few if mutant.module == "lifecycle")
    changed = tuple(
        replace(m, module=harmless.module, source=harmless.source) if m.id == killable.mutant else m for m in few
    )
    [sentence] = wanting(suite, changed)
    assert killable.mutant in sentence
    assert "survives" in sentence


def test_a_suite_is_not_adequate_for_a_specification_of_another_text(suite: Suite, few: tuple[Mutant, ...]) -> None:
    assert wanting(suite, few, "another digest") == ["the specification is not the one that the suite was derived from"]


def test_comments_and_docstrings_do_not_make_another_specification() -> None:
    plain = digest_of({"rules": 'def rule():\n    """Says so."""\n    return 1\n'})
    assert digest_of({"rules": "def rule():  # why\n    return 1\n"}) == plain
    assert digest_of({"rules": "def rule():\n    return 2\n"}) != plain


# The command.


def test_outside_a_clone_the_command_says_where_to_derive(command: Command) -> None:
    ran = command("derive")
    assert ran.code == 2
    assert "conformance/corpus here; derive in a clone of the repository, or name --into DIR" in ran.err


def test_a_suite_that_is_not_there_cannot_be_checked(command: Command) -> None:
    ran = command("derive --check --into nowhere --jobs 1")
    assert ran.code == 2
    assert "nowhere/manifest.json: no such file or directory; derive the suite again" in ran.err


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"specification": 1}', "\x00"])
def test_a_manifest_that_is_none_is_refused_in_a_sentence(command: Command, tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    ran = command("derive --check --into . --jobs 1")
    assert ran.code == 2
    assert "this is not the manifest of a covering suite" in ran.err


def test_a_manifest_that_names_a_file_that_is_not_there_is_refused(
    command: Command, suite: Suite, tmp_path: Path
) -> None:
    save(suite, tmp_path)
    name = next(iter(suite.scenarios))
    (tmp_path / f"{name}.yaml").unlink()
    ran = command("derive --check --into . --jobs 1")
    assert ran.code == 2
    assert f"there is no file {name}.yaml beside it" in ran.err


def test_the_manifest_has_a_line_for_every_scenario_and_every_mutant(suite: Suite, tmp_path: Path) -> None:
    save(suite, tmp_path)
    text = (tmp_path / MANIFEST).read_text(encoding="utf-8")
    assert set(json.loads(text)["mutants"]) == {verdict.mutant for verdict in suite.verdicts}
    assert all(text.count(f'\n  "{verdict.mutant}": ') == 1 for verdict in suite.verdicts)


def test_without_a_solver_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(cover, "import_module", missing)
    with pytest.raises(NoSolver, match=r"pip install '\.\[derive\]'"):
        cheapest_cover([Trunk((RunStep("A"),), 1, frozenset({1}))], [])


# The cover.

RUN: Final = RunStep("A")
SETTLE: Final = SettleStep()
STOP: Final = BatchStep(Operation.STOP, (Named("A"),))
TERMINATE: Final = BatchStep(Operation.TERMINATE, (Named("A"),))


def asked(number: int) -> Question:
    """A question at a running instance that kills the mutant of this number."""
    return Question((RUN, SETTLE), BatchStep(Operation.REBOOT, (Named("A"),) * number), 1, frozenset({number}))


def test_a_question_rides_on_a_trunk_that_passes_its_place() -> None:
    stop = Trunk((RUN, SETTLE, STOP), 4, frozenset({1}))
    bare = Trunk((RUN, SETTLE), 3, frozenset(), open=True)
    found = cheapest_cover([bare, stop], [asked(2)])
    assert (found.calls, found.bound) == (5, 5)
    assert found.scenarios == ((stop, (asked(2),)),)


def test_a_trunk_takes_so_many_questions_and_no_more() -> None:
    bare = Trunk((RUN, SETTLE), 3, frozenset(), open=True)
    questions = [asked(number) for number in range(1, cover.MOST_QUESTIONS + 2)]
    found = cheapest_cover([bare], questions)
    assert found.calls == 2 * 3 + len(questions)
    assert max(len(asked) for _, asked in found.scenarios) <= cover.MOST_QUESTIONS


def test_at_equal_price_a_trunk_is_taken_that_is_not_racy() -> None:
    racy = Trunk((RUN, TERMINATE), 3, frozenset({1}), racy=True)
    steady = Trunk((RUN, SETTLE, TERMINATE), 3, frozenset({1}))
    assert cheapest_cover([racy, steady], []).scenarios == ((steady, ()),)


# What is racy.


def test_a_request_about_something_on_its_way_is_racy() -> None:
    assert is_racy((RUN, STOP))
    assert is_racy((RUN, SETTLE, STOP, TERMINATE))


def test_a_request_about_something_at_rest_is_not_racy() -> None:
    assert not is_racy((RUN, SETTLE, STOP, SETTLE, TERMINATE))
    assert not is_racy((RUN, RunStep("B"), SETTLE, TERMINATE))
