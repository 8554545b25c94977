"""A finding as the text of an issue: what EC2 does, how to see it, and what happens instead."""

import re
from collections.abc import Mapping
from typing import Final

from .citations import FEW, address
from .events import ClauseInfo, Finding, SourceInfo
from .markdown_text import code, fenced, linked, prose
from .safe_text import printable, printable_lines
from .stored_runs import TargetReport

_LIBRARIES: Final = ("boto3", "botocore", "moto", "python")
"""The versions that an issue names, besides those of the target and of this project."""


_CLAUSE: Final = re.compile(r" \([A-Z0-9]+-[0-9]+\)|: [A-Z0-9]+-[0-9]+(?=\))")
"""The id of a clause behind an expected result: it means nothing to whoever maintains the target."""


def issue_text(
    finding: Finding,
    clause: ClauseInfo | None,
    target: str,
    versions: Mapping[str, str],
    program: str,
    language: str,
) -> str:
    """Return an issue in Markdown; `program` is its reproduction, and `versions` those of the target and packages."""
    promised = [prose(clause.sentence)] if clause is not None else []
    sources = [f"- {_cited(source)}" for source in finding.sources[:FEW]]
    expected = [prose(_CLAUSE.sub("", one)) for one in finding.expected]
    operations = finding.situation.get("operations", ())
    parts = [
        f"# {printable(finding.title)}",
        f"Why it matters: {prose(finding.effect)}.",
        "## What EC2 does",
        *promised,
        "\n".join(sources) if sources else f"Evidence: {prose(finding.evidence)} ({prose(finding.source)})",
        "## How to reproduce",
        fenced(printable_lines(program), language),
        "## What happens instead",
        f"Expected: {'; or '.join(expected)}",
        f"Observed: {code(finding.observed)}",
        *([f"These operations do so: {', '.join(map(prose, operations))}."] if len(operations) > 1 else []),
        *([f"A way to fix it: {prose(finding.hint)}"] if finding.hint else []),
        "## Versions",
        "\n".join(f"- {prose(name)} {prose(version)}" for name, version in versions.items()),
        f"Found by ec2-lifecycle as {code(finding.id)} ({prose(finding.clause)}) on {code(target)}.",
    ]
    return "\n\n".join(parts) + "\n"


def versions_of(target: TargetReport) -> dict[str, str]:
    """Return the versions of a target and of what its run used, for an issue."""
    versions = {target.done.target: target.done.version or "(no version told)"}
    libraries = {name: text for name, text in target.header.versions.items() if name in _LIBRARIES}
    return versions | libraries | {"ec2-lifecycle": target.header.version}


def _cited(source: SourceInfo) -> str:
    """Return a source as a link, or what a kept recording says."""
    opens = address(source)
    if opens:
        return f"[{prose(source.label)}]({linked(opens)})"
    return prose(": ".join(filter(None, (source.label, source.says))))
