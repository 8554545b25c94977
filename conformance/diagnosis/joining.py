"""Which of the findings of a run are one defect: those that come of another, and those that show it together."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ...model.requests import ErrorCode, Operation
from ...model.specification import EC2
from ...model.states import InstanceState
from ...reports.events import CONFIRMED, Finding
from ...reports.harm import Harm, severity
from ..oracle.divergence import OTHER_CODE
from .catalogue import BY_ID, BY_ITSELF, CATALOGUE, PATTERNS, SPECIAL_CASES, Pattern, in_words
from .deviations import Deviation

_STAYS_VISIBLE: Final = "TERM-7"
"""If a description does not know an instance any more, the other operations do not either: one defect."""


def joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings without those that another one explains, which then has their clauses and ids too."""
    left = {finding.id: finding for finding in findings}
    for pattern in PATTERNS:
        for operation in sorted({each for finding in left.values() for each in _operations(finding)}):
            left = _by_pattern(left, pattern, operation)
    for name in tuple(left):
        finding = left[name]
        cause = next((other for other in left.values() if other is not finding and _explains(other, finding)), None)
        if cause is not None:
            left[cause.id] = _absorbing(cause, left.pop(name))
    return tuple(left.values())


def clauses_that_may_join(finding: Finding) -> frozenset[str]:
    """Return the clauses of all findings that this one may be joined with, whether or not a target breaks them."""
    found = {*SPECIAL_CASES.get(finding.clause, ()), *BY_ITSELF}
    for pattern in PATTERNS:
        kinds = {*pattern.explains, *(kind for kinds in pattern.shown_by for kind in kinds)}
        if _kind(finding) in kinds:
            found.update(clause for clause, _ in kinds)
    for fault in CATALOGUE:
        if {*finding.clauses} <= fault.explains:
            found |= fault.clauses
    return frozenset(found)


def _by_pattern(findings: dict[str, Finding], pattern: Pattern, operation: str) -> dict[str, Finding]:
    """Join the findings of one operation that show a pattern together."""
    of_it = {
        _kind(finding): finding
        for finding in findings.values()
        if _operations(finding) == {operation}
        and all(observed.startswith(pattern.observed) for observed in _of(finding, "observed"))
    }
    shown_by = next((kinds for kinds in pattern.shown_by if all(kind in of_it for kind in kinds)), None)
    if shown_by is None:
        return findings
    representative, *others = dict.fromkeys(kind for kind in (*shown_by, *pattern.explains) if kind in of_it)
    first = replace(
        of_it[representative], fault=pattern.id, title=in_words(pattern.title, operation), hint=pattern.hint
    )
    for kind in others:
        first = _absorbing(first, of_it[kind])
    gone = {of_it[kind].id for kind in others}
    return {name: first if name == first.id else each for name, each in findings.items() if name not in gone}


def _explains(other: Finding, finding: Finding) -> bool:
    """Tell whether a finding shows nothing but what another one leads to, or a special case of it."""
    wider = other.clause in SPECIAL_CASES.get(finding.clause, ()) or other.clause in BY_ITSELF
    if wider and finding.clause not in BY_ITSELF:
        return _shows_no_more(finding, other)
    if _refuse_strangely_alike(finding, other):
        return other.id < finding.id
    if _refuses_the_state_first(other, finding):
        return True
    if _forgets_the_ended(other) and other.clause == _STAYS_VISIBLE and _forgets_the_ended(finding):
        return True
    known = BY_ID.get(other.fault)
    if other.status != CONFIRMED and finding.status == CONFIRMED:
        return False  # it may come of a third defect itself
    return known is not None and {*finding.clauses} <= known.explains and _operations(finding) <= _operations(other)


def _refuse_strangely_alike(*findings: Finding) -> bool:
    """Tell whether an operation refuses with one code that none of its refusals has, where EC2 accepts the request.

    Which clause says so depends on the state in which the instance happened to be.
    """
    deviation = Deviation.REFUSED.name.lower()
    if any(finding.deviation != deviation or len(_operations(finding)) != 1 for finding in findings):
        return False
    alike = {(*_operations(finding), *_of(finding, "observed")) for finding in findings}
    [(operation, *seen), *others] = sorted(alike)
    codes = {f"refusal:{rung.code.value}" for rung in EC2.operations[Operation(operation)].ladder}
    return not others and len(seen) == 1 and not codes.union((OTHER_CODE,)).intersection(seen)


def _refuses_the_state_first(other: Finding, finding: Finding) -> bool:
    """Tell whether a request gets the wrong code only because the target refuses the state of the instance first.

    EC2 accepts this state, as the other finding says.
    """
    return (
        (_kind(other)[1], _kind(finding)[1]) == (Deviation.REFUSED, Deviation.CODE)
        and _operations(finding) == _operations(other)
        and _of(finding, "observed") == _of(other, "observed")
        and not _of(finding, "states").isdisjoint(_of(other, "states"))
    )


def _forgets_the_ended(finding: Finding) -> bool:
    """Tell whether nothing is seen of a finding but that a terminated instance is refused as an unknown one."""
    of_the_ended = _of(finding, "states") == {InstanceState.TERMINATED.value}
    return of_the_ended and _of(finding, "observed") == {f"refusal:{ErrorCode.NOT_FOUND.value}"}


def _shows_no_more(finding: Finding, other: Finding) -> bool:
    """Tell whether another finding shows everything that this one shows.

    A volume that is wrongly deleted or wrongly kept is the same in whatever state it is seen on its way.
    """
    ends = Harm.DESTROYS.value, Harm.LEAKS.value
    if finding.deviation == other.deviation == Deviation.VOLUME.name.lower() and finding.harm in ends:
        return finding.harm == other.harm
    return _of(finding, "observed") <= _of(other, "observed") and _of(finding, "expected") <= _of(other, "expected")


def _absorbing(finding: Finding, other: Finding) -> Finding:
    """Return a finding that stands for another one too, with the worse harm of the two."""
    worse = min((finding, other), key=lambda each: severity(each.harm))
    return replace(
        finding,
        clauses=tuple(dict.fromkeys((*finding.clauses, *other.clauses))),
        harm=worse.harm,
        effect=worse.effect,
        former=tuple(sorted({*finding.former, *other.former, other.id})),
    )


def _kind(finding: Finding) -> tuple[str, Deviation]:
    return finding.clause, Deviation[finding.deviation.upper()]


def _operations(finding: Finding) -> set[str]:
    return _of(finding, "operations")


def _of(finding: Finding, component: str) -> set[str]:
    return {*finding.situation.get(component, ())}
