"""A badge: what shields.io reads from an endpoint."""

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
    """The object, in the spelling of shields' endpoint schema."""

    schemaVersion: int  # noqa: N815 - its spelling
    label: str
    message: str
    color: str

    def json(self) -> str:
        """The object on one line."""
        return to_json(self).decode() + "\n"


def badge(report: Report) -> Badge:
    """How many of the clauses that were judged each target holds."""
    several = len(report.targets) > 1
    parts = [f"{brief(t.label, _NAME)} {_held(t)}" if several else _held(t) for t in report.targets]
    message = f"{', '.join(parts)} clauses held" if parts else "nothing was run"
    return Badge(1, "EC2 lifecycle", message, _colour(report))


def _held(target: TargetReport) -> str:
    verdicts = tally(target.done)
    return f"{verdicts[Verdict.HELD]}/{verdicts[Verdict.HELD] + verdicts[Verdict.VIOLATED]}"


def _colour(report: Report) -> str:
    """Red where something fails the run, grey where it says nothing, yellow where what is wrong is waived or flaky."""
    if not report.targets or report.exit == BROKE:
        return "lightgrey"
    if report.exit != CONFORMS:
        return "red"
    return "yellow" if any(target.waived or target.flaky for target in report.targets) else "brightgreen"
