"""The words and symbols of all reports for verdicts, the end of a run, and coverage."""

from collections.abc import Iterable, Sequence
from typing import Final

from .events import Finding, TargetFinished, Verdict
from .safe_text import count

SYMBOLS: Final = {
    Verdict.HELD: ("✓", "+"),
    Verdict.VIOLATED: ("✗", "x"),
    Verdict.MASKED: ("◌", "?"),
    Verdict.UNSUPPORTED: ("○", "o"),
    Verdict.NOT_EXERCISED: ("–", "-"),
}
"""Each verdict's symbol in Unicode and in ASCII."""
PROTECTIONS: Final = {"DisableApiTermination": "protected", "DisableApiStop": "stop-protected"}
"""The protecting attributes, and the word for an instance that has them."""
ENDED: Final = ("done", "saturated")
"""The reasons to stop of a complete run."""
COVERED: Final = {"pairs": "pairs of operations", "choices": "open points"}
"""The kinds of coverage whose label differs from their name in the stream."""
STATUSES: Final = {
    "unconfirmed": "the run ended before it could confirm the finding",
    "intermittent": "the finding did not show again when the run played its scenario alone",
    "observed": "in calls that cannot be played again, so nothing confirmed it",
}
"""What is said of a finding that no scenario of its own shows."""
_STOPPED: Final = {
    "done": "played everything",
    "calls": "stopped at the limit of calls",
    "time": "stopped at the limit of time",
    "sandbox": "stopped at a limit of the sandbox file",
    "interrupted": "interrupted; the findings so far",
    "broken": "broke",
}


def how_it_stopped(target: TargetFinished) -> str:
    """Why a run ended, and for how many calls it had shown nothing new."""
    if target.stopped == "saturated":
        return f"saturated: no new coverage in {count(target.quiet, 'call')}"
    quiet = f"; the last {count(target.quiet, 'call')} of walks showed nothing new" if target.quiet else ""
    return _STOPPED.get(target.stopped, target.stopped) + quiet


def calls_of(target: TargetFinished) -> str:
    """The calls of a run, and apart from them those that terminated what it had launched."""
    calls = count(target.calls, "call")
    return f"{calls} and {target.clearing_calls:,} to clean up" if target.clearing_calls else calls


def seeds_of(target: TargetFinished) -> str:
    """The seed of a run, or the seeds of a result that combines several: `seed 7`, or `seeds 0-9, 12`."""
    return f"seed{'s' if len(target.seeds) > 1 else ''} {seed_numbers(target)}"


def seed_numbers(target: TargetFinished) -> str:
    """The number of each seed of a result; three or more in a row as a range."""
    runs: list[list[int]] = []
    for seed in sorted(target.seeds or (target.seed,)):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ", ".join(map(_range, runs))


def _range(numbers: Sequence[int]) -> str:
    match numbers:
        case [first, _, *_, last] if last != first + 1:
            return f"{first}-{last}"
        case _:
            return ", ".join(map(str, numbers))


def waived_as(targets: Iterable[TargetFinished], name: str) -> str:
    """The target of a waiver for a finding of the target with a name; the port of an endpoint changes, so it is `*`."""
    target = next(done.runs_as or name for done in targets if done.target == name)
    return "endpoint:*" if target.startswith("endpoint:") else target


def known_as(finding: Finding) -> str:
    """The word for a waived finding."""
    return "flaky" if finding.flaky else "waived"


def tally(target: TargetFinished) -> dict[Verdict, int]:
    """The number of clauses with each verdict."""
    verdicts = [result.verdict for result in target.clauses.values()]
    return {verdict: verdicts.count(verdict) for verdict in Verdict}


def next_without_new(targets: Sequence[TargetFinished]) -> str:
    """Return what to do after a run that found nothing new."""
    if any(target.waiver_problems for target in targets):
        return "fix the waivers named above; until then the run fails."
    if any(target.stopped not in ENDED for target in targets):
        return "nothing new was found until the run stopped; a longer run sees more (--max-calls, --time-budget)."
    verdicts = {result.verdict for target in targets for result in target.clauses.values()}
    if not verdicts & {Verdict.HELD, Verdict.VIOLATED}:
        return "nothing was exercised, so nothing is known; the reasons are beside the clauses."
    return "nothing to fix: everything that the run tested conforms."
