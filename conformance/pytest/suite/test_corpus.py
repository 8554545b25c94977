"""Each scenario of the corpus: every reply of the target to it is one that EC2 may give."""

import pytest

from ec2_lifecycle.conformance.pytest.suite.corpus import sources
from ec2_lifecycle.conformance.pytest.suite.session import SuiteSession, scenario


@pytest.mark.parametrize(
    "source",
    [pytest.param(s, id=s, marks=[pytest.mark.clause(id=clause) for clause in scenario(s).clauses]) for s in sources()],
)
def test_corpus(source: str, suite_session: SuiteSession, request: pytest.FixtureRequest) -> None:
    suite_session.note_played(request.node, source)
    suite_session.finish_test(request.node, suite_session.divergences_in(source))
    outcome = suite_session.outcome(source)
    if outcome.broken is not None:
        pytest.fail(f"the target gave no answer: {outcome.broken}", pytrace=False)
    if outcome.skipped is not None:
        pytest.skip(outcome.skipped)
