"""Builds findings from watched calls, with the calls instead of a scenario."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ....model.specification import Specification
from ....reports.events import Finding
from ...diagnosis.titles import title_of
from ...findings.build import bare_finding
from ...findings.search import OBSERVED
from ...oracle.divergence import Divergence
from .calls import Call

_MOST: Final = 40
_BULLET: Final = "  - "
_BEFORE_CALLS: Final = 3
"""The lines of a finding's text before its calls."""


def finding_from_calls(spec: Specification, divergence: Divergence, name: str, calls: Sequence[Call]) -> Finding:
    """Return the finding for a divergence that the last of these calls showed."""
    last = len(calls) - 1
    related = calls[divergence.step].ids
    if divergence.instance is not None:
        related |= {divergence.instance}
    kept = [
        step
        for step, call in enumerate(calls)
        if step in {divergence.step, last} or (not call.reads and call.ids & related)
    ][-_MOST:]
    lines = [f"title: {title_of(divergence)!r}", f"clauses: [{divergence.clause}]", "steps:"]
    lines += [f"{_BULLET}{calls[step].text()}" for step in kept]
    found = bare_finding(spec, divergence, name, "\n".join(lines))
    step = kept.index(divergence.step) if divergence.step in kept else -1
    return replace(found, step=step, minimal=False, status=OBSERVED)


def brief_text(finding: Finding) -> str:
    """Return a finding from calls in a few lines: the call to blame, what was expected, and what came."""
    call = _blamed_call(finding)
    return "\n".join(
        (
            f"{finding.clause} {finding.level} · {finding.id} · {finding.title}",
            *([f"  call:     {call}"] if call else []),
            f"  expected: {'; or '.join(finding.expected)}",
            f"  observed: {finding.observed}",
        )
    )


def _blamed_call(finding: Finding) -> str:
    """Return the call to blame for a finding from calls, on one line; empty if it is not among those that were kept."""
    calls = finding.scenario_text.splitlines()[_BEFORE_CALLS:]
    return calls[finding.step].removeprefix(_BULLET) if 0 <= finding.step < len(calls) else ""
