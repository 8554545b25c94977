"""Each clause answers a question, and so does each refusal and each row of the lifecycle."""

import pytest

from ec2_lifecycle.model import lifecycle
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.questions import QUESTIONS
from ec2_lifecycle.model.specification import EC2


def test_each_clause_has_a_question_in_the_order_of_the_clauses() -> None:
    missing = [clause for clause in CLAUSES if clause not in QUESTIONS]
    assert not missing, f"add a question to model/questions.py for {', '.join(missing)}"
    assert list(QUESTIONS) == list(CLAUSES), "put the questions of model/questions.py into the order of the clauses"


@pytest.mark.parametrize("clause", QUESTIONS)
def test_a_question_ends_as_one_and_no_other_clause_has_it(clause: str) -> None:
    question = QUESTIONS[clause]
    assert question.endswith("?")
    assert question[0].isupper()
    assert list(QUESTIONS.values()).count(question) == 1


def test_each_refusal_and_each_row_of_the_lifecycle_answers_a_question() -> None:
    rungs = {rung.clause for rules in EC2.operations.values() for rung in rules.ladder}
    tables = (lifecycle.TERMINATE, lifecycle.STOP, lifecycle.START, lifecycle.REBOOT)
    rows = {row.clause for table in tables for row in table.values()}
    assert rungs | rows <= QUESTIONS.keys()


def test_each_open_point_asks_a_question() -> None:
    assert [choice.id for choice in EC2.choices if not choice.question.endswith("?")] == []
