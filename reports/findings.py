"""Findings as files, each a scenario that can be replayed, or moved into the corpus as it is."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .events import Finding, TargetFinished
from .text import printable

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


def file_name(finding_id: str, target: str | None = None) -> str:
    """The name of a finding's file, its colon and whatever else no file system should see replaced.

    `target` goes into the name where several targets have the finding with different scenarios.
    """
    parts = (finding_id,) if target is None else (finding_id, target)
    return ".".join([*(_UNSAFE.sub("-", part) for part in parts), "yaml"])


def file_text(finding: Finding) -> str:
    """The scenario file, with the finding in a few lines of comment above it."""
    head = (
        f"{finding.clause} {finding.level}: {finding.title}",
        f"{finding.evidence}: {finding.source}",
        f"replay: {finding.replay}",
    )
    return "".join(f"# {printable(line)}\n" for line in head) + finding.scenario_text


def write_findings(folder: Path, targets: Sequence[TargetFinished]) -> tuple[Path, ...]:
    """Write every finding into `folder`, which is made; raises OSError.

    The first target with a finding gives the file its plain name;
    another whose scenario differs has the target in its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str] = {}
    for target in targets:
        for finding in target.findings:
            name = file_name(finding.id)
            if name in texts and not texts[name].endswith(finding.scenario_text):
                name = file_name(finding.id, target.target)
            texts.setdefault(name, file_text(finding))
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in texts)
