"""The report as one HTML file that needs no network; everything from a target is escaped text."""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .citations import FEW, address
from .difference import Difference
from .difference_text import SHORTER, coverage_in_words, runs_in_words, sum_in_words, unpaired
from .events import RunStarted, Verdict
from .finding_entries import by_harm, finding_entries
from .labels import COVERED, SYMBOLS, how_it_stopped, seed_numbers, tally
from .lifecycle import diagrams
from .matrix import matrix
from .proofs import Proof, theorem_entries
from .safe_text import brief, count
from .stored_runs import Report, TargetReport
from .timeline import Lane, Timeline

_COLUMN: Final = 112
"""The least width of a step in a timeline, in pixels."""
_LONGEST: Final = 26
"""The most characters in a line of a step's details; a longer text has several lines."""
_LEFT: Final = 60
"""The width left of the names of instances, where the zones stand, in pixels."""
_LONGEST_NAME: Final = 40
"""The most characters of an instance's name: more than any scenario of ours has."""
_DETAIL: Final = 6.0
"""The width of a character of a step's details, in pixels."""
_LANE: Final = 36
"""The height of an instance's band, in pixels."""
_STRIP: Final = 17
"""The height of a strip below a band, in pixels."""


_CHARACTER: Final = 7.5
"""The width of a character of a caption, in pixels: wider than the average in bold sans-serif of 12 pixels."""


def html(report: Report, against: Difference | None = None, proofs: tuple[Proof, ...] = ()) -> str:
    """The page; `against` is the difference from an earlier run, `proofs` are the results of the theorems."""
    style, script = _asset("report.css"), _asset("report.js")
    findings = finding_entries(report)
    topics = matrix(report, findings)
    template = _environment().get_template("report.html.j2")
    return template.render(
        report=report,
        findings=findings,
        groups=by_harm(findings),
        topics=topics,
        places={finding.first.id: finding.anchor for finding in findings},
        against=against,
        changes=dict(_change_counts(against)),
        theorems=theorem_entries(report.theorems, proofs),
        clause_places={row.clause: row.anchor for topic in topics for row in topic.rows},
        diagrams=diagrams(report.targets, topics),
        style=Markup(style),  # noqa: S704 - ours, from a file of the package
        script=Markup(script),  # noqa: S704 - the same
        # The content security policy lets the browser run only this script.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        symbols={verdict.value: symbol for verdict, (symbol, _) in SYMBOLS.items()},
        violated=SYMBOLS[Verdict.VIOLATED][0],
        lane=_LANE,
        longest_name=_LONGEST_NAME,
        strip=_STRIP,
        shorter=SHORTER,
        address=address,
        few=FEW,
    )


def timeline_svg(drawn: Timeline) -> str:
    """The timeline as an SVG file of its own, with the page's colours, light or dark as the reader's system is."""
    made = (
        _environment()
        .get_template("timeline_file.svg.j2")
        .render(
            drawn=drawn,
            style=Markup(_asset("report.css")),  # noqa: S704 - ours, from a file of the package
            violated=SYMBOLS[Verdict.VIOLATED][0],
            lane=_LANE,
            longest_name=_LONGEST_NAME,
            strip=_STRIP,
        )
    )
    return "".join(f"{line}\n" for line in made.splitlines() if line.strip())


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable_value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Any] = {  # Jinja's own type knows only the signatures of its own
        "held": _held,
        "stopped": _stopped,
        "seed_numbers": seed_numbers,
        "budget": _budget,
        "covered": _covered,
        "counted": count,
        "runs_in_words": runs_in_words,
        "coverage_in_words": coverage_in_words,
        "sum_in_words": sum_in_words,
        "unpaired": unpaired,
        "caption": _caption,
        "column_width": _column_width,
        "left_of": _left_of,
        "detail_lines": _detail_lines,
        "lane_height": _lane_height,
        "in_words": _in_words,
    }
    environment.filters.update(filters)
    return environment


def _printable_value(value: object) -> object:
    """Make every printed text visible and limit its length."""
    return brief(value, 50_000) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    return files(__package__ or "").joinpath("templates", name).read_text(encoding="utf-8")


def _held(target: TargetReport) -> str:
    verdicts = tally(target.done)
    return f"{verdicts[Verdict.HELD]} of {verdicts[Verdict.HELD] + verdicts[Verdict.VIOLATED]}"


def _change_counts(against: Difference | None) -> Iterator[tuple[str, int]]:
    """Yield the numbers of findings that are new, gone and changed since an earlier run."""
    targets = () if against is None else against.targets
    kinds = Counter(change.kind for target in targets for change in target.changes)
    yield from ((kind, kinds[kind]) for kind in ("new", "gone", "changed"))


def _lane_height(lane: Lane) -> int:
    """The height of a lane: the band, each protection, and the observed state."""
    return _LANE + _STRIP * (len(lane.protections) + (lane.observed is not None))


def _caption(drawn: Timeline, width: int) -> list[tuple[str, str]]:
    """The expected and the observed result, in lines that are no wider than the picture, each with its class."""
    results = ("good", f"expected {drawn.expected}"), ("wrong", f"observed {drawn.observed}")
    most = int(width / _CHARACTER)
    return [(kind, line) for kind, text in results for line in _lines(text, most)]


def _column_width(drawn: Timeline) -> int:
    """The width of a step: that of the longest caption of one."""
    labels = max((len(step.label) + 2 for step in drawn.columns), default=0)
    details = max((len(line) for step in drawn.columns for line in _detail_lines(step.detail)), default=0)
    states = max(
        (len(words) + 3 for lane in drawn.lanes for band in lane.bands for _, words in band.stripes), default=0
    )
    return max(_COLUMN, round(max(_CHARACTER * labels, _DETAIL * details, _CHARACTER * states)) + 8)


def _left_of(drawn: Timeline) -> int:
    """The width left of the first step: the zones, and the longest name of an instance."""
    longest = max((min(len(lane.name), _LONGEST_NAME) for lane in drawn.lanes), default=0)
    return max(132, round(_LEFT + _CHARACTER * longest) + 16)


def _detail_lines(text: str) -> list[str]:
    """The details of a step, in lines."""
    return list(_lines(text, _LONGEST)) if text else []


def _lines(text: str, most: int) -> Iterator[str]:
    """Break a text between words, and within one of them after a dot, or anywhere if it is still too long."""
    line = ""
    for piece in re.findall(rf"[^ .]{{1,{most - 1}}}[. ]?|[. ]", text):
        if line and len(line) + len(piece.rstrip()) > most:
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()


def _in_words(drawn: Timeline) -> str:
    """The timeline in words, for screen readers."""
    lanes = (
        f"{lane.name}: {', then '.join(band.words for band in lane.bands)}"
        + (f", observed {lane.observed[0]}" if lane.observed else "")
        for lane in drawn.lanes
        if lane.bands
    )
    size = f"{count(len(drawn.lanes), 'instance')} over {count(len(drawn.columns), 'step')}"
    return ". ".join((size, *lanes))


def _stopped(target: TargetReport) -> str:
    return how_it_stopped(target.done) if target.done.broken is None else f"broke: {target.done.broken}"


def _budget(header: RunStarted) -> str:
    parts = [
        *([] if header.max_calls is None else [count(header.max_calls, "call")]),
        *([] if header.time_budget is None else [f"{header.time_budget:g} s"]),
    ]
    return " or ".join(parts) or "not told"


def _covered(target: TargetReport) -> str:
    return " · ".join(f"{met:,} {COVERED.get(kind, kind)}" for kind, met in target.done.coverage.items()) or "none told"
