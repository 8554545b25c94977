"""The first event of the stream that `run` writes."""

import sys
from datetime import UTC, datetime
from importlib.metadata import version

from ...model.ledger import CLAUSES
from ...model.specification import EC2
from ...model.theorems.catalogue import THEOREMS
from ...reports.events import ClauseInfo, RunStarted
from ..execution.transitions import lifecycle
from ..findings.build import clause_info, theorem_info
from ..recording.versions import versions


def clause_infos() -> tuple[ClauseInfo, ...]:
    """Return every clause as the header of a stream carries it."""
    return tuple(map(clause_info, CLAUSES.values()))


def run_header(seed: int, max_calls: int | None, time_budget: float | None) -> RunStarted:
    """Return the first event of a stream."""
    return RunStarted(
        version=version("ec2-lifecycle"),
        seed=seed,
        argv=tuple(sys.argv[1:]),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=dict(versions()),
        clauses=clause_infos(),
        max_calls=max_calls,
        time_budget=time_budget,
        lifecycle=tuple(lifecycle(EC2)),
        theorems=tuple(map(theorem_info, THEOREMS)),
    )
