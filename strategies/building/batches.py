"""Requests about several instances: which ones they name, in what order, and with what unusual property."""

from dataclasses import replace
from enum import Enum
from typing import Final

from ...model.requests import Caller, Operation
from ...model.states import InstanceState
from ...model.world import Instance
from ..scenario.steps import FLAGS, BatchOperation, BatchStep, Gone, IdRef, Malformed, Named, SingleId, Unknown
from .dice import Dice
from .features import Features
from .guide import Guide

MALFORMED: Final = ("foo", "i-", "i-0123", "i-xyzxyzxyzxyzxyzxy", "I-0123456789abcdef0", "vol-0123456789abcdef0")
"""Texts that are not instance ids, each wrong in a different way."""


class _Selection(Enum):
    """Which instances a request names."""

    ALL = "all of them"
    NOT_REFUSED = "those that cause no refusal"
    SOME_NOT_REFUSED = "some of those"
    ONE_REFUSED = "those that cause no refusal, and one that does"
    ONE = "a single one"
    SOME = "any"
    NONE = "none"


_SELECTIONS: Final = {
    Operation.TERMINATE: (
        (26, _Selection.ALL),
        (27, _Selection.SOME),
        (12, _Selection.ONE),
        (12, _Selection.SOME_NOT_REFUSED),
        (10, _Selection.NOT_REFUSED),
        (12, _Selection.ONE_REFUSED),
        (1, _Selection.NONE),
    ),
    Operation.DESCRIBE: ((70, _Selection.ALL), (22, _Selection.SOME), (8, _Selection.ONE)),
}
_OTHER_SELECTIONS: Final = (
    (30, _Selection.NOT_REFUSED),
    (20, _Selection.SOME_NOT_REFUSED),
    (18, _Selection.ONE_REFUSED),
    (12, _Selection.ONE),
    (12, _Selection.SOME),
    (7, _Selection.ALL),
    (1, _Selection.NONE),
)


class _Oddity(Enum):
    """An unusual property of a request."""

    NOTHING = "nothing"
    BAD_ID = "an id of no instance"
    REPEAT = "an id sent twice"
    DRY_RUN = "a dry run"
    BAD_DRY_RUN = "a dry run with a bad id"
    FLAG = "a flag"
    NOBODY = "a caller without permission"
    NOBODY_DRY = "a dry run by such a caller"


def batch(dice: Dice, guide: Guide, features: Features, operation: BatchOperation) -> BatchStep:
    """Return a request for this operation about some of the instances."""
    named = _select(dice, guide, operation)
    ids: tuple[IdRef, ...] = tuple(Named(i) for i in dice.arrange(named))
    step = BatchStep(operation, ids)
    match _oddity(dice, features):
        case _Oddity.NOTHING:
            return step
        case _Oddity.BAD_ID:
            return replace(step, ids=_with_bad_id(dice, guide, features, ids))
        case _Oddity.REPEAT:
            return replace(step, ids=_inserted(dice, ids, dice.pick(ids))) if ids else step
        case _Oddity.DRY_RUN:
            return replace(step, dry_run=True)
        case _Oddity.BAD_DRY_RUN:
            return replace(step, ids=_with_bad_id(dice, guide, features, ids), dry_run=True)
        case _Oddity.FLAG:
            flags = FLAGS[operation]
            return replace(step, **{dice.pick(flags): True}) if flags else step
        case _Oddity.NOBODY:
            return replace(step, caller=Caller.NOBODY)
        case _Oddity.NOBODY_DRY:
            return replace(step, caller=Caller.NOBODY, dry_run=True)


def bad_id(dice: Dice, guide: Guide, features: Features) -> SingleId:
    """Return an id that no instance has: never issued, forgotten, or malformed."""
    gone = guide.in_state(InstanceState.TERMINATED) if features.waits and guide.settled else ()
    make = dice.weigh(
        (
            (30, lambda: Unknown(1 + dice.below(2))),
            (15, lambda: Unknown(short=True)),
            (30, lambda: Malformed(dice.pick(MALFORMED))),
            (40 * bool(gone), lambda: Gone(dice.pick(gone))),
        )
    )
    return make()


def _select(dice: Dice, guide: Guide, operation: BatchOperation) -> tuple[Instance, ...]:
    everyone = guide.instances
    selection = dice.weigh(_SELECTIONS.get(operation, _OTHER_SELECTIONS))
    match selection:
        case _Selection.ALL:
            return everyone
        case _Selection.SOME:
            return dice.some(everyone)
        case _Selection.ONE:
            return (dice.pick(everyone),) if everyone else ()
        case _Selection.NONE:
            return ()
        case _Selection.NOT_REFUSED | _Selection.SOME_NOT_REFUSED | _Selection.ONE_REFUSED:
            not_refused = guide.not_refused(operation)
            others = tuple(i for i in everyone if i not in not_refused)
            if selection is _Selection.ONE_REFUSED and others:
                return (*dice.some(not_refused), dice.pick(others))
            if selection is _Selection.NOT_REFUSED or not not_refused:
                return not_refused or everyone
            return dice.some(not_refused)


def _oddity(dice: Dice, features: Features) -> _Oddity:
    return dice.weigh(
        (
            (72, _Oddity.NOTHING),
            (8, _Oddity.BAD_ID),
            (6, _Oddity.REPEAT),
            (5, _Oddity.DRY_RUN),
            (1, _Oddity.BAD_DRY_RUN),
            (5, _Oddity.FLAG),
            (2 * features.nobody, _Oddity.NOBODY),
            (1 * features.nobody, _Oddity.NOBODY_DRY),
        )
    )


def _with_bad_id(dice: Dice, guide: Guide, features: Features, ids: tuple[IdRef, ...]) -> tuple[IdRef, ...]:
    return _inserted(dice, ids, bad_id(dice, guide, features))


def _inserted(dice: Dice, ids: tuple[IdRef, ...], one: IdRef) -> tuple[IdRef, ...]:
    place = dice.below(len(ids) + 1)
    return (*ids[:place], one, *ids[place:])
