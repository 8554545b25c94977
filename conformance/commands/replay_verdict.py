"""The verdict of a replay, for a scenario that was played or is out of a trace, and how it is told."""

from dataclasses import dataclass
from typing import Final

from rich.console import Console

from ...reports.console import dotted, say, say_labelled, shown
from ...strategies.scenario.scenario import Scenario
from ..execution.play import Outcome
from ..findings.fingerprint import ALIASES, fingerprint
from ..oracle.divergence import Divergence
from ..recording.rejudge import Judged

STYLES: Final = {
    "CONFORMS": "green",
    "FIXED": "bold green",
    "FAILED": "bold red",
    "ERROR": "bold magenta",
    "SKIPPED": "dim",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a replay went: one of the words of `STYLES`, and why."""

    word: str
    why: str = ""
    divergences: tuple[Divergence, ...] = ()


def judged(scenario: Scenario, outcome: Outcome) -> Verdict:
    """Say how a replay went; a file of a finding is held to that finding."""
    known = dict(scenario.finding).get("id")
    awaited = () if known is None else ((known, ALIASES.get(known, known)),)
    return _verdict(outcome.divergences, outcome.skipped, outcome.broken, awaited)


def judged_again(again: Judged) -> Verdict:
    """Say how a scenario out of a trace is judged now; it is held to all that it showed when it was recorded."""
    awaited = tuple((name, name) for name in again.shown)
    verdict = _verdict(again.divergences, again.skipped, again.broken, awaited)
    notes = [verdict.why] if verdict.why else []
    if not again.whole:
        notes.append("the recording ends before this scenario does")
    if again.unwaited:
        notes.append("what was recorded as being at rest would now be waited for, so how it went on is not known")
    return Verdict(verdict.word, "; ".join(notes), verdict.divergences)


def _verdict(
    divergences: tuple[Divergence, ...], skipped: str | None, broken: str | None, awaited: tuple[tuple[str, str], ...]
) -> Verdict:
    """Judge by what diverged; `awaited` are fingerprints as they were told, and as they are called today."""
    if skipped is not None and not divergences:
        return Verdict("SKIPPED", skipped)
    if broken is not None:
        return Verdict("ERROR", broken, divergences)
    shown_now = {fingerprint(d) for d in divergences}
    gone = [told for told, today in awaited if today not in shown_now]
    word = "FAILED" if shown_now else "FIXED" if gone else "CONFORMS"
    if not gone:
        return Verdict(word, "", divergences)
    unknown = shown_now.difference(today for _, today in awaited)
    return Verdict(
        word,
        f"{', '.join(gone)} no longer show{'s' if len(gone) == 1 else ''}"
        + ("; something else does" if unknown else ""),
        divergences,
    )


def print_verdict(console: Console, verdict: Verdict, place: str, title: str) -> None:
    """Print a verdict, and below it what diverged."""
    word = shown(verdict.word, STYLES[verdict.word])
    say(console, dotted(console, word, shown(place), shown(title)), hanging=2)
    if verdict.why:
        say(console, shown(verdict.why), 2)
    for divergence in verdict.divergences:
        say(console, shown(f"{divergence.clause} {fingerprint(divergence)}: {divergence.title}"), 2)
        say_labelled(console, "expected", " or ".join(divergence.expected))
        say_labelled(console, "observed", divergence.observed)
