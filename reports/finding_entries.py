"""The findings of a report: each once, with the runs that show it and its variants."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .events import Finding
from .harm import MEANINGS, rank
from .issue import issue_text, versions_of
from .labels import known_as
from .safe_text import printable_lines
from .scenario_lines import scenario_lines
from .stored_runs import Report, TargetReport
from .stream import to_json
from .timeline import Timeline, timeline

_PLAIN: Final = re.compile("[A-Za-z0-9-]+")
_ORDER: Final = ("new", "waived", "flaky")


@dataclass(frozen=True, slots=True)
class FindingVariant:
    """One scenario with its expected and observed results, and the runs that show it."""

    finding: Finding
    """As the first of these runs shows it."""
    labels: tuple[str, ...]
    waivers: tuple[tuple[str, str, tuple[str, ...]], ...]
    """For each waiver: waived or flaky, the reason, and the runs it applies to."""
    lines: tuple[tuple[str, bool], ...]
    picture: Timeline | None
    repro: tuple[str, ...]
    issue: tuple[str, ...]
    """The lines of an issue to file."""


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """A finding with its anchor on the page."""

    anchor: str
    first: Finding
    labels: tuple[str, ...]
    variants: tuple[FindingVariant, ...]
    status: str
    """`new` if it is unwaived in some run, else `waived`, or `flaky` if it is flaky in all runs."""

    @property
    def clauses(self) -> tuple[str, ...]:
        """Every clause that it breaks."""
        return self.first.clauses or (self.first.clause,)

    @property
    def is_new(self) -> bool:
        """Whether it fails the run."""
        return self.status == _ORDER[0]


def finding_entries(report: Report) -> tuple[FindingEntry, ...]:
    """All findings of all runs: new ones first, flaky ones last, and of each kind the worst first."""
    found: dict[str, dict[bytes, list[tuple[str, Finding]]]] = {}
    for target in report.targets:
        for finding in target.done.findings:
            variants = found.setdefault(finding.id, {})
            variants.setdefault(_variant_key(finding), []).append((target.label, finding))
    anchors = Anchors("finding")
    shown = [_entry(report, anchors.of(name), list(variants.values())) for name, variants in found.items()]
    return tuple(sorted(shown, key=lambda entry: (_ORDER.index(entry.status), rank(entry.first))))


@dataclass(frozen=True, slots=True)
class HarmGroup:
    """The findings that do the same harm."""

    harm: str
    meaning: str
    findings: tuple[FindingEntry, ...]


def by_harm(findings: Sequence[FindingEntry]) -> tuple[HarmGroup, ...]:
    """Return ranked findings, those of each harm together, the worst harm first."""
    meanings = {harm.value: meaning for harm, meaning in MEANINGS.items()}
    groups: dict[str, list[FindingEntry]] = {harm: [] for harm in meanings}
    for finding in findings:
        groups.setdefault(finding.first.harm, []).append(finding)
    return tuple(HarmGroup(harm, meanings.get(harm, ""), tuple(each)) for harm, each in groups.items() if each)


class Anchors:
    """Anchors for arbitrary names on a page; a name always gets the same anchor."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The anchor of a name."""
        if name not in self._known:
            plain = name.replace(":", "-")
            number = len(self._known) + 1
            self._known[name] = f"{self._kind}-{plain if _PLAIN.fullmatch(plain) else f'n{number}'}"
        return self._known[name]


def _variant_key(finding: Finding) -> bytes:
    return to_json((finding.scenario.get("steps"), finding.step, finding.expected, finding.observed))


def _entry(report: Report, anchor: str, variants: Sequence[Sequence[tuple[str, Finding]]]) -> FindingEntry:
    return FindingEntry(
        anchor,
        first=variants[0][0][1],
        labels=tuple(label for variant in variants for label, _ in variant),
        variants=tuple(_variant(report, variant) for variant in variants),
        status=min((_status(finding) for variant in variants for _, finding in variant), key=_ORDER.index),
    )


def _status(finding: Finding) -> str:
    return "new" if finding.waived is None else known_as(finding)


def _variant(report: Report, finding_variants: Sequence[tuple[str, Finding]]) -> FindingVariant:
    waivers: dict[tuple[str, str], list[str]] = {}
    for label, finding in finding_variants:
        if finding.waived is not None:
            waivers.setdefault((known_as(finding), finding.waived), []).append(label)
    label, first = finding_variants[0]
    target = next(target for target in report.targets if target.label == label)
    return FindingVariant(
        first,
        labels=tuple(label for label, _ in finding_variants),
        waivers=tuple((word, reason, tuple(labels)) for (word, reason), labels in waivers.items()),
        lines=tuple(scenario_lines(first)),
        picture=timeline(first),
        repro=tuple(printable_lines(first.repro)) if first.repro else (),
        issue=tuple(printable_lines(_issue(report, target, first))),
    )


def _issue(report: Report, target: TargetReport, finding: Finding) -> str:
    clause = report.clauses.get(finding.clause)
    return issue_text(finding, clause, target.done.target, versions_of(target), finding.repro, "python")
