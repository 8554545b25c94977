"""Each scenario of the corpus: every reply of the target to it is one that EC2 may give."""

import pytest

from ec2_lifecycle.conformance.suite.corpus import sources
from ec2_lifecycle.conformance.suite.playing import Playing, scenario


@pytest.mark.parametrize(
    "source",
    [pytest.param(s, id=s, marks=[pytest.mark.clause(id=clause) for clause in scenario(s).clauses]) for s in sources()],
)
def test_corpus(source: str, playing: Playing, request: pytest.FixtureRequest) -> None:
    playing.tell(request.node, source)
    playing.settle(request.node, playing.found(source))
    outcome = playing.outcome(source)
    if outcome.broken is not None:
        pytest.fail(f"the target gave no answer: {outcome.broken}", pytrace=False)
    if outcome.skipped is not None:
        pytest.skip(outcome.skipped)
