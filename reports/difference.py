"""The differences between two stored runs, and whether anything got worse."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .events import ClauseResult, Finding, Verdict
from .labels import ENDED, known_as
from .stored_runs import Report, TargetReport

_UNMET: Final = "not met in the second run"
_EXERCISED: Final = frozenset({Verdict.HELD.value, Verdict.VIOLATED.value})


class Effect(Enum):
    """Whether a change is good or bad news."""

    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference."""

    effect: Effect
    kind: str
    """new, gone, changed, verdict, waiver or run."""
    clause: str
    finding: str
    """The id of the finding; empty if the change is about something else."""
    what: str


@dataclass(frozen=True, slots=True)
class TargetDifference:
    """One target, before and after."""

    before: TargetReport
    after: TargetReport
    changes: tuple[Change, ...]
    """The changes for the worse come first."""
    coverage: tuple[tuple[str, int, int], ...]
    """Each kind of coverage that differs, with the numbers before and after."""

    @property
    def name(self) -> str:
        """The target's name, or both names."""
        labels = dict.fromkeys((self.before.label, self.after.label))
        return " and ".join(labels)

    @property
    def is_shorter(self) -> bool:
        """Whether the later run made fewer calls, so that a finding may be missing only because it was not met."""
        return self.after.done.calls < self.before.done.calls


@dataclass(frozen=True, slots=True)
class Difference:
    """Two streams compared."""

    targets: tuple[TargetDifference, ...]
    gone: tuple[str, ...]
    """Targets that only the first has."""
    new: tuple[str, ...]
    """Targets that only the second has: there is nothing to compare them with."""

    @property
    def worse(self) -> int:
        """The number of changes for the worse, including missing targets."""
        changes = (change for target in self.targets for change in target.changes)
        return len(self.gone) + sum(change.effect is Effect.WORSE for change in changes)


def difference(before: Report, after: Report) -> Difference:
    """Compare two reports target by target; if each has one target, compare these whatever their names."""
    if len(before.targets) == len(after.targets) == 1:
        return Difference((_target(before.targets[0], after.targets[0]),), (), ())
    old = {target.label: target for target in before.targets}
    new = {target.label: target for target in after.targets}
    return Difference(
        tuple(_target(old[label], new[label]) for label in old if label in new),
        tuple(label for label in old if label not in new),
        tuple(label for label in new if label not in old),
    )


def _target(before: TargetReport, after: TargetReport) -> TargetDifference:
    changes = [*_run(before, after), *_findings(before, after), *_verdicts(before, after), *_waivers(before, after)]
    order = list(Effect)
    changes.sort(key=lambda change: order.index(change.effect))
    met, meets = before.done.coverage, after.done.coverage
    kinds = dict.fromkeys((*met, *meets))
    coverage = tuple((kind, met.get(kind, 0), meets.get(kind, 0)) for kind in kinds if met.get(kind) != meets.get(kind))
    return TargetDifference(before, after, tuple(changes), coverage)


def _run(before: TargetReport, after: TargetReport) -> Iterator[Change]:
    """The change in whether the run finished."""
    was, now = _ending(before), _ending(after)
    if now is not None and was is None:
        yield Change(Effect.WORSE, "run", "", "", now)
    elif was is not None and now is None:
        yield Change(Effect.BETTER, "run", "", "", f"it comes to its end; before: {was}")


def _ending(target: TargetReport) -> str | None:
    """Return what ended a run early, or None."""
    if target.done.broken is not None:
        return f"broke: {target.done.broken}"
    return "it was interrupted" if target.done.stopped == "interrupted" else None


def _tested_less(before: TargetReport, after: TargetReport) -> bool:
    """Tell whether the later run tested less than the earlier one, so that what it lacks it may not have met.

    It made fewer calls, and it stopped early or reached fewer clauses. Fewer calls alone prove nothing:
    a run of a target with fewer defects makes fewer calls.
    """
    old, new = before.done, after.done
    reached_less = new.coverage.get("clauses", 0) < old.coverage.get("clauses", 0)
    return new.calls < old.calls and (new.stopped not in ENDED or reached_less)


def _findings(before: TargetReport, after: TargetReport) -> Iterator[Change]:
    old = {finding.id: finding for finding in before.done.findings}
    new = {finding.id: finding for finding in after.done.findings}
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if was is None and now is not None:
            yield _new(now)
        elif now is None and was is not None:
            yield _gone(was, before, after)
        elif was is not None and now is not None and (text := list(_changed(was, now))):
            yield Change(_effect(was, now), "changed", now.clause, name, "; ".join((now.title, *text)))


