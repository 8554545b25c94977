"""Findings as a report shows them: each once, with the runs that show it, and in how many ways they do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .events import Finding
from .labels import known_as
from .safe_text import printable_lines
from .scenario_lines import scenario_lines
from .stored_runs import Report
from .stream import to_json
from .timeline import Timeline, timeline

_PLAIN: Final = re.compile("[A-Za-z0-9-]+")
_ORDER: Final = ("new", "waived", "flaky")


@dataclass(frozen=True, slots=True)
class Way:
    """One scenario, with what was expected and observed there, and the runs that show it so."""

    finding: Finding
    """As the first of them shows it."""
    labels: tuple[str, ...]
    waivers: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Whether it is waived or flaky, with each reason, and with the runs whose waiver it is."""
    lines: tuple[tuple[str, bool], ...]
    picture: Timeline | None
    repro: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with its place on the page."""

    anchor: str
    first: Finding
    labels: tuple[str, ...]
    ways: tuple[Way, ...]
    standing: str
    """New where some run shows it that no waiver covers; else waived, or flaky where it is so on all."""

    @property
    def is_new(self) -> bool:
        """Whether it fails a run."""
        return self.standing == _ORDER[0]


def shown_findings(report: Report) -> tuple[ShownFinding, ...]:
    """All findings of all runs, those that are new first, and what is flaky last."""
    found: dict[str, dict[bytes, list[tuple[str, Finding]]]] = {}
    for target in report.targets:
        for finding in target.done.findings:
            ways = found.setdefault(finding.id, {})
            ways.setdefault(_way_of(finding), []).append((target.label, finding))
    anchors = Anchors("finding")
    shown = [_shown(anchors.of(name), list(ways.values())) for name, ways in found.items()]
    return tuple(sorted(shown, key=lambda finding: _ORDER.index(finding.standing)))


class Anchors:
    """Names for places of a page, made of names that may be anything; each the same however often it is asked for."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The place of a name."""
        if name not in self._known:
            plain = name.replace(":", "-")
            number = len(self._known) + 1
            self._known[name] = f"{self._kind}-{plain if _PLAIN.fullmatch(plain) else f'n{number}'}"
        return self._known[name]


def _way_of(finding: Finding) -> bytes:
    return to_json((finding.scenario.get("steps"), finding.step, finding.expected, finding.observed))


def _shown(anchor: str, ways: Sequence[Sequence[tuple[str, Finding]]]) -> ShownFinding:
    return ShownFinding(
        anchor,
        first=ways[0][0][1],
        labels=tuple(label for way in ways for label, _ in way),
        ways=tuple(map(_way, ways)),
        standing=min((_standing(finding) for way in ways for _, finding in way), key=_ORDER.index),
    )


def _standing(finding: Finding) -> str:
    return "new" if finding.waived is None else known_as(finding)


def _way(shows: Sequence[tuple[str, Finding]]) -> Way:
    waivers: dict[tuple[str, str], list[str]] = {}
    for label, finding in shows:
        if finding.waived is not None:
            waivers.setdefault((known_as(finding), finding.waived), []).append(label)
    first = shows[0][1]
    return Way(
        first,
        labels=tuple(label for label, _ in shows),
        waivers=tuple((word, reason, tuple(labels)) for (word, reason), labels in waivers.items()),
        lines=tuple(scenario_lines(first)),
        picture=timeline(first),
        repro=tuple(printable_lines(first.repro)) if first.repro else (),
    )
