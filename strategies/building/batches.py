"""Requests over several instances: which ones they name on purpose, in what order, and what is odd about them."""

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
"""Texts that are no instance id, each in a way of its own."""


class _Cast(Enum):
    """Which instances a request names."""

    ALL = "all of them"
    WILLING = "those that go along"
    SOME_WILLING = "some of those"
    SPOILT = "those that go along, and one that does not"
    ONE = "a single one"
    SOME = "any"
    NONE = "none"


_CASTS: Final = {
    Operation.TERMINATE: (
        (26, _Cast.ALL),
        (27, _Cast.SOME),
        (12, _Cast.ONE),
        (12, _Cast.SOME_WILLING),
        (10, _Cast.WILLING),
        (12, _Cast.SPOILT),
        (1, _Cast.NONE),
    ),
    Operation.DESCRIBE: ((70, _Cast.ALL), (22, _Cast.SOME), (8, _Cast.ONE)),
}
_OTHER_CASTS: Final = (
    (30, _Cast.WILLING),
    (20, _Cast.SOME_WILLING),
    (18, _Cast.SPOILT),
    (12, _Cast.ONE),
    (12, _Cast.SOME),
    (7, _Cast.ALL),
    (1, _Cast.NONE),
)


class _Oddity(Enum):
    """What is unusual about a request."""

    NOTHING = "nothing"
    BAD_ID = "an id that is none of ours"
    REPEAT = "an id sent twice"
    DRY_RUN = "a dry run"
    BAD_DRY_RUN = "a dry run with a bad id"
    FLAG = "a flag"
    NOBODY = "a caller without permission"
    NOBODY_DRY = "a dry run by such a caller"


def batch(dice: Dice, guide: Guide, features: Features, operation: BatchOperation) -> BatchStep:
    """Return a request of this kind over some of the instances."""
    named = _cast(dice, guide, operation)
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
    """Return an id that no instance has: never given out, forgotten, or no id at all."""
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


def _cast(dice: Dice, guide: Guide, operation: BatchOperation) -> tuple[Instance, ...]:
    everyone = guide.instances
    cast = dice.weigh(_CASTS.get(operation, _OTHER_CASTS))
    match cast:
        case _Cast.ALL:
            return everyone
        case _Cast.SOME:
            return dice.some(everyone)
        case _Cast.ONE:
            return (dice.pick(everyone),) if everyone else ()
        case _Cast.NONE:
            return ()
        case _Cast.WILLING | _Cast.SOME_WILLING | _Cast.SPOILT:
            willing = guide.willing(operation)
            others = tuple(i for i in everyone if i not in willing)
            if cast is _Cast.SPOILT and others:
                return (*dice.some(willing), dice.pick(others))
            if cast is _Cast.WILLING or not willing:
                return willing or everyone
            return dice.some(willing)


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