def _gone(was: Finding, before: TargetReport, after: TargetReport) -> Change:
    """Return the change of a finding that the later run does not show: better only if that run could have shown it."""
    reasons = _not_exercised(after, was.clauses or (was.clause,))
    less = _tested_less(before, after)
    texts = [was.title]
    if was.waived is not None:
        texts.append(f"it was {known_as(was)}: {was.waived}")
    if reasons:
        texts.append(f"{_UNMET}: {', '.join(reasons)}")
    elif less:
        texts.append(f"{_UNMET}, which tested less")
    better = was.waived is None and not reasons and not less
    return Change(Effect.BETTER if better else Effect.OTHER, "gone", was.clause, was.id, "; ".join(texts))


def _not_exercised(after: TargetReport, clauses: Iterable[str]) -> list[str]:
    """Return those of some clauses that a run did not put to the test, each with its verdict."""
    verdicts = {clause: _verdict(after.done.clauses, clause) for clause in clauses}
    return [f"{clause} is {verdict}" for clause, verdict in verdicts.items() if verdict not in _EXERCISED]


def _new(finding: Finding) -> Change:
    if finding.waived is None:
        return Change(Effect.WORSE, "new", finding.clause, finding.id, finding.title)
    return Change(
        Effect.OTHER, "new", finding.clause, finding.id, f"{finding.title}; {known_as(finding)}: {finding.waived}"
    )


def _changed(was: Finding, now: Finding) -> Iterator[str]:
    if was.waived is not None and now.waived is None:
        yield f"no longer {known_as(was)} (it was: {was.waived})"
    elif now.waived is not None and (was.waived is None or was.flaky != now.flaky):
        yield f"{known_as(now)} now: {now.waived}"
    for word, old, new in (
        ("clause", was.clause, now.clause),
        ("level", was.level, now.level),
        ("expected", "; or ".join(was.expected), "; or ".join(now.expected)),
        ("observed", was.observed, now.observed),
    ):
        if old != new:
            yield f"{word}: {old} → {new}"


def _effect(was: Finding, now: Finding) -> Effect:
    """Worse if the waiver is gone or the level rose; better in the reverse case."""
    old, new = ((finding.waived is None, finding.level == "violation") for finding in (was, now))
    if old == new or (was.waived is not None and now.waived is not None):
        return Effect.OTHER
    return Effect.WORSE if new > old else Effect.BETTER


def _verdicts(before: TargetReport, after: TargetReport) -> Iterator[Change]:
    old, new = before.done.clauses, after.done.clauses
    if not new:  # the stream is incomplete, which is reported elsewhere
        return
    for clause in dict.fromkeys((*old, *new)):
        was, now = _verdict(old, clause), _verdict(new, clause)
        if was == now:
            continue
        effect = Effect.OTHER
        reason = new[clause].reason if clause in new else None
        if was == Verdict.HELD.value and not (now == Verdict.VIOLATED.value and _is_waived(after, clause)):
            effect = Effect.WORSE
        elif was == Verdict.VIOLATED.value and now == Verdict.HELD.value and _tested_less(before, after):
            reason = f"what broke it was {_UNMET}, which tested less"
        elif now == Verdict.HELD.value and not _is_flaky(before, clause):
            effect = Effect.BETTER
        yield Change(effect, "verdict", clause, "", f"{was} → {now}" + (f": {reason}" if reason else ""))


def _verdict(clauses: Mapping[str, ClauseResult], clause: str) -> str:
    return clauses[clause].verdict.value if clause in clauses else "not judged"


def _is_waived(target: TargetReport, clause: str) -> bool:
    """Tell whether every finding on a clause is waived."""
    return all(finding.clause != clause for finding in target.new)


def _is_flaky(target: TargetReport, clause: str) -> bool:
    """Tell whether every finding on a clause is flaky, so that its absence proves nothing."""
    broken_by = [finding for finding in target.done.findings if finding.clause == clause]
    return bool(broken_by) and all(finding.flaky for finding in broken_by)


def _waivers(before: TargetReport, after: TargetReport) -> Iterator[Change]:
    old = {problem.waiver: problem.problem for problem in before.done.waiver_problems}
    new = {problem.waiver: problem.problem for problem in after.done.waiver_problems}
    for waiver in dict.fromkeys((*old, *new)):
        if waiver not in old:
            yield Change(Effect.WORSE, "waiver", "", waiver, f"to fix: {new[waiver]}")
        elif waiver not in new and after.done.calls < before.done.calls:
            yield Change(Effect.OTHER, "waiver", "", waiver, "no longer reported, by a run with fewer calls")
        elif waiver not in new:
            yield Change(Effect.BETTER, "waiver", "", waiver, "fixed")
