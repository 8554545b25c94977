"""Stored streams to report on."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from report_samples import CLAUSE, EVENTS, STARTED, hostile

from ec2_lifecycle.reports.events import (
    Event,
    FindingMade,
    RunStarted,
    ScenarioRun,
    TargetFinished,
    TargetStarted,
    TheoremInfo,
    TransitionInfo,
    TransitionSeen,
)
from ec2_lifecycle.reports.stored_runs import Report, read_runs
from ec2_lifecycle.reports.stream import StreamWriter

NASTY: Final = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "]]></failure><!--",
    "{{ 7 * 7 }} {% raw %}",
    "```\n# heading\n| a | b |\n|---|---|",
    "*a* _b_ [c](http://d.example) ![e](f) `g` ~~h~~ <b>i</b> &lt; \\* $j$ @someone #12 :smile: www.k.example",
    "- a\n1. b\n\n    c",
    "::error::a%0Ab\r\n::set-output name=c::d",
    "\x00\x01\x1b[31m\x7f\x9b\ufffe\ud800",
    "\u202eabc\u2066def\u200f\u2028\u2029\ufeff",
    "',:%",
    "x" * 1_000_000,
    "`" * 1000,
    "",
)
"""What a target may call its things, to break one view or another."""


def stored(path: Path, events: Iterable[Event] = EVENTS, header: RunStarted = STARTED) -> Path:
    """A stream in a file."""
    with StreamWriter(path) as stream:
        for event in (header, *events):
            stream.write(event)
    return path


def reported(folder: Path, *runs: Iterable[Event]) -> Report:
    """What is gathered of streams, one for each run."""
    return read_runs([stored(folder / f"{number}.ndjson", run) for number, run in enumerate(runs)])


def finished(*targets: TargetFinished) -> list[Event]:
    """The events of runs of which only the ends are told."""
    return [*targets]


def nasty_run(text: str) -> tuple[RunStarted, list[Event]]:
    """A stream with one text wherever a target, or whoever wrote the stream, may put one."""
    first, second = hostile(text)
    finding = first.findings[0]
    header = replace(
        STARTED,
        version=text,
        argv=(text,),
        started=text,
        versions={text: text},
        clauses=(CLAUSE, replace(CLAUSE, id=text, sentence=text, effect=text, evidence={text: {text: text}})),
        lifecycle=(
            TransitionInfo("pending", "running", "launch completes", "TERM-4"),
            TransitionInfo(text, "running", text, text),
            TransitionInfo(text, text, text, "TERM-4"),
        ),
        theorems=(TheoremInfo(text, text, (text, "TERM-4")),),
    )
    events: list[Event] = [
        TargetStarted(first.target, text, (text,), 3),
        FindingMade(first.target, finding),
        ScenarioRun(first.target, text, "corpus", 1, (finding.id,), None, text),
        ScenarioRun(first.target, text, "corpus", 1, (), text),
        replace(
            first,
            coverage={text: 1},
            transitions=(
                TransitionSeen("pending", "running", 5),
                TransitionSeen(text, text, 5),
                TransitionSeen("running", text, -5),
            ),
        ),
        second,
    ]
    return header, events
