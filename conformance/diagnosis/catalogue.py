"""Faults that emulators really have: each shows in many places, and is one defect all the same."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ...model.requests import ErrorCode, Operation
from ...reports.events import Finding
from ..oracle.divergence import Divergence
from ..oracle.oracle import ALIVE
from .deviations import Deviation, deviation_of

_BAD_IDS: Final = (
    (ErrorCode.MALFORMED, "malformed"),
    (ErrorCode.INVALID_VALUE, "malformed"),  # what ModifyInstanceAttribute says of a wrong prefix (fact E-07)
    (ErrorCode.NOT_FOUND, "unknown"),
)
BAD_ID_REFUSALS: Final = tuple(f"refusal:{code.value}" for code, _ in _BAD_IDS)
"""What is due where a bad id is named."""


def in_words(title: str, operation: str, attribute: str = "", expected: Collection[str] = ()) -> str:
    """Fill in a title of the catalogue; `expected` are the replies that were due."""
    due = {reply for kind in expected for reply in kind.split("|")}
    kinds = dict.fromkeys(word for code, word in _BAD_IDS if f"refusal:{code.value}" in due)
    return title.format(operation=operation, attribute=attribute, ids=" or ".join(kinds) or "bad")


@dataclass(frozen=True, slots=True)
class KnownFault:
    """One fault of the catalogue, and the divergences by which it shows.

    `per_operation`, `per_attribute`: every operation or attribute has it, or not, by itself.
    `observed`: how the observed class begins.
    `masks`: the clauses that cannot be checked while a target has it.
    """

    id: str
    title: str
    """`{operation}` and `{attribute}` stand for those that have it, `{ids}` for the kinds of bad ids."""
    hint: str
    """How to fix it, in a sentence."""
    clauses: frozenset[str]
    deviations: frozenset[Deviation]
    observed: tuple[str, ...] = ("",)
    operations: frozenset[Operation] = frozenset(Operation)
    """The operations that can have it."""
    of_the_living: bool = False
    """Whether it shows under any clause, as a wrong refusal, if everything named is alive."""
    unchanged: bool = False
    """Whether the reply shows the state from before the request."""
    per_operation: bool = False
    per_attribute: bool = False
    breaks: frozenset[str] = frozenset()
    """Further clauses that a target must break if it grants the request."""
    masks: frozenset[str] = frozenset()
    explains: frozenset[str] = frozenset()
    """The clauses that a target cannot keep in the same operation while it has the fault."""

    def shows_as(self, divergence: Divergence) -> bool:
        """Tell whether a divergence is one by which the fault shows."""
        deviation = deviation_of(divergence)
        is_listed = divergence.clause in self.clauses and deviation in self.deviations
        refuses_the_living = self.of_the_living and deviation is Deviation.CODE and _is_of_the_living(divergence)
        return (
            (is_listed or refuses_the_living)
            and divergence.operation in self.operations
            and divergence.observed_class.startswith(self.observed)
            and (not self.unchanged or divergence.observed_class == f"state:current-{divergence.state}")
        )


CATALOGUE: Final = (
    KnownFault(
        "malformed-called-unknown",
        "{operation}: a malformed instance id is refused as an unknown one",
        "Check the form of every id, i- and 8 or 17 hex digits, before you look it up.",
        frozenset({"ERR-2"}),
        frozenset({Deviation.CODE}),
        (f"refusal:{ErrorCode.NOT_FOUND.value}",),
    ),
    KnownFault(
        "bad-id-ignored",
        "{operation}: {ids} ids are ignored",
        "Refuse the whole request if one of its ids is malformed or unknown, before anything is done.",
        frozenset({"ERR-1", "ERR-2", "DESC-1"}),
        frozenset({Deviation.GRANTED}),
        per_operation=True,
        masks=frozenset({"TERM-3"}),
        explains=frozenset({"ERR-3", "FRAME-1", "TERM-3", "DESC-2"}),
    ),
    KnownFault(
        "dry-run-ignored",
        "{operation}: DryRun is ignored",
        "Answer a permitted dry run with DryRunOperation, and change nothing.",
        frozenset({"DRY-1"}),
        frozenset({Deviation.GRANTED, Deviation.EFFECT, Deviation.ATTRIBUTE, Deviation.VOLUME}),
    ),
    KnownFault(
        "no-permission-refused-otherwise",
        "{operation}: a caller without permission does not get UnauthorizedOperation with status 403",
        "Answer UnauthorizedOperation with the HTTP status 403, whether or not it is a dry run.",
        frozenset({"DRY-2", "ERR-5"}),
        frozenset({Deviation.STATUS, Deviation.CODE, Deviation.MESSAGE, Deviation.GRANTED}),
    ),
    KnownFault(
        "protection-ignored",
        "{operation}: a protected instance is terminated",
        "Refuse the request if it names a protected instance, and leave out the zone of that instance.",
        frozenset({"PROT-1"}),
        frozenset({Deviation.GRANTED, Deviation.EFFECT}),
        per_operation=True,
        breaks=frozenset({"TERM-6"}),
        masks=frozenset({"TERM-4", "TERM-5", "TERM-6", "PROT-8"}),
        explains=frozenset({"TERM-4"}),
    ),
    KnownFault(
        "known-id-called-unknown",
        "{operation}: an instance that exists is refused as unknown",
        "Let every operation know an instance from its launch on.",
        frozenset({"VIS-1"}),
        frozenset({Deviation.REFUSED}),
        (f"refusal:{ErrorCode.NOT_FOUND.value}",),
        of_the_living=True,
        explains=frozenset({"TERM-7"}),
    ),
    KnownFault(
        "nothing-changes",
        "{operation}: the reply shows the old state as the current one",
        "Carry out the request, and show the state that the instance has then.",
        frozenset({"STOP-1", "STOP-4", "START-1", "TERM-12", "TERM-13", "TERM-14", "TERM-17"}),
        frozenset({Deviation.CURRENT}),
        unchanged=True,
        per_operation=True,
        explains=frozenset({"TERM-5"}),
    ),
    KnownFault(
        "wrong-zone",
        "An instance is not in the Availability Zone that it was launched in",
        "Put each instance into the zone that its launch asks for.",
        frozenset({"RUN-2"}),
        frozenset({Deviation.FIELD}),
        ("zone:",),
    ),
    KnownFault(
        "no-state-reason",
        "An instance has no StateReason that says why it stopped or ended",
        "Keep the reason of each stop and each end, and show it as StateReason.",
        frozenset({"SHAPE-3", "SHUT-3", "RUN-3"}),
        frozenset({Deviation.FIELD}),
        ("reason:none",),
    ),
    KnownFault(
        "attribute-not-kept",
        "{operation}: {attribute} is not kept as it was set",
        "Keep the attribute that the request sets, and show it as it was set.",
        frozenset({"RUN-4", "PROT-7", "PROT-10"}),
        frozenset({Deviation.ATTRIBUTE}),
        operations=frozenset({Operation.RUN, Operation.MODIFY}),  # another one changes what was kept
        per_attribute=True,
    ),
    KnownFault(
        "deleted-volumes-described",
        "{operation}: a deleted volume is still accepted or shown",
        "Answer InvalidVolume.NotFound once a volume is deleted.",
        frozenset({"VOL-7"}),
        frozenset({Deviation.VOLUME, Deviation.GRANTED}),
    ),
    KnownFault(
        "dead-attributes-change",
        "{operation}: attributes of a terminated instance can be changed",
        "Refuse to change an instance that is shutting down or terminated.",
        frozenset({"PROT-4"}),
        frozenset({Deviation.GRANTED}),
    ),
)
"""Every fault that is known. A divergence belongs to the first that it shows."""


def _is_of_the_living(divergence: Divergence) -> bool:
    """Tell whether a request names living instances, and no id for which another refusal comes first."""
    names_bad_id = divergence.expected_class.startswith("refusal:InvalidInstanceID.")
    return not names_bad_id and frozenset(ALIVE).issuperset(divergence.state.split("|"))


def known_fault(divergence: Divergence) -> KnownFault | None:
    """Return the fault of the catalogue that a divergence shows, if it shows one."""
    return next((fault for fault in CATALOGUE if fault.shows_as(divergence)), None)


BY_ID: Final = {fault.id: fault for fault in CATALOGUE}

SPECIAL_CASES: Final = {
    "PROT-6": ("SHUT-1", "SHUT-2", "RETIRE-1"),
    "SHUT-2": ("SHUT-1",),
    "VOL-2": ("VOL-3",),
    "VOL-3": ("VOL-1",),
}
"""Clauses about some instances, each with the general clauses: a finding of a general one explains one of these."""

BY_ITSELF: Final = ("STATE-3",)
"""Clauses broken without any request: such a defect explains the same change after a request."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A fault that several defects of one operation show together, and none of them alone."""

    id: str
    title: str
    hint: str
    shown_by: tuple[tuple[tuple[str, Deviation], ...], ...]
    """Sets of defects, by clause and deviation: any complete set shows it, and its first defect gives the id."""
    explains: tuple[tuple[str, Deviation], ...]
    """Those that come of it too, where they are there."""
    observed: str = ""
    """The beginning of all that the defects show."""


