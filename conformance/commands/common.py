"""What several commands share: options, the corpus, and the header of an event stream."""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from ...model.ledger import CLAUSES, nearest
from ...model.specification import EC2
from ...model.theorems.catalogue import THEOREMS
from ...reports.events import ClauseInfo, RunStarted
from ...reports.findings import file_name
from ...reports.os_reasons import os_reason
from ..durations import SECONDS
from ..fingerprint import FINDING_ID
from ..present import clause_info, theorem_info
from ..transitions import lifecycle
from ..versions import versions
from .shell import WrongUsage

SUFFIXES: Final = frozenset({".yaml", ".yml"})
"""How the names of scenario files end, in small letters or capitals."""


def corpus() -> tuple[Path, ...]:
    """Return the files of the corpus that comes with the package, in order."""
    return tuple(yaml_files([Path(str(files("ec2_lifecycle.conformance.corpus")))]))


def covering() -> tuple[Path, ...]:
    """Return the files of the covering suite, which is a part of the corpus."""
    return tuple(path for path in corpus() if path.parent.name == "covering")


def yaml_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield scenario files: those named, and all below the folders named, in order.

    Raises `WrongUsage` for a folder that holds none, or that cannot be read: nothing is left out in silence.
    """
    for path in paths:
        if path.is_dir():
            found = sorted(_below(path, ()))
            if not found:
                raise WrongUsage(f"{path} holds no scenario files; name a folder with .yaml files.")
            yield from found
        else:
            yield path


def holds_scenarios(folder: Path) -> bool:
    """Tell whether there is a scenario file in a folder or below."""
    return any(_below(folder, ()))


def _below(folder: Path, within: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the scenario files in a folder and below, also behind links, but for those that lead back up."""
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


def finding_file(what: str) -> Path | None:
    """Return the file of a finding: the one named, or for an id the one in this folder or just below."""
    if not FINDING_ID.fullmatch(what):
        return Path(what) if Path(what).is_file() else None
    here = Path()
    found = (path for folder in ("", "findings/", "*/findings/") for path in here.glob(folder + file_name(what)))
    return next(iter(sorted(found)), None)


def no_file_of(finding: str) -> str:
    """Return the sentence for an id of a finding whose file is not there."""
    file = Path("out", "findings", file_name(finding))
    return f"{finding} is known by its file alone; run with --output out, and name {file}"


def known_clauses(text: str | None) -> frozenset[str]:
    """Return the clauses that `--clauses` names; an unknown one is wrong usage, with the nearest known."""
    if text is None:
        return frozenset()
    wanted = frozenset(part.strip().upper() for part in text.split(",") if part.strip())
    if not wanted:
        raise WrongUsage("--clauses is empty; name clause ids, such as TERM-4,TERM-5.")
    for clause in sorted(wanted):
        if clause not in CLAUSES:
            raise WrongUsage(unknown_clause(clause))
    return wanted


def unknown_clause(clause: str) -> str:
    """Return the sentence for a clause that does not exist."""
    hint = nearest(clause)
    return f"there is no clause {clause!r}; " + (f"did you mean {hint}?" if hint else "see: ec2-lifecycle list clauses")


def clause_infos() -> tuple[ClauseInfo, ...]:
    """Return every clause as the header of a stream carries it."""
    return tuple(map(clause_info, CLAUSES.values()))


def header(seed: int, max_calls: int | None, time_budget: float | None) -> RunStarted:
    """Return the first event of a stream."""
    return RunStarted(
        version=version("ec2-lifecycle"),
        seed=seed,
        argv=tuple(sys.argv[1:]),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=dict(versions()),
        clauses=clause_infos(),
        max_calls=max_calls,
        time_budget=time_budget,
        lifecycle=tuple(lifecycle(EC2)),
        theorems=tuple(map(theorem_info, THEOREMS)),
    )


def duration(_context: click.Context, _parameter: click.Parameter, text: str | None) -> float | None:
    """Return a duration such as 60s, 5m or 1h in seconds."""
    if text is None:
        return None
    number, unit = (text[:-1], text[-1]) if text[-1:] in SECONDS else (text, "s")
    try:
        seconds = float(number) * SECONDS[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise click.BadParameter(f"{text!r} is no duration; write one such as 60s, 5m or 1h.")
    return seconds


def hang_option(command: Callable[..., object]) -> Callable[..., object]:
    """Add the option that says when a silent target is given up."""
    return click.option(
        "--hang-after",
        callback=duration,
        default="60s",
        show_default=True,
        metavar="TIME",
        help="Give a target up after such a silence.",
    )(command)
