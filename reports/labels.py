"""The words and signs that all views have for verdicts, for how a run stopped and for what it covered."""

from typing import Final

from .events import Finding, TargetFinished, Verdict
from .safe_text import count

SYMBOLS: Final = {
    Verdict.HELD: ("✓", "+"),
    Verdict.VIOLATED: ("✗", "x"),
    Verdict.UNSUPPORTED: ("○", "o"),
    Verdict.NOT_EXERCISED: ("–", "-"),
}
"""Each verdict's symbol, and what stands for it where the output is not Unicode."""
PROTECTIONS: Final = {"DisableApiTermination": "protected", "DisableApiStop": "stop-protected"}
"""The attributes that protect, and the word for what has them set."""
ENDED: Final = ("done", "saturated")
"""How a run stops that went as far as it could."""
COVERED: Final = {"pairs": "pairs of operations", "choices": "open points"}
"""Kinds of coverage whose name in the stream is not their word."""
_STOPPED: Final = {
    "done": "all of it was played",
    "calls": "stopped at the limit of calls",
    "time": "stopped at the limit of time",
    "sandbox": "stopped at a limit of the sandbox file",
    "interrupted": "interrupted: what was found until then",
    "broken": "broke",
}


def how_it_stopped(target: TargetFinished) -> str:
    """Why a run ended when it did, and how long it had shown nothing new by then."""
    if target.stopped == "saturated":
        return f"saturated: no new coverage in {count(target.quiet, 'call')}"
    quiet = f"; the last {count(target.quiet, 'call')} of walks showed nothing new" if target.quiet else ""
    return _STOPPED.get(target.stopped, target.stopped) + quiet


def known_as(finding: Finding) -> str:
    """The word for a finding that a waiver covers."""
    return "flaky" if finding.flaky else "waived"


def tally(target: TargetFinished) -> dict[Verdict, int]:
    """How many clauses have each verdict."""
    verdicts = [result.verdict for result in target.clauses.values()]
    return {verdict: verdicts.count(verdict) for verdict in Verdict}
