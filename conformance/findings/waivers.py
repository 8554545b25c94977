"""Waivers: findings that are known, each with a reason.

A waived finding still runs and is still listed.
What makes the list untrue fails the run: a waiver that is expired, that matches nothing, or whose finding is gone.
A flaky finding comes and goes: its waiver is the same, but that it does not show proves nothing.
Their file is read and written in `waiver_file`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Final

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ...reports.events import Finding, WaiverProblem
from ...strategies.files.yaml_nodes import shown

_ENDPOINT: Final = "endpoint:"
ANY_ENDPOINT: Final = f"{_ENDPOINT}*"
"""The target of a waiver for an endpoint on whatever port it was started."""

_ALIKE: Final = 0.8
"""How alike two ids are, as difflib counts it, when one may be a slip of the pen: about two digits differ."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One known finding on one target, or on `ANY_ENDPOINT`.

    `versions` is a PEP 440 specifier, `expires` the last day that it holds.
    """

    finding: str
    target: str
    reason: str
    versions: str | None = None
    link: str | None = None
    expires: date | None = None
    flaky: bool = False
    """Whether it does not show in every run, so that its waiver is true all the same."""


@dataclass(frozen=True, slots=True)
class TargetRun:
    """What waivers are held against: a target's run.

    `complete` says that it ran all that it was to run, so that what is missing is gone.
    `known` are ids that are no slip of the pen though this target did not show them, such as those of other targets.
    """

    target: str
    version: str
    findings: Sequence[Finding]
    complete: bool
    known: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The same where only the ids of the findings are at hand, each once."""

    target: str
    version: str
    ids: Sequence[str]
    complete: bool
    known: Collection[str] = ()


def apply(
    waivers: Sequence[Waiver], run: TargetRun, today: date, aliases: Mapping[str, str] | None = None
) -> tuple[tuple[Finding, ...], tuple[WaiverProblem, ...]]:
    """All findings of the run, those that are waived or flaky with the reason, and what is wrong with the waivers.

    Waivers for other targets and versions rest. `aliases` maps earlier fingerprints to those of today.
    """
    ids = tuple(dict.fromkeys(finding.id for finding in run.findings))
    shown_now = Shown(run.target, run.version, ids, run.complete, run.known)
    known, problems = hold(waivers, shown_now, today, aliases)
    return tuple(_marked(finding, known.get(finding.id)) for finding in run.findings), problems


def _marked(finding: Finding, waiver: Waiver | None) -> Finding:
    return replace(finding, waived=waiver and waiver.reason, flaky=waiver is not None and waiver.flaky)


def hold(
    waivers: Sequence[Waiver], run: Shown, today: date, aliases: Mapping[str, str] | None = None
) -> tuple[dict[str, Waiver], tuple[WaiverProblem, ...]]:
    """The waiver of each id that has one, and what is wrong with the waivers; as `apply`."""
    problems: list[WaiverProblem] = []
    known: dict[str, Waiver] = {}
    unmatched: list[tuple[Waiver, str]] = []
    for waiver in waivers:
        if not concerns(waiver, run.target):
            continue
        try:
            if not _covers(waiver, run.version):
                continue
        except InvalidVersion:
            problem = f"the version {shown(run.version)} cannot be compared with {waiver.versions}: remove `versions`"
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


def _unmatched(run: Shown, unmatched: Sequence[tuple[Waiver, str]], free: Sequence[str]) -> Iterator[WaiverProblem]:
    """What is wrong with waivers whose finding did not occur; `free` are the ids found that nothing waives."""
    for waiver, finding in unmatched:
        nearest = () if finding in run.known else get_close_matches(finding, free, 1, _ALIKE)
        if nearest:
            problem = f"matches nothing that was found: write {nearest[0]}, if that is what it means"
        elif run.complete and not waiver.flaky:
            problem = f"no longer occurs on {run.target} {run.version}".rstrip() + ": remove it"
        else:
            continue
        yield WaiverProblem(run.target, waiver.finding, problem)


def ids_for(
    waivers: Sequence[Waiver], target: str, today: date, aliases: Mapping[str, str] | None = None
) -> frozenset[str]:
    """The ids that are waived for a target of whatever version: for where nobody knows which it is."""
    valid = (one for one in waivers if concerns(one, target) and (one.expires is None or one.expires >= today))
    return frozenset(_renamed(waiver.finding, aliases or {}) for waiver in valid)


def concerns(waiver: Waiver, target: str) -> bool:
    """Tell whether a waiver is for a target: for this one, or for any endpoint where this is one."""
    return waiver.target == target or (waiver.target == ANY_ENDPOINT and target.startswith(_ENDPOINT))


def _covers(waiver: Waiver, version: str) -> bool:
    """Whether a waiver speaks of this version of its target; development versions count. Raises InvalidVersion."""
    return waiver.versions is None or SpecifierSet(waiver.versions).contains(Version(version), prereleases=True)


def _renamed(finding: str, aliases: Mapping[str, str]) -> str:
    """Today's id of a finding, through as many renamings as there were."""
    for _ in aliases:
        finding = aliases.get(finding, finding)
    return finding
