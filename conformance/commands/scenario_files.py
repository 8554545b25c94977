"""The scenario and finding files that commands read: the corpus, the files in folders, and the file of a finding."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from ...reports.findings import file_name
from ...reports.os_reasons import os_reason
from ..diagnosis.defects import FINDING_ID
from .shell import WrongUsage

SUFFIXES: Final = frozenset({".yaml", ".yml"})
"""The suffixes of scenario files, in any case."""


def corpus_files() -> tuple[Path, ...]:
    """Return the files of the packaged corpus, in order."""
    return tuple(yaml_files([Path(str(files("ec2_lifecycle.conformance.corpus")))]))


def covering_files() -> tuple[Path, ...]:
    """Return the files of the covering suite, a part of the corpus, in the order of play."""
    from ..covering.suite import scenario_names  # it brings the emulator, which most commands do without

    folder = Path(str(files("ec2_lifecycle.conformance.corpus"))) / "covering"
    return tuple(folder / f"{name}.yaml" for name in scenario_names(folder))


def yaml_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the named scenario files, and all below the named folders, in order.

    Raises `WrongUsage` for a folder that contains none or cannot be read, so that nothing is skipped silently.
    """
    for path in paths:
        if path.is_dir():
            found = sorted(_below(path, ()))
            if not found:
                raise WrongUsage(f"{path} has no scenario files; name a folder with .yaml files.")
            yield from found
        else:
            yield path


def holds_scenarios(folder: Path) -> bool:
    """Tell whether a folder contains a scenario file, at any depth."""
    return any(_below(folder, ()))


def _below(folder: Path, within: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the scenario files below a folder; follows links, except those that lead back up."""
    real = folder.resolve()
    if real in within:
        return
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        raise WrongUsage(f"{folder} cannot be read ({os_reason(error)}); name folders that can.") from error
    for entry in entries:
        if entry.is_dir():
            yield from _below(entry, (*within, real))
        elif entry.suffix.lower() in SUFFIXES:
            yield entry


def find_finding_file(what: str) -> Path | None:
    """Return the file of a finding: the named file, or for an id the file in or just below the current folder."""
    if not FINDING_ID.fullmatch(what):
        return Path(what) if Path(what).is_file() else None
    here = Path()
    found = (path for folder in ("", "findings/", "*/findings/") for path in here.glob(folder + file_name(what)))
    return next(iter(sorted(found)), None)


def missing_finding_message(finding: str) -> str:
    """Return the sentence for a finding id without a file."""
    file = Path("out", "findings", file_name(finding))
    return f"there is no stored run in this folder; start one, or name its folder, or a finding's file such as {file}"
