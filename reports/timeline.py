"""The timeline of a finding's scenario: a lane for each instance, grouped by zone, over the steps.

It reads the scenario in the stream, and omits what it does not know.
The belief after each step comes from the stream too (see `belief_bands.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeGuard

from .belief_bands import Band, Worlds, bands, protections, worlds
from .events import Finding
from .labels import PROTECTIONS

LANES: Final = 12
"""The most instances that are drawn; the others are only counted."""
_SIGNS: Final = {
    "run": "+",
    "terminate": "×",
    "stop": "■",
    "start": "▶",
    "reboot": "↻",
    "describe": "○",
    "describe-attribute": "○",
    "modify": "=",
}
_OTHER: Final = "•"


@dataclass(frozen=True, slots=True)
class Column:
    """A step of the scenario."""

    label: str
    """Its keyword: run, terminate, settle…"""
    detail: str
    """Its details: a dry run, an attribute."""
    blamed: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A step that names the instance."""

    column: int
    sign: str
    blamed: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A protection of the instance, from column `start` up to but not including `end`."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lane:
    """An instance."""

    name: str
    zone: int
    start: int
    """The column of its launch."""
    marks: tuple[Mark, ...]
    spans: tuple[Span, ...]
    blamed: bool
    bands: tuple[Band, ...] = ()
    """Its possible states; empty if the stream does not have them."""
    observed: tuple[str, int] | None = None
    """The wrong state that a reply showed, and its first column."""

    @property
    def protections(self) -> tuple[str, ...]:
        """The labels of its spans, each drawn as a strip."""
        return tuple(dict.fromkeys(span.word for span in self.spans))


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole timeline."""

    columns: tuple[Column, ...]
    lanes: tuple[Lane, ...]
    more: int
    """The number of instances that are not drawn."""
    worlds: tuple[Worlds, ...] = ()
    """The number of possible worlds for each column; empty if the stream does not have it."""
    expected: str = ""
    """The expected result, in a few words."""
    observed: str = ""

    @property
    def most_worlds(self) -> int:
        """The highest number of worlds."""
        return max((max(each.before, each.after) for each in self.worlds), default=0)


def timeline(finding: Finding) -> Timeline | None:
    """The timeline, or None if the scenario has no instance."""
    steps = finding.scenario.get("steps")
    if not _is_list(steps):
        return None
    columns: list[Column] = []
    drawing = _Drawing(finding.step, finding.instance)
    for number, (word, said) in enumerate(map(_step, steps)):
        columns.append(Column(word, _detail(said), number == finding.step))
        drawing.take(number, word, said)
    if len(columns) in (finding.step, len(finding.beliefs) - 1):  # the look at everything that comes last
        drawing.look(len(columns))
        columns.append(Column("describe", "in the end", blamed=len(columns) == finding.step))
    lanes = [_believed(finding, lane, len(columns)) for lane in drawing.lanes(len(columns))]
    if not lanes:
        return None
    # The blamed one is drawn in any case.
    first = sorted(lanes, key=lambda lane: not lane.blamed)[:LANES]
    drawn = sorted((lane for lane in lanes if lane in first), key=lambda lane: lane.zone)
    more = max(len(lanes) - LANES, 0)
    told = worlds(finding.beliefs, len(columns))
    return Timeline(tuple(columns), tuple(drawn), more, told, finding.expected_brief, finding.observed_brief)


def _believed(finding: Finding, lane: Lane, columns: int) -> Lane:
    """Add the belief to a lane; believed protections replace requested ones."""
    drawn = bands(finding.beliefs, lane.name, columns, {mark.column for mark in lane.marks})
    if not drawn:
        return lane
    spans = tuple(Span(*span) for span in protections(finding.beliefs, lane.name, columns))
    observed = None
    if lane.blamed and finding.observed_state is not None:
        seen = next((band.start for band in drawn if band.doubted), min(finding.step, columns - 1))
        observed = finding.observed_state, seen
    return replace(lane, bands=drawn, spans=spans, observed=observed)


@dataclass(slots=True)
class _Drawing:
    """The lanes so far."""

    blamed_step: int
    blamed_instance: str | None
    _lanes: dict[str, Lane] = field(default_factory=dict[str, Lane])
    _runs: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """The instances of each launch, by its name."""
    _open: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """The column since which an instance has a protection."""

    def take(self, number: int, word: str, said: object) -> None:
        """Draw a step."""
        if word == "run" and _is_mapping(said):
            self._launch(number, said)
        named = self._named(said) if word != "run" else self._runs.get(_name(said), ())
        self._mark(number, word, named)
        if word in {"run", "modify"} and _is_mapping(said) and not said.get("DryRun") and "as" not in said:
            self._protect(number, named, said)

    def look(self, number: int) -> None:
        """Draw the final description of everything."""
        self._mark(number, "describe", list(self._lanes))

    def lanes(self, columns: int) -> Iterator[Lane]:
        """Yield the lanes; protections still set extend to the end."""
        for (name, attribute), start in self._open.items():
            self._close(name, attribute, start, columns)
        yield from self._lanes.values()

    def _mark(self, number: int, word: str, named: Iterable[str]) -> None:
        mark = Mark(number, _SIGNS.get(word, _OTHER), number == self.blamed_step)
        for name in dict.fromkeys(named):
            lane = self._lanes.get(name)
            if lane is not None:
                self._lanes[name] = replace(lane, marks=(*lane.marks, mark))

    def _launch(self, number: int, said: Mapping[str, Any]) -> None:
        name, count, zone = _name(said), _number(said.get("count")), _number(said.get("zone"))
        names = [name] if count == 1 else [f"{name}{index}" for index in range(1, count + 1)]
        self._runs.setdefault(name, []).extend(names)
        for each in names:
            self._lanes[each] = Lane(each, zone, number, (), (), blamed=each == self.blamed_instance)

    def _named(self, said: object) -> Sequence[str]:
        """Return the instances that a step names."""
        if isinstance(said, str):
            return (said,)
        if _is_list(said):
            return [name for item in said for name in self._named(item)]
        if _is_mapping(said):
            if "all" in said:
                return self._runs.get(str(said["all"]), ())
            return [name for key in ("id", "ids", "gone") if key in said for name in self._named(said[key])]
        return ()

    def _protect(self, number: int, named: Iterable[str], said: Mapping[str, Any]) -> None:
        for attribute in PROTECTIONS.keys() & said.keys():
            for name in named:
                if said[attribute] is True:
                    self._open.setdefault((name, attribute), number)
                elif (start := self._open.pop((name, attribute), None)) is not None:
                    self._close(name, attribute, start, number)

    def _close(self, name: str, attribute: str, start: int, end: int) -> None:
        lane = self._lanes.get(name)
        if lane is not None:
            span = Span(PROTECTIONS[attribute], start, end)
            self._lanes[name] = replace(lane, spans=(*lane.spans, span))


def _step(step: object) -> tuple[str, object]:
    """Return the keyword of a step, and its value."""
    if _is_mapping(step) and step:
        word, said = next(iter(step.items()))
        return str(word), said
    return str(step), None


def _detail(said: object) -> str:
    """Return the details of a step, in a few words."""
    if not _is_mapping(said):
        return ""
    words = ["dry run"] if said.get("DryRun") else []
    if "as" in said:
        words.append(f"as {said['as']}")
    words.extend(flag for flag in ("Force", "SkipOsShutdown", "Hibernate") if said.get(flag) is True)
    attributes = (key for key in said if key[:1].isupper() and key not in {"DryRun", "Force", "SkipOsShutdown"})
    plain = (key for key in attributes if isinstance(said[key], bool | str))
    words.extend(f"{PROTECTIONS.get(key, key)}: {str(said[key]).lower()}" for key in plain)
    return ", ".join(words)


def _name(said: object) -> str:
    return str(said.get("name", "")) if _is_mapping(said) else ""


def _number(value: object) -> int:
    """Return a count or a zone, which defaults to 1."""
    return value if isinstance(value, int) and 0 < value <= 10_000 else 1  # noqa: PLR2004 - more is no scenario of ours


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)
