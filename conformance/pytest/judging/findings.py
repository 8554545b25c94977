"""Builds findings from watched calls, with the calls instead of a scenario."""

from collections.abc import Sequence
from dataclasses import replace

from ....model.specification import Specification
from ....reports.events import Finding
from ...diagnosis.titles import title_of
from ...findings.build import bare_finding
from ...oracle.divergence import Divergence
from .calls import Call

_MOST: int = 40


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
    lines += [f"  - {calls[step].text()}" for step in kept]
    found = bare_finding(spec, divergence, name, "\n".join(lines))
    return replace(found, step=kept.index(divergence.step) if divergence.step in kept else -1)
