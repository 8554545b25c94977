"""`prove`: what it prints, what it writes, and how a theorem that fails is shown."""

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from command_runs import Command
from known_mutants import all_mutants

from ec2_lifecycle.conformance.proving import parallel
from ec2_lifecycle.model.choices import Choices
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.outcomes import Refusal
from ec2_lifecycle.model.proof import solvers
from ec2_lifecycle.model.proof.obligations import Subjects
from ec2_lifecycle.model.requests import BatchRequest, Operation
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.theorems.catalogue import THEOREMS
from ec2_lifecycle.model.world import World
from ec2_lifecycle.strategies.files.format import load_scenario

UNSHIELDED = "rules.terminate/shielded/negate/4"
"""The mutant that shields every zone but the one that holds the protected instance."""


def mutant(name: str) -> Specification:
    """The specification with one change."""
    return next(mutant for mutant in all_mutants() if mutant.id == name).specification()


@pytest.fixture
def prove_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[Specification], None]:
    """Put another specification in the place of the installed one."""

    def put(spec: Specification) -> None:
        subjects = Subjects(spec)
        monkeypatch.setattr(parallel, "EC2", spec)
        monkeypatch.setattr(parallel, "_subjects", lambda: subjects)

    return put


def test_a_theorem_is_a_line_with_its_verdict_its_time_and_its_sentence(command: Command) -> None:
    ran = command("prove --theorem T2 --theorem t5")
    assert (ran.code, ran.err) == (0, "")
    first, second, _, total, *_ = ran.out.splitlines()
    assert first.startswith("T2   proved · z3 ")
    assert first.endswith("ms · If one id of a termination is bad, nothing is terminated.")
    assert second.startswith("T5   proved · z3 ")
    assert "2 of 2 theorems proved" in ran.out
    assert total or "obligations" in ran.out


def test_several_theorems_are_proved_in_processes_side_by_side(command: Command) -> None:
    # That all of them are proved, tests/model/test_theorems.py shows, and the session `prove`.
    ids = [theorem.id for theorem in reversed(THEOREMS[: parallel.FEW + 1])]
    ran = command(f"prove --theorem {','.join(ids)} --json")
    assert (ran.code, ran.err) == (0, "")
    said = json.loads(ran.out)
    assert said["exit"] == 0
    assert [one["id"] for one in said["theorems"]] == ids
    assert {one["verdict"]["z3"] for one in said["theorems"]} == {"proved"}
    assert {one["scope"] for one in said["theorems"]} == {"unbounded"}
    assert all(one["ms"]["z3"] >= 0 and one["obligations"] for one in said["theorems"])


def test_an_unknown_theorem_is_wrong_usage_with_the_nearest_named(command: Command) -> None:
    ran = command("prove --theorem T100")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence == 'there is no theorem "T100"; see: ec2-lifecycle list theorems'


def test_a_solver_that_is_not_installed_is_one_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_module(_: str) -> None:
        return None

    monkeypatch.setattr(solvers, "find_spec", no_module)
    ran = command("prove --theorem T2 --solver cvc5")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("cvc5 is not installed; in a clone, run: pip install")


def test_every_question_is_a_file_headed_by_the_sentence(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "proofs"
    assert command(f"prove --theorem T14 --smtlib {folder}").code == 0
    files = sorted(folder.iterdir())
    assert len(files) == len(EC2.operations)
    for file in files:
        text = file.read_text()
        assert text.startswith("; T14: Every request has at least one permitted outcome.\n")
        assert text.endswith("(check-sat)\n")


def test_a_broken_theorem_shows_its_counterexample_and_the_way_there(
    command: Command, prove_of: Callable[[Specification], None], tmp_path: Path
) -> None:
    prove_of(mutant(UNSHIELDED))
    ran = command(f"prove --theorem T1 --output {tmp_path}")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("T1   broken · z3 ")
    assert "scope: 1 instance, 1 zone, 0 volumes" in ran.out
    assert "outcome: OperationNotPermitted 400 for termination protection (TERM-6) of A" in ran.out
    assert "0 of 1 theorems proved" in ran.out
    scenario = load_scenario(tmp_path / "T1.yaml", CLAUSES)
    assert scenario.clauses == ("TERM-4", "PROT-1", "TERM-11")
    assert command(f"replay {tmp_path} --target model").code == 0


def test_what_is_only_unknown_is_not_proved(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def tired(_: object) -> solvers.Answered:
        return solvers.Answered(solvers.Answer.UNKNOWN, 0.0)

    monkeypatch.setitem(solvers.SOLVERS, "z3", tired)
    ran = command("prove --theorem T2")
    assert ran.code == 1
    assert ran.out.startswith("T2   unknown")
    assert "neither proved nor broken" in ran.out


def counts(_world: World, request: BatchRequest, _choices: Choices) -> bool:
    """No rule: it sums where a rule may only ask any and all."""
    return sum(1 for _ in request.instances) == 0


@pytest.mark.parametrize("theorems", ["--theorem T21", ""])
def test_what_cannot_be_read_is_one_sentence_with_its_place(
    command: Command, prove_of: Callable[[Specification], None], theorems: str
) -> None:
    rules = EC2.operations[Operation.TERMINATE]
    ladder = tuple(replace(rung, holds=counts) if rung.refusal is Refusal.EMPTY else rung for rung in rules.ladder)
    prove_of(replace(EC2, operations={**EC2.operations, Operation.TERMINATE: replace(rules, ladder=ladder)}))
    ran = command(f"prove {theorems}")
    assert ran.code == 2
    line = inspect.getsourcelines(counts)[1] + 2
    assert ran.sentence.startswith(f"test_prove_command.py:{line}: `sum` is outside")


def test_the_questions_are_the_same_under_any_hash_seed(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        words = ["prove", "--theorem", "T6", "--theorem", "T18", "--smtlib", str(tmp_path / seed)]
        program = "import sys; from ec2_lifecycle.conformance.cli import main; sys.argv[0] = 'ec2-lifecycle'; main()"
        command = [sys.executable, "-c", program, *words]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
    first, second = ({f.name: f.read_text() for f in (tmp_path / seed).iterdir()} for seed in ("1", "2"))
    assert first == second
