"""A diagram of the lifecycle for each run: the transitions, how often replies showed each, and which ones broke.

States and transitions come from the stream's header, and so from the specification; this module only places them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import Final

from .belief_bands import STATES
from .events import TransitionInfo, Verdict
from .matrix import Cell, Topic
from .safe_text import shortened
from .stored_runs import TargetReport
from .truncation import NAME

_PLACES: Final = {
    "pending": (0, 0),
    "running": (1, 0),
    "shutting-down": (2, 0),
    "stopped": (0, 1),
    "stopping": (1, 1),
    "terminated": (2, 1),
}
_COLUMNS: Final = 3
_ACROSS, _DOWN = 290, 190
_LEFT, _TOP = 80, 100
WIDTH, HEIGHT = 132, 46
"""The size of a state's box."""
_MOST: Final = 12
"""The most states that are drawn: the specification has six, but a stream may contain anything."""
_ROWS: Final = 500
_LONG: Final = 1.5 * _ACROSS
_BROKEN: Final = (Verdict.VIOLATED.value, "waived", "flaky")


@dataclass(frozen=True, slots=True)
class State:
    """A state, its position, and how often a request left an instance in it."""

    name: str
    x: int
    y: int
    stayed: int
    """The requests that left an instance in this state."""

    @property
    def word(self) -> str:
        """The CSS class for its colour."""
        return self.name if self.name in STATES else "uncertain"


@dataclass(frozen=True, slots=True)
class Row:
    """One cause of a transition, with the result of its clause."""

    by: str
    clause: str
    anchor: str | None
    """The anchor of the clause on the page."""
    cell: Cell | None

    @property
    def is_broken(self) -> bool:
        """Whether a finding breaks the clause."""
        return self.cell is not None and self.cell.word in _BROKEN


@dataclass(frozen=True, slots=True)
class Arrow:
    """A transition; one without rows must never occur."""

    source: str
    to: str
    times: int
    rows: tuple[Row, ...]
    path: str = ""
    """The SVG path; empty for a loop."""
    at: tuple[float, float] = (0, 0)
    """The position of its number."""

    @property
    def word(self) -> str:
        """The CSS class: forbidden, broken, met or unmet."""
        if not self.rows:
            return "forbidden"
        if any(row.is_broken for row in self.rows):
            return "broken"
        return "met" if self.times else "unmet"


@dataclass(frozen=True, slots=True)
class Diagram:
    """The lifecycle of one run."""

    label: str
    states: tuple[State, ...]
    arrows: tuple[Arrow, ...]
    """Between two states."""
    loops: tuple[Arrow, ...]
    """Those that leave an instance in the same state."""
    size: tuple[int, int]

    @property
    def sum(self) -> str:
        """The coverage in words."""
        allowed = [arrow for arrow in self.arrows if arrow.rows]
        met = sum(bool(arrow.times) for arrow in allowed)
        forbidden = len(self.arrows) - len(allowed)
        told = f"{met} of {len(allowed)} transitions were seen"
        return f"{told}, and {forbidden} that never may occur" if forbidden else told


def diagrams(targets: Iterable[TargetReport], topics: Iterable[Topic]) -> tuple[Diagram, ...]:
    """Return the diagram of each run whose stream has the data."""
    rows = {row.clause: row for topic in topics for row in topic.rows}
    drawn: list[Diagram] = []
    for number, target in enumerate(targets):
        if target.header.lifecycle and target.done.transitions:
            cells = {clause: (row.anchor, row.cells[number]) for clause, row in rows.items()}
            drawn.append(_diagram(target, cells))
    return tuple(drawn)


def _diagram(target: TargetReport, cells: Mapping[str, tuple[str, Cell | None]]) -> Diagram:
    ways: dict[tuple[str, str], list[Row]] = {}
    rows = [
        TransitionInfo(*(shortened(text, NAME) for text in (info.source, info.to, info.by, info.clause)))
        for info in target.header.lifecycle[:_ROWS]
    ]
    for info in rows:
        anchor, cell = cells.get(info.clause, (None, None))
        ways.setdefault((info.source, info.to), []).append(Row(info.by, info.clause, anchor, cell))
    times = {(seen.source, seen.to): seen.times for seen in target.done.transitions if seen.times > 0}
    places = _Places.of(rows)
    pairs = [pair for pair in dict.fromkeys((*ways, *times)) if places.known.keys() >= set(pair)]
    made = [
        Arrow(source, to, times.get((source, to), 0), tuple(ways.get((source, to), ())), *places.curve(source, to))
        for source, to in pairs
    ]
    states = tuple(State(name, x, y, times.get((name, name), 0)) for name, (x, y) in places.known.items())
    return Diagram(
        target.label,
        states,
        tuple(arrow for arrow in made if arrow.source != arrow.to),
        tuple(arrow for arrow in made if arrow.source == arrow.to),
        places.size,
    )


@dataclass(slots=True)
class _Places:
    """The positions of the states."""

    known: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    @classmethod
    def of(cls, rows: Sequence[TransitionInfo]) -> "_Places":
        """Place every state of the lifecycle; unknown states go below the others."""
        made = cls()
        names = dict.fromkeys(name for row in rows for name in (row.source, row.to))
        others = [name for name in names if name not in _PLACES]
        for name in list(names)[:_MOST]:
            number = others.index(name) if name in others else 0
            column, row = _PLACES.get(name, (number % _COLUMNS, 2 + number // _COLUMNS))
            made.known[name] = (_LEFT + _ACROSS * column, _TOP + _DOWN * row)
        return made

    @property
    def size(self) -> tuple[int, int]:
        """The size of the diagram."""
        return 2 * _LEFT + _ACROSS * (_COLUMNS - 1), _TOP + max(y for _, y in self.known.values())

    def curve(self, source: str, to: str) -> tuple[str, tuple[float, float]]:
        """Return the path of an arrow, and the position of its number.

        Arrows bend to their left, so that opposite ones do not overlap; along a row they bend around other states.
        """
        (x1, y1), (x2, y2) = self.known[source], self.known[to]
        length = hypot(x2 - x1, y2 - y1)
        if not length:
            return "", (x1, y1)
        across, down = (y2 - y1) / length, -(x2 - x1) / length
        bend = 22.0
        if y1 == y2 and length > _LONG:  # past the state between them
            bend = 150.0 if (down < 0) == (y1 == _TOP) else -100.0
        middle = ((x1 + x2) / 2 + across * bend, (y1 + y2) / 2 + down * bend)
        start, end = _edge((x1, y1), middle), _edge((x2, y2), middle)
        path = f"M{start[0]:.0f} {start[1]:.0f}Q{middle[0]:.0f} {middle[1]:.0f} {end[0]:.0f} {end[1]:.0f}"
        # Not in the middle, where arrows cross.
        t = 0.5 if abs(y1 - y2) < 1 or abs(x1 - x2) < 1 else 0.36
        x, y = ((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c for a, b, c in zip(start, middle, end, strict=True))
        return path, (round(x, 1), round(y, 1))


def _edge(centre: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """Return where a line from the centre of a state leaves its box, with a little room for the head of an arrow."""
    x, y = towards[0] - centre[0], towards[1] - centre[1]
    room = min(
        (WIDTH / 2 + 3) / abs(x) if x else 1.0,
        (HEIGHT / 2 + 3) / abs(y) if y else 1.0,
        1.0,
    )
    return centre[0] + x * room, centre[1] + y * room
