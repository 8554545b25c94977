"""Finding files: each is a scenario that can be replayed, or moved into the corpus unchanged."""

import re
from pathlib import Path
from typing import Final

from .citations import lines
from .events import Finding
from .safe_text import printable

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")
_OURS: Final = re.compile(r"f[0-9]+-[0-9a-f]+(\.[A-Za-z0-9_-]+)?\.yaml")
"""The names that `file_name` returns."""


def file_name(finding_id: str, target: str | None = None) -> str:
    """The name of a finding's file, with the colon and other unsafe characters replaced.

    `target` is part of the name if several targets have the finding with different scenarios.
    """
    parts = (finding_id,) if target is None else (finding_id, target)
    return ".".join([*(_UNSAFE.sub("-", part) for part in parts), "yaml"])


def file_text(finding: Finding) -> str:
    """The scenario file, with the finding in a comment at the top."""
    head = (
        f"{finding.clause} {finding.level}: {finding.title}",
        f"{finding.evidence}: {finding.source}",
        *(["sources:"] if finding.sources else []),
        *(f"  {line}" for line in lines(finding.sources)),
        f"replay: {finding.replay}",
    )
    return "".join(f"# {printable(line)}\n" for line in head) + finding.scenario_text


class FindingFiles:
    """The files of a run's findings in one folder; names are assigned as findings arrive.

    The first target with a finding gets the plain name;
    the file of another target with a different scenario has the target in its name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, tuple[str, str]] = {}
        """By name, the target and the scenario of a file."""

    def path_of(self, finding: Finding, target: str) -> Path:
        """The path of a target's finding, the same on every call; a later scenario of the target replaces its first."""
        name = file_name(finding.id)
        owner, scenario = self._written.setdefault(name, (target, finding.scenario_text))
        if owner == target:
            self._written[name] = target, finding.scenario_text
        elif scenario != finding.scenario_text:
            name = file_name(finding.id, target)
        return self._folder / name

    def write(self, finding: Finding, target: str) -> Path:
        """Write a finding's file; raises OSError."""
        path = self.path_of(finding, target)
        path.write_text(file_text(finding), encoding="utf-8", newline="\n")
        return path

    def clear(self) -> None:
        """Create the folder, and delete the findings of an earlier run; raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if _OURS.fullmatch(path.name):
                path.unlink()
