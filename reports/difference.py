"""What changed between two stored runs, and whether anything got worse."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from .events import ClauseResult, Finding, Verdict
from .labels import known_as
from .stored_runs import Report, TargetReport


class Effect(Enum):
    """What a change means for who has to mend things."""

    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was."""

    effect: Effect
    kind: str
    """new, gone, changed, verdict, waiver or run."""
    clause: str
    finding: str
    """Its id; empty where it is about no finding."""
    what: str


@dataclass(frozen=True, slots=True)
class TargetDifference:
    """One target, before and after."""

    before: TargetReport
    after: TargetReport
    changes: tuple[Change, ...]
    """What got worse first."""
    coverage: tuple[tuple[str, int, int], ...]
    """Of each kind, how much was met before and after, where that differs."""

    @property
    def name(self) -> str:
        """The target, or both where they are two."""
        labels = dict.fromkeys((self.before.label, self.after.label))
        return " and ".join(labels)

    @property
    def is_shorter(self) -> bool:
        """Whether less was asked of the target, so that what is gone may only not have been met."""
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
        """How many things got worse; a target that is gone is one of them."""
        changes = (change for target in self.targets for change in target.changes)
        return len(self.gone) + sum(change.effect is Effect.WORSE for change in changes)


def difference(before: Report, after: Report) -> Difference:
    """Compare two reports target by target; where each has one target, these two, whatever their names."""
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
    """Whether it came to its end."""
    was, now = _ending(before), _ending(after)
    if now is not None and was is None:
        yield Change(Effect.WORSE, "run", "", "", now)
    elif was is not None and now is None:
        yield Change(Effect.BETTER, "run", "", "", f"it comes to its end; before: {was}")


def _ending(target: TargetReport) -> str | None:
    """Return what ended a run too soon, if anything did."""
    if target.done.broken is not None:
        return f"broke: {target.done.broken}"
    return "it was interrupted" if target.done.stopped == "interrupted" else None


def _findings(before: TargetReport, after: TargetReport) -> Iterator[Change]:
    old = {finding.id: finding for finding in before.done.findings}
    new = {finding.id: finding for finding in after.done.findings}
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if was is None and now is not None:
            yield _new(now)
        elif now is None and was is not None:
            waived = was.waived is not None
            told = f"{was.title}; it was {known_as(was)}: {was.waived}" if waived else was.title
            yield Change(Effect.OTHER if waived else Effect.BETTER, "gone", was.clause, name, told)
        elif was is not None and now is not None and (told := list(_changed(was, now))):
            yield Change(_effect(was, now), "changed", now.clause, name, "; ".join((now.title, *told)))


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
    """A finding got worse where its waiver is gone or its level rose; better where it is the other way round."""
    old, new = ((finding.waived is None, finding.level == "violation") for finding in (was, now))
    if old == new or (was.waived is not None and now.waived is not None):
        return Effect.OTHER
    return Effect.WORSE if new > old else Effect.BETTER


def _verdicts(before: TargetReport, after: TargetReport) -> Iterator[Change]:
    old, new = before.done.clauses, after.done.clauses
    if not new:  # the stream has no end, and that is told
        return
    for clause in dict.fromkeys((*old, *new)):
        was, now = _verdict(old, clause), _verdict(new, clause)
        if was == now:
            continue
        effect = Effect.OTHER
        if was == Verdict.HELD.value and not (now == Verdict.VIOLATED.value and _is_waived(after, clause)):
            effect = Effect.WORSE
        elif now == Verdict.HELD.value and not _is_flaky(before, clause):
            effect = Effect.BETTER
        reason = new[clause].reason if clause in new else None
        yield Change(effect, "verdict", clause, "", f"{was} → {now}" + (f": {reason}" if reason else ""))


def _verdict(clauses: Mapping[str, ClauseResult], clause: str) -> str:
    return clauses[clause].verdict.value if clause in clauses else "not judged"


def _is_waived(target: TargetReport, clause: str) -> bool:
    """Tell whether all that breaks a clause is known."""
    return all(finding.clause != clause for finding in target.new)


def _is_flaky(target: TargetReport, clause: str) -> bool:
    """Tell whether all that broke a clause comes and goes: that it is not there proves nothing."""
    broken_by = [finding for finding in target.done.findings if finding.clause == clause]
    return bool(broken_by) and all(finding.flaky for finding in broken_by)


def _waivers(before: TargetReport, after: TargetReport) -> Iterator[Change]:
    old = {problem.waiver: problem.problem for problem in before.done.waiver_problems}
    new = {problem.waiver: problem.problem for problem in after.done.waiver_problems}
    for waiver in dict.fromkeys((*old, *new)):
        if waiver not in old:
            yield Change(Effect.WORSE, "waiver", "", waiver, f"to mend: {new[waiver]}")
        elif waiver not in new:
            yield Change(Effect.BETTER, "waiver", "", waiver, "mended")
