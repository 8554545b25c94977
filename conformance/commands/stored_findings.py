"""Finds a finding in stored runs: by its id or its file, in the runs that are named, or in the newest one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from ...model.ledger import CLAUSES, nearest
from ...reports.clause_status import finding_variants
from ...reports.events import Finding
from ...reports.stored_runs import Report, read_runs
from ...strategies.files.format import load_scenario
from ...strategies.scenario.scenario import Scenario
from ..diagnosis.defects import FINDING_ID
from .scenario_files import find_finding_file, missing_finding_message
from .shared_options import unknown_clause
from .shell import WrongUsage, print_error

LAST: Final = Path(".ec2-lifecycle")
"""The folder of the last run that was not told where to write."""
_STREAM: Final = "events.ndjson"
_SHORT_ID: Final = re.compile(r"(f[0-9]+:)?[0-9a-f]{4,}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A finding as runs stored it; without a run there is only the scenario in its file."""

    name: str
    report: Report | None
    stream: Path | None
    """The stream that was chosen because none was named."""
    variants: tuple[tuple[Finding, tuple[str, ...]], ...]
    """The different ways in which runs show it, each with the runs."""
    file: Path | None
    scenario: Scenario | None


def newest_stream() -> Path | None:
    """Return the stream that a run wrote last in this folder or one below it, if there is one."""
    streams = {*Path().glob(_STREAM), *Path().glob(f"*/{_STREAM}"), *LAST.glob(_STREAM)}
    return max(streams, key=lambda path: (path.stat().st_mtime_ns, str(path)), default=None)


def find_stored(what: str, named: Sequence[Path]) -> Stored:
    """Return a finding with the runs that show it; raises `WrongUsage` if there is none."""
    file = find_finding_file(what) if FINDING_ID.fullmatch(what) or _is_path(what) else None
    scenario = None if file is None else _read(file)
    name = what if scenario is None else dict(scenario.finding).get("id", what)
    chosen = None if named else _beside(file) if _is_path(what) else newest_stream() or _beside(file)
    report = _read_streams([stream_of(path) for path in named] or ([chosen] if chosen is not None else []))
    if report is not None:
        name = _full_id(report, name)
        variants = tuple(finding_variants(report, name))
        if variants:
            return Stored(name, report, chosen, variants, file, scenario)
    if file is None or scenario is None:
        raise WrongUsage(_not_found_message(what, report, newest=chosen))
    return Stored(name, report, chosen, (), file, scenario)


def read_streams(streams: Sequence[Path]) -> Report | None:
    """Read streams, or the folders that have one; None if there are none."""
    return _read_streams([stream_of(path) for path in streams])


def _read_streams(streams: Sequence[Path]) -> Report | None:
    if not streams:
        return None
    report = read_runs(streams)
    for warning in report.warnings:
        print_error(warning)
    return report


def stream_of(path: Path) -> Path:
    """Return the stream that a path names: the file, or the one in a folder of `--output`."""
    return path / _STREAM if path.is_dir() else path


def _beside(file: Path | None) -> Path | None:
    """Return the stream that the run wrote beside the folder of a finding's file, if it exists."""
    stream = None if file is None else file.resolve().parent.parent / _STREAM
    return stream if stream is not None and stream.is_file() else None


def _full_id(report: Report, name: str) -> str:
    """Return the id of a finding, from its id, the beginning of its id, or the id of one of its parts."""
    findings = [finding for target in report.targets for finding in target.done.findings]
    ids = {former: finding.id for finding in findings for former in finding.former}
    ids |= {finding.id: finding.id for finding in findings}
    if name in ids:
        return ids[name]
    begin = {whole for known, whole in ids.items() if known.startswith(name) or _digits(known).startswith(name)}
    if len(begin) > 1:
        raise WrongUsage(f"{name} matches several findings: {', '.join(sorted(begin))}; write more of the id.")
    return begin.pop() if begin else name


def _digits(name: str) -> str:
    return name.rpartition(":")[2]


def _read(file: Path) -> Scenario:
    """Return the scenario in a finding's file."""
    finding = load_scenario(file, CLAUSES)
    if not finding.clauses:
        raise WrongUsage(f"{file} names no clause; write clauses: with the one that it is about.")
    return finding


def without_facts(scenario: Scenario) -> Scenario:
    """Return the scenario of a finding's file, without the facts about the finding."""
    return replace(scenario, finding=())


def may_be_finding(what: str) -> bool:
    """Return whether a word has the form of a finding's id, of the beginning of one, or of the path of its file."""
    path = Path(what)
    as_path = path.suffix in (".yaml", ".yml") or len(path.parts) > 1
    return as_path or bool(FINDING_ID.fullmatch(what) or _SHORT_ID.fullmatch(what))


def _is_path(what: str) -> bool:
    return not FINDING_ID.fullmatch(what) and (bool(Path(what).suffix) or len(Path(what).parts) > 1)


def _not_found_message(what: str, report: Report | None, newest: Path | None) -> str:
    """Return the error for a word that is no finding of the runs."""
    if FINDING_ID.fullmatch(what) or _SHORT_ID.fullmatch(what):
        if report is None:
            return missing_finding_message(what)
        known = [finding.id for target in report.targets for finding in target.done.findings]
        close = get_close_matches(what, known, 1)
        if newest is None:
            wrong, see = f"none of the named runs shows {what}", "see what they show: ec2-lifecycle report RUN"
        else:
            wrong = f"the newest run ({newest}) does not show {what}"
            see = f"see what it shows: ec2-lifecycle report {newest}"
        return f"{wrong}; " + (f"did you mean {close[0]}?" if close else see)
    if _is_path(what):
        return f"there is no file {what}; name one that a run with --output wrote."
    if nearest(what):
        return unknown_clause(what)
    return f"{what!r} is not a finding; write its id, such as f2:0123456789, or the path of its file."
