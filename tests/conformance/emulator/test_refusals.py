"""Every refusal of the served model rests on facts: its code, and its message unless that names ec2-lifecycle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import ROOT
from ec2_lifecycle.conformance.emulator.refusals import WITHOUT_WORDING
from ec2_lifecycle.conformance.emulator.wire.ec2_errors import Ec2Error
from ec2_lifecycle.model.evidence import FACTS
from ec2_lifecycle.model.evidence.documented_refusals import BY_ID, ROWS
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.requests import ErrorCode, Operation
from ec2_lifecycle.model.specification import EC2

EMULATOR = ROOT / "conformance" / "emulator"
MAKERS = {"ClientError", "WrongRequest", "client_error"}
"""What makes an error reply."""


def rungs() -> Iterator[tuple[Operation, Rung]]:
    for operation in Operation:
        for rung in EC2.operations[operation].ladder:
            yield operation, rung


def known_facts(ids: tuple[str, ...]) -> list[str]:
    return [each for each in ids if each in FACTS or each in BY_ID]


@pytest.mark.parametrize("error", Ec2Error, ids=lambda error: error.name)
def test_an_error_has_facts_for_its_code_and_one_for_ec2s_wording(error: Ec2Error) -> None:
    form = error.value
    assert form.facts
    assert known_facts(form.facts) == list(form.facts)
    documented = [BY_ID[each].code for each in form.facts if each in BY_ID]
    told = " ".join(FACTS[each].statement for each in form.facts if each in FACTS)
    assert form.code in documented or form.code in told
    assert ("ec2-lifecycle" in form.message) == (form.wording is None)
    assert form.wording is None or known_facts((form.wording,))


@pytest.mark.parametrize("error", Ec2Error, ids=lambda error: error.name)
def test_a_message_of_our_own_says_more_than_that_something_is_wrong(error: Ec2Error) -> None:
    words = error.value.message.split()
    assert len(words) > 4 or error.value.wording


@pytest.mark.parametrize(
    ("operation", "rung"),
    list(rungs()),
    ids=lambda each: each.value if isinstance(each, Operation) else each.refusal.name,
)
def test_a_refusal_of_the_rules_has_its_wording_from_a_fact_or_an_error_of_the_table(
    operation: Operation, rung: Rung
) -> None:
    clause = CLAUSES[rung.clause]
    assert all(fact in FACTS or fact in BY_ID for part in clause.evidence.values() for fact in part.facts)
    errors = WITHOUT_WORDING.get((operation, rung.refusal)) or WITHOUT_WORDING.get((None, rung.refusal))
    if rung.wordings:
        assert any(part.facts for part in clause.evidence.values())
        return
    assert errors, f"{operation.value}: {rung.refusal}"
    if rung.code is not ErrorCode.ANY:
        assert [error.value.code for error in errors] == [rung.code.value]


def test_the_table_has_no_error_that_no_rung_gives() -> None:
    wordless = {(operation, rung.refusal) for operation, rung in rungs() if not rung.wordings}
    refusals = {refusal for _, refusal in wordless}
    for operation, refusal in WITHOUT_WORDING:
        assert (operation, refusal) in wordless or (operation is None and refusal in refusals)


def calls(path: Path) -> Iterator[str]:
    """Yield the name of everything that a module calls."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_nothing_in_the_emulator_makes_an_error_of_its_own() -> None:
    free_text = {
        path.name: sorted(MAKERS & set(calls(path)))
        for path in EMULATOR.rglob("*.py")
        if path.name not in {"refusals.py", "errors.py"} and MAKERS - {"WrongRequest"} & set(calls(path))
    }
    assert free_text == {}
    for path in EMULATOR.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"\bWrongRequest\((?!Ec2Error|\s*Ec2Error|Exception)", text), path


def test_in_front_of_another_ec2_only_its_own_errors_are_passed_on() -> None:
    [makes] = [
        node
        for node in ast.parse((EMULATOR / "beyond" / "refusals.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and "ClientError(" in "".join(map(ast.unparse, node.body))
    ]
    assert makes.name == "error_of_reply"


def test_every_error_is_given_somewhere() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in EMULATOR.rglob("*.py") if path.name != "ec2_errors.py"
    )
    assert [error.name for error in Ec2Error if f"Ec2Error.{error.name}" not in source] == []


def test_every_code_is_one_that_aws_documents_or_a_fact_tells() -> None:
    documented = {row.code for row in ROWS}
    statements = " ".join(fact.statement for fact in FACTS.values())
    assert [e.value.code for e in Ec2Error if e.value.code not in documented and e.value.code not in statements] == []
