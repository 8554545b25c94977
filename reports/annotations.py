"""GitHub annotations: one line for each problem that fails the run, to print in a workflow step."""

from collections.abc import Iterator
from typing import Final

from .events import Finding
from .safe_text import brief, count
from .stored_runs import Report, TargetReport

_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_LONGEST: Final = 400
"""The most characters of a text; GitHub truncates annotations at four kilobytes."""


def annotations(report: Report) -> tuple[str, ...]:
    """The lines: errors for new findings, waivers to fix and broken runs; notices for known findings."""
    return tuple(line for target in report.targets for line in _lines(target))


def _lines(target: TargetReport) -> Iterator[str]:
    label = brief(target.label, _LONGEST)
    if target.done.broken is not None:
        yield _line("error", f"{label} broke", brief(target.done.broken, _LONGEST))
    for finding in target.new:
        title = f"{brief(finding.clause, _LONGEST)} {brief(finding.level, _LONGEST)} on {label}"
        yield _line("error", title, _message(finding))
    for problem in target.done.waiver_problems:
        waiver = brief(problem.waiver, _LONGEST)
        yield _line("error", f"waiver of {label} to fix", f"{waiver}: {brief(problem.problem, _LONGEST)}")
    for known, word in ((target.waived, "waived"), (target.flaky, "flaky")):
        if known:
            ids = brief(", ".join(f"{finding.clause} {finding.id}" for finding in known), 2 * _LONGEST)
            yield _line("notice", f"{count(len(known), 'finding')} of {label} {word}", ids)


def _message(finding: Finding) -> str:
    """A finding in a few lines."""
    return "\n".join(
        (
            f"{brief(finding.id, _LONGEST)} {brief(finding.title, _LONGEST)}",
            *((f"why it matters: {brief(finding.effect, _LONGEST)}",) if finding.effect else ()),
            f"expected: {brief('; or '.join(finding.expected), 2 * _LONGEST)}",
            f"observed: {brief(finding.observed, _LONGEST)}",
        )
    )


def _line(level: str, title: str, message: str) -> str:
    return f"::{level} title={title.translate(_PROPERTY)}::{message.translate(_DATA)}"
