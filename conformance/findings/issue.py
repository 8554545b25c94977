"""A finding as the text of an issue: what EC2 does, how to see it, and what happens instead."""

from collections.abc import Mapping

from ...reports.citations import FEW, address
from ...reports.events import ClauseInfo, Finding, SourceInfo
from ...reports.markdown_text import code, fenced, linked, prose
from ...reports.safe_text import printable, printable_lines


def issue_text(
    finding: Finding,
    clause: ClauseInfo | None,
    target: str,
    versions: Mapping[str, str],
    program: str,
    language: str,
) -> str:
    """Return an issue in Markdown; `program` is its reproduction, and `versions` are those of all that took part."""
    promised = [prose(clause.sentence)] if clause is not None else []
    sources = [f"- {_cited(source)}" for source in finding.sources[:FEW]]
    expected = [prose(one) for one in finding.expected]
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
        *([f"A way to fix it: {prose(finding.hint)}"] if finding.hint else []),
        "## Versions",
        "\n".join(f"- {prose(name)} {prose(version)}" for name, version in versions.items()),
        f"Found by ec2-lifecycle as {code(finding.id)} ({prose(finding.clause)}) on {code(target)}.",
    ]
    return "\n\n".join(parts) + "\n"


def _cited(source: SourceInfo) -> str:
    """Return a source as a link, or what a kept recording says."""
    opens = address(source)
    if opens:
        return f"[{prose(source.label)}]({linked(opens)})"
    return prose(": ".join(filter(None, (source.label, source.says))))