_LEFT_OUT: Final = tuple((clause, Deviation.LISTED) for clause in ("DESC-2", "LIST-1", "LIST-2"))
_WRONG_NUMBER: Final = (("RUN-1", Deviation.LISTED), ("RUN-8", Deviation.LISTED))
_WRONGLY_SHIELDED: Final = (
    ("TERM-4", Deviation.EFFECT),
    ("TERM-11", Deviation.EFFECT),
    ("TERM-5", Deviation.NEVER),
)
PATTERNS: Final = (
    Pattern(
        "one-after-the-other",
        "{operation} acts on its ids one by one, and stops at the first that it refuses",
        "Check all ids first, in the order of the refusals; only then act.",
        ((("TERM-3", Deviation.EFFECT), ("ERR-3", Deviation.CODE)),),
        (("TERM-3", Deviation.EFFECT), *_WRONGLY_SHIELDED),
    ),
    Pattern(
        "wrong-instances-shielded",
        "{operation} terminates instances that a protected one shields, and spares others that none shields",
        "Find the zones of all protected instances first. Then terminate what is named in the other zones.",
        (_WRONGLY_SHIELDED[::2],),
        _WRONGLY_SHIELDED,
    ),
    Pattern(
        "wrong-number-launched",
        "{operation} launches another number of instances than the request asks for",
        "Launch as many instances as there is capacity for, up to MaxCount; refuse if these are fewer than MinCount.",
        (_WRONG_NUMBER,),
        _WRONG_NUMBER,
    ),
    Pattern(
        "instances-left-out",
        "{operation} leaves out instances that belong in its reply",
        "List every instance that was asked for, or answer a NextToken for the others.",
        ((_LEFT_OUT[0], _LEFT_OUT[1]), (_LEFT_OUT[0], _LEFT_OUT[2])),
        _LEFT_OUT,
        observed="items:missing",
    ),
)


def is_masked(clause: str, finding: Finding) -> bool:
    """Tell whether the defect of a finding hides whether the target keeps a clause."""
    return finding.fault in BY_ID and clause in BY_ID[finding.fault].masks
