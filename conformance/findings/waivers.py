"""Waivers: findings that are known, each with a reason.

A waived finding still runs and is still listed.
A waiver that names operations leaves the same defect in any other operation new.
An untrue waiver fails the run: one that has expired, matches nothing, or whose finding is gone.
A flaky finding is intermittent: its waiver works the same way, but its absence proves nothing.
`waiver_file.py` reads and writes the file.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Final

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ...reports.events import Finding, WaiverProblem
from ...strategies.files.yaml_nodes import quoted

_ENDPOINT: Final = "endpoint:"
ANY_ENDPOINT: Final = f"{_ENDPOINT}*"
"""The target of a waiver for an endpoint at any address."""

_ALIKE: Final = 0.8
"""The difflib ratio of two ids above which one may be a typing error: about two digits differ."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One known finding on one target, or on `ANY_ENDPOINT`.

    `versions` is a PEP 440 specifier, `expires` the last day on which the waiver holds.
    """

    finding: str
    target: str
    reason: str
    versions: str | None = None
    link: str | None = None
    expires: date | None = None
    operations: tuple[str, ...] | None = None
    """The operations in which the defect is known; None: in all of them."""
    flaky: bool = False
    """Whether the finding may be absent from a run without making the waiver untrue."""


@dataclass(frozen=True, slots=True)
class TargetRun:
    """A target's run, for matching waivers.

    `complete`: the run played everything, so that a missing finding is gone.
    `known` are ids that are not typing errors although this target did not show them, such as those of other targets.
    """

    target: str
    version: str
    findings: Sequence[Finding]
    complete: bool
    known: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class FindingIds:
    """The same with only the ids of the findings, each once."""

    target: str
    version: str
    ids: Sequence[str]
    complete: bool
    known: Collection[str] = ()


def apply_waivers(
    waivers: Sequence[Waiver], run: TargetRun, today: date, aliases: Mapping[str, str] | None = None
) -> tuple[tuple[Finding, ...], tuple[WaiverProblem, ...]]:
    """All findings of the run, with the reasons of waived and flaky ones, and the problems of the waivers.

    Waivers for other targets and versions are ignored. `aliases` maps old fingerprints to current ones.
    """
    ids = tuple(dict.fromkeys(finding.id for finding in run.findings))
    shown_now = FindingIds(run.target, run.version, ids, run.complete, run.known)
    known, problems = match_waivers(waivers, shown_now, today, aliases)
    findings = tuple(_with_waiver(finding, known.get(finding.id)) for finding in run.findings)
    apart = [
        WaiverProblem(run.target, waiver.finding, problem)
        for finding in run.findings
        if (waiver := known.get(finding.id)) is not None
        for problem in _operations_apart(waiver, finding, run)
    ]
    return findings, (*problems, *apart)


def operations_of(finding: Finding) -> frozenset[str]:
    """Return the operations in which a finding was seen."""
    return frozenset(finding.situation.get("operations", ()))


def covers(waiver: Waiver, operations: Iterable[str]) -> bool:
    """Tell whether a waiver accepts its defect in all of these operations."""
    return waiver.operations is None or {*operations} <= {*waiver.operations}


def covering(waivers: Mapping[str, Waiver], ids: Iterable[str], operations: Collection[str]) -> Waiver | None:
    """Return a waiver of one of these ids, the current and the former ones of a defect, that covers the operations."""
    by_id = (waivers[each] for each in ids if each in waivers)
    return next((waiver for waiver in by_id if covers(waiver, operations)), None)


def _with_waiver(finding: Finding, waiver: Waiver | None) -> Finding:
    if waiver is None or not covers(waiver, operations_of(finding)):
        return replace(finding, waived=None, flaky=False)
    return replace(finding, waived=waiver.reason, flaky=waiver.flaky)


def _operations_apart(waiver: Waiver, finding: Finding, run: TargetRun) -> Iterator[str]:
    """The problems of a waiver whose operations are not those of its finding."""
    if waiver.operations is None:
        return
    shown = operations_of(finding)
    new, gone = sorted(shown.difference(waiver.operations)), sorted({*waiver.operations} - shown)
    if new:
        yield f"does not cover {' and '.join(new)}: add to `operations` what you accept"
    if gone and run.complete and not waiver.flaky:
        yield f"no longer occurs in {' and '.join(gone)}: remove from `operations` what is gone"


def match_waivers(
    waivers: Sequence[Waiver], run: FindingIds, today: date, aliases: Mapping[str, str] | None = None
) -> tuple[dict[str, Waiver], tuple[WaiverProblem, ...]]:
    """The waiver of each waived id, and the problems of the waivers; as in `apply_waivers`."""
    problems: list[WaiverProblem] = []
    known: dict[str, Waiver] = {}
    unmatched: list[tuple[Waiver, str]] = []
    for waiver in waivers:
        if not applies_to(waiver, run.target):
            continue
        try:
            if not _covers(waiver, run.version):
                continue
        except InvalidVersion:
            problem = f"the version {quoted(run.version)} cannot be compared with {waiver.versions}: remove `versions`"
            problems.append(WaiverProblem(run.target, waiver.finding, problem))
            continue
        finding = _renamed(waiver.finding, aliases or {})
        if waiver.expires is not None and waiver.expires < today:
            problem = f"expired on {waiver.expires}: remove it, or give it a later date"
            problems.append(WaiverProblem(run.target, waiver.finding, problem))
        elif finding in run.ids:
            known.setdefault(finding, waiver)
        else:
            unmatched.append((waiver, finding))
    free = [finding for finding in run.ids if finding not in known]
    return known, (*problems, *_unmatched(run, unmatched, free))


def _unmatched(
    run: FindingIds, unmatched: Sequence[tuple[Waiver, str]], free: Sequence[str]
) -> Iterator[WaiverProblem]:
    """The problems of waivers whose finding did not occur; `free` are the found ids without a waiver."""
    for waiver, finding in unmatched:
        nearest = () if finding in run.known else get_close_matches(finding, free, 1, _ALIKE)
        if nearest:
            problem = f"matches no finding: write {nearest[0]}, if you mean that one"
        elif run.complete and not waiver.flaky:
            problem = f"no longer occurs on {run.target} {run.version}".rstrip() + ": remove it"
        else:
            continue
        yield WaiverProblem(run.target, waiver.finding, problem)


def waivers_of(
    waivers: Sequence[Waiver], target: str, today: date, aliases: Mapping[str, str] | None = None
) -> dict[str, Waiver]:
    """The first waiver of each id that is waived for any version of a target, for use when the version is unknown."""
    valid = (one for one in waivers if applies_to(one, target) and (one.expires is None or one.expires >= today))
    known: dict[str, Waiver] = {}
    for waiver in valid:
        known.setdefault(_renamed(waiver.finding, aliases or {}), waiver)
    return known


def applies_to(waiver: Waiver, target: str) -> bool:
    """Tell whether a waiver is for this target, or for any endpoint if the target is one."""
    return of_target(waiver.target, target)


def of_target(named: str, target: str) -> bool:
    """Tell whether the target that a waiver names is this target, or any endpoint if the target is one."""
    return named == target or (named == ANY_ENDPOINT and target.startswith(_ENDPOINT))


def _covers(waiver: Waiver, version: str) -> bool:
    """Whether a waiver covers this version of its target, including development versions. Raises InvalidVersion."""
    return waiver.versions is None or SpecifierSet(waiver.versions).contains(Version(version), prereleases=True)


def _renamed(finding: str, aliases: Mapping[str, str]) -> str:
    """The current id of a finding, after all renamings."""
    for _ in aliases:
        finding = aliases.get(finding, finding)
    return finding
