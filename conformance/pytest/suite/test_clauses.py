"""Each promise of EC2: no scenario of the corpus that is about it shows the target breaking it."""

import pytest

from ec2_lifecycle.conformance.pytest.suite.session import SuiteSession, sources_about
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import Verdict


@pytest.mark.parametrize(
    "clause", [pytest.param(clause, id=clause, marks=pytest.mark.clause(id=clause)) for clause in EC2.clauses]
)
def test_clause(clause: str, suite_session: SuiteSession, request: pytest.FixtureRequest) -> None:
    among = sources_about(clause)
    for source in among:
        suite_session.note_played(request.node, source)
    suite_session.finish_test(
        request.node, (one for source in among for one in suite_session.divergences_in(source)), clause
    )
    broken = next((outcome.broken for s in among if (outcome := suite_session.outcome(s)).broken is not None), None)
    if broken is not None:
        pytest.fail(f"the target gave no answer: {broken}", pytrace=False)
    result = suite_session.clause_result(clause, among)
    if result.verdict is not Verdict.HELD:
        pytest.skip(result.reason or result.verdict.value)
