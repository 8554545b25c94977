"""Findings as files, each a scenario that can be replayed, or moved into the corpus as it is."""

import re
from pathlib import Path
from typing import Final

from .events import Finding
from .safe_text import printable

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")
_OURS: Final = re.compile(r"f[0-9]+-[0-9a-f]+(\.[A-Za-z0-9_-]+)?\.yaml")
"""The names that `file_name` gives."""


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


class FindingFiles:
    """The files of a run's findings in one folder; their names are settled as the findings come.

    The first target with a finding gives the file its plain name;
    another whose scenario differs has the target in its name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scenarios: dict[str, str] = {}

    def path_of(self, finding: Finding, target: str) -> Path:
        """The file of a target's finding, the same whenever it is asked for."""
        name = file_name(finding.id)
        if self._scenarios.setdefault(name, finding.scenario_text) != finding.scenario_text:
            name = file_name(finding.id, target)
        return self._folder / name

    def write(self, finding: Finding, target: str) -> Path:
        """Write a finding's file; raises OSError."""
        path = self.path_of(finding, target)
        path.write_text(file_text(finding), encoding="utf-8", newline="\n")
        return path

    def clear(self) -> None:
        """Make the folder, and remove from it the findings of an earlier run; raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if _OURS.fullmatch(path.name):
                path.unlink()
