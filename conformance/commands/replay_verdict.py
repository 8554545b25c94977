"""The verdict of a replay, for a played scenario or one from a trace, and how it is printed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rich.console import Console

from ...reports.console import join_dotted, print_labelled, print_text, printable_text
from ...strategies.scenario.scenario import Scenario
from ..diagnosis.defects import defect_id, ids_of
from ..diagnosis.titles import title_of
from ..execution.play import Outcome, excused_text
from ..findings.waivers import Waiver, covering
from ..oracle.divergence import Divergence
from ..recording.rejudge import Judged

STYLES: Final = {
    "CONFORMS": "green",
    "FIXED": "bold green",
    "FAILED": "bold red",
    "WAIVED": "yellow",
    "ERROR": "bold magenta",
    "SKIPPED": "dim",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a replay: one of the words of `STYLES`, and the reason."""

    word: str
    why: str = ""
    divergences: tuple[Divergence, ...] = ()
    others: tuple[Divergence, ...] = ()
    """Divergences that are not about the finding in the file, and do not decide the verdict."""


def verdict_of(scenario: Scenario, outcome: Outcome) -> Verdict:
    """Return the verdict of a replay; for a finding's file, it depends on that finding alone."""
    known = dict(scenario.finding).get("id")
    if known is None:
        return _verdict(outcome.divergences, outcome.skipped, outcome.broken, ())
    same = tuple(d for d in outcome.divergences if known in ids_of(d))
    others = tuple(d for d in outcome.divergences if d not in same)
    verdict = replace(_verdict(same, None if others else outcome.skipped, outcome.broken, (known,)), others=others)
    if verdict.word == "FIXED" and others and not any(outcome.checks[clause] for clause in scenario.clauses):
        return replace(verdict, word="FAILED", why=f"{known} does not show, but what else diverges may hide it")
    if verdict.word == "FIXED" and outcome.excusals:
        return replace(verdict, word="SKIPPED", why=excused_text(next(iter(outcome.excusals))))
    return verdict


def verdict_of_trace(again: Judged) -> Verdict:
    """Return the verdict on a scenario from a trace; it depends on everything that the recording showed."""
    verdict = _verdict(again.divergences, again.skipped, again.broken, again.shown)
    notes = [verdict.why] if verdict.why else []
    if not again.whole:
        notes.append("the recording ends before this scenario does")
    if again.unwaited:
        notes.append("this version waits where the recorded run did not, so the rest of the scenario is unknown")
    return Verdict(verdict.word, "; ".join(notes), verdict.divergences)


def _verdict(
    divergences: tuple[Divergence, ...], skipped: str | None, broken: str | None, awaited: tuple[str, ...]
) -> Verdict:
    """Return the verdict; `awaited` are the expected findings, by their ids now or in an earlier release."""
    if skipped is not None and not divergences:
        return Verdict("SKIPPED", skipped)
    if broken is not None:
        return Verdict("ERROR", broken, divergences)
    shown_now = [ids_of(d) for d in divergences]
    gone = [name for name in awaited if not any(name in ids for ids in shown_now)]
    word = "FAILED" if shown_now else "FIXED" if gone else "CONFORMS"
    if not gone:
        return Verdict(word, "", divergences)
    unknown = any(not {*awaited}.intersection(ids) for ids in shown_now)
    return Verdict(
        word,
        f"{', '.join(gone)} no longer show{'s' if len(gone) == 1 else ''}"
        + ("; another divergence does" if unknown else ""),
        divergences,
    )


def with_waivers(verdict: Verdict, known: Mapping[str, Waiver]) -> Verdict:
    """Return a verdict that does not fail if every divergence is one that a waiver covers, by its id now or before."""
    failing = verdict.divergences or verdict.others
    waived = failing and all(covering(known, ids_of(each), (each.operation.value,)) for each in failing)
    return replace(verdict, word="WAIVED") if verdict.word == "FAILED" and waived else verdict


def print_verdict(console: Console, verdict: Verdict, place: str, title: str) -> None:
    """Print a verdict, and its divergences below it."""
    word = printable_text(verdict.word, STYLES[verdict.word])
    print_text(console, join_dotted(console, word, printable_text(place), printable_text(title)), hanging=2)
    if verdict.why:
        print_text(console, printable_text(verdict.why), 2)
    for divergence in verdict.divergences:
        _print_divergence(console, divergence)
    if verdict.others:
        ids = dict.fromkeys(f"{divergence.clause} {defect_id(divergence)}" for divergence in verdict.others)
        print_text(console, printable_text(f"Other findings here: {', '.join(ids)}"), 2)


def _print_divergence(console: Console, divergence: Divergence) -> None:
    print_text(console, printable_text(f"{divergence.clause} {defect_id(divergence)}: {title_of(divergence)}"), 2)
    print_labelled(console, "expected", " or ".join(divergence.expected))
    print_labelled(console, "observed", divergence.observed)
