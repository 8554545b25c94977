"""A badge, as JSON for a shields.io endpoint."""

from dataclasses import dataclass
from typing import Final

from .events import Verdict
from .labels import tally
from .safe_text import brief
from .stored_runs import Report, TargetReport
from .stream import to_json
from .summary import BROKE, CONFORMS

_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Badge:
    """The badge, with the field names of shields' endpoint schema."""

    schemaVersion: int  # noqa: N815 - its spelling
    label: str
    message: str
    color: str

    def json(self) -> str:
        """The badge as one line of JSON."""
        return to_json(self).decode() + "\n"


def badge(report: Report) -> Badge:
    """A badge with how many of the judged clauses each target holds."""
    several = len(report.targets) > 1
    parts = [f"{brief(t.label, _NAME)} {_held(t)}" if several else _held(t) for t in report.targets]
    message = f"{', '.join(parts)} clauses held" if parts else "nothing was run"
    return Badge(1, "EC2 lifecycle", message, _colour(report))


def _held(target: TargetReport) -> str:
    verdicts = tally(target.done)
    return f"{verdicts[Verdict.HELD]}/{verdicts[Verdict.HELD] + verdicts[Verdict.VIOLATED]}"


def _colour(report: Report) -> str:
    """Red if the run fails, grey if it proves nothing, yellow if every finding is waived or flaky."""
    if not report.targets or report.exit == BROKE:
        return "lightgrey"
    if report.exit != CONFORMS:
        return "red"
    return "yellow" if any(target.waived or target.flaky for target in report.targets) else "brightgreen"
